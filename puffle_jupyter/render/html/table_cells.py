"""Cells that Markdown would drop: a table row with more cells than its header loses the rest (GFM, 4.10).

Agents write them mostly by accident: ``| `a|b` | either |`` is three cells, for GFM looks for cells before it
looks for code. Here such a bar becomes a character of its cell. All of it takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .fence import FENCE, fence_after

_RULE_CELLS = r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$"
_RULE = re.compile(_RULE_CELLS)
_ANY_RULE = re.compile(rf"^(?:(?: {{0,3}}>)+ ?)?{_RULE_CELLS}", re.MULTILINE)
_QUOTE = re.compile(r" {0,3}> ?")
_TICKS = re.compile("`+")
_BAR = re.compile(r"(?<!\\)\|")
_DEPTH = 50  # block quotes in each other: deeper ones are not rendered
_NONE: frozenset[int] = frozenset()


def keep_cells(text: str) -> str:
    """``text`` with the bars escaped that would cut a table row into more cells than its header has.

    Bars in code first, then those after the last column: its cell holds the rest of the row.

    >>> print(keep_cells("|a|b|\\n|-|-|\\n|`x|y`|z|\\n|1|2|3|"))
    |a|b|
    |-|-|
    |`x\\|y`|z|
    |1|2\\|3|
    """
    if "|" not in text or not _ANY_RULE.search(text):
        return text
    return "\n".join(_kept(text.split("\n"), ">" in text, "```" in text or "~~~" in text))


def _kept(lines: list[str], may_quote: bool, may_fence: bool, depth: int = 0) -> list[str]:
    """``lines`` with such bars escaped. A block quote ends a table, and is a text of its own."""
    quoted = _kept_in_quotes(lines, may_fence, depth) if may_quote and depth < _DEPTH else _NONE
    columns, fence = 0, ""
    for at, line in enumerate(lines):
        if at in quoted:
            columns = 0
        elif may_fence and (found := FENCE.match(line)):
            fence = fence_after(fence, found[1])
            columns = 0
        elif fence or "|" not in line:
            columns = 0
        elif columns:
            lines[at] = _fitted(line, columns)
        elif at and "|" in lines[at - 1] and at - 1 not in quoted and _RULE.match(line):
            columns = _cells(line)
    return lines


def _kept_in_quotes(lines: list[str], may_fence: bool, depth: int) -> frozenset[int]:
    """Keep the cells of the block quotes among ``lines``; which lines those are."""
    quotes: list[list[int]] = []
    fence = ""
    for at, line in enumerate(lines):
        if not fence and _QUOTE.match(line):
            if not quotes or quotes[-1][-1] != at - 1:
                quotes.append([])
            quotes[-1].append(at)
        elif found := FENCE.match(line):
            fence = fence_after(fence, found[1])
    for quote in quotes:
        starts = [found.end() if (found := _QUOTE.match(lines[at])) else 0 for at in quote]
        contents = [lines[at][start:] for at, start in zip(quote, starts, strict=True)]
        kept = _kept(contents, True, may_fence, depth + 1)
        for at, start, content in zip(quote, starts, kept, strict=True):
            lines[at] = lines[at][:start] + content
    return frozenset(at for quote in quotes for at in quote)


def _cells(row: str) -> int:
    inside = row.strip()
    bars = len(_BAR.findall(inside))
    return bars + 1 - inside.startswith("|") - (len(inside) > 1 and bool(_BAR.match(inside, len(inside) - 1)))


def _fitted(row: str, columns: int) -> str:
    count = row.count("|")
    is_ordinary = count == columns + 1 and row[0] == row[-1] == "|"
    if is_ordinary or count < columns or _cells(row) <= columns:
        return row
    row = _escaped_in_code(row)
    if _cells(row) <= columns:
        return row
    kept = columns + row.lstrip().startswith("|")
    bars = [bar.start() for bar in _BAR.finditer(row)]
    last = bars[-1] if row.rstrip().endswith("|") else len(row)
    return _escaped_at(row, [bar for bar in bars[kept - 1 :] if bar < last])


def _escaped_at(row: str, places: Sequence[int]) -> str:
    ends = [*places, len(row)]
    return "\\".join([row[start:end] for start, end in zip([0, *places], ends, strict=True)])


def _escaped_in_code(row: str) -> str:
    """``row`` with the bars in its code escaped: from a run of backticks to the next of that length."""
    runs = [(found.start(), found.end()) for found in _TICKS.finditer(row)]
    closing: list[int | None] = []
    next_of_length: dict[int, int] = {}
    for index in reversed(range(len(runs))):
        length = runs[index][1] - runs[index][0]
        closing.append(next_of_length.get(length))
        next_of_length[length] = index
    closing.reverse()
    pieces: list[str] = []
    done = index = 0
    while index < len(runs):
        end = closing[index]
        if end is not None:
            code = row[runs[index][0] : runs[end][1]]
            pieces += [row[done : runs[index][0]], _BAR.sub(r"\\|", code)]
            done, index = runs[end][1], end
        index += 1
    return "".join([*pieces, row[done:]])
