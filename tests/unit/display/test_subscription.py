"""Feeding views: what a view is told, and what it is spared."""

from __future__ import annotations

import asyncio
import itertools
import threading

import pytest

from puffle_jupyter.display.notebook import static_view as still
from puffle_jupyter.display.subscription import subscribe, view_loop
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.scripted import ScriptedClock, ScriptedPuffle, Step, told

pytestmark = pytest.mark.usefixtures("background")


class Recorder:
    """A view that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[WatchPhase, str]] = []

    def update(self, snapshot: WatchSnapshot) -> None:
        self.told.append((snapshot.phase, snapshot.status_text))

    def tick(self, now: float) -> None:
        """Time does not pass here."""


def updates(*steps: Step) -> list[tuple[WatchPhase, str]]:
    """What a view is told of a run that answers with ``steps``."""
    clock, recorder = ScriptedClock(), Recorder()

    async def sleep(seconds: float) -> None:
        while not recorder.told:  # the view is known from the first answer on
            await asyncio.sleep(0.001)
        await clock.sleep(seconds)

    watch = watch_by_polling("run_a", ScriptedPuffle(*steps).client(), interval=1.5, clock=clock, sleep=sleep)
    subscribe(watch, recorder)
    watch.wait()
    return recorder.told


def test_a_poll_that_changed_nothing_wakes_no_view() -> None:
    """A badge costs a wake-up a change, not one a poll."""
    told_of = updates(*[told("running")] * 20, told("completed"))
    assert told_of.count((WatchPhase.WATCHING, "running")) <= 2  # one of them may be the catching up
    assert told_of[-1] == (WatchPhase.ENDED, "completed")


def test_every_change_of_the_watch_reaches_its_views() -> None:
    """A failure, its end and the run's end are seen, also while the run's status stays the same."""
    told_of = updates(told("running"), (503, b""), told("running"), told("completed"))
    changes = [phase for phase, _ in itertools.groupby(phase for phase, _ in told_of)]
    assert changes[-3:] == [WatchPhase.ERROR_ANSWER, WatchPhase.WATCHING, WatchPhase.ENDED]


def test_a_still_view_shows_an_end_that_came_while_it_was_displayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a cell's output counts only while the cell runs, a run that ends at once is shown as ended."""
    clock, gate = ScriptedClock(), threading.Event()
    watch = watch_by_polling(
        "run_a", ScriptedPuffle(told("completed")).client(), interval=1.5, clock=clock, sleep=clock.sleep
    )
    replaced: list[object] = []

    class Output:
        def show(self, *_: object) -> None:
            watch.wait()  # its end is announced before the view is known
            view_loop.call_soon(gate.wait, 5)
            threading.Timer(0.05, gate.set).start()

        def replace(self, key: object, *_: object) -> None:
            replaced.append(key)

    monkeypatch.setattr(still, "NotebookOutput", Output)
    still.StaticView(watch).show()
    assert replaced == [(WatchPhase.ENDED, "completed")]
