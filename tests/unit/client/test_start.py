"""Starting a chat: one POST, what may be in it, and what each answer and each failure means."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from puffle_jupyter import (
    AsyncPuffleClient,
    BadRequest,
    CannotWaitHere,
    ConnectionFailed,
    ConversationNotFound,
    Forbidden,
    InvalidConversationId,
    InvalidMessage,
    MessageTooLarge,
    PuffleClient,
    PuffleError,
    RateLimited,
    RunStatus,
    StartedRun,
    StartNotConfirmed,
    Unauthorized,
    UnexpectedStatus,
)
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.client.start import check_conversation_id
from tests.support.scripted import KEY, ScriptedPuffle

CONVERSATION = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
ANSWER = {"runId": "run_new", "status": "queued", "conversationId": CONVERSATION}
TURN = {"role": "user", "content": "x"}
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
SECRET_WORDS = "sell the moon to nobody"


def start(puffle: ScriptedPuffle, message: Any = SECRET_WORDS, **options: Any) -> StartedRun:
    return asyncio.run(puffle.client().start_chat(message, **options))


def test_the_post_is_as_documented() -> None:
    """One POST with JSON; the key is in one header, and nowhere else."""
    puffle = ScriptedPuffle((200, ANSWER))
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    started = start(puffle, "Größe: 5 \u2603", history=turns, conversation_id=CONVERSATION.upper())
    assert started == StartedRun("run_new", RunStatus.QUEUED, CONVERSATION)
    (request,) = puffle.requests
    assert (request.method, request.url.path) == ("POST", "/api/agent/chat")
    assert request.headers["content-type"] == "application/json"
    assert puffle.keys == f"Bearer {KEY}"
    assert KEY not in request.content.decode()
    assert json.loads(request.content) == {
        "message": "Größe: 5 \u2603",
        "history": turns,
        "conversationId": CONVERSATION,
    }


def test_what_is_not_given_is_not_sent() -> None:
    """A new conversation has neither a history nor an id in its body."""
    puffle = ScriptedPuffle((200, ANSWER))
    start(puffle, "x")
    assert json.loads(puffle.requests[0].content) == {"message": "x"}


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"message": ""}, InvalidMessage, "empty"),
        ({"message": " \n\t"}, InvalidMessage, "empty"),
        ({"message": None}, InvalidMessage, "not NoneType"),
        ({"message": b"x"}, InvalidMessage, "not bytes"),
        ({"message": "x\ud800"}, InvalidMessage, "half of a character"),
        ({"history": "x"}, InvalidMessage, "list of turns, not str"),
        ({"history": 5}, InvalidMessage, "not int"),
        ({"history": {"role": "user"}}, InvalidMessage, "not dict"),
        (
            {"history": [{"role": "user", "content": "x"}, {"role": "system", "content": "x"}]},
            InvalidMessage,
            "Turn 2",
        ),
        ({"history": [{"role": "user"}]}, InvalidMessage, "Turn 1"),
        ({"history": ["x"]}, InvalidMessage, "Turn 1"),
        (
            {"history": [{"role": "user", "content": "\udc00"}]},
            InvalidMessage,
            "Turn 1 of history holds half",
        ),
        ({"conversation_id": ""}, InvalidConversationId, "'' is not the id"),
        ({"conversation_id": 5}, InvalidConversationId, "5 is not the id"),
        ({"conversation_id": "run_abc"}, InvalidConversationId, "must be a UUID"),
    ],
)
def test_what_cannot_be_sent_is_refused_before(
    options: dict[str, Any], kind: type[PuffleError], words: str
) -> None:
    """One line that names what is wrong, and no request."""
    puffle = ScriptedPuffle((200, ANSWER))
    with pytest.raises(kind, match=words):
        start(puffle, **{"message": SECRET_WORDS, **options})
    with pytest.raises(kind, match=words):
        PuffleClient(KEY, "https://puffle.example").start_chat(**{"message": SECRET_WORDS, **options})
    assert not puffle.requests


@pytest.mark.parametrize(
    "given",
    [
        *(f"3f2a91c4-0d5e-{version}b7a-9c1d-2e8f60a7b3c5" for version in range(1, 9)),
        *(f"3f2a91c4-0d5e-4b7a-{variant}c1d-2e8f60a7b3c5" for variant in "89abAB"),
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        uuid.UUID("3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"),
    ],
)
def test_uuids_that_puffle_takes(given: object) -> None:
    """Versions 1 to 8 of the common variant, nil and max, in lower case: docs.puffle.ai."""
    assert check_conversation_id(given) == str(given).lower()


@pytest.mark.parametrize(
    "given",
    [
        "3f2a91c4-0d5e-0b7a-9c1d-2e8f60a7b3c5",
        "3f2a91c4-0d5e-9b7a-9c1d-2e8f60a7b3c5",
        "3f2a91c4-0d5e-4b7a-7c1d-2e8f60a7b3c5",
        "3f2a91c4-0d5e-4b7a-cc1d-2e8f60a7b3c5",
        "3f2a91c40d5e4b7a9c1d2e8f60a7b3c5",
        "{3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5}",
        " 3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5",
        "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5\n",
        "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c٥",
        "urn:uuid:3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5",
    ],
)
def test_uuids_that_puffle_does_not_take(given: str) -> None:
    """Another version or variant, another spelling."""
    with pytest.raises(InvalidConversationId):
        check_conversation_id(given)


@pytest.mark.parametrize(
    ("code", "conversation", "kind", "words"),
    [
        (400, None, BadRequest, "malformed"),
        (401, None, Unauthorized, "API key"),
        (403, None, Forbidden, "admins only"),
        (
            404,
            CONVERSATION,
            ConversationNotFound,
            f"{CONVERSATION} was not found: none with this id for your key",
        ),
        (404, None, UnexpectedStatus, "https://puffle.example does not start chats"),
        (405, None, UnexpectedStatus, "older than agent chat"),
        (413, None, MessageTooLarge, "larger than Puffle takes"),
        (429, None, RateLimited, "Try again later"),
        (501, None, UnexpectedStatus, "does not start chats"),
        (302, None, UnexpectedStatus, "redirect"),
        (418, None, UnexpectedStatus, "none that Puffle documents"),
    ],
)
def test_a_refusal_says_that_nothing_was_started(
    code: int, conversation: str | None, kind: type[PuffleError], words: str
) -> None:
    """Each documented refusal has its meaning; the request was sent once."""
    puffle = ScriptedPuffle((code, {"error": {"message": f"no\x1b[2J {KEY}"}}))
    with pytest.raises(kind, match=words) as caught:
        start(puffle, conversation_id=conversation)
    said = str(caught.value)
    assert "Nothing was started." in said
    assert said.isprintable()
    assert KEY not in said
    assert SECRET_WORDS not in said
    assert len(puffle.requests) == 1


@pytest.mark.parametrize("length", [12, 30, 80, 400])
def test_an_echoed_message_is_not_repeated(length: int) -> None:
    """An error may be passed on; what the server says of the message stays."""
    message = ("sell the moon\nto nobody at all, " * 20)[:length]
    puffle = ScriptedPuffle((400, {"error": f"cannot work on: {message}"}))
    with pytest.raises(BadRequest) as caught:
        start(puffle, message)
    assert "moon" not in str(caught.value)
    assert 'Puffle says: "cannot work on: (the message)".' in str(caught.value)


def test_a_limit_says_when_to_come_back() -> None:
    """429: `Retry-After` and `retryAfter`, the longer one; nothing is sent again meanwhile."""
    puffle = ScriptedPuffle((429, {"error": "slow down", "retryAfter": 12}, {"Retry-After": "7"}))
    with pytest.raises(RateLimited, match=r"Try again in 12 s") as caught:
        start(puffle)
    assert caught.value.retry_after == 12
    assert len(puffle.requests) == 1


UNCERTAIN: dict[str, Any] = {
    "an internal error": (500, {"error": "Internal server error"}),
    "a gateway's time limit": (504, b"<html>"),
    "a bad gateway": (502, b""),
    "a request that took too long": (408, b""),
    "a proxy's code for a lost client": (499, b""),
    "see other": (303, b""),
    "no JSON": (200, b"<html>hello</html>"),
    "nothing": (200, b""),
    "no run id": (200, {"status": "queued", "conversationId": CONVERSATION}),
    "a run id that is none": (200, {"runId": "run_a/../b", "status": "queued"}),
    "a number for a run id": (200, {"runId": 5}),
    "a list": (200, []),
    "an encoding nobody asked for": (200, b"x", {"content-encoding": "br"}),
    "a dropped connection": httpx.RemoteProtocolError("Server disconnected"),
    "a read that failed": httpx.ReadError("reset"),
    "a write that failed": httpx.WriteError("reset"),
    "a time limit": httpx.ReadTimeout("late"),
    "a surprise": RuntimeError("what"),
}


@pytest.mark.parametrize("conversation", [None, CONVERSATION], ids=["new", "known"])
@pytest.mark.parametrize("name", UNCERTAIN)
def test_a_lost_answer_says_that_the_chat_may_have_started(name: str, conversation: str | None) -> None:
    """Sent once, never again; the error says so and how to look, without the message's text."""
    puffle = ScriptedPuffle(UNCERTAIN[name])
    with pytest.raises(StartNotConfirmed, match="the chat may have started") as caught:
        start(puffle, conversation_id=conversation)
    assert len(puffle.requests) == 1
    assert caught.value.conversation_id == conversation
    assert "Look in Puffle" in str(caught.value)
    assert SECRET_WORDS not in str(caught.value)
    assert (CONVERSATION in str(caught.value)) == (conversation is not None)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.PoolTimeout]
)
def test_without_a_connection_nothing_was_started(error: Callable[[str], Exception]) -> None:
    """That is certain, and said as any other failure to connect."""
    puffle = ScriptedPuffle(error("no"))
    with pytest.raises(ConnectionFailed):
        start(puffle)
    assert len(puffle.requests) == 1


