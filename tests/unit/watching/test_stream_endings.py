"""When an answer is whole has one home: a `ChatStream` and a watch say the same of every ending."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest

from puffle_jupyter import AsyncPuffleClient, RunStatus, StreamUnfinished
from puffle_jupyter.client.stream_request import ui_messages
from puffle_jupyter.watching.snapshot import WatchSnapshot
from puffle_jupyter.watching.streaming import StreamSource
from tests.support.answers import text
from tests.support.scripted import KEY

CONVERSATION = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
FINISH, ERROR = {"type": "finish"}, {"type": "error", "errorText": "overloaded"}
ABORT = {"type": "abort", "reason": "left"}
DONE = "[DONE]"
BREAK = httpx.ReadError("gone")
WHOLE, FAILED, ABORTED = RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED
_HINT = "Puffle ends every stream after 120 s, finished or not"
EARLY = f"The stream ended after 0 s, before the answer did ({_HINT})"
BROKE = "The stream broke off: connection dropped before the whole answer came"

ENDINGS: list[tuple[list[Any], RunStatus | str]] = [
    ([FINISH, DONE], WHOLE),
    ([FINISH], WHOLE),
    ([DONE], WHOLE),
    ([FINISH, BREAK], WHOLE),
    ([DONE, BREAK], WHOLE),
    ([DONE, ERROR], WHOLE),  # nothing is read behind the end
    ([FINISH, ERROR, DONE], FAILED),
    ([ERROR, FINISH, DONE], FAILED),
    ([ERROR, DONE], FAILED),
    ([ERROR], FAILED),
    ([ERROR, BREAK], FAILED),
    ([ABORT, DONE], ABORTED),
    ([ABORT, FINISH, DONE], ABORTED),
    ([ABORT], ABORTED),
    ([ABORT, BREAK], ABORTED),
    ([], EARLY),
    ([": a comment"], EARLY),
    ([{"type": "finish-step"}], EARLY),
    (["[done]"], EARLY),
    ([BREAK], BROKE),
    ([{"type": "finish-step"}, BREAK], BROKE),
]


class _Body(httpx.AsyncByteStream):
    def __init__(self, events: Iterable[Any]) -> None:
        self._events = events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            if isinstance(event, Exception):
                raise event
            if isinstance(event, str) and event.startswith(":"):
                yield f"{event}\n\n".encode()
            else:
                yield f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()


def _client(events: list[Any]) -> AsyncPuffleClient:
    headers = {"content-type": "text/event-stream", "x-conversation-id": CONVERSATION}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=_Body(events)))
    return AsyncPuffleClient(KEY, "https://puffle.example", transport=transport)


async def _chat_stream(events: list[Any]) -> str | None:
    """What a `ChatStream` raises at its end; None for a whole answer."""
    try:
        async for _ in _client(events).stream_chat("Hello there"):
            pass
    except StreamUnfinished as error:
        return str(error)
    return None


async def _watched(events: list[Any]) -> RunStatus | str:
    """The status with which a watch ends, or what it raises."""
    client = _client(events)
    answer = await client.open_answer(ui_messages("Hello there", None), message="Hello there")
    snapshot = WatchSnapshot("stream_1", started_at=time.monotonic(), is_stream=True)

    async def go_on(*_: Any) -> Any:
        raise AssertionError("nothing was decided")

    source = StreamSource(
        snapshot, answer, go_on, time.monotonic, asyncio.sleep, conversation_id=answer.conversation_id
    )
    try:
        return (await source.follow(lambda snapshot: None)).status
    except StreamUnfinished as error:
        return str(error)


@pytest.mark.parametrize(
    ("begins", "ending"),
    list(itertools.product([text("Hello"), []], ENDINGS)),
    ids=lambda value: None if not value else ascii(value)[:60],
)
def test_both_say_the_same_of_every_ending(begins: list[Any], ending: tuple[list[Any], Any]) -> None:
    """Whole, failed, ended by Puffle or unfinished: what the events say, whatever follows or precedes."""
    events, meaning = ending

    async def both() -> tuple[str | None, RunStatus | str]:
        return await _chat_stream([*begins, *events]), await _watched([*begins, *events])

    said, watched = asyncio.run(both())
    match meaning:
        case RunStatus.COMPLETED:
            assert (said, watched) == (None, meaning)
        case RunStatus():
            assert watched is meaning
            assert said is not None
            assert ("overloaded" if meaning is FAILED else "left") in said
        case _:
            assert said is not None
            assert said.startswith(f"{meaning}. ")
            assert isinstance(watched, str)
            assert watched.startswith(f"{meaning}. ")
            how_to_go_on = f"To go on, send another message in conversation {CONVERSATION}."
            assert said.endswith(how_to_go_on)
            assert watched.endswith(how_to_go_on)
