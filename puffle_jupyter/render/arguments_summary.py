"""A tool call's arguments on one line, ``query: "fintech founders" · limit: 25``, or as keys and values."""

from __future__ import annotations

from ..json_value import JsonKind, JsonValue
from ..safe_text import shortened
from ..transcript.tables import list_text
from ..untrusted import plain_label
from .words import count_words

LIMIT = 110
_VALUE_LIMIT = 48
_MEMBERS = 12
_ROWS, _CELL = 30, 240  # of a table of keys and values; what is larger is read more easily as JSON
# What is worth decoding for a line of a hundred characters.
_READ_LIMIT = 100_000


def summarize_arguments(arguments: JsonValue | None) -> str:
    """One harmless line of at most `LIMIT` characters; "" when there is nothing to say. Not yet HTML."""
    if arguments is None or arguments.encoded in (b"{}", b"null"):
        return ""
    if len(arguments.encoded) > _READ_LIMIT:
        return f"{len(arguments.encoded):,} bytes"
    members = arguments.members()
    if not members:
        return shortened(_value(arguments), LIMIT)
    shown = [f"{_key(key)}: {_value(value)}" for key, value in list(members.items())[:_MEMBERS]]
    if len(members) > _MEMBERS:
        shown.append("…")
    # The whole line once more: a token may begin in the key, "Authorization: Bearer".
    return shortened(plain_label(" · ".join(shown)), LIMIT)


def short_members(arguments: JsonValue) -> list[tuple[str, JsonValue]]:
    """The keys and values of ``arguments`` when each value is one short line; else none."""
    members = arguments.members() if len(arguments.encoded) <= _READ_LIMIT else {}
    is_short = len(members) <= _ROWS and all(map(_is_short, members.values()))
    return list(members.items()) if is_short else []


def cell_text(value: JsonValue) -> str:
    """``value`` in the cell of a table: a string as it is, a list of strings and numbers with commas."""
    if (text := value.string) is not None:
        return text
    return list_text(value) if value.items() else value.compact()


def _is_short(value: JsonValue) -> bool:
    if len(value.encoded) > _CELL or (value.kind is JsonKind.OBJECT and value.members()):
        return False
    return "\n" not in cell_text(value)


def _key(key: str) -> str:
    return shortened(plain_label(key), _VALUE_LIMIT)


def _value(value: JsonValue) -> str:
    if value.kind is JsonKind.ARRAY and len(value.encoded) > _VALUE_LIMIT:
        return count_words(len(value.items()), "item")
    if value.kind is JsonKind.OBJECT and len(value.encoded) > _VALUE_LIMIT:
        return f"{{{shortened(plain_label(', '.join(value.members())), _VALUE_LIMIT)}}}"
    return shortened(plain_label(value.compact()), _VALUE_LIMIT)
