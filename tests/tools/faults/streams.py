"""Streams that fail, over real sockets: hangs, silent ends, wrong ends, second requests, keys in texts.

Every kind is met by a `ChatStream` and by the source of a watch.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from unittest.mock import patch

from puffle_jupyter import (
    AsyncPuffleClient,
    ConnectionFailed,
    PuffleError,
    ResponseError,
    RunStatus,
    StartNotConfirmed,
    StreamUnfinished,
)
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.client import stream_exchange
from puffle_jupyter.client.stream_request import ui_messages
from puffle_jupyter.watching.snapshot import WatchSnapshot
from puffle_jupyter.watching.streaming import StreamSource

from .exchange import Exchange
from .figure import Figure, Size
from .runs import KEY
from .server import sockets_closed
from .stream_kinds import BODY_LIMIT, MORE, STREAM_KINDS, WORDS, StreamKind, Truth

SILENCE = 0.4
"""Seconds after which a silent stream is given up, in place of 125."""
LONGEST = 30.0
_AT_ONCE = 10
_MESSAGE = "sell the moon to nobody"


@dataclass
class Found:
    """What a client found, and what the server saw.

    Attributes:
        truth: what the client says became of the message; None when it hung.
        texts: everything that a person may get to see.
    """

    kind: StreamKind
    follower: str
    truth: Truth | None = None
    answer: str = ""
    posts: int = 0
    texts: list[str] = field(default_factory=list)

    @property
    def is_whole_in_error(self) -> bool:
        return self.truth is Truth.WHOLE and (
            self.kind.truth is not Truth.WHOLE or not self.answer.endswith(WORDS + MORE)
        )

    def __str__(self) -> str:
        return f"{self.kind.name}, {self.follower}: {self.truth}, {self.posts} posts, {self.texts[-1:]}"


class FailingStream:
    """Answers the POST of one message as its kind says, on a port of its own."""

    def __init__(self, kind: StreamKind) -> None:
        self.posts = 0
        self._kind = kind
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self):  # type: ignore[no-untyped-def]
        """Its address."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        address = "http://{}:{}".format(*server.sockets[0].getsockname())
        if self._kind.is_refusal:
            server.close()
        try:
            yield address
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await sockets_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.posts += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                request = b"" if self._kind.on_accept else await _read_request(reader)
                await self._kind.act(Exchange("", "", reader, writer, request))
        finally:
            self._tasks.discard(task)
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return head


async def _by_chat_stream(client: AsyncPuffleClient, found: Found) -> Truth:
    stream = client.stream_chat(_MESSAGE)
    stream._silence = SILENCE
    async for transcript in stream:
        said = b"".join(message.raw.encoded for message in transcript.messages)
        found.texts.append(said.decode("utf-8", "replace"))
    found.answer = "".join(getattr(part, "text", "") for part in stream.transcript.messages[-1].parts)
    return Truth.WHOLE


async def _by_watch(client: AsyncPuffleClient, found: Found) -> Truth:
    answer = await client.open_answer(ui_messages(_MESSAGE, None), message=_MESSAGE)
    answer._silence = SILENCE
    snapshot = WatchSnapshot("stream_1", started_at=time.monotonic(), is_stream=True)

    async def nobody_decides(*_: object) -> None:
        raise AssertionError("nothing was decided")

    source = StreamSource(
        snapshot,
        answer,
        nobody_decides,  # type: ignore[arg-type]
        time.monotonic,
        asyncio.sleep,
        cut=client.without_key_in,
        asked=_MESSAGE,
    )
    last = await source.follow(lambda shown: found.texts.append(repr(shown)))
    assert last.run is not None
    found.texts += [last.run.to_html(), last.run.to_text(), last.run.body.encoded.decode()]
    found.answer = last.run.text or ""
    return Truth.WHOLE if last.status is RunStatus.COMPLETED else Truth.BROKEN


_FOLLOWERS = {"stream_chat": _by_chat_stream, "watch": _by_watch}


async def _meet(kind: StreamKind, follower: str, tls: ssl.SSLContext) -> Found:
    found, server = Found(kind, follower), FailingStream(kind)
    async with server.running() as address:
        client = AsyncPuffleClient(KEY, address, body_limit=BODY_LIMIT, verify=tls)
        try:
            async with client, asyncio.timeout(LONGEST):
                found.truth = await _FOLLOWERS[follower](client, found)
        except StreamUnfinished as error:
            found.truth = Truth.BROKEN
            found.texts += _texts(error)
            found.texts.append(repr(error.transcript))
        except StartNotConfirmed as error:
            found.truth = Truth.UNKNOWN
            found.texts += _texts(error)
        except (ResponseError, ConnectionFailed) as error:
            found.truth = Truth.REFUSED
            found.texts += _texts(error)
        except TimeoutError:
            pass
        await asyncio.sleep(0.003)
        found.posts = server.posts
    return found


def _texts(error: PuffleError) -> list[str]:
    return ["".join(traceback.format_exception(error)), repr(error), error.short, str(error)]


async def _meet_all(count: int) -> list[Found]:
    tls = ssl.create_default_context()
    found: list[Found] = []
    waiting = _plans(count)

    async def work() -> None:
        for kind, follower in waiting:
            one = await _meet(kind, follower, tls)
            one.texts = [text for text in one.texts if KEY in text] or one.texts[-1:]
            found.append(one)

    with patch.object(stream_exchange, "SILENCE", SILENCE):
        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return found


def _plans(count: int) -> Iterator[tuple[StreamKind, str]]:
    """Interleaved, so that the kinds which are silent wait beside those which are not."""
    followers = list(_FOLLOWERS)
    for number in range(count):
        for kind in STREAM_KINDS.values():
            yield kind, followers[number % len(followers)]


def measure(size: Size) -> list[Figure]:
    count = size.runs_of_each_kind // 2
    found = result_of(poll_loop.submit(_meet_all(count)))
    whole = [one for one in found if one.is_whole_in_error]
    faults = f"{len(STREAM_KINDS)} stream faults x {count}"
    wrong = [one for one in found if one.truth not in (None, one.kind.truth) and one not in whole]
    kinds = {
        "hangs": [one for one in found if one.truth is None],
        "silent ends": [one for one in whole if one.follower == "stream_chat"],
        "wrong “completed”": [one for one in whole if one.follower == "watch"],
        "other wrong ends": wrong,
        "second requests": [one for one in found if one.posts > 1],
        "with the key in a text": [one for one in found if any(KEY in text for text in one.texts)],
    }
    complete = len(found) == count * len(STREAM_KINDS)
    return [
        Figure(
            f"{faults}: {name}",
            f"{len(bad)} of {len(found)}",
            "0",
            complete and not bad,
            [str(one)[:300] for one in bad],
        )
        for name, bad in kinds.items()
    ]
