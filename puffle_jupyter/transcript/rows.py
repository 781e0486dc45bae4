"""Row-like results: a list of flat objects, such as leads, also inside ``{"leads": […]}``."""

from __future__ import annotations

from dataclasses import dataclass

from ..json_value import JsonKind, JsonValue

_NESTED = (JsonKind.OBJECT, JsonKind.ARRAY)
# A table that takes longer to decode than to read is better left as JSON.
_READ_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: the column names in order of first appearance, and the cells of each row by column."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, JsonValue], ...]
    name: str | None = None
    """The key the list stood under; None when the result is the list itself."""
    beside: tuple[tuple[str, JsonValue], ...] = ()
    """What stood beside the list, such as a total."""


def find_rows(value: JsonValue | None) -> Rows | None:
    """The table in ``value``; None when it is not row-like."""
    if value is None or len(value.encoded) > _READ_LIMIT:
        return None
    if value.kind is JsonKind.ARRAY:
        return _rows(value)
    members = value.members()
    lists = [key for key, member in members.items() if member.kind is JsonKind.ARRAY]
    found = _rows(members[lists[0]]) if len(lists) == 1 else None
    if found is None:
        return None
    beside = tuple((key, member) for key, member in members.items() if key != lists[0])
    return Rows(found.columns, found.rows, lists[0], beside)


def _rows(value: JsonValue) -> Rows | None:
    rows = [item.members() for item in value.items()]
    if not rows or not all(row and _is_flat(row) for row in rows):
        return None
    columns = dict.fromkeys(key for row in rows for key in row)
    return Rows(tuple(columns), tuple(rows))


def _is_flat(row: dict[str, JsonValue]) -> bool:
    return not any(cell.kind in _NESTED for cell in row.values())
