"""The answers about many runs, in order: asked for side by side, within a budget."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from ..errors import ConnectionFailed, Forbidden, InvalidSetting, PuffleError, RateLimited, Unauthorized
from ..run import Run
from ..run_data import RunId
from ..watching.retry_policy import deserves_retry, retry_delay
from ..watching.schedule import Sleep
from .lease import Lease

GetRun = Callable[[str], Awaitable[Run]]

MOST_FAILURES = 5
"""Failures of one run, other than 429, after which it is left for another time."""
MOST_UNREACHED = 20
"""Runs in a row of which none could be had for want of a connection, after which the fetch ends."""

_INTERVAL = 1.0  # seconds; what the pauses between tries grow from
_AHEAD = 2  # for each slot: answers that are asked for before they are taken
_HELD_BYTES = 16_000_000  # ... as far as they are likely to have no more bytes together
_FIRST_GUESS = 1_000_000.0  # bytes of an answer, before there is one
_OF_EVERYBODY = (Unauthorized, Forbidden, InvalidSetting)  # the next run would fare no better


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """What was learned of a run: the answer, or why there is none.

    Attributes:
        run_id: its id.
        run: the answer; None when there is none.
        problem: why not, a sentence; None with an answer.
        is_settled: whether asking again would say the same: the run ended, or Puffle does not know it.
    """

    run_id: RunId
    run: Run | None
    problem: str | None
    is_settled: bool


class RunAnswers:
    """Asks for runs, on one event loop.

    Args:
        run_ids: which, in order.
        get_run: asks for one of them, once.
        lease: the right to send requests.
        sleep: waits that many seconds.
        chance: a random number in [0, 1).
    """

    def __init__(
        self,
        run_ids: Iterable[RunId],
        get_run: GetRun,
        lease: Lease,
        *,
        sleep: Sleep,
        chance: Callable[[], float],
    ) -> None:
        self._left = deque(run_ids)
        self._get_run = get_run
        self._lease = lease
        self._sleep = sleep
        self._chance = chance
        self._asked: deque[asyncio.Task[RunAnswer]] = deque()
        self._held = self._there = self._answers = self._unreached = 0
        self._usual = _FIRST_GUESS

    async def next(self) -> list[RunAnswer]:
        """Those of the answers that are there, in order, at least one; none when all were taken.

        Raises:
            Unauthorized, Forbidden, InvalidSetting: the key or the address is refused.
            ConnectionFailed: Puffle is not reached.
        """
        self._ask_ahead()
        found: list[RunAnswer] = []
        while self._asked and (not found or self._asked[0].done()):
            answer = await self._asked[0]
            self._asked.popleft()
            self._held -= _size(answer)
            self._there -= 1
            found.append(answer)
        self._ask_ahead()
        return found

    async def end(self) -> None:
        """Ask for no more, and drop what was asked for."""
        self._left.clear()
        tasks = [*self._asked]
        self._asked.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ask_ahead(self) -> None:
        while self._left and (not self._asked or self._may_ask_more()):
            self._asked.append(asyncio.ensure_future(self._answer(self._left.popleft())))

    def _may_ask_more(self) -> bool:
        coming = len(self._asked) + 1 - self._there
        return (
            len(self._asked) < _AHEAD * self._lease.slots and self._held + coming * self._usual <= _HELD_BYTES
        )

    async def _answer(self, run_id: RunId) -> RunAnswer:
        failures = limited = 0
        while True:
            async with self._lease.slot():
                try:
                    run = await self._get_run(run_id)
                except _OF_EVERYBODY:
                    raise
                except PuffleError as error:
                    failure = error
                else:
                    self._lease.answered()
                    return self._answered(RunAnswer(run_id, run, None, run.status.is_terminal))
            if not deserves_retry(failure, math.inf):  # these runs are not new: a 404 is no delay
                self._lease.answered()
                return self._answered(RunAnswer(run_id, None, str(failure), True))
            if isinstance(failure, RateLimited):
                limited += 1
                await self._lease.limited(retry_delay(failure, limited, _INTERVAL, self._chance()))
                continue
            failures += 1
            if failures >= MOST_FAILURES:
                return self._given_up(run_id, failure)
            await self._sleep(retry_delay(failure, failures, _INTERVAL, self._chance()))

    def _answered(self, answer: RunAnswer) -> RunAnswer:
        self._unreached = 0
        size = _size(answer)
        self._held += size
        self._there += 1
        self._answers += 1
        self._usual += (size - self._usual) / self._answers
        return answer

    def _given_up(self, run_id: RunId, failure: PuffleError) -> RunAnswer:
        self._unreached += isinstance(failure, ConnectionFailed)
        if self._unreached >= MOST_UNREACHED:
            raise failure
        self._there += 1
        return RunAnswer(run_id, None, str(failure), False)


def _size(answer: RunAnswer) -> int:
    return 0 if answer.run is None else len(answer.run.body.encoded)
