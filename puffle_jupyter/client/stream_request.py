"""What is sent to follow a chat live: the whole conversation so far, as UI messages. Pure functions.

Source: docs.puffle.ai, "Stream agent chat": ``{"messages": UIMessage[], "conversationId"?: uuid}``, the new
message last.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping

from ..json_value import JsonValue
from .start import check_conversation_id, check_history, check_message

MakeId = Callable[[], str]


def _new_id() -> str:
    return str(uuid.uuid4())


def ui_messages(message: object, history: object, make_id: MakeId = _new_id) -> list[JsonValue]:
    """The turns of ``history`` and then ``message``, as UI messages.

    Args:
        message: what the user says now.
        history: earlier turns, ``{"role": "user" | "assistant", "content": text}``; None for none.
        make_id: makes the id of a message.

    Raises:
        InvalidMessage: see `check_message` and `check_history`.
    """
    text = check_message(message)
    turns = [] if history is None else check_history(history)
    turns.append({"role": "user", "content": text})
    return [_ui_message(turn["role"], turn["content"], make_id()) for turn in turns]


def _ui_message(role: str, text: str, id: str) -> JsonValue:
    return JsonValue.of({"id": id, "role": role, "parts": [{"type": "text", "text": text}]})


def stream_body(
    messages: Iterable[JsonValue],
    conversation_id: object,
    approval_response: Mapping[str, object] | None = None,
) -> bytes:
    """The body of the POST that begins a stream.

    Args:
        messages: the conversation so far, as UI messages, each exactly as it was received.
        conversation_id: the conversation to go on with; None begins a new one.
        approval_response: the answer to a pending call, ``{"toolCallId": str, "approved": bool}``; the
            call is among the messages.

    Raises:
        InvalidConversationId
    """
    fields = [b'"messages":[' + b",".join(message.encoded for message in messages) + b"]"]
    if conversation_id is not None:
        fields.append(b'"conversationId":' + json.dumps(check_conversation_id(conversation_id)).encode())
    if approval_response is not None:
        fields.append(b'"approvalResponse":' + JsonValue.of(dict(approval_response)).encoded)
    return b"{" + b",".join(fields) + b"}"