def test_a_port_where_nobody_listens() -> None:
    """The real transport knows too that nothing was sent."""
    with pytest.raises(ConnectionFailed, match="refused"):
        asyncio.run(_start_at("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["none", "half"]
)
@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
def test_a_server_that_drops_the_connection_gets_one_post(answer: bytes, kept: bool) -> None:
    """A GET is repeated when its kept connection breaks, a POST never is: it may have arrived."""

    async def go() -> list[str]:
        async with dropping_server(answer) as (base_url, seen), AsyncPuffleClient(KEY, base_url) as client:
            if kept:
                await client.get_run("run_a")
            with pytest.raises(StartNotConfirmed):
                await client.start_chat("x")
            return seen

    assert asyncio.run(go()) == ["GET"] * kept + ["POST"]


@asynccontextmanager
async def dropping_server(answer: bytes) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that answers GET as Puffle does, and closes the connection after ``answer`` to a POST."""
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            length = 0
            while (header := await reader.readline()).strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            await reader.readexactly(length)
            seen.append(line.split()[0].decode())
            if line.startswith(b"POST"):
                writer.write(answer)
                break
            body = b'{"runId": "run_a", "status": "running"}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


def test_a_broken_conversation_id_does_not_hide_the_run() -> None:
    """The run exists, and its id is what matters; the conversation that was asked for stays."""
    puffle = ScriptedPuffle((200, {"runId": "run_new", "conversationId": "../x"}))
    assert start(puffle) == StartedRun("run_new", RunStatus.UNKNOWN, None)
    assert start(puffle, conversation_id=CONVERSATION).conversation_id == CONVERSATION


def test_other_codes_of_success_and_more_members_are_taken() -> None:
    """201 or 202 with the documented members says the same as 200."""
    assert start(ScriptedPuffle((202, {**ANSWER, "more": [1]}))).run_id == "run_new"


@pytest.mark.usefixtures("background")
def test_the_client_for_ordinary_code() -> None:
    """The same call and the same errors; never on the thread that sends requests."""
    puffle = ScriptedPuffle((200, ANSWER), (403, {}))
    with PuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(puffle)) as client:
        assert client.start_chat("x", history=iter([{"role": "user", "content": "y"}])).run_id == "run_new"
        assert json.loads(puffle.requests[0].content)["history"] == [{"role": "user", "content": "y"}]
        with pytest.raises(Forbidden):
            client.start_chat("x")

        async def on_poll_thread() -> None:
            client.start_chat("x")

        with pytest.raises(CannotWaitHere):
            poll_loop.run(on_poll_thread())
    assert len(puffle.requests) == 2


async def _start_at(base_url: str) -> StartedRun:
    async with AsyncPuffleClient(KEY, base_url) as client:
        return await client.start_chat("x")
