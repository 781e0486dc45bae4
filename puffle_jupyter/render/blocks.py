"""The blocks of an outline: what every view shows, before it is html, text or Markdown.

Texts, labels and names in them are untrusted and exactly as sent: each renderer escapes them its own way.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from ..json_value import JsonValue
from ..transcript.model import Message, ToolCall


@dataclass(frozen=True, slots=True)
class Sentence:
    """How a run ended, in our words."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it failed, as Puffle said it."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The final text, in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerJson:
    """What came in place of a final text."""

    value: JsonValue


@dataclass(frozen=True, slots=True)
class WhatItDid:
    """The tools of a run, and its failed calls, in a plain line each; "" without any."""

    deeds: str
    failed: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of ours over messages or calls; ``counts`` may say how many."""

    text: str
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A message begins: its role, "" without one, and its time and tokens in a plain line."""

    role: str
    facts: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of ours about the whole: what was counted, or what is left out."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown that a role said."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerAbove:
    """In place of the text that is the final answer, which is shown at the top."""


@dataclass(frozen=True, slots=True)
class ResultElsewhere:
    """In place of a result that is shown with its call; ``title`` is the tool's name, one line."""

    title: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thought, folded; ``hidden`` is the JSON of what the provider hid."""

    text: str
    hidden: JsonValue | None


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call with its result."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class FurtherCalls:
    """Calls in a row that the short form of a run names together."""

    calls: tuple[ToolCall, ...]


def values_of(call: ToolCall) -> list[tuple[str, JsonValue]]:
    """What a call holds as JSON, by name, in the order in which it is shown."""
    values = {"arguments": call.arguments_json, "error": call.error_json, "result": call.result_json}
    return [(name, value) for name, value in values.items() if value is not None]


class FactsKind(enum.Enum):
    """What a line of facts is about."""

    FILE = "file"
    SOURCE = "source"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Facts:
    """Something known in a line: a file, a source, a note.

    Attributes:
        kind: what it is.
        name: its name, title or label; "" without one.
        details: the media type and size of a file, the cited words of a source, the text of a note.
        url: its address, which is never fetched; None without one.
    """

    kind: FactsKind
    name: str
    details: tuple[str, ...] = ()
    url: str | None = None

    def in_order(self) -> tuple[str, ...]:
        """All of it, in the order in which a line says it; its label (`kind`) comes before."""
        match self.kind:
            case FactsKind.FILE:
                facts = (self.name or "without a name", *self.details, self.url)
            case FactsKind.SOURCE:
                facts = (self.name, self.url, *self.details)
            case FactsKind.NOTE:
                facts = (self.name, *self.details)
        return tuple(fact for fact in facts if fact)


@dataclass(frozen=True, slots=True)
class LabelledJson:
    """Data with a label; ``is_unknown`` where the format of the part is not known."""

    label: str
    value: JsonValue
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class State:
    """Internal state of the agent, which only a page shows, folded."""

    text: str


Block: TypeAlias = Prose | AnswerAbove | ResultElsewhere | Reasoning | Call | Facts | LabelledJson | State
"""What a part of a message is shown as."""

RunBlock: TypeAlias = (
    Sentence | Failure | AnswerText | AnswerJson | WhatItDid | Heading | Speaker | Remark | Block
)
"""What a document of a whole run is made of: see `sections`."""


@dataclass(frozen=True, slots=True)
class OutlinedMessage:
    """A message of the outline.

    Attributes:
        message: who speaks, and the parts; `outline.block_of` makes a block of each.
        count: how many messages of the transcript it is: see `gather`.
        is_answer: it ends with the final answer, as an `AnswerPart`.
        only_results: all it says is shown with the calls it answers.
        indexes: the places in `Transcript.messages` of the messages that it stands for, but of very many
            alike the first alone.
    """

    message: Message
    count: int
    is_answer: bool
    only_results: bool
    indexes: tuple[int, ...] = ()
