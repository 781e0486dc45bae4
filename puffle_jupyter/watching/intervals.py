"""How often a run is asked about and how long it is watched, as a user says it."""

from __future__ import annotations

import math

from ..errors import InvalidSetting
from .poll_state import SHORTEST_INTERVAL

DEFAULT_INTERVAL = 1.5
"""Seconds; the documentation says to poll every 1 to 2."""


def check_interval(interval: object) -> float:
    """Return ``interval`` when it can be the seconds between polls.

    Raises:
        InvalidSetting: not a number of at least 0.1.
    """
    seconds = _seconds(interval)
    if seconds is None or not SHORTEST_INTERVAL <= seconds < math.inf:
        raise InvalidSetting(
            f"interval must be seconds of at least {SHORTEST_INTERVAL:g}, not {_shown(interval)}: "
            f"leave it out for {DEFAULT_INTERVAL:g}."
        )
    return seconds


def check_timeout(timeout: object) -> float:
    """Return ``timeout`` when it can be the seconds after which to stop watching.

    Raises:
        InvalidSetting: not a number above 0.
    """
    seconds = _seconds(timeout)
    if seconds is None or not 0 < seconds < math.inf:
        raise InvalidSetting(
            f"timeout must be seconds above 0, not {_shown(timeout)}: "
            "leave it out to watch until the run ends."
        )
    return seconds


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(seconds) else seconds


def _shown(value: object) -> str:
    return ascii(value)[:60]
