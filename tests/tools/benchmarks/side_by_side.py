"""Two or more ways to do the same, timed in turns, so that the machine's moods meet them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

Way = Callable[[str], object]
_TURN = 50
"""Messages that one way works off before the next has its turn."""


def seconds(ways: Sequence[Way], texts: Sequence[str]) -> list[float]:
    """CPU seconds of this thread that each way took for all of ``texts``."""
    spent = [0.0] * len(ways)
    for start in range(0, len(texts), _TURN):
        turn = texts[start : start + _TURN]
        # Every other turn goes the other way round.
        order = range(len(ways)) if start // _TURN % 2 else reversed(range(len(ways)))
        for at in order:
            way, before = ways[at], time.thread_time()
            for text in turn:
                way(text)
            spent[at] += time.thread_time() - before
    return spent


def ratios(ways: Sequence[Way], texts: Sequence[str], times: int) -> list[float]:
    """Time of the first way over that of the fastest of the others, so many times."""
    seconds(ways, texts[:_TURN])  # imports, caches
    found = []
    for _ in range(times):
        first, *others = seconds(ways, texts)
        found.append(first / min(others))
    return found
