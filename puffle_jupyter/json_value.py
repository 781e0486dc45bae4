"""JSON as it was sent: decoded a level at a time, its numbers and key order untouched.

``json.loads`` turns ``1.10`` into ``1.1`` and ``1e400`` into infinity. A transcript shows what the
server said, so values stay encoded text until somebody asks for a Python object.
"""

from __future__ import annotations

import enum
import json
import re
from typing import Any

import msgspec

_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonKind(enum.Enum):
    """What kind of JSON value a text holds (RFC 8259, section 3)."""

    OBJECT = "object"
    ARRAY = "array"
    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"


_OBJECT, _ARRAY, _STRING = b'{["'
_KIND_BY_FIRST_BYTE = {
    _OBJECT: JsonKind.OBJECT,
    _ARRAY: JsonKind.ARRAY,
    _STRING: JsonKind.STRING,
    ord("t"): JsonKind.BOOLEAN,
    ord("f"): JsonKind.BOOLEAN,
    ord("n"): JsonKind.NULL,
}


# Made once: a decoder for a type costs more than most values.
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_string = msgspec.json.Decoder(str)


class InvalidJson(ValueError):
    """The text is not JSON that can be read: malformed, not UTF-8, or nested too deeply."""


class JsonValue:
    """One JSON value, kept as the bytes it was sent in.

    >>> JsonValue.parse(b'{"score": 1.10}').members()["score"].compact()
    '1.10'
    """

    __slots__ = ("encoded",)

    encoded: bytes

    def __init__(self, encoded: bytes) -> None:
        """Wrap ``encoded``, which must already be valid JSON: use `parse` for anything untrusted."""
        object.__setattr__(self, "encoded", encoded)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"JsonValue is read-only: cannot set {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (JsonValue, (self.encoded,))

    @classmethod
    def parse(cls, body: bytes | str) -> JsonValue:
        """Check untrusted ``body`` and wrap it.

        Raises:
            InvalidJson: malformed, not UTF-8, or nested deeper than can be decoded.
        """
        encoded = body.encode("utf-8", "replace") if isinstance(body, str) else body
        encoded = encoded.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")
        try:
            encoded.decode("utf-8")
            msgspec.json.decode(encoded, type=msgspec.Raw)
        except RecursionError:
            raise InvalidJson("nested too deeply") from None
        except UnicodeDecodeError as error:
            raise InvalidJson(f"not UTF-8 at byte {error.start}") from None
        except msgspec.DecodeError as error:
            return cls(_through_python(encoded, str(error)))
        return cls(encoded)

    @classmethod
    def of(cls, value: object) -> JsonValue:
        """Encode a Python value made of dicts, lists, strings, numbers, booleans and None."""
        return cls(_encode(value))

    @property
    def kind(self) -> JsonKind:
        return _KIND_BY_FIRST_BYTE.get(self.encoded[0], JsonKind.NUMBER)

    def members(self) -> dict[str, JsonValue]:
        """The members of an object by key, in their order; empty for anything else."""
        if self.encoded[0] != _OBJECT:
            return {}
        return {key: JsonValue(bytes(raw)) for key, raw in _members.decode(self.encoded).items()}

    def items(self) -> list[JsonValue]:
        """The items of an array, in their order; empty for anything else."""
        if self.encoded[0] != _ARRAY:
            return []
        return [JsonValue(bytes(raw)) for raw in _items.decode(self.encoded)]

    @property
    def string(self) -> str | None:
        """The text of a JSON string; None for anything else."""
        if self.encoded[0] != _STRING:
            return None
        return _string.decode(self.encoded)

    @property
    def is_null(self) -> bool:
        return self.kind is JsonKind.NULL

    def python(self) -> Any:
        """The value as Python objects, as ``json.loads`` gives them.

        A whole number too long for Python to read (``sys.get_int_max_str_digits``) comes as its text.
        """
        try:
            return json.loads(self.encoded)
        except ValueError:
            return json.loads(self.encoded, parse_int=_whole_number)

    def pretty(self) -> str:
        """The value over several lines, keys in order, numbers as sent."""
        return msgspec.json.format(self.encoded, indent=2).decode()

    def compact(self) -> str:
        """The value on one line."""
        return msgspec.json.format(self.encoded, indent=-1).decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsonValue) and self.encoded == other.encoded

    def __hash__(self) -> int:
        return hash(self.encoded)

    def __repr__(self) -> str:
        shown = self.encoded[:80].decode("utf-8", "replace")
        return f"JsonValue({shown!r}{'…' if len(self.encoded) > 80 else ''})"


def _through_python(encoded: bytes, complaint: str) -> bytes:
    """Re-encode what Python's reader takes and msgspec does not: lone surrogates, NaN, Infinity."""
    try:
        return _encode(json.loads(encoded))
    except RecursionError:
        raise InvalidJson("nested too deeply") from None
    except ValueError:
        raise InvalidJson(complaint) from None


def _encode(value: object) -> bytes:
    try:
        encoded = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        encoded = json.dumps(_finite(value), ensure_ascii=False)
    # A lone surrogate cannot be written as UTF-8, and kills the sanitiser and the kernel's messages.
    return _SURROGATE.sub("\ufffd", encoded).encode()


def _whole_number(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:
        return digits


def _finite(value: object) -> object:
    """NaN and the infinities as strings: JSON has no word for them (RFC 8259, section 6)."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
