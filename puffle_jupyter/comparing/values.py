"""Two JSON values: whether they mean the same, and where they differ, by path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import msgspec

from ..json_value import JsonKind, JsonValue
from ..transcript.formats.fields import from_json_text
from .align import Effort, stretches

Path: TypeAlias = tuple[str | int, ...]

_LEVELS = 40  # what is nested deeper is compared as a whole
_WHOLE = 200_000
"""Bytes of a value that is compared as a whole: nobody reads the paths of a larger one."""
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(order="sorted", decimal_format="number")


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs.

    Attributes:
        path: the keys and indexes that lead to it: ``("arguments", "limit")``. An index is that of the first
            run, but of an item that only the second one has.
        before: the value in the first run; None where it has none.
        after: the same of the second run.
    """

    path: Path
    before: JsonValue | None
    after: JsonValue | None

    def inverted(self) -> Change:
        """The same, seen from the other run."""
        return Change(self.path, self.after, self.before)


def meaning(value: JsonValue | None) -> bytes:
    """Bytes that are the same for values that say the same: the order of keys and spaces do not count.

    Numbers keep their digits: 1.10 is not 1.1. What is not there is not the same as ``null``.
    """
    if value is None:
        return b""
    encoded = value.encoded
    if encoded[0] not in b'{["' or (encoded[0] == ord('"') and b"\\" not in encoded):
        return encoded
    try:
        return _encoder.encode(_decoder.decode(encoded))
    except (RecursionError, ValueError, ArithmeticError, msgspec.MsgspecError):
        return encoded


def changes_of(
    path: Path, before: JsonValue | None, after: JsonValue | None, effort: Effort | None = None
) -> tuple[Change, ...]:
    """Every value in which ``before`` and ``after`` differ, each with its path below ``path``."""
    if meaning(before) == meaning(after):
        return ()
    return tuple(_changes(path, before, after, _LEVELS, effort or Effort()))


def _changes(
    path: Path, before: JsonValue | None, after: JsonValue | None, levels: int, effort: Effort
) -> Iterator[Change]:
    if before == after:
        return
    if before is None or after is None:
        yield Change(path, before, after)
        return
    inside, other = _opened(before), _opened(after)
    is_short = max(len(before.encoded), len(after.encoded)) <= _WHOLE
    if levels and is_short and inside.kind is other.kind is JsonKind.OBJECT:
        yield from _in_objects(path, inside, other, levels - 1, effort)
    elif levels and is_short and inside.kind is other.kind is JsonKind.ARRAY:
        yield from _in_arrays(path, inside.items(), other.items(), levels - 1, effort)
    elif meaning(before) != meaning(after):
        yield Change(path, before, after)


def _opened(value: JsonValue) -> JsonValue:
    """``value``, or the object or list that it holds as JSON in a text."""
    if value.kind is not JsonKind.STRING:
        return value
    return from_json_text(value) or value


def _in_objects(
    path: Path, before: JsonValue, after: JsonValue, levels: int, effort: Effort
) -> Iterator[Change]:
    members, others = before.members(), after.members()
    for key in dict.fromkeys([*members, *others]):
        yield from _changes((*path, key), members.get(key), others.get(key), levels, effort)


def _in_arrays(
    path: Path, before: Sequence[JsonValue], after: Sequence[JsonValue], levels: int, effort: Effort
) -> Iterator[Change]:
    for stretch in stretches([*map(meaning, before)], [*map(meaning, after)], effort):
        if stretch.is_same:
            continue
        places = range(stretch.before_start, stretch.before_end)
        others = range(stretch.after_start, stretch.after_end)
        for at, other in zip(places, others, strict=False):
            yield from _changes((*path, at), before[at], after[other], levels, effort)
        for at in places[len(others) :]:
            yield Change((*path, at), before[at], None)
        for other in others[len(places) :]:
            yield Change((*path, other), None, after[other])
