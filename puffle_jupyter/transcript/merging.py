"""Which call of the messages an item of the top-level ``toolCalls`` is.

By id where both have one. Puffle's published item is ``{"toolName": …, "args": …}``, so else the
arguments tell the calls of one tool apart, and order tells those with equal ones. An item with other
arguments is another call; where one side's arguments are missing or broken, only the order is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from ..json_value import JsonKind, JsonValue
from .joining import CallQueues, JoinedCall
from .sightings import ToolSighting


def match_listed(calls: Sequence[JoinedCall], listed: Sequence[ToolSighting]) -> dict[int, JoinedCall]:
    """The call of the messages for each item of ``listed`` that is one, by the item's index.

    Every call found is marked as listed, so that no two items are the same call.
    """
    if not listed:
        return {}
    queues = _queued(calls)
    found: dict[int, JoinedCall] = {}
    for keys_of in (_id_keys, _equal_keys, _order_keys):
        for index, sighting in enumerate(listed):
            if index in found or not sighting.is_call:
                continue
            if keys_of is not _id_keys and ("id", sighting.id) in queues:
                continue  # its id is known: it is that call told once more, or a new call with a used id
            call = queues.first(*keys_of(sighting))
            if call is not None:
                call.listed = True
                found[index] = call
    return found


def _queued(calls: Iterable[JoinedCall]) -> CallQueues:
    queues = CallQueues(lambda call: call.listed)
    for call in calls:
        has_id = bool(call.id)
        if has_id:
            queues.add(("id", call.id), call)
        queues.add(("equal", call.name, has_id, comparable(call.arguments)), call)
        queues.add(("order", call.name, has_id, _is_whole(call.arguments)), call)
    return queues


def _id_keys(sighting: ToolSighting) -> list[tuple[object, ...]]:
    return [("id", sighting.id)] if sighting.id else []


def _equal_keys(sighting: ToolSighting) -> list[tuple[object, ...]]:
    arguments = comparable(sighting.arguments)
    return [("equal", sighting.name, has_id, arguments) for has_id in _may_have_id(sighting)]


def _order_keys(sighting: ToolSighting) -> list[tuple[object, ...]]:
    wholes = (False,) if _is_whole(sighting.arguments) else (False, True)
    return [("order", sighting.name, has_id, whole) for has_id in _may_have_id(sighting) for whole in wholes]


def _may_have_id(sighting: ToolSighting) -> tuple[bool, ...]:
    """Whether the call it may be has an id: two different ids are two calls."""
    return (False,) if sighting.id else (False, True)


def _is_whole(arguments: JsonValue | None) -> bool:
    return arguments is not None and arguments.kind in (JsonKind.OBJECT, JsonKind.ARRAY)


def may_be_same(one: JsonValue | None, other: JsonValue | None) -> bool:
    """Whether two calls with one id can be one call told twice: their arguments do not contradict."""
    return one is None or other is None or one == other or comparable(one) == comparable(other)


def comparable(arguments: JsonValue | None) -> str | None:
    """Arguments as a text that is equal for equal JSON: key order and spaces aside, numbers as sent."""
    if arguments is None:
        return None
    try:
        value = json.loads(arguments.encoded, parse_int=_number, parse_float=_number)
        return json.dumps(value, sort_keys=True)
    except (RecursionError, ValueError):
        return arguments.encoded.decode("utf-8", "replace")


def _number(digits: str) -> str:
    return f"\0{digits}"  # a number is no string of the same digits, and 1.10 is not decoded to 1.1
