"""Which sites are core, edge or hut."""

from __future__ import annotations

from dataclasses import replace

from lightlane.errors import ParameterError
from lightlane.fabric.importers.audit import count_degrees
from lightlane.fabric.importers.draft import Draft, list_names
from lightlane.fabric.importers.rules import RoleRule
from lightlane.fabric.topology import Role
from lightlane.files import suggest


def assign_roles(draft: Draft, rule: RoleRule) -> Draft:
    """Return the draft with a role for every site: by name, else as its source says, else by the rule.

    Raises
    ------
    ParameterError
        If a name is not a site's, or a site is left without a role.
    """
    named: dict[str, Role] = {}
    for role, names in (("core", rule.core), ("edge", rule.edge), ("hut", rule.hut)):
        named |= dict.fromkeys(names, role)  # type: ignore[arg-type]
    known = {site.name for site in draft.sites}
    unknown = [name for name in named if name not in known]
    if unknown:
        hints = ", ".join(f"{name!r}{suggest(name, known)}" for name in unknown)
        raise ParameterError(f"roles name {hints}; allowed: names of sites of {draft.label}")
    degrees = count_degrees(draft)
    sites = tuple(
        replace(site, role=named.get(site.name) or site.role or _role_by_rule(rule, degrees[index]))
        for index, site in enumerate(draft.sites)
    )
    without = [site.name for site in sites if site.role is None]
    if without:
        raise ParameterError(
            f"{draft.label} gives no role for {list_names(without)}; allowed: a rule (--roles degree:4 or --roles "
            "all-core), a column or property 'role', or names (--core, --edge, --hut)"
        )
    return replace(draft, sites=sites)


def _role_by_rule(rule: RoleRule, degree: int) -> Role | None:
    if rule.degree is not None:
        return "core" if degree >= rule.degree else "edge"
    return "core" if rule.rule == "all-core" else None
