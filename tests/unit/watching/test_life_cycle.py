"""What is closed, dropped, interrupted or shared leaves nothing behind, and loses no watch."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets
import pytest

import puffle_jupyter
from puffle_jupyter import AsyncPuffleClient, InvalidApiKey, PuffleClient, RunWatch, RunWidget, WatchStopped
from puffle_jupyter.background.loop import BackgroundLoop, poll_loop
from puffle_jupyter.display.notebook.transcript_widget import TranscriptWidget
from puffle_jupyter.display.subscription import Subscription, view_loop
from puffle_jupyter.run import Run
from puffle_jupyter.watching.registry import registry
from tests.support.scripted import KEY, ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")
LIMIT = 20.0


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does; the machine may be slow."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.002)


def open_widgets() -> set[str]:
    """Every widget that has a comm, of ipywidgets 7 or 8."""
    module = ipywidgets.widgets.widget
    return set(module._instances if hasattr(module, "_instances") else ipywidgets.Widget.widgets)


def endless(run_id: str = "run_a") -> RunWatch:
    """A watch of a run that never ends; its next poll is minutes away."""
    return puffle_jupyter.watch(run_id, client=ScriptedPuffle(told("running", run_id)).client(), interval=600)


def test_a_closed_widget_leaves_no_task_no_observer_and_no_comm() -> None:
    """Its parts, layouts and styles are closed with it; the watch goes on, and is found again."""
    before = open_widgets()
    puffle = ScriptedPuffle(told("running"))
    client = puffle.client()
    watch = puffle_jupyter.watch("run_a", client=client, interval=600)
    widget = RunWidget.of(watch)
    assert len(open_widgets() - before) > 10
    wait_until(view_loop.tasks)
    widget.close()
    widget.close()
    assert open_widgets() == before
    assert not watch._listeners._observers
    wait_until(lambda: not view_loop.tasks())
    assert not watch.is_ending
    assert puffle_jupyter.watch("run_a", client=client) is watch


@pytest.mark.parametrize("close", [RunWidget.close, lambda widget: ipywidgets.Widget.close_all()])
def test_a_closed_widget_is_garbage(close: Callable[[RunWidget], None]) -> None:
    """Neither its watch nor a thread keeps it; until it is closed ipywidgets does."""
    watch = endless()
    widget = RunWidget.of(watch)
    wait_until(partial(is_running, widget))
    gone = weakref.ref(widget)
    close(widget)
    wait_until(lambda: not view_loop.tasks())
    del widget

    def is_collected() -> bool:
        gc.collect()
        return gone() is None

    wait_until(is_collected)  # the poll thread may be telling its observers just now
    assert not watch.is_ending


def test_a_widget_closed_after_its_loop_ended_is_garbage() -> None:
    """After %unload_ext nothing ticks any more, and what was ticked is not kept."""
    widget = RunWidget.of(endless())
    wait_until(partial(is_running, widget))
    wait_until(lambda: len(view_loop.tasks()) == 1)  # the timer
    gone = weakref.ref(widget)
    view_loop.stop()
    widget.close()
    del widget

    def is_collected() -> bool:
        gc.collect()
        return gone() is None

    wait_until(is_collected)


def is_running(widget: RunWidget) -> bool:
    return bool(widget.status == "running")


def test_a_widget_that_is_only_dropped_is_still_shown_to() -> None:
    """ipywidgets keeps it, for it may stand in a front end: it must not stop at what it showed last."""
    watch = endless()
    shown = weakref.ref(RunWidget.of(watch))
    gc.collect()
    watch.stop()
    with pytest.raises(WatchStopped):
        watch.wait()
    widget = shown()
    assert widget is not None
    assert "stopped" in widget.children[0].children[0].value.lower()
    widget.close()


def test_a_widget_closed_after_the_end_leaves_no_comm() -> None:
    """Also the button to stop, which is no longer among its children then."""
    before = open_widgets()
    watch = puffle_jupyter.watch("run_a", client=ScriptedPuffle(told("completed")).client())
    widget = RunWidget.of(watch)
    watch.wait()
    widget._subscription.wait_until_caught_up()  # type: ignore[union-attr]
    widget.close()
    assert open_widgets() == before


def test_a_layout_of_the_users_own_is_not_closed() -> None:
    """Other widgets may use it."""
    before = open_widgets()
    layout = ipywidgets.Layout(width="50%")
    run = Run.from_dict({"runId": "run_a", "status": "completed"})
    for widget in (RunWidget.of(endless()), TranscriptWidget(run, layout=layout)):
        widget.close()
    assert open_widgets() - before == {layout.model_id}
    layout.close()


def test_closing_leaves_an_output_that_a_file_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A saved view of a closed widget would show an error; it is html and text from then on."""
    replaced: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw, display_id: None)
    monkeypatch.setattr("IPython.display.update_display", lambda bundle, **_: replaced.append(bundle))
    widget = RunWidget.of(endless())
    widget.show()
    widget.close()
    assert set(replaced[-1]) == {"text/html", "text/plain"}


def test_an_ended_watch_keeps_no_view() -> None:
    """It is remembered for long; its views need not be."""
    watch = puffle_jupyter.watch("run_a", client=ScriptedPuffle(told("completed")).client())
    watch.wait()
    widget = RunWidget.of(watch)
    assert not watch._listeners._observers
    widget.close()


