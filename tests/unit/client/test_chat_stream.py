"""A chat followed live: one POST, the transcript as it grows, and an end that is told from a break."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx
import pytest

from puffle_jupyter import (
    AsyncPuffleClient,
    BadRequest,
    ConnectionFailed,
    ConversationNotFound,
    Forbidden,
    InvalidConversationId,
    InvalidMessage,
    MessageTooLarge,
    NotSent,
    PuffleError,
    RateLimited,
    StartNotConfirmed,
    StreamUnfinished,
    Unauthorized,
)
from puffle_jupyter.background.throttle import UPDATE_SECONDS
from puffle_jupyter.client import stream_exchange
from puffle_jupyter.client.chat_stream import ChatStream
from puffle_jupyter.client.stream_request import stream_body
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.model import TextPart, Transcript
from tests.support.scripted import KEY
from tests.support.streams import recorded_streams
from tests.support.transcripts import outline, transcript_of

CONVERSATION = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
MESSAGE = "sell the moon to nobody"
HEADERS = {"content-type": "text/event-stream; charset=utf-8", "x-conversation-id": CONVERSATION}
TEXT = [{"type": "start"}, {"type": "text-start", "id": "0"}]
END = [{"type": "text-end", "id": "0"}, {"type": "finish"}]
Piece = bytes | Exception | Callable[[], Any]


def delta(text: str) -> dict[str, str]:
    """A chunk with the next words."""
    return {"type": "text-delta", "id": "0", "delta": text}


def sent(*chunks: Any, done: bool = False) -> bytes:
    """These chunks as the server sends them."""
    events = [*(json.dumps(chunk) for chunk in chunks), *(["[DONE]"] if done else [])]
    return "".join(f"data: {event}\n\n" for event in events).encode()


class ScriptedStream(httpx.AsyncByteStream):
    """Sends pieces; raises those that are errors, and awaits what those that are functions return."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = pieces
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await asyncio.sleep(0)
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                yield piece
            else:
                await piece()

    async def aclose(self) -> None:
        self.closed = True


class StreamingPuffle:
    """Answers each POST with a stream of these pieces."""

    def __init__(self, *pieces: Piece, code: int = 200, headers: dict[str, str] | None = None) -> None:
        self.stream = ScriptedStream(pieces)
        self.requests: list[httpx.Request] = []
        self._code = code
        self._headers = HEADERS if headers is None else headers

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._code, headers=self._headers, stream=self.stream)

    def client(self, **options: Any) -> AsyncPuffleClient:
        """A client whose requests come here."""
        transport = httpx.MockTransport(self)
        return AsyncPuffleClient(KEY, "https://puffle.example", transport=transport, **options)


def at_once(stream: ChatStream) -> ChatStream:
    """The same without the rest between two updates."""

    async def no_sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    stream._sleep = no_sleep
    return stream


def followed(puffle: StreamingPuffle, message: str = MESSAGE, **options: Any) -> list[Transcript]:
    """Every transcript of the stream."""

    async def follow() -> list[Transcript]:
        return [one async for one in at_once(puffle.client().stream_chat(message, **options))]

    return asyncio.run(follow())


def broken(puffle: StreamingPuffle, **options: Any) -> StreamUnfinished:
    """The error of a stream that ends too early."""
    with pytest.raises(StreamUnfinished) as caught:
        followed(puffle, **options)
    assert len(puffle.requests) == 1
    assert KEY not in str(caught.value)
    assert MESSAGE not in str(caught.value)
    return caught.value


def answer_of(transcript: Transcript) -> str:
    """The text of the last message."""
    return "".join(part.text for part in transcript.messages[-1].parts if isinstance(part, TextPart))


def test_the_request_is_as_documented() -> None:
    """One POST with the conversation so far as UI messages; it asks for events, not packed."""
    puffle = StreamingPuffle(sent(*TEXT, *END, done=True))
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    followed(puffle, "Größe \u2603", history=turns, conversation_id=CONVERSATION.upper())
    (request,) = puffle.requests
    assert (request.method, request.url.path) == ("POST", "/api/agent/chat/stream")
    assert (request.headers["accept"], request.headers["accept-encoding"]) == (
        "text/event-stream",
        "identity",
    )
    body = json.loads(request.content)
    assert body.keys() == {"messages", "conversationId"}
    assert body["conversationId"] == CONVERSATION
    said = [(one["role"], one["parts"]) for one in body["messages"]]
    texts = [("user", "Hi"), ("assistant", "Hello"), ("user", "Größe \u2603")]
    assert said == [(role, [{"type": "text", "text": text}]) for role, text in texts]
    assert len({one["id"] for one in body["messages"]}) == 3


