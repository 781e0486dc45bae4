"""Each defence of an exchange alone: with it a fault does no harm, without it the harm is there to see."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import httpx
import pytest

from puffle_jupyter import RunStatus
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.client import answer, client, options
from puffle_jupyter.client import bounded_body as body
from puffle_jupyter.client.answer import Answer
from puffle_jupyter.client.bounded_body import Body
from puffle_jupyter.errors import UnreadableAnswer
from puffle_jupyter.json_value import InvalidJson
from puffle_jupyter.run import Run
from tests.tools.faults import runs
from tests.tools.faults.body_kinds import bomb
from tests.tools.faults.deadline import give_up
from tests.tools.faults.kinds import KINDS
from tests.tools.faults.plans import QUEUED, RUNNING, Plan
from tests.tools.faults.runs import Tally, follow_all

Undefended = pytest.MonkeyPatch
pytestmark = pytest.mark.usefixtures("background")


def going_through(name: str, end: str = "completed") -> Tally:
    """A run that meets this kind of fault once, and then goes to its end."""
    return follow_all([Plan("run_a", (QUEUED, KINDS[name], RUNNING), end)])


def test_the_deadline(monkeypatch: Undefended) -> None:
    """Nothing but the deadline ends a drip: httpx's own timeouts are per read."""
    took, _ = result_of(poll_loop.submit(give_up(KINDS["drip of body"])))
    assert took < 5
    monkeypatch.setattr(client.AsyncPuffleClient, "_deadline", _NeverAssigned(1e6), raising=False)
    pending = poll_loop.submit(give_up(KINDS["drip of body"]))
    time.sleep(1.0)
    assert not pending.done()
    pending.cancel()


class _NeverAssigned:
    """An attribute that stays what it is, whatever is assigned to it."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __get__(self, instance: object, owner: type) -> Any:
        return self._value

    def __set__(self, instance: object, value: Any) -> None:
        pass


def megabytes_for(packed: bytes, limit: int) -> float:
    """The most memory that receiving this gzip body takes."""
    tracemalloc.start()
    received = Body({"content-encoding": "gzip"}, limit)
    try:
        received.feed(packed)
        received.finish()
    except UnreadableAnswer:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak / 1e6


def test_the_limit_of_a_body() -> None:
    """Eight thousand bytes of gzip become eight megabytes where nothing limits them."""
    assert megabytes_for(bomb(), 1_000_000) < 3
    assert megabytes_for(bomb(), 10**12) > 8


def test_counting_before_decoding(monkeypatch: Undefended) -> None:
    """A bomb is not kept while it grows: without that it fills memory up to the limit."""
    large = bomb(70_000_000)
    assert megabytes_for(large, options.DEFAULT_BODY_LIMIT) < 16
    monkeypatch.setattr(body, "_KEPT", 10**12)
    assert megabytes_for(large, options.DEFAULT_BODY_LIMIT) > 60


@pytest.mark.parametrize(
    ("name", "check"),
    [("truncated gzip", "_check_whole"), ("gzip and more", "_check_nothing_follows")],
)
def test_a_gzip_body_is_whole(monkeypatch: Undefended, name: str, check: str) -> None:
    """A body that was cut off, or goes on, may hold an answer; nobody knows whose."""
    assert going_through(name).clean
    monkeypatch.setattr(Body, check, lambda *_: None)
    assert going_through(name).wrong


def test_other_encodings_are_refused(monkeypatch: Undefended) -> None:
    """What is not read as it is encoded is misread."""
    assert going_through("an encoding not asked for").clean
    monkeypatch.setattr(body, "_ENCODINGS", ("identity", "gzip", "br"))
    assert going_through("an encoding not asked for").wrong


def test_an_answer_is_about_the_run_that_was_asked_for(monkeypatch: Undefended) -> None:
    """Another run's end is not this one's."""
    assert going_through("wrong runId").clean
    monkeypatch.setattr(answer, "_check_is_about", lambda *_: None)
    assert going_through("wrong runId").wrong


@pytest.mark.parametrize("name", ["302 to another host", "429, Retry-After: seconds", "500", "503", "404"])
def test_only_200_is_an_answer(monkeypatch: Undefended, name: str) -> None:
    """A body that looks like a run's end is none when the status code says otherwise."""
    assert going_through(name).clean
    monkeypatch.setattr(client, "Answer", lambda code, headers, content: Answer(200, headers, content))
    assert going_through(name).wrong


def test_a_status_is_read_not_guessed(monkeypatch: Undefended) -> None:
    """An answer without a status is none: taken for an end, it would be a wrong one."""
    assert going_through("missing status", end="failed").clean
    whole = Run.from_json

    def lenient(content: bytes) -> Run:
        try:
            return whole(content)
        except InvalidJson:
            return Run("run_a", RunStatus.COMPLETED, "completed")

    monkeypatch.setattr(Run, "from_json", lenient)
    assert going_through("missing status", end="failed").wrong


def test_an_unknown_status_is_no_end(monkeypatch: Undefended) -> None:
    """Whatever is not documented as terminal is polled on."""
    assert going_through("unknown status").clean
    going_on = (RunStatus.QUEUED, RunStatus.RUNNING)
    monkeypatch.setattr(RunStatus, "is_terminal", property(lambda status: status not in going_on))
    assert going_through("unknown status").wrong


def test_the_end_is_the_end(monkeypatch: Undefended) -> None:
    """A terminal status stops the polling; without that it goes on for ever."""
    monkeypatch.setattr(runs, "LONGEST_RUN", 0.3)
    monkeypatch.setattr(runs, "SECONDS_AFTER_THE_END", 0.5)  # on a busy machine a poll may take a while
    monkeypatch.setattr(RunStatus, "is_terminal", property(lambda status: False))
    tally = follow_all([Plan("run_a", (), "completed")])
    assert tally.lost
    assert tally.polls_after_the_end


@pytest.mark.parametrize("name", ["deep JSON", "invalid UTF-8", "HTML with 200", "empty 200"])
def test_unreadable_json_is_contained(monkeypatch: Undefended, name: str) -> None:
    """JSON that cannot be decoded is one more failed poll, not the end of the watch."""
    assert going_through(name).clean
    monkeypatch.setattr("puffle_jupyter.run_data.InvalidJson", ZeroDivisionError)
    assert going_through(name).lost


def test_lone_surrogates_are_replaced(monkeypatch: Undefended) -> None:
    """Half a surrogate pair cannot be written: without the replacement its answer is never taken."""
    told = rb'{"runId": "run_a", "status": "completed", "text": "half a smile \ud83d"}'
    assert Run.from_json(told).text == "half a smile \ufffd"
    monkeypatch.setattr("puffle_jupyter.json_scrub._LONE_SURROGATES", {})
    with pytest.raises(InvalidJson):
        Run.from_json(told)


def test_redirects_are_not_followed(monkeypatch: Undefended) -> None:
    """Where a redirect leads, nobody comes; a client that follows is seen there."""
    assert going_through("302 to another host").visits_elsewhere == 0
    built = httpx.AsyncClient

    def following(**options: Any) -> httpx.AsyncClient:
        return built(**{**options, "follow_redirects": True})

    monkeypatch.setattr(httpx, "AsyncClient", following)
    assert going_through("302 to another host").visits_elsewhere == 1
