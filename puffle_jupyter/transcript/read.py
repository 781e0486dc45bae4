"""A run's answer read into a `Transcript`: the right reader for each message, calls joined, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ..json_value import JsonKind, JsonValue
from . import ai_sdk, ai_sdk_ui, anthropic, listed, openai_chat, openai_responses, puffle
from .ledger import count
from .model import Message, ToolCall, ToolCallPart, ToolResultPart, Transcript, UnknownPart
from .pairing import Pairing
from .sightings import Draft, DraftPart, ToolSighting
from .wire import WireMessage, WirePart

if TYPE_CHECKING:
    from ..api.run import Run

UNKNOWN_SHAPE = "unknown"


class _Reader(Protocol):
    """What each wire shape's module offers."""

    SHAPE: str

    def recognises(self, message: WireMessage) -> bool: ...
    def read(self, message: WireMessage) -> Draft: ...


# In this order: Puffle's rows and UI messages are told by their keys, the others by their parts.
_READERS: tuple[_Reader, ...] = (puffle, ai_sdk_ui, openai_responses, anthropic, ai_sdk, openai_chat)
_READS_PLAIN_TEXT: tuple[_Reader, ...] = (ai_sdk, openai_chat, openai_responses, anthropic)
_PART_READERS = (
    ai_sdk.read_part,
    ai_sdk_ui.read_part,
    openai_responses.read_part,
    openai_responses.read_item,
    anthropic.read_part,
    openai_chat.read_part,
)
# What a message that says nothing may carry all the same; with anything else it is unknown, not empty.
_ENVELOPE = frozenset(
    {
        "role",
        "id",
        "type",
        "name",
        "status",
        "createdAt",
        "metadata",
        "annotations",
        "revisionId",
        "providerOptions",
        "experimental_providerMetadata",
        "model",
        "usage",
        "stop_reason",
        "stop_sequence",
    }
)
_EMPTY = (b"null", b'""', b"[]", b"{}")


def read(run: Run) -> Transcript:
    """Everything ``run`` said. Never raises: what cannot be read is shown as labelled JSON."""
    try:
        return _read(run.body)
    except RecursionError:  # the caller's stack left no room to open what the parser could
        part = UnknownPart("answer nested too deeply to be read here", run.body)
        messages = (Message("unknown", (part,), run.body),)
        return Transcript(messages, ledger=count(messages))


def _read(body: JsonValue) -> Transcript:
    fields = body.members()
    drafts = _read_messages(fields.get("messages"))
    calls_listed, leftover = _read_listed(fields.get("toolCalls"))
    pairing = Pairing()
    pairing.read_drafts(drafts)
    pairing.merge_listed(calls_listed)
    messages, calls = pairing.finish([*drafts, *leftover])
    return Transcript(messages, calls, count(messages, unmentioned_calls(messages, calls)))


def unmentioned_calls(messages: Sequence[Message], calls: Sequence[ToolCall]) -> list[ToolCall]:
    """The calls that stand in no message: only the top-level ``toolCalls`` tell of them."""
    mentioned = {
        id(part.call)
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCallPart | ToolResultPart)
    }
    return [call for call in calls if id(call) not in mentioned]


def _read_messages(value: JsonValue | None) -> list[Draft]:
    if value is None or value.is_null:
        return []
    if value.kind is not JsonKind.ARRAY:
        return [_unknown("messages is no list", value)]
    messages = [WireMessage(item) for item in value.items()]
    return [
        _read_message(message, reader) for message, reader in zip(messages, _chosen(messages), strict=True)
    ]


def _chosen(messages: Sequence[WireMessage]) -> list[_Reader | None]:
    """The reader for each message; a plain text could be anybody's and is read like those around it."""
    sure = [next((reader for reader in _READERS if reader.recognises(m)), None) for m in messages]
    around: _Reader = next((reader for reader in sure if reader in _READS_PLAIN_TEXT), None) or ai_sdk
    chosen: list[_Reader | None] = []
    for message, reader in zip(messages, sure, strict=True):
        around = reader if reader is not None and reader in _READS_PLAIN_TEXT else around
        chosen.append(reader or (None if message.role is None else around))
    return chosen


def _read_message(message: WireMessage, reader: _Reader | None) -> Draft:
    if reader is None:
        return _unknown("message of unknown shape", message.raw, message.role)
    draft = reader.read(message)
    if not draft.parts and not _is_empty(message):
        return _unknown("message of unknown shape", message.raw, message.role)
    draft.parts = [_second_reading(part) for part in draft.parts]
    if draft.role == "assistant":
        draft.parts = [puffle.strip_profile_data(part) for part in draft.parts]
    return draft


def _is_empty(message: WireMessage) -> bool:
    return all(key in _ENVELOPE or value.encoded in _EMPTY for key, value in message.fields.items())


def _second_reading(part: DraftPart) -> DraftPart:
    """A part that is foreign to its message's shape may be known to another one."""
    if not isinstance(part, UnknownPart):
        return part
    wire = WirePart(part.raw)
    return next((known for read in _PART_READERS if (known := read(wire)) is not None), part)


def _read_listed(value: JsonValue | None) -> tuple[list[ToolSighting], list[Draft]]:
    """The top-level ``toolCalls``, and what of it is no call, as a message that says so."""
    if value is None or value.is_null:
        return [], []
    if value.kind is not JsonKind.ARRAY:
        return [], [_unknown("toolCalls is no list", value, "toolCalls")]
    items = [WirePart(item) for item in value.items()]
    sightings = [listed.read_item(item) for item in items]
    unread: list[DraftPart] = [
        UnknownPart("item of toolCalls", item.raw)
        for item, sighting in zip(items, sightings, strict=True)
        if sighting is None
    ]
    leftover = [Draft("toolCalls", unread, value, UNKNOWN_SHAPE)] if unread else []
    return [sighting for sighting in sightings if sighting is not None], leftover


def _unknown(label: str, raw: JsonValue, role: str | None = None) -> Draft:
    return Draft(role or "unknown", [UnknownPart(label, raw)], raw, UNKNOWN_SHAPE)
