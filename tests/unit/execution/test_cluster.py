"""A cluster gives the files that this process alone gives, also when workers die."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fake_plan import FakePlan

from lightlane.errors import Cancelled, ModelError, ParameterError
from lightlane.execution import connect_cluster, execute
from lightlane.execution.cluster import describe_environment, evaluate_chunk
from lightlane.kernels import Task
from lightlane.results.folder import open_results
from lightlane.results.parquet import encode_tables
from lightlane.results.records import Table

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
PLAN = FakePlan(10, pause_s=0.05)


@dataclass(frozen=True)
class Refusing(FakePlan):
    """Its chunk number 3 has no answer."""

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        if chunk == self.chunks[3]:
            raise ModelError("no answer")
        return super().evaluate(chunk, task)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two workers with a process each, whose nannies start them again when they die."""
    with (
        # Else a local cluster forgets workers that did not come back in 15 s, also those that did.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as cluster,
        connect_cluster(cluster.scheduler_address) as client,
    ):
        yield client


def _read_tables(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("*/*")}


def _expected(plan: FakePlan) -> dict[str, bytes]:
    return {
        f"{name}/{chunk}.parquet": table.data
        for chunk in plan.chunks
        for name, table in encode_tables(plan.evaluate(chunk)).items()
    }


def _kill_a_worker(client: Any) -> None:
    # A nanny that lost its worker while it was starting it gives up.
    client.wait_for_workers(2, timeout=30)
    pids = client.run(os.getpid)
    os.kill(sorted(pids.values())[0], signal.SIGKILL)


def _check(folder: Path, plan: FakePlan) -> None:
    opened = open_results(folder)
    assert opened.manifest["complete"]
    assert [record.chunk for record in opened.chunks()] == list(plan.chunks)
    assert _read_tables(folder) == _expected(plan)


def test_a_worker_that_is_killed(client: Any, tmp_path: Path) -> None:
    killed: list[int] = []

    def tell(done: int, total: int, left_s: float | None) -> None:
        if done >= 3 and not killed:
            killed.append(done)
            _kill_a_worker(client)

    execute(PLAN, tmp_path / "run", client=client, on_progress=tell)
    assert killed
    _check(tmp_path / "run", PLAN)


def test_stopping_and_going_on_without_the_cluster(client: Any, tmp_path: Path) -> None:
    def tell(done: int, total: int, left_s: float | None) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="of 10 chunks are finished and kept"):
        execute(PLAN, tmp_path / "run", client=client, on_progress=tell)
    kept = len(open_results(tmp_path / "run").chunks())
    assert 4 <= kept < 10
    assert execute(replace(PLAN, pause_s=0.0), tmp_path / "run", resume=True).kept_count == kept
    _check(tmp_path / "run", PLAN)


def test_what_fails_on_a_worker_is_told(client: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no answer"):
        execute(Refusing(10), tmp_path / "run", client=client)
    assert PLAN.chunks[3] not in {record.chunk for record in open_results(tmp_path / "run").chunks()}


def test_a_worker_of_another_version_is_refused() -> None:
    here = describe_environment()
    assert evaluate_chunk(PLAN, PLAN.chunks[0], here) == encode_tables(PLAN.evaluate(PLAN.chunks[0]))
    with pytest.raises(ParameterError, match=rf"numpy {here['numpy']} in place of 1\.0"):
        evaluate_chunk(PLAN, PLAN.chunks[0], {**here, "numpy": "1.0"})


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("lightlane.execution.cluster._CONNECT_TIMEOUT_S", 0.3)
    with pytest.raises(ParameterError, match=r"cluster tcp://127\.0\.0\.1:9 cannot be reached"):
        connect_cluster("tcp://127.0.0.1:9")
    with pytest.raises(ParameterError, match=r"nowhere\.pem is not there"):
        connect_cluster("tls://127.0.0.1:9", tls_ca_file=tmp_path / "nowhere.pem")
    with pytest.raises(ParameterError, match="cannot be reached"):
        connect_cluster("carrier pigeon://home")


def test_a_client_that_failed_is_gone_before_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collected by the thread that the next one waits for, it would keep both waiting until that fails too."""
    monkeypatch.setattr("lightlane.execution.cluster._CONNECT_TIMEOUT_S", 0.3)
    made: list[weakref.ref[distributed.Client]] = []

    class Watched(distributed.Client):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            made.append(weakref.ref(self))
            super().__init__(*arguments, **options)

    monkeypatch.setattr(distributed, "Client", Watched)
    gc.disable()
    try:
        with pytest.raises(ParameterError, match="cannot be reached"):
            connect_cluster("tcp://127.0.0.1:9")
        assert [client() for client in made] == [None]
    finally:
        gc.enable()


@pytest.mark.slow
def test_ten_workers_that_are_killed(client: Any, tmp_path: Path) -> None:
    rng, plan = random.Random(4), FakePlan(100, pause_s=0.1)
    instants = sorted(rng.sample(range(95), 10))

    def tell(done: int, total: int, left_s: float | None) -> None:
        if instants and done >= instants[0]:
            del instants[0]
            time.sleep(rng.uniform(0.0, 0.1))
            _kill_a_worker(client)

    execute(plan, tmp_path / "run", client=client, on_progress=tell)
    assert not instants
    _check(tmp_path / "run", plan)


@dataclass(frozen=True)
class Deadly(FakePlan):
    """Its chunk number 2 ends whatever evaluates it."""

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        if chunk == self.chunks[2]:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().evaluate(chunk, task)


@pytest.mark.slow
def test_a_chunk_that_kills_its_workers(client: Any, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"baseline-p0002.*memory"):
        execute(Deadly(6), tmp_path / "run", client=client)
    kept = len(open_results(tmp_path / "run").chunks())
    assert execute(FakePlan(6), tmp_path / "run", resume=True).kept_count == kept < 6
    _check(tmp_path / "run", FakePlan(6))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl")
def test_a_cluster_behind_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    files = {f"tls_{side}_{kind}": str(path) for side in ("scheduler", "worker", "client")
             for kind, path in (("key", key), ("cert", certificate))}  # fmt: skip
    security = distributed.Security(tls_ca_file=str(certificate), require_encryption=True, **files)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50, security=security
    ) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        with pytest.raises(ParameterError, match="cannot be reached"):
            connect_cluster(address)
        with connect_cluster(address, tls_ca_file=certificate, tls_cert=certificate, tls_key=key) as client:
            execute(PLAN, tmp_path / "run", client=client)
    _check(tmp_path / "run", PLAN)


@pytest.mark.slow
def test_a_scheduler_that_is_killed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Scheduler and worker as people start them; without the scheduler the run ends with a message."""
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    file = tmp_path / "scheduler.json"
    commands = (
        ["scheduler", "--scheduler-file", str(file), "--port", "0", "--dashboard-address", ":0"],
        ["worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--death-timeout", "30"],
    )
    processes = [subprocess.Popen([*dask, *command], env=environment, cwd=tmp_path, **quiet) for command in commands]  # type: ignore[call-overload]
    try:
        while not file.exists():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]

        def tell(done: int, total: int, left_s: float | None) -> None:
            if done >= 3:
                processes[0].kill()

        with connect_cluster(address) as client, pytest.raises(ParameterError, match=r"cluster.*--resume"):
            execute(PLAN, tmp_path / "run", client=client, on_progress=tell)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [record for record in caplog.records if record.name == "distributed.client"] == []
    assert execute(PLAN, tmp_path / "run", resume=True).kept_count >= 3
    _check(tmp_path / "run", PLAN)
