"""From the fabric's file to verdicts: compose every link from its parts and evaluate them all in one batch."""

from __future__ import annotations

from collections.abc import Sequence

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import Amplifier, Passive
from lightlane.elements import FiberRun
from lightlane.fabric.topology import Duct, Fabric
from lightlane.fabric.topology import Link as LinkRecord
from lightlane.kernels import Task
from lightlane.lane.batch import LaneBatch
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions
from lightlane.link import LineSystem, Link, compose_link


def compose_links(fabric: Fabric, catalog: Catalog) -> list[Link]:
    """Compose the links of a fabric in its order.

    Raises
    ------
    ParameterError
        If a link names a part that the catalog does not have, or its parts do not fit each other.
    """
    ducts = {duct.name: duct for duct in fabric.duct}
    return [_compose(record, ducts, catalog) for record in fabric.link]


def evaluate_fabric(
    fabric: Fabric,
    catalog: Catalog,
    *,
    wanted_margin_db: float,
    options: BudgetOptions = DEFAULT_OPTIONS,
    explain: bool = False,
    task: Task | None = None,
) -> LaneBatch:
    """Evaluate every lane of every link of a fabric; parameters and errors as of ``evaluate_links``."""
    links = compose_links(fabric, catalog)
    return evaluate_links(
        links,
        wanted_margin_db=wanted_margin_db,
        options=options,
        distributions=catalog.distributions.values(),
        explain=explain,
        task=task,
    )


def _compose(record: LinkRecord, ducts: dict[str, Duct], catalog: Catalog) -> Link:
    module = catalog.get_module(record.module)
    mode = catalog.get_mode(record.mode or module.modes[0])
    places = _places(record, ducts)
    runs = [_fiber_run(ducts[name], catalog) for name in record.ducts]

    def passive(part: str | None) -> Passive | None:
        return None if part is None else catalog.get_passive(part)

    def amplifier(part: str | None) -> Amplifier | None:
        return None if part is None else catalog.get_amplifier(part)

    line = LineSystem(
        mux=passive(record.mux),
        demux=passive(record.demux),
        express=passive(record.express),
        booster=amplifier(record.booster),
        inline=amplifier(record.inline_amplifier),
        preamplifier=amplifier(record.preamplifier),
        raman=amplifier(record.raman_amplifier),
        span_launch_power_dbm=record.span_launch_power_dbm,
        received_power_dbm=record.received_power_dbm,
    )
    return compose_link(
        name=record.name,
        module=module,
        mode=mode,
        fec=catalog.get_fec(mode.fec),
        runs=runs,
        places=places,
        line=line,
        channels=record.channels,
        launch_power_dbm=record.launch_power_dbm,
        first_channel_thz=record.first_channel_thz,
        channel_spacing_ghz=record.channel_spacing_ghz,
        lit_channels=record.lit_channels,
    )


def _places(record: LinkRecord, ducts: dict[str, Duct]) -> Sequence[str]:
    """Sites that a link passes, from a to b."""
    places = [record.a]
    for name in record.ducts:
        duct = ducts[name]
        places.append(duct.b if places[-1] == duct.a else duct.a)
    return places


def _fiber_run(duct: Duct, catalog: Catalog) -> FiberRun:
    return FiberRun(
        label=duct.name,
        fiber=catalog.get_fiber(duct.fiber),
        length_km=duct.length_km,
        connector=catalog.get_passive(duct.connector),
        splice=catalog.get_passive(duct.splice),
        connector_count=duct.connector_count,
        splice_count=duct.splice_count,
        attenuation_db_per_km=duct.attenuation_db_per_km,
        extra_loss_db=duct.extra_loss_db,
    )
