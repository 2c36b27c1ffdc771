"""The links of a scenario that are simulated sample by sample as well, and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import DirectMode
from lightlane.fabric.topology import Finding
from lightlane.files import suggest
from lightlane.lane.options import SEED_MAX
from lightlane.lane.waveform.settings import NEIGHBORS_MAX, WaveformSettings

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.fabric.topology import Fabric, Link

LinkName = Annotated[str, Field(min_length=1, max_length=80)]
MAX_LISTED_COUNT = 12
"""A message lists up to so many links."""


class Waveform(BaseModel):
    """Links that are simulated sample by sample, beside the budget of the whole fabric."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    links: Annotated[tuple[LinkName, ...], Field(min_length=1)]
    """Names of links of the fabric."""
    channels: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] | None = None
    """Channels to simulate in both directions; absent: the one with the least margin of each direction."""
    lanes: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] | None = None
    """Lanes of direct-detect modules to simulate in both directions; absent: the one with the least margin of each."""
    symbols_count: Literal[
        8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304
    ] = 65536  # fmt: skip
    """Symbols of the simulated block."""
    neighbors_count: Annotated[int, Field(ge=0, le=NEIGHBORS_MAX)] = 1
    """Channels on each side in the sampled field; what the others do is added as noise."""
    precision: Literal["f64", "f32"] = "f64"
    """Numbers in the fiber; f32 is about twice as fast."""
    lanes_together: bool = False
    """True: the other lanes of a direct-detect lane's fiber are lit: Kerr effect, and leaks of the demultiplexer."""
    zero_dispersion_nm: Annotated[float, Field(ge=1200.0, le=1700.0)] | None = None
    """Of that fiber; absent: drawn in the range of its type."""
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None
    """Key of the random numbers of these lanes; absent: the seed of the scenario."""

    def settings(self, scenario_seed: int) -> WaveformSettings:
        """Return how the lanes are simulated."""
        return WaveformSettings(
            symbols_count=self.symbols_count,
            neighbors_count=self.neighbors_count,
            channels=self.channels,
            lanes=self.lanes,
            precision=self.precision,
            lanes_together=self.lanes_together,
            zero_dispersion_nm=self.zero_dispersion_nm,
            seed=scenario_seed if self.seed is None else self.seed,
        )

    def describe(self, scenario_seed: int) -> dict[str, Any]:
        """Return the table as plain data, with the seed that holds."""
        return {**self.model_dump(mode="json"), "seed": self.settings(scenario_seed).seed}


def waveform_problems(waveform: Waveform, fabric: Fabric, catalog: Catalog) -> list[Finding]:
    """Find links that the fabric does not have, channels that are not lit, and lanes that no link has.

    Returns
    -------
    (path of the field in the scenario, what was found, what is allowed) for each problem; empty if there is none.
    """
    return list(_find(waveform, fabric, catalog))


def _find(waveform: Waveform, fabric: Fabric, catalog: Catalog) -> Iterator[Finding]:
    links = {link.name: link for link in fabric.link}
    chosen = []
    for index, name in enumerate(waveform.links):
        path = ("waveform", "links", index)
        if name in waveform.links[:index]:
            yield path, f"{name!r} again", "each link once"
        elif name not in links:
            yield path, repr(name) + suggest(name, links), _list_links(list(links))
        else:
            chosen.append(links[name])
    for index, channel in enumerate(waveform.channels or ()):
        path = ("waveform", "channels", index)
        if channel in (waveform.channels or ())[:index]:
            yield path, f"{channel} again", "each channel once"
        for link in chosen:
            lit = range(link.channels) if link.lit_channels is None else link.lit_channels
            if channel not in lit:
                yield path, str(channel), f"channels that are lit on {link.name!r}: {_list_channels(lit)}"
                break
    yield from _find_lanes(waveform, chosen, catalog)


def _find_lanes(waveform: Waveform, chosen: list[Link], catalog: Catalog) -> Iterator[Finding]:
    counts = {link.name: count for link in chosen if (count := _lanes_count(link, catalog)) is not None}
    for index, lane in enumerate(waveform.lanes or ()):
        path = ("waveform", "lanes", index)
        if lane in (waveform.lanes or ())[:index]:
            yield path, f"{lane} again", "each lane once"
        if not counts:
            yield path, str(lane), "with direct-detect links among those that are simulated"
            break
        for name, count in counts.items():
            if lane >= count:
                yield path, str(lane), f"lanes of {name!r}: 0 to {count - 1}"
                break


def _lanes_count(link: Link, catalog: Catalog) -> int | None:
    """Count the lanes of a direct-detect link's module; None for a coherent link."""
    module = catalog.get_module(link.module)
    mode = catalog.get_mode(link.mode or module.modes[0])
    return len(mode.lanes) * module.engines_count if isinstance(mode, DirectMode) else None


def _list_links(names: list[str]) -> str:
    if not names:
        return "none, for the fabric has no links"
    if len(names) > MAX_LISTED_COUNT:
        return f"one of the {len(names)} links of the fabric"
    return f"links of the fabric: {', '.join(names)}"


def _list_channels(lit: range | tuple[int, ...]) -> str:
    if isinstance(lit, range) or len(lit) > MAX_LISTED_COUNT:
        return f"{min(lit)} to {max(lit)}" if isinstance(lit, range) else f"{len(lit)} of {min(lit)} to {max(lit)}"
    return ", ".join(str(channel) for channel in lit)
