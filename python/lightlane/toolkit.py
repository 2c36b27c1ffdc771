"""What applications over Lightlane need beyond the names for scripts: parts of scenarios, maps, pictures, explanations.

As public as :mod:`lightlane` itself; the desktop application imports from these two alone. The modules behind these
names are imported when a name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightlane.late_names import load_late

if TYPE_CHECKING:
    from lightlane.elements import Element
    from lightlane.engine import plan_run
    from lightlane.event_kinds import EventField, EventKind, label_event_kind, list_event_kinds
    from lightlane.fabric.composition import list_amplifier_sites
    from lightlane.fabric.load import fabric_of
    from lightlane.files.atomic import write_atomically
    from lightlane.files.format import format_toml
    from lightlane.files.toml import read_toml
    from lightlane.files.validation import validate
    from lightlane.kernels.pictures import decimate_trace, shade_matrix
    from lightlane.lane.contribution_notes import ContributionNote, describe_contribution
    from lightlane.lane.fec_map import map_fec
    from lightlane.lane.path_profile import PathProfile, follow_path
    from lightlane.lane.remedies import find_remedy
    from lightlane.lane.waveform.direct.picture import DirectPicture, EyeDensity, picture_direct
    from lightlane.lane.waveform.direct.record import DirectWaveform
    from lightlane.lane.waveform.picture import LanePicture, picture_lane
    from lightlane.lane.waveform.record import LaneWaveform
    from lightlane.link import ComposedLink
    from lightlane.plan.recorded import RecordedScenario, recall_scenario
    from lightlane.plan.state_problems import StateProblem
    from lightlane.plots.classes import MARGIN_CLASSES, MarginClass, classify_margin
    from lightlane.plots.labels import place_labels
    from lightlane.plots.map_layout import MapLayout, lay_out_map
    from lightlane.results.history import DrawnHistory, History, read_drawn_history, read_history
    from lightlane.results.margins import (
        DrawnMargins,
        PointMargins,
        StateList,
        list_states,
        read_drawn_margins,
        read_point_margins,
    )
    from lightlane.scenario.event_entry import find_event_problems
    from lightlane.scenario.fields import Ground, join_path, list_fields, split_path
    from lightlane.scenario.load import load_any, place_scenario
    from lightlane.scenario.parameters import slider_range
    from lightlane.scenario.save import scenario_to_data
    from lightlane.scenario.settings import check_setting, choose_module, ground_scenario, read_setting
    from lightlane.units import UNIT_LABELS, axis_label, unit_of

_HOMES: dict[str, str] = {
    "ComposedLink": "link",
    "ContributionNote": "lane.contribution_notes",
    "DirectPicture": "lane.waveform.direct.picture",
    "DirectWaveform": "lane.waveform.direct.record",
    "DrawnHistory": "results.history",
    "DrawnMargins": "results.margins",
    "Element": "elements",
    "EventField": "event_kinds",
    "EventKind": "event_kinds",
    "EyeDensity": "lane.waveform.direct.picture",
    "Ground": "scenario.fields",
    "History": "results.history",
    "LanePicture": "lane.waveform.picture",
    "LaneWaveform": "lane.waveform.record",
    "MARGIN_CLASSES": "plots.classes",
    "MapLayout": "plots.map_layout",
    "MarginClass": "plots.classes",
    "PathProfile": "lane.path_profile",
    "PointMargins": "results.margins",
    "RecordedScenario": "plan.recorded",
    "StateList": "results.margins",
    "StateProblem": "plan.state_problems",
    "UNIT_LABELS": "units",
    "axis_label": "units",
    "check_setting": "scenario.settings",
    "choose_module": "scenario.settings",
    "classify_margin": "plots.classes",
    "decimate_trace": "kernels.pictures",
    "describe_contribution": "lane.contribution_notes",
    "fabric_of": "fabric.load",
    "find_event_problems": "scenario.event_entry",
    "find_remedy": "lane.remedies",
    "follow_path": "lane.path_profile",
    "format_toml": "files.format",
    "ground_scenario": "scenario.settings",
    "join_path": "scenario.fields",
    "label_event_kind": "event_kinds",
    "lay_out_map": "plots.map_layout",
    "list_amplifier_sites": "fabric.composition",
    "list_event_kinds": "event_kinds",
    "list_fields": "scenario.fields",
    "list_states": "results.margins",
    "load_any": "scenario.load",
    "map_fec": "lane.fec_map",
    "picture_direct": "lane.waveform.direct.picture",
    "picture_lane": "lane.waveform.picture",
    "place_labels": "plots.labels",
    "place_scenario": "scenario.load",
    "plan_run": "engine",
    "read_drawn_history": "results.history",
    "read_drawn_margins": "results.margins",
    "read_history": "results.history",
    "read_point_margins": "results.margins",
    "read_setting": "scenario.settings",
    "read_toml": "files.toml",
    "recall_scenario": "plan.recorded",
    "scenario_to_data": "scenario.save",
    "shade_matrix": "kernels.pictures",
    "slider_range": "scenario.parameters",
    "split_path": "scenario.fields",
    "unit_of": "units",
    "validate": "files.validation",
    "write_atomically": "files.atomic",
}
"""Where each name lives below the package."""

__all__ = [
    "MARGIN_CLASSES",
    "UNIT_LABELS",
    "ComposedLink",
    "ContributionNote",
    "DirectPicture",
    "DirectWaveform",
    "DrawnHistory",
    "DrawnMargins",
    "Element",
    "EventField",
    "EventKind",
    "EyeDensity",
    "Ground",
    "History",
    "LanePicture",
    "LaneWaveform",
    "MapLayout",
    "MarginClass",
    "PathProfile",
    "PointMargins",
    "RecordedScenario",
    "StateList",
    "StateProblem",
    "axis_label",
    "check_setting",
    "choose_module",
    "classify_margin",
    "decimate_trace",
    "describe_contribution",
    "fabric_of",
    "find_event_problems",
    "find_remedy",
    "follow_path",
    "format_toml",
    "ground_scenario",
    "join_path",
    "label_event_kind",
    "lay_out_map",
    "list_amplifier_sites",
    "list_event_kinds",
    "list_fields",
    "list_states",
    "load_any",
    "map_fec",
    "picture_direct",
    "picture_lane",
    "place_labels",
    "place_scenario",
    "plan_run",
    "read_drawn_history",
    "read_drawn_margins",
    "read_history",
    "read_point_margins",
    "read_setting",
    "read_toml",
    "recall_scenario",
    "scenario_to_data",
    "shade_matrix",
    "slider_range",
    "split_path",
    "unit_of",
    "validate",
    "write_atomically",
]  # fmt: skip

__getattr__, __dir__ = load_late(__name__, _HOMES, package="lightlane")
