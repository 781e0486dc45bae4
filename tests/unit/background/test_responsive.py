"""Rendering lets the polls of other watches through, and leaves the interpreter as it was."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from puffle_jupyter.background.responsive import responsive_rendering
from puffle_jupyter.display.subscription import subscribe
from puffle_jupyter.settings import Settings, current_settings
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchSnapshot
from tests.support.scripted import ScriptedPuffle, told


@pytest.fixture(autouse=True)
def interpreter() -> Iterator[None]:
    seconds, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(seconds)
    gc.set_threshold(*thresholds)


def _settings() -> tuple[int, tuple[int, int, int]]:
    return round(sys.getswitchinterval() * 1e6), gc.get_threshold()


def test_meanwhile_threads_change_hands_sooner_and_garbage_is_collected_rarely() -> None:
    """And after it, even after an error, both are as before."""
    before = _settings()
    meanwhile = responsive_rendering()
    meanwhile.__enter__()
    seconds, (young, middle, old) = _settings()
    assert seconds <= 500
    assert young >= 100 * 700
    assert middle == before[1][1]
    assert old == 0 or old > 1000 * before[1][2]
    assert not meanwhile.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert _settings() == before


@pytest.mark.parametrize("threshold", [0, 5_000_000])
def test_garbage_is_never_collected_more_often_than_the_user_wants(threshold: int) -> None:
    """Who has switched collections off by a threshold of 0, or made them rare, has a reason."""
    gc.set_threshold(threshold, 10, 10)
    with responsive_rendering():
        assert gc.get_threshold()[0] == threshold
    assert gc.get_threshold()[:2] == (threshold, 10)


def test_a_python_without_a_third_threshold_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """What such a Python says is not what it was told."""
    before, full = gc.get_threshold(), gc.get_threshold
    monkeypatch.setattr(gc, "get_threshold", lambda: (*full()[:2], 0))
    with responsive_rendering():
        assert full()[0] > before[0]
    assert full()[:2] == before[:2]


def test_passing_objects_call_for_no_full_collection_afterwards() -> None:
    """That one would come at once, and stop every thread for as long as the process has objects."""
    gc.collect()
    full = gc.get_stats()[2]["collections"]
    with responsive_rendering():
        for _ in range(300):
            assert [[number] for number in range(1000)]
    assert [[number] for number in range(10_000)]
    assert gc.get_stats()[2]["collections"] == full


def test_who_wants_the_interpreter_left_alone_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """%config PuffleMagics.responsive = False."""
    monkeypatch.setattr(current_settings, "now", Settings(responsive=False))
    before = _settings()
    with responsive_rendering():
        assert _settings() == before


def test_what_the_user_sets_meanwhile_stays() -> None:
    """A cell may set both while a transcript is rendered."""
    with responsive_rendering():
        sys.setswitchinterval(0.02)
        gc.set_threshold(5, 6, 7)
    assert _settings()[0] == 20_000
    assert _settings()[1][:2] == (5, 6)


def test_a_shorter_turn_of_the_users_is_kept() -> None:
    """Nobody's threads are made to wait longer."""
    sys.setswitchinterval(0.0001)
    with responsive_rendering():
        assert _settings()[0] <= 100
    assert _settings()[0] <= 100


class Showing:
    """A view that looks at the interpreter while it is updated."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def update(self, snapshot: WatchSnapshot) -> None:
        self.seen.append(_settings()[0])

    def tick(self, now: float) -> None:
        """Nothing to be seen here."""


def test_views_are_updated_that_way(background: None) -> None:
    """Whatever a view renders when its watch ends, polls of others come through."""
    view = Showing()
    watch = watch_by_polling("run_a", ScriptedPuffle(told("completed")).client(), interval=1)
    subscribe(watch, view)
    watch.wait(20)
    assert view.seen
    assert max(view.seen) <= 500
