"""Calls that wait for a decision, and the decisions: nothing is approved but by `Approvals.decide`.

A call goes one way, once:

pause ──► waiting ──► decided ──► handed over, to be sent by one request
             └─► withdrawn          (the run goes on without it, or is over)

Source of the rule: docs.puffle.ai, "Stream agent chat": the server pauses the stream at such a call, and goes
on with it when a follow-up request says whether it is approved.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import InvalidSetting, NotPending
from ..transcript.model import ToolCall

DECIDED_BY = "this notebook"
"""Who decides: there is no other name that is known for sure."""

LONGEST_REASON = 2_000
"""Characters of a reason, which stays with the transcript."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a call.

    Attributes:
        call: the call, with its arguments as they were shown.
        approved: whether it may be carried out.
        reason: why, in the person's words; None without one.
        at: when, in UTC.
    """

    call: ToolCall
    approved: bool
    reason: str | None
    at: datetime

    def __str__(self) -> str:
        verdict = "approved" if self.approved else "denied"
        why = f": {self.reason}" if self.reason else ""
        return f"{verdict} by {DECIDED_BY} on {self.at:%Y-%m-%d} at {self.at:%H:%M:%S} UTC{why}"


class Approvals:
    """The calls of one run that wait, and what was decided about each. For any thread.

    Args:
        run_id: whose calls they are, for errors.
        now: returns the time in UTC.
    """

    def __init__(self, run_id: str, now: Callable[[], datetime] = _now) -> None:
        self._run_id = run_id
        self._now = now
        self._lock = threading.RLock()
        self._waiting: dict[str, ToolCall] = {}
        self._decided: dict[str, Decision] = {}
        self._to_send: list[Decision] = []
        self._is_over = False
        self._news: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    @property
    def waiting(self) -> tuple[ToolCall, ...]:
        """The calls that wait, in the order in which Puffle asked."""
        with self._lock:
            return tuple(self._waiting.values())

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, oldest first."""
        with self._lock:
            return tuple(self._decided.values())

    def pause(self, calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
        """These calls wait now, and no other does.

        Args:
            calls: calls with an id. One that was decided before is not asked about again, and one of
                several `under_one_id` cannot be decided.

        Returns:
            The calls that were decided before and that Puffle asks about all the same.
        """
        unclear = {call.id for call in under_one_id(calls)}
        with self._lock:
            again = tuple(call for call in calls if call.id in self._decided)
            self._waiting = {
                call.id: call
                for call in calls
                if call.id and call.id not in self._decided and call.id not in unclear
            }
            wanted = {call.id for call in calls}
            self._to_send = [decision for decision in self._to_send if decision.call.id in wanted]
            return tuple(call for call in again if call.id not in {one.call.id for one in self._to_send})

    def decide(
        self, call_id: str, *, approved: bool, reason: str | None = None, shown: ToolCall | None = None
    ) -> Decision:
        """Decide about the call that waits under ``call_id``.

        Args:
            call_id: the id of the call.
            approved: whether it may be carried out.
            reason: why; kept with the transcript.
            shown: the call as the person saw it, where a view decides: another one of this id is refused.

        Raises:
            NotPending: no call of this id waits: nothing was decided.
            InvalidSetting: the reason is no text, or too long: nothing was decided.
        """
        _check_reason(reason)
        with self._lock:
            call = self._waiting.get(call_id) if isinstance(call_id, str) else None
            if call is None:
                raise NotPending(self._why_not(call_id))
            if shown is not None and not is_same(shown, call):
                raise NotPending(
                    f"The call {_shown(call_id)} of {self._run_id} has changed since it was shown."
                )
            del self._waiting[call_id]
            decision = Decision(call, approved, reason or None, self._now())
            self._decided[call_id] = decision
            self._to_send.append(decision)
            news = self._news
        if news is not None:
            news[0].call_soon_threadsafe(news[1].set)
        return decision

    def withdraw(self) -> None:
        """The run is over: no call waits any more."""
        with self._lock:
            self._waiting.clear()
            self._to_send.clear()
            self._is_over = True

    def take(self) -> Decision | None:
        """The oldest decision that was not taken yet, to be sent: each once. None when there is none."""
        with self._lock:
            return self._to_send.pop(0) if self._to_send else None

    async def next(self) -> Decision:
        """`take`, and wait until there is one."""
        event = asyncio.Event()
        with self._lock:
            self._news = asyncio.get_running_loop(), event
        while (decision := self.take()) is None:
            await event.wait()
            event.clear()
        return decision

    def _why_not(self, call_id: object) -> str:
        shown, kind = _shown(call_id), type(call_id).__name__
        if not isinstance(call_id, str):
            return f"No call {shown} of {self._run_id} waits: the id of a call is text, not {kind}."
        if (known := self._decided.get(call_id)) is not None:
            return f"The call {shown} of {self._run_id} was {known}. It is decided once."
        if self._is_over:
            return f"{self._run_id} is over: no call of it waits for a decision."
        if not self._waiting:
            return f"No call of {self._run_id} waits for a decision."
        waiting = ", ".join(map(_shown, self._waiting))
        return f"No call {shown} of {self._run_id} waits for a decision. These do: {waiting}."


def is_same(one: ToolCall, other: ToolCall) -> bool:
    """Whether who approves one approves the other: the same tool, and the same arguments byte for byte."""
    return _content(one) == _content(other)


def under_one_id(calls: Sequence[ToolCall]) -> list[ToolCall]:
    """The calls that have the id of another one, though they are not the same.

    A decision names a call by its id alone, so nobody could say which of them it is about.
    """
    first: dict[str | None, ToolCall] = {}
    return [call for call in calls if not is_same(first.setdefault(call.id, call), call)]


def _content(call: ToolCall) -> tuple[str, bytes | None]:
    """What a person approves: the tool, and its arguments byte for byte."""
    return call.name, None if call.arguments_json is None else call.arguments_json.encoded


def _check_reason(reason: object) -> None:
    if reason is not None and not isinstance(reason, str):
        raise InvalidSetting(f"reason must be text, not {type(reason).__name__}. Nothing was decided.")
    if reason is not None and len(reason) > LONGEST_REASON:
        raise InvalidSetting(f"reason must have at most {LONGEST_REASON:,} characters. Nothing was decided.")


def _shown(call_id: object) -> str:
    return ascii(str(call_id))[1:-1][:80]
