"""What a user's own function raises is logged, and ends nothing but that function."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading

import httpx
import pytest

from puffle_jupyter import PuffleError, RunStatus, RunWatch, RunWidget, WatchStopped
from puffle_jupyter.background.loop import BackgroundLoop, callback_loop, poll_loop
from puffle_jupyter.display.subscription import view_loop
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.scripted import ScriptedClock, ScriptedPuffle, client_for, told

pytestmark = pytest.mark.usefixtures("background")
LIMIT = 10.0
raised_by_a_user = pytest.mark.parametrize(
    "raised", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError]
)


def endless() -> RunWatch:
    """A watch of a run that never ends, on the real clock: its next poll is minutes away."""
    return watch_by_polling("run_a", ScriptedPuffle(told("running")).client(), interval=600)


def watch_still_works() -> bool:
    """Whether a run can be watched to its end."""
    clock = ScriptedClock()
    client = ScriptedPuffle(told("running", "run_b"), told("completed", "run_b")).client()
    watch = watch_by_polling("run_b", client, interval=1.5, clock=clock, sleep=clock.sleep)
    return watch.wait(LIMIT).status is RunStatus.COMPLETED


def end_by_stopping(watch: RunWatch) -> None:
    watch.stop()
    with pytest.raises(WatchStopped):
        watch.wait(LIMIT)


@raised_by_a_user
def test_an_observer_and_a_callback_that_raise(
    raised: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """Both threads live on, the other observers and the later callbacks are called."""
    seen: list[WatchSnapshot] = []
    called, called_late = threading.Event(), threading.Event()

    def fail(*_: object) -> None:
        raise raised("from a user's function")

    watch = endless()
    thread = poll_loop._thread
    watch.observe(fail)
    watch.observe(seen.append)
    watch.add_done_callback(fail)
    watch.add_done_callback(lambda _: called.set())
    end_by_stopping(watch)
    assert called.wait(LIMIT)
    assert seen[-1].phase is WatchPhase.STOPPED
    watch.add_done_callback(fail)
    watch.add_done_callback(lambda _: called_late.set())
    assert called_late.is_set()
    assert poll_loop._thread is thread
    assert watch_still_works()
    assert callback_loop.running
    assert caplog.text.count("from a user's function") >= 3


@pytest.mark.parametrize("raised", [ValueError, StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_future_of_an_observer_that_fails(
    raised: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """It is done at once: it holds up no end, and its exception is logged."""
    failed: concurrent.futures.Future[None] = concurrent.futures.Future()
    watch = endless()
    watch.observe(lambda snapshot: failed)
    threading.Timer(0.05, failed.set_exception, [raised("from a user's future")]).start()
    end_by_stopping(watch)
    assert "from a user's future" in caplog.text


@pytest.mark.parametrize("returned", [0, "shown", [], object()], ids=repr)
def test_an_observer_may_return_anything(returned: object) -> None:
    """Only a future is waited for; no other value holds up or ends a watch."""
    watch = endless()
    watch.observe(lambda snapshot: returned)  # type: ignore[arg-type, return-value]
    end_by_stopping(watch)
    assert watch_still_works()


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt])
def test_a_transport_of_the_users_own_that_raises(raised: type[BaseException]) -> None:
    """Its watch ends with an error; the poll thread and every other watch go on."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise raised("from a user's transport")

    other = endless()
    thread = poll_loop._thread
    with pytest.raises(PuffleError, match="broke off"):
        watch_by_polling("run_a", client_for(fail), interval=1.5).wait(LIMIT)
    assert poll_loop._thread is thread
    assert not other.is_ending
    assert watch_still_works()


@raised_by_a_user
def test_a_trait_observer_that_raises(raised: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    """The view and the callback thread live on, and the widget shows the end."""
    statuses: list[str] = []

    def fail(change: object) -> None:
        raise raised("from a trait observer")

    watch = endless()
    widget = RunWidget.of(watch)
    assert widget._subscription is not None
    widget._subscription.wait_until_caught_up()
    callback_loop.run(asyncio.sleep(0))  # it starts when it is first needed
    threads = view_loop._thread, callback_loop._thread
    widget.observe(fail)  # every trait, those that are set on the view thread too
    widget.observe(lambda change: statuses.append(change.new), "status")
    view_loop.run(set_on_view_thread(widget))
    end_by_stopping(watch)
    assert "stopped" in widget.children[0].children[0].value.lower()
    assert (view_loop._thread, callback_loop._thread) == threads
    assert "from a trait observer" in caplog.text
    widget.unobserve_all()
    widget.close()


async def set_on_view_thread(widget: RunWidget) -> None:
    widget.children = widget.children[::-1]
    widget.children = widget.children[::-1]
    widget.set_trait("status", "unknown")


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt])
def test_a_background_loop_survives_whatever_a_callback_raises(
    raised: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """asyncio lets these end a loop; the thread runs on, does what comes next, and can be stopped."""

    def fail() -> None:
        raise raised("from a callback")

    loop = BackgroundLoop("puffle-test")
    loop.call_soon(fail)
    assert loop.run(asyncio.sleep(0, "done")) == "done"
    assert "from a callback" in caplog.text
    thread = loop._thread
    loop.stop()
    assert thread is not None
    assert not thread.is_alive()
