"""What a run said, by place: what it was asked, its answer, its error, what it said on the way."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from ..run_data import RunData
from ..transcript.answer import Answer
from ..transcript.model import (
    DataPart,
    FilePart,
    NotePart,
    Part,
    ReasoningPart,
    SourcePart,
    StatePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Transcript,
    UnknownPart,
)
from ..transcript.readable import readable
from ..untrusted import terminal_safe
from .align import Effort
from .words import Piece, pieces_of

_ASKING = frozenset(("user", "system", "developer"))
"""The roles of those who say what is to be done."""


class TextPlace(enum.Enum):
    """Where a text is, in the order in which it matters."""

    ASKED = "what was asked"
    ERROR = "error"
    ANSWER = "answer"
    SAID = "what was said on the way"
    REASONING = "reasoning"


@dataclass(frozen=True, slots=True)
class TextDiff:
    """A text that differs. ``before`` and ``after`` are as sent; `pieces` are safe to show."""

    place: TextPlace
    before: str
    after: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Both texts word by word.

        Keys are cut out before: in two pieces, none would be found.
        """
        return self.pieces_within(None)

    def pieces_within(self, effort: Effort | None) -> tuple[Piece, ...]:
        """`pieces`, which take their share of ``effort``."""
        return pieces_of(terminal_safe(self.before), terminal_safe(self.after), effort)


def is_asking(role: str) -> bool:
    """Whether who speaks in ``role`` says what is to be done."""
    return role in _ASKING


def texts_of(run: RunData, transcript: Transcript, answer: Answer) -> dict[TextPlace, str]:
    """What ``run`` said, by place; a text for each place, which may be empty."""
    said: dict[TextPlace, list[str]] = {place: [] for place in TextPlace}
    said[TextPlace.ERROR].append(run.error or "")
    said[TextPlace.ANSWER].append(answer.text if answer.json is None else readable(answer.json))
    for at, message in enumerate(transcript.messages):
        for number, part in enumerate(message.parts):
            if answer.is_said_by(at, number):
                continue
            is_asked = isinstance(part, TextPart) and is_asking(message.role)
            is_reasoning = isinstance(part, ReasoningPart)
            place = TextPlace.REASONING if is_reasoning else TextPlace.SAID
            said[TextPlace.ASKED if is_asked else place] += _said(part)
    return {place: "\n\n".join(filter(None, texts)) for place, texts in said.items()}


def _said(part: Part) -> Iterator[str]:
    """What ``part`` says; nothing for a call, which is compared by itself, and for internal state."""
    match part:
        case TextPart():
            yield part.text
        case ReasoningPart():
            yield "" if part.redacted else part.text
        case FilePart():
            yield ", ".join(filter(None, (part.name, part.media_type, part.url)))
        case SourcePart():
            yield ", ".join(filter(None, (part.title, part.url, part.quote)))
        case NotePart():
            yield f"{part.label}: {part.text}" if part.text and not part.is_mark else ""
        case DataPart():
            yield f"{part.label}: {readable(part.data)}"
        case UnknownPart():
            yield f"{part.label}: {readable(part.raw)}"
        case ToolCallPart() | ToolResultPart() | StatePart():
            pass
