"""What a server may say of two conversations at once: neither takes the place of the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from puffle_jupyter import AsyncPuffleClient, Conversation, RunWatch
from puffle_jupyter.watching.registry import registry
from tests.support.answers import PAUSED
from tests.support.scripted import KEY

pytestmark = pytest.mark.usefixtures("background", "state")

CONVERSATION = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"


class _OneConversation:
    """Gives every conversation the same id, and the call of each the same one; both wait."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        transport = httpx.MockTransport(self._answer)
        self.client = AsyncPuffleClient(KEY, "https://puffle.example", transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        headers = {"content-type": "text/event-stream", "x-conversation-id": CONVERSATION}
        return httpx.Response(200, headers=headers, stream=_Paused())

    def ask(self) -> RunWatch:
        """A new conversation, in which a call waits."""
        watch = Conversation(client=self.client).send("Remove them", stream=True)
        asyncio.run(_until_pending(watch))
        return watch


class _Paused(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in PAUSED:
            yield f"data: {json.dumps(chunk)}\n\n".encode()


async def _until_pending(watch: RunWatch) -> None:
    async with asyncio.timeout(30):
        while not watch.pending:
            await asyncio.sleep(0.001)


def test_two_conversations_of_one_id_are_both_watched_and_decided_apart() -> None:
    """Each has a name of its own, so the inbox has both; what is approved in one is not in the other."""
    puffle = _OneConversation()
    first, second = puffle.ask(), puffle.ask()
    try:
        assert first.run_id != second.run_id
        assert {id(watch) for watch in registry.live()} >= {id(first), id(second)}
        second.deny("call_1")
        assert [call.id for call in first.pending] == ["call_1", "call_2"]
        assert first.decisions == ()
    finally:
        first.stop()
        second.stop()
    assert not [body for body in puffle.bodies if body.get("approvalResponse", {}).get("approved")]
