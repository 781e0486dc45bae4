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
from puffle_jupyter.client.retry_after import LONGEST_RETRY_AFTER, retry_after_seconds
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.watching.retry_policy import (
    LONGEST_BACKOFF,
    NOT_FOUND_GRACE,
    deserves_retry,
    poll_delay,
    retry_delay,
)

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
        ({"retry-after": "inf"}, b"", LONGEST_RETRY_AFTER),
        ({"retry-after": "-inf"}, b"", 0),
        ({"retry-after": "1e9"}, b"", LONGEST_RETRY_AFTER),
        ({"retry-after": "1" * 400}, b"", LONGEST_RETRY_AFTER),
        ({"retry-after": ""}, b"", None),
        ({"retry-after": "12, 13"}, b"", None),
        ({"retry-after": "0"}, b'{"retryAfter": 0.5}', 0.5),
        ({"retry-after": "9"}, b'{"retryAfter": "soon"}', 9),
        ({}, b'{"retryAfter": 1.5}', 1.5),
        ({}, b'{"retryAfter": -7}', 0),
        ({}, b'{"retryAfter": 1e9}', LONGEST_RETRY_AFTER),
        ({}, b'{"retryAfter": 1e999}', LONGEST_RETRY_AFTER),
        ({}, b'{"retryAfter": "nan"}', None),
        ({}, b'{"retryAfter": "-1e9"}', 0),
        ({}, b'{"retryAfter": true}', None),
        ({}, b'{"retryAfter": [7]}', None),
        ({}, b'{"retryAfter": {"seconds": 7}}', None),
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


NOW = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("Wed, 21 Oct 2015 07:28:30 GMT", NOW, 30),
        ("Wednesday, 21-Oct-15 07:28:30 GMT", NOW, 30),
        ("Wed Oct 21 07:28:30 2015", NOW, 30),
        ("Wed, 21 Oct 2015 07:28:30 GMT", "Wed Oct 21 07:28:00 2015", 30),
        ("Wed, 21 Oct 2015 09:28:30 +0200", NOW, 30),
        ("Wed, 21 Oct 2015 07:27:00 GMT", NOW, 0),
        ("Wed, 21 Oct 2065 07:28:00 GMT", NOW, LONGEST_RETRY_AFTER),
        ("Wed, 21 Oct 2015 07:28:30 GMT", None, None),
        ("Wed, 21 Oct 2015 07:28:30 GMT", "today", None),
        ("Wed, 99 Oct 2015 07:28:30 GMT", NOW, None),
    ],
)
def test_a_retry_date_is_read_in_every_form(value: str, date: str | None, seconds: float | None) -> None:
    """Future, past and far future; and without a readable Date of the response it says nothing."""
    headers = {"retry-after": value} if date is None else {"retry-after": value, "date": date}
    assert retry_after_seconds(headers, None) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_can_break_the_reading(value: str, date: str) -> None:
    """Whatever was sent: none, or from 0 to an hour."""
    seconds = retry_after_seconds({"retry-after": value, "date": date}, None)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


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
