"""The flags that send the work of a command to a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.errors import ParameterError

if TYPE_CHECKING:
    import distributed

_FILE = click.Path(path_type=Path)
_FLAGS = (
    click.option("--cluster", metavar="ADDRESS", help="Scheduler of a Dask cluster, such as tcp://10.0.0.1:8786."),
    click.option("--tls-ca-file", type=_FILE, metavar="FILE", help="PEM file that the cluster's certificates rest on."),
    click.option("--tls-cert", type=_FILE, metavar="FILE", help="PEM file of this side's certificate."),
    click.option("--tls-key", type=_FILE, metavar="FILE", help="PEM file of its key."),
)


def cluster_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags to a command."""
    for flag in reversed(_FLAGS):
        command = flag(command)
    return command


@contextmanager
def open_cluster(settings: dict[str, Any]) -> Iterator[distributed.Client | None]:
    """Take the flags out of a command's settings and connect; None without ``--cluster``.

    Raises
    ------
    ParameterError
        If nobody answers, or TLS files are given without a cluster.
    """
    address = settings.pop("cluster")
    files = {name: settings.pop(name) for name in ("tls_ca_file", "tls_cert", "tls_key")}
    if address is None:
        given = [name for name, path in files.items() if path is not None]
        if given:
            raise ParameterError(f"--{given[0].replace('_', '-')} is for --cluster, which is missing")
        yield None
        return
    from lightlane.execution import connect_cluster

    with connect_cluster(address, **files) as client:
        yield client
