"""`RunWatch` and the registry: one poll stream a run, whatever asks for it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

import puffle_jupyter
from puffle_jupyter import (
    InvalidRunId,
    InvalidSetting,
    MissingApiKey,
    PuffleClient,
    Run,
    RunCancelled,
    RunFailed,
    RunStatus,
    RunWatch,
    Unauthorized,
    WaitTimeout,
    WatchStopped,
)
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.display.snapshot import badge_line
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.polling import PollingSource
from puffle_jupyter.watching.registry import registry
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.scripted import KEY, ScriptedClock, ScriptedPuffle, settled, told

pytestmark = pytest.mark.usefixtures("background")


def watched(puffle: ScriptedPuffle, **options: Any) -> RunWatch:
    clock = ScriptedClock()
    return watch_by_polling("run_a", puffle.client(), interval=1.5, clock=clock, sleep=clock.sleep, **options)


def endless() -> RunWatch:
    """A watch of a run that never ends, on the real clock: its next poll is minutes away."""
    return watch_by_polling("run_a", ScriptedPuffle(told("running")).client(), interval=600)


def test_wait_returns_the_run_whatever_its_end() -> None:
    """completed, failed and cancelled are all answers."""
    for status in ("completed", "failed", "cancelled"):
        run = watched(ScriptedPuffle(told("queued"), told("running"), told(status))).wait()
        assert isinstance(run, Run)
        assert run.status == status


def test_result_is_the_text_or_the_reason() -> None:
    """`result` is for those who want the text and nothing else."""
    assert watched(ScriptedPuffle(told("completed", text="Hi"))).result() == "Hi"
    with pytest.raises(RunFailed, match="run_a failed: no budget"):
        watched(ScriptedPuffle(told("failed", error="no budget"))).result()
    with pytest.raises(RunCancelled):
        watched(ScriptedPuffle(told("cancelled"))).result()


def test_a_refusal_ends_the_watch_with_its_error() -> None:
    """`wait` raises what the poll met; the snapshot keeps its words."""
    watch = watched(ScriptedPuffle((401, b"")))
    with pytest.raises(Unauthorized):
        watch.wait()
    assert watch.snapshot.phase is WatchPhase.REFUSED
    assert "%puffle_login" in (watch.snapshot.error or "")


def test_a_wait_that_times_out_leaves_the_watch_alone() -> None:
    """The watch goes on; the error is a TimeoutError too."""
    watch = endless()
    with pytest.raises(TimeoutError) as caught:
        watch.wait(timeout=0)
    assert isinstance(caught.value, WaitTimeout)
    assert not watch.done
    watch.stop()


def test_a_stopped_watch_says_that_the_run_goes_on() -> None:
    """Puffle cannot cancel a run, and we never claim to have."""
    watch = endless()
    watch.stop()
    watch.stop()
    with pytest.raises(WatchStopped, match="the run continues"):
        watch.wait()
    assert watch.snapshot.phase is WatchPhase.STOPPED


def test_the_timeout_of_a_watch_stops_it() -> None:
    """It ends as WaitTimeout, and its phase is stopped, not failed."""
    watch = watched(ScriptedPuffle(told("running")), timeout=3)
    with pytest.raises(WaitTimeout):
        watch.wait()
    assert watch.snapshot.phase is WatchPhase.STOPPED


def test_a_timeout_without_an_answer_says_what_was_in_the_way() -> None:
    """That Puffle could not be reached is not lost, and that the run continues is said once."""
    watch = watched(ScriptedPuffle(httpx.ConnectError("refused")), timeout=3)
    with pytest.raises(WaitTimeout, match=r"did not end within 3 s; unreachable: .*The run continues"):
        watch.wait()
    line = badge_line(watch.snapshot, watch.clock())
    assert "did not end within 3 s; unreachable: " in line
    assert line.lower().count("the run continues") == 1


def test_await_gives_the_run() -> None:
    """`await watch` works in a notebook's own event loop."""

    async def cell() -> Run:
        return await watched(ScriptedPuffle(told("running"), told("completed")))

    assert asyncio.run(cell()).status is RunStatus.COMPLETED


def test_nested_waiting_keeps_the_callers_loop_turning() -> None:
    """The user's own tasks go on during a blocking wait."""
    watch = watched(ScriptedPuffle(*[told("running")] * 50, told("completed")))
    ticks = 0

    async def cell() -> Run:
        async def work() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(work())
        try:
            return watch.wait(nested=True)
        finally:
            task.cancel()

    assert _in_a_thread(cell).status is RunStatus.COMPLETED
    assert ticks > 0


def _in_a_thread(cell: Callable[[], Coroutine[Any, Any, Run]]) -> Run:
    """nest_asyncio patches the loop it is given: a loop of a thread's own keeps that out of other tests."""
    results: list[Run] = []

    def run() -> None:
        loop = asyncio.new_event_loop()
        results.append(loop.run_until_complete(cell()))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


def test_observers_see_every_snapshot_and_the_end_before_waiters() -> None:
    """Whoever waits finds the view already showing the end."""
    watch = endless()
    seen: list[WatchSnapshot] = []
    watch.observe(seen.append)
    watch.stop()
    with pytest.raises(WatchStopped):
        watch.wait()
    assert seen[-1].phase is WatchPhase.STOPPED


def test_a_failing_observer_or_callback_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody's bug is logged and the watch goes on."""
    called = threading.Event()
    watch = endless()
    watch.observe(lambda snapshot: 1 / 0)  # type: ignore[arg-type, return-value]
    watch.add_done_callback(lambda _: 1 / 0)
    watch.add_done_callback(lambda _: called.set())
    watch.stop()
    assert called.wait(5)
    assert "ZeroDivisionError" in caplog.text


