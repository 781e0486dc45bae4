"""A run whose answer is streamed: the second source of a watch. The clock and the sleep are arguments.

read ──► the message is whole ──► ended
│   ▲          └─► calls wait for approval ──► a decision ──► one follow-up request ─┐
│   └─────────────────────────────────────────────────────────────────────────────────┘
└─► the stream broke off: what arrived is kept, and said to be unfinished
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol

from ..background.tasks import end, first_of
from ..background.throttle import UPDATE_SECONDS, Throttle
from ..client.stream_ending import Break, break_of, unfinished
from ..errors import PuffleError, StreamUnfinished
from ..json_value import JsonValue
from ..run import Run
from ..transcript.decision import with_decision
from ..transcript.model import ToolCall, ToolCallState
from ..transcript.preview import Preview
from ..transcript.stream import StreamedMessage, StreamEnd
from .approvals import DECIDED_BY, Approvals, Decision, is_same, under_one_id
from .carried_out import carried_out
from .schedule import Clock, Sleep
from .snapshot import WatchPhase, WatchSnapshot
from .source import Publish
from .streamed_run import broken_run, streamed_run
from .undecidable import asked_again, changed, sharing_id, without_id

QUIET_SECONDS = 2.0
"""Without an event for so long, a stream in which calls wait is paused, also when it was left open."""

_ASKS = "approval"  # in every chunk that makes a call wait


class AnswerStream(Protocol):
    """One answer of Puffle, event by event."""

    async def read(self, take: Callable[[str], object]) -> None:
        """Read to the end; ``take`` is given the data of each event.

        Raises:
            PuffleError: the connection broke, or is silent for too long.
        """

    async def aclose(self) -> None:
        """Close the connection."""


GoOn = Callable[[JsonValue, Decision], Awaitable[AnswerStream]]
"""Sends the message so far with a decision, by one request; returns the stream that goes on with it."""


class StreamSource:
    """Follows the stream of one answer to its end.

    Args:
        snapshot: what is known before the first event.
        stream: the answer, just opened.
        go_on: sends a decision.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
        cut: takes the key out of what came, should somebody have echoed it in pieces.
        asked: the message that was sent; no error repeats it.
        conversation_id: the conversation to go on with, should the stream break off.
    """

    not_before = -math.inf
    """See `Source`: nothing is asked for again."""

    def __init__(
        self,
        snapshot: WatchSnapshot,
        stream: AnswerStream,
        go_on: GoOn,
        clock: Clock,
        sleep: Sleep,
        *,
        cut: Callable[[JsonValue], JsonValue] = lambda value: value,
        asked: str = "",
        conversation_id: str | None = None,
    ) -> None:
        self.approvals = Approvals(snapshot.run_id)
        self._snapshot = snapshot
        self._stream = stream
        self._opened_at = clock()
        self._go_on = go_on
        self._clock = clock
        self._cut = cut
        self._asked = asked
        self._conversation_id = conversation_id
        self._sleep = sleep
        self._message = StreamedMessage()
        self._asks = False
        self._reading: asyncio.Future[None] | None = None
        self._problem: PuffleError | None = None
        self._news = asyncio.Event()
        self._throttle = Throttle(self._show, UPDATE_SECONDS, clock, sleep)
        self._publish: Publish = lambda snapshot: None

    async def follow(self, publish: Publish) -> WatchSnapshot:
        """See `Source`."""
        self._publish = publish
        try:
            if (why := await self._to_the_end()) is None:
                return self._end()
            raise self._unfinished(why)
        except asyncio.CancelledError:
            self._keep_what_arrived()
            raise
        finally:
            self._throttle.cancel()
            self.approvals.withdraw()
            await self._close()

    def extend(self, interval: float, timeout: float | None) -> None:
        """See `Source`: a stream has no interval, and ends by itself."""

    def poll_now(self) -> None:
        """See `Source`: there is nothing to ask for."""

    def stop(self) -> None:
        """See `Source`: the cancellation of `follow` closes the connection."""

    async def _to_the_end(self) -> Break | None:
        """Read, and carry out what is decided; why the answer is not whole, None when it is.

        An answer that failed or was aborted has an end, too: the status of its run says which.
        """
        try:
            while calls := await self._read():
                if (decision := await self._decision_about(calls)) is not None:
                    await self._carry_out(decision)
        except PuffleError as error:
            return Break.of(error)
        if self._message.end in (StreamEnd.FAILED, StreamEnd.ABORTED):
            return None
        if nameless := [call for call in self._awaiting() if not call.id]:
            return Break.of(without_id(nameless[0]))
        return break_of(self._message, self._problem, self._clock() - self._opened_at)

    async def _read(self) -> list[ToolCall]:
        """Read on, to the end or until calls wait and nothing more comes; the calls that wait.

        How Puffle pauses a stream is not documented: it may end it, or leave it open. A connection that is
        idle meanwhile may be cut off, which makes no call wait less.
        """
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._stream.read(self._take))
        while not self._reading.done():
            self._news.clear()
            await first_of(self._reading, self._sleep(QUIET_SECONDS))
            if not (self._reading.done() or self._news.is_set()) and (calls := self._waiting()):
                return calls
        self._throttle.cancel()
        self._problem = await _error_of(self._reading)
        return self._waiting()

    async def _close(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            await end(reading)
        await self._stream.aclose()

    def _take(self, data: str) -> None:
        self._message.add(data)
        self._asks = self._asks or _ASKS in data
        self._news.set()
        self._throttle.ask()

    def _show(self) -> None:
        """Show what is new. Calls may wait no more: a stream that was left open went on by itself."""
        phase = self._snapshot.phase
        if any(not self._message.awaits(call.id or "") for call in self.approvals.waiting):
            self.approvals.pause(self._waiting())
        if phase is WatchPhase.AWAITING_APPROVAL and not self.approvals.waiting:
            phase = WatchPhase.WATCHING
        self._tell(phase=phase, waiting=self.approvals.waiting, preview=self._preview())

    def _preview(self) -> Preview:
        preview = self._message.preview()
        return replace(preview, parts=tuple(map(self._cut, preview.parts)))

    def _waiting(self) -> list[ToolCall]:
        """The calls of the message that wait for a decision and can be decided."""
        return [call for call in self._awaiting() if call.id]

    def _awaiting(self) -> list[ToolCall]:
        """The calls of the message that wait for a decision; none of one that failed or was aborted."""
        if not self._asks or self._message.end in (StreamEnd.FAILED, StreamEnd.ABORTED):
            return []
        calls = self._run().transcript.tool_calls
        return [call for call in calls if call.state is ToolCallState.AWAITING_APPROVAL]

    async def _decision_about(self, calls: list[ToolCall]) -> Decision | None:
        """The next decision; None when the stream, which was left open, goes on by itself."""
        again = self.approvals.pause(calls)
        if unclear := under_one_id(calls):
            raise sharing_id(unclear[0])
        if again:
            raise asked_again(again[0])
        self._tell(
            phase=WatchPhase.AWAITING_APPROVAL,
            waiting=self.approvals.waiting,
            preview=self._preview(),
        )
        deciding = asyncio.ensure_future(self.approvals.next())
        try:
            while not deciding.done():
                if self._reading is None or self._reading.done():
                    await asyncio.wait([deciding])
                    break
                self._news.clear()
                await first_of(deciding, self._reading, self._news.wait())
                if self._news.is_set() and not deciding.done():
                    return None
            return deciding.result()
        finally:
            deciding.cancel()

    async def _carry_out(self, decision: Decision) -> None:
        """Send a decision, unless the stream, which was left open, went on without it."""
        call = next((call for call in self._waiting() if call.id == decision.call.id), None)
        if call is None:
            return
        if not is_same(call, decision.call):
            raise changed(decision.call)
        message = self._message.json()
        self._tell(phase=WatchPhase.WATCHING, waiting=self.approvals.waiting)
        decided = with_decision(
            message,
            decision.call.id or "",
            approved=decision.approved,
            reason=decision.reason,
            by=DECIDED_BY,
            at=decision.at,
        )
        self._message, self._asks = StreamedMessage(decided), True
        await self._close()
        self._stream = await self._go_on(message, decision)
        self._opened_at = self._clock()

    def _run(self) -> Run:
        return streamed_run(self._snapshot.run_id, self._message, self._cut)

    def _end(self) -> WatchSnapshot:
        run = self._run()
        return replace(
            self._snapshot,
            phase=WatchPhase.ENDED,
            run=run,
            status=run.status,
            status_text=run.status_text,
            ended_at=self._clock(),
            preview=None,
            waiting=(),
            **self._decided(),
        )

    def _decided(self) -> dict[str, Any]:
        """What is known of the decisions, for a snapshot."""
        decisions = self.approvals.decisions
        return {"decisions": decisions, "carried_out": carried_out(decisions, self._message)}

    def _keep_what_arrived(self) -> Run:
        self._throttle.cancel()
        run = broken_run(self._snapshot.run_id, self._message, self._cut)
        self._tell(run=None if self._message.is_empty else run, preview=None, waiting=())
        return run

    def _unfinished(self, why: Break) -> StreamUnfinished:
        """The error of a watch whose stream broke."""
        return unfinished(
            why,
            self._keep_what_arrived().transcript,
            asked=self._asked,
            kept="Nothing of the answer arrived."
            if self._message.is_empty
            else "What arrived is kept: watch.run.",
            conversation_id=self._conversation_id,
        )

    def _tell(self, **changes: Any) -> None:
        self._snapshot = replace(self._snapshot, **changes, **self._decided())
        self._publish(self._snapshot)


async def _error_of(reading: asyncio.Future[None]) -> PuffleError | None:
    """What ended the stream, if it was not closed in order."""
    try:
        await reading
    except PuffleError as error:
        return error
    return None
