"""What can go wrong with a stream: before it begins, in its middle, and behind its end."""

from __future__ import annotations

import asyncio
import enum
import json
from collections.abc import Callable
from dataclasses import dataclass

from .exchange import Act, Exchange, chunk, head, message

EVENTS = {"Content-Type": "text/event-stream", "x-conversation-id": "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"}
CHUNKED = {**EVENTS, "Transfer-Encoding": "chunked"}
WORDS = "Half an answer \u2026 \U0001f426"
"""What is said in the first half; the whole answer says more."""
MORE = " and the other half"
BODY_LIMIT = 300_000
"""Bytes that the client of these runs takes of a stream."""


class Truth(enum.Enum):
    """What became of a message, as the server knows it."""

    WHOLE = "the whole answer was sent"
    BROKEN = "the answer began, and is not whole"
    UNKNOWN = "the message arrived, and no stream began"
    REFUSED = "nothing was started"


@dataclass(frozen=True)
class StreamKind:
    """One way to answer a message.

    Attributes:
        act: answers; the request was read, unless ``on_accept``.
        truth: what the client has to find.
        on_accept: it strikes before a byte of the request is read.
        is_refusal: nobody listens; ``act`` is never called.
    """

    name: str
    truth: Truth
    act: Act
    on_accept: bool = False
    is_refusal: bool = False

    def __str__(self) -> str:
        return self.name


def event(data: object) -> bytes:
    return f"data: {data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}\n\n".encode()


def delta(text: str) -> bytes:
    return event({"type": "text-delta", "id": "0", "delta": text})


BEGIN = event({"type": "start"}) + event({"type": "text-start", "id": "0"}) + delta(WORDS)
REST = delta(MORE) + event({"type": "text-end", "id": "0"})
FINISH, DONE = event({"type": "finish"}), event("[DONE]")
ABORT = event({"type": "abort", "reason": "left"})


def _error(exchange: Exchange) -> bytes:
    return event({"type": "error", "errorText": f"no {exchange.key}"})


def _sends(*bodies: bytes | Callable[[Exchange], bytes], then: str = "close") -> Act:
    """An act that sends these in chunks, and then closes, resets, hangs, or ends in order."""

    async def act(exchange: Exchange) -> None:
        await exchange.send(head(headers=CHUNKED))
        for one in bodies:
            await exchange.send(chunk(one if isinstance(one, bytes) else one(exchange)))
            await asyncio.sleep(0)
        if then == "end":
            await exchange.send(b"0\r\n\r\n")
        elif then == "reset":
            await exchange.reset()
        elif then == "hang":
            await exchange.hang()

    return act


def _answers(status: str, content: bytes, headers: dict[str, str] | None = None) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.send(message(content.replace(b"KEY", exchange.key.encode()), status, headers))

    return act


def _raw(data: bytes, then: str = "close") -> Act:
    async def act(exchange: Exchange) -> None:
        if data:
            await exchange.send(data)
        if then == "reset":
            await exchange.reset()
        elif then == "hang":
            await exchange.hang()

    return act


async def _drip_of_comments(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + chunk(BEGIN))
    while not exchange.reader.at_eof():
        await exchange.send(chunk(b": still here\n\n"))
        await asyncio.sleep(0.02)


async def _endless_text(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + chunk(BEGIN))
    await exchange.pour(chunk(delta("and on " * 500)))


async def _endless_event(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + chunk(BEGIN + b"data: "))
    await exchange.pour(chunk(b"x" * 20_000))


async def _byte_by_byte(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED))
    for byte in BEGIN + REST + FINISH + DONE:
        await exchange.send(chunk(bytes([byte])))
    await exchange.send(b"0\r\n\r\n")


async def _bad_chunk(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + chunk(BEGIN))
    await asyncio.sleep(0.05)  # in one packet with the head, the answer would be refused with it
    await exchange.send(b"zz\r\n" + FINISH + b"\r\n0\r\n\r\n")


def _key_in_pieces(exchange: Exchange) -> bytes:
    key = exchange.key
    return delta(key[:9]) + delta(key[9:]) + delta("".join(f"{letter}" for letter in key))


def _too_long(body: bytes) -> bytes:
    return head(headers={**EVENTS, "Content-Length": str(len(body) + 10)}) + body


_NO_HTTP = b"\x00\xff\x16\x03\x01 no HTTP\r\n\r\n"
_NO_LENGTH = {**EVENTS, "Connection": "close"}
_HTML = b"<p>KEY</p>"
_REASON = b'{"error": {"message": "no KEY"}, "retryAfter": 7}'

