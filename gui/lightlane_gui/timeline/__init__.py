"""The timeline: playing, events, margins over time, and what the present state means.

The panel is in ``timeline_panel``; nothing is imported here, so that a window can let events happen before it has one.
"""
