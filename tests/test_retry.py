"""Which failure deserves another try, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from puffle_jupyter import (
    BadRequest,
    ConnectionFailed,
    Forbidden,
    PuffleError,
    RateLimited,
    RunNotFound,
    ServerError,
    Unauthorized,
    UnexpectedStatus,
    UnreadableAnswer,
)
from puffle_jupyter.api.retry import (
    LONGEST_BACKOFF,
    LONGEST_RETRY_AFTER,
    NOT_FOUND_GRACE,
    deserves_retry,
    poll_delay,
    retry_after_seconds,
    retry_delay,
)
from puffle_jupyter.json_value import JsonValue

CHANCE = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (BadRequest("", status_code=400), False),
        (Unauthorized("", status_code=401), False),
        (Forbidden("", status_code=403), False),
        (RateLimited("", status_code=429), True),
        (ServerError("", status_code=503), True),
        (UnexpectedStatus("", status_code=302), True),
        (UnreadableAnswer("", status_code=200), True),
        (ConnectionFailed(""), True),
    ],
)
def test_only_what_another_try_can_mend_is_retried(error: PuffleError, again: bool) -> None:
    """Refusals end a watch at once; everything a network does between does not."""
    assert deserves_retry(error, 1e9) is again


def test_a_missing_run_is_given_a_grace() -> None:
    """A run that was just started may not be visible yet."""
    missing = RunNotFound("", status_code=404)
    assert deserves_retry(missing, 0)
    assert not deserves_retry(missing, NOT_FOUND_GRACE)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, b"{}", None),
        ({"retry-after": "12"}, b"", 12),
        ({"retry-after": "1.5"}, b"", 1.5),
        ({"retry-after": "-3"}, b"", 0),
        ({"retry-after": "nan"}, b"", None),
        ({"retry-after": "soon"}, b"", None),
        ({"retry-after": "1000000000"}, b"", LONGEST_RETRY_AFTER),
        ({}, b'{"retryAfter": 7}', 7),
        ({}, b'{"retryAfter": "7"}', 7),
        ({}, b'{"error": {"retryAfter": 9}}', 9),
        ({"retry-after": "3"}, b'{"retryAfter": 7}', 7),
        ({}, b'{"retryAfter": null}', None),
        ({}, b"[1]", None),
    ],
)
def test_retry_after_is_read_in_every_form(
    headers: dict[str, str], body: bytes, seconds: float | None
) -> None:
    """The header's seconds and the JSON's; the longer of the two, from 0 to an hour."""
    assert retry_after_seconds(headers, JsonValue.parse(body) if body else None) == seconds


def test_a_retry_date_is_read_against_the_responses_own_date() -> None:
    """The server's clock and ours need not agree (RFC 9110, 10.2.3)."""
    headers = {"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert retry_after_seconds(headers, None) == 30


@given(st.floats(0, 3600), CHANCE)
def test_never_earlier_than_told(told: float, chance: float) -> None:
    """Retry-After is a minimum."""
    assert retry_delay(RateLimited("", status_code=429, retry_after=told), 1, 1.5, chance) >= told


@given(st.integers(1, 10_000), st.floats(0.1, 60), CHANCE)
def test_backoff_grows_to_a_minute_and_is_never_nothing(
    failures: int, interval: float, chance: float
) -> None:
    """Half to all of the interval doubled with every failure, at most a minute."""
    delay = retry_delay(ConnectionFailed(""), failures, interval, chance)
    assert min(interval, LONGEST_BACKOFF) / 2 <= delay <= LONGEST_BACKOFF


@given(st.floats(0.1, 60), CHANCE)
def test_polls_come_no_later_than_the_interval(interval: float, chance: float) -> None:
    """The jitter only ever shortens, so that a change shows within the interval."""
    assert 0.9 * interval <= poll_delay(interval, chance) <= interval
