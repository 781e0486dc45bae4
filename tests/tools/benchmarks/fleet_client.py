"""The process that watches many runs at once, for `fleet`: prints what it measured as JSON."""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
from typing import Any

import psutil

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.registry import WatchRegistry
from puffle_jupyter.watching.snapshot import WatchPhase

from .transports import transport_named

INTERVAL = 1.5
IN_TIME = 0.25
"""Seconds that a poll may be late."""
WARM_UP = 3 * INTERVAL


class Lateness:
    """How late each poll was sent, noted as the polls are sent."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        started = PollState.start_poll

        def start_poll(state: PollState, now: float) -> float | None:
            self.seconds.append(now - state.due())
            return started(state, now)

        setattr(PollState, "start_poll", start_poll)  # noqa: B010


def count_alone(seconds: float) -> int:
    """How far pure Python counts in so many seconds."""
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(1000):
            count += 1
    return count


def measure(address: str, authorities: str, watches: int, seconds: float, busy: bool, transport: str) -> Any:
    """Watch so many runs for so many seconds."""
    alone = count_alone(1.0) if busy else 0
    process = psutil.Process(os.getpid())
    context = ssl.create_default_context(cafile=authorities)
    client = AsyncPuffleClient(
        "pk_live_benchmark", address, verify=context, transport=transport_named(transport, context)
    )
    registry = WatchRegistry()
    lateness = Lateness()
    memory, begun = process.memory_info().rss, time.perf_counter()
    made = [registry.watch(f"run_{number}", client, INTERVAL, None) for number in range(watches)]
    making = time.perf_counter() - begun
    time.sleep(WARM_UP)
    lateness.seconds.clear()
    polls = [watch.snapshot.polls for watch in made]
    cpu, begun = time.process_time(), time.perf_counter()
    counted = 0
    if busy:
        counted = count_alone(seconds)
    else:
        time.sleep(seconds)
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    late = list(lateness.seconds)
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
        "least": min(each),
        "most": max(each),
        "stretched_to": max((watch.snapshot.stretched_to or 0.0) for watch in made),
        "speed_of_cell": counted / seconds / alone if busy else None,
    }
    registry.stop()
    return result


if __name__ == "__main__":
    address, authorities, watches, seconds, busy, transport = sys.argv[1:]
    print(json.dumps(measure(address, authorities, int(watches), float(seconds), busy == "busy", transport)))
    os._exit(0)
