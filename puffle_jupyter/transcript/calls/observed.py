"""What readers hand over: messages whose calls and results are not joined yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from ...json_value import JsonValue
from ..model import Part, ToolCallState, Usage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one result says of a call: ``state`` is SUCCEEDED, FAILED or DENIED."""

    state: ToolCallState
    result: JsonValue | None = None
    error: JsonValue | None = None
    preliminary: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody was asked about a call; ``approved`` is None until they answered.

    Attributes:
        by: who answered, where that was noted: see `transcript.decision`.
        at: when, in UTC.
    """

    approved: bool | None = None
    reason: str | None = None
    automatic: bool = False
    by: str | None = None
    at: str | None = None

    @property
    def is_answered(self) -> bool:
        """Whether somebody approved or denied."""
        return self.approved is not None

    @property
    def words(self) -> str:
        """What a view says of it."""
        if not self.is_answered:
            return "approval requested"
        verdict = ("approved" if self.approved else "denied") + (" automatically" if self.automatic else "")
        verdict += f" by {self.by}" if self.by else ""
        verdict += f" at {self.at}" if self.at else ""
        return f"{verdict}: {self.reason}" if self.reason else verdict


@dataclass(frozen=True, slots=True)
class ToolObservation:
    """What one wire object tells of a tool call: the call, its result, or both (UI messages)."""

    raw: JsonValue
    name: str
    id: str | None
    is_call: bool
    arguments: JsonValue | None = None
    outcome: Outcome | None = None
    approval: Approval | None = None
    title: str | None = None
    provider_executed: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalObservation:
    """A request for approval or the answer to one, standing as a part of its own (AI SDK v6+)."""

    raw: JsonValue
    approval_id: str | None
    call_id: str | None
    approval: Approval


DraftPart: TypeAlias = Part | ToolObservation | ApprovalObservation


@dataclass(slots=True)
class Draft:
    """A message as one reader read it."""

    role: str
    parts: list[DraftPart]
    raw: JsonValue
    format: str
    id: str | None = None
    created_at: datetime | None = None
    usage: Usage | None = None
