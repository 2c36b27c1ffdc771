"""The fabric of one state of a run: that of its first instant, with the sites that came later where they are there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

LATER = "later"
"""Key of the manifest: records of sites, ducts and links that events bring."""
GIVEN_FABRIC = "given_fabric"
"""Key of the manifest: the fabric that the run was given, where conditions, events or the sweep's first point make
another of it."""


def fabric_of_state(manifest: dict[str, Any], links: Iterable[str]) -> dict[str, Any]:
    """Return the fabric whose links are those of a state, in their order.

    Parameters
    ----------
    links
        Names of the links of the state; as of its table.
    """
    fabric, later = manifest["fabric"], manifest.get(LATER) or {}
    names = list(links)
    known = {link["name"]: link for link in (*fabric.get("link", ()), *later.get("link", ()))}
    if names == [link["name"] for link in fabric.get("link", ())] or any(name not in known for name in names):
        return dict(fabric)
    chosen = [known[name] for name in names]
    used = {duct for link in chosen for duct in link["ducts"]}
    ducts = [*fabric.get("duct", ()), *(duct for duct in later.get("duct", ()) if duct["name"] in used)]
    ends = {site for duct in ducts for site in (duct["a"], duct["b"])}
    sites = [*fabric.get("site", ()), *(site for site in later.get("site", ()) if site["name"] in ends)]
    return {**fabric, "site": sites, "duct": ducts, "link": chosen}
