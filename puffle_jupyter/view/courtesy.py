"""Rendering beside polls: one interpreter lock serves both, and a large transcript holds it for a second."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_SECONDS = 0.0005
"""A tenth of Python's own: a poll changes hands with the rendering a dozen times, and waits as often."""

_NEVER = 1_000_000


@contextmanager
def letting_others_run() -> Iterator[None]:
    """Meanwhile threads change hands sooner, and full garbage collections are put off.

    A transcript of 5 MB becomes so many objects that full collections come one upon the other, each of 30
    to 60 ms in which no thread runs. Measured by ``python -m tests.benchmarks large``: polls were 73 to 89 ms
    late, with shorter turns alone 58, with fewer collections alone 37, with both 12 to 18 (medians).

    Young objects are collected as ever. Not to be nested, nor used by two threads at a time.
    """
    seconds, thresholds = sys.getswitchinterval(), gc.get_threshold()
    ours = min(seconds, _SWITCH_SECONDS)
    sys.setswitchinterval(ours)
    gc.set_threshold(*thresholds[:2], _NEVER)
    try:
        yield
    finally:
        # What somebody else has set meanwhile is left as it is.
        if abs(sys.getswitchinterval() - ours) < 1e-6:
            sys.setswitchinterval(seconds)
        if gc.get_threshold() == (*thresholds[:2], _NEVER):
            gc.set_threshold(*thresholds)
