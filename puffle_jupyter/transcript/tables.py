"""Row-like results: a list of objects, such as leads, also inside ``{"leads": […]}``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..json_value import JsonKind, JsonValue

_NESTED = (JsonKind.OBJECT, JsonKind.ARRAY)
# A table that takes longer to decode than to read is better left as JSON.
_READ_LIMIT = 2_000_000
# What stands among the items of a tool's content, as the AI SDK, MCP, OpenAI and Anthropic name it.
_CONTENT = frozenset(
    (
        *("text", "media", "image", "image-data", "image-url", "image-file-id", "image-file-reference"),
        *("audio", "custom", "file", "file-data", "file-url", "file-id", "file-reference"),
        *("resource", "resource_link", "document", "search_result"),
        *("input_text", "input_image", "input_file", "output_text"),
    )
)
_LISTS = 16  # lists side by side; of more none is the table
_DEPTH = 4  # levels of objects that become columns; what is deeper is a cell with its JSON


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: the column names in order of first appearance, and the cells of each row by column."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, JsonValue], ...]
    name: str | None = None
    """The key the list stood under; None when the result is the list itself."""
    beside: tuple[tuple[str, JsonValue], ...] = ()
    """What was next to the list, such as a total."""


def table_in(value: JsonValue | None) -> Rows | None:
    """The table in a result, also one without rows; None when it is not row-like."""
    return find_rows(value) or empty_table(value)


def find_rows(value: JsonValue | None) -> Rows | None:
    """The table in ``value``; None when it is not row-like."""
    if value is None or len(value.encoded) > _READ_LIMIT:
        return None
    if value.kind is JsonKind.ARRAY:
        return _rows(value)
    members = value.members()
    lists = {key: member for key, member in members.items() if member.kind is JsonKind.ARRAY}
    if len(lists) > _LISTS:
        return None
    tables = {key: found for key, member in lists.items() if (found := _rows(member)) is not None}
    if not tables:
        return None
    name = max(tables, key=lambda key: len(members[key].encoded))  # the first of equal ones
    beside = tuple((key, member) for key, member in members.items() if key != name)
    return Rows(tables[name].columns, tables[name].rows, name, beside)


def empty_table(value: JsonValue | None) -> Rows | None:
    """The table without rows in ``value``: an empty list, or an object whose only list is empty."""
    if value is None or len(value.encoded) > _READ_LIMIT:
        return None
    if value.kind is JsonKind.ARRAY:
        return None if value.items() else Rows((), ())
    lists = {key: member for key, member in value.members().items() if member.kind is JsonKind.ARRAY}
    if len(lists) != 1:
        return None
    ((name, only),) = lists.items()
    return None if only.items() else Rows((), (), name)


def _rows(value: JsonValue) -> Rows | None:
    rows = [item.members() for item in value.items()]
    if not rows or not all(rows) or all(_is_content(row) for row in rows):
        return None
    flat = [row if _is_flat(row) else dict(_flattened(row)) for row in rows]
    columns = dict.fromkeys(key for row in flat for key in row)
    return Rows(tuple(columns), tuple(flat))


def _is_content(row: dict[str, JsonValue]) -> bool:
    """Whether it is an item of a tool's content, such as a text or an image, and not something found."""
    kind = row["type"].string if "type" in row else None
    return kind in _CONTENT


def _is_flat(row: dict[str, JsonValue]) -> bool:
    return not any(cell.kind in _NESTED for cell in row.values())


def _flattened(
    row: dict[str, JsonValue], before: str = "", depth: int = 1
) -> Iterator[tuple[str, JsonValue]]:
    """The cells of ``row``: those of an object under ``key.field``, a list as a text.

    A name with a dot that a row has itself wins over the same name of a nested field.
    """
    for key, cell in row.items():
        name = f"{before}{key}"
        if cell.kind is JsonKind.ARRAY:
            yield name, JsonValue.of(list_text(cell))
        elif cell.kind is not JsonKind.OBJECT:
            yield name, cell
        elif depth < _DEPTH and (members := cell.members()):
            inner = dict(_flattened(members, f"{name}.", depth + 1))
            yield from ((field, value) for field, value in inner.items() if depth > 1 or field not in row)
        else:
            yield name, JsonValue.of(cell.compact())


def list_text(value: JsonValue) -> str:
    """A list of texts and numbers joined by commas; of anything else its JSON."""
    items = value.items()
    if any(item.kind in _NESTED for item in items):
        return value.compact()
    return ", ".join(item.compact() if item.string is None else item.string for item in items)
