"""When all runs of a board may have ended: from how fast they ended so far."""

from __future__ import annotations

from collections.abc import Sequence

_FEWEST = 2
"""Ends that are seen before anything is said: one says nothing about the others."""


def seconds_left(started_at: float, ended_at: Sequence[float], unfinished: int, now: float) -> float | None:
    """An estimate in whole seconds; None while there is nothing to estimate from.

    The runs that are left take as long for each as the ended ones did, in the time since the first began.
    When none has ended for longer than that, they are slower than those, and nothing is known of them.

    Args:
        started_at: when the first run began to be watched.
        ended_at: when runs ended that did not end before that.
        unfinished: runs that go on.
        now: the time of all of these, in seconds.

    >>> seconds_left(0.0, [10.0, 20.0], 4, now=20.0)
    40.0
    """
    if len(ended_at) < _FEWEST or not unfinished or now <= started_at:
        return None
    left = (now - started_at) / len(ended_at) * unfinished
    return None if now - max(ended_at) > left else float(round(left))
