"""`ChatStream`: a chat that is followed live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from ..background.tasks import end, first_of
from ..background.throttle import UPDATE_SECONDS
from ..errors import NotSent, PuffleError, StreamUnfinished
from ..json_value import JsonValue
from ..run_data import RunId
from ..transcript.model import Transcript
from ..transcript.read import read_afresh
from ..transcript.stream import StreamedMessage
from .answer_stream import read_events
from .start import conversation_or_none
from .stream_ending import Break, break_of, unfinished
from .stream_exchange import SILENCE, OpenedStream

_SHARE = 30
"""An update is followed by this many times its own cost without one: long transcripts do not take all CPU."""


class ChatStream:
    """A chat as it goes on: iterate over it for the transcript as it grows, ten times a second at most.

    Made by `AsyncPuffleClient.stream_chat`. The request is sent when the iteration begins, and once: a stream
    can be followed once. Leaving the iteration early closes the connection, and Puffle then ends the agent;
    ``async with`` does it at once.

    Attributes:
        conversation_id: the conversation's UUID, to go on with; None until Puffle has named it.
        run_id: the run's id, should Puffle name one; None otherwise.

    >>> async with client.stream_chat("Find fintech founders") as stream:     # doctest: +SKIP
    ...     async for transcript in stream:
    ...         print(len(transcript.messages[-1].parts))
    """

    def __init__(
        self,
        request: Callable[[], AbstractAsyncContextManager[OpenedStream]],
        message: str,
        question: JsonValue,
        conversation_id: str | None,
        *,
        limit: int,
        cut: Callable[[bytes], bytes],
        base: JsonValue | None = None,
        silence: float = SILENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Coroutine[Any, Any, object]] = asyncio.sleep,
    ) -> None:
        """Prepare it; nothing is sent yet.

        Args:
            request: sends the one request.
            message: what was asked; no error repeats it.
            question: the same as a UI message.
            conversation_id: the conversation it is asked in.
            limit: bytes of the whole stream.
            cut: takes the key out of what came.
            base: the message that the answer goes on with, its pending calls among it; None begins a new one.
            silence: seconds without an event after which the stream counts as lost.
            clock: seconds, monotonic.
            sleep: waits that many seconds.
        """
        self.conversation_id = conversation_id
        self._request: Callable[[], AbstractAsyncContextManager[OpenedStream]] | None = request
        self._asked = message
        self._question = question
        self._limit = limit
        self._cut = cut
        self._silence = silence
        self._clock = clock
        self._sleep = sleep
        self._message = StreamedMessage(base)
        self._news = asyncio.Event()
        self._updates: AsyncGenerator[Transcript, None] | None = None

    @property
    def run_id(self) -> RunId | None:
        """The run's id, should Puffle name one."""
        return self._message.run_id

    @property
    def messages(self) -> JsonValue:
        """The message that was sent and what arrived of the answer, as a JSON array of UI messages."""
        arrived = [self._question]
        if not self._message.is_empty:
            arrived.append(self._message.json())
        # The key may have come in pieces, each of them harmless.
        return JsonValue(self._cut(b"[" + b",".join(message.encoded for message in arrived) + b"]"))

    @property
    def transcript(self) -> Transcript:
        """The message that was sent and what arrived of the answer."""
        return read_afresh(JsonValue(b'{"messages":' + self.messages.encoded + b"}"))

    def __aiter__(self) -> AsyncGenerator[Transcript, None]:
        if self._request is None:
            raise NotSent("A stream can be followed once: another one sends the message again.")
        self._updates = self._follow(self._request)
        self._request = None
        return self._updates

    async def aclose(self) -> None:
        """Close the connection; Puffle then ends the agent. May be called again."""
        if self._updates is not None:
            await self._updates.aclose()

    async def __aenter__(self) -> ChatStream:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _follow(
        self, request: Callable[[], AbstractAsyncContextManager[OpenedStream]]
    ) -> AsyncGenerator[Transcript, None]:
        reading = asyncio.ensure_future(self._receive(request))
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                if reading.done():
                    break
                began = self._clock()
                yield self.transcript
                await first_of(self._sleep(max(UPDATE_SECONDS, _SHARE * (self._clock() - began))), reading)
            error = reading.result()
            yield self.transcript
            if error is not None:
                raise error
        finally:
            await end(reading)

    async def _receive(
        self, request: Callable[[], AbstractAsyncContextManager[OpenedStream]]
    ) -> StreamUnfinished | None:
        """Receive everything; what there is to say when the answer is not whole."""
        began = self._clock()
        try:
            async with request() as opened:
                named = conversation_or_none(opened.headers.get("x-conversation-id"))
                self.conversation_id = named or self.conversation_id
                problem = await self._read(opened)
        finally:
            self._news.set()
        why = break_of(self._message, problem, self._clock() - began)
        return None if why is None else self._unfinished(why)

    def closed_early(self) -> StreamUnfinished:
        """The error for whoever was following the stream when it was closed."""
        return self._unfinished(Break("The stream was closed while it was followed"))

    def _unfinished(self, why: Break) -> StreamUnfinished:
        return unfinished(
            why,
            self.transcript,
            asked=self._asked,
            kept="What arrived is kept, unfinished.",
            conversation_id=self.conversation_id,
        )

    async def _read(self, opened: OpenedStream) -> PuffleError | None:
        """Read to the end of the stream; what ended it, if it was not closed in order."""
        try:
            await read_events(opened, self._take, limit=self._limit, cut=self._cut, silence=self._silence)
        except PuffleError as error:
            return error
        return None

    def _take(self, data: str) -> None:
        self._message.add(data)
        self._news.set()
