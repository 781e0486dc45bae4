"""Which failure deserves another try, and when. Pure functions.

    answer                                             another try?
    -------------------------------------------------  ------------------------------------------
    400, 401, 403                                      no: the same request gets the same answer
    404                                                for `NOT_FOUND_GRACE` seconds: a run that was
                                                       just started may lag
    408, 409, 425, 429, 5xx                            yes
    any other status code, redirects among them        yes: proxies and portals send them, Puffle does not
    200 with a body that is not this run's answer      yes
    no answer                                          yes
    proxies or certificates that cannot be used        no: they are read once

When: after what ``Retry-After`` (RFC 9110, 10.2.3: seconds or a date) or the JSON ``retryAfter`` says,
never earlier and spread up to 60 % later, so that many watches do not come back at once; else after an
exponential backoff from the interval up to a minute.

    Retry-After, or retryAfter as number or text       seconds
    -------------------------------------------------  ------------------------------------------
    12, 1.5                                            12, 1.5
    a date (any of RFC 9110's three forms)             from the response's own ``Date`` to it
    a date, and the response has no readable ``Date``  none said: the two clocks need not agree
    negative, -inf, a date in the past                 0
    more than an hour, 1e9, inf                        3600
    nan, any other text, true, null, a list            none said
    both                                               the longer one
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ..json_value import JsonValue
from .errors import (
    BadRequest,
    Forbidden,
    InvalidSetting,
    PuffleError,
    ResponseError,
    RunNotFound,
    Unauthorized,
)

NOT_FOUND_GRACE = 10.0
"""Seconds for which a 404 is taken for a run that is not visible yet."""

LONGEST_BACKOFF = 60.0
LONGEST_RETRY_AFTER = 3600.0
_STORM_SPREAD = 0.6


def deserves_retry(error: PuffleError, not_found_for: float) -> bool:
    """Whether to ask again after ``error``.

    Args:
        error: what the poll raised.
        not_found_for: seconds since the first 404 of an unbroken row of them; 0 for the first.
    """
    if isinstance(error, RunNotFound):
        return not_found_for < NOT_FOUND_GRACE
    return not isinstance(error, BadRequest | Unauthorized | Forbidden | InvalidSetting)


def retry_delay(error: PuffleError, failures: int, interval: float, chance: float) -> float:
    """Seconds to wait after ``error``.

    Args:
        failures: how many polls failed in a row, this one included.
        interval: seconds between polls when all is well.
        chance: a random number in [0, 1), given so that this stays a pure function.
    """
    told = error.retry_after if isinstance(error, ResponseError) else None
    if told is not None:
        return max(told, min(interval, 1.0)) * (1 + _STORM_SPREAD * chance)
    if isinstance(error, RunNotFound):
        return min(interval, 2.0)
    longest = min(LONGEST_BACKOFF, interval * 2.0 ** min(failures - 1, 10))
    return longest * (0.5 + 0.5 * chance)


def poll_delay(interval: float, chance: float) -> float:
    """Seconds from the start of one answered poll to the next: the interval, a little jittered down."""
    return interval * (0.92 + 0.08 * chance)


def retry_after_seconds(headers: Mapping[str, str], body: JsonValue | None) -> float | None:
    """The longest wait the server asks for, in seconds from 0 to an hour; None when it asks for none.

    A date is read against the response's own ``Date``: the two clocks need not agree.
    """
    asked = [_header_seconds(headers), _body_seconds(body)]
    told = [min(max(seconds, 0.0), LONGEST_RETRY_AFTER) for seconds in asked if seconds is not None]
    return max(told, default=None)


def _header_seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after")
    if value is None:
        return None
    number = _number(value)
    if number is not None:
        return number
    try:
        return (_date(value) - _date(headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _date(value: str) -> datetime:
    """An HTTP date: UTC, whether it says so or not (RFC 9110, 5.6.7)."""
    date = parsedate_to_datetime(value)
    return date if date.tzinfo is not None else date.replace(tzinfo=timezone.utc)


def _body_seconds(body: JsonValue | None) -> float | None:
    if body is None:
        return None
    members = body.members()
    inside = members["error"].members() if "error" in members else {}
    value = members.get("retryAfter", inside.get("retryAfter"))
    return None if value is None else _number(value.string or value.compact())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number
