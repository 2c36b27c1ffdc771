"""Evaluating chunks on a Dask cluster: workers send back the bytes of the files, which one process writes."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import platform
import secrets
import time
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from lightlane.errors import ParameterError
from lightlane.execution.plan import Plan
from lightlane.execution.sink import Encode
from lightlane.kernels import build_info
from lightlane.results.parquet import EncodedTable, encode_tables

if TYPE_CHECKING:
    import distributed

_IN_FLIGHT_PER_THREAD_COUNT = 2
"""Chunks that are given out for each thread of the workers: one in work, one that waits for it."""
_CONNECT_TIMEOUT_S = 30.0
_GONE = "the scheduler of the cluster is gone or was restarted; finished chunks are kept, --resume goes on"
_LOOK_S = 1.0
"""How often the cluster is looked at while no chunk is finished."""
_ALONE_S = 600.0
"""How long a cluster that had workers may be without any; the first ones may take as long as their queue is."""


def connect_cluster(
    address: str,
    *,
    tls_ca_file: str | os.PathLike[str] | None = None,
    tls_cert: str | os.PathLike[str] | None = None,
    tls_key: str | os.PathLike[str] | None = None,
) -> distributed.Client:
    """Connect to the scheduler of a Dask cluster, such as ``tcp://10.0.0.1:8786``.

    Parameters
    ----------
    address
        Of the scheduler; with ``tls://`` the files are needed.
    tls_ca_file, tls_cert, tls_key
        PEM files: the authority that signed the scheduler's certificate, and certificate and key of this client.

    Raises
    ------
    ParameterError
        If ``distributed`` is not installed or nobody answers.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ParameterError(
            "a cluster needs the package distributed: install Lightlane with the extra `cluster`"
        ) from error
    files = {"tls_ca_file": tls_ca_file, "tls_client_cert": tls_cert, "tls_client_key": tls_key}
    given = {name: os.fspath(path) for name, path in files.items() if path is not None}
    for path in given.values():
        if not os.access(path, os.R_OK):
            raise ParameterError(f"the TLS file {path} is not there or cannot be read")
    # What it has to say of a lost connection comes as an error with one message, and not as a traceback beside it.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    client = _try_client(address, given)
    if isinstance(client, str):
        # A client that failed is closed when it is collected, under a lock that the next one holds while it waits for
        # its thread: were it that thread that collects, both would wait until the next one failed too.
        gc.collect()
        raise ParameterError(f"the cluster {address} cannot be reached: {client}")
    return client


def _try_client(address: str, tls_files: dict[str, str]) -> distributed.Client | str:
    """Return a client, or why there is none."""
    from distributed import Client, Security

    try:
        security = Security(**tls_files, require_encryption=True) if tls_files else None
        return Client(address, security=security, timeout=_CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        return str(error).splitlines()[0] if str(error) else type(error).__name__


def evaluate_on_cluster(
    plan: Plan, chunks: Iterable[str], client: distributed.Client
) -> Generator[tuple[str, Encode] | None]:
    """Evaluate chunks on workers, and yield each as it is finished with what gives its bytes; now and then nothing.

    A chunk of a worker that is lost is done by another one. No more chunks are given out than two for each thread of
    the workers, so that the answers that wait need little memory. Whoever stops takes back what is given out.

    Raises
    ------
    ParameterError
        If workers have another version or instruction set, whose results would not be the same bits, die again and
        again, or the cluster is gone.
    """
    run = secrets.token_hex(4)
    # The scheduler keeps the pickled plan and gives it to workers that come later.
    shared = client.submit(pickle.loads, pickle.dumps(plan), key=f"lightlane-plan-{run}")
    environment, watch = describe_environment(), _WorkerWatch(client)
    waiting = deque(chunks)
    running: dict[Any, str] = {}
    try:
        while waiting or running:
            room = max(1, _IN_FLIGHT_PER_THREAD_COUNT * watch.threads_count()) - len(running)
            for _ in range(min(room, len(waiting))):
                chunk = waiting.popleft()
                key = f"lightlane-chunk-{run}-{chunk}"
                running[client.submit(evaluate_chunk, shared, chunk, environment, key=key)] = chunk
            ended = _wait_for_some(client, list(running))
            if not ended:
                yield None
            for future in ended:
                if not future.done():
                    continue  # its worker has died since with the answer, which another one makes again
                chunk = running.pop(future)
                yield chunk, partial(_identity, _take(future, chunk))
            ended, future = [], None  # the workers may forget them
    finally:
        if running and client.status == "running":
            client.cancel(list(running))


def _wait_for_some(client: distributed.Client, futures: list[Any]) -> list[Any]:
    """Return those that have come to an end; none after a while, to look at the cluster."""
    import distributed

    with client.as_current(), suppress(TimeoutError, CancelledError):
        distributed.wait(futures, timeout=_LOOK_S, return_when="FIRST_COMPLETED")
    return [future for future in futures if future.done()]


class _WorkerWatch:
    """Knows the workers of a cluster, and how long there have been none."""

    def __init__(self, client: distributed.Client) -> None:
        self._client = client
        self._seen_s: float | None = None

    def threads_count(self) -> int:
        """Return the number of threads of all workers.

        Raises
        ------
        ParameterError
            If the scheduler is gone, or workers were there and none has come back.
        """
        try:
            count = int(sum(self._client.ncores().values()))
        except (OSError, CancelledError, RuntimeError) as error:  # dask's errors of connections among them
            raise ParameterError(_GONE) from error
        now_s = time.monotonic()
        if count:
            self._seen_s = now_s
        elif self._seen_s is not None and now_s - self._seen_s > _ALONE_S:
            raise ParameterError(
                f"the cluster has lost all workers and got none for {_ALONE_S / 60:.0f} min; finished chunks are kept, "
                "--resume goes on"
            )
        return count


def evaluate_chunk(plan: Plan, chunk: str, expected: dict[str, str]) -> dict[str, EncodedTable]:
    """Evaluate one chunk on a worker and return the bytes of its files with their checksums.

    Raises
    ------
    ParameterError
        If the worker is not what the process that writes is.
    """
    found = describe_environment()
    if found != expected:
        different = ", ".join(
            f"{name} {found[name]} in place of {expected[name]}" for name in found if found[name] != expected[name]
        )
        raise ParameterError(f"the worker on {platform.node()} would give other bits: {different}")
    return encode_tables(plan.evaluate(chunk))


def describe_environment() -> dict[str, str]:
    """Return what the bits of results and files depend on besides the plan."""
    import numpy as np
    import pyarrow as pa

    build = build_info()
    return {
        "lightlane": str(build["version"]),
        "build": str(build["target"]),
        "instruction set": str(build["instruction_set"]),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
    }


def _take(future: distributed.Future, chunk: str) -> dict[str, EncodedTable]:
    """Return what a future holds, or raise what went wrong in words for people."""
    from distributed import KilledWorker

    if future.status == "cancelled":
        raise ParameterError(_GONE)
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        raise ParameterError(
            f"the chunk {chunk!r} was on each worker that died, again and again; do workers have the memory?"
        ) from error
    if isinstance(error, ImportError | AttributeError):
        raise ParameterError(f"a worker cannot read the plan, is Lightlane installed there? {error}") from error
    if error is not None:
        raise error
    try:
        encoded: dict[str, EncodedTable] = future.result()
    except (OSError, CancelledError) as lost:
        raise ParameterError(_GONE) from lost
    return encoded


def _identity(encoded: dict[str, EncodedTable]) -> dict[str, EncodedTable]:
    return encoded
