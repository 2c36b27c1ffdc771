"""The lock of a results folder: one process writes it, and the lock ends with its process, however that ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightlane.errors import ParameterError

LOCK_NAME = ".lock"


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that exists; the file stays, as removing it would let two hold locks of one name.

    Raises
    ------
    ParameterError
        If another process holds it, or the file system has no locks.
    OSError
        If the file of the lock cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_NAME, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise ParameterError(
            f"results folder {str(folder)!r} is being written by another process; wait for it or give another name"
        ) from error
    except NotImplementedError as error:
        raise ParameterError(f"results folder {str(folder)!r} is on a file system without locks: {error}") from error
    try:
        yield
    finally:
        lock.release()
