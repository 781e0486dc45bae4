"""`watch.history`: what happened to a watch, for bug reports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from puffle_jupyter import PuffleError, RunWatch, WatchEvent, WatchEventKind
from puffle_jupyter.watching.history import MOST_EVENTS
from puffle_jupyter.watching.polled import watch_by_polling
from tests.support.answers import FINISH, PAUSED, Stream, StreamedWatch, text
from tests.support.scripted import KEY, ScriptedClock, ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
DOWN = (503, {"error": "down"})


def watched(*steps: Any, **options: Any) -> RunWatch:
    """A watch followed to its end, its wall clock at noon when it begins."""
    clock = ScriptedClock()
    options = {"wall_clock": lambda: NOON + clock.now - 1000, **options}
    watch = watch_by_polling(
        "run_a", ScriptedPuffle(*steps).client(), interval=2.0, clock=clock, sleep=clock.sleep, **options
    )
    try:
        watch.wait(timeout=30)
    except PuffleError:
        assert watch.done
    return watch


def kinds(watch: RunWatch) -> list[str]:
    return [str(event.what) for event in watch.history]


def test_a_life_without_failures() -> None:
    """The beginning, each status once, and the end; the polls in between are no events."""
    watch = watched(told("queued"), told("queued"), told("running"), told("running"), told("completed"))
    assert [(str(event.what), event.detail) for event in watch.history] == [
        ("started", ""),
        ("status", "queued"),
        ("status", "running"),
        ("ended", "completed"),
    ]


def test_a_failure_is_known_after_it_is_over() -> None:
    """The badge says nothing of it any more; the history says what it was, how often and since when."""
    watch = watched(told("running"), DOWN, DOWN, DOWN, told("running"), told("completed"))
    assert watch.snapshot.failure is None
    assert kinds(watch) == ["started", "status", "poll failed", "recovered", "ended"]
    failed, recovered = watch.history[2:4]
    assert "answered 503" in failed.detail
    assert failed.count == 3
    assert 0 < failed.seconds < failed.last_seconds < recovered.seconds


def test_two_kinds_of_failure_are_two_events_however_often_they_take_turns() -> None:
    """A reason is counted where it was first met since the last answer."""
    watch = watched(told("running"), *[DOWN, (429, b"")] * 50, told("completed"))
    assert [event.count for event in watch.history] == [1, 1, 50, 50, 1, 1]


def test_a_failure_after_a_recovery_is_told_anew() -> None:
    """What was over and came again is two events."""
    watch = watched(DOWN, told("running"), DOWN, told("completed"))
    assert kinds(watch).count("poll failed") == kinds(watch).count("recovered") == 2


@pytest.mark.parametrize(
    ("steps", "options", "what", "words"),
    [
        ([(401, b"")], {}, WatchEventKind.REFUSED, "API key"),
        ([(404, b"")], {}, WatchEventKind.NOT_FOUND, "no run with this id for your key"),
        ([told("running")], {"timeout": 5.0}, WatchEventKind.STOPPED, "within 5 s"),
        ([told("failed", error="no budget")], {}, WatchEventKind.ENDED, "failed"),
    ],
)
def test_the_last_event_is_the_end(
    steps: list[Any], options: dict[str, float], what: WatchEventKind, words: str
) -> None:
    """Whatever the end was; and of a run that failed no word of its own."""
    last = watched(*steps, **options).history[-1]
    assert last.what is what
    assert words in last.detail
    assert "budget" not in last.detail


def test_a_stop_is_told() -> None:
    """By whom the watch ended must be plain."""
    watch = watch_by_polling("run_a", ScriptedPuffle(told("running")).client(), interval=600)
    watch.stop()
    with pytest.raises(PuffleError):
        watch.wait()
    assert kinds(watch)[-1] == "stopped"


def test_days_of_failures_stay_small() -> None:
    """The first event and the newest are kept, and how many are not is said."""
    flapping = [step for code in range(500, 600) for step in ((code, b""), told("running"))] * 3
    history = watched(told("queued"), *flapping, told("completed")).history
    assert len(history) == MOST_EVENTS
    assert [str(event.what) for event in history[:2]] == ["started", "left out"]
    assert str(history[-1].what) == "ended"
    # started, queued, running, 300 times failed and recovered, ended
    assert history[1].count + len(history) - 1 == 604
    assert [event.seconds for event in history] == sorted(event.seconds for event in history)


def test_long_failure_of_one_kind_is_one_event() -> None:
    """10,000 failed polls are one line."""
    watch = watched(*[DOWN] * 10_000, told("completed"))
    assert len(watch.history) == 4
    assert watch.history[1].count == 10_000


def test_no_server_can_put_the_key_into_it() -> None:
    """Echoed as status, as reason or as another run's id, it is cut out."""
    watch = watched(told(KEY), (500, {"error": KEY}), told("running", run_id=KEY), told("completed"))
    assert KEY not in json.dumps([str(event) for event in watch.history])
    assert KEY not in repr(watch.history)


