"""The process that a job runs in, so that the window stays quick: a run takes the interpreter for a third of a second.

It reads a :class:`RunRequest` from its input, writes a line of JSON for each step of its progress, and stops when it
reads anything more or its input ends, which it does when the window is gone.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from lightlane import Cancelled, Catalog, Fabric, LightlaneError, Scenario, Task


@dataclass(frozen=True)
class RunRequest:
    """A headless run.

    Attributes
    ----------
    name
        What people call it.
    folder
        Where the results go.
    resume
        Go on with what is in the folder.
    """

    name: str
    scenario: Scenario
    fabric: Fabric
    catalog: Catalog
    folder: Path
    resume: bool = False


def work(source: BinaryIO, sink: TextIO) -> None:
    """Do the run that ``source`` holds, and tell ``sink`` of it."""

    def tell(**words: Any) -> None:
        sink.write(json.dumps(words) + "\n")
        sink.flush()

    request: RunRequest = pickle.load(source)  # noqa: S301 - from the window that started this process
    task, is_cancelled = Task(), threading.Event()

    def listen() -> None:
        source.read(1)
        is_cancelled.set()
        task.cancel()

    threading.Thread(target=listen, name="listen", daemon=True).start()

    def on_progress(done: int, total: int, left_s: float | None) -> None:
        tell(done=done, total=total, left_s=left_s)
        if is_cancelled.is_set():
            raise Cancelled("cancelled")

    # Here, since the window imports this module for the request alone.
    from lightlane import run

    try:
        run(
            request.scenario, request.folder, fabric=request.fabric, catalog=request.catalog, resume=request.resume,
            on_progress=on_progress, task=task,
        )  # fmt: skip
    except Cancelled as error:
        tell(ended="cancelled", text=str(error))
    except LightlaneError as error:
        tell(ended="failed", text=str(error))
    except Exception:  # noqa: BLE001 - the window says what happened
        tell(ended="failed", text="This should not happen; please report it.\n" + traceback.format_exc())
    else:
        tell(ended="done", text="")


if __name__ == "__main__":
    # Whatever else is printed must not be taken for progress.
    out, sys.stdout = sys.stdout, sys.stderr
    work(sys.stdin.buffer, out)
    sys.stderr.flush()
    # All is written; to take the interpreter and its libraries apart takes a tenth of a second that somebody waits for.
    os._exit(0)
