"""`RunWidget` without a front end: its traits, its observers, its outputs."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from puffle_jupyter import PuffleError, RunWatch, RunWidget, WatchStopped
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.scripted import ScriptedClock, ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")


class Gate:
    """A sleep that ends when the test says so."""

    def __init__(self) -> None:
        self.clock = ScriptedClock()
        self.opened = threading.Event()

    async def sleep(self, seconds: float) -> None:
        while not self.opened.is_set():
            await asyncio.sleep(0.001)
        await self.clock.sleep(seconds)


def widget_of(*steps: Any) -> tuple[RunWidget, Gate]:
    gate = Gate()
    watch = RunWatch(
        "run_a", ScriptedPuffle(*steps).client(), interval=1.5, clock=gate.clock, sleep=gate.sleep
    )
    return RunWidget.of(watch), gate


def test_who_waited_finds_the_traits_set_and_the_observers_told() -> None:
    """The future of a watch resolves last."""
    widget, gate = widget_of(told("running"), told("completed", text="Hi"))
    seen: list[str] = []
    widget.observe(lambda change: seen.append(change.new), "status")
    gate.opened.set()
    run = widget.watch.wait()
    assert widget.status == "completed"
    assert widget.run is run
    assert seen[-1] == "completed"


def test_an_observer_may_wait_for_its_own_widget() -> None:
    """It is told on a thread where waiting holds nothing up, and the wait ends at once at the end."""
    widget, gate = widget_of(told("running"), told("completed", text="Hi"))
    results: list[str] = []
    widget.observe(lambda change: results.append(widget.watch.result(timeout=10)), "run")
    gate.opened.set()
    widget.watch.wait(timeout=5)
    while not results:  # "running" may have been shown before anybody observed
        pass
    assert set(results) == {"Hi"}


def test_a_failing_observer_leaves_the_other_trait_right(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody's bug is logged; the widget goes on."""
    widget, gate = widget_of(told("running"), told("completed"))
    widget.observe(lambda change: 1 / 0, "run")
    gate.opened.set()
    widget.watch.wait()
    assert widget.status == "completed"
    assert "ZeroDivisionError" in caplog.text


def test_the_traits_cannot_be_set_by_others() -> None:
    """They tell what is, they are no controls."""
    widget, _ = widget_of(told("running"))
    for name in ("run_id", "status", "run"):
        with pytest.raises(Exception, match="read-only"):
            setattr(widget, name, "x")


def test_a_stopped_widget_says_so_and_loses_its_button() -> None:
    """What cannot be done any more is not offered."""
    widget, _ = widget_of(told("running"))
    (button,) = (child for child in widget.children[0].children if hasattr(child, "click"))
    button.click()
    with pytest.raises(WatchStopped):
        widget.watch.wait()
    assert widget.watch.snapshot.phase is WatchPhase.STOPPED
    assert button not in widget.children[0].children


def test_bad_input_raises_before_anything_is_started() -> None:
    """The same errors as everywhere."""
    with pytest.raises(PuffleError, match="is not a run id"):
        RunWidget("abc")


def test_every_output_of_a_widget_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A widget shown twice leaves no output behind that a saved notebook could not show."""
    shown: list[str] = []
    replaced: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw, display_id: shown.append(display_id))
    monkeypatch.setattr(
        "IPython.display.update_display",
        lambda bundle, raw, display_id: replaced.append({"id": display_id, **bundle}),
    )
    widget, gate = widget_of(told("running"), told("completed", text="Hi"))
    widget.show()
    widget.show()
    gate.opened.set()
    widget.watch.wait()
    last = {bundle["id"]: bundle for bundle in replaced}
    assert len(set(shown)) == 2
    assert set(last) == set(shown)
    assert all(set(bundle) == {"id", "text/html", "text/plain"} for bundle in last.values())
