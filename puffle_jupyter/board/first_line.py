"""What a run came to in one line: the beginning of its answer, or of its error."""

from __future__ import annotations

import re

from ..run_data import RunData, RunStatus
from ..safe_text import shortened
from ..transcript.answer import answer_of
from ..transcript.read import read
from ..untrusted import plain_label

LIMIT = 160
_READ = 4_000
"""Characters of an answer that are looked at."""
_MARKS = re.compile(r"^(?:[#>\-*+]+|\d{1,3}[.)])\s+")
_EMPHASIS = re.compile(r"(\*\*|__|`)")
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{1,500}\)")
_NOTHING_SAID = re.compile(r"[-=*_|:`~\s]*")


def first_line(run: RunData) -> str:
    """The first line of the answer of ``run`` that says something, or of its error; "" without either."""
    if run.status is RunStatus.FAILED:
        return _first(run.error or "")
    if run.status is not RunStatus.COMPLETED:
        return ""
    answer = answer_of(run, read(run.body))
    if answer.json is not None:
        return shortened(plain_label(answer.json.encoded[:_READ].decode(errors="replace")), LIMIT)
    return _first(answer.text)


def _first(text: str) -> str:
    """The first line of Markdown that says something, without its marks."""
    for line in text[:_READ].splitlines():
        bare = line.strip()
        if not _NOTHING_SAID.fullmatch(bare) and not bare.startswith(("```", "~~~")):
            said = _EMPHASIS.sub("", _LINK.sub(r"\1", _MARKS.sub("", bare))).strip(" |")
            return shortened(plain_label(said), LIMIT)
    return ""
