"""A storm of 429 for many watches of one account, on a clock of its own: exact counts, in seconds of CPU."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.schedule import Schedule
from tests.support.scripted import SteppedClock, client_for, settled

WATCHES = 150
INTERVAL = 1.5
BEFORE = 2 * INTERVAL
STORM = 30.0
AFTER = 4 * INTERVAL
"""Seconds that are looked at after the time that Puffle named last."""


@dataclass
class StormyPuffle:
    """Says "running", and between `BEFORE` and the end of the storm 429.

    Attributes:
        told: seconds that a 429 asks for; None for none.
        came: when each request came.
        until: the time before which nobody was to come, each with the time at which it was said.
    """

    told: float
    clock: SteppedClock
    came: list[float] = field(default_factory=list)
    until: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        now = self.clock() - self._started
        self.came.append(now)
        if not BEFORE <= now < BEFORE + STORM:
            run_id = request.url.path.rpartition("/")[2]
            content = f'{{"runId": "{run_id}", "status": "running"}}'.encode()
            return httpx.Response(200, stream=httpx.ByteStream(content))
        self.until.append((now, now + self.told))
        return httpx.Response(429, stream=httpx.ByteStream(b"{}"), headers={"Retry-After": f"{self.told:g}"})

    def between(self, begin: float, end: float) -> int:
        return sum(begin <= came < end for came in self.came)


async def weather(told: float) -> StormyPuffle:
    """All that Puffle sees of a storm, and of the time before and after it."""
    clock = SteppedClock()
    puffle = StormyPuffle(told, clock)
    schedule = Schedule(clock, clock.sleep)
    async with client_for(puffle) as client:
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
        await settled()
        await clock.move(BEFORE + STORM + told + AFTER)
        for watch in watches:
            watch.stop()
        await settled()
    return puffle


@pytest.mark.usefixtures("background")
def test_a_storm_costs_few_requests_and_leaves_no_trace() -> None:
    """No request earlier than anybody was told, 5 % of the usual during it, and all right after it."""
    puffle = poll_loop.run(weather(5.0))
    early = [came for came in puffle.came if any(said < came < until - 1e-6 for said, until in puffle.until)]
    assert puffle.until
    assert not early
    assert puffle.between(BEFORE, BEFORE + STORM) <= 0.05 * STORM / INTERVAL * WATCHES
    again = max(until for _, until in puffle.until)
    after = [puffle.between(again + at * INTERVAL, again + (at + 1) * INTERVAL) for at in range(4)]
    assert min(after) >= 0.95 * WATCHES
