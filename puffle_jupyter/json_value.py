"""JSON as it was sent: decoded a level at a time, its numbers and key order untouched.

``json.loads`` turns ``1.10`` into ``1.1`` and ``1e400`` into infinity. A transcript shows what the
server said, so values stay encoded text until somebody asks for a Python object.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from . import json_depth
from .json_scrub import scrubbed

_TOO_DEEP = f"(nested deeply: what is below level {json_depth.LEVELS} is on one line)"
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

_SHORT = 16
"""Bytes of a value for which `of_each` shares what is made of it."""

Made = TypeVar("Made")


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
            try:
                msgspec.json.decode(encoded, type=msgspec.Raw)
            except msgspec.DecodeError:
                encoded = scrubbed(encoded)
                msgspec.json.decode(encoded, type=msgspec.Raw)
        except RecursionError:
            raise InvalidJson("nested too deeply") from None
        except UnicodeDecodeError as error:
            raise InvalidJson(f"not UTF-8 at byte {error.start}") from None
        except msgspec.DecodeError as error:
            raise InvalidJson(str(error)) from None
        return cls(encoded)

    @classmethod
    def of(cls, value: object) -> JsonValue:
        """Encode a Python value made of dicts, lists, strings, numbers, booleans and None."""
        return cls(_encode(value))

    @property
    def kind(self) -> JsonKind:
        """What kind of JSON the value is."""
        return _KIND_BY_FIRST_BYTE.get(self.encoded[0], JsonKind.NUMBER)

    def members(self) -> dict[str, JsonValue]:
        """The members of an object by key, in their order; empty for anything else."""
        if self.encoded[0] != _OBJECT:
            return {}
        try:
            return {key: JsonValue(bytes(raw)) for key, raw in _members.decode(self.encoded).items()}
        except RecursionError:
            found = json_depth.children(self.encoded)
            keys = map(_string.decode, found[::2])
            return {key: JsonValue(value) for key, value in zip(keys, found[1::2], strict=True)}

    def items(self) -> list[JsonValue]:
        """The items of an array, in their order; empty for anything else."""
        if self.encoded[0] != _ARRAY:
            return []
        try:
            return list(of_each(_itself, (JsonValue(bytes(raw)) for raw in _items.decode(self.encoded))))
        except RecursionError:
            return [JsonValue(item) for item in json_depth.children(self.encoded)]

    @property
    def string(self) -> str | None:
        """The text of a JSON string; None for anything else."""
        if self.encoded[0] != _STRING:
            return None
        return _string.decode(self.encoded)

    @property
    def is_null(self) -> bool:
        """Whether the value is ``null``."""
        return self.kind is JsonKind.NULL

    def python(self) -> Any:
        """The value as Python objects, as ``json.loads`` gives them.

        A whole number too long for Python to read (``sys.get_int_max_str_digits``) comes as its text.
        """
        try:
            return json.loads(self.encoded)
        except RecursionError:
            return json_depth.python(self.encoded, _whole_number)
        except ValueError:
            return json.loads(self.encoded, parse_int=_whole_number)

    def pretty(self) -> str:
        """The value over several lines, keys in order, numbers as sent.

        It is never more than about ten times as long as what was sent: of a value that is nested so
        deeply that it would be, what is below the first levels stays on one line, and the first line says so.
        """
        text = self._laid_out()
        if text is not None:
            return text
        return f"{_TOO_DEEP}\n{json_depth.first_levels(self.compact().encode()).decode()}"

    def document(self) -> str:
        """The value as JSON for a file: like `pretty`, but always JSON, on one line where it is too deep."""
        text = self._laid_out()
        return self.compact() if text is None else text

    def _laid_out(self) -> str | None:
        try:
            text = json_depth.laid_out(self.encoded)
        except RecursionError:
            return None
        return None if text is None else text.decode()

    def compact(self) -> str:
        """The value on one line."""
        try:
            return msgspec.json.format(self.encoded, indent=-1).decode()
        except RecursionError:  # line breaks stand between tokens only: in a string they are escaped
            return self.encoded.translate(None, b"\r\n").decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsonValue) and self.encoded == other.encoded

    def __hash__(self) -> int:
        return hash(self.encoded)

    def __repr__(self) -> str:
        shown = self.encoded[:80].decode("utf-8", "replace")
        return f"JsonValue({shown!r}{'…' if len(self.encoded) > 80 else ''})"


def _itself(value: JsonValue) -> JsonValue:
    return value


def of_each(make: Callable[[JsonValue], Made], values: Iterable[JsonValue]) -> Iterator[Made]:
    """Yield what ``make`` returns for each value, called once for all that are equal and short.

    An array can hold half a million values of two bytes, and only a few short values differ.
    """
    made: dict[bytes, Made] = {}
    for value in values:
        if len(value.encoded) > _SHORT:
            yield make(value)
            continue
        known = made.get(value.encoded)
        if known is None:
            known = made[value.encoded] = make(value)
        yield known


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
