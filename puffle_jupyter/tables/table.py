"""`Table` and `Tables`: what a user holds of the tables of a run."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from ..errors import NoSuchTable
from ..new_file import write_file
from ..printing import say
from ..render.arguments_summary import cell_text
from ..render.html.escape import label
from ..render.html.fold import details, left_out, small
from ..render.html.run import wrapped
from ..render.html.tool_call import TABLE_COLUMNS, rows_table
from ..render.limits import NOTEBOOK, Limits, series
from ..render.words import count_words
from ..safe_text import shortened
from ..transcript.dataframe import table_frame
from ..transcript.tables import Rows
from ..untrusted import plain_label, untrusted_words
from .csv_text import CsvText
from .names import unique_names

_OPEN = 4
"""Tables of a run that are shown unfolded."""
_LINES, _CELL = 10, 40  # rows and characters of a cell in plain text
_LONGEST_NAMES = 500


@dataclass(frozen=True, repr=False)
class Table:
    """A table of a run: the rows of a tool's result, or a table in what was said.

    Attributes:
        name: its name in `Run.tables`, one harmless line.
        place: where it is from, such as ``result of search_leads, run.calls[0]``.
        sent: its rows as sent.
        shown: the same, where a file in base64 is its type and size: what is shown and written.
        joined: where it is of one call of several, the name of the table of them all; else "".
    """

    name: str
    place: str
    sent: Rows
    shown: Rows
    joined: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order of first appearance."""
        return self.sent.columns

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as Python objects, decoded at each access; a row has no key for a missing cell."""
        return [{column: cell.python() for column, cell in row.items()} for row in self.sent.rows]

    def __len__(self) -> int:
        return len(self.sent.rows)

    def to_frame(self) -> Any:
        """The table as a pandas DataFrame, with nullable types and every value as sent.

        Raises:
            MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        return table_frame(self.sent)

    def to_csv(self, path: str | os.PathLike[str], overwrite: bool = False) -> Path:
        """Write the table to a CSV file that is safe to open in a spreadsheet.

        A text that would start a formula there gets an apostrophe before it; if there are any, a printed line
        says how many, and another one where the rows are those of one call of several. Numbers stay as sent.
        API keys are removed, as from every export.

        Args:
            path: where to; ``~`` is the home folder.
            overwrite: replace a file that is there.

        Returns:
            The path of the file.

        Raises:
            FileExists: there is a file already, and ``overwrite`` is not set.
            InvalidExport: the folder does not exist, or the path is a folder.
        """
        written = write_csv(path, csv_of(self), overwrite=overwrite)
        if self.joined:
            say(
                f"{plain_label(str(written))}: the {self.place}; "
                f"tables[{self.joined!r}] has those of all its calls"
            )
        return written

    def _repr_html_(self) -> str:
        heading = f"<b>{html.escape(self.name)}</b> {small(self._facts())}"
        return wrapped(heading + _body(self, NOTEBOOK.for_one_output()))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.to_text())

    def to_text(self) -> str:
        """Name, columns and the first rows as plain text, safe to print in a terminal."""
        lines = [repr(self)[1:-1], "  " + _line(self.shown.columns)]
        for row in self.shown.rows[:_LINES]:
            cells = [row.get(column) for column in self.shown.columns]
            lines.append("  " + _line("" if cell is None else cell_text(cell) for cell in cells))
        if len(self) > _LINES:
            lines.append(f"  … {count_words(len(self) - _LINES, 'row')} more: see to_frame() or to_csv(path)")
        return "\n".join(lines)

    def __repr__(self) -> str:
        rows, columns = count_words(len(self), "row"), count_words(len(self.columns), "column")
        return f"<Table {self.name} · {rows} · {columns} · {self.place}>"

    def _facts(self) -> str:
        said = [count_words(len(self), "row"), label(self.place)]
        if len(self.columns) > TABLE_COLUMNS:
            said.insert(1, f"{TABLE_COLUMNS} of {len(self.columns):,} columns shown, all of them in to_csv()")
        return " · ".join(said)


class Tables(tuple[Table, ...]):
    """The tables of a run, those of the answer first; by name it is the one of this name.

    >>> run.tables["search_leads"].to_csv("leads.csv")         # doctest: +SKIP
    PosixPath('leads.csv')
    """

    __slots__ = ()

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> Table: ...
    @overload
    def __getitem__(self, key: slice) -> Tables: ...
    @overload
    def __getitem__(self, key: str) -> Table: ...
    def __getitem__(self, key: int | slice | str) -> Table | Tables:
        if isinstance(key, str):
            return self._named(key)
        found = super().__getitem__(key)
        return Tables(found) if isinstance(key, slice) else found  # type: ignore[return-value, arg-type]

    def __contains__(self, wanted: object) -> bool:
        return wanted in self.names if isinstance(wanted, str) else super().__contains__(wanted)

    @property
    def names(self) -> list[str]:
        """The names, each different, in order."""
        return [table.name for table in self]

    def _named(self, name: str) -> Table:
        for table in self:
            if table.name == name:
                return table
        there = untrusted_words(", ".join(self.names), _LONGEST_NAMES) or "no tables"
        raise NoSuchTable(f"no table {name!r} in this run; there are: {there}")

    def _repr_html_(self) -> str:
        limits = NOTEBOOK.for_one_output()
        shown = list(series(list(enumerate(self)), _fold, limits))
        rest = left_out(len(shown), len(self), "table", limits)
        return wrapped(f"<b>{count_words(len(self), 'table')}</b>{''.join(shown)}{rest}")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("\n".join([f"<{count_words(len(self), 'table')}>", *(f"  {table!r}" for table in self)]))

    def __repr__(self) -> str:
        return f"<Tables {self.names!a}>"


def named_tables(found: Iterable[tuple[str, str, Rows, Rows]]) -> Tables:
    """Tables of names, places, rows as sent and rows as shown; equal names are told apart by numbers."""
    listed = list(found)
    names = unique_names(name for name, *_ in listed)
    pairs = zip(names, listed, strict=True)
    return Tables(Table(name, place, sent, shown) for name, (_, place, sent, shown) in pairs)


def csv_of(table: Table) -> CsvText:
    """``table`` as CSV, a file in base64 as its type and size."""
    text = CsvText(table.shown.columns)
    for row in table.shown.rows:
        text.add(row.get(column) for column in table.shown.columns)
    return text


def write_csv(path: str | os.PathLike[str], text: CsvText, *, overwrite: bool) -> Path:
    """Write ``text``, and say so where a cell of it was changed."""
    written = write_file(path, text.encoded(), overwrite=overwrite)
    if text.disarmed:
        cells = count_words(text.disarmed, "cell")
        say(f"{plain_label(str(written))}: {cells} would have started a formula: an apostrophe is before it")
    return written


def _fold(numbered: tuple[int, Table], limits: Limits) -> str:
    at, table = numbered
    summary = f"<b>{html.escape(table.name)}</b> {small(table._facts())}"
    return details(summary, _body(table, limits), is_open=at < _OPEN)


def _body(table: Table, limits: Limits) -> str:
    return rows_table(table.shown, limits) if table.shown.rows else ""


def _line(cells: Iterable[str]) -> str:
    return " · ".join(shortened(plain_label(cell), _CELL) for cell in cells)
