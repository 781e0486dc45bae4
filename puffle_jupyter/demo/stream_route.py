"""``POST /api/agent/chat/stream``: an answer as server-sent events, each at its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import StreamingResponse

from .approvals import Answered, NotWaiting, read_answer
from .streams import STREAM_SECONDS, StreamFault, TimedEvent

_LOOK_SECONDS = 0.05
"""Seconds between two looks at the clock: one that a test moves by hand tells nobody that it moved."""


def stream_response(
    events: list[TimedEvent],
    conversation_id: str,
    *,
    fault: StreamFault | None,
    now: Callable[[], float],
    drop: Callable[[], None],
) -> StreamingResponse:
    """The answer that sends ``events`` when they are due.

    Args:
        events: what is sent.
        conversation_id: the conversation, for the header.
        fault: how it fails after the last event; None if it does not.
        now: seconds, as fast as the demo's time goes.
        drop: closes the connection at once.
    """
    headers = {
        "x-conversation-id": conversation_id,
        "x-vercel-ai-ui-message-stream": "v1",
        "cache-control": "no-cache",
    }
    body = _bodies(events, fault, now, drop)
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


async def _bodies(
    events: list[TimedEvent], fault: StreamFault | None, now: Callable[[], float], drop: Callable[[], None]
) -> AsyncIterator[str]:
    began = now()
    for event in events:
        await _until(began + min(event.due, STREAM_SECONDS), now)
        if event.due > STREAM_SECONDS:
            return
        yield f"data: {event.data}\n\n"
    if fault is StreamFault.SILENT:
        await _until(began + STREAM_SECONDS, now)
    if fault is StreamFault.DROPPED:
        drop()


async def _until(due: float, now: Callable[[], float]) -> None:
    await asyncio.sleep(0)  # lets the loop see that the client has gone
    while now() < due:
        await asyncio.sleep(_LOOK_SECONDS)


def read_stream(
    body: bytes, is_conversation: Callable[[object], bool]
) -> tuple[str, str | None, Answered | None]:
    """What the user says last, the conversation, and what is decided, of a POST that begins a stream.

    Raises:
        ValueError: what is wrong with the body.
        NotWaiting: the last message has no such call that waits.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body must be JSON.") from None
    messages = asked.get("messages") if isinstance(asked, dict) else None
    if not isinstance(messages, list) or not messages or not all(map(_is_ui_message, messages)):
        raise ValueError("messages must be a list of at least one {role, parts}.")
    if "conversationId" in asked and not is_conversation(asked["conversationId"]):
        raise ValueError("conversationId must be a UUID.")
    if not isinstance(asked.get("currentPage", ""), str):
        raise ValueError("currentPage must be a string.")
    answer = read_answer(asked)
    if answer is not None and not _waits_in(messages[-1], answer.call_id):
        raise NotWaiting("messages must end with the message whose tool call waits for approval.")
    texts = [part.get("text") for part in messages[-1]["parts"] if part["type"] == "text"]
    return "".join(text for text in texts if isinstance(text, str)), asked.get("conversationId"), answer


def _waits_in(message: dict[str, Any], call_id: str) -> bool:
    waiting = [part for part in message["parts"] if part.get("state") == "approval-requested"]
    return call_id in [part.get("toolCallId") for part in waiting]


def _is_ui_message(message: object) -> bool:
    return (
        isinstance(message, dict)
        and message.get("role") in ("user", "assistant", "system")
        and isinstance(message.get("parts"), list)
        and all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in message["parts"])
    )
