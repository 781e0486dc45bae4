"""The embedded Puffle streams: recorded stories at their pace, its own end, and every kind of failure."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest

from puffle_jupyter import (
    AsyncPuffleClient,
    ConversationNotFound,
    Forbidden,
    RateLimited,
    StreamUnfinished,
    Unauthorized,
)
from puffle_jupyter.client.chat_stream import ChatStream
from puffle_jupyter.demo import DEMO_KEY, DEMO_MEMBER_KEY, EmbeddedPuffle
from puffle_jupyter.demo.runs import KNOWN_MESSAGES
from puffle_jupyter.demo.story import STARTS_PER_MINUTE
from puffle_jupyter.demo.streams import STREAM_FAULTS, STREAM_SECONDS, StreamFault, timed_stream
from puffle_jupyter.transcript.model import ToolCallState, Transcript
from tests.support.streams import built
from tests.support.transcripts import outline, transcript_of

FAST = 1e6
"""A day of the demo's time takes less than a tenth of a second."""
NOBODY = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
BODY = {"messages": [{"role": "user", "parts": [{"type": "text", "text": "x"}]}]}


async def followed(puffle: EmbeddedPuffle, message: str, **options: Any) -> tuple[ChatStream, Transcript]:
    """The stream at its end, and its last transcript."""
    async with AsyncPuffleClient(DEMO_KEY, puffle.base_url) as client:
        stream = client.stream_chat(message, **options)
        transcripts = [one async for one in stream]
    return stream, transcripts[-1]


def follow(message: str, **options: Any) -> tuple[ChatStream, Transcript]:
    """The same on a Puffle of its own, in no time."""
    with EmbeddedPuffle(time_scale=FAST) as puffle:
        return asyncio.run(followed(puffle, message, **options))


@pytest.mark.parametrize("beginning", KNOWN_MESSAGES)
def test_a_known_message_streams_its_story(beginning: str) -> None:
    """The transcript of the stream is that of the recorded one, whole, after the user's own words."""
    stream, transcript = follow(beginning)
    data = [event.data for event in timed_stream(KNOWN_MESSAGES[beginning], beginning, 1.0)]
    question = {"role": "user", "parts": [{"type": "text", "text": beginning}]}
    message = built(data[:-1]).json().python()
    assert outline(transcript) == outline(transcript_of([question, message]))
    assert all(call.state is not ToolCallState.PENDING for call in transcript.tool_calls)
    assert stream.conversation_id


def test_any_task_is_echoed() -> None:
    """Quotes, braces and line breaks of a task stand in arguments and text as they were written."""
    task = 'Find "bakers" in {town}\\ {message}'
    _, transcript = follow(task)
    assert transcript.tool_calls[0].arguments["query"] == task
    written = [json.loads(event.data) for event in timed_stream("started", task, 1.0)[:-1]]
    pieces = [one["inputTextDelta"] for one in written if one.get("toolCallId") == "call_01_search"
              and "inputTextDelta" in one]  # fmt: skip
    assert json.loads("".join(pieces))["query"] == task


def test_events_come_when_they_are_due() -> None:
    """The stream keeps to the demo's clock: nothing comes before its time."""
    clock = [0.0]
    with EmbeddedPuffle(clock=lambda: clock[0]) as puffle:

        async def look() -> list[int]:
            lengths: list[int] = []
            client = AsyncPuffleClient(DEMO_KEY, puffle.base_url)
            async with client, client.stream_chat("find fintech founders in berlin") as stream:
                async for transcript in stream:
                    lengths.append(len(transcript.messages[-1].parts))
                    clock[0] += 0.5
            return lengths

        lengths = asyncio.run(look())
    assert lengths[0] <= 2
    assert len(lengths) >= 8
    assert lengths == sorted(lengths)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (StreamFault.ERROR, "reports an error (The model is overloaded"),
        (StreamFault.ABORT, "ended the agent before its answer was whole"),
        (StreamFault.DROPPED, "broke off: connection dropped"),
        (StreamFault.CUT, "before the answer did"),
        (StreamFault.SILENT, "before the answer did"),
        (StreamFault.TOO_LONG, "Puffle ends every stream after 120 s"),
    ],
)
def test_a_stream_fails_as_its_message_asks(fault: StreamFault, words: str) -> None:
    """Each kind of failure can be tried, and is told from a whole answer."""
    (message,) = [beginning for beginning, kind in STREAM_FAULTS.items() if kind is fault]
    with pytest.raises(StreamUnfinished) as caught:
        follow(f"{message}, please")
    assert words in str(caught.value)
    assert len(caught.value.transcript.messages) == 2


def test_no_stream_is_longer_than_puffle_allows() -> None:
    """What is due later than 120 s after the beginning is not sent."""
    events = timed_stream("started", "x", 5.0, StreamFault.TOO_LONG)
    assert events[0].due <= STREAM_SECONDS < events[-1].due


def test_a_conversation_goes_on() -> None:
    """The header's conversation is taken again, and one that was never begun is not found."""
    with EmbeddedPuffle(time_scale=FAST) as puffle:
        first, _ = asyncio.run(followed(puffle, "x"))
        second, _ = asyncio.run(followed(puffle, "y", conversation_id=first.conversation_id))
        assert second.conversation_id == first.conversation_id
        with pytest.raises(ConversationNotFound):
            asyncio.run(followed(puffle, "z", conversation_id=NOBODY))


def test_who_may_stream() -> None:
    """A wrong key gets 401, one that is no admin's 403, and too many starts 429."""
    with EmbeddedPuffle(time_scale=FAST) as puffle:
        for key, kind in ((DEMO_MEMBER_KEY, Forbidden), ("pk_live_wrong", Unauthorized)):

            async def refused(key: str = key) -> None:
                async with AsyncPuffleClient(key, puffle.base_url) as client:
                    async for _ in client.stream_chat("x"):
                        pass

            with pytest.raises(kind):
                asyncio.run(refused())
        for _ in range(STARTS_PER_MINUTE):
            asyncio.run(followed(puffle, "x"))
        with pytest.raises(RateLimited) as caught:
            asyncio.run(followed(puffle, "x"))
        assert caught.value.retry_after


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        {"messages": []},
        {"messages": "x"},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "nobody", "parts": []}]},
        {**BODY, "conversationId": "5"},
        {**BODY, "currentPage": 5},
    ],
    ids=str,
)
def test_a_bad_body_is_refused(body: Any) -> None:
    """400, with what is wrong."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with EmbeddedPuffle() as puffle:
        url, headers = f"{puffle.base_url}/api/agent/chat/stream", {"Authorization": f"Bearer {DEMO_KEY}"}
        answer = httpx.post(url, content=content, headers=headers)
    assert answer.status_code == 400
    assert "must be" in answer.json()["error"]["message"]


def test_stop_ends_a_stream() -> None:
    """A stream under way holds up no end, and leaves no thread."""
    threads = set(threading.enumerate())
    puffle = EmbeddedPuffle(clock=lambda: 0.0)
    puffle.start()

    async def stopped() -> None:
        client = AsyncPuffleClient(DEMO_KEY, puffle.base_url)
        async with client, client.stream_chat("x") as stream:
            async for _ in stream:
                await asyncio.to_thread(puffle.stop)

    with pytest.raises(StreamUnfinished, match="broke off"):
        asyncio.run(stopped())
    assert {thread for thread in threading.enumerate() if thread.name == "puffle-demo"} <= threads
