"""What a scenario says that does not hold for its fabric: events, variants and sweeps laid on it once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lightlane.catalog.load import Catalog
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.topology import Fabric, Finding
from lightlane.scenario.fields import ALL, Ground, assign_field, split_path
from lightlane.scenario.refusal import Refusal
from lightlane.scenario.schema import Scenario
from lightlane.scenario.sweep import sweep_findings
from lightlane.scenario.timeline import STEPS_MAX, History, count_steps
from lightlane.scenario.variants import BASE_NAME, build_ground
from lightlane.scenario.waveform import waveform_problems

VALUES_CHECKED_MAX = 1000
"""Of a sweep's values so many are tried on the fabric beforehand."""
VALUES_FITTED_MAX = 50
"""Of more values only the first and the last are held against all parts of the fabric."""


def own_findings(scenario: Scenario) -> list[Finding]:
    """Find what is wrong with a scenario whatever its fabric: names used twice, sweeps and timelines without end."""
    found: list[Finding] = []
    seen = {BASE_NAME}
    for index, variant in enumerate(scenario.variant):
        if variant.name in seen:
            allowed = f"a name that no other variant has, nor {BASE_NAME!r}"
            found.append((("variant", index, "name"), f"{variant.name!r} again", allowed))
        seen.add(variant.name)
    ids = [row.id for row in scenario.distribution]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            found.append((("distribution", index, "id"), f"{name!r} again", "an id that no other distribution has"))
    found += sweep_findings(scenario.sweep)
    for index, event in enumerate(scenario.event):
        found += _late((), index, event.start_days, scenario)
    for place, variant in enumerate(scenario.variant):
        for index, event in enumerate(variant.event):
            found += _late(("variant", place), index, event.start_days, scenario)
    events = [*scenario.event, *(event for variant in scenario.variant for event in variant.event)]
    if count_steps(scenario.timeline, events) > STEPS_MAX:
        count = count_steps(scenario.timeline, events)
        found.append((("timeline", "step_days"), f"{count} instants", f"at most {STEPS_MAX} instants"))
    if scenario.keep_draws and not scenario.draws_count:
        found.append((("keep_draws",), "true without draws", "draws_count above 0"))
    return found


def _late(prefix: tuple[str | int, ...], index: int, start_days: float, scenario: Scenario) -> Iterator[Finding]:
    if scenario.timeline is not None and start_days > scenario.timeline.duration_days:
        allowed = f"at most the {scenario.timeline.duration_days:g} days of the timeline"
        yield (*prefix, "event", index, "start_days"), f"{start_days:g}", allowed


def scenario_findings(scenario: Scenario, fabric: Fabric, catalog: Catalog) -> list[Finding]:
    """Find what a scenario asks of its fabric and catalog that these do not have or cannot take.

    Returns
    -------
    (path of the field in the scenario, what was found, what is allowed) for each problem; empty if there is none.
    """
    ground = Ground(scenario, fabric, catalog)
    found: list[Finding] = []
    if scenario.waveform is not None:
        found += waveform_problems(scenario.waveform, fabric, catalog)
    found += _as_findings(History(ground).refusals())
    for place, variant in enumerate(scenario.variant):
        refused = list(_of_settings(ground, place, variant.set))
        if refused:
            found += refused
            continue
        history = History(build_ground(ground, variant.name))
        found += _of_variant(history, place, len(scenario.event), known={item[0] for item in found})
    for place, sweep in enumerate(scenario.sweep):
        found += _of_sweep(
            ground, place, sweep.field, sweep.list_values()[:VALUES_CHECKED_MAX], listed=bool(sweep.values)
        )
    return found


def _as_findings(refusals: Iterator[Refusal]) -> list[Finding]:
    return [(refusal.path, refusal.found, refusal.allowed) for refusal in refusals]


def _of_variant(
    history: History, place: int, base_count: int, *, known: set[tuple[str | int, ...]]
) -> Iterator[Finding]:
    """Find what does not fit in a variant alone; its events stand behind those of the base."""
    for refusal in history.refusals():
        number = refusal.path[1]
        assert isinstance(number, int)
        if number >= base_count:
            yield ("variant", place, "event", number - base_count, *refusal.path[2:]), refusal.found, refusal.allowed
        elif refusal.path not in known:
            yield ("variant", place), f"what event {number} cannot take: {refusal.found}", refusal.allowed


def _of_settings(ground: Ground, place: int, settings: Mapping[str, object]) -> Iterator[Finding]:
    """Find settings that a field does not take, and what does not fit once all are made: a module with its mode."""
    before = ground
    for field, value in settings.items():
        try:
            ground = assign_field(ground, field, value)
        except Refusal as refusal:
            yield ("variant", place, "set", field), refusal.found, refusal.allowed
    if ground.fabric is before.fabric:
        return
    blamed: set[str] = set()
    for path, found, allowed in catalog_problems(ground.fabric, ground.catalog):
        field = _blame(settings, path, ground.fabric)
        if field not in blamed:
            blamed.add(field)
            words = f"{found} for {field.rpartition('.')[2]} ({'.'.join(map(str, path))})"
            yield ("variant", place, "set", field), words, allowed


def _blame(settings: Mapping[str, object], path: tuple[str | int, ...], fabric: Fabric) -> str:
    """Return the setting that a problem comes from: that of the field, else of its record, else the last one."""
    kind, index, key = path[0], path[1], path[2]
    assert isinstance(index, int)
    own = {str(kind): (getattr(fabric, str(kind))[index].name, ALL)}
    steps = [(field, split_path(field)) for field in reversed(list(settings))]
    of_record = [(field, item) for field, item in steps if len(item) == 3 and item[1] in own.get(item[0], ())]
    of_field = [(field, item) for field, item in of_record if item[2] == key]
    return (of_field or of_record or steps)[0][0]


def _assign_checked(ground: Ground, field: str, value: object) -> Ground:
    """Assign a field, and refuse what the parts of the fabric do not take.

    Raises
    ------
    Refusal
        If the field does not exist, does not take the value, or leaves parts that do not fit.
    """
    changed = assign_field(ground, field, value)
    if changed.fabric is not ground.fabric:
        for path, found, allowed in catalog_problems(changed.fabric, changed.catalog):
            name = field.rpartition(".")[2]
            raise Refusal((), f"{found} for {name} ({'.'.join(map(str, path))})", allowed)
    return changed


def _of_sweep(ground: Ground, place: int, field: str, values: tuple[object, ...], *, listed: bool) -> Iterator[Finding]:
    for index, value in enumerate(values):
        try:
            assign = (
                assign_field if 0 < index < len(values) - 1 and len(values) > VALUES_FITTED_MAX else _assign_checked
            )
            assign(ground, field, value)
        except Refusal as refusal:
            of_value = f" for {field.rpartition('.')[2]}" in refusal.found
            path = ("values", index) if of_value and listed else ("start",) if of_value else ("field",)
            yield ("sweep", place, *path), refusal.found, refusal.allowed
            if not of_value:
                return
