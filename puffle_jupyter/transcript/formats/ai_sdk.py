"""Model messages of the Vercel AI SDK: ``CoreMessage`` of version 4, ``ModelMessage`` of 5 to 7."""

from __future__ import annotations

from collections.abc import Mapping

from ...json_value import JsonKind, JsonValue
from ..calls.observed import Approval, ApprovalObservation, Draft, DraftPart, Outcome, ToolObservation
from ..model import DataPart, FilePart, ReasoningPart, SourcePart, ToolCallState
from .fields import Fields, WireMessage, WirePart, boolean_of, present, read_arguments, text_of
from .parts import ReadPart, by_type, failure, read_content, read_file, read_text, success

NAME = "AI SDK model message"

DECIDED_BY, DECIDED_AT = "decidedBy", "decidedAt"
"""Fields of an approval that are ours: see `transcript.decision`."""


def recognises(message: WireMessage) -> bool:
    """Whether only the AI SDK writes such parts; a plain text may be anybody's."""
    return not message.types.isdisjoint(_DISTINCTIVE) or any(
        (part.type == "image" and "image" in part.fields) or (part.type == "file" and "data" in part.fields)
        for part in message.content or ()
    )


def read(message: WireMessage) -> Draft:
    """Read a message; see `WireFormat.read`."""
    parts = read_content(message, read_part)
    return Draft(message.role or "unknown", parts, message.raw, NAME, text_of(message.fields, "id"))


def read_part(part: WirePart) -> DraftPart | None:
    """Read a part; None when it is none of this format."""
    return by_type(part, _PARTS)


def read_listed(item: WirePart) -> ToolObservation | None:
    """An item of the top-level ``toolCalls``: `generateText`'s own, or cut down to ``{toolName, args}``."""
    name = text_of(item.fields, "toolName")
    if name is None or item.type.startswith("tool-approval"):
        return None
    if item.type == "dynamic-tool":  # a part of a UI message, whose state says what came of the call
        return None
    arguments, notes = read_arguments(present(item.fields, "input", "args", "arguments"), always_json=False)
    outcome = _raw_outcome(item)
    return ToolObservation(
        raw=item.raw,
        name=name,
        id=text_of(item.fields, "toolCallId", "id"),
        is_call=item.type not in ("tool-result", "tool-error"),
        arguments=arguments,
        outcome=outcome,
        title=text_of(item.fields, "title"),
        provider_executed=boolean_of(item.fields, "providerExecuted") or False,
        notes=notes,
    )


def _raw_outcome(item: WirePart) -> Outcome | None:
    """What a result-side object tells: its output is the tool's own value, never a typed one."""
    fields = item.fields
    if item.type == "tool-error" or boolean_of(fields, "invalid"):
        return failure(present(fields, "error", "errorText"))
    if boolean_of(fields, "isError"):
        return failure(present(fields, "error", "result", "output"))
    if "output" in fields or "result" in fields:
        preliminary = boolean_of(fields, "preliminary") or False
        return success(present(fields, "output", "result"), preliminary=preliminary)
    if item.type == "tool-result":
        return success(None)
    error = fields.get("error")
    return None if error is None or error.is_null else failure(error)


def _call(part: WirePart) -> ToolObservation | None:
    return read_listed(part)


def _result(part: WirePart) -> ToolObservation | None:
    fields = part.fields
    call_id, name = text_of(fields, "toolCallId"), text_of(fields, "toolName")
    if call_id is None and name is None:
        return None
    return ToolObservation(
        raw=part.raw,
        name=name or "",
        id=call_id,
        is_call=False,
        arguments=present(fields, "input", "args"),
        outcome=_result_outcome(part),
        provider_executed=boolean_of(fields, "providerExecuted") or False,
    )


def _result_outcome(part: WirePart) -> Outcome | None:
    output = part.fields.get("output")
    typed = None if output is None else typed_output(output)
    return typed or _raw_outcome(part)


