"""Writing a file so that a reader finds the old content or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from lightlane.errors import ParameterError

PART_SUFFIX = ".part"
"""Ends the name of a file that is being written; one that stays was left by a writer that died."""


def write_atomically(path: Path | str, content: str | bytes) -> None:
    """Write ``content`` to ``path`` through a temporary file in the same folder.

    Text is written as UTF-8 with its own newlines. A symbolic link is followed; an existing file keeps its mode.

    Raises
    ------
    ParameterError
        If ``path`` is a folder or cannot be written; the file is then as it was before.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise ParameterError(f"cannot write {path}: it is a folder; give the name of a file")
    try:
        replace_file(target, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise ParameterError(f"cannot write {path}: {error.strerror or error}") from error


def replace_file(target: Path, data: bytes) -> None:
    """Write ``data`` to ``target`` through a temporary file beside it, and force both file and name to the disk.

    Raises
    ------
    OSError
        If that fails; the file is then as it was before.
    """
    temporary = target.with_name(f".{secrets.token_hex(6)}{PART_SUFFIX}")
    try:
        _write_new(temporary, data)
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def _write_new(path: Path, data: bytes) -> None:
    # 0o666 lets the umask decide, as for any file that a program creates; the tempfile module would force 0o600.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can open a folder."""
    # A rename survives a power cut only once the folder is on disk.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
