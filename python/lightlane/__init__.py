"""Lightlane: a digital twin of the 400G/800G optical interconnect between core data centers and AI edge sites.

Everything that scripts need is here; the modules behind these names are imported when a name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog, load_catalog
    from lightlane.engine import run
    from lightlane.errors import Cancelled, FormatError, LightlaneError, ModelError, ParameterError, Problem
    from lightlane.fabric.composition import compose_links
    from lightlane.fabric.design import Design, design_fabric
    from lightlane.fabric.design_options import DesignOptions
    from lightlane.fabric.evaluation import evaluate_fabric
    from lightlane.fabric.importers import import_topology
    from lightlane.fabric.load import load_fabric, save_fabric
    from lightlane.fabric.point_to_point import point_to_point
    from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site
    from lightlane.files.captures import CapturedWaveform, read_capture
    from lightlane.kernels import Task
    from lightlane.kernels.direct import ReferenceReceiver
    from lightlane.kernels.tdecq import TdecqMeasurement, measure_tdecq
    from lightlane.lane.batch import LaneBatch
    from lightlane.lane.budget import evaluate_link, evaluate_links
    from lightlane.lane.model import Contribution, LaneResult, LinkResult
    from lightlane.lane.options import BudgetOptions
    from lightlane.lane.remedies import find_remedy
    from lightlane.lane.trace import PathTrace, trace_link
    from lightlane.lane.waveform.settings import CoherentHardware, WaveformSettings
    from lightlane.lane.waveform.simulate import SimulatedLink, simulate_link
    from lightlane.live import LiveScenario, LiveState
    from lightlane.plan.state_problems import StateProblem
    from lightlane.plots.classes import MARGIN_CLASSES, MarginClass, classify_margin
    from lightlane.report import write_report
    from lightlane.results.folder import ResultsFolder, open_results
    from lightlane.results.records import Results
    from lightlane.results.store import read_results, write_results
    from lightlane.results.studies import Study, write_study
    from lightlane.scenario.conditions import Conditions
    from lightlane.scenario.fields import Ground, join_path, split_path
    from lightlane.scenario.load import load_any, load_scenario
    from lightlane.scenario.parameter_list import list_parameters
    from lightlane.scenario.parameters import Parameter, slider_range
    from lightlane.scenario.schema import Scenario
    from lightlane.scenario.settings import check_setting, choose_module, ground_scenario, read_setting
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
    "Conditions": "scenario.conditions",
    "Contribution": "lane.model",
    "Demand": "fabric.topology",
    "Design": "fabric.design",
    "DesignOptions": "fabric.design_options",
    "Duct": "fabric.topology",
    "Fabric": "fabric.topology",
    "FormatError": "errors",
    "Ground": "scenario.fields",
    "LaneBatch": "lane.batch",
    "LaneResult": "lane.model",
    "LightlaneError": "errors",
    "Link": "fabric.topology",
    "LinkResult": "lane.model",
    "LiveScenario": "live",
    "LiveState": "live",
    "MARGIN_CLASSES": "plots.classes",
    "MarginClass": "plots.classes",
    "ModelError": "errors",
    "Parameter": "scenario.parameters",
    "ParameterError": "errors",
    "PathTrace": "lane.trace",
    "Problem": "errors",
    "ReferenceReceiver": "kernels.direct",
    "Results": "results.records",
    "ResultsFolder": "results.folder",
    "Scenario": "scenario.schema",
    "SimulatedLink": "lane.waveform.simulate",
    "Site": "fabric.topology",
    "StateProblem": "plan.state_problems",
    "Study": "results.studies",
    "Task": "kernels",
    "TdecqMeasurement": "kernels.tdecq",
    "UNIT_LABELS": "units",
    "Variant": "scenario.variants",
    "WaveformSettings": "lane.waveform.settings",
    "axis_label": "units",
    "check_setting": "scenario.settings",
    "choose_module": "scenario.settings",
    "classify_margin": "plots.classes",
    "compose_links": "fabric.composition",
    "design_fabric": "fabric.design",
    "evaluate_fabric": "fabric.evaluation",
    "evaluate_link": "lane.budget",
    "evaluate_links": "lane.budget",
    "find_remedy": "lane.remedies",
    "ground_scenario": "scenario.settings",
    "import_topology": "fabric.importers",
    "join_path": "scenario.fields",
    "list_parameters": "scenario.parameter_list",
    "load_any": "scenario.load",
    "load_catalog": "catalog.load",
    "load_fabric": "fabric.load",
    "load_scenario": "scenario.load",
    "measure_tdecq": "kernels.tdecq",
    "open_results": "results.folder",
    "point_to_point": "fabric.point_to_point",
    "read_capture": "files.captures",
    "read_results": "results.store",
    "read_setting": "scenario.settings",
    "run": "engine",
    "save_fabric": "fabric.load",
    "simulate_link": "lane.waveform.simulate",
    "slider_range": "scenario.parameters",
    "split_path": "scenario.fields",
    "study_availability": "studies.availability",
    "study_failures": "studies.failures",
    "study_placement": "studies.placement",
    "study_upgrade": "studies.upgrade",
    "trace_link": "lane.trace",
    "unit_of": "units",
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
    "Conditions",
    "Contribution",
    "Demand",
    "Design",
    "DesignOptions",
    "Duct",
    "Fabric",
    "FormatError",
    "Ground",
    "LaneBatch",
    "LaneResult",
    "LightlaneError",
    "Link",
    "LinkResult",
    "LiveScenario",
    "LiveState",
    "MarginClass",
    "ModelError",
    "Parameter",
    "ParameterError",
    "PathTrace",
    "Problem",
    "ReferenceReceiver",
    "Results",
    "ResultsFolder",
    "Scenario",
    "SimulatedLink",
    "Site",
    "StateProblem",
    "Study",
    "Task",
    "TdecqMeasurement",
    "Variant",
    "WaveformSettings",
    "axis_label",
    "check_setting",
    "choose_module",
    "classify_margin",
    "compose_links",
    "design_fabric",
    "evaluate_fabric",
    "evaluate_link",
    "evaluate_links",
    "find_remedy",
    "ground_scenario",
    "import_topology",
    "join_path",
    "list_parameters",
    "load_any",
    "load_catalog",
    "load_fabric",
    "load_scenario",
    "measure_tdecq",
    "open_results",
    "point_to_point",
    "read_capture",
    "read_results",
    "read_setting",
    "run",
    "save_fabric",
    "simulate_link",
    "slider_range",
    "split_path",
    "study_availability",
    "study_failures",
    "study_placement",
    "study_upgrade",
    "trace_link",
    "unit_of",
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
