"""A tool call while it is being joined from everything the wire tells of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from ..json_value import JsonValue
from .model import ToolCall, ToolCallState
from .sightings import Approval, Outcome, ToolSighting


@dataclass(slots=True, eq=False)
class JoinedCall:
    """What is known of one call so far; ``home`` is the sighting at whose place it is shown."""

    position: int
    home: ToolSighting
    name: str = ""
    id: str | None = None
    is_call: bool = False
    arguments: JsonValue | None = None
    outcome: Outcome | None = None
    approval: Approval | None = None
    title: str | None = None
    provider_executed: bool = False
    results: int = 0
    listed: bool = False
    """Whether an item of the top-level ``toolCalls`` was found to be this call."""
    notes: list[str] = field(default_factory=list)
    raw: list[JsonValue] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether a result may still come."""
        return self.outcome is None or self.outcome.preliminary

    def tell(self, sighting: ToolSighting) -> None:
        """Add what one more wire object tells. What is known stands, but the last result wins."""
        self._describe(sighting)
        if sighting.outcome is not None and (self.is_open or not sighting.outcome.preliminary):
            self.outcome = sighting.outcome
            self.results += not sighting.is_call and not sighting.outcome.preliminary

    def tell_listed(self, sighting: ToolSighting) -> None:
        """Add what the top-level ``toolCalls`` tell: a result of the messages stands."""
        self._describe(sighting)
        if sighting.outcome is not None and self.is_open:
            self.outcome = sighting.outcome

    def _describe(self, sighting: ToolSighting) -> None:
        self.raw.append(sighting.raw)
        self.name = self.name or sighting.name
        self.id = self.id or sighting.id
        self.is_call = self.is_call or sighting.is_call
        if self.arguments is None:
            self.arguments = sighting.arguments
            self.notes.extend(sighting.notes)
        self.approval = sighting.approval or self.approval
        self.title = self.title or sighting.title
        self.provider_executed = self.provider_executed or sighting.provider_executed

    def finish(self) -> ToolCall:
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
    return sorted(calls, key=lambda call: call.position)
