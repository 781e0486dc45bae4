"""Objects as the wire sent them, opened one level at a time.

Readers never decode what nobody asked for: a call's arguments and results stay encoded.
"""

from __future__ import annotations

from typing import TypeAlias

from ...json_value import InvalidJson, JsonKind, JsonValue, of_each

Fields: TypeAlias = dict[str, JsonValue]


# One for all: there may be hundreds of thousands, and one of its own takes 64 and 216 bytes.
_NO_FIELDS: Fields = {}
_NO_TYPES: frozenset[str] = frozenset()


def present(fields: Fields, *keys: str) -> JsonValue | None:
    """The value of the first of ``keys`` that is there, ``null`` included."""
    for key in keys:
        if key in fields:
            return fields[key]
    return None


def some(fields: Fields, *keys: str) -> JsonValue | None:
    """The value of the first of ``keys`` that is there and not ``null``."""
    return next((fields[key] for key in keys if has_some(fields, key)), None)


def text_of(fields: Fields, *keys: str) -> str | None:
    """The first of ``keys`` that holds a string."""
    for key in keys:
        value = fields.get(key)
        if value is not None and (text := value.string) is not None:
            return text
    return None


def boolean_of(fields: Fields, key: str) -> bool | None:
    """The boolean at ``key``; None when it is absent or something else."""
    value = fields.get(key)
    if value is None or value.kind is not JsonKind.BOOLEAN:
        return None
    return value.encoded == b"true"


def has_some(fields: Fields, key: str) -> bool:
    """Whether ``key`` is there and not ``null``."""
    value = fields.get(key)
    return value is not None and not value.is_null


class WirePart:
    """One item of a message's content, its fields and its ``type`` at hand."""

    __slots__ = ("fields", "raw", "type")

    def __init__(self, raw: JsonValue) -> None:
        self.raw = raw
        self.fields: Fields = raw.members() or _NO_FIELDS
        self.type = text_of(self.fields, "type") or ""


class WireMessage:
    """One item of ``messages``; the items of its ``content`` and ``parts`` are opened once for all readers.

    ``content`` and ``parts`` are None unless they are arrays.
    """

    __slots__ = ("content", "fields", "parts", "raw", "role", "types")

    def __init__(self, raw: JsonValue) -> None:
        self.raw = raw
        self.fields: Fields = raw.members() or _NO_FIELDS
        self.role = text_of(self.fields, "role")
        self.content = _opened(self.fields.get("content"))
        self.parts = _opened(self.fields.get("parts"))
        self.types = frozenset(part.type for part in self.content) if self.content else _NO_TYPES


def _opened(value: JsonValue | None) -> list[WirePart] | None:
    if value is None or value.kind is not JsonKind.ARRAY:
        return None
    return list(of_each(WirePart, value.items()))


def from_json_text(value: JsonValue) -> JsonValue | None:
    """The object or array that the JSON string ``value`` spells out in whole; None for anything else.

    >>> from_json_text(JsonValue.of('{"score": 1.10}')).members()["score"].compact()
    '1.10'
    """
    text = (value.string or "").strip(" \t\r\n")
    if (text[:1], text[-1:]) not in (("{", "}"), ("[", "]")):
        return None
    try:
        return JsonValue.parse(text)
    except InvalidJson:
        return None


def read_arguments(value: JsonValue | None, *, always_json: bool) -> tuple[JsonValue | None, tuple[str, ...]]:
    """A call's arguments and what to say of them: JSON in a string is opened, a broken one stays as it came.

    Args:
        value: what the wire has as arguments.
        always_json: the format promises JSON in a string (OpenAI), so any other text is broken.
    """
    if value is None or value.kind is not JsonKind.STRING:
        return value, ()
    opened = from_json_text(value)
    if opened is not None:
        return opened, ()
    text = (value.string or "").strip()
    if text and (always_json or text[0] in "{["):
        return value, ("the arguments are not a whole JSON object: shown as they came",)
    return value, ()


def read_result(value: JsonValue | None) -> JsonValue | None:
    """A call's result: many tools answer with JSON in a string, which is opened when it is whole."""
    if value is None or value.kind is not JsonKind.STRING:
        return value
    return from_json_text(value) or value
