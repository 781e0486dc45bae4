"""Parts of TanStack AI and of OpenTelemetry's GenAI messages: as UI parts, with names of their own.

TanStack writes ``{type: "tool-call", id, name, arguments, state, output?}``, ``{type: "tool-result",
toolCallId, content, state}`` and texts as ``content``; OpenTelemetry ``tool_call``, ``tool_call_response``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..calls.observed import DraftPart, ToolObservation
from ..model import ReasoningPart, TextPart
from . import ai_sdk
from .fields import WirePart, boolean_of, has_some, present, read_arguments, some, text_of
from .parts import ReadPart, by_type, failure, success


def read_part(part: WirePart) -> DraftPart | None:
    """Read a part; None when it is none of these."""
    return by_type(part, _PARTS)


def _text(part: WirePart) -> TextPart | None:
    text = text_of(part.fields, "content")
    return TextPart(text, part.raw) if text is not None and "text" not in part.fields else None


def _thinking(part: WirePart) -> ReasoningPart | None:
    text = text_of(part.fields, "content")
    return ReasoningPart(text, part.raw) if text is not None and "thinking" not in part.fields else None


def _call(part: WirePart) -> ToolObservation | None:
    fields = part.fields
    name = text_of(fields, "name", "tool_name")
    value = present(fields, "arguments", "args", "input")
    if name is None or "toolName" in fields or (value is None and "id" not in fields):
        return None
    arguments, notes = read_arguments(value, always_json=False)
    output = some(fields, "output", "result")
    waits = text_of(fields, "state") == "approval-requested"
    approval = fields["approval"].members() if has_some(fields, "approval") else {}
    return ToolObservation(
        raw=part.raw,
        name=name,
        id=text_of(fields, "id", "tool_call_id"),
        is_call=True,
        arguments=arguments,
        outcome=None if output is None else success(output),
        approval=ai_sdk.read_approval(approval)
        if waits or boolean_of(approval, "approved") is not None
        else None,
        notes=notes,
    )


def _result(part: WirePart) -> ToolObservation | None:
    fields = part.fields
    call_id = text_of(fields, "toolCallId", "tool_call_id", "id")
    value = present(fields, "content", "response", "result")
    # An AI SDK part has its value in `output` or `result` and names its tool.
    if call_id is None or value is None or "toolName" in fields or "output" in fields:
        return None
    failed = text_of(fields, "state", "status") == "error" or boolean_of(fields, "isError")
    error = some(fields, "error")
    outcome = failure(value if error is None else error) if failed or error is not None else success(value)
    return ToolObservation(
        part.raw, text_of(fields, "tool_name") or "", call_id, is_call=False, outcome=outcome
    )


_PARTS: Mapping[str, ReadPart] = {
    "text": _text,
    "thinking": _thinking,
    "reasoning": _thinking,
    "tool-call": _call,
    "tool_call": _call,
    "tool-result": _result,
    "tool_result": _result,
    "tool_call_response": _result,
}
