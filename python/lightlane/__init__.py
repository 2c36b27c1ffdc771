"""Lightlane: a digital twin of the 400G/800G optical interconnect between core data centers and AI edge sites.

Everything that scripts need is here; the modules behind these names are imported when a name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightlane.late_names import load_late

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
    from lightlane.kernels.pictures import Persistence
    from lightlane.kernels.tdecq import TdecqMeasurement, measure_tdecq
    from lightlane.lane.batch import LaneBatch
    from lightlane.lane.budget import evaluate_link, evaluate_links
    from lightlane.lane.model import Contribution, LaneResult, LinkResult
    from lightlane.lane.options import BudgetOptions
    from lightlane.lane.trace import PathTrace, trace_link
    from lightlane.lane.waveform.settings import CoherentHardware, WaveformSettings
    from lightlane.lane.waveform.simulate import SimulatedLink, simulate_link
    from lightlane.live import LiveScenario, LiveState
    from lightlane.report import write_report
    from lightlane.results.folder import ResultsFolder, open_results
    from lightlane.results.records import Results
    from lightlane.results.store import read_results, write_results
    from lightlane.results.studies import Study, write_study
    from lightlane.scenario.conditions import Conditions
    from lightlane.scenario.event_entry import make_event
    from lightlane.scenario.load import load_scenario
    from lightlane.scenario.parameter_list import list_parameters
    from lightlane.scenario.parameters import Parameter
    from lightlane.scenario.save import save_scenario
    from lightlane.scenario.schema import Scenario
    from lightlane.scenario.sweep import Sweep
    from lightlane.scenario.timeline import Timeline
    from lightlane.scenario.variants import Variant
    from lightlane.studies.availability import AvailabilityOptions, study_availability
    from lightlane.studies.failures import study_failures
    from lightlane.studies.placement import study_placement
    from lightlane.studies.upgrade import study_upgrade

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
    "LaneBatch": "lane.batch",
    "LaneResult": "lane.model",
    "LightlaneError": "errors",
    "Link": "fabric.topology",
    "LinkResult": "lane.model",
    "LiveScenario": "live",
    "LiveState": "live",
    "ModelError": "errors",
    "Parameter": "scenario.parameters",
    "ParameterError": "errors",
    "PathTrace": "lane.trace",
    "Persistence": "kernels.pictures",
    "Problem": "errors",
    "ReferenceReceiver": "kernels.direct",
    "Results": "results.records",
    "ResultsFolder": "results.folder",
    "Scenario": "scenario.schema",
    "SimulatedLink": "lane.waveform.simulate",
    "Site": "fabric.topology",
    "Study": "results.studies",
    "Sweep": "scenario.sweep",
    "Task": "kernels",
    "TdecqMeasurement": "kernels.tdecq",
    "Timeline": "scenario.timeline",
    "Variant": "scenario.variants",
    "WaveformSettings": "lane.waveform.settings",
    "compose_links": "fabric.composition",
    "design_fabric": "fabric.design",
    "evaluate_fabric": "fabric.evaluation",
    "evaluate_link": "lane.budget",
    "evaluate_links": "lane.budget",
    "import_topology": "fabric.importers",
    "list_parameters": "scenario.parameter_list",
    "load_catalog": "catalog.load",
    "load_fabric": "fabric.load",
    "load_scenario": "scenario.load",
    "make_event": "scenario.event_entry",
    "measure_tdecq": "kernels.tdecq",
    "open_results": "results.folder",
    "point_to_point": "fabric.point_to_point",
    "read_capture": "files.captures",
    "read_results": "results.store",
    "run": "engine",
    "save_fabric": "fabric.load",
    "save_scenario": "scenario.save",
    "simulate_link": "lane.waveform.simulate",
    "study_availability": "studies.availability",
    "study_failures": "studies.failures",
    "study_placement": "studies.placement",
    "study_upgrade": "studies.upgrade",
    "trace_link": "lane.trace",
    "write_report": "report",
    "write_results": "results.store",
    "write_study": "results.studies",
}
"""Where each public name lives below this package."""

__all__ = [
    "AvailabilityOptions", "BudgetOptions", "Cancelled", "CapturedWaveform", "Catalog", "CoherentHardware",
    "Conditions", "Contribution", "Demand", "Design", "DesignOptions", "Duct", "Fabric", "FormatError", "LaneBatch",
    "LaneResult", "LightlaneError", "Link", "LinkResult", "LiveScenario", "LiveState", "ModelError", "Parameter",
    "ParameterError", "PathTrace", "Persistence", "Problem", "ReferenceReceiver", "Results", "ResultsFolder",
    "Scenario", "SimulatedLink", "Site", "Study", "Sweep", "Task", "TdecqMeasurement", "Timeline", "Variant",
    "WaveformSettings", "compose_links", "design_fabric", "evaluate_fabric", "evaluate_link", "evaluate_links",
    "import_topology", "list_parameters", "load_catalog", "load_fabric", "load_scenario", "make_event",
    "measure_tdecq", "open_results", "point_to_point", "read_capture", "read_results", "run", "save_fabric",
    "save_scenario", "simulate_link", "study_availability", "study_failures", "study_placement", "study_upgrade",
    "trace_link", "write_report", "write_results", "write_study",
]  # fmt: skip

_find, _list_names = load_late(__name__, _HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("lightlane")
    return _find(name)


def __dir__() -> list[str]:
    return [*_list_names(), "__version__"]
