"""What a run's final text is, and where a message says it once more: the one home of both rules.

A run ends with a text, and its last assistant message most often ends with the same. Every view shows it
once, on top; the search and the data frame report it once.
"""

from __future__ import annotations

import itertools
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
        message: the index in `Transcript.messages` of the message that ends with this answer.
        parts: the indexes of its text parts that are the answer; what it says before, in earlier steps, is
            shown as ever.
    """

    text: str = ""
    json: JsonValue | None = None
    state: str = ""
    message: int | None = None
    parts: frozenset[int] = frozenset()

    def is_said_by(self, message: int, part: int) -> bool:
        """Whether the part of this index, of the message of that index, says the answer once more."""
        return message == self.message and part in self.parts


def answer_of(run: RunData, transcript: Transcript) -> Answer:
    """The final text of ``run``."""
    value = run.body.members().get("text")
    if value is not None and value.kind not in (JsonKind.STRING, JsonKind.NULL):
        return Answer(json=value)
    text, blocks = split_profile_data(run.text or "")
    return Answer(text, None, "\n".join(blocks), *_saying(text, transcript))


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


def _saying(text: str, transcript: Transcript) -> tuple[int | None, frozenset[int]]:
    """The last assistant message and its last text parts, when these are ``text``: nobody else answers.

    A message of several steps says something in each; the answer is what it says in the end.
    """
    nobody = None, frozenset[int]()
    roles = [message.role for message in transcript.messages]
    if not text.strip() or "assistant" not in roles:
        return nobody
    last = len(roles) - 1 - roles[::-1].index("assistant")
    parts = transcript.messages[last].parts
    texts = [(at, part.text) for at, part in enumerate(parts) if isinstance(part, TextPart)]
    count = _last_that_say(text.strip(), [said for _, said in texts])
    return (last, frozenset(at for at, _ in texts[-count:])) if count else nobody


def _last_that_say(text: str, said: list[str]) -> int:
    """How many of the last of ``said`` are ``text`` together, but for white space around it; 0 for none."""
    whole = "".join(said).rstrip()
    if not whole.endswith(text):
        return 0
    begins = len(whole) - len(text)
    before = len(whole[:begins].rstrip())
    starts = itertools.accumulate(map(len, said[:-1]), initial=0)
    first = next((at for at, start in enumerate(starts) if before <= start <= begins), len(said))
    return len(said) - first
