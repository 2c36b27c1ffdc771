"""Services that sites could run for users elsewhere: their objectives and needs, as their TOML file has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import NonNegative, Positive
from lightlane.errors import FormatError, Problem
from lightlane.fabric.topology import Fabric, Finding, Name, Role
from lightlane.files import TomlDocument, read_toml, suggest, validate

PRESETS_FILE = Path(__file__).parent / "data" / "service_presets.toml"
"""Objectives of sectors that come with the package."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)


class Preset(_Record):
    """What a sector asks for; a service that names it takes what it does not say itself."""

    latency_ms: Positive | None = None
    counts: Literal["one-way", "round-trip"] = "round-trip"
    rate_gbps: Positive | None = None
    availability_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    """What the sector asks for; shown, and asked by `lightlane study availability --target`."""
    source: Annotated[str, Field(min_length=3)]
    confidence: Literal["primary", "datasheet", "second-hand", "recalled", "computed"]
    notes: str = ""


class PresetFile(_Record):
    """Objectives of sectors by name."""

    format: Literal[1]
    preset: dict[str, Preset]


class Split(_Record):
    """Prefill and decode at two places: the cache of keys and values goes from one to the other."""

    prefill_at: Annotated[tuple[Role, ...], Field(min_length=1)] = ("core",)
    decode_at: Annotated[tuple[Role, ...], Field(min_length=1)] = ("edge",)
    prefill_ms: Positive
    """Of one request, from its prompt to its cache."""
    decode_ms: Positive
    """Of one request, how long it holds its worker at the decoding site."""
    first_token_ms: Positive
    """From the cache's arrival to the first token."""
    kv_cache_bytes_per_token: Positive
    """2 · layers · heads of keys and values · their dimension · bytes of a number."""
    prompt_tokens: Annotated[int, Field(ge=1)]
    kv_rate_gbps: Positive
    """Kept free for the cache on its way, which it takes in bursts."""


class Service(_Record):
    """One class of requests."""

    name: Name
    preset: str | None = None
    users: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """Sites that its users are at; absent: all edge sites."""
    requests_per_s: Positive
    """From each site of its users."""
    latency_ms: Positive | None = None
    """Objective, of the percentile; absent: the preset's."""
    counts: Literal["one-way", "round-trip"] | None = None
    """Which way the network's latency counts; absent: the preset's, else there and back."""
    percentile_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.99
    """Share of requests that wait no longer than is reckoned with."""
    rate_gbps: Positive | None = None
    """Kept free between each site of its users and where it is served, in both directions; absent: the preset's."""
    payload_bytes: NonNegative = 0.0
    """Sent at that rate before the answer can begin."""
    compute_ms: Positive | None = None
    """Mean time that a request holds a worker; not with ``split``."""
    compute_variation_ratio: NonNegative = 1.0
    """Standard deviation over mean of that time."""
    gpus_per_worker: Annotated[int, Field(ge=1)] = 1
    """GPU units that serve one request at a time together."""
    where: Annotated[tuple[Role, ...], Field(min_length=1)] = ("core", "edge")
    """Kinds of sites that may serve it; not with ``split``."""
    split: Split | None = None


class SiteCapacity(_Record):
    """GPU units of a site."""

    site: Name
    gpus: Annotated[int, Field(ge=0)]


class Services(_Record):
    """Services and what the sites have for them."""

    format: Literal[1]
    service: Annotated[tuple[Service, ...], Field(min_length=1)]
    capacity: Annotated[tuple[SiteCapacity, ...], Field(min_length=1)]


def load_services(path: Path | str, fabric: Fabric, presets: Mapping[str, Preset] | None = None) -> Services:
    """Read a services file and fill in what its services take from presets.

    Parameters
    ----------
    fabric
        Whose sites the file names.
    presets
        Absent: the shipped ones.

    Raises
    ------
    FormatError
        With every problem of the file.
    """
    document = read_toml(path)
    services = validate(document, Services)
    known = load_presets() if presets is None else presets
    findings = list(_find_problems(services, fabric, known))
    if findings:
        raise FormatError(_to_problems(document, findings))
    return fill_in(services, known)


def _to_problems(document: TomlDocument, findings: list[Finding]) -> list[Problem]:
    return sorted((document.problem(*item) for item in findings), key=lambda problem: problem.line)


def fill_in(services: Services, presets: Mapping[str, Preset]) -> Services:
    """Return the services with what they take from their presets."""
    filled = []
    for service in services.service:
        preset = presets[service.preset] if service.preset is not None else None
        update: dict[str, object] = {"counts": service.counts or (preset.counts if preset else "round-trip")}
        if preset is not None:
            update["latency_ms"] = service.latency_ms or preset.latency_ms
            update["rate_gbps"] = service.rate_gbps or preset.rate_gbps
        filled.append(service.model_copy(update=update))
    return services.model_copy(update={"service": tuple(filled)})


def load_presets(path: Path | str | None = None) -> Mapping[str, Preset]:
    """Read a file of presets; absent: the shipped one.

    Raises
    ------
    FormatError
        With every problem of the file.
    """
    return _load_shipped() if path is None else validate(read_toml(path), PresetFile).preset


@lru_cache(maxsize=1)
def _load_shipped() -> Mapping[str, Preset]:
    return validate(read_toml(PRESETS_FILE), PresetFile).preset


def _find_problems(services: Services, fabric: Fabric, presets: Mapping[str, Preset]) -> Iterator[Finding]:
    sites = {site.name: site for site in fabric.site}
    terminals = {name for name, site in sites.items() if site.role != "hut"}
    names: set[str] = set()
    for index, service in enumerate(services.service):
        if service.name in names:
            yield ("service", index, "name"), f"{service.name!r} again", "a name that no other service has"
        names.add(service.name)
        yield from _check_users(("service", index), service, fabric, terminals)
        yield from _check_needs(("service", index), service, presets)
    seen: set[str] = set()
    for index, capacity in enumerate(services.capacity):
        if capacity.site not in terminals:
            found = repr(capacity.site) + suggest(capacity.site, terminals)
            yield ("capacity", index, "site"), found, "a site with role core or edge"
        elif capacity.site in seen:
            yield ("capacity", index, "site"), f"{capacity.site!r} again", "a site that has no capacity yet"
        seen.add(capacity.site)


def _check_users(
    path: tuple[str | int, ...], service: Service, fabric: Fabric, terminals: set[str]
) -> Iterator[Finding]:
    for position, name in enumerate(service.users or ()):
        if name not in terminals:
            yield (*path, "users", position), repr(name) + suggest(name, terminals), "a site with role core or edge"
    if service.users is None and not any(site.role == "edge" for site in fabric.site):
        yield (*path, "users"), "nothing", "names of sites, since the fabric has no edge sites"


def _check_needs(path: tuple[str | int, ...], service: Service, presets: Mapping[str, Preset]) -> Iterator[Finding]:
    """Check that a service has, itself or by its preset, what it is placed by."""
    if service.preset is not None and service.preset not in presets:
        found = repr(service.preset) + suggest(service.preset, presets)
        yield (*path, "preset"), found, f"one of {', '.join(presets)}"
        return
    preset = presets[service.preset] if service.preset is not None else None
    for key in ("latency_ms", "rate_gbps"):
        if getattr(service, key) is None and getattr(preset, key, None) is None:
            yield (*path, key), "nothing", "a number above 0, here or in its preset"
    if (service.compute_ms is None) == (service.split is None):
        found = "neither" if service.split is None else "both"
        yield (*path, "compute_ms"), f"{found} of compute_ms and split", "one of them"
