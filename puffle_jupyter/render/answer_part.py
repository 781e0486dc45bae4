"""The texts of a message that say the final answer once more: marked once, for every view."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..transcript.answer import Answer
from ..transcript.model import Part, TextPart, Transcript


@dataclass(frozen=True, slots=True)
class AnswerPart(TextPart):
    """A text of a message that is the final answer, which is shown at the top."""


def answer_marked(transcript: Transcript, answer: Answer) -> Transcript:
    """``transcript`` with an `AnswerPart` for each text that ``answer`` is said by."""
    at = answer.message
    if at is None:
        return transcript
    before, message, behind = transcript.messages[:at], transcript.messages[at], transcript.messages[at + 1 :]
    parts = tuple(
        _marked(part) if answer.is_said_by(at, number) else part for number, part in enumerate(message.parts)
    )
    return replace(transcript, messages=(*before, replace(message, parts=parts), *behind))


def _marked(part: Part) -> Part:
    return AnswerPart(part.text, part.raw) if isinstance(part, TextPart) else part
