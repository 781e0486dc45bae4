"""A chat followed live by ordinary code: the contract of `ChatStream`, on the background loop."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from puffle_jupyter import (
    BlockingChatStream,
    CannotWaitHere,
    InvalidMessage,
    NotSent,
    PuffleClient,
    StreamUnfinished,
    Unauthorized,
)
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.transcript.model import TextPart, Transcript
from tests.support.answers import FINISH, text
from tests.support.scripted import KEY

pytestmark = pytest.mark.usefixtures("background")

CONVERSATION = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
BEGIN = [
    {"type": "start"},
    {"type": "text-start", "id": "0"},
    {"type": "text-delta", "id": "0", "delta": "Hel"},
]


class _Puffle(httpx.AsyncByteStream):
    """Streams these events to whoever asks; then ends, or hangs until the connection is closed."""

    def __init__(self, *events: Any, code: int = 200, hangs: bool = False) -> None:
        self.requests = 0
        self.closed = threading.Event()
        self.reached_end = threading.Event()
        self._events = events
        self._code = code
        self._hangs = hangs

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            yield f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
        self.reached_end.set()
        if self._hangs:
            await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed.set()

    def client(self) -> PuffleClient:
        def answer(request: httpx.Request) -> httpx.Response:
            self.requests += 1
            headers = {"content-type": "text/event-stream", "x-conversation-id": CONVERSATION}
            return httpx.Response(self._code, headers=headers, stream=self)

        return PuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(answer))


def said(transcript: Transcript) -> str:
    return "".join(part.text for part in transcript.messages[-1].parts if isinstance(part, TextPart))


def follow(puffle: _Puffle) -> BlockingChatStream:
    stream = puffle.client().stream_chat("Hello there")
    assert puffle.requests == 0
    assert said(list(stream)[-1]) == "Hello"
    return stream


def test_an_answer_is_followed_to_its_end() -> None:
    """One request, when the iteration begins; then everything is known that the asynchronous one knows."""
    puffle = _Puffle(*text("Hello"), FINISH, "[DONE]")
    stream = follow(puffle)
    assert (stream.conversation_id, stream.run_id, puffle.requests) == (CONVERSATION, None, 1)
    assert said(stream.transcript) == "Hello"
    assert len(stream.messages.items()) == 2
    assert puffle.closed.is_set()
    with pytest.raises(NotSent, match="once"):
        list(stream)
    assert puffle.requests == 1


def test_it_works_within_a_running_event_loop() -> None:
    """As every blocking method does, in a notebook for example."""

    async def within() -> None:
        follow(_Puffle(*text("Hello"), FINISH))

    asyncio.run(within())


def test_errors_are_those_of_the_iteration() -> None:
    """What cannot be sent at once, a refusal when the iteration begins, a break after the last transcript."""
    with pytest.raises(InvalidMessage):
        _Puffle().client().stream_chat(" ")
    refused = _Puffle("no", code=401).client().stream_chat("x")
    with pytest.raises(Unauthorized):
        list(refused)
    broken = iter(_Puffle(*BEGIN).client().stream_chat("x"))
    assert said(next(broken)) == "Hel"
    with pytest.raises(StreamUnfinished, match="before the answer did") as caught:
        list(broken)
    assert said(caught.value.transcript) == "Hel"


def _break(stream: BlockingChatStream) -> None:
    for _ in stream:
        break


def _close_the_generator(stream: BlockingChatStream) -> None:
    updates = iter(stream)
    next(updates)
    updates.close()


def _forget_the_generator(stream: BlockingChatStream) -> None:
    next(iter(stream))
    gc.collect()


def _leave_the_block(stream: BlockingChatStream) -> None:
    with stream:
        kept = iter(stream)
        next(kept)


def _forget_it_on_the_poll_thread(stream: BlockingChatStream) -> None:
    kept = [iter(stream)]
    next(kept[0])
    poll_loop.call_soon(kept.clear)


@pytest.mark.parametrize(
    "leave",
    [_break, _close_the_generator, _forget_the_generator, _leave_the_block, _forget_it_on_the_poll_thread],
)
def test_leaving_early_closes_the_connection(leave: Callable[[BlockingChatStream], None]) -> None:
    """However it is left; no task stays on the loop."""
    puffle = _Puffle(*BEGIN, hangs=True)
    leave(puffle.client().stream_chat("x"))
    assert puffle.closed.wait(10)
    deadline = time.monotonic() + 10
    while poll_loop.tasks() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not poll_loop.tasks()


@pytest.mark.parametrize("end", ["close", "stop"])
def test_who_follows_is_told_when_another_thread_closes_it(end: str) -> None:
    """By `close`, or by the end of the background loop: an error with what arrived, no silent end."""
    puffle = _Puffle(*BEGIN, hangs=True)
    stream = puffle.client().stream_chat("x")

    def close() -> None:
        puffle.reached_end.wait(10)
        (stream.close if end == "close" else poll_loop.stop)()

    closing = threading.Thread(target=close)
    closing.start()
    with pytest.raises(StreamUnfinished, match="was closed while it was followed") as caught:
        list(stream)
    closing.join()
    assert said(caught.value.transcript) == "Hel"


def test_a_loop_that_was_stopped_between_two_updates_is_no_end_of_the_answer() -> None:
    """The next update says that the stream was closed."""
    updates = iter(_Puffle(*BEGIN, hangs=True).client().stream_chat("x"))
    next(updates)
    poll_loop.stop()
    with pytest.raises(StreamUnfinished, match="was closed"):
        next(updates)


def test_ctrl_c_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says that the agent may have begun."""
    puffle = _Puffle(*BEGIN, hangs=True)
    updates = iter(puffle.client().stream_chat("x"))
    next(updates)
    wait = poll_loop.run

    def interrupted(coroutine: Any) -> Any:
        monkeypatch.setattr(poll_loop, "run", wait)
        coroutine.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(poll_loop, "run", interrupted)
    with pytest.raises(KeyboardInterrupt, match="stopped reading Puffle's answer"):
        next(updates)
    assert puffle.closed.is_set()


def test_the_thread_that_sends_the_requests_cannot_wait() -> None:
    """It would wait for itself."""
    stream = _Puffle(*BEGIN).client().stream_chat("x")

    async def on_loop() -> None:
        iter(stream)

    with pytest.raises(CannotWaitHere):
        poll_loop.run(on_loop())
