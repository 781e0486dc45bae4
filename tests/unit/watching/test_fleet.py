"""Many watches of one account whose answers are slow, on a clock of its own: who is polled, and how often."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
import pytest

from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.budget import PollBudget
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.schedule import Schedule
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.support.scripted import SteppedClock, client_for, settled

WATCHES = 60
INTERVAL = 1.5
LATENCY = 2.0
SLOTS = 6
"""With a tenth as many as there are watches, each is polled every 22 s or so."""
SETTLING = 30.0
INTERVALS = 4


@dataclass
class SlowPuffle:
    """Says "running" after `LATENCY` seconds.

    Attributes:
        came: when the requests of each run came.
        most: how many were answered at the same time, at most.
        phases: all that the watches were in.
    """

    clock: SteppedClock
    came: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    most: int = 0
    phases: set[WatchPhase] = field(default_factory=set)
    _under_way: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        run_id = request.url.path.rpartition("/")[2]
        self.came[run_id].append(self.clock())
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        await self.clock.sleep(LATENCY)
        self._under_way -= 1
        content = f'{{"runId": "{run_id}", "status": "running"}}'.encode()
        return httpx.Response(200, stream=httpx.ByteStream(content))


async def watched(seconds: float) -> SlowPuffle:
    """What a slow Puffle sees of many watches; what came while the intervals settled is left out."""
    clock = SteppedClock()
    puffle = SlowPuffle(clock)
    schedule = Schedule(clock, clock.sleep, PollBudget(SLOTS))
    async with client_for(puffle) as client:  # type: ignore[arg-type]
        watches = [
            watch_by_polling(
                f"run_{number}",
                client,
                interval=INTERVAL,
                clock=clock,
                sleep=clock.sleep,
                schedule=schedule,
            )
            for number in range(WATCHES)
        ]
        for watch in watches:
            watch.observe(lambda snapshot: puffle.phases.add(snapshot.phase))
        await settled()
        await clock.move(SETTLING)
        puffle.came.clear()
        await clock.move(seconds)
        for watch in watches:
            watch.stop()
        puffle.phases.discard(WatchPhase.STOPPED)
        await settled()
    return puffle


@pytest.mark.usefixtures("background")
def test_slow_answers_are_shared_fairly() -> None:
    """Nobody is called unreachable, each watch waits as long as the others, and no slot is left empty."""
    interval = WATCHES * LATENCY / SLOTS / 0.9
    puffle = poll_loop.run(watched(INTERVALS * interval))
    assert puffle.phases <= {WatchPhase.WATCHING, WatchPhase.STOPPED}
    assert puffle.most <= SLOTS
    assert len(puffle.came) == WATCHES
    waits = [statistics.mean(later - one for one, later in pairwise(came)) for came in puffle.came.values()]
    mean = statistics.mean(waits)
    assert max(waits) - mean <= 0.1 * mean
    assert mean - min(waits) <= 0.1 * mean
    assert mean <= 1.1 * interval
