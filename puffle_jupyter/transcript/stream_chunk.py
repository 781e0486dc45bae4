"""One chunk of a UI message stream, its fields at hand."""

from __future__ import annotations

import json
import re
from typing import Literal, TypeAlias

import msgspec

from ..json_value import InvalidJson, JsonKind, JsonValue
from .formats.fields import Fields

Key: TypeAlias = str | bytes
"""What tells an item of a stream from another: its id's text, or what is there instead, encoded."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_NO_FIELDS: Fields = {}


class Chunk:
    """A chunk as it was sent.

    JavaScript cuts text between the two halves of an emoji; each half is then alone in its chunk, where no
    UTF-8 can write it. `text` returns such a half as it is, for the next chunk to complete.
    """

    __slots__ = ("_halves", "fields", "raw", "type")

    def __init__(self, raw: JsonValue, halves: dict[str, object] | None = None) -> None:
        self.raw = raw
        self.fields: Fields = raw.members() or _NO_FIELDS
        self._halves = halves
        kind = self.fields.get("type")
        self.type = (kind.string if kind is not None else None) or ""

    @classmethod
    def read(cls, data: str) -> Chunk:
        """Read the data of one event; whatever is no JSON becomes a chunk that carries its text."""
        try:
            raw = JsonValue.parse(data)
        except InvalidJson:
            return cls(JsonValue.of({"type": "unreadable event", "text": data}))
        return cls(raw, _halves(data) if _HALF.search(data) else None)

    def text(self, key: str) -> str | None:
        """The text at ``key``; None when there is none."""
        if self._halves is not None:
            text = self._halves.get(key)
            return text if isinstance(text, str) else None
        value = self.fields.get(key)
        return None if value is None else value.string

    def key(self, name: str) -> Key | None:
        """What ``name`` tells this chunk's item by; None when it is absent or ``null``."""
        value = self.some(name)
        return None if value is None else key_of(value)

    def some(self, name: str) -> JsonValue | None:
        """The value at ``name``; None when it is absent or ``null``."""
        value = self.fields.get(name)
        return None if value is None or value.is_null else value

    def is_true(self, name: str) -> bool:
        """Whether the value at ``name`` is ``true``."""
        value = self.fields.get(name)
        return value is not None and value.encoded == b"true"

    @property
    def carries_something(self) -> bool:
        """Whether there is anything but a type."""
        return self.raw.kind is not JsonKind.OBJECT or bool(self.fields.keys() - {"type"})


class PlainDelta(msgspec.Struct, forbid_unknown_fields=True):
    """The next words of a text or of reasoning, and nothing else: most chunks of most streams."""

    type: Literal["text-delta", "reasoning-delta"]
    id: str
    delta: str

    @property
    def kind(self) -> str:
        """``text`` or ``reasoning``."""
        return self.type[:-6]


_read_plain = msgspec.json.Decoder(PlainDelta).decode


def plain_delta(data: str) -> PlainDelta | None:
    """``data`` read in a third of the time that `Chunk.read` takes; None for whatever else it is.

    Escapes are left to `Chunk.read`: there may be half a character among them, or a name in disguise.
    """
    if '-delta"' not in data or "\\u" in data or data.count('"type"') != 1:
        return None
    try:
        return _read_plain(data)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def key_of(value: JsonValue) -> Key:
    """What ``value`` tells an item by: its text, or itself when it is none."""
    text = value.string
    return value.encoded if text is None else text


def _halves(data: str) -> dict[str, object] | None:
    """The fields decoded as JavaScript does: a half character stays one."""
    try:
        decoded = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def text_value(pieces: list[str]) -> JsonValue:
    """The text of all pieces as JSON, half characters joined to whole ones."""
    text = "".join(pieces)
    try:
        return JsonValue(msgspec.json.encode(text))
    except UnicodeEncodeError:
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return JsonValue.of(whole)
