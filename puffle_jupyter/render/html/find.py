"""Finding in what is shown, and opening or closing its folds: html of our own in, html out.

Every ``<`` in it was written by us: untrusted text is escaped, and Markdown's tags are on a list that
holds neither ``details`` nor ``mark``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_TAG = re.compile(r"(<[^>]*>)")
_FOLD = re.compile(r'<details style="([^"]*)"(?: open)?>')
# A word may go on behind these: **ac**me is one.
_WITHIN_A_LINE = re.compile(r"</?(?:a|b|code|del|em|span|strong)\b")
MARK = '<mark style="background:#ffe27a;color:#1f2328;border-radius:2px">'


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a run's page is arranged.

    Attributes:
        each: what is done to each piece: the answer, a message, a call. One it makes "" of is left out.
        is_open: whether the fold around the messages is open; None leaves that to their number.
        is_brief: only the beginning of the answer, and all the rest in closed folds, so that the page stays
            within 320 px.
        is_search: pieces are left out because they do not hold what is searched for.
    """

    each: Callable[[str], str] = str
    is_open: bool | None = None
    is_brief: bool = False
    is_search: bool = False


def expanded(shown: str) -> str:
    """``shown`` with every fold open."""
    return _FOLD.sub(r'<details style="\1" open>', shown)


def collapsed(shown: str) -> str:
    """``shown`` with every fold closed."""
    return _FOLD.sub(r'<details style="\1">', shown)


AS_IT_IS = Arrangement()
EXPANDED = Arrangement(expanded, is_open=True)
BRIEF = Arrangement(is_open=False, is_brief=True)
COLLAPSED = Arrangement(collapsed)


@dataclass
class Finder:
    """Marks every place that has ``wanted``, in any case, opens the folds around it, and counts.

    >>> Finder("b").mark("<p>ab</p>").count("<mark")
    1
    """

    wanted: str
    count: int = field(default=0, init=False)
    searched: int = field(default=0, init=False)
    holding: int = field(default=0, init=False)

    @property
    def arrangement(self) -> Arrangement:
        """Only the pieces that hold it, marked."""
        return Arrangement(self.mark, is_open=True, is_search=True)

    def mark(self, piece: str) -> str:
        """``piece`` with its folds closed but those around a match; "" when nothing in it matches."""
        pattern = re.compile(re.escape(self.wanted), re.IGNORECASE)
        self.searched += 1
        tokens = _TAG.split(collapsed(piece))
        found = sum(_mark_line(tokens, line, pattern) for line in _lines(tokens))
        if not found:
            return ""
        self.count += found
        self.holding += 1
        _open_around_marks(tokens)
        return "".join(tokens)


def _lines(tokens: list[str]) -> list[list[int]]:
    """The places of the texts, those together that a reader sees as one text."""
    lines: list[list[int]] = [[]]
    for at, token in enumerate(tokens):
        if at % 2 == 0:
            lines[-1].append(at)
        elif not _WITHIN_A_LINE.match(token):
            lines.append([])
    return lines


def _mark_line(tokens: list[str], line: list[int], pattern: re.Pattern[str]) -> int:
    texts = [html.unescape(tokens[at]) for at in line]
    spans = [match.span() for match in pattern.finditer("".join(texts)) if match[0]]
    if spans:
        begin = 0
        for at, text in zip(line, texts, strict=True):
            tokens[at] = _marked(text, [(start - begin, end - begin) for start, end in spans])
            begin += len(text)
    return len(spans)


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    pieces, done = [], 0
    for start, end in spans:
        start, end = max(start, done), min(end, len(text))
        if start < end:
            pieces += [html.escape(text[done:start]), MARK, html.escape(text[start:end]), "</mark>"]
            done = end
    return "".join([*pieces, html.escape(text[done:])])


def _open_around_marks(tokens: list[str]) -> None:
    around: list[int] = []
    for at, token in enumerate(tokens):
        if token.startswith("<details"):
            around.append(at)
        elif token == "</details>":
            around.pop()
        elif at % 2 == 0 and MARK in token:
            for fold in around:
                tokens[fold] = expanded(tokens[fold])
