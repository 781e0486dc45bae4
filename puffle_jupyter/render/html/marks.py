"""Marks on what is searched for: each piece of text is marked where it becomes html.

A value that is shown as a table and as JSON is marked once: in the table where that shows the match. What a
line says of it in short is marked too, as a twin, which is not counted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from ..arrangement import Folds
from ..limits import Limits
from .escape import unbroken

_TAG = re.compile(r"(<[^>]*>)")
# A word may go on behind these: **ac**me is one.
_WITHIN_A_LINE = re.compile(r"</?(?:a|b|code|del|em|span|strong)\b")
_LOOKS = "color:#1f2328;border-radius:2px"
MARK = f'<mark style="background:#ffe27a;{_LOOKS}">'
"""The first piece of a match: counted."""
TWIN = f'<mark style="background:#ffe27a;{_LOOKS};">'
"""The rest of a match, or one that is counted elsewhere."""


def marked(shown: str, limits: Limits, *, is_twin: bool = False) -> str:
    """``shown`` with a mark at each match of what is searched for.

    Args:
        shown: one text as html: escaped, or rendered Markdown. Its tags are ours or of those of `markdown`.
        limits: say what is searched for.
        is_twin: the same is shown, and counted, elsewhere in the piece.

    >>> from ..arrangement import Search, around_matches
    >>> marked("<p>ab</p>", Limits(arrangement=around_matches(Search("B")))).count(MARK)
    1
    """
    search = limits.arrangement.search
    if search is None or (pattern := search.pattern) is None:
        return shown
    tokens = _TAG.split(shown)
    found = [_mark_line(tokens, line, pattern, is_twin) for line in _lines(tokens)]
    return unbroken("".join(tokens)) if any(found) else shown


def matches_in(shown: str) -> int:
    """How many matches are marked in ``shown``, each counted once."""
    return shown.count(MARK)


def has_match(shown: str) -> bool:
    """Whether anything is marked in ``shown``."""
    return MARK in shown or TWIN in shown


def is_open_fold(content: str, limits: Limits, *, is_open: bool) -> bool:
    """Whether a fold is open: the one home of that rule.

    Args:
        content: what is in it.
        limits: say how the page is arranged.
        is_open: whether it is where nobody has asked for anything.
    """
    match limits.arrangement.folds:
        case Folds.OPEN:
            return True
        case Folds.CLOSED:
            return False
        case Folds.AROUND_MATCHES:
            return has_match(content)
        case Folds.AS_DECIDED:
            return is_open


def _lines(tokens: list[str]) -> list[list[int]]:
    """The places of the texts, those together that a reader sees as one text."""
    lines: list[list[int]] = [[]]
    for at, token in enumerate(tokens):
        if at % 2 == 0:
            lines[-1].append(at)
        elif not _WITHIN_A_LINE.match(token):
            lines.append([])
    return lines


def _mark_line(tokens: list[str], line: list[int], pattern: re.Pattern[str], is_twin: bool) -> int:
    texts = [html.unescape(tokens[at]) for at in line]
    spans = [match.span() for match in pattern.finditer("".join(texts)) if match[0]]
    if spans:
        begin = first = 0
        for at, text in zip(line, texts, strict=True):
            while first < len(spans) and spans[first][1] <= begin:
                first += 1
            tokens[at] = _marked(text, _within(spans, first, begin, begin + len(text)), is_twin)
            begin += len(text)
    return len(spans)


def _within(spans: list[tuple[int, int]], first: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Those from ``first`` on that begin before ``end``, from ``begin``: each text looks at its own alone."""
    while first < len(spans) and spans[first][0] < end:
        yield spans[first][0] - begin, spans[first][1] - begin
        first += 1


def _marked(text: str, spans: Iterable[tuple[int, int]], is_twin: bool) -> str:
    pieces, done = [], 0
    for start, end in spans:
        mark = TWIN if is_twin or start < 0 else MARK
        start, end = max(start, done), min(end, len(text))
        if start < end:
            pieces += [html.escape(text[done:start]), mark, html.escape(text[start:end]), "</mark>"]
            done = end
    return "".join([*pieces, html.escape(text[done:])])
