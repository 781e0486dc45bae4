"""Runs followed through their plans by the real client and the real watch; only the waiting is skipped."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot

from .plans import Plan
from .server import CountingServer, FaultyPuffle

KEY = "pk_live_Zq7vWx3Kp9Lm2Rt8Yb5Nc4Jd6Hf1Gs0A"
"""The key that every request of these tests carries; no other text resembles it."""

DEADLINE = 0.25
BODY_LIMIT = 1_000_000
LONGEST_RUN = 60.0
SECONDS_AFTER_THE_END = 0.003
"""In which a watch that polls on would be seen: its waiting takes no time."""

_AT_ONCE = 20


@dataclass
class Outcome:
    """How a run was seen to go.

    Attributes:
        shown: every status that was shown.
        requests: that reached the server until the end was known.
        skipped: the seconds that were waited for without taking any time.
    """

    plan: Plan
    phase: WatchPhase = WatchPhase.STARTING
    status: str = ""
    shown: set[str] = field(default_factory=set)
    requests: int = 0
    polls_after_the_end: int = 0
    skipped: float = 0.0
    error: str | None = None

    @property
    def lost(self) -> bool:
        """Neither its true end nor a stop that somebody asked for."""
        return self.phase is not WatchPhase.ENDED

    @property
    def wrong(self) -> bool:
        """A status was shown that the run never had."""
        return bool(self.shown - self.plan.words) or (not self.lost and self.status != self.plan.end)


@dataclass
class Tally:
    """Many outcomes, counted."""

    runs: int = 0
    lost: list[Outcome] = field(default_factory=list)
    wrong: list[Outcome] = field(default_factory=list)
    polls_after_the_end: int = 0
    visits_elsewhere: int = 0
    runs_by_kind: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.runs += 1
        self.lost += [outcome] if outcome.lost else []
        self.wrong += [outcome] if outcome.wrong else []
        self.polls_after_the_end += outcome.polls_after_the_end
        self.runs_by_kind.update({step.name for step in outcome.plan.steps})

    @property
    def clean(self) -> bool:
        return not (self.lost or self.wrong or self.polls_after_the_end or self.visits_elsewhere)


class SkippedTime:
    """A clock that only sleeping moves, and a sleep that takes no time but lets the server turn the page."""

    def __init__(self, puffle: FaultyPuffle) -> None:
        self._puffle = puffle
        self._now = 1000.0

    def clock(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await self._puffle.between_polls()
        await asyncio.sleep(0)


def client_for(base_url: str, tls: ssl.SSLContext | None, deadline: float = DEADLINE) -> AsyncPuffleClient:
    return AsyncPuffleClient(KEY, base_url, deadline=deadline, body_limit=BODY_LIMIT, verify=tls)


async def subscribe(plan: Plan, elsewhere: str, tls: ssl.SSLContext) -> Outcome:
    """One run from its first poll to its end; on the poll loop."""
    outcome = Outcome(plan)
    async with FaultyPuffle(plan, elsewhere) as puffle, client_for(puffle.base_url, tls) as client:
        time = SkippedTime(puffle)
        ended = asyncio.Event()

        def observe(snapshot: WatchSnapshot) -> None:
            outcome.shown.add(snapshot.status_text)
            if snapshot.phase.is_final:
                outcome.phase, outcome.status = snapshot.phase, snapshot.status_text
                outcome.error = snapshot.error
                ended.set()

        watch = watch_by_polling(plan.run_id, client, interval=1.5, clock=time.clock, sleep=time.sleep)
        watch.observe(observe)
        try:
            await asyncio.wait_for(ended.wait(), LONGEST_RUN)
        except TimeoutError:
            outcome.error = f"did not end within {LONGEST_RUN:g} s: {watch.snapshot}"
        asked = puffle.requests
        await asyncio.sleep(SECONDS_AFTER_THE_END)
        outcome.requests, outcome.polls_after_the_end = asked, puffle.requests - asked
        outcome.skipped = time.clock() - watch.snapshot.started_at
        watch.stop()
    return outcome


async def _follow_all(plans: Iterable[Plan]) -> Tally:
    tally = Tally()
    tls = ssl.create_default_context()  # 75 ms to build: once is enough
    waiting = iter(plans)

    async def work(elsewhere: str) -> None:
        for plan in waiting:
            tally.add(await subscribe(plan, elsewhere, tls))

    async with CountingServer() as server:
        await asyncio.gather(*(work(server.base_url) for _ in range(_AT_ONCE)))
        tally.visits_elsewhere = server.visits
    return tally


def follow_all(plans: Iterable[Plan]) -> Tally:
    """Follow every plan, several at a time."""
    return result_of(poll_loop.submit(_follow_all(plans)))


def skipped_seconds(plan: Plan) -> float:
    """How long a watch of this run would have waited."""

    async def once() -> float:
        return (await subscribe(plan, "http://127.0.0.1:9", ssl.create_default_context())).skipped

    return result_of(poll_loop.submit(once()))
