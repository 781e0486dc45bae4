"""Transcripts from Python values, and what they say in a form that is easy to compare."""

from __future__ import annotations

from typing import Any

from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import FilePart, Message, Part, ToolCall, ToolCallPart, Transcript
from puffle_jupyter.transcript.read import read

MISSING = object()


def transcript_of(messages: Any = MISSING, tool_calls: Any = MISSING) -> Transcript:
    """What a completed run with these `messages` and `toolCalls` says."""
    answer = {"runId": "run_a", "status": "completed", "messages": messages, "toolCalls": tool_calls}
    return read(Run.from_dict({key: value for key, value in answer.items() if value is not MISSING}).body)


def message_of(message: Any) -> Message:
    """The one message of a run."""
    (read_message,) = transcript_of([message]).messages
    return read_message


def part_of(part: Any, role: str = "assistant") -> Part:
    """The one part of a message with the content ``[part]``."""
    (read_part,) = message_of({"role": role, "content": [part]}).parts
    return read_part


def call_of(messages: Any, tool_calls: Any = MISSING) -> ToolCall:
    """The one call of a run."""
    (call,) = transcript_of(messages, tool_calls).tool_calls
    return call


def said(part: Part) -> tuple[Any, ...]:
    """A part in short: what it is, and what a reader learns from it."""
    call = getattr(part, "call", None)
    if call is not None:
        return ("call" if isinstance(part, ToolCallPart) else "result", call.name, call.id)
    if isinstance(part, FilePart):
        return ("file", part.name, part.media_type, part.size, part.url)
    facts = [getattr(part, name) for name in ("label", "title", "text", "url") if hasattr(part, name)]
    return (type(part).__name__.removesuffix("Part").lower(), *facts)


def outline(transcript: Transcript) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Every message as its role and what its parts say."""
    return [(message.role, [said(part) for part in message.parts]) for message in transcript.messages]


def ai_sdk_call(id: str | None = "c1", name: str = "search_leads", **fields: Any) -> dict[str, Any]:
    """A version 5 ``tool-call`` part."""
    part = {"type": "tool-call", "toolCallId": id, "toolName": name, "input": {}, **fields}
    return {key: value for key, value in part.items() if value is not None}


def ai_sdk_result(id: str | None = "c1", name: str | None = "search_leads", **fields: Any) -> dict[str, Any]:
    """A ``tool-result`` part; give it ``output`` or ``result``."""
    part = {"type": "tool-result", "toolCallId": id, "toolName": name}
    return {**{key: value for key, value in part.items() if value is not None}, **fields}


def called(*parts: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(parts)}


def answered(*parts: Any) -> dict[str, Any]:
    return {"role": "tool", "content": list(parts)}
