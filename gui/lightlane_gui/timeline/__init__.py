"""The timeline: playing, events, margins over time, and what the present state means."""

from lightlane_gui.timeline.event_dialog import EventDialog, open_event_dialog
from lightlane_gui.timeline.injecting import inject_event
from lightlane_gui.timeline.timeline_panel import TimelinePanel

__all__ = ["EventDialog", "TimelinePanel", "inject_event", "open_event_dialog"]
