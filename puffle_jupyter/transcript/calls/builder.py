"""A tool call while it is being joined from everything the wire tells of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from ...json_value import JsonValue
from ..model import ToolCall, ToolCallState
from .observed import Approval, Outcome, ToolObservation


@dataclass(frozen=True, slots=True)
class Seen:
    """A observation and where it was seen.

    Attributes:
        position: its place among the parts of all messages; those of the top-level list come after them.
        message: the place of its message.
    """

    position: int
    message: int
    observation: ToolObservation


@dataclass(slots=True, eq=False)
class JoinedCall:
    """What is known of one call so far; it is shown at ``position``, the place where it was first seen."""

    position: int
    message: int
    name: str = ""
    id: str | None = None
    is_call: bool = False
    arguments: JsonValue | None = None
    outcome: Outcome | None = None
    approval: Approval | None = None
    title: str | None = None
    provider_executed: bool = False
    results: int = 0
    is_paired: bool = False
    """Whether a result was found for it."""
    listed: bool = False
    """Whether an item of the top-level ``toolCalls`` was found to be this call."""
    notes: list[str] = field(default_factory=list)
    raw: list[JsonValue] = field(default_factory=list)
    observations: list[ToolObservation] = field(default_factory=list)

    @classmethod
    def seen(cls, seen: Seen) -> JoinedCall:
        """The call that ``seen`` is the first observation of."""
        call = cls(seen.position, seen.message)
        call.tell(seen.observation)
        return call

    @property
    def is_open(self) -> bool:
        """Whether a result may still come."""
        return self.outcome is None or self.outcome.preliminary

    @property
    def takes_a_result(self) -> bool:
        """Whether a result can be its first one."""
        return self.is_open and not self.is_paired

    def note(self, words: str) -> None:
        """Say ``words`` of it; "" says nothing."""
        if words:
            self.notes.append(words)

    def tell(self, observation: ToolObservation) -> None:
        """Add what one more wire object tells. What is known stays, but the last result wins."""
        self._describe(observation)
        if observation.outcome is not None and (self.is_open or not observation.outcome.preliminary):
            self.outcome = observation.outcome
            self.results += not observation.is_call and not observation.outcome.preliminary

    def tell_listed(self, listed: JoinedCall) -> None:
        """Add what the top-level ``toolCalls`` tell of it: a result of the messages stays."""
        for observation in listed.observations:
            self._describe(observation)
        if listed.outcome is not None and self.is_open:
            self.outcome = listed.outcome
            self.notes.extend(listed.notes)

    def _describe(self, observation: ToolObservation) -> None:
        self.raw.append(observation.raw)
        self.observations.append(observation)
        self.name = self.name or observation.name
        self.id = self.id or observation.id
        self.is_call = self.is_call or observation.is_call
        if self.arguments is None:
            self.arguments = observation.arguments
            self.notes.extend(observation.notes)
        self.approval = observation.approval or self.approval
        self.title = self.title or observation.title
        self.provider_executed = self.provider_executed or observation.provider_executed

    def finish(self, index: int) -> ToolCall:
        """The call as a fact; ``index`` is its place among the calls of the run."""
        outcome = self.outcome or Outcome(ToolCallState.PENDING)
        notes = [*self.notes, *outcome.notes]
        if self.approval is not None:
            notes.append(self.approval.words)
        if self.results > 1:
            notes.append(f"{self.results} results were sent: this is the last one")
        if outcome.preliminary:
            notes.append("a preliminary result: the final one was not sent")
        return ToolCall(
            id=self.id,
            name=self.name or "unknown tool",
            state=self._state(),
            arguments_json=self.arguments,
            result_json=outcome.result,
            error_json=outcome.error,
            title=self.title,
            provider_executed=self.provider_executed,
            notes=tuple(dict.fromkeys(notes)),
            raw=tuple(self.raw),
            index=index,
        )

    def _state(self) -> ToolCallState:
        if not self.is_call:
            return ToolCallState.ORPHAN_RESULT
        if self.outcome is not None:
            return ToolCallState.PENDING if self.outcome.preliminary else self.outcome.state
        if self.approval is None or self.approval.approved:
            return ToolCallState.PENDING
        return ToolCallState.AWAITING_APPROVAL if self.approval.approved is None else ToolCallState.DENIED


class CallQueues:
    """Calls under keys, in order of appearance.

    A call that is done with (``is_done``) stays so: it leaves its queue for good, and finding the first
    usable one takes constant time however many calls a run has.
    """

    def __init__(self, is_done: Callable[[JoinedCall], bool]) -> None:
        self._is_done = is_done
        self._queues: dict[Hashable, deque[JoinedCall]] = {}

    def add(self, key: Hashable, call: JoinedCall) -> None:
        """Note ``call`` under ``key``."""
        self._queues.setdefault(key, deque()).append(call)

    def __contains__(self, key: Hashable) -> bool:
        """Whether any call was ever added under ``key``."""
        return key in self._queues

    def first(self, *keys: Hashable) -> JoinedCall | None:
        """The earliest usable call under any of ``keys``."""
        found = [call for key in keys if (call := self._first(key)) is not None]
        return min(found, key=lambda call: call.position, default=None)

    def _first(self, key: Hashable) -> JoinedCall | None:
        queue = self._queues.get(key)
        while queue and self._is_done(queue[0]):
            queue.popleft()
        return queue[0] if queue else None


def in_order(calls: Iterable[JoinedCall]) -> list[JoinedCall]:
    """``calls`` in the order in which they appeared."""
    return sorted(calls, key=lambda call: call.position)