def test_a_view_that_was_ended_is_told_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Not even what was under way; and its failing meanwhile is no error."""
    told_of: list[object] = []

    class View:
        def update(self, snapshot: object) -> None:
            told_of.append(snapshot)
            following.end()
            raise RuntimeError("closed in the middle of it")

        def tick(self, now: float) -> None:
            told_of.append(now)

    watch = endless()
    ready = threading.Event()
    view_loop.call_soon(ready.wait, LIMIT)
    following = Subscription(watch, View())
    ready.set()
    assert following.wait_until_caught_up()
    watch.stop()
    with pytest.raises(WatchStopped):
        watch.wait()
    assert len(told_of) == 1
    assert not caplog.records
    ready.clear()
    view_loop.call_soon(ready.wait, LIMIT)
    late = Subscription(watch, View())
    late.end()
    ready.set()
    assert late.wait_until_caught_up()
    assert len(told_of) == 1


def test_an_interrupt_leaves_no_watch_that_nobody_knows() -> None:
    """Struck at every line of `watch` in turn: what polls is in the registry."""
    client = ScriptedPuffle(told("running")).client()
    endless("run_first").stop()  # the loop's thread exists
    struck = 0
    for line in range(1, 200):
        with interrupted_at(line) as strike:
            try:
                puffle_jupyter.watch("run_a", client=client, interval=600)
            except KeyboardInterrupt:
                struck += 1
        poll_loop.run(turns())
        polling = [task for task in poll_loop.tasks() if "_follow" in repr(task.get_coro())]
        assert len(polling) == len(registry.live()), f"an interrupt at step {line} leaves an unknown watch"
        registry.stop()
        wait_until(lambda: not poll_loop.tasks())
        if not strike.came:
            break
    assert struck > 10
    assert not strike.came, "some lines were not reached"


async def turns() -> None:
    import asyncio

    for _ in range(5):
        await asyncio.sleep(0)


class interrupted_at:
    """Raise KeyboardInterrupt in this thread at the given line of `watching`, counted from here."""

    def __init__(self, line: int) -> None:
        self.came = False
        self._left = line

    def __enter__(self) -> interrupted_at:
        self._previous = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._previous)

    def _trace(self, frame: Any, event: str, _: Any) -> Any:
        if os.path.join("puffle_jupyter", "watching") in frame.f_code.co_filename:
            self._left -= event == "line"
            if self._left == 0 and not self.came:
                self.came = True
                raise KeyboardInterrupt
        return self._trace


def test_many_threads_share_one_poller() -> None:
    """However many watch and wait for one run at once, it is polled once, and all get its end."""
    client = ScriptedPuffle(told("completed", text="Hi")).client()
    puffle = client._transport.handler  # type: ignore[union-attr]
    together = threading.Barrier(16)
    ends: list[tuple[RunWatch, str]] = []

    def work() -> None:
        together.wait(LIMIT)
        watch = puffle_jupyter.watch("run_a", client=client)
        ends.append((watch, watch.result(LIMIT)))

    in_threads(16, work)
    assert {text for _, text in ends} == {"Hi"}
    assert len({id(watch) for watch, _ in ends}) == 1
    assert len(puffle.requests) == 1


def test_threads_that_watch_and_stop_at_once_leave_one_poller_or_none() -> None:
    """Every wait ends, a stopped one saying so, and the next watch sees the run to its end."""
    puffle = ScriptedPuffle(*[told("running")] * 1000, told("completed"))
    client = puffle.client()
    together = threading.Barrier(12)
    ends: list[str] = []
    tasks: list[int] = []

    def work() -> None:
        together.wait(LIMIT)
        for _ in range(20):
            watch = puffle_jupyter.watch("run_a", client=client, interval=600)
            tasks.append(len(registry.live()))
            watch.stop()
            try:
                watch.wait(LIMIT)
            except WatchStopped:
                ends.append("stopped")

    in_threads(12, work)
    assert ends == ["stopped"] * 240
    assert max(tasks) == 1
    wait_until(lambda: not poll_loop.tasks())
    puffle.steps = [told("completed")]
    assert puffle_jupyter.watch("run_a", client=client).wait(LIMIT).status == "completed"


def in_threads(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()


@pytest.mark.parametrize("make", [AsyncPuffleClient, PuffleClient])
def test_a_half_built_client_has_a_repr(make: Any) -> None:
    """A debugger or a verbose traceback shows it: its constructor raised before it had an account."""
    client = make.__new__(make)
    with pytest.raises(InvalidApiKey):
        client.__init__("not a key")
    assert repr(client) == f"{make.__name__}(base_url=None)"
    assert "puffle.example" in repr(make(KEY, "https://puffle.example"))


def test_a_task_that_swallows_a_cancellation_ends_with_its_loop() -> None:
    """`asyncio.wait_for` of Python 3.11 can do that; a loop that is closed above a task leaves it pending."""
    ended = threading.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            await asyncio.sleep(600)
        finally:
            ended.set()

    loop = BackgroundLoop("puffle-example")
    loop.submit(stubborn())
    loop.run(asyncio.sleep(0))
    loop.stop()
    assert ended.is_set()
