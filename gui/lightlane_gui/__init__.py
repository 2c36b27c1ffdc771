"""The desktop application of Lightlane: the fabric on a map, its links lane by lane, what-if, time, batch runs.

It computes no physics and knows nothing of the package's inside: everything comes from the names that ``lightlane``
itself exports.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and return the exit code when it is closed; errors as of :func:`lightlane_gui.app.run_app`."""
    # Of what is loaded now nothing is garbage; looking for it takes a tenth of the start. The application turns the
    # search on when its window is complete.
    gc.disable()
    load_core()
    from lightlane_gui.app import run_app

    return run_app(arguments)


def load_core() -> None:
    """Load what computes before Qt is loaded, which reads the source of each module that comes after it."""
    from lightlane import LiveScenario  # noqa: F401
    from lightlane.toolkit import lay_out_map  # noqa: F401
