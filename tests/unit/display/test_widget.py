"""`RunWidget` without a front end: its traits, its observers, its outputs."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from puffle_jupyter import PuffleError, RunWatch, RunWidget, WatchStopped
from puffle_jupyter.display.badge import live_status
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import RetryState, WatchPhase
from tests.support.scripted import ScriptedClock, ScriptedPuffle, told

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
    watch = watch_by_polling(
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


class Wire:
    """A comm that keeps what is sent to the front end of a widget's header: by all, and by this thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, widget: RunWidget) -> None:
        self.sent: list[tuple[Any, dict[str, Any]]] = []
        self.sent_from_here: list[tuple[Any, dict[str, Any]]] = []
        self._here = threading.get_ident()
        for child in widget.children[0].children:
            monkeypatch.setattr(child, "send_state", self._sender(child))

    def _sender(self, child: Any) -> Any:
        def send_state(key: Any = None) -> None:
            state = child.get_state(key=key)
            content = {"comm_id": child.model_id, "data": {"method": "update", "state": state}}
            self.sent.append((child, content))
            if threading.get_ident() == self._here:
                self.sent_from_here.append((child, content))

        return send_state

    def values_of(self, child: Any) -> list[str]:
        return [content["data"]["state"]["value"] for sent_by, content in self.sent if sent_by is child]


LONG_REASON = "the front door is closed: " + "日本語 & <b> " * 200


@pytest.mark.parametrize(
    "shown",
    [
        {"phase": WatchPhase.WATCHING, "status_text": "running"},
        {"phase": WatchPhase.UNREACHABLE, "failure": RetryState(LONG_REASON, 0.0, 9e4)},
        {"phase": WatchPhase.RATE_LIMITED, "failure": RetryState(LONG_REASON, 0.0, 9e4)},
        {"phase": WatchPhase.REFUSED, "error": LONG_REASON},
        {"phase": WatchPhase.STOPPED, "error": LONG_REASON},
    ],
    ids=lambda shown: shown["phase"].value,
)
def test_a_second_of_a_badge_is_one_small_message(
    monkeypatch: pytest.MonkeyPatch, shown: dict[str, Any]
) -> None:
    """A tick sends the clock alone, in one message under 1 kB, however long the failure's sentence is."""
    widget, _ = widget_of(told("running"))
    snapshot = replace(widget.watch.snapshot, run_id="run_" + "x" * 60, **shown)
    wire = Wire(monkeypatch, widget)
    monkeypatch.setattr(RunWatch, "snapshot", property(lambda _: snapshot))
    label, clock = widget.children[0].children[:2]
    widget.tick(86_400.0)
    assert [sent_by for sent_by, _ in wire.sent_from_here] == [clock]
    label.value = live_status(snapshot)
    sizes = [len(json.dumps(content, ensure_ascii=False).encode()) for _, content in wire.sent_from_here]
    assert len(sizes) == 2
    assert max(sizes) < 1_000


def test_a_status_is_announced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The label, a polite status to screen readers, is sent when it changes and not at each tick or poll."""
    widget, gate = widget_of(told("running"), told("running"), (503, b""), told("running"), told("completed"))
    wire = Wire(monkeypatch, widget)
    label, clock = widget.children[0].children[:2]
    while "running" not in label.value:
        pass
    for second in range(5):
        widget.tick(2_000.0 + second)
    ticks = [content["data"]["state"]["value"] for _, content in wire.sent_from_here]
    assert {sent_by for sent_by, _ in wire.sent_from_here} == {clock}
    assert len(set(ticks)) == 5
    assert not any("role=" in value for value in ticks)
    gate.opened.set()
    widget.watch.wait()
    announced = wire.values_of(label)
    assert len(announced) == len(list(itertools.groupby(announced)))
    assert all(value.startswith('<div role="status"') for value in announced)
    assert "Puffle answers with errors" in " ".join(announced)
    assert "completed" in announced[-1]
