"""The rows of two runs by key: gained, lost, changed, each once.

A row counts once in whatever call and on whatever page it was.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..json_value import JsonValue
from ..transcript.tables import Rows
from .align import Effort
from .values import Change, changes_of, meaning

Row: TypeAlias = Mapping[str, JsonValue]
_RowKey: TypeAlias = frozenset[tuple[str, bytes]]
_Said: TypeAlias = dict[int, list[_RowKey]]
"""What the rows of a table say, by its id: most tables are the same in both runs."""
_ID = re.compile(r"(?:.*[a-z0-9])?(?:Id|ID)|(?:.*[_.-])?(?:id|uuid|guid|key|email|e-mail)|.*[a-z0-9]Key")
_DATE = re.compile(rb'"\d{4}-\d\d-\d\d')
_FEW = 0.1
"""Of the rows: so many may have the id of another one, which is then named, for the id to be the key."""
_NO_KEY = b"ntf{["
"""What null, true, false, an object and a list begin with: none of them identifies a row."""


@dataclass(frozen=True, slots=True)
class NamedRows:
    """The rows of one place, such as all calls of a tool."""

    name: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that both runs have, with other cells; the paths of ``changes`` are columns."""

    before: Row
    after: Row
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RowsDiff:
    """The rows of one tool, or of a table in the answer.

    Attributes:
        name: the tool, or the table.
        key: the column by which a row is known; None where there is none, and rows are compared as a whole.
        columns: the columns in order of first appearance.
        before: how many different rows the first run has.
        after: the same of the second run.
        gained: the rows that only the second run has.
        lost: the rows that only the first run has.
        changed: the rows with the same key and other cells.
        duplicates: the values of the key that several rows have, and how many do, in the run that has more.
    """

    name: str
    key: str | None
    columns: tuple[str, ...]
    before: int
    after: int
    gained: tuple[Row, ...] = ()
    lost: tuple[Row, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    duplicates: tuple[tuple[JsonValue, int], ...] = ()

    @property
    def same(self) -> int:
        """How many rows are the same in both."""
        return self.before - len(self.lost) - len(self.changed)

    @property
    def is_same(self) -> bool:
        """Whether all of them are."""
        return not (self.gained or self.lost or self.changed)


@dataclass(slots=True)
class _Pool:
    """The different rows of one place in one run, in order of first appearance, by all that they say."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: dict[_RowKey, Row] = field(default_factory=dict)

    def add(self, rows: Rows, said: _Said) -> None:
        self.columns.update(dict.fromkeys(rows.columns))
        if id(rows) not in said:
            said[id(rows)] = [
                frozenset([(column, _said(cell)) for column, cell in row.items()]) for row in rows.rows
            ]
        for key, row in zip(said[id(rows)], rows.rows, strict=True):
            self.rows.setdefault(key, row)


def _said(cell: JsonValue) -> bytes:
    """`meaning` of a cell, which is no object and no list: most are as they were sent."""
    encoded = cell.encoded
    return encoded if b"\\" not in encoded else meaning(cell)


def row_diffs(
    before: Iterable[NamedRows],
    after: Iterable[NamedRows],
    key: str | None = None,
    effort: Effort | None = None,
) -> tuple[RowsDiff, ...]:
    """The rows of each name that is in either run.

    Args:
        before: the rows of the first run.
        after: the rows of the second run.
        key: the column by which a row is known; it is found where it is None or a table has no such column.
        effort: what the comparison of their cells takes its share of.
    """
    effort = effort or Effort()
    said: _Said = {}
    mine, theirs = list(before), list(after)  # kept, since a table is known by its id
    pools, others = _pooled(mine, said), _pooled(theirs, said)
    names = dict.fromkeys([*pools, *others])
    return tuple(
        _diff(name, pools.get(name, _Pool()), others.get(name, _Pool()), key, effort) for name in names
    )


def _pooled(found: Iterable[NamedRows], said: _Said) -> dict[str, _Pool]:
    pools: dict[str, _Pool] = {}
    for named in found:
        pools.setdefault(named.name, _Pool()).add(named.rows, said)
    return pools


def _diff(name: str, before: _Pool, after: _Pool, wanted: str | None, effort: Effort) -> RowsDiff:
    columns = tuple(dict.fromkeys([*before.columns, *after.columns]))
    rows, others = [*before.rows.values()], [*after.rows.values()]
    shared = [column for column in columns if column in before.columns and column in after.columns]
    places = {column: [*before.columns].index(column) + [*after.columns].index(column) for column in shared}
    key = wanted if wanted in columns else found_key(places, rows, others)
    left = [row for said, row in before.rows.items() if said not in after.rows]
    other_left = [row for said, row in after.rows.items() if said not in before.rows]
    changed, lost, gained = _by_key(key, left, other_left, effort)
    duplicates = () if key is None else tuple(_duplicates(key, rows, others))
    return RowsDiff(name, key, columns, len(rows), len(others), gained, lost, changed, duplicates)


def _by_key(
    key: str | None, before: Sequence[Row], after: Sequence[Row], effort: Effort
) -> tuple[tuple[ChangedRow, ...], tuple[Row, ...], tuple[Row, ...]]:
    """Which rows have changed, are lost, are gained; of several with one key, the first ones make pairs."""
    waiting: defaultdict[bytes, list[Row]] = defaultdict(list)
    for row in after:
        waiting[_value(key, row)].append(row)
    changed, lost = [], []
    paired: set[int] = set()
    for row in before:
        value = _value(key, row)
        if not value or not waiting[value]:
            lost.append(row)
            continue
        other = waiting[value].pop(0)
        paired.add(id(other))
        changed.append(ChangedRow(row, other, tuple(_cells(row, other, effort))))
    return tuple(changed), tuple(lost), tuple(row for row in after if id(row) not in paired)


def _value(key: str | None, row: Row) -> bytes:
    return b"" if key is None else meaning(row.get(key))


def _cells(before: Row, after: Row, effort: Effort) -> Iterator[Change]:
    for column in dict.fromkeys([*before, *after]):
        yield from changes_of((column,), before.get(column), after.get(column), effort)


def found_key(places: Mapping[str, int], before: Sequence[Row], after: Sequence[Row]) -> str | None:
    """The column by which a row is known in both: an id, or else texts that differ from row to row.

    Of these the one that most rows of both runs share. A number or a date that is not called an id is none: a
    rank or a day may differ from row to row too.

    Args:
        places: the columns that both have, and how far to the right each of them is.
        before: the rows of the first run.
        after: the rows of the second run.
    """
    found = []
    for column, place in places.items():
        is_id = _ID.fullmatch(column) is not None
        if not is_id and not _is_text(column, before[:1]):
            continue
        known, others = _values(column, before), _values(column, after)
        if known is None or others is None or not (shared := len(known & others)):
            continue
        repeated = len(before) + len(after) - len(known) - len(others)
        if repeated > (_FEW * (len(before) + len(after)) if is_id else 0):
            continue
        if is_id or (_is_text(column, before) and _is_text(column, after)):
            found.append((not is_id, repeated, -shared, place, column))
    return min(found)[-1] if found else None


def _values(column: str, rows: Sequence[Row]) -> set[bytes] | None:
    """The different values of ``column``; None where a row has none."""
    cells = [row.get(column) for row in rows]
    if any(cell is None or cell.encoded[0] in _NO_KEY for cell in cells):
        return None
    return {_said(cell) for cell in cells if cell is not None}


def _is_text(column: str, rows: Sequence[Row]) -> bool:
    cells = [row.get(column) for row in rows]
    return all(
        cell is not None and cell.encoded[:1] == b'"' and not _DATE.match(cell.encoded) for cell in cells
    )


def _duplicates(key: str, before: Sequence[Row], after: Sequence[Row]) -> Iterator[tuple[JsonValue, int]]:
    counts = Counter(_value(key, row) for row in before) | Counter(_value(key, row) for row in after)
    return ((JsonValue(value), count) for value, count in counts.items() if count > 1 and value)
