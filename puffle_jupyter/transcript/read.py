"""Reads a run's answer into a `Transcript`: each message in its format, calls joined, nothing lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from ..json_value import JsonKind, JsonValue, of_each
from . import formats
from .cache import ReadCache
from .calls.assembly import Assembly
from .calls.observed import Draft, DraftPart, ToolObservation
from .formats import WireFormat, puffle_rows
from .formats.beside import read_beside
from .formats.facts import read_created_at, read_usage
from .formats.fields import WireMessage, WirePart
from .formats.keys import is_empty, unread
from .ledger import count
from .model import Message, ToolCall, ToolCallPart, ToolResultPart, Transcript, UnknownPart

UNKNOWN_FORMAT = "unknown"

_cache = ReadCache()


def read(body: JsonValue) -> Transcript:
    """Everything that the run with this answer said; read once, as long as `ReadCache` remembers it.

    Never raises: what cannot be read is shown as labelled JSON.
    """
    known = _cache.get(body)
    return _cache.put(body, read_afresh(body)) if known is None else known


def read_afresh(body: JsonValue) -> Transcript:
    """The same, not remembered: for a transcript that grows, of which each state is read once."""
    try:
        return _read(body)
    except RecursionError:  # the caller's stack left no room to open what the parser could
        part = UnknownPart("answer nested too deeply to be read here", body)
        messages = (Message("unknown", (part,), body),)
        return Transcript(messages, ledger=count(messages))


def _read(body: JsonValue) -> Transcript:
    fields = body.members()
    drafts = _read_messages(fields.get("messages"))
    calls_listed, leftover = _read_listed(fields.get("toolCalls"))
    assembly = Assembly()
    assembly.read_drafts(drafts)
    assembly.merge_listed(calls_listed)
    messages, calls = assembly.finish([*drafts, *leftover])
    return Transcript(messages, calls, count(messages, unmentioned_calls(messages, calls)))


def unmentioned_calls(messages: Sequence[Message], calls: Sequence[ToolCall]) -> list[ToolCall]:
    """Return the calls that are in no message, only in the top-level ``toolCalls``."""
    mentioned = {
        part.call.index
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCallPart | ToolResultPart)
    }
    return [call for call in calls if call.index not in mentioned]


def _read_messages(value: JsonValue | None) -> list[Draft]:
    if value is None or value.is_null:
        return []
    if value.kind is not JsonKind.ARRAY:
        return [_unknown("messages is not a list", value)]
    messages = deque(of_each(WireMessage, value.items()))
    # Each is let go of when it is read: hundreds of thousands are more than what is read from them.
    drafts: list[Draft] = []
    before: tuple[WireMessage, WireFormat | None] | None = None
    for reader in _chosen(messages):
        here = messages.popleft(), reader
        drafts.append(drafts[-1] if here == before else _read_message(*here))
        before = here
    return drafts


def _chosen(messages: Iterable[WireMessage]) -> list[WireFormat | None]:
    """The format of each message; a plain text fits several and is read like the messages around it."""
    certain = [_certain(message) for message in messages]
    plain_text = next((known for known in certain if known is not None and known.reads_plain_text), None)
    around = plain_text or formats.PLAIN_TEXT_FORMAT
    chosen: list[WireFormat | None] = []
    for message, known in zip(messages, certain, strict=True):
        around = known if known is not None and known.reads_plain_text else around
        chosen.append(known or (None if message.role is None else around))
    return chosen


def _certain(message: WireMessage) -> WireFormat | None:
    """The first format that recognises ``message``; None when it could be several, or none."""
    if not message.fields:
        return None
    return next((known for known in formats.FORMATS if known.recognises(message)), None)


def _read_message(message: WireMessage, reader: WireFormat | None) -> Draft:
    if reader is None:
        return _unknown("message of unknown format", message.raw, message.role)
    draft = reader.read(message)
    draft.created_at, draft.usage = read_created_at(message.fields), read_usage(message.fields)
    draft.parts += read_beside(message, draft.parts)
    if not draft.parts and not is_empty(message):
        return _unknown("message of unknown format", message.raw, message.role)
    draft.parts = [_second_reading(part) for part in draft.parts]
    if draft.role == "assistant":
        draft.parts = [part for whole in draft.parts for part in puffle_rows.separate_state(whole)]
    if not _is_item(draft, message):
        draft.parts += unread(message, reader.keys)
    return draft


def _is_item(draft: Draft, message: WireMessage) -> bool:
    """Whether ``message`` is a part itself, an item without a role: its keys are those of the part."""
    return message.role is None and any(part.raw is message.raw for part in draft.parts)


def _second_reading(part: DraftPart) -> DraftPart:
    """Read an unknown part with the readers of the other formats."""
    if not isinstance(part, UnknownPart) or part.raw.kind is not JsonKind.OBJECT:
        return part
    wire = WirePart(part.raw)
    readers = (read for wire_format in formats.FORMATS for read in wire_format.part_readers)
    return next((known for read in readers if (known := read(wire)) is not None), part)


def _read_listed(value: JsonValue | None) -> tuple[list[ToolObservation], list[Draft]]:
    """Read the top-level ``toolCalls``; items that are not calls go into a message of unknown parts."""
    if value is None or value.is_null:
        return [], []
    if value.kind is not JsonKind.ARRAY:
        return [], [_unknown("toolCalls is not a list", value, "toolCalls")]
    items = list(of_each(WirePart, value.items()))
    observations = [formats.read_listed(item) for item in items]
    unread: list[DraftPart] = [
        UnknownPart("item of toolCalls", item.raw)
        for item, observation in zip(items, observations, strict=True)
        if observation is None
    ]
    leftover = [Draft("toolCalls", unread, value, UNKNOWN_FORMAT)] if unread else []
    return [observation for observation in observations if observation is not None], leftover


def _unknown(label: str, raw: JsonValue, role: str | None = None) -> Draft:
    return Draft(role or "unknown", [UnknownPart(label, raw)], raw, UNKNOWN_FORMAT)
