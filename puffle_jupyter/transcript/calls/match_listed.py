"""Which call of the messages an item of the top-level ``toolCalls`` is.

Where both have an id: by id and name, then by arguments, then by order. Puffle's published item is
``{"toolName": …, "args": …}``, so else the arguments tell the calls of one tool apart, and order tells
those with equal ones. An item with other arguments is another call; where one side's arguments are missing
or broken, only the order is left. A result whose call is not in the list repeats the equal result of the
messages, or else is that of the first call without one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeAlias

from ...json_value import JsonKind, JsonValue
from .builder import CallQueues, JoinedCall

Keys: TypeAlias = list[Hashable]
KeysOf: TypeAlias = Callable[[JoinedCall, CallQueues], Keys]


def match_listed(calls: Sequence[JoinedCall], listed: Sequence[JoinedCall]) -> dict[int, JoinedCall]:
    """The call of the messages for each of ``listed`` that is one, by the listed call's position.

    Every call found is marked as listed, so that no two items are the same call, unless an item repeats
    an earlier one: the id and the name of a call of the messages, and nothing that contradicts it.
    """
    if not listed:
        return {}
    queues = _queued(calls, has_results=not all(map(_tells_of_call, listed)))
    found: dict[int, JoinedCall] = {}
    for keys_of in _PASSES:
        for item in listed:
            if item.position not in found and (call := queues.first(*keys_of(item, queues))) is not None:
                call.listed = True
                found[item.position] = call
    last = {key: call for call in calls for key in _id_keys_of(call)}
    for item in listed:
        told = last.get(("id", item.id, item.name)) if item.id else None
        if told is not None and item.position not in found and may_be_same(told.arguments, item.arguments):
            found[item.position] = told
    return found


def _queued(calls: Iterable[JoinedCall], *, has_results: bool) -> CallQueues:
    queues = CallQueues(lambda call: call.listed)
    for call in calls:
        has_id = bool(call.id)
        for key in _id_keys_of(call):
            queues.add(key, call)
        arguments = comparable(call.arguments)
        queues.add(("id", call.id, call.name, arguments), call)
        queues.add(("equal", call.name, has_id, arguments), call)
        queues.add(("order", call.name, has_id, _is_whole(call.arguments)), call)
        if call.outcome is None:
            queues.add(("open", call.name, has_id), call)
        elif has_results:  # results can be large: they are only compared where there is something to find
            queues.add(("result", call.name, has_id, _comparable_outcome(call)), call)
    return queues


def _id_keys_of(call: JoinedCall) -> Keys:
    return [("id", call.id, call.name), ("id", call.id)] if call.id else []


def _equal_id_keys(item: JoinedCall, _queues: CallQueues) -> Keys:
    return [("id", item.id, item.name, comparable(item.arguments))] if item.id and item.arguments else []


def _id_keys(item: JoinedCall, _queues: CallQueues) -> Keys:
    """A result may leave out its tool's name, in the list or in the messages."""
    if not item.id:
        return []
    return [("id", item.id, item.name), ("id", item.id, "")] if item.name else [("id", item.id)]


def _equal_keys(item: JoinedCall, queues: CallQueues) -> Keys:
    arguments = comparable(item.arguments)
    return [("equal", item.name, has_id, arguments) for has_id in _may_have_id(item, queues)]


def _order_keys(item: JoinedCall, queues: CallQueues) -> Keys:
    wholes = (False,) if _is_whole(item.arguments) else (False, True)
    return [("order", item.name, has_id, whole) for has_id in _may_have_id(item, queues) for whole in wholes]


def _calls_only(keys_of: KeysOf) -> KeysOf:
    return lambda item, queues: keys_of(item, queues) if _tells_of_call(item) else []


def _tells_of_call(item: JoinedCall) -> bool:
    """Whether it is a call, or a result with its call's arguments: these are compared then."""
    return item.is_call or item.arguments is not None


def _result_keys(item: JoinedCall, queues: CallQueues) -> Keys:
    if _tells_of_call(item):
        return []
    outcome = _comparable_outcome(item)
    return [("result", item.name, has_id, outcome) for has_id in _may_have_id(item, queues)]


def _open_keys(item: JoinedCall, queues: CallQueues) -> Keys:
    if _tells_of_call(item):
        return []
    return [("open", item.name, has_id) for has_id in _may_have_id(item, queues)]


_PASSES = (
    _equal_id_keys,
    _id_keys,
    _calls_only(_equal_keys),
    _calls_only(_order_keys),
    _result_keys,
    _open_keys,
)


def _may_have_id(item: JoinedCall, queues: CallQueues) -> tuple[bool, ...]:
    """Whether the call it may be has an id: two different ids are two calls, and a known one is its own."""
    if item.id and ("id", item.id, item.name) in queues:
        return ()
    return (False,) if item.id else (False, True)


def _comparable_outcome(call: JoinedCall) -> Hashable:
    outcome = call.outcome
    return None if outcome is None else (comparable(outcome.result), comparable(outcome.error))


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