def test_what_a_server_sends_is_short_and_on_one_line() -> None:
    """A status of a megabyte with line breaks must not drown a bug report."""
    watch = watched(told("a\n\x1b[31m" * 100_000), (500, {"error": "b\n" * 100_000}), told("completed"))
    lines = str(watch.history).splitlines()
    assert len(lines) == len(watch.history) == 5
    assert max(map(len, lines)) < 400
    assert str(watch.history).replace("\n", "").isprintable()


def test_it_is_printed_one_event_a_line() -> None:
    """When by the calendar, when since the beginning, what, and how often."""
    watch = watched(DOWN, DOWN, told("completed"))
    assert repr(watch.history) == str(watch.history)
    first, second, *_ = str(watch.history).splitlines()
    assert first == "2026-03-01 12:00:00Z +0.0 s started"
    assert second.startswith("2026-03-01 12:00:00Z +0.0 s poll failed: Puffle answered 503: ")
    assert "(2 times, last +" in second
    assert repr(watch.history[0]) == f"<WatchEvent {first}>"


def test_an_event_cannot_be_changed_and_a_list_is_the_callers_own() -> None:
    """Who edits what they were given edits nothing of the watch."""
    watch = watched(told("completed"))
    with pytest.raises(AttributeError):
        watch.history[0].count = 2  # type: ignore[misc]
    watch.history.clear()
    assert all(isinstance(event, WatchEvent) for event in watch.history)
    assert len(watch.history) == 2


def test_a_wall_clock_that_jumps_moves_no_poll() -> None:
    """Only `at` shows the jump; `seconds` and the end of the timeout follow the monotonic clock."""
    times = iter([NOON, NOON - 9e8, NOON + 3e8])
    watch = watched(
        told("queued"), told("running"), told("completed"), timeout=60.0, wall_clock=lambda: next(times, NOON)
    )
    assert watch.history[1].at < watch.history[0].at < watch.history[2].at
    assert [event.seconds for event in watch.history] == sorted(event.seconds for event in watch.history)
    assert kinds(watch)[-1] == "ended"


def test_what_was_proposed_decided_and_done_is_known() -> None:
    """Each once, with who decided and when; no argument, no reason and no key is in it."""
    done = {"type": "tool-output-available", "toolCallId": "call_1", "output": {"removed": 3}}
    denied = {"type": "tool-output-denied", "toolCallId": "call_2"}
    paused = json.loads(json.dumps(PAUSED).replace("send_campaign", f"send {KEY} \\u202e"))
    streamed = StreamedWatch(
        Stream(*paused, None), Stream(done, FINISH, None), Stream(denied, *text("Fine."), FINISH, None)
    )
    try:
        streamed.until(lambda snapshot: len(snapshot.waiting) == 2)
        streamed.watch.approve("call_1", "secret reason")
        streamed.until(lambda snapshot: len(snapshot.decisions) == 1)
        streamed.watch.deny("call_2")
        streamed.until(lambda snapshot: snapshot.phase.is_final)
    finally:
        streamed.end()
    history = streamed.watch.history
    said = [f"{event.what}: {event.detail}" for event in history if event.what in ("decided", "done")]
    assert [str(event.what) for event in history[:3]] == ["started", "proposed", "proposed"]
    assert history[1].detail == "remove_rows, call call_1"
    assert sorted(said)[::2] == [
        "decided: remove_rows, call call_1: approved by this notebook",
        "done: remove_rows, call call_1: succeeded",
    ]
    assert sorted(said)[1].endswith(", call call_2: denied by this notebook")
    decided = [event.at for event in history if event.what == "decided"]
    assert decided == [decision.at for decision in streamed.watch.decisions]
    assert str(history[-1].what) == "ended"
    for words in ("secret reason", KEY, "removed", 'rows":', "\u202e"):
        assert words not in str(history)
