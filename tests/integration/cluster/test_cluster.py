"""A cluster of processes against the embedded Puffle, in which workers are killed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import distributed
import distributed.comm.tcp
import distributed.comm.utils as utils
import psutil
import pytest

from puffle_jupyter import InvalidSetting, MissingApiKey, NotSent, RunStatus, Unauthorized
from puffle_jupyter.asking.starter import stop_starting
from puffle_jupyter.demo.runs import SCRIPTED_RUNS
from puffle_jupyter.demo.server import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.distributed import Part, each, fetch_runs
from puffle_jupyter.watching.registry import registry
from puffle_jupyter.watching.snapshot import WatchPhase

pytestmark = [pytest.mark.no_cover, pytest.mark.usefixtures("background", "state")]
WORKERS = 2
SHAPES = [run_id for run_id in SCRIPTED_RUNS if run_id.startswith("run_shape")]
IDS = [*SCRIPTED_RUNS, "run_nobody_knows"]
TEMPLATE = "Find the head of sales at {company}"
Sent = list[bytes]


@pytest.fixture(scope="module")
def puffle() -> Iterator[EmbeddedPuffle]:
    with EmbeddedPuffle(time_scale=500.0, latency=0.15) as puffle:
        yield puffle


@pytest.fixture(scope="module")
def sent() -> Iterator[Sent]:
    """Every byte that goes to the scheduler and from it, and to the client and from it: they are here."""
    frames: Sent = []
    write, read = utils.to_frames, utils.from_frames

    async def writing(*arguments: Any, **options: Any) -> Any:
        made = await write(*arguments, **options)
        frames.extend(bytes(frame) for frame in made)
        return made

    async def reading(received: Any, **options: Any) -> Any:
        frames.extend(bytes(frame) for frame in received)
        return await read(received, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distributed.comm.tcp, "to_frames", writing)
        patch.setattr(distributed.comm.tcp, "from_frames", reading)
        yield frames


@pytest.fixture(scope="module")
def client(puffle: EmbeddedPuffle, sent: Sent) -> Iterator[distributed.Client]:
    """A cluster whose workers have a key, which this process has not."""
    environment = {"PUFFLE_API_KEY": DEMO_KEY, "PUFFLE_BASE_URL": puffle.base_url}
    options: dict[str, Any] = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": ":0"}
    with (
        # A local cluster gives a worker up that is missing 15 s after it was killed, also when it was back.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"}),
        distributed.LocalCluster(**options, env=environment) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(autouse=True)
def starts_end(background: None) -> Iterator[None]:
    yield
    stop_starting("the test is over", 10)


def pid_of_a_worker(client: distributed.Client) -> int:
    client.wait_for_workers(WORKERS, timeout=30)
    return int(next(iter(client.run(os.getpid).values())))


def kill(pid: int) -> None:
    assert pid != os.getpid()
    psutil.Process(pid).kill()


def until(holds: Callable[[], bool]) -> None:
    waiting_for = threading.Event()
    for _ in range(4_000):
        if holds():
            return
        waiting_for.wait(0.005)
    raise AssertionError("it did not happen")


def test_the_same_call_goes_on_after_an_interruption(client: distributed.Client, tmp_path: Path) -> None:
    """At once, into the same folder, and into another one: no task of the first call is taken for its own."""

    def interrupt(part: Part) -> None:
        raise KeyboardInterrupt

    for folder in (tmp_path / "one", tmp_path / "other"):
        with pytest.raises(KeyboardInterrupt):
            fetch_runs(IDS, client, folder=folder, rows_per_file=3, on_part=interrupt)
        harvest = fetch_runs(IDS, client, folder=folder, rows_per_file=3)
        assert len(harvest) == len(IDS)
        assert all(path.exists() for path in harvest.paths)


def test_the_key_never_leaves_its_worker(client: distributed.Client, sent: Sent, tmp_path: Path) -> None:
    """Not in a task, an argument, a result, an error or a log; this process has none at all."""
    assert "PUFFLE_API_KEY" not in os.environ
    fetch_runs(["run_berlin", "run_nobody_knows"], client, folder=tmp_path)
    each([{"company": "Kontovogel"}], TEMPLATE, client=client, interval=0.2).wait(30)
    logs = f"{client.get_worker_logs()} {client.get_scheduler_logs()}"
    whole = b"".join(sent)
    assert b"run_berlin" in whole  # so that what is looked through is what is sent
    assert b"Kontovogel" in whole
    assert DEMO_KEY.encode() not in whole
    assert DEMO_KEY not in logs


def test_workers_that_cannot_take_part_are_named_before_anything_is_sent(
    client: distributed.Client, puffle: EmbeddedPuffle, tmp_path: Path
) -> None:
    """A worker without a key, one with another address, one whose key is refused."""

    def change(name: str, value: str) -> None:
        from puffle_jupyter.watching.registry import registry as there

        os.environ[name] = value
        there.stop()

    client.wait_for_workers(WORKERS, timeout=30)
    one = next(iter(client.run(os.getpid)))
    puffle.requests.clear()
    for name, value, expected in (
        ("PUFFLE_API_KEY", "", MissingApiKey),
        ("PUFFLE_BASE_URL", "http://127.0.0.1:9", InvalidSetting),
    ):
        before = {"PUFFLE_API_KEY": DEMO_KEY, "PUFFLE_BASE_URL": puffle.base_url}[name]
        client.run(change, name, value, workers=[one])
        with pytest.raises(expected):
            fetch_runs(IDS, client, folder=tmp_path)
        with pytest.raises(expected):
            each([{"company": "A"}], TEMPLATE, client=client)
        client.run(change, name, before, workers=[one])
    assert not puffle.requests
    client.run(change, "PUFFLE_API_KEY", "pk_live_refused")
    with pytest.raises(Unauthorized):
        fetch_runs(IDS, client, folder=tmp_path)
    client.run(change, "PUFFLE_API_KEY", DEMO_KEY)


def test_a_cluster_without_workers_is_said() -> None:
    """Nothing is sent, and nothing waits for a worker that may never come."""
    options: dict[str, Any] = {"n_workers": 0, "processes": False, "dashboard_address": ":0"}
    with (
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster) as client,
        pytest.raises(NotSent, match="no worker"),
    ):
        each([{"company": "A"}], TEMPLATE, client=client)


def test_one_budget_holds_for_all_workers(
    client: distributed.Client, puffle: EmbeddedPuffle, tmp_path: Path
) -> None:
    """However many workers fetch, together they send no more than is allowed."""
    ids = SHAPES[:16]
    began = time.monotonic()
    fetch_runs(ids, client, folder=tmp_path, rows_per_file=4, per_second=8)
    assert time.monotonic() - began >= (len(ids) - WORKERS - 1) / 8


def test_an_interrupt_begins_no_more_files(client: distributed.Client, tmp_path: Path) -> None:
    """What was fetched stays; the workers end the files they are at, and take no other."""

    def interrupt(part: Part) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_runs(SHAPES, client, folder=tmp_path, rows_per_file=1, on_part=interrupt)
    until(lambda: not any(client.call_stack().values()))
    assert 1 <= len(list(tmp_path.glob("*.parquet"))) <= 2 * WORKERS
    assert not list(tmp_path.glob("*.part"))


def test_a_worker_that_is_killed_loses_no_run(client: distributed.Client, tmp_path: Path) -> None:
    """Every run has its row, each file is whole, and nothing of the dead worker is left."""
    victim = [pid_of_a_worker(client)]

    def stop_it(part: Part) -> None:
        if victim:
            kill(victim.pop())

    harvest = fetch_runs(IDS, client, folder=tmp_path, rows_per_file=3, at_once=4, on_part=stop_it)
    assert not victim
    assert list(harvest.to_frame()["run_id"]) == IDS
    assert [run.run_id for run in harvest.runs()] == IDS[:-1]
    assert sorted(tmp_path.iterdir()) == sorted(harvest.paths)
    assert harvest.unfinished == sum(not run.status.is_terminal for run in harvest.runs())


def test_a_worker_that_is_killed_starts_nothing_twice(
    client: distributed.Client, puffle: EmbeddedPuffle, tmp_path: Path
) -> None:
    """Each message is sent once; what the dead worker was sending is named, and not sent again."""
    rows = [{"company": f"Company {number}"} for number in range(14)]
    options: dict[str, Any] = {"client": client, "at_once": 14, "per_minute": 1_500, "interval": 0.2}
    victim = pid_of_a_worker(client)
    puffle.started.clear()
    board = each(rows, TEMPLATE, **options)
    until(lambda: puffle.started.total() >= 4)
    kill(victim)
    board.wait(60)
    unconfirmed = [watch for watch in board if watch.snapshot.phase is WatchPhase.NOT_CONFIRMED]
    completed = [watch for watch in board if watch.status is RunStatus.COMPLETED]
    assert unconfirmed
    assert len(unconfirmed) + len(completed) == len(rows)
    assert "Not known whether a run was started" in board.to_text()
    assert set(puffle.started.values()) == {1}
    paid = puffle.started.total()
    assert len(completed) <= paid <= len(rows)

    registry.stop()  # as after a restart of the kernel
    again = each(rows, TEMPLATE, **options).wait(60)
    assert puffle.started.total() == paid
    assert [watch.snapshot.phase for watch in again] == [watch.snapshot.phase for watch in board]

    harvest = fetch_runs(again, client, folder=tmp_path)
    assert sorted(harvest.to_frame()["run_id"]) == sorted(watch.run_id for watch in completed)
