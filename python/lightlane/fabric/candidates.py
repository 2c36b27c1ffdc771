"""The candidates of a design: what could join two sites, what it would take and what it would cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import CoherentMode, DirectMode, Module, Passive
from lightlane.fabric.amplifiers import NO_AMPLIFIERS, AmplifierChain, AmplifierPicker, estimate_line, pick_chains
from lightlane.fabric.capacity import Adjacency
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.price_book import HUT
from lightlane.fabric.topology import Duct

Family = Literal["direct", "coherent-dark", "coherent-mux", "coherent-amplified", "coherent-spans"]
FAMILY_LABELS: dict[Family, str] = {
    "direct": "direct",
    "coherent-dark": "dark fiber",
    "coherent-mux": "muxed",
    "coherent-amplified": "amplified",
    "coherent-spans": "with huts",
}
CHANNELS_MAX = 128
"""Of one link, as the fabric file has it."""
SHORTER_SPAN_RATIO = 0.75
"""Second span length that is tried, over the longest allowed."""


@dataclass(frozen=True, slots=True)
class Task:
    """One adjacency to be designed.

    Attributes
    ----------
    ducts
        In order from the adjacency's ``a``.
    splittable
        Whether huts may be placed on each duct: not where other links or adjacencies use it.
    """

    adjacency: Adjacency
    ducts: tuple[Duct, ...]
    needed_gbps: float
    splittable: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to join the sites of a task.

    Attributes
    ----------
    channels
        Channels of each link; coherent: one link a fiber pair.
    spans
        Spans that each duct is split into.
    power_w, price
        Of all modules and amplifiers of both ends and the way; NaN where a part's figure is not known.
    reach_km
        Of a direct-detect mode, as its standard names it; it settles ties, it limits nothing. Infinite for coherent.
    left_out
        Why this is not looked at; empty where it is.
    """

    task: int
    module: str
    mode: str
    family: Family
    channels: tuple[int, ...]
    fiber_pairs: int
    spans: tuple[int, ...]
    mux: str | None = None
    channel_spacing_ghz: float | None = None
    launch_power_dbm: float | None = None
    """Unamplified; amplified lines have theirs in ``chain``."""
    chain: AmplifierChain = NO_AMPLIFIERS
    amplifier_count: int = 0
    power_w: float = math.nan
    price: float = math.nan
    reach_km: float = math.inf
    left_out: str = ""

    @property
    def kind(self) -> tuple[str, str, Family, tuple[int, ...]]:
        """What candidates share that differ in amplifiers and powers only."""
        return (self.module, self.mode, self.family, self.spans)

    @property
    def span_count(self) -> int:
        """Spans with an amplifier at each joint; ducts that are patched through count as one."""
        return sum(self.spans) if self.family == "coherent-spans" else 1

    @property
    def hut_count(self) -> int:
        """Huts that would have to be built."""
        return sum(self.spans) - len(self.spans)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A module in one of its modes, for one task: as many pairs of it as the rate needs."""

    index: int
    task: Task
    module: Module
    mode: CoherentMode | DirectMode
    pairs: int


def list_candidates(tasks: Sequence[Task], catalog: Catalog, options: DesignOptions) -> list[list[Candidate]]:
    """List the candidates of each task, the least huts and watts (or cost) first, what is left out last.

    Raises
    ------
    ParameterError
        If an option names a part that the catalog does not have.
    """
    modules = [catalog.get_module(name) for name in options.modules] or list(catalog.modules.values())
    modes = [(module, catalog.get_mode(name)) for module in modules for name in module.modes]
    picker = AmplifierPicker(catalog, options)
    out = []
    for index, task in enumerate(tasks):
        found: list[Candidate] = []
        for module, mode in modes:
            rate_gbps = mode.net_rate_gbps * module.engines_count
            if any(math.isclose(rate_gbps, allowed_gbps) for allowed_gbps in options.rates_gbps):
                pairs = max(1, math.ceil(task.needed_gbps / rate_gbps - 1e-9))
                choice = _Choice(index, task, module, mode, pairs)
                found.extend(_price(item, choice, catalog, options) for item in _list_of(choice, picker))
        out.append(sorted(found, key=lambda item: _sort_key(item, options)))
    return out


def objective_of(candidate: Candidate, options: DesignOptions) -> tuple[int, float]:
    """Return what the design minimizes: new huts, then the power in watts, or the price where there is a price book.

    A hut is a building: it is not put up to save two amplifiers. Where the price book prices it, only the price counts.
    """
    book = options.price_book
    huts = 0 if book is not None and HUT in book else candidate.hut_count
    value = candidate.power_w if book is None else candidate.price
    # Rounded, so that sums in another order are still the same cost.
    return (huts, round(value, 6))


def find_rate(candidate: Candidate, catalog: Catalog) -> float:
    """Return the net rate of all channels together in Gb/s, in each direction."""
    mode, module = catalog.get_mode(candidate.mode), catalog.get_module(candidate.module)
    return float(mode.net_rate_gbps * module.engines_count * sum(candidate.channels))


def _sort_key(candidate: Candidate, options: DesignOptions) -> tuple[bool, int, float, int, str, str]:
    huts, value = objective_of(candidate, options)
    known = value if math.isfinite(value) else math.inf
    return (bool(candidate.left_out), huts, known, candidate.fiber_pairs, candidate.module, candidate.mode)


def _list_of(choice: _Choice, picker: AmplifierPicker) -> Iterator[Candidate]:
    catalog, options = picker.catalog, picker.options
    mode, pairs = choice.mode, choice.pairs
    base = Candidate(
        task=choice.index,
        module=choice.module.id,
        mode=mode.id,
        family="direct",
        channels=(),
        fiber_pairs=0,
        spans=(1,) * len(choice.task.ducts),
    )
    if isinstance(mode, DirectMode):
        fibers = (len(mode.lanes) if mode.parallel_fibers else 1) * choice.module.engines_count
        reach_km = mode.reach_km or math.inf
        yield replace(base, channels=_share_out(pairs, CHANNELS_MAX), fiber_pairs=pairs * fibers, reach_km=reach_km)
        return
    if pairs == 1:
        for power_dbm in list_unamplified_powers(mode):
            yield replace(base, family="coherent-dark", channels=(1,), fiber_pairs=1, launch_power_dbm=power_dbm)
    elif not mode.amplified or mode.band != "c":
        reason = f"{pairs} channels need a mux, which the mode is not specified for"
        yield replace(base, family="coherent-mux", channels=(pairs,), fiber_pairs=1, left_out=reason)
    if not mode.amplified or mode.band != "c":
        return
    mux = pick_mux(mode, catalog, options)
    if mux is None and pairs == 1:
        # One channel needs no mux to be amplified.
        yield from _list_amplified(replace(base, channels=(1,), fiber_pairs=1), choice, mode, picker)
        return
    if mux is None:
        reason = f"no mux passes channels {mode.channel_spacing_min_ghz:g} GHz apart"
        yield replace(base, family="coherent-amplified", channels=(pairs,), fiber_pairs=1, left_out=reason)
        return
    spacing_ghz = max(mux.channel_spacing_ghz or 0.0, mode.channel_spacing_min_ghz)
    channels = _share_out(pairs, count_slots(mode, spacing_ghz))
    muxed = replace(base, channels=channels, fiber_pairs=len(channels), mux=mux.id, channel_spacing_ghz=spacing_ghz)
    if pairs > 1:
        for power_dbm in list_unamplified_powers(mode):
            yield replace(muxed, family="coherent-mux", launch_power_dbm=power_dbm)
    yield from _list_amplified(muxed, choice, mode, picker)


def _list_amplified(
    muxed: Candidate, choice: _Choice, mode: CoherentMode, picker: AmplifierPicker
) -> Iterator[Candidate]:
    catalog, options = picker.catalog, picker.options
    mux_loss_db = catalog.passives[muxed.mux].loss_db if muxed.mux else 0.0
    for family, spans in _list_spans(choice.task, options):
        joined = family == "coherent-amplified"
        line = estimate_line(choice.task.ducts, spans, catalog, options, joined=joined)
        for chain in pick_chains(line, mode, mux_loss_db, max(muxed.channels), picker):
            count = chain.count(len(line.span_losses_db))
            yield replace(muxed, family=family, spans=spans, chain=chain, amplifier_count=count * len(muxed.channels))


def _list_spans(task: Task, options: DesignOptions) -> Iterator[tuple[Family, tuple[int, ...]]]:
    """Yield the ways to amplify: at the ends only, then at huts too, spans as long as allowed or shorter."""
    unsplit = (1,) * len(task.ducts)
    if task.adjacency.length_km <= options.max_single_span_km:
        yield "coherent-amplified", unsplit
    tried = set()
    for longest_km in (options.max_span_km, SHORTER_SPAN_RATIO * options.max_span_km):
        spans = tuple(
            math.ceil(duct.length_km / longest_km - 1e-9) if may_split else 1
            for duct, may_split in zip(task.ducts, task.splittable, strict=True)
        )
        if sum(spans) > 1 and spans not in tried:
            tried.add(spans)
            yield "coherent-spans", spans


def list_unamplified_powers(mode: CoherentMode) -> list[float | None]:
    """Where the module sits and, if that is not the most, its greatest power."""
    if mode.launch_power_max_dbm is None or mode.launch_power_max_dbm == mode.launch_power_default_dbm:
        return [None]
    return [None, mode.launch_power_max_dbm]


def pick_mux(mode: CoherentMode, catalog: Catalog, options: DesignOptions) -> Passive | None:
    """Return the mux of the least spacing that the mode's channels fit."""
    muxes = [catalog.get_passive(name) for name in options.muxes] or list(catalog.passives.values())
    fitting = [
        mux
        for mux in muxes
        if mux.kind == "mux_demux" and (mux.channel_spacing_ghz or 0.0) >= mode.channel_spacing_min_ghz - 1e-9
    ]
    return min(fitting, key=lambda mux: (mux.channel_spacing_ghz or 0.0, mux.loss_db, mux.id), default=None)


