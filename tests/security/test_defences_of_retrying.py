"""Each rule of retrying alone: with it a run is followed to its end, without it there is harm."""

from __future__ import annotations

import functools
import random

import pytest

from puffle_jupyter import ConnectionFailed
from puffle_jupyter.client import answer, retry_after, sending
from puffle_jupyter.client.connections import ConnectionAge
from puffle_jupyter.errors import (
    PuffleError,
    RateLimited,
    RunNotFound,
    ServerError,
    UnexpectedStatus,
    UnreadableAnswer,
)
from puffle_jupyter.watching import poll_state
from puffle_jupyter.watching import retry_policy as retry
from tests.tools.faults import refusals
from tests.tools.faults.kinds import KINDS
from tests.tools.faults.plans import QUEUED, RUNNING, Plan
from tests.tools.faults.runs import follow_all, skipped_seconds

Undefended = pytest.MonkeyPatch
pytestmark = pytest.mark.usefixtures("background")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("refused", ConnectionFailed),
        ("reset within body", ConnectionFailed),
        ("hang before headers", ConnectionFailed),
        ("408", ServerError),
        ("409", ServerError),
        ("425", ServerError),
        ("504", ServerError),
        ("429, Retry-After: words", RateLimited),
        ("404", RunNotFound),
        ("307 to another host", UnexpectedStatus),
        ("204", UnexpectedStatus),
        ("wrong runId", UnreadableAnswer),
        ("HTML with 200", UnreadableAnswer),
    ],
)
def test_each_class_is_tried_again(monkeypatch: Undefended, name: str, kind: type[PuffleError]) -> None:
    """A run is lost as soon as one class of failures is not tried again."""
    plan = Plan(
        "run_a", (QUEUED, KINDS[name], KINDS["502"] if kind is not ServerError else RUNNING), "failed"
    )
    assert follow_all([plan]).clean
    deserving = retry.deserves_retry
    monkeypatch.setattr(
        poll_state,
        "deserves_retry",
        lambda error, missing: not isinstance(error, kind) and deserving(error, missing),
    )
    assert follow_all([plan]).lost


def test_a_kept_connection_may_be_given_up(monkeypatch: Undefended) -> None:
    """A request on a connection the server gave up is sent again at once: that is no failed poll."""
    plan = Plan("run_a", (QUEUED, KINDS["keep-alive reset on reuse"], RUNNING), "failed")
    monkeypatch.setattr(poll_state, "deserves_retry", lambda error, missing: False)
    assert follow_all([plan]).clean
    monkeypatch.setattr(ConnectionAge, "was_kept", False)
    assert follow_all([plan]).lost


def test_a_missing_run_has_a_grace(monkeypatch: Undefended) -> None:
    """A run that was just started may not be visible yet."""
    plan = Plan("run_a", (QUEUED, KINDS["404"], RUNNING), "completed")
    assert follow_all([plan]).clean
    monkeypatch.setattr(retry, "NOT_FOUND_GRACE", 0.0)
    assert follow_all([plan]).lost


def test_a_refusal_is_not_tried_again(monkeypatch: Undefended) -> None:
    """401: stop and ask. Tried again, a wrong key is sent again and again."""
    kind = refusals.refused(refusals.in_words, "401 Unauthorized")
    plan = Plan("run_a", (kind, kind, kind), "completed")
    refused = follow_all([plan])
    assert [outcome.requests for outcome in refused.lost] == [1]
    monkeypatch.setattr(poll_state, "deserves_retry", lambda error, missing: True)
    assert not follow_all([plan]).lost


def test_the_words_of_a_refusal_are_not_waited_for(monkeypatch: Undefended) -> None:
    """The code says it all: without that, a body that never ends hides the refusal."""
    kind = refusals.refused(refusals.hanging, "401 Unauthorized")
    plan = Plan("run_a", (kind,), "completed")
    monkeypatch.setattr(sending, "_WORDS_SECONDS", 0.05)
    assert follow_all([plan]).lost
    monkeypatch.setattr(sending, "_WORDS_SECONDS", None)
    assert not follow_all([plan]).lost


@pytest.mark.parametrize("name", ["429, Retry-After: a billion", "429, Retry-After: infinity"])
def test_an_absurd_retry_after_is_clamped(monkeypatch: Undefended, name: str) -> None:
    """Nobody waits for thirty years."""
    plan = Plan("run_a", (KINDS[name],), "completed")
    assert skipped_seconds(plan) < 2 * retry_after.LONGEST_RETRY_AFTER
    monkeypatch.setattr(retry_after, "LONGEST_RETRY_AFTER", 1e12)
    assert skipped_seconds(plan) >= 1e9


def test_a_told_delay_is_kept(monkeypatch: Undefended) -> None:
    """Never earlier than told; a backoff of our own would be."""
    plan = Plan("run_a", (KINDS["429, Retry-After: a date to come"],), "completed")
    assert skipped_seconds(plan) >= 7
    monkeypatch.setattr(answer, "retry_after_seconds", lambda headers, content: None)
    assert skipped_seconds(plan) < 7


def test_a_storm_is_spread(monkeypatch: Undefended) -> None:
    """Without the spread, everybody who was told the same comes back at the same moment."""
    chance = random.Random(50)
    told = functools.partial(RateLimited, "slow", status_code=429)

    def delays() -> list[float]:
        return [retry.retry_delay(told(retry_after=10.0), 1, 1.5, chance.random()) for _ in range(50)]

    assert min(first := delays()) >= 10
    assert max(first) - min(first) >= 5
    monkeypatch.setattr(retry, "_STORM_SPREAD", 0.0)
    assert set(delays()) == {10.0}
