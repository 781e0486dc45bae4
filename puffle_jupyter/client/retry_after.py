"""How long a server asks to wait before the next request. Pure functions.

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
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ..json_value import JsonValue

LONGEST_RETRY_AFTER = 3600.0
"""Seconds: a server that asks for more is asked again after an hour."""


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
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


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
