"""The process that watches many runs at once, for `fleet`: prints what it measured as JSON."""

from __future__ import annotations

import json
import os
import ssl
import statistics
import sys
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any

import psutil

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.registry import WatchRegistry
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.tools.transports import use_transport

INTERVAL = 1.5
IN_TIME = 0.25
"""Seconds that a poll may be late."""
WARM_UP = 3 * INTERVAL
SETTLING = 15
"""So many answers' time passes until the intervals are as long as slow answers make them."""

FAIR_INTERVALS = 4
"""Each watch's waits that are looked at, at least; each is jittered by 4 % either way."""


class Polls:
    """When each poll was sent, and how late it was, noted as the polls are sent."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.sent: defaultdict[str, list[float]] = defaultdict(list)
        started = PollState.start_poll

        def start_poll(state: PollState, now: float) -> float | None:
            self.late.append(now - state.due())
            self.sent[state.snapshot.run_id].append(now)
            return started(state, now)

        setattr(PollState, "start_poll", start_poll)  # noqa: B010

    def clear(self) -> None:
        """Forget what was sent so far."""
        self.late.clear()
        self.sent.clear()

    def unfairness(self) -> float | None:
        """By how much the watch that waits longest or shortest from poll to poll differs from the mean.

        None when the watches were not polled often enough to tell it from the jitter.
        """
        waits = [statistics.mean(b - a for a, b in pairwise(sent)) for sent in self.sent.values() if sent[1:]]
        if not waits or min(map(len, self.sent.values())) <= FAIR_INTERVALS:
            return None
        mean = statistics.mean(waits)
        return max(max(waits) - mean, mean - min(waits)) / mean


def count_alone(seconds: float) -> int:
    """How far pure Python counts in so many seconds."""
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(1000):
            count += 1
    return count


def measure(
    address: str, authorities: str, watches: int, seconds: float, *, busy: bool, latency: float
) -> Any:
    """Watch so many runs for so many seconds, of a server that takes ``latency`` seconds for an answer."""
    alone = count_alone(1.0) if busy else 0
    process = psutil.Process(os.getpid())
    context = ssl.create_default_context(cafile=authorities)
    client = AsyncPuffleClient("pk_live_benchmark", address, verify=context)
    registry = WatchRegistry()
    seen = Polls()
    memory, begun = process.memory_info().rss, time.perf_counter()
    made = [registry.watch(f"run_{number}", client, INTERVAL, None) for number in range(watches)]
    making = time.perf_counter() - begun
    time.sleep(WARM_UP + SETTLING * latency)
    seen.clear()
    polls = [watch.snapshot.polls for watch in made]
    cpu, begun = time.process_time(), time.perf_counter()
    counted = 0
    if busy:
        counted = count_alone(seconds)
    else:
        time.sleep(seconds)
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    late = list(seen.late)
    each = [watch.snapshot.polls - before for watch, before in zip(made, polls, strict=True)]
    phases = [watch.snapshot.phase for watch in made]
    result = {
        "making": making,
        "polls_a_second": sum(each) / took,
        "due_a_second": watches / INTERVAL,
        "in_time": sum(one <= IN_TIME for one in late) / max(1, len(late)),
        "cores": used / took,
        "megabytes": (process.memory_info().rss - memory) / 1e6,
        "unreachable": phases.count(WatchPhase.UNREACHABLE),
        "unfairness": seen.unfairness(),
        "stretched_to": max((watch.snapshot.stretched_to or 0.0) for watch in made),
        "speed_of_cell": counted / seconds / alone if busy else None,
    }
    registry.stop()
    return result


if __name__ == "__main__":
    address, authorities, watches, seconds, busy, transport, latency = sys.argv[1:]
    use_transport(transport)
    measured = measure(
        address, authorities, int(watches), float(seconds), busy=busy == "busy", latency=float(latency)
    )
    print(json.dumps(measured), flush=True)
    os._exit(0)
