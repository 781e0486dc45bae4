"""Texts of a terminal side by side, where each has columns enough; else one below the other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rich.cells import cell_len

_NARROWEST = 36
_GAP = "   "


def width_of_each(count: int, columns: int) -> int:
    """Columns that each of ``count`` texts has in a line of so many; all of them where that is too little."""
    each = (columns - (count - 1) * len(_GAP)) // max(count, 1)
    return each if each >= _NARROWEST else columns


def side_by_side(texts: Sequence[str], columns: int) -> str:
    """The texts, each of which is at most `width_of_each` wide.

    >>> print(side_by_side(["a\\nb", "c"], 80).replace(" ", ""))
    ac
    b
    """
    width = width_of_each(len(texts), columns)
    if width == columns:
        return "\n\n".join(texts)
    lines = itertools.zip_longest(*(text.splitlines() for text in texts), fillvalue="")
    padded = (_GAP.join(piece + " " * (width - cell_len(piece)) for piece in line) for line in lines)
    return "\n".join(line.rstrip() for line in padded)
