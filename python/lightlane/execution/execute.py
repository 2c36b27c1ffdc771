"""Executing a plan into a results folder, from its beginning or from where it was stopped."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.errors import Cancelled, ParameterError
from lightlane.execution.cluster import evaluate_on_cluster
from lightlane.execution.local import evaluate_locally
from lightlane.execution.plan import Plan
from lightlane.execution.sink import ChunkSink, Encode
from lightlane.kernels import Task
from lightlane.results.lock import lock_folder
from lightlane.results.manifest import MANIFEST_NAME, STORE_KEYS, read_folder_state, read_manifest
from lightlane.results.store import check_target, explain_refusal, move_aside
from lightlane.results.writer import FolderWriter, create_folder

if TYPE_CHECKING:
    import distributed

OnProgress = Callable[[int, int, float | None], None]
"""Called with the chunks that are finished, all chunks, and the seconds that the rest may take, if there is a guess."""
_VOLATILE_KEYS = frozenset({"created_utc", *STORE_KEYS})
"""What is not the same in two headers of one run."""


@dataclass(frozen=True, slots=True)
class Execution:
    """What came of an execution.

    Attributes
    ----------
    folder
        Where the results are.
    chunks_count
        Chunks of the plan, all of which are finished.
    kept_count
        Those that were finished before: all of them if the run was complete.
    """

    folder: Path
    chunks_count: int
    kept_count: int


def execute(
    plan: Plan,
    folder: str | os.PathLike[str],
    *,
    resume: bool = False,
    overwrite: bool = False,
    client: distributed.Client | None = None,
    on_progress: OnProgress | None = None,
    task: Task | None = None,
) -> Execution:
    """Evaluate the chunks of a plan and write each to a results folder as soon as it is finished.

    Whatever ends this process, finished chunks stay and ``resume`` does the others: the files are then the same bytes
    as those of a run that nothing has disturbed.

    Parameters
    ----------
    plan
        The work.
    folder
        Where to; no other process may be writing it.
    resume
        Do what is missing in the folder, everything if there is none; nothing if the run is complete.
    overwrite
        Replace an older results folder.
    client
        Of a Dask cluster, whose workers evaluate the chunks.
    on_progress
        Called from this thread after each chunk, on a cluster also while it waits for one; it may raise
        :class:`Cancelled` to stop the run.
    task
        Handle by which another thread cancels the chunk in work, unless a cluster does it.

    Raises
    ------
    ParameterError
        If the folder is of another run (with the fields that differ), is being written, or cannot be written.
    FormatError
        If the folder's manifest or journal was changed.
    Cancelled
        If it was interrupted or cancelled; the message says how many chunks are kept.
    """
    target = Path(folder)
    with ExitStack() as stack:
        with _explaining(target):
            target = _prepare(plan, target.resolve(), resume=resume, overwrite=overwrite)
            stack.enter_context(lock_folder(target))
            # Another process may have had the folder between its making and the lock.
            _refuse_other_run(plan, target)
            writer = stack.enter_context(FolderWriter(target))
        kept_count = writer.recorded_count
        if not writer.complete:
            try:
                _evaluate(plan, writer, client, on_progress, task or Task())
            except (KeyboardInterrupt, Cancelled) as error:
                raise Cancelled(f"stopped; {writer.describe()}") from error
            with _explaining(target):
                writer.finish()
    return Execution(target, len(plan.chunks), kept_count)


def _evaluate(
    plan: Plan, writer: FolderWriter, client: distributed.Client | None, on_progress: OnProgress | None, task: Task
) -> None:
    """Evaluate and write the chunks that are missing; those that are finished when something stops it are written."""
    recorded, planned = writer.recorded, plan.chunks
    chunks, total_count = [chunk for chunk in planned if chunk not in recorded], len(planned)
    with ChunkSink(writer) as sink:
        started_s, before_count = time.monotonic(), sink.written_count

        def tell() -> None:
            done_count = sink.written_count
            new_count, elapsed_s = done_count - before_count, time.monotonic() - started_s
            left_count = total_count - done_count
            if on_progress is not None:
                on_progress(done_count, total_count, elapsed_s / new_count * left_count if new_count else None)

        tell()
        source: Generator[tuple[str, Encode] | None]
        source = evaluate_locally(plan, chunks, task) if client is None else evaluate_on_cluster(plan, chunks, client)
        with closing(source):
            for found in source:
                if found is not None:
                    sink.put(*found)
                del found  # the chunk's memory is the writer's from here on
                tell()
    if on_progress is not None:
        on_progress(total_count, total_count, 0.0)


def _prepare(plan: Plan, target: Path, *, resume: bool, overwrite: bool) -> Path:
    """Make the folder unless it is there to be resumed."""
    if resume and overwrite:
        raise ParameterError("resume continues a results folder and overwrite replaces it; allowed: one of them")
    is_new = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if resume and not is_new:
        if not (target / MANIFEST_NAME).is_file():
            raise ParameterError(f"{str(target)!r} is no results folder: it has no {MANIFEST_NAME}")
        return target
    if not overwrite and (target / MANIFEST_NAME).is_file() and read_manifest(target).get("complete") is False:
        raise ParameterError(
            f"results folder {str(target)!r} holds a run that is not complete; --resume (resume=True) continues it and "
            "--overwrite (overwrite=True) replaces it"
        )
    if not (is_new and resume):
        check_target(target, overwrite=overwrite)
    header, chunks, fingerprint = plan.header, plan.chunks, plan.fingerprint
    old = move_aside(target) if target.exists() and not is_new else None
    create_folder(target, header, chunks, fingerprint)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
    return target


def _refuse_other_run(plan: Plan, target: Path) -> None:
    """Refuse to continue a folder of another plan, with what differs."""
    state = read_folder_state(target)
    if state.fingerprint == plan.fingerprint and state.planned == plan.chunks:
        return
    if not state.fingerprint:
        raise ParameterError(f"results folder {str(target)!r} was written as a whole: there is no run to continue")
    header = json.loads(json.dumps(plan.header))  # lists for tuples, as in the manifest
    names = sorted((header.keys() | state.manifest.keys()) - _VOLATILE_KEYS)
    missing = object()
    different = [name for name in names if header.get(name, missing) != state.manifest.get(name, missing)]
    if state.planned != plan.chunks:
        different.append("chunks")
    raise ParameterError(
        f"results folder {str(target)!r} is of another run, which differs in {', '.join(different) or 'fingerprint'}; "
        "give another name or replace it with --overwrite (overwrite=True)"
    )


@contextmanager
def _explaining(target: Path) -> Iterator[None]:
    """Turn what the system says of the folder into one message."""
    try:
        yield
    except OSError as error:
        raise ParameterError(explain_refusal(target, error)) from error
