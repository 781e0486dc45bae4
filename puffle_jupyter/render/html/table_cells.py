"""Cells that Markdown would drop: a table row with more cells than its header loses the rest (GFM, 4.10).

Agents write them mostly by accident: ``| `a|b` | either |`` is three cells, for GFM looks for cells before it
looks for code. Here such a bar becomes a character of its cell. comrak itself says which lines are rows, but
is asked only if one may be too long. All of it takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .renderer import renderer

_RULE = re.compile(r"^[ \t>]*(?:\|[ \t]*)?:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$", re.MULTILINE)
_TICKS = re.compile("`+")
_BAR = re.compile(r"(?<!\\)\|")
# Text cannot be taken for these: comrak writes its "<" as "&lt;".
_ROW = re.compile(
    r'<(thead)>|<(th) |<tr data-sourcepos="(\d+):(\d+)-[^>]*><td [^>]*data-sourcepos="\d+:(\d+)-'
)


def keep_cells(text: str) -> str:
    """``text`` with the bars escaped that would cut a table row into more cells than its header has.

    Bars in code first, then those after the last column: its cell holds the rest of the row.

    >>> print(keep_cells("|a|b|\\n|-|-|\\n|`x|y`|z|\\n|1|2|3|"))
    |a|b|
    |-|-|
    |`x\\|y`|z|
    |1|2\\|3|
    """
    if "|" not in text or not (rule := _RULE.search(text)):
        return text
    lines = text.split("\n")
    if not _may_lose_cells(lines, text.count("\n", 0, rule.start())):
        return text
    for at, bars in _rows(text):
        lines[at] = _fitted(lines[at], bars)
    return "\n".join(lines)


def _may_lose_cells(lines: list[str], first_rule: int) -> bool:
    """Whether a line after one that may be the rule below a header has more cells than that."""
    columns = 0
    for line in lines[first_rule:]:
        if "|" in line and columns and _is_longer(line, columns):
            return True
        if "-" in line and _RULE.match(line):
            columns = _cells(line.lstrip(" \t>"))
        elif columns and not line.strip(" \t"):
            columns = 0
    return False


def _rows(text: str) -> Iterator[tuple[int, int]]:
    """The rows of the tables of ``text``: the line of each, and how many bars may precede its last cell."""
    columns = 0
    for found in _ROW.finditer(renderer(positions=True)(text)):
        if found[1]:
            columns = 0
        elif found[2]:
            columns += 1
        else:
            begins_with_bar = int(found[5]) > int(found[4])
            yield int(found[3]) - 1, columns - 1 + begins_with_bar


def _is_longer(row: str, columns: int) -> bool:
    count = row.count("|")
    is_ordinary = count == columns + 1 and row[0] == row[-1] == "|"
    return not is_ordinary and count >= columns and _cells(row) > columns


def _cells(row: str) -> int:
    inside = row.strip(" \t")
    bars = len(_BAR.findall(inside))
    return bars + 1 - inside.startswith("|") - (len(inside) > 1 and bool(_BAR.match(inside, len(inside) - 1)))


def _fitted(row: str, bars: int) -> str:
    if not _inner_bars(row)[bars:]:
        return row
    row = _escaped_in_code(row)
    return _escaped_at(row, _inner_bars(row)[bars:])


def _inner_bars(row: str) -> list[int]:
    """Where the bars of ``row`` are, but for one that ends it."""
    end = len(row.rstrip(" \t")) - 1
    return [bar.start() for bar in _BAR.finditer(row) if bar.start() < end]


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