def typed_output(output: JsonValue) -> Outcome | None:
    """The outcome a typed output of version 5 or later states; None when ``output`` is a tool's own value.

    A tool may really return ``{"type": "text", "text": …}``, so the other keys must fit as well.
    """
    members = output.members()
    kind = text_of(members, "type") or ""
    if kind not in _TYPED_OUTPUTS or not _TYPED_OUTPUTS[kind].issuperset(members):
        return None
    if kind == "execution-denied":
        reason = text_of(members, "reason")
        return Outcome(ToolCallState.DENIED, notes=(f"denied: {reason}" if reason else "denied",))
    value = members.get("value")
    if value is None or value.kind is not _VALUE_KINDS.get(kind, value.kind):
        return None
    return failure(value) if kind.startswith("error-") else success(value)


_WITH_VALUE = frozenset({"type", "value", "providerOptions", "providerMetadata"})
_TYPED_OUTPUTS: Mapping[str, frozenset[str]] = {
    "text": _WITH_VALUE,
    "json": _WITH_VALUE,
    "error-text": _WITH_VALUE,
    "error-json": _WITH_VALUE,
    "content": _WITH_VALUE,
    "execution-denied": frozenset({"type", "reason", "providerOptions", "providerMetadata"}),
}
_VALUE_KINDS = {"text": JsonKind.STRING, "error-text": JsonKind.STRING, "content": JsonKind.ARRAY}


def _reasoning(part: WirePart) -> ReasoningPart | None:
    text = text_of(part.fields, "text")
    return None if text is None else ReasoningPart(text, part.raw)


def _redacted_reasoning(part: WirePart) -> ReasoningPart:
    return ReasoningPart("", part.raw, redacted=True)


def _image(part: WirePart) -> FilePart | None:
    return read_file(part.raw, part.fields, part.fields["image"], "image") if "image" in part.fields else None


def _file(part: WirePart) -> FilePart | None:
    data = present(part.fields, "data", "url")
    return None if data is None else read_file(part.raw, part.fields, data)


def _source(part: WirePart) -> SourcePart | None:
    title, url = text_of(part.fields, "title", "filename"), text_of(part.fields, "url")
    return None if title is None and url is None else SourcePart(title, url, part.raw)


def read_custom(part: WirePart) -> DataPart:
    """Version 7's ``custom`` part: all it holds is the provider's own business."""
    kind = text_of(part.fields, "kind")
    return DataPart(f"custom {kind}" if kind else "custom", part.raw, part.raw)


def _approval_request(part: WirePart) -> ApprovalObservation | None:
    call: Fields = part.fields["toolCall"].members() if "toolCall" in part.fields else {}
    call_id = text_of(part.fields, "toolCallId") or text_of(call, "toolCallId")
    approval_id = text_of(part.fields, "approvalId")
    if approval_id is None and call_id is None:
        return None
    return ApprovalObservation(part.raw, approval_id, call_id, read_approval(part.fields))


def _approval_response(part: WirePart) -> ApprovalObservation | None:
    if boolean_of(part.fields, "approved") is None:
        return None
    return ApprovalObservation(
        raw=part.raw,
        approval_id=text_of(part.fields, "approvalId"),
        call_id=text_of(part.fields, "toolCallId"),
        approval=read_approval(part.fields),
    )


def read_approval(fields: Fields) -> Approval:
    """Read the fields of an approval."""
    automatic = boolean_of(fields, "isAutomatic") or False
    return Approval(
        boolean_of(fields, "approved"),
        text_of(fields, "reason"),
        automatic,
        text_of(fields, DECIDED_BY),
        text_of(fields, DECIDED_AT),
    )


_PARTS: Mapping[str, ReadPart] = {
    "text": read_text,
    "reasoning": _reasoning,
    "redacted-reasoning": _redacted_reasoning,
    "reasoning-file": _file,
    "image": _image,
    "file": _file,
    "source": _source,
    "custom": read_custom,
    "tool-call": _call,
    "tool-result": _result,
    "tool-error": _result,
    "tool-approval-request": _approval_request,
    "tool-approval-response": _approval_response,
}
_DISTINCTIVE = frozenset(_PARTS) - {"text", "reasoning", "image", "file", "source"}
