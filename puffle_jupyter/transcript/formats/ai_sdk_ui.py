"""UI messages of the Vercel AI SDK, versions 4 to 7: what its chat front ends keep and show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ...json_value import JsonValue
from ..calls.observed import Approval, Draft, DraftPart, Outcome, ToolObservation
from ..model import (
    DataPart,
    FilePart,
    NotePart,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallState,
    UnknownPart,
)
from . import ai_sdk, tanstack
from .fields import (
    Fields,
    WireMessage,
    WirePart,
    boolean_of,
    has_some,
    present,
    read_arguments,
    read_result,
    some,
    text_of,
)
from .keys import ANY, ARRAY, EMPTY, TEXT, Keys
from .parts import (
    ReadPart,
    by_type,
    failure,
    open_items,
    read_content,
    read_file,
    read_parts,
    read_text,
    success,
)

NAME = "AI SDK UI message"
KEYS: Keys = {
    "parts": ARRAY,
    "toolInvocations": ANY,
    "experimental_attachments": ANY,
    "reasoning": TEXT,
    "annotations": ANY,
    "data": ANY,
}

_PREFIX = "tool-"


def recognises(message: WireMessage) -> bool:
    """Whether this has the parts of version 5, or what only version 4 puts next to its content."""
    if message.parts is not None:
        return not message.parts or any(part.type for part in message.parts)
    return message.role == "data" or not _VERSION_4.isdisjoint(message.fields)


_VERSION_4 = frozenset({"toolInvocations", "experimental_attachments", "createdAt"})


def read(message: WireMessage) -> Draft:
    """Read a message; see `WireFormat.read`."""
    fields = message.fields
    if message.parts is not None:
        parts = read_parts(message.parts, read_part)
        parts += _beside(parts, message)
    else:
        parts = [*_invocations(fields), *_reasoning_field(fields), *read_content(message, ai_sdk.read_part)]
    parts += _attachments(fields)
    # What the application itself puts beside its messages in version 4.
    parts += [
        DataPart(key, fields[key], fields[key]) for key in ("annotations", "data") if _holds(fields, key)
    ]
    return Draft(message.role or "unknown", parts, message.raw, NAME, text_of(fields, "id"))


def _holds(fields: Fields, key: str) -> bool:
    return key in fields and fields[key].encoded not in EMPTY


def _beside(parts: list[DraftPart], message: WireMessage) -> list[DraftPart]:
    """What version 4 repeats next to its parts (content, reasoning, toolInvocations), where it says more."""
    told = {(part.id, part.name) for part in parts if isinstance(part, ToolObservation)}
    more: list[DraftPart] = [
        part
        for part in _invocations(message.fields)
        if not isinstance(part, ToolObservation) or (part.id, part.name) not in told
    ]
    if not _said(text_of(message.fields, "reasoning"), parts, ReasoningPart):
        more += _reasoning_field(message.fields)
    if not _said(text_of(message.fields, "content"), parts, TextPart):
        more += read_content(message, ai_sdk.read_part)
    elif _holds(message.fields, "content") and message.fields["content"].string is None:
        more.append(UnknownPart("content next to parts", message.fields["content"]))
    return more


def _said(text: str | None, parts: list[DraftPart], kind: type[TextPart] | type[ReasoningPart]) -> bool:
    if text is None:  # the rule from version 5 on: the text of a whole run is not taken apart for nothing
        return True
    said = "".join("".join(part.text for part in parts if isinstance(part, kind)).split())
    return "".join(text.split()) in said


def _invocations(fields: Fields) -> list[DraftPart]:
    items, rest = open_items(fields.get("toolInvocations"), "toolInvocations")
    read_items = (
        read_invocation(item.raw, item.fields) or UnknownPart("item of toolInvocations", item.raw)
        for item in items
    )
    return [*read_items, *rest]


def _reasoning_field(fields: Fields) -> list[DraftPart]:
    text = text_of(fields, "reasoning")
    return [ReasoningPart(text, fields["reasoning"])] if text else []


def _attachments(fields: Fields) -> list[DraftPart]:
    items, rest = open_items(fields.get("experimental_attachments"), "experimental_attachments")
    return [*(read_file(item.raw, item.fields, item.fields.get("url")) for item in items), *rest]


def read_part(part: WirePart) -> DraftPart | None:
    """Read a part; None when it is none of this format."""
    if (other := tanstack.read_part(part)) is not None:
        return other
    if part.type.startswith(_PREFIX) and _is_tool(part.fields):
        return read_tool(part, part.type[len(_PREFIX) :])
    if part.type.startswith("data-"):
        return DataPart(part.type, part.fields.get("data", part.raw), part.raw)
    return by_type(part, _PARTS)


def _is_tool(fields: Fields) -> bool:
    """Whether a ``tool-…`` part is a UI message's call of the tool ``…``.

    ``tool-call``, ``tool-invocation`` and others are types of their own, and a tool may be called ``call``:
    only a UI tool part has a state and no tool name next to it.
    """
    return "state" in fields and "toolName" not in fields and "toolInvocation" not in fields


def read_listed(item: WirePart) -> ToolObservation | None:
    """A tool part or an invocation as an item of the top-level ``toolCalls``."""
    read = read_part(item)
    return read if isinstance(read, ToolObservation) else None


def read_tool(part: WirePart, name: str) -> ToolObservation:
    """A tool part of version 5 or later: the call, its state and its result in one."""
    fields = part.fields
    state = text_of(fields, "state") or ""
    approval = _approval(fields, state)
    outcome = _outcome(fields, state)
    arguments, notes = read_arguments(present(fields, "input", "rawInput"), always_json=False)
    return ToolObservation(
        raw=part.raw,
        name=name,
        id=text_of(fields, "toolCallId"),
        is_call=True,
        arguments=arguments,
        outcome=outcome,
        approval=approval,
        title=text_of(fields, "title"),
        provider_executed=boolean_of(fields, "providerExecuted") or False,
        notes=notes if outcome is not None and state not in _OUTCOMES else (*notes, *_state_notes(state)),
    )


def _outcome(fields: Fields, state: str) -> Outcome | None:
    """What came of a call. In stored messages the state can lag behind: an output that is there counts."""
    if state in _OUTCOMES:
        outcome = _OUTCOMES[state](fields)
        both = state == "output-error" and has_some(fields, "output")
        return replace(outcome, result=read_result(fields["output"])) if both else outcome
    if has_some(fields, "errorText"):
        return _error(fields)
    result = some(fields, "output", "result")
    return None if result is None else success(result, preliminary=boolean_of(fields, "preliminary") or False)


def read_invocation(raw: JsonValue, fields: Fields) -> ToolObservation | None:
    """A version 4 tool invocation: ``fields``, found in ``raw``."""
    name = text_of(fields, "toolName")
    if name is None:
        return None
    state = text_of(fields, "state") or ""
    arguments, notes = read_arguments(fields.get("args"), always_json=False)
    has_result = "result" in fields or state == "result"
    return ToolObservation(
        raw=raw,
        name=name,
        id=text_of(fields, "toolCallId"),
        is_call=True,
        arguments=arguments,
        outcome=success(fields.get("result")) if has_result else None,
        notes=(*notes, *_state_notes(state)),
    )


def _output(fields: Fields) -> Outcome:
    return success(fields.get("output"), preliminary=boolean_of(fields, "preliminary") or False)


def _error(fields: Fields) -> Outcome:
    return failure(present(fields, "errorText", "error"))


def _denied(fields: Fields) -> Outcome:
    return Outcome(ToolCallState.DENIED, notes=() if "approval" in fields else ("denied",))


_OUTCOMES: Mapping[str, Callable[[Fields], Outcome]] = {
    "output-available": _output,
    "output-error": _error,
    "output-denied": _denied,
}
_KNOWN_STATES = frozenset(_OUTCOMES) | {
    "input-available",
    "approval-requested",
    "approval-responded",
    "call",
    "result",
}


def _state_notes(state: str) -> tuple[str, ...]:
    if state in ("input-streaming", "partial-call"):
        return ("the arguments were still being written",)
    return () if state in _KNOWN_STATES else (f"state: {state}",)


def _approval(fields: Fields, state: str) -> Approval | None:
    if has_some(fields, "approval"):
        return ai_sdk.read_approval(fields["approval"].members())
    return Approval() if state == "approval-requested" else None


def _reasoning(part: WirePart) -> ReasoningPart | None:
    text = text_of(part.fields, "text", "reasoning")
    details = [item.members() for item in part.fields["details"].items()] if "details" in part.fields else []
    redacted = any(text_of(detail, "type") == "redacted" for detail in details)
    return None if text is None and not redacted else ReasoningPart(text or "", part.raw, redacted)


def _nested_invocation(part: WirePart) -> ToolObservation | None:
    value = part.fields.get("toolInvocation")
    return None if value is None else read_invocation(part.raw, value.members())


def _nested_source(part: WirePart) -> SourcePart | None:
    value = part.fields.get("source")
    return None if value is None else _source_of(value.members(), part.raw)


def _source(part: WirePart) -> SourcePart | None:
    return _source_of(part.fields, part.raw)


def _source_of(fields: Fields, raw: JsonValue) -> SourcePart | None:
    title, url = text_of(fields, "title", "filename"), text_of(fields, "url")
    return None if title is None and url is None else SourcePart(title, url, raw)


def _file(part: WirePart) -> FilePart | None:
    data = present(part.fields, "url", "data")
    return None if data is None else read_file(part.raw, part.fields, data)


def _step(part: WirePart) -> NotePart:
    return NotePart("step", "a new step starts", part.raw, is_mark=part.fields.keys() <= {"type"})


def _dynamic_tool(part: WirePart) -> ToolObservation | None:
    name = text_of(part.fields, "toolName")
    return None if name is None else read_tool(part, name)


_PARTS: Mapping[str, ReadPart] = {
    "text": read_text,
    "reasoning": _reasoning,
    "reasoning-file": _file,
    "tool-invocation": _nested_invocation,
    "dynamic-tool": _dynamic_tool,
    "source": _nested_source,
    "source-url": _source,
    "source-document": _source,
    "file": _file,
    "step-start": _step,
    "custom": ai_sdk.read_custom,
}
