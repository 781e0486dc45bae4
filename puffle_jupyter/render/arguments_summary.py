"""A tool call's arguments on one line: ``query: "fintech founders" · limit: 25``."""

from __future__ import annotations

from ..json_value import JsonKind, JsonValue
from ..safe_text import shortened
from ..untrusted import plain_label
from .words import count_words

LIMIT = 110
_VALUE_LIMIT = 48
_MEMBERS = 12
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


def _key(key: str) -> str:
    return shortened(plain_label(key), _VALUE_LIMIT)


def _value(value: JsonValue) -> str:
    if value.kind is JsonKind.ARRAY and len(value.encoded) > _VALUE_LIMIT:
        return count_words(len(value.items()), "item")
    if value.kind is JsonKind.OBJECT and len(value.encoded) > _VALUE_LIMIT:
        return f"{{{shortened(plain_label(', '.join(value.members())), _VALUE_LIMIT)}}}"
    return shortened(plain_label(value.compact()), _VALUE_LIMIT)
