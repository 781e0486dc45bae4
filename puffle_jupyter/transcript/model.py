"""What a run said, as facts: messages of parts, tool calls joined with their results.

Field names follow the Vercel AI SDK, whose messages the Puffle agent most likely sends
(docs.puffle.ai, "Poll an agent chat run": ``messages`` and ``toolCalls`` are ``object[]``, no more).
"""

from __future__ import annotations

import enum
import warnings
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from ..json_value import JsonValue


class ToolCallState(enum.Enum):
    """How far a tool call got, as far as its transcript tells."""

    PENDING = "pending"
    """Called; no result was recorded."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    AWAITING_APPROVAL = "awaiting approval"
    DENIED = "denied"
    ORPHAN_RESULT = "result without a call"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool and what came of it, joined from every place the wire told of it.

    ``arguments_json``, ``result_json`` and ``error_json`` are the values exactly as sent; the
    properties ``arguments``, ``result`` and ``error`` give them as Python objects. A present result
    that is ``null`` has ``result_json`` set; an absent one has None there (and ``has_result`` False).
    """

    id: str | None
    name: str
    state: ToolCallState
    arguments_json: JsonValue | None = None
    result_json: JsonValue | None = None
    error_json: JsonValue | None = None
    title: str | None = None
    provider_executed: bool = False
    notes: tuple[str, ...] = ()
    """Plain words about oddities: "arguments are not valid JSON", "approved", "denied: reason", ..."""
    raw: tuple[JsonValue, ...] = ()
    """Every wire object this call was read from, in order."""
    index: int = 0
    """Its place in `Transcript.tool_calls`, which tells it from a call that is equal otherwise."""

    @property
    def arguments(self) -> Any:
        """The arguments as Python, decoded at each access; None without any."""
        return None if self.arguments_json is None else self.arguments_json.python()

    @property
    def result(self) -> Any:
        """The result as Python, decoded at each access; None without one."""
        return None if self.result_json is None else self.result_json.python()

    @property
    def error(self) -> Any:
        """The error as Python, decoded at each access; None without one."""
        return None if self.error_json is None else self.error_json.python()

    @property
    def has_result(self) -> bool:
        """Whether a result was recorded, ``null`` included."""
        return self.result_json is not None

    def to_frame(self) -> Any:
        """The result as a pandas DataFrame when it is row-like: a list of objects, such as leads.

        A nested field is the column ``organization.name``, a list is a text. Columns have nullable types and
        hold every value as sent: whole numbers that 64 bits cannot hold make their column text.

        Raises:
            ValueError: the result is not row-like.
            ImportError: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        from .dataframe import result_frame

        return result_frame(self.name, self.result_json)


@dataclass(frozen=True, slots=True)
class TextPart:
    """What the role said, as Markdown."""

    text: str
    raw: JsonValue


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What the model thought; ``redacted`` when the provider hid it."""

    text: str
    raw: JsonValue
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """The place in a message where a tool was called (or where a result without a call is)."""

    call: ToolCall
    raw: JsonValue


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """The place in a message where a result stood that is shown with its call elsewhere."""

    call: ToolCall
    raw: JsonValue


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file or image: named, never fetched. ``size`` in bytes when the data came along."""

    name: str | None
    media_type: str | None
    size: int | None
    url: str | None
    raw: JsonValue


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A source the model cites; ``quote`` is the words of it that it cites, "" when they were not sent."""

    title: str | None
    url: str | None
    raw: JsonValue
    quote: str = ""


@dataclass(frozen=True, slots=True)
class NotePart:
    """Something known that is not content: a step's start, an approval, a refusal. ``text`` is one line.

    ``is_mark`` says that it only marks a place between others: no view but the raw JSON has it.
    """

    label: str
    text: str
    raw: JsonValue
    is_mark: bool = False


@dataclass(frozen=True, slots=True)
class DataPart:
    """Data that the application or the provider put among the parts: theirs to draw, ours to show as JSON."""

    label: str
    data: JsonValue
    raw: JsonValue


@dataclass(frozen=True, slots=True)
class StatePart:
    """Internal state of the agent that stood among what it said: cut out there, and shown folded."""

    text: str
    raw: JsonValue


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part of unknown shape, shown as labelled JSON. ``label`` is its ``type`` or what it is."""

    label: str
    raw: JsonValue


Part: TypeAlias = (
    TextPart
    | ReasoningPart
    | ToolCallPart
    | ToolResultPart
    | FilePart
    | SourcePart
    | NotePart
    | DataPart
    | StatePart
    | UnknownPart
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a message, as its provider counted them; None for what was not sent."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None

    def plus(self, other: Usage) -> Usage:
        """The tokens of two messages together."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Usage(*(left if right is None else right + (left or 0) for left, right in pairs))

    @property
    def words(self) -> str:
        """``1,200 tokens in, 56 out``, or the total where no more was sent."""
        if self.input_tokens is None and self.output_tokens is None:
            return f"{self.total_tokens or 0:,} tokens"
        counts = {"in": self.input_tokens, "out": self.output_tokens}
        known = [f"{count:,} {way}" for way, count in counts.items() if count is not None]
        return " tokens ".join(known[0].split(" ")) + "".join(f", {words}" for words in known[1:])


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who speaks (as sent), its parts in order, and the wire format it was read in.

    ``created_at`` (UTC) and ``usage`` are None where the message does not say when it was made, and what it
    took.
    """

    role: str
    parts: tuple[Part, ...]
    raw: JsonValue
    format: str = "unknown"
    id: str | None = None
    created_at: datetime | None = None
    usage: Usage | None = None

    @property
    def facts(self) -> str:
        """What is said beside it: ``2026-01-15 09:30:00 UTC · 30 tokens``; "" when nothing is known."""
        made = f"{self.created_at:%Y-%m-%d %H:%M:%S} UTC" if self.created_at else ""
        return " · ".join(filter(None, (made, self.usage.words if self.usage else "")))

    @property
    def shape(self) -> str:
        """The former name of `format`. Deprecated."""
        warnings.warn("Message.shape is now Message.format", DeprecationWarning, stacklevel=2)
        return self.format


@dataclass(frozen=True, slots=True)
class Ledger:
    """The completeness of a transcript: every part received is in exactly one of the three."""

    shown: int = 0
    folded: int = 0
    unknown: int = 0

    @property
    def received(self) -> int:
        """How many parts there are in all."""
        return self.shown + self.folded + self.unknown


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything a run said, in order.

    ``tool_calls`` holds every call once, in order of appearance, those of top-level ``toolCalls`` that
    no message mentions at the end.
    """

    messages: tuple[Message, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
