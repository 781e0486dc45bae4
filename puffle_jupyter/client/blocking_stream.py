"""`BlockingChatStream`: a chat that is followed live by ordinary code, a facade on the background loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TypeVar

from ..background.loop import poll_loop
from ..background.tasks import end
from ..errors import CannotWaitHere
from ..json_value import JsonValue
from ..run_data import RunId
from ..transcript.model import Transcript
from .chat_stream import ChatStream
from .closes import Closes
from .start import MAY_HAVE_STARTED

T = TypeVar("T")


class BlockingChatStream(Closes):
    """`ChatStream` for ordinary code: iterate over it for the transcript as it grows.

    Made by `PuffleClient.stream_chat`. The request is sent when the iteration begins, and once. Leaving the
    iteration early closes the connection, and Puffle then ends the agent.

    >>> for transcript in client.stream_chat("Find fintech founders"):        # doctest: +SKIP
    ...     print(len(transcript.messages[-1].parts))
    """

    def __init__(self, stream: ChatStream) -> None:
        """Prepare it; nothing is sent yet.

        Args:
            stream: what is followed, on the background loop.
        """
        self._stream = stream
        self._step: asyncio.Task[object] | None = None
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def conversation_id(self) -> str | None:
        """The conversation's UUID, to go on with; None until Puffle has named it."""
        return self._stream.conversation_id

    @property
    def run_id(self) -> RunId | None:
        """The run's id, should Puffle name one."""
        return self._stream.run_id

    @property
    def messages(self) -> JsonValue:
        """The message that was sent and what arrived of the answer, as a JSON array of UI messages."""
        return self._between_events(lambda: self._stream.messages)

    @property
    def transcript(self) -> Transcript:
        """The message that was sent and what arrived of the answer."""
        return self._between_events(lambda: self._stream.transcript)

    def __iter__(self) -> Generator[Transcript, None, None]:
        refuse_on_poll_thread()
        return self._follow(aiter(self._stream))

    def close(self) -> None:
        """Close the connection; Puffle then ends the agent. May be called again, from any thread."""
        if not poll_loop.running:
            return
        if poll_loop.is_current:  # of a generator that is collected there
            poll_loop.submit(self._close())
        else:
            poll_loop.run(self._close())

    def _follow(self, updates: AsyncGenerator[Transcript, None]) -> Generator[Transcript, None, None]:
        try:
            while (transcript := poll_loop.run(self._next(updates))) is not None:
                yield transcript
        except concurrent.futures.CancelledError:
            raise self._stream.closed_early() from None
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"stopped reading Puffle's answer: {MAY_HAVE_STARTED}") from None
        finally:
            self.close()

    async def _next(self, updates: AsyncGenerator[Transcript, None]) -> Transcript | None:
        loop = asyncio.get_running_loop()
        was_stopped = loop is not (self._loop or loop)
        if self._is_closed or was_stopped:  # by whoever else has it: that is no end of the answer
            raise self._stream.closed_early()
        self._loop, self._step = loop, asyncio.current_task()
        try:
            return await anext(updates, None)
        finally:
            self._step = None

    def _between_events(self, read: Callable[[], T]) -> T:
        """Read on the thread that takes the events, so that none comes meanwhile."""
        if poll_loop.is_current or not poll_loop.running:
            return read()

        async def on_loop() -> T:
            return read()

        return poll_loop.run(on_loop())

    async def _close(self) -> None:
        """Close it when the step that is under way has ended: a generator takes one step at a time."""
        self._is_closed = True
        if (step := self._step) is not None:
            await end(step)
        with contextlib.suppress(RuntimeError):  # another thread closes it just now
            await self._stream.aclose()


def refuse_on_poll_thread() -> None:
    """Do not wait on the thread that would do the work.

    Raises:
        CannotWaitHere
    """
    if poll_loop.is_current:
        raise CannotWaitHere("a PuffleClient cannot wait on the thread that sends its requests")