@pytest.mark.parametrize(
    ("message", "options", "kind"),
    [
        (" ", {}, InvalidMessage),
        (MESSAGE, {"history": "no turns"}, InvalidMessage),
        (MESSAGE, {"conversation_id": "5"}, InvalidConversationId),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(
    message: str, options: dict[str, Any], kind: type[PuffleError]
) -> None:
    """Before the iteration, and without a request."""
    puffle = StreamingPuffle()
    with pytest.raises(kind):
        puffle.client().stream_chat(message, **options)
    assert not puffle.requests


def test_the_transcript_grows_and_ends_as_the_poll_shows_it() -> None:
    """Each transcript holds what came so far, the last all of it: what a poll of the messages shows."""
    stream = recorded_streams()["ai7 everything"]
    pieces = [f"data: {data}\n\n".encode() for data in stream.data]
    found = followed(StreamingPuffle(*pieces, b"data: [DONE]\n\n"))
    lengths = [sum(len(message.parts) for message in one.messages) for one in found]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) > 5
    question = {"role": "user", "parts": [{"type": "text", "text": MESSAGE}]}
    assert outline(found[-1]) == outline(transcript_of([question, stream.message]))


def test_there_are_ten_updates_a_second_at_most() -> None:
    """However fast chunks come: between two transcripts there is a rest, which the end cuts short."""
    rests: list[float] = []
    resting = asyncio.Event()

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        resting.set()
        await asyncio.Event().wait()

    pieces: list[Piece] = [sent(*TEXT), resting.wait, *(sent(delta("a")) for _ in range(100)), sent(*END)]

    async def follow() -> list[Transcript]:
        stream = StreamingPuffle(*pieces).client().stream_chat(MESSAGE)
        stream._sleep = rest
        return [one async for one in stream]

    first, last = asyncio.run(follow())
    assert (answer_of(first), answer_of(last)) == ("", "a" * 100)
    assert rests[0] >= UPDATE_SECONDS > 0.1


def test_nothing_new_gives_no_update() -> None:
    """Comments keep a connection alive; they are no news."""
    found = followed(StreamingPuffle(sent(*TEXT, delta("a")), *[b": still here\n\n"] * 50, sent(*END)))
    assert len(found) == 2


def test_the_conversation_is_known() -> None:
    """The header names the conversation to go on with; one that cannot be sent back is none."""

    async def conversation_of(name: str) -> str | None:
        puffle = StreamingPuffle(sent(*TEXT, *END), headers={**HEADERS, "x-conversation-id": name})
        stream = at_once(puffle.client().stream_chat(MESSAGE))
        assert stream.conversation_id is None
        async for _ in stream:
            pass
        return stream.conversation_id

    assert asyncio.run(conversation_of(CONVERSATION.upper())) == CONVERSATION
    assert asyncio.run(conversation_of("../x")) is None


def test_a_run_id_that_comes_along_is_known() -> None:
    """Whether a streamed chat has a run is not documented: where an id comes, it is taken."""

    async def run_id_of(chunk: Any) -> str | None:
        stream = at_once(StreamingPuffle(sent(chunk, *TEXT, *END)).client().stream_chat(MESSAGE))
        async for _ in stream:
            pass
        return stream.run_id

    assert asyncio.run(run_id_of({"type": "start", "messageMetadata": {"runId": "run_a"}})) == "run_a"
    assert (
        asyncio.run(run_id_of({"type": "data-run", "data": {"runId": "run_b"}, "transient": True})) == "run_b"
    )
    assert asyncio.run(run_id_of({"type": "start", "messageMetadata": {"runId": "../x"}})) is None


@pytest.mark.parametrize(
    ("code", "conversation", "kind", "words"),
    [
        (400, None, BadRequest, "malformed"),
        (401, None, Unauthorized, "API key"),
        (403, None, Forbidden, "admins only"),
        (404, CONVERSATION, ConversationNotFound, "none with this id"),
        (413, None, MessageTooLarge, "larger than Puffle takes"),
        (429, None, RateLimited, "in 7 s"),
    ],
)
def test_a_refusal_means_what_it_means_for_a_start(
    code: int, conversation: str | None, kind: type[PuffleError], words: str
) -> None:
    """The codes have one home; nothing was started, and the request was sent once."""
    body = json.dumps({"error": f"no {KEY}", "retryAfter": 7}).encode()
    puffle = StreamingPuffle(body, code=code, headers={})
    with pytest.raises(kind, match=words) as caught:
        followed(puffle, conversation_id=conversation)
    assert "Nothing was started." in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(puffle.requests) == 1
    assert puffle.stream.closed


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        (500, HEADERS),
        (504, {}),
        (200, {"content-type": "text/html"}),
        (200, {}),
        (200, {**HEADERS, "content-encoding": "gzip"}),
    ],
    ids=str,
)
def test_an_answer_that_is_no_stream_may_have_started_the_chat(code: int, headers: dict[str, str]) -> None:
    """A page of a proxy, an internal error: the chat may run, and is not started again."""
    puffle = StreamingPuffle(b"<html>", code=code, headers=headers)
    with pytest.raises(StartNotConfirmed, match="may have started"):
        followed(puffle)
    assert len(puffle.requests) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("x"), ConnectionFailed),
        (httpx.ReadError("x"), StartNotConfirmed),
        (RuntimeError("x"), StartNotConfirmed),
    ],
    ids=["no connection", "broken", "surprise"],
)
def test_a_request_without_an_answer(error: Exception, kind: type[PuffleError]) -> None:
    """Without a connection nothing was started; otherwise it may have been. Sent once either way."""
    sent_requests = []

    def fail(request: httpx.Request) -> httpx.Response:
        sent_requests.append(request)
        raise error

    async def follow() -> None:
        transport = httpx.MockTransport(fail)
        client = AsyncPuffleClient(KEY, "https://puffle.example", transport=transport)
        async for _ in client.stream_chat(MESSAGE):
            pass

    with pytest.raises(kind):
        asyncio.run(follow())
    assert len(sent_requests) == 1


