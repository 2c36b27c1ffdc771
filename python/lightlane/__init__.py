"""Lightlane: a digital twin of the 400G/800G optical interconnect between core data centers and AI edge sites.

Everything that scripts need is here; the modules behind these names are imported when a name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog, load_catalog
    from lightlane.elements import Element
    from lightlane.engine import plan_run, run
    from lightlane.errors import Cancelled, FormatError, LightlaneError, ModelError, ParameterError, Problem
    from lightlane.event_kinds import EventField, EventKind, label_event_kind, list_event_kinds
    from lightlane.fabric.composition import compose_links, list_amplifier_sites
    from lightlane.fabric.design import Design, design_fabric
    from lightlane.fabric.design_options import DesignOptions
    from lightlane.fabric.evaluation import evaluate_fabric
    from lightlane.fabric.importers import import_topology
    from lightlane.fabric.load import fabric_of, load_fabric, save_fabric
    from lightlane.fabric.point_to_point import point_to_point
    from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site
    from lightlane.files.atomic import write_atomically
    from lightlane.files.captures import CapturedWaveform, read_capture
    from lightlane.files.format import format_toml
    from lightlane.files.toml import read_toml
    from lightlane.files.validation import validate
    from lightlane.kernels import Task
    from lightlane.kernels.direct import ReferenceReceiver
    from lightlane.kernels.pictures import Persistence, decimate_trace, shade_matrix
    from lightlane.kernels.tdecq import TdecqMeasurement, measure_tdecq
    from lightlane.lane.batch import LaneBatch
    from lightlane.lane.budget import evaluate_link, evaluate_links
    from lightlane.lane.contribution_notes import ContributionNote, describe_contribution
    from lightlane.lane.fec_map import map_fec
    from lightlane.lane.model import Contribution, LaneResult, LinkResult
    from lightlane.lane.options import BudgetOptions
    from lightlane.lane.path_profile import PathProfile, follow_path
    from lightlane.lane.remedies import find_remedy
    from lightlane.lane.trace import PathTrace, trace_link
    from lightlane.lane.waveform.direct.picture import DirectPicture, EyeDensity, picture_direct
    from lightlane.lane.waveform.direct.record import DirectWaveform
    from lightlane.lane.waveform.picture import LanePicture, picture_lane
    from lightlane.lane.waveform.record import LaneWaveform
    from lightlane.lane.waveform.settings import CoherentHardware, WaveformSettings
    from lightlane.lane.waveform.simulate import SimulatedLink, simulate_link
    from lightlane.link import ComposedLink
    from lightlane.live import LiveScenario, LiveState
    from lightlane.plan.recorded import RecordedScenario, recall_scenario
    from lightlane.plan.state_problems import StateProblem
    from lightlane.plots.classes import MARGIN_CLASSES, MarginClass, classify_margin
    from lightlane.plots.labels import place_labels
    from lightlane.plots.map_layout import MapLayout, lay_out_map
    from lightlane.report import write_report
    from lightlane.results.folder import ResultsFolder, open_results
    from lightlane.results.history import DrawnHistory, History, read_drawn_history, read_history
    from lightlane.results.margins import (
        DrawnMargins,
        PointMargins,
        StateList,
        list_states,
        read_drawn_margins,
        read_point_margins,
    )
    from lightlane.results.records import Results
    from lightlane.results.store import read_results, write_results
    from lightlane.results.studies import Study, write_study
    from lightlane.scenario.conditions import Conditions
    from lightlane.scenario.event_entry import find_event_problems, make_event
    from lightlane.scenario.fields import Ground, join_path, list_fields, split_path
    from lightlane.scenario.load import load_any, load_scenario, place_scenario
    from lightlane.scenario.parameter_list import list_parameters
    from lightlane.scenario.parameters import Parameter, slider_range
    from lightlane.scenario.save import save_scenario, scenario_to_data
    from lightlane.scenario.schema import Scenario
    from lightlane.scenario.settings import check_setting, choose_module, ground_scenario, read_setting
    from lightlane.scenario.sweep import Sweep
    from lightlane.scenario.timeline import Timeline
    from lightlane.scenario.variants import Variant
    from lightlane.studies.availability import AvailabilityOptions, study_availability
    from lightlane.studies.failures import study_failures
    from lightlane.studies.placement import study_placement
    from lightlane.studies.upgrade import study_upgrade
    from lightlane.units import UNIT_LABELS, axis_label, unit_of

_HOMES: dict[str, str] = {
    "AvailabilityOptions": "studies.availability",
    "BudgetOptions": "lane.options",
    "Cancelled": "errors",
    "CapturedWaveform": "files.captures",
    "Catalog": "catalog.load",
    "CoherentHardware": "lane.waveform.settings",
    "ComposedLink": "link",
    "Conditions": "scenario.conditions",
    "Contribution": "lane.model",
    "ContributionNote": "lane.contribution_notes",
    "Demand": "fabric.topology",
    "Design": "fabric.design",
    "DesignOptions": "fabric.design_options",
    "DirectPicture": "lane.waveform.direct.picture",
    "DirectWaveform": "lane.waveform.direct.record",
    "DrawnHistory": "results.history",
    "DrawnMargins": "results.margins",
    "Duct": "fabric.topology",
    "Element": "elements",
    "EventField": "event_kinds",
    "EventKind": "event_kinds",
    "EyeDensity": "lane.waveform.direct.picture",
    "Fabric": "fabric.topology",
    "FormatError": "errors",
    "Ground": "scenario.fields",
    "History": "results.history",
    "LaneBatch": "lane.batch",
    "LanePicture": "lane.waveform.picture",
    "LaneResult": "lane.model",
    "LaneWaveform": "lane.waveform.record",
    "LightlaneError": "errors",
    "Link": "fabric.topology",
    "LinkResult": "lane.model",
    "LiveScenario": "live",
    "LiveState": "live",
    "MARGIN_CLASSES": "plots.classes",
    "MapLayout": "plots.map_layout",
    "MarginClass": "plots.classes",
    "ModelError": "errors",
    "Parameter": "scenario.parameters",
    "ParameterError": "errors",
    "PathProfile": "lane.path_profile",
    "PathTrace": "lane.trace",
    "Persistence": "kernels.pictures",
    "PointMargins": "results.margins",
    "Problem": "errors",
    "RecordedScenario": "plan.recorded",
    "ReferenceReceiver": "kernels.direct",
    "Results": "results.records",
    "ResultsFolder": "results.folder",
    "Scenario": "scenario.schema",
    "SimulatedLink": "lane.waveform.simulate",
    "Site": "fabric.topology",
    "StateList": "results.margins",
    "StateProblem": "plan.state_problems",
    "Study": "results.studies",
    "Sweep": "scenario.sweep",
    "Task": "kernels",
    "TdecqMeasurement": "kernels.tdecq",
    "Timeline": "scenario.timeline",
    "UNIT_LABELS": "units",
    "Variant": "scenario.variants",
    "WaveformSettings": "lane.waveform.settings",
    "axis_label": "units",
    "check_setting": "scenario.settings",
    "choose_module": "scenario.settings",
    "classify_margin": "plots.classes",
    "compose_links": "fabric.composition",
    "decimate_trace": "kernels.pictures",
    "describe_contribution": "lane.contribution_notes",
    "design_fabric": "fabric.design",
    "evaluate_fabric": "fabric.evaluation",
    "evaluate_link": "lane.budget",
    "evaluate_links": "lane.budget",
    "fabric_of": "fabric.load",
    "find_event_problems": "scenario.event_entry",
    "find_remedy": "lane.remedies",
    "follow_path": "lane.path_profile",
    "format_toml": "files.format",
    "ground_scenario": "scenario.settings",
    "import_topology": "fabric.importers",
    "join_path": "scenario.fields",
    "label_event_kind": "event_kinds",
    "lay_out_map": "plots.map_layout",
    "list_amplifier_sites": "fabric.composition",
    "list_event_kinds": "event_kinds",
    "list_fields": "scenario.fields",
    "list_parameters": "scenario.parameter_list",
    "list_states": "results.margins",
    "load_any": "scenario.load",
    "load_catalog": "catalog.load",
    "load_fabric": "fabric.load",
    "load_scenario": "scenario.load",
    "make_event": "scenario.event_entry",
    "map_fec": "lane.fec_map",
    "measure_tdecq": "kernels.tdecq",
    "open_results": "results.folder",
    "picture_direct": "lane.waveform.direct.picture",
    "picture_lane": "lane.waveform.picture",
    "place_labels": "plots.labels",
    "place_scenario": "scenario.load",
    "plan_run": "engine",
    "point_to_point": "fabric.point_to_point",
    "read_capture": "files.captures",
    "read_drawn_history": "results.history",
    "read_drawn_margins": "results.margins",
    "read_history": "results.history",
    "read_point_margins": "results.margins",
    "read_results": "results.store",
    "read_setting": "scenario.settings",
    "read_toml": "files.toml",
    "recall_scenario": "plan.recorded",
    "run": "engine",
    "save_fabric": "fabric.load",
    "save_scenario": "scenario.save",
    "scenario_to_data": "scenario.save",
    "shade_matrix": "kernels.pictures",
    "simulate_link": "lane.waveform.simulate",
    "slider_range": "scenario.parameters",
    "split_path": "scenario.fields",
    "study_availability": "studies.availability",
    "study_failures": "studies.failures",
    "study_placement": "studies.placement",
    "study_upgrade": "studies.upgrade",
    "trace_link": "lane.trace",
    "unit_of": "units",
    "validate": "files.validation",
    "write_atomically": "files.atomic",
    "write_report": "report",
    "write_results": "results.store",
    "write_study": "results.studies",
}
"""Where each public name lives below this package."""

__all__ = [
    "MARGIN_CLASSES",
    "UNIT_LABELS",
    "AvailabilityOptions",
    "BudgetOptions",
    "Cancelled",
    "CapturedWaveform",
    "Catalog",
    "CoherentHardware",
    "ComposedLink",
    "Conditions",
    "Contribution",
    "ContributionNote",
    "Demand",
    "Design",
    "DesignOptions",
    "DirectPicture",
    "DirectWaveform",
    "DrawnHistory",
    "DrawnMargins",
    "Duct",
    "Element",
    "EventField",
    "EventKind",
    "EyeDensity",
    "Fabric",
    "FormatError",
    "Ground",
    "History",
    "LaneBatch",
    "LanePicture",
    "LaneResult",
    "LaneWaveform",
    "LightlaneError",
    "Link",
    "LinkResult",
    "LiveScenario",
    "LiveState",
    "MapLayout",
    "MarginClass",
    "ModelError",
    "Parameter",
    "ParameterError",
    "PathProfile",
    "PathTrace",
    "Persistence",
    "PointMargins",
    "Problem",
    "RecordedScenario",
    "ReferenceReceiver",
    "Results",
    "ResultsFolder",
    "Scenario",
    "SimulatedLink",
    "Site",
    "StateList",
    "StateProblem",
    "Study",
    "Sweep",
    "Task",
    "TdecqMeasurement",
    "Timeline",
    "Variant",
    "WaveformSettings",
    "axis_label",
    "check_setting",
    "choose_module",
    "classify_margin",
    "compose_links",
    "decimate_trace",
    "describe_contribution",
    "design_fabric",
    "evaluate_fabric",
    "evaluate_link",
    "evaluate_links",
    "fabric_of",
    "find_event_problems",
    "find_remedy",
    "follow_path",
    "format_toml",
    "ground_scenario",
    "import_topology",
    "join_path",
    "label_event_kind",
    "lay_out_map",
    "list_amplifier_sites",
    "list_event_kinds",
    "list_fields",
    "list_parameters",
    "list_states",
    "load_any",
    "load_catalog",
    "load_fabric",
    "load_scenario",
    "make_event",
    "map_fec",
    "measure_tdecq",
    "open_results",
    "picture_direct",
    "picture_lane",
    "place_labels",
    "place_scenario",
    "plan_run",
    "point_to_point",
    "read_capture",
    "read_drawn_history",
    "read_drawn_margins",
    "read_history",
    "read_point_margins",
    "read_results",
    "read_setting",
    "read_toml",
    "recall_scenario",
    "run",
    "save_fabric",
    "save_scenario",
    "scenario_to_data",
    "shade_matrix",
    "simulate_link",
    "slider_range",
    "split_path",
    "study_availability",
    "study_failures",
    "study_placement",
    "study_upgrade",
    "trace_link",
    "unit_of",
    "validate",
    "write_atomically",
    "write_report",
    "write_results",
    "write_study",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("lightlane")
    if name not in _HOMES:
        raise AttributeError(f"module 'lightlane' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"lightlane.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, "__version__"])
