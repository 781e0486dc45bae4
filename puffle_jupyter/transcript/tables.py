"""Row-like results: a list of objects, such as leads, also inside ``{"leads": […]}``.

What wraps it is opened first: JSON in a text, the text or the structured content of an MCP result, an object
such as ``{"data": {"leads": […]}}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..json_value import JsonKind, JsonValue
from .formats.fields import from_json_text

_NESTED = (JsonKind.OBJECT, JsonKind.ARRAY)
READ_LIMIT = 2_000_000
"""Bytes of a result that a view looks for a table in: a larger one is better left as JSON."""
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
# What a list of remarks about the rows is called: it is not the rows, though it stands beside them.
_REMARKS = frozenset(
    [
        "warnings",
        "errors",
        "issues",
        "notices",
        "problems",
        "hints",
        "diagnostics",
        "failed",
        "failures",
        "skipped",
    ]
)
_WRAPPERS = frozenset(["data", "result", "results", "response", "body", "payload", "output"])
# What tells that an object is one thing that has a list, and not what a list was found by ...
_OF_ONE_THING = frozenset(
    [
        *("name", "fullname", "firstname", "lastname", "displayname", "companyname", "company", "title"),
        *("email", "domain", "website", "url", "linkedin", "linkedinurl", "phone"),
    ]
)
# ... unless the list is called as what was found.
_FOUND = _WRAPPERS | frozenset(
    [
        *("items", "rows", "records", "hits", "matches", "entries", "list", "values", "documents"),
        *("leads", "contacts", "people", "persons", "profiles", "companies", "accounts", "organizations"),
    ]
)
_WRAPPED = 3  # objects around the one with the rows
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


def find_table(value: JsonValue | None, *, limit: int | None = READ_LIMIT) -> Rows | None:
    """The table in ``value``, also one without rows: an empty list; None when it is not row-like.

    Args:
        value: the result of a tool.
        limit: bytes beyond which it is not looked at; None for any size.
    """
    if value is None or (limit is not None and len(value.encoded) > limit):
        return None
    value, members = _opened(value)
    if value.kind is JsonKind.ARRAY:
        return _rows(value) if value.items() else Rows((), ())
    return _find_in_object(members)


def find_record(value: JsonValue | None, *, limit: int | None = READ_LIMIT) -> Rows | None:
    """The one object that ``value`` is, such as a company, as a table of one row; None when it is no object.

    Args:
        value: the result of a tool, without a table: see `find_table`.
        limit: bytes beyond which it is not looked at; None for any size.
    """
    if value is None or (limit is not None and len(value.encoded) > limit):
        return None
    value, members = _opened(value)
    if not members or _is_content(members) or any(map(_is_content, _content_of(members))):
        return None
    row = dict(_flattened(members))
    return Rows(tuple(row), (row,))


def find_rows(value: JsonValue | None) -> Rows | None:
    """The table in ``value``; None when it has no rows, or is not row-like."""
    found = find_table(value)
    return None if found is None or not found.rows else found


def empty_table(value: JsonValue | None) -> Rows | None:
    """The table without rows in ``value``: an empty list, or an object whose lists are empty."""
    found = find_table(value)
    return None if found is None or found.rows else found


def _opened(value: JsonValue) -> tuple[JsonValue, dict[str, JsonValue]]:
    """What ``value`` wraps as JSON in a text, which is how an MCP server sends everything; else itself.

    Its members come with it, since they are decoded by then.
    """
    if value.kind is JsonKind.STRING:
        value = from_json_text(value) or value
    members = value.members()
    if (structured := members.get("structuredContent")) is not None and structured.members():
        return structured, structured.members()
    if "content" in members or value.kind is JsonKind.ARRAY:
        opened = _text_of_content(members.get("content", value))
        return (value, members) if opened is None else (opened, opened.members())
    return value, members


def _text_of_content(content: JsonValue) -> JsonValue | None:
    """The JSON in the only text of a tool's content; None when it is none, or not JSON."""
    items = content.items()
    if not items or not _is_content(items[0].members()):
        return None
    fields = [item.members() for item in items]
    texts = [from_json_text(item["text"]) for item in fields if "text" in item]
    return texts[0] if len(texts) == 1 and all(map(_is_content, fields)) else None


def _find_in_object(members: dict[str, JsonValue], depth: int = 1) -> Rows | None:
    """The largest list of objects among ``members``, an empty one, or that of the object that wraps it."""
    lists = {key: member for key, member in members.items() if member.kind is JsonKind.ARRAY}
    if len(lists) > _LISTS:
        return None
    own = {key: member for key, member in lists.items() if key.lower() not in _REMARKS}
    tables = {key: found for key, member in (own or lists).items() if (found := _rows(member)) is not None}
    if tables:
        name = max(tables, key=lambda key: len(members[key].encoded))  # the first of equal ones
        return Rows(tables[name].columns, tables[name].rows, name, _beside(members, name))
    if own and all(not member.items() for member in own.values()):
        if _is_one_thing(members, own):
            return None
        name = next(iter(own))
        return Rows((), (), name, _beside(members, name))
    return None if own else _unwrapped(members, depth)


def _is_one_thing(members: dict[str, JsonValue], lists: Iterable[str]) -> bool:
    """Whether it is one thing with empty lists: a person without addresses, not a search without results."""
    if any(key.lower() in _FOUND for key in lists):
        return False
    return any(
        member.string and key.lower().replace("_", "").replace("-", "") in _OF_ONE_THING
        for key, member in members.items()
    )


def _content_of(members: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The items of a tool's content, where ``members`` are what holds one."""
    return [item.members() for item in members["content"].items()] if "content" in members else []


def _unwrapped(members: dict[str, JsonValue], depth: int) -> Rows | None:
    wrappers = [key for key in members if key.lower() in _WRAPPERS and members[key].members()]
    if depth > _WRAPPED or len(wrappers) != 1:
        return None
    (key,) = wrappers
    found = _find_in_object(members[key].members(), depth + 1)
    if found is None:
        return None
    inner = tuple((f"{key}.{name}", member) for name, member in found.beside)
    return Rows(found.columns, found.rows, f"{key}.{found.name}", (*inner, *_beside(members, key)))


def _beside(members: dict[str, JsonValue], name: str) -> tuple[tuple[str, JsonValue], ...]:
    return tuple((key, member) for key, member in members.items() if key != name)


def _rows(value: JsonValue) -> Rows | None:
    items = value.items()
    if any(item.kind is not JsonKind.OBJECT for item in items):
        return None
    rows = [item.members() for item in items]
    if not any(rows) or all(map(_is_content, rows)):
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
