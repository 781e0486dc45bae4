"""Rendering next to polls: one interpreter lock serves both, and a large transcript holds it for a second."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..settings import current_settings

_SWITCH_SECONDS = 0.0005
"""A tenth of Python's own: a poll changes hands with the rendering a dozen times, and waits as often."""

_YOUNG = 100_000
"""Objects that may be made before the young ones are collected: each such collection takes about 10 ms."""

_NEVER = 1_000_000


@contextmanager
def responsive_rendering() -> Iterator[None]:
    """Meanwhile threads change hands sooner, and garbage is collected more rarely, never fully.

    A full collection goes through every object of the process while no thread runs: 10 ms among 40,000
    objects, 80 ms among 200,000. Rendering 5 MB calls for several, and for one more afterwards if its
    passing objects were taken for lasting ones; collected rarely, most are gone before anybody looks.
    Measured by ``python -m tests.tools.benchmarks large``; without this, polls are 70 to 90 ms late.

    ``%config PuffleMagics.responsive = False`` leaves both alone. Not to be nested, nor used by two threads
    at a time.
    """
    if not current_settings.now.responsive:
        yield
        return
    seconds, thresholds = sys.getswitchinterval(), gc.get_threshold()
    # A threshold of 0 means that somebody wants no collections at all.
    young = max(thresholds[0], _YOUNG) if thresholds[0] else 0
    ours = min(seconds, _SWITCH_SECONDS)
    sys.setswitchinterval(ours)
    gc.set_threshold(young, thresholds[1], _NEVER)
    # Read back, as Python 3.14 ignores the third and always says 0 (its documentation of gc.set_threshold).
    fewer = gc.get_threshold()
    try:
        yield
    finally:
        # What somebody else has set meanwhile is left as it is.
        if abs(sys.getswitchinterval() - ours) < 1e-6:
            sys.setswitchinterval(seconds)
        if gc.get_threshold() == fewer:
            gc.set_threshold(*thresholds)
