"""Markdown of others for a renderer that trusts Markdown: a backslash makes text of raw HTML and images.

Code needs none, and would show it. What is code is decided as CommonMark 0.31 does where that is easy
(fences: section 4.5, code spans: 6.1), and where it is not, such as beside a backtick without a partner,
a backslash too many does no harm: a tag too many would. One pass over the text, whatever is in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from .visible import visible

_FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})")
_FENCE_ELSEWHERE = re.compile(r"[ \t>*+\d.)-]*(?:```|~~~)")
_CLOSING = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*")
# A backslash takes what follows it along, so that the one we add is not taken for the escaped one of two.
_TOKEN = re.compile(r"\\.|(?P<ticks>`+)|(?P<danger>!(?=\[)|<(?=[A-Za-z/!?])(?!https?://|mailto:))")
_ADDRESS_WITH_TICK = re.compile(r"<(?:https?://|mailto:)[^\s<>`]*`")
_RUN = re.compile("`+")


def disarmed(text: str) -> str:
    """Markdown whose raw HTML and images are text; code stays as it is.

    >>> disarmed("<b> and `<b>`")
    '\\\\<b> and `<b>`'
    """
    return "\n".join(_lines(visible(text)))


def _lines(text: str) -> Iterator[str]:
    fence, indent = "", 0  # the open fence, and the spaces before it
    known = True  # whether it is known which lines are fenced
    paired = True  # whether every backtick of the paragraph so far has its partner
    for line in text.split("\n"):
        is_blank = not line.strip(" \t")
        if fence and indent and not is_blank and not line.startswith(" " * indent):
            fence, known = "", False  # the list it stands in may have ended here
        if fence:
            yield line
            closing = _CLOSING.fullmatch(line)
            if closing and closing[2].startswith(fence):
                closes = len(closing[1]) < 4 and "\t" not in closing[1]
                # Within a list or a quote, more space closes too; elsewhere that is code.
                known = closes or not (indent or "\t" in closing[1])
                fence = fence if known and not closes else ""
        elif known and (opening := _FENCE.match(line)):
            indent, fence, paired = len(opening[1]), opening[2], True
            yield line
        else:
            known = known and not _FENCE_ELSEWHERE.match(line)
            line, paired = _line(line, known and (paired or is_blank))
            yield line


def _line(line: str, sure: bool) -> tuple[str, bool]:
    """``line`` disarmed, and whether its code spans and those before it are certain.

    Args:
        sure: code spans may be told from text here.
    """
    sure = sure and not _ADDRESS_WITH_TICK.search(line)
    closing = _runs(line) if sure and "`" in line else {}
    done, at = [], 0
    while token := _TOKEN.search(line, at):
        done.append(line[at : token.start()])
        at = token.end()
        if token["ticks"] and sure:
            end = _end_of_span(closing.get(len(token["ticks"]), []), at, len(token["ticks"]))
            # The cells of a table are split before their code is looked for.
            sure = end > 0 and "|" not in line[at:end]
            at = end if sure else at
        done.append(f"\\{token[0]}" if token["danger"] else line[token.start() : at])
    return "".join([*done, line[at:]]), sure


def _runs(line: str) -> dict[int, list[int]]:
    """Where the runs of backticks begin, by their length."""
    found: dict[int, list[int]] = {}
    for run in _RUN.finditer(line):
        found.setdefault(len(run[0]), []).append(run.start())
    return found


def _end_of_span(starts: list[int], at: int, length: int) -> int:
    """Where the code span ends that began before ``at``; 0 when it does not end in this line."""
    index = bisect_left(starts, at)
    return starts[index] + length if index < len(starts) else 0