BREAKS: dict[str, tuple[Piece, str]] = {
    "a dropped connection": (httpx.RemoteProtocolError("x"), "broke off: connection dropped"),
    "a read that failed": (httpx.ReadError("x"), "broke off: connection dropped"),
    "an error of the system": (OSError("x"), "broke off: OSError"),
    "an end without a word": (b"", "ended after 0 s, before the answer did (Puffle ends every stream after"),
    "an error": (sent({"type": "error", "errorText": f"no {MESSAGE} {KEY}"}), "an error (no (the message))"),
    "an error, then a finish": (
        sent({"type": "error", "errorText": "overloaded"}, {"type": "finish"}, done=True),
        "reports an error (overloaded)",
    ),
    "an abort": (sent({"type": "abort", "reason": "left"}, done=True), "before its answer was whole (left)"),
    "too much": (b"data: " + b"x" * 70_000_000, "larger than"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_stream_that_breaks_says_why_and_keeps_what_arrived(name: str) -> None:
    """The reason, what arrived, and how to go on; never a silent end, never the message itself."""
    piece, words = BREAKS[name]
    puffle = StreamingPuffle(sent(*TEXT, delta("half an ans")), piece)
    error = broken(puffle)
    assert words in str(error)
    assert f"send another message in conversation {CONVERSATION}" in str(error)
    assert "not sent again by itself" in str(error)
    assert answer_of(error.transcript) == "half an ans"
    assert error.conversation_id == CONVERSATION
    assert error.short
    assert puffle.stream.closed


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments alone are silence, too: nothing that is said for ever holds anybody up."""
    monkeypatch.setattr(stream_exchange, "SILENCE", 0.05)

    async def follow() -> None:
        drip: list[Piece] = [b": x\n\n", lambda: asyncio.sleep(0.02)]
        puffle = StreamingPuffle(sent(*TEXT, delta("half")), *drip * 500)
        stream = puffle.client().stream_chat(MESSAGE)
        stream._silence = 0.05
        async for _ in stream:
            pass

    with pytest.raises(StreamUnfinished, match=r"Puffle sent nothing for 0\.05 s") as caught:
        asyncio.run(follow())
    assert answer_of(caught.value.transcript) == "half"


@pytest.mark.parametrize("ends", [{"done": True}, {"done": False}], ids=["DONE", "finish alone"])
def test_a_stream_is_whole_when_it_says_so(ends: dict[str, bool]) -> None:
    """`finish` or `[DONE]` is the end; a connection that breaks after it spoils nothing."""
    chunks = [*TEXT, delta("whole"), *([] if ends["done"] else END)]
    found = followed(StreamingPuffle(sent(*chunks, **ends), httpx.ReadError("late")))
    assert answer_of(found[-1]) == "whole"


def test_the_key_is_nowhere_even_in_pieces() -> None:
    """A server that echoes the key, whole, escaped or in two chunks, shows it to nobody."""
    escaped = "".join(f"\\u{ord(character):04x}" for character in KEY)
    events = f'data: {{"type":"text-delta","id":"0","delta":"{escaped} {KEY}"}}\n\n'.encode()
    found = followed(StreamingPuffle(sent(*TEXT), events, sent(delta(KEY[:9]), delta(KEY[9:]), *END)))
    for transcript in found:
        assert KEY not in answer_of(transcript)
        assert all(KEY.encode() not in message.raw.encoded for message in transcript.messages)


def test_leaving_early_closes_the_connection() -> None:
    """`async with` and `aclose` close it at once, and no task is left."""

    async def leave() -> tuple[bool, int]:
        puffle = StreamingPuffle(sent(*TEXT, delta("a")), asyncio.Event().wait)
        async with puffle.client().stream_chat(MESSAGE) as stream:
            async for _ in stream:
                break
        return puffle.stream.closed, len(asyncio.all_tasks())

    assert asyncio.run(leave()) == (True, 1)


def test_cancelling_closes_the_connection() -> None:
    """Whoever waits for the stream may be cancelled at any moment, between two chunks too."""

    async def cancel(after: int) -> tuple[bool, int]:
        puffle = StreamingPuffle(sent(*TEXT, delta("a")), asyncio.Event().wait)

        async def follow() -> None:
            async for _ in at_once(puffle.client().stream_chat(MESSAGE)):
                pass

        following = asyncio.ensure_future(follow())
        for _ in range(after):
            await asyncio.sleep(0)
        following.cancel()
        await asyncio.wait([following])
        for _ in range(10):
            await asyncio.sleep(0)
        return puffle.stream.closed or not puffle.requests, len(asyncio.all_tasks())

    for after in range(1, 40):
        assert asyncio.run(cancel(after)) == (True, 1), after


def test_a_stream_is_followed_once() -> None:
    """A second iteration would send the message again, so it is refused."""

    async def twice() -> None:
        stream = at_once(puffle.client().stream_chat(MESSAGE))
        async for _ in stream:
            pass
        async for _ in stream:
            pass

    puffle = StreamingPuffle(sent(*TEXT, *END))
    with pytest.raises(NotSent, match="once"):
        asyncio.run(twice())
    assert len(puffle.requests) == 1


def test_the_error_can_be_pickled() -> None:
    """What arrived survives the way to another process."""
    error = broken(StreamingPuffle(sent(*TEXT, delta("half"))))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.transcript, again.conversation_id) == (
        str(error), error.transcript, CONVERSATION,
    )  # fmt: skip


@pytest.mark.parametrize("version", [6, 7])
def test_an_answer_goes_on_after_an_approval(version: int) -> None:
    """Results of calls that waited in an earlier stream are joined with them; nothing of it is lost."""
    stream = recorded_streams()[f"ai{version} approvals continued"]
    puffle = StreamingPuffle(stream.text.encode())
    question = JsonValue.of({"id": "u", "role": "user", "parts": [{"type": "text", "text": "x"}]})

    async def follow() -> Transcript:
        chat = ChatStream(
            lambda: puffle.client()._streamed(b"{}", "x", None),
            *("x", question, None),
            limit=1_000_000,
            cut=bytes,
            base=JsonValue.of(stream.base),
        )
        return [one async for one in at_once(chat)][-1]

    assert outline(asyncio.run(follow())) == outline(transcript_of([question.python(), stream.message]))


def test_an_approval_has_its_place_in_the_request() -> None:
    """The answer to a pending call travels with the messages, each as it was received."""
    pending = JsonValue.parse('{"id": "m",  "role":"assistant","parts":[{"score": 1.10}]}')
    body = stream_body([pending], CONVERSATION, {"toolCallId": "c1", "approved": False})
    assert pending.encoded in body
    assert json.loads(body)["approvalResponse"] == {"toolCallId": "c1", "approved": False}