def count_slots(mode: CoherentMode, spacing_ghz: float) -> int:
    """Return how many channels the mode's band holds: whole slots between its edges."""
    slots = math.floor((mode.frequency_max_thz - mode.frequency_min_thz) * 1e3 / spacing_ghz + 1e-6)
    return min(CHANNELS_MAX, max(1, slots))


def _share_out(count: int, most: int) -> tuple[int, ...]:
    """Share ``count`` channels over as few links of at most ``most`` as it takes, the larger ones first."""
    links = math.ceil(count / most)
    return tuple(count // links + (index < count % links) for index in range(links))


def _price(candidate: Candidate, choice: _Choice, catalog: Catalog, options: DesignOptions) -> Candidate:
    """Add up what a candidate takes and costs; leave it out where a figure that decides is not known."""
    if candidate.left_out:
        return candidate
    amplifiers = [
        (catalog.get_amplifier(name), count * len(candidate.channels))
        for name, count in candidate.chain.list_types(sum(candidate.spans))
    ]
    module_count = 2 * choice.pairs
    module_w = choice.mode.power_w if choice.mode.power_w is not None else choice.module.power_w
    watts = [(choice.module.id, module_w, module_count), *((amp.id, amp.power_w, count) for amp, count in amplifiers)]
    power_w = sum((math.nan if each is None else each) * count for _, each, count in watts)
    unknown = [f"the power of {name} is not known" for name, each, _ in watts if each is None]
    price = math.nan
    if options.price_book is not None:
        book = options.price_book
        prices = [(name, book.get(name), count) for name, _, count in watts]
        unknown = [f"the price book has no {name}" for name, each, _ in prices if each is None]
        price = sum((math.nan if each is None else each) * count for _, each, count in prices)
        price += 2 * len(candidate.channels) * (book.get(candidate.mux, 0.0) if candidate.mux else 0.0)
        price += book.get(HUT, 0.0) * candidate.hut_count
    if options.max_fiber_pairs is not None and candidate.fiber_pairs > options.max_fiber_pairs:
        unknown = [f"takes {candidate.fiber_pairs} fiber pairs, {options.max_fiber_pairs} allowed"]
    return replace(candidate, power_w=power_w, price=price, left_out=unknown[0] if unknown else "")
