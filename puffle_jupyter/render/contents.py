"""The contents of a long transcript: what was said, a line each, and which message it is in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..safe_text import shortened
from ..transcript.model import TextPart
from ..untrusted import plain_label
from .blocks import OutlinedMessage
from .outline import Outline

FEWEST = 8
"""Messages with a text; a shorter transcript is seen at a glance."""
_MOST = 300
_LINE = 90
_READ = 300  # characters of a line that are searched for links
_MARKS = "#>*_`|-+~ \t"  # of Markdown, around a first line
_LINK = re.compile(r"\[([^\]\n]*)\]\([^)\n]*\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents, harmless but not yet html; ``message`` is the index of its message."""

    words: str
    message: int


def contents_of(outline: Outline) -> tuple[list[Entry], int]:
    """The entries, and how many more there would be; none for a short transcript."""
    entries = [entry for outlined in outline.messages() if (entry := _entry(outlined)) is not None]
    return (entries[:_MOST], max(0, len(entries) - _MOST)) if len(entries) >= FEWEST else ([], 0)


def _entry(outlined: OutlinedMessage) -> Entry | None:
    texts = (part.text for part in outlined.message.parts if isinstance(part, TextPart))
    lines = (line.strip(_MARKS) for text in texts for line in text.split("\n"))
    # Redacted in whole: half of a key is not known for one.
    first = plain_label(next(filter(None, lines), ""))[:_READ]
    first = _LINK.sub(r"\1", first).replace("**", "").replace("`", "")
    if not first or not outlined.indexes:
        return None
    role = shortened(plain_label(outlined.message.role) or "(no role)", 20)
    return Entry(f"{role}: {shortened(first, _LINE)}", outlined.indexes[0])