def test_a_callback_on_a_finished_watch_is_called_at_once() -> None:
    """No callback is lost."""
    watch = watched(ScriptedPuffle(told("completed")))
    watch.wait()
    called: list[RunWatch] = []
    watch.add_done_callback(called.append)
    assert called == [watch]


def test_watching_one_run_twice_costs_one_poll_stream() -> None:
    """The second call gets the first one's watch."""
    puffle = ScriptedPuffle(told("running"))
    client = puffle.client()
    first = puffle_jupyter.watch("run_a", client=client, interval=600)
    assert puffle_jupyter.watch("run_a", client=client) is first
    assert registry.live() == [first]


def test_a_terminal_run_asked_for_again_costs_no_request() -> None:
    """What ended stays ended."""
    puffle = ScriptedPuffle(told("completed"))
    client = puffle.client()
    puffle_jupyter.watch("run_a", client=client).wait()
    assert puffle_jupyter.watch("run_a", client=client).wait().status is RunStatus.COMPLETED
    assert len(puffle.requests) == 1


def test_a_stopped_run_can_be_watched_again() -> None:
    """Stopping forgets nothing and forbids nothing."""
    puffle = ScriptedPuffle(told("running"), told("completed"))
    client = puffle.client()
    first = puffle_jupyter.watch("run_a", client=client, interval=600)
    while not puffle.requests:
        pass
    first.stop()
    with pytest.raises(WatchStopped):
        first.wait()
    assert puffle_jupyter.watch("run_a", client=client).wait().status is RunStatus.COMPLETED


@pytest.mark.parametrize("interval", [0, -1, float("nan"), float("inf"), "x", None.__class__, True, [1]])
def test_an_impossible_interval_is_refused(interval: object) -> None:
    """The message names the value."""
    with pytest.raises(InvalidSetting, match="interval must be seconds"):
        puffle_jupyter.watch("run_a", client=ScriptedPuffle().client(), interval=interval)  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "x"])
def test_an_impossible_timeout_is_refused(timeout: object) -> None:
    """The message names the value."""
    with pytest.raises(InvalidSetting, match="timeout must be seconds"):
        puffle_jupyter.watch("run_a", client=ScriptedPuffle().client(), timeout=timeout)  # type: ignore[arg-type]


def test_nothing_is_started_for_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong id or an absent key raise in the caller, and no thread starts."""
    monkeypatch.delenv("PUFFLE_API_KEY", raising=False)
    before = threading.active_count()
    with pytest.raises(InvalidRunId):
        puffle_jupyter.watch("abc")
    with pytest.raises(MissingApiKey):
        puffle_jupyter.watch("run_abc")
    assert threading.active_count() == before


def test_stopping_the_registry_stops_every_watch() -> None:
    """What %unload_ext calls leaves nothing behind."""
    client = ScriptedPuffle(told("running")).client()
    watches = [puffle_jupyter.watch(f"run_{n}", client=client, interval=600) for n in range(3)]
    registry.stop()
    for watch in watches:
        with pytest.raises(WatchStopped):
            watch.wait()
    assert registry.live() == []


def test_a_callback_may_ask_puffle_and_wait() -> None:
    """Callbacks run on a thread of their own: what they wait for still goes on."""
    told_of: list[RunStatus] = []
    puffle = ScriptedPuffle(told("completed"), told("completed", "run_b"))
    client = PuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(puffle))
    done = threading.Event()

    def callback(watch: RunWatch) -> None:
        told_of.append(watch.wait().status)
        told_of.append(client.get_run("run_b").status)
        done.set()

    puffle_jupyter.watch("run_a", client=client).add_done_callback(callback)
    assert done.wait(10)
    assert told_of == [RunStatus.COMPLETED, RunStatus.COMPLETED]


def test_waiting_on_the_poll_thread_is_refused() -> None:
    """What would never end says so instead."""
    client = PuffleClient(KEY, "https://puffle.example")

    async def on_poll_thread() -> None:
        client.get_run("run_a")

    with pytest.raises(RuntimeError, match="thread that sends its requests"):
        result_of(poll_loop.submit(on_poll_thread()))


def test_a_watch_told_to_stop_is_not_handed_out_again() -> None:
    """Stop and watch again, at once: the new watch lives."""
    client = ScriptedPuffle(told("running")).client()
    first = puffle_jupyter.watch("run_a", client=client, interval=600)
    first.stop()
    second = puffle_jupyter.watch("run_a", client=client, interval=600)
    assert second is not first
    assert not second.is_ending


def test_the_more_patient_of_two_requests_decides() -> None:
    """A second request neither shortens the first one's time nor inherits its end."""
    client = ScriptedPuffle(told("running")).client()
    watch = puffle_jupyter.watch("run_a", client=client, interval=600, timeout=100)
    source = watch._source
    assert isinstance(source, PollingSource)
    assert puffle_jupyter.watch("run_a", client=client, timeout=0.1) is watch
    poll_loop.run(settled())
    assert source.timeout == 100
    puffle_jupyter.watch("run_a", client=client)
    poll_loop.run(settled())
    assert source.timeout is None


def test_name_lookups_do_not_hold_up_the_end_of_the_process() -> None:
    """They run on daemon threads, not in the executor that is joined at exit."""

    async def look_up() -> tuple[object, str]:
        found = await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
        with pytest.raises(OSError):
            await asyncio.get_running_loop().getaddrinfo("127.0.0.1", "no such service")
        return found[0][4], str(asyncio.get_running_loop()._default_executor)  # type: ignore[attr-defined]

    assert result_of(poll_loop.submit(look_up())) == (("127.0.0.1", 80), "None")
