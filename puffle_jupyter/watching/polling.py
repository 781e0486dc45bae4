"""Polling a run: the first source of a watch. The clock, the sleep and the request are arguments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..errors import ConnectionFailed, PuffleError
from ..run import Run
from .approvals import Approvals
from .poll_state import PollState, Step
from .schedule import Schedule
from .snapshot import WatchSnapshot
from .source import Publish

Fetch = Callable[[str], Awaitable[Run]]


class PollingSource:
    """Polls one run until it ends: at once, then at the times that its `PollState` says.

    Args:
        state: what the polls came to so far, and when the next is due.
        fetch: asks for the run once; raises `PuffleError`.
        schedule: the times and slots of the account.
    """

    def __init__(self, state: PollState, fetch: Fetch, schedule: Schedule) -> None:
        self.approvals = Approvals(state.snapshot.run_id)  # a poll asks for none
        self._state = state
        self._fetch = fetch
        self._schedule = schedule
        self._waiting: asyncio.Future[None] | None = None
        self._stopped = False

    @property
    def not_before(self) -> float:
        """See `Source`."""
        return self._state.told_to_wait_until(self._schedule.clock())

    @property
    def interval(self) -> float:
        """Seconds from poll to poll that were asked for."""
        return self._state.interval

    @property
    def timeout(self) -> float | None:
        """Seconds after which to stop watching; None for never."""
        return self._state.timeout

    async def follow(self, publish: Publish) -> WatchSnapshot:
        """See `Source`."""
        budget = self._schedule.budget
        budget.want(self, self._state.interval)
        try:
            return await self._poll_to_the_end(publish)
        finally:
            budget.leave(self)

    def extend(self, interval: float, timeout: float | None) -> None:
        """See `Source`."""
        self._state.extend(self._schedule.clock(), interval, timeout)
        self._schedule.budget.want(self, self._state.interval)
        self.poll_now()

    def poll_now(self) -> None:
        """See `Source`."""
        self._state.poll_now(self._schedule.clock())
        self._wake()

    def stop(self) -> None:
        """See `Source`."""
        self._stopped = True
        self._wake()

    async def _poll_to_the_end(self, publish: Publish) -> WatchSnapshot:
        state, clock = self._state, self._schedule.clock
        if waiting := state.begin(clock()):
            publish(waiting)
        while True:
            await self._until_due(publish)
            async with self._schedule.slot():
                if not state.is_due(clock()):  # while the slot was waited for, Puffle asked for some time
                    continue
                step = await self._poll(publish)
            if step.due is None:  # the watch itself publishes the end
                return step.snapshot
            publish(step.snapshot)
            if state.is_over(clock()):
                raise state.timed_out()

    async def _poll(self, publish: Publish) -> Step:
        """Poll once; an error that another try cannot mend is raised."""
        state, clock = self._state, self._schedule.clock
        longest = state.start_poll(clock())
        try:
            run = await self._ask(longest)
        except PuffleError as error:
            step = state.on_error(clock(), error)
            if step.due is None:
                publish(step.snapshot)
                raise
            return step
        return state.on_answer(clock(), run)

    async def _ask(self, longest: float | None) -> Run:
        """Ask once, not much longer than the timeout allows, and long enough to be answered after it."""
        try:
            async with asyncio.timeout(longest):
                return await self._fetch(self._state.snapshot.run_id)
        except TimeoutError:
            if longest is None:  # of the fetch itself
                raise
            raise ConnectionFailed(f"No answer within {longest:g} s.") from None

    async def _until_due(self, publish: Publish) -> None:
        """Wait for the time of the next poll, which is looked at again whenever the wait ends."""
        state, clock = self._state, self._schedule.clock
        while True:
            if pausing := state.keep_to_pause(clock()):
                publish(pausing)
            if self._stopped:  # a library may have swallowed the cancellation
                raise asyncio.CancelledError
            look_at = state.look_at(clock())
            if state.is_due(clock()):
                return
            self._waiting = self._schedule.at(look_at)
            try:
                await self._waiting
            finally:
                self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
