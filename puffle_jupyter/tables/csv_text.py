"""Rows as CSV that a spreadsheet opens without running any of it.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to Excel and others, wherever it came from
(OWASP, "CSV Injection"): such a cell gets an apostrophe before it. Where Excel expects semicolons between
cells it also ends a cell at one inside quotes, and a row at a line break: what follows them is a cell too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from ..json_value import JsonKind, JsonValue
from ..render.arguments_summary import cell_text
from ..transcript.tables import Rows
from ..untrusted import terminal_safe

# Bounded, since a long run of spaces would be read again from each place in it.
_FORMULA = re.compile(r"(?:^|(?<=[;\n]))(?=[\"'\s]{0,40}[=+\-@＝＋－＠])|^(?=\t)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


class CsvText:
    """A table as CSV (RFC 4180), in UTF-8 with the mark by which Excel knows it.

    Args:
        columns: the names of the columns.

    Attributes:
        disarmed: cells that got an apostrophe, those of the heading among them.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.disarmed = 0
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_ALL)
        if columns:
            self.add(columns)

    def add(self, cells: Iterable[JsonValue | str | None]) -> None:
        """Add a row; None is an empty cell."""
        self._writer.writerow([self._cell(cell) for cell in cells])

    def encoded(self) -> bytes:
        """All of it, in UTF-8."""
        return self._text.getvalue().encode("utf-8-sig")

    def _cell(self, cell: JsonValue | str | None) -> str:
        text = _cell_words(cell)
        if _is_number(cell):
            return text
        safe = without_formula(text)
        self.disarmed += safe != text
        return safe


def tab_separated(found: Rows) -> str:
    """The rows as lines of cells with tabs between them, as spreadsheets take what is pasted.

    No cell starts a formula, and none holds a tab or a line break.
    """
    lines = ["\t".join(map(_pasted, found.columns))]
    lines += ["\t".join(_pasted(row.get(column)) for column in found.columns) for row in found.rows]
    return "\n".join(lines)


def _pasted(cell: JsonValue | str | None) -> str:
    text = " ".join(_cell_words(cell).split())
    return text if _is_number(cell) else without_formula(text)


def _is_number(cell: JsonValue | str | None) -> bool:
    return isinstance(cell, JsonValue) and cell.kind is JsonKind.NUMBER


def _cell_words(cell: JsonValue | str | None) -> str:
    if cell is None or (isinstance(cell, JsonValue) and cell.is_null):
        return ""
    if isinstance(cell, JsonValue) and cell.kind is JsonKind.NUMBER:
        return cell.encoded.decode()
    return terminal_safe(cell_text(cell) if isinstance(cell, JsonValue) else cell)


def without_formula(text: str) -> str:
    """``text`` as a cell that starts no formula; a number stays one.

    >>> without_formula("=1+1"), without_formula("-5")
    ("'=1+1", '-5')
    """
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)
