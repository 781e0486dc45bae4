"""What a run's final text is, and which message says it once more: the one home of both rules.

A run ends with a text, and its last assistant message most often says the same. Every view shows it once,
on top; the search and the data frame report it once.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..json_value import JsonKind, JsonValue
from ..run_data import RunData
from .formats.puffle_rows import split_profile_data
from .model import TextPart, Transcript


@dataclass(frozen=True, slots=True)
class Answer:
    """The final text of a run, as people should read it.

    Attributes:
        text: what it says, Markdown, without the agent's internal state; "" when there is none.
        json: its value when it was sent as something else than a string; ``text`` is "" then.
        state: the agent's internal state that was in it.
        message: the index in `Transcript.messages` of the message whose text parts are this answer.
    """

    text: str = ""
    json: JsonValue | None = None
    state: str = ""
    message: int | None = None


def answer_of(run: RunData, transcript: Transcript) -> Answer:
    """The final text of ``run``."""
    value = run.body.members().get("text")
    if value is not None and value.kind not in (JsonKind.STRING, JsonKind.NULL):
        return Answer(json=value)
    text, blocks = split_profile_data(run.text or "")
    return Answer(text, None, "\n".join(blocks), _message_saying(text, transcript))


def final_text(message: JsonValue) -> str:
    """The text that a UI message of the AI SDK ends with: that of its last step, as a poll's ``text`` is."""
    said: list[str] = []
    for part in message.members().get("parts", JsonValue.of([])).items():
        fields = part.members()
        kind = fields["type"].string if "type" in fields else None
        if kind == "step-start":
            said.clear()
        elif kind == "text" and "text" in fields:
            said.append(fields["text"].string or "")
    return "".join(said)


def _message_saying(text: str, transcript: Transcript) -> int | None:
    """The last assistant message, when its text parts together are ``text``: nobody else gives the answer."""
    roles = [message.role for message in transcript.messages]
    if not text.strip() or "assistant" not in roles:
        return None
    last = len(roles) - 1 - roles[::-1].index("assistant")
    said = "".join(part.text for part in transcript.messages[last].parts if isinstance(part, TextPart))
    return last if said.strip() == text.strip() else None