BEFORE_THE_STREAM = (
    StreamKind("refused", Truth.REFUSED, _raw(b""), is_refusal=True),
    StreamKind("reset on accept", Truth.UNKNOWN, _raw(b"", "reset"), on_accept=True),
    StreamKind("reset before headers", Truth.UNKNOWN, _raw(b"", "reset")),
    StreamKind("close without an answer", Truth.UNKNOWN, _raw(b"")),
    StreamKind("close within headers", Truth.UNKNOWN, _raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/ev")),
    StreamKind("garbage instead of HTTP", Truth.UNKNOWN, _raw(_NO_HTTP + BEGIN)),
    StreamKind("hang before headers", Truth.UNKNOWN, _raw(b"", "hang")),
    StreamKind("hang within headers", Truth.UNKNOWN, _raw(b"HTTP/1.1 200 OK\r\nContent-Ty", "hang")),
    StreamKind("500", Truth.UNKNOWN, _answers("500 X", b'{"error": "KEY"}')),
    StreamKind("502 of a proxy", Truth.UNKNOWN, _answers("502 X", _HTML, {"Content-Type": "text/html"})),
    StreamKind("a page", Truth.UNKNOWN, _answers("200 OK", _HTML, {"Content-Type": "text/html"})),
    StreamKind("JSON in place of a stream", Truth.UNKNOWN, _answers("200 OK", b'{"runId": "run_a"}')),
    StreamKind("packed", Truth.UNKNOWN, _answers("200 OK", b"x", {**EVENTS, "Content-Encoding": "gzip"})),
    StreamKind("401", Truth.REFUSED, _answers("401 X", _REASON)),
    StreamKind("403", Truth.REFUSED, _answers("403 X", _REASON)),
    StreamKind("413", Truth.REFUSED, _answers("413 X", _HTML)),
    StreamKind("429", Truth.REFUSED, _answers("429 X", _REASON, {"Retry-After": "7"})),
)
IN_ITS_MIDDLE = (
    StreamKind("reset", Truth.BROKEN, _sends(BEGIN, then="reset")),
    StreamKind("close within the body", Truth.BROKEN, _sends(BEGIN)),
    StreamKind("truncated by Content-Length", Truth.BROKEN, _raw(_too_long(BEGIN))),
    StreamKind("an end without a word", Truth.BROKEN, _sends(BEGIN, then="end")),
    StreamKind("an end before the first event", Truth.BROKEN, _sends(b": hello\n\n", then="end")),
    StreamKind("no length, closed", Truth.BROKEN, _raw(head(headers=_NO_LENGTH) + BEGIN)),
    StreamKind("cut in the last event", Truth.BROKEN, _sends(BEGIN + REST, FINISH[:-6], then="end")),
    StreamKind("cut in a character", Truth.BROKEN, _sends(BEGIN, delta("\U0001f426")[:-8], then="end")),
    StreamKind("bad chunk", Truth.BROKEN, _bad_chunk),
    StreamKind("hang", Truth.BROKEN, _sends(BEGIN, then="hang")),
    StreamKind("hang before the first event", Truth.BROKEN, _raw(head(headers=CHUNKED), "hang")),
    StreamKind("drip of comments", Truth.BROKEN, _drip_of_comments),
    StreamKind("no JSON", Truth.BROKEN, _sends(BEGIN, event("{nonsense"), event("\x00"), then="end")),
    StreamKind("endless text", Truth.BROKEN, _endless_text),
    StreamKind("endless event", Truth.BROKEN, _endless_event),
    StreamKind("the key in pieces, then a reset", Truth.BROKEN, _sends(BEGIN, _key_in_pieces, then="reset")),
    StreamKind("an error", Truth.BROKEN, _sends(BEGIN, _error, FINISH, DONE, then="end")),
    StreamKind("an error, then a reset", Truth.BROKEN, _sends(BEGIN, _error, then="reset")),
    StreamKind("finish, then an error", Truth.BROKEN, _sends(BEGIN + REST, FINISH, _error, then="end")),
    StreamKind("an abort", Truth.BROKEN, _sends(BEGIN, ABORT, DONE, then="end")),
    StreamKind("an abort, then a hang", Truth.BROKEN, _sends(BEGIN, ABORT, then="hang")),
)
BEHIND_ITS_END = (
    StreamKind("nothing", Truth.WHOLE, _sends(BEGIN, REST, FINISH, DONE, then="end")),
    StreamKind("byte by byte", Truth.WHOLE, _byte_by_byte),
    StreamKind("no [DONE]", Truth.WHOLE, _sends(BEGIN, REST, FINISH, then="end")),
    StreamKind("no finish", Truth.WHOLE, _sends(BEGIN, REST, DONE, then="end")),
    StreamKind("a reset behind finish", Truth.WHOLE, _sends(BEGIN, REST, FINISH, then="reset")),
    StreamKind("a reset behind [DONE]", Truth.WHOLE, _sends(BEGIN, REST, DONE, then="reset")),
    StreamKind("a hang behind finish", Truth.WHOLE, _sends(BEGIN, REST, FINISH, then="hang")),
    StreamKind("a hang behind [DONE]", Truth.WHOLE, _sends(BEGIN, REST, FINISH, DONE, then="hang")),
    StreamKind("an error behind [DONE]", Truth.WHOLE, _sends(BEGIN, REST, DONE, _error, then="end")),
)
STREAM_KINDS: dict[str, StreamKind] = {
    kind.name: kind for kind in (*BEFORE_THE_STREAM, *IN_ITS_MIDDLE, *BEHIND_ITS_END)
}
