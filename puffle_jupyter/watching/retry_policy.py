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
"""

from __future__ import annotations

from ..errors import (
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
        error: why the last poll failed.
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
