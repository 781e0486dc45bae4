"""Calls that the embedded Puffle does not carry out before somebody approves them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from .streams import TimedEvent, timed_stream

SECONDS = 3.0
"""How long each stream of such a story takes."""

STORIES: Mapping[str, str] = MappingProxyType(
    {
        "remove": "ask_remove_rows",
        "delete": "ask_remove_rows",
        "send": "ask_send_campaign",
        "invite": "ask_send_campaign",
        "write to": "ask_send_campaign",
    }
)
"""How a message begins, in lower case -> the recorded story that asks before it acts."""


def asking_story(message: str) -> str | None:
    """The story that answers ``message`` and asks before it acts; None for any other message."""
    words = " ".join(message.lower().split())
    return next((story for beginning, story in STORIES.items() if words.startswith(beginning)), None)


class NotWaiting(Exception):
    """A decision about a call that does not wait for one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a follow-up request decides: ``approvalResponse`` of docs.puffle.ai, "Stream agent chat"."""

    call_id: str
    approved: bool


def read_answer(asked: Mapping[str, Any]) -> Answered | None:
    """The decision in the body of a request; None when it has none.

    Raises:
        ValueError: what is wrong with it.
    """
    if "approvalResponse" not in asked:
        return None
    given = asked["approvalResponse"]
    if not isinstance(given, dict) or not isinstance(given.get("toolCallId"), str):
        raise ValueError("approvalResponse must be {toolCallId: string, approved: boolean}.")
    if not isinstance(given.get("approved"), bool):
        raise ValueError("approvalResponse.approved must be a boolean.")
    return Answered(given["toolCallId"], given["approved"])


class WaitingCalls:
    """The calls that wait, each for one answer. Used on the server's thread."""

    def __init__(self) -> None:
        self._count = 0
        self._waiting: dict[str, tuple[str, str, str, str]] = {}
        self.decided: list[Answered] = []
        """What was decided, in order."""

    def ask(self, story: str, message: str, conversation_id: str) -> list[TimedEvent]:
        """The events of the stream up to the call, which waits from now on under an id of its own."""
        self._count += 1
        suffix = f"_{self._count}"
        events = [_renamed(event, suffix) for event in timed_stream(story, message, SECONDS)]
        call_id = next(
            chunk["toolCallId"] for chunk in _chunks(events) if chunk["type"] == "tool-approval-request"
        )
        self._waiting[call_id] = story, message, conversation_id, suffix
        return events

    def answer(self, answer: Answered, conversation_id: str | None) -> tuple[list[TimedEvent], str]:
        """The events of the stream that goes on, and its conversation.

        Raises:
            NotWaiting: no call of this id waits in this conversation: it is answered once.
        """
        story, message, asked_in, suffix = self._waiting.get(answer.call_id, ("", "", "", ""))
        if not story or conversation_id not in (None, asked_in):
            raise NotWaiting(f"No tool call {answer.call_id[:80]} waits for approval.")
        del self._waiting[answer.call_id]
        self.decided.append(answer)
        name = f"{story}_{'approved' if answer.approved else 'denied'}"
        return [_renamed(event, suffix) for event in timed_stream(name, message, SECONDS)], asked_in


def _chunks(events: Iterable[TimedEvent]) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in events if event.data.startswith("{")]


def _renamed(event: TimedEvent, suffix: str) -> TimedEvent:
    """The event with ids of calls that no other stream has: the recording has the same ones each time."""
    if not event.data.startswith("{"):
        return event
    chunk = json.loads(event.data)
    if "toolCallId" not in chunk:
        return event
    chunk["toolCallId"] += suffix
    return replace(event, data=json.dumps(chunk, ensure_ascii=False))
