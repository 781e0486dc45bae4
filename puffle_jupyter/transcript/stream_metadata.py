"""The metadata of a streamed message: each piece is merged into what came before, as the SDK does it."""

from __future__ import annotations

from ..json_value import JsonKind, JsonValue
from .stream_parts import object_of

_LEVELS = 50
"""Levels that are merged; below them the newer value replaces the older."""


def merged(before: JsonValue | None, after: JsonValue, levels: int = _LEVELS) -> JsonValue:
    """``before`` with the members of ``after``: objects are merged, everything else is replaced."""
    if before is None or levels == 0 or {before.kind, after.kind} != {JsonKind.OBJECT}:
        return after
    fields = before.members()
    for key, value in after.members().items():
        fields[key] = merged(fields.get(key), value, levels - 1)
    return object_of(fields.items())
