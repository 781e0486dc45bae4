"""How soon a change on the server shows in the badge, in polling intervals: idle, and beside a busy cell."""

from __future__ import annotations

import random
import statistics

from tests.support.kernel import Kernel

from .figure import Figure
from .kernels import arrivals, kernel_of, status_of, watch
from .puffle import ChangingPuffle, changing_puffle

_BUSY = "while True: sum(number * number % 7 for number in range(100_000))"


def measure(quick: bool) -> list[Figure]:
    interval, changes = (0.5, 10) if quick else (1.5, 40)
    with changing_puffle() as puffle, kernel_of(puffle) as kernel:
        watch(kernel, puffle, interval)
        idle = delays(kernel, puffle, interval, changes)
        kernel.start(_BUSY)
        list(arrivals(kernel, interval))
        busy = delays(kernel, puffle, interval, changes)
    return [
        figure for what, ratios in (("idle", idle), ("busy cell", busy)) for figure in _figures(what, ratios)
    ]


def delays(kernel: Kernel, puffle: ChangingPuffle, interval: float, changes: int) -> list[float]:
    """Change the run at random moments; how many intervals later the badge of a front end says so."""
    found = []
    chance = random.Random(1)
    for number in range(changes):
        list(arrivals(kernel, interval * chance.uniform(0.2, 1.2)))
        status = ("queued", "running")[number % 2]
        changed_at = puffle.change_to(status)
        seen_at = next(
            (arrival.at for arrival in arrivals(kernel, 10 * interval) if status_of(arrival.value) == status),
            changed_at + 10 * interval,
        )
        found.append((seen_at - changed_at) / interval)
    return found


def _figures(what: str, ratios: list[float]) -> list[Figure]:
    return [
        Figure(f"change to badge, {what} / interval", ratios, 0.55, judge=statistics.mean, word="mean"),
        Figure(f"change to badge, {what} / interval", ratios, 1.1, judge=max, word="longest"),
    ]
