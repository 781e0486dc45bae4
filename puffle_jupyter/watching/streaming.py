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
from typing import Protocol

from ..background.throttle import Throttle
from ..errors import PuffleError, StreamUnfinished
from ..json_value import JsonValue
from ..run import Run
from ..transcript.decision import with_decision
from ..transcript.model import ToolCall, ToolCallState
from ..transcript.preview import Preview
from ..transcript.stream import StreamedMessage, StreamEnd
from .approvals import DECIDED_BY, Approvals, Decision
from .schedule import Clock, Sleep
from .snapshot import WatchPhase, WatchSnapshot
from .source import Publish
from .streamed_run import broken_run, streamed_run

UPDATE_SECONDS = 0.1
"""The least time between two previews: ten a second are more than anybody reads."""


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
    ) -> None:
        self.approvals = Approvals(snapshot.run_id)
        self._snapshot = snapshot
        self._stream = stream
        self._go_on = go_on
        self._clock = clock
        self._cut = cut
        self._message = StreamedMessage()
        self._throttle = Throttle(self._show, UPDATE_SECONDS, clock, sleep)
        self._publish: Publish = lambda snapshot: None

    async def follow(self, publish: Publish) -> WatchSnapshot:
        """See `Source`."""
        self._publish = publish
        try:
            await self._read()
            while calls := self._waiting():
                await self._carry_out(await self._decision_about(calls))
                await self._read()
            return self._end()
        except PuffleError as error:
            raise self._unfinished(error) from None
        except asyncio.CancelledError:
            self._keep_what_arrived()
            raise
        finally:
            self._throttle.cancel()
            self.approvals.withdraw()
            await self._stream.aclose()

    def extend(self, interval: float, timeout: float | None) -> None:
        """See `Source`: a stream has no interval, and ends by itself."""

    def poll_now(self) -> None:
        """See `Source`: there is nothing to ask for."""

    def stop(self) -> None:
        """See `Source`: the cancellation of `follow` closes the connection."""

    async def _read(self) -> None:
        await self._stream.read(self._take)
        self._throttle.cancel()
        if self._message.end is StreamEnd.OPEN:
            raise PuffleError("The stream ended before the answer did.")

    def _take(self, data: str) -> None:
        self._message.add(data)
        self._throttle.ask()

    def _show(self) -> None:
        self._tell(preview=self._preview())

    def _preview(self) -> Preview:
        preview = self._message.preview()
        return replace(preview, parts=tuple(map(self._cut, preview.parts)))

    def _waiting(self) -> list[ToolCall]:
        """The calls of a whole message that wait for a decision."""
        if self._message.end is not StreamEnd.FINISHED:
            return []
        calls = self._run().transcript.tool_calls
        return [call for call in calls if call.id and call.state is ToolCallState.AWAITING_APPROVAL]

    async def _decision_about(self, calls: list[ToolCall]) -> Decision:
        again = self.approvals.pause(calls)
        if again:
            raise PuffleError(
                f"Puffle asks once more about the call {ascii(again[0].id)[1:-1][:80]}, which was decided. "
                "A decision is sent once."
            )
        self._tell(
            phase=WatchPhase.AWAITING_APPROVAL,
            waiting=self.approvals.waiting,
            preview=self._preview(),
        )
        return await self.approvals.next()

    async def _carry_out(self, decision: Decision) -> None:
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
        self._message = StreamedMessage(decided)
        await self._stream.aclose()
        self._stream = await self._go_on(message, decision)

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
        )

    def _keep_what_arrived(self) -> Run:
        self._throttle.cancel()
        run = broken_run(self._snapshot.run_id, self._message, self._cut)
        self._tell(run=None if self._message.is_empty else run, preview=None, waiting=())
        return run

    def _unfinished(self, error: PuffleError) -> StreamUnfinished:
        """The error of a watch whose stream broke: what happened, and how to go on."""
        transcript = self._keep_what_arrived().transcript
        kept = (
            "Nothing of the answer arrived." if self._message.is_empty else "What arrived is kept: watch.run."
        )
        made = StreamUnfinished(
            f"{str(error).rstrip('.')}. {kept} Puffle may have ended the work with the stream. Look at the "
            "conversation in Puffle, or send a message that asks it to go on.",
            transcript=transcript,
        )
        made.short = error.short or "the stream broke off"
        return made

    def _tell(self, **changes: object) -> None:
        self._snapshot = replace(self._snapshot, **changes)  # type: ignore[arg-type]
        self._publish(self._snapshot)
