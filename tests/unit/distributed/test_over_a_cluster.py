"""`each` and `fetch_runs` over a cluster of threads; one of processes is in `tests/integration/cluster/`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest

from puffle_jupyter import ConnectionFailed, InvalidSetting, MissingApiKey, RunStatus, StartNotConfirmed
from puffle_jupyter.asking.starter import stop_starting
from puffle_jupyter.distributed import each, fetch_runs
from puffle_jupyter.distributed.budget import RequestLimits
from puffle_jupyter.distributed.cluster import Cluster, NoWorker, WorkerLost
from puffle_jupyter.distributed.cluster_budget import BudgetPlugin
from puffle_jupyter.distributed.cluster_client import ClusterClient, client_over
from puffle_jupyter.distributed.cluster_fetch import part_from_here
from puffle_jupyter.distributed.on_worker import run_from_here, start_from_here
from puffle_jupyter.distributed.partitions import partitions_of
from puffle_jupyter.run_data import check_run_id
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.support.counting_puffle import KEY, CountingPuffle

pytestmark = pytest.mark.usefixtures("starts_end", "background", "state")
ROWS = [{"company": f"Company {number}"} for number in range(12)]
TEMPLATE = "Find the head of sales at {company}"


@pytest.fixture(scope="module")
def client() -> Iterator[distributed.Client]:
    options: dict[str, Any] = {"processes": False, "n_workers": 2, "threads_per_worker": 1}
    with (
        distributed.LocalCluster(**options, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def starts_end(background: None) -> Iterator[None]:
    yield
    stop_starting("the test is over", 10)


@pytest.fixture
def puffle(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingPuffle]:
    with CountingPuffle() as puffle:
        monkeypatch.setenv("PUFFLE_API_KEY", KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", puffle.base_url)
        yield puffle


def test_each_has_workers_send_and_is_each_in_everything_else(
    client: distributed.Client, puffle: CountingPuffle, tmp_path: Path
) -> None:
    """With lost answers and 429 a row is paid once, and what is lost is named; the rest is fetched."""
    puffle.lost, puffle.limited = 0.2, 0.2
    board = each(ROWS, TEMPLATE, client=client, per_minute=60_000, interval=0.1).wait(30)
    assert puffle.refused > 0
    assert puffle.dropped > 0
    assert set(puffle.paid.values()) == {1}
    assert len(puffle.paid) == len(ROWS)
    unconfirmed = [watch for watch in board if watch.snapshot.phase is WatchPhase.NOT_CONFIRMED]
    assert len(unconfirmed) == puffle.dropped
    completed = {watch.run_id for watch in board if watch.status is RunStatus.COMPLETED}
    assert len(completed) + len(unconfirmed) == len(ROWS)
    harvest = fetch_runs(board, client, folder=tmp_path, rows_per_file=3)
    assert set(harvest.to_frame()["run_id"]) == completed
    assert harvest.unfinished == 0
    assert each(ROWS, TEMPLATE, client=client, dry_run=True) is None
    assert puffle.paid.total() == len(ROWS)


def test_all_that_is_asked_over_a_cluster_shares_one_client(
    client: distributed.Client, puffle: CountingPuffle
) -> None:
    """Two calls of `each` have one pace and one pause, as two cells have."""
    assert client_over(client) is client_over(client)


def test_a_worker_without_a_key_is_named(
    client: distributed.Client, puffle: CountingPuffle, tmp_path: Path
) -> None:
    """Before anything is sent, and also when this process has one elsewhere."""
    del os.environ["PUFFLE_API_KEY"]
    with pytest.raises(MissingApiKey, match="On worker"):
        fetch_runs(["run_a"], client, folder=tmp_path)
    os.environ["PUFFLE_API_KEY"] = KEY


def test_a_client_that_cannot_be_waited_for_is_refused(client: distributed.Client, tmp_path: Path) -> None:
    """Here, on the loop that would do the work, the call would never return."""
    address = client.scheduler_info()["address"]

    async def call() -> None:
        asynchronous: Any = await distributed.Client(address, asynchronous=True)
        try:
            fetch_runs(["run_a"], asynchronous, folder=tmp_path)
        finally:
            await asynchronous.close()

    with pytest.raises(InvalidSetting, match="asynchronous"):
        asyncio.run(call())


def test_a_worker_that_came_later_sends_nowhere_else(puffle: CountingPuffle, tmp_path: Path) -> None:
    """Its address is looked at again before it sends: what it asks elsewhere is of other runs."""
    elsewhere = "https://other.example"
    assert isinstance(asyncio.run(start_from_here("Who?", elsewhere)), InvalidSetting)
    assert isinstance(asyncio.run(run_from_here("run_a", elsewhere)), InvalidSetting)
    (partition,) = partitions_of([check_run_id("run_a")], tmp_path, elsewhere)
    assert isinstance(part_from_here(partition, elsewhere, RequestLimits()), InvalidSetting)
    assert not puffle.paid


class BrokenCluster(Cluster):
    """A cluster on which nothing arrives."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def on_a_worker(self, *_: Any, **__: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "of_start"),
    [
        (NoWorker(), ConnectionFailed),
        (WorkerLost(), StartNotConfirmed),
        (OSError("closed"), StartNotConfirmed),
        (TimeoutError(), StartNotConfirmed),
    ],
)
def test_what_is_not_certain_is_not_sent_again(error: Exception, of_start: type[Exception]) -> None:
    """Without a worker nothing was started; when one is lost, it may have been. A poll may be repeated."""
    over = ClusterClient(BrokenCluster(error), "https://puffle.example")
    with pytest.raises(of_start):
        asyncio.run(over.start_chat("Who?"))
    with pytest.raises(ConnectionFailed):
        asyncio.run(over.get_run("run_a"))


def test_workers_neither_stream_nor_go_on_with_a_conversation() -> None:
    """Said before anything is sent."""
    over = ClusterClient(BrokenCluster(NoWorker()), "https://puffle.example")
    with pytest.raises(InvalidSetting):
        asyncio.run(over.start_chat("Who?", history=[]))
    with pytest.raises(InvalidSetting):
        over.stream_chat("Who?")
    with pytest.raises(InvalidSetting):
        asyncio.run(over.open_answer([], message="Who?"))


def test_what_a_dead_worker_had_is_free_at_once() -> None:
    """The scheduler hears of its end, and gives its slots to the others."""
    plugin = BudgetPlugin()

    def slots(worker: str) -> float:
        facts: dict[str, Any] = {"account": "https://a.example", "limits": [4, None]}
        said: dict[str, Any] = {"answered": 0, "pause": None, "is_leaving": False}
        return plugin.renew(holder=[worker, "file"], **facts, **said)[0]

    assert [slots("tcp://a:1"), slots("tcp://a:12")] == [4, 0]
    plugin.remove_worker(None, "tcp://a:1")
    assert slots("tcp://a:12") == 4
