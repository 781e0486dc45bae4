"""Cells that Markdown would drop: a table row with more cells than its header loses the rest (GFM, 4.10).

Agents write them mostly by accident: ``| `a|b` | either |`` is three cells, for GFM looks for cells before it
looks for code. Here such a bar becomes a character of its cell.
"""

from __future__ import annotations

import re

_RULE = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_CODE = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_BAR = re.compile(r"(?<!\\)\|")
LONGEST_ROW = 2_000
"""Characters of the longest row that is looked at."""


def keep_cells(text: str) -> str:
    """``text`` with the bars escaped that would cut a table row into more cells than its header has.

    Bars in code first, then those after the last column: its cell holds the rest of the row.

    >>> print(keep_cells("|a|b|\\n|-|-|\\n|`x|y`|z|\\n|1|2|3|"))
    |a|b|
    |-|-|
    |`x\\|y`|z|
    |1|2\\|3|
    """
    if "|" not in text or not _RULE.search(text):
        return text
    lines = text.split("\n")
    columns, fence = 0, ""
    for at, line in enumerate(lines):
        if found := _FENCE.match(line):
            mark = found[1]
            if not fence:
                fence = mark
            elif mark.startswith(fence):
                fence = ""
            columns = 0
        elif fence or "|" not in line:
            columns = 0
        elif columns:
            lines[at] = _fitted(line, columns)
        elif at and "|" in lines[at - 1] and _RULE.match(line):
            columns = _cells(line)
    return "\n".join(lines)


def _cells(row: str) -> int:
    inside = row.strip()
    bars = len(_BAR.findall(inside))
    return bars + 1 - inside.startswith("|") - (len(inside) > 1 and bool(_BAR.match(inside, len(inside) - 1)))


def _fitted(row: str, columns: int) -> str:
    inside = row.strip()
    most = inside.count("|") + 1 - inside.startswith("|") - inside.endswith("|")
    if most <= columns or len(row) > LONGEST_ROW or _cells(row) <= columns:
        return row
    row = _CODE.sub(lambda code: _BAR.sub(r"\\|", code[0]), row)
    if _cells(row) <= columns:
        return row
    kept = columns + row.lstrip().startswith("|")
    bars = [bar.start() for bar in _BAR.finditer(row)]
    last = bars[-1] if row.rstrip().endswith("|") else len(row)
    excess = [bar for bar in bars[kept - 1 :] if bar < last]
    for bar in reversed(excess):
        row = f"{row[:bar]}\\{row[bar:]}"
    return row
