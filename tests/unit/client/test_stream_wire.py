"""Streams over real sockets: whatever the server and the network do, one POST, and no end that is none."""

from __future__ import annotations

import asyncio
import socket
import struct
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from puffle_jupyter import (
    AsyncPuffleClient,
    PuffleError,
    ResponseError,
    StartNotConfirmed,
    StreamUnfinished,
)
from puffle_jupyter.client.chat_stream import ChatStream
from puffle_jupyter.client.stream_request import ui_messages
from tests.support.scripted import KEY
from tests.support.streams import recorded_streams

RECORDED = recorded_streams()["ai7 everything"].text.encode()
MESSAGE = "sell the moon to nobody"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
DEADLINE = 10.0


def chunked(body: bytes, size: int = 100) -> bytes:
    """``body`` in HTTP's chunks, with their end."""
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def with_length(body: bytes, more: int = 0) -> bytes:
    """``body`` under a length that is ``more`` than it has."""
    return HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body) + more, body)


WHOLE = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(RECORDED)
FINISH = WHOLE.index(b'"type":"finish"')
UNTIL_CLOSED = HEAD + b"Connection: close\r\n\r\n"
HALF = RECORDED[: len(RECORDED) // 2]
ECHO = b'data: {"type":"error","errorText":"no key %b"}\n\n' % KEY.encode()


class RawServer:
    """Answers every request with the same bytes, and ends the connection as it is told."""

    def __init__(self, answer: bytes, *, size: int = 65536, reset: bool = False, hang: bool = False) -> None:
        self.answer = answer
        self.posts = 0
        self._size = size
        self._reset = reset
        self._hang = hang

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"ength:" in line)
            await reader.readexactly(length)
            self.posts += head.startswith(b"POST /api/agent/chat/stream ")
            for place in range(0, len(self.answer), self._size):
                writer.write(self.answer[place : place + self._size])
                await writer.drain()
                await asyncio.sleep(0)
            if self._hang:
                await reader.read()
            if self._reset:
                now = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: RST in place of FIN
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Its address."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def outcome(server: RawServer, prepare: Callable[[ChatStream], None] = lambda _: None) -> PuffleError | None:
    """How following a stream of ``server`` ends: None when it is whole."""

    async def follow() -> PuffleError | None:
        async with server.running() as address, AsyncPuffleClient(KEY, address) as client:
            stream = client.stream_chat(MESSAGE)
            prepare(stream)
            try:
                async for _ in stream:
                    pass
            except PuffleError as error:
                return error
        return None

    error = asyncio.run(asyncio.wait_for(follow(), DEADLINE))
    assert server.posts == 1
    if error is not None:
        said = "".join(traceback.format_exception(error)) + repr(error) + error.short
        assert KEY not in said
        assert MESSAGE not in str(error)
    return error


@pytest.mark.parametrize("size", [1, 7, 65536])
def test_a_whole_stream_arrives_in_pieces_of_any_size(size: int) -> None:
    """The network may cut it at every byte, in the middle of HTTP's own chunks too."""
    assert outcome(RawServer(WHOLE, size=size)) is None


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_stream_cut_anywhere_is_not_whole(reset: bool) -> None:
    """Cut before its finish it is unfinished, or may not have started; never whole, never without a word."""
    for place in range(0, FINISH, 97):
        error = outcome(RawServer(WHOLE[:place], reset=reset))
        assert isinstance(error, StreamUnfinished | StartNotConfirmed), place
        assert error.short


FAULTS: dict[str, tuple[RawServer, type[PuffleError], str]] = {
    "closed without an answer": (RawServer(b""), StartNotConfirmed, "may have started"),
    "no HTTP": (RawServer(b"hello\r\n\r\n"), StartNotConfirmed, "may have started"),
    "head alone": (RawServer(WHOLE[: len(HEAD)]), StartNotConfirmed, "may have started"),
    "a chunk size that is none": (
        RawServer(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\ndata"), PuffleError, "dropped",
    ),
    "shorter than announced": (RawServer(with_length(HALF, 500)), StreamUnfinished, "dropped"),
    "without a finish": (RawServer(with_length(HALF)), StreamUnfinished, "before the answer"),
    "until closed": (RawServer(UNTIL_CLOSED + HALF), StreamUnfinished, "before the answer"),
    "until closed, in an event": (RawServer(UNTIL_CLOSED + HALF + b'data: {"ty'), StreamUnfinished, "before"),
    "nothing": (RawServer(with_length(b"")), StreamUnfinished, "before the answer"),
    "comments alone": (RawServer(with_length(b": x\n\n" * 100)), StreamUnfinished, "before the answer"),
    "an error that echoes the key": (RawServer(with_length(ECHO)), StreamUnfinished, "no key pk_…"),
    "html": (
        RawServer(with_length(b"<p>").replace(b"event-stream", b"html")), StartNotConfirmed, "no stream",
    ),
    "packed": (
        RawServer(with_length(b"x").replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1)),
        StartNotConfirmed, "no stream",
    ),
    "a redirect": (
        RawServer(b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
        ResponseError, "redirect",
    ),
    "an error of the server": (
        RawServer(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"), StartNotConfirmed, "answered 500",
    ),
    "a gateway": (RawServer(b"HTTP/1.1 504 X\r\nConnection: close\r\n\r\n<p>"), StartNotConfirmed, "504"),
    "a refusal that hangs": (
        RawServer(b"HTTP/1.1 403 X\r\nContent-Length: 50\r\n\r\n{", hang=True), ResponseError, "admin",
    ),
    "an event without an end": (
        RawServer(UNTIL_CLOSED + b"data: " + b"x" * 17_000_000), StreamUnfinished, "an event that is larger",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_words(name: str) -> None:
    """One POST whatever happens, an error that says what, and the key in none of its texts."""
    server, kind, words = FAULTS[name]
    server.posts = 0
    error = outcome(server)
    assert isinstance(error, kind)
    assert words in str(error)


@pytest.mark.parametrize(
    "body", [RECORDED[:300], b"", b": x\n\n"], ids=["after some", "from the start", "comment"]
)
def test_a_server_that_falls_silent_is_given_up(body: bytes) -> None:
    """A connection that stays open says nothing about the answer."""

    def soon(stream: ChatStream) -> None:
        stream._silence = 0.1

    error = outcome(RawServer(UNTIL_CLOSED + body, hang=True), soon)
    assert isinstance(error, StreamUnfinished)
    assert "sent nothing for 0.1 s" in str(error)


def test_what_comes_after_the_end_changes_nothing() -> None:
    """After ``[DONE]`` nobody reads on: neither a second answer nor a connection that stays open."""
    assert outcome(RawServer(UNTIL_CLOSED + RECORDED + b"data: {}\n\n" * 1000, hang=True)) is None


def test_a_loop_that_ends_closes_an_open_answer_in_peace(caplog: pytest.LogCaptureFixture) -> None:
    """In whatever order it closes what is open: nothing is said at the end of a program."""

    async def leave_open(address: str) -> None:
        client = AsyncPuffleClient(KEY, address)
        answer = await client.open_answer(ui_messages(MESSAGE, None), message=MESSAGE)
        left_open.append((client, answer, await anext(aiter(answer._opened.pieces))))

    async def serve() -> None:
        server = RawServer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"8\r\ndata: 1\n\r\n", hang=True)
        async with server.running() as address:
            for _ in range(5):  # the order is one of a set
                await asyncio.to_thread(asyncio.run, leave_open(address))

    left_open: list[object] = []
    asyncio.run(serve())
    assert len(left_open) == 5
    assert not caplog.records
