"""`OpenAnswer`: one answer of Puffle as a stream of events, read within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing

from ..errors import PuffleError, UnreadableAnswer
from ..transcript.stream import DONE
from .start import conversation_or_none
from .stream_exchange import SILENCE, OpenedStream
from .without_context import without_context

_SLACK = 0.01
"""A silence may be given up this share of it early: to move a deadline for every event takes a sixth of the
time that the event does."""


class OpenAnswer:
    """An answer that has begun, event by event. It is open until `aclose`; Puffle then ends the agent.

    Args:
        opened: the answer.
        closing: what closes its connection.
        limit: bytes of the whole stream.
        cut: takes the key out of what came.
        silence: seconds without an event after which the stream counts as lost.

    Attributes:
        conversation_id: the conversation that Puffle names; None where it names none.
    """

    def __init__(
        self,
        opened: OpenedStream,
        closing: AsyncExitStack,
        *,
        limit: int,
        cut: Callable[[bytes], bytes],
        silence: float = SILENCE,
    ) -> None:
        self.conversation_id = conversation_or_none(opened.headers.get("x-conversation-id"))
        self._opened = opened
        self._closing = closing
        self._limit = limit
        self._cut = cut
        self._silence = silence

    async def read(self, take: Callable[[str], object]) -> None:
        """Read to the end of the stream.

        Args:
            take: is given the data of each event.

        Raises:
            PuffleError: see `read_events`.
        """
        await read_events(self._opened, take, limit=self._limit, cut=self._cut, silence=self._silence)

    async def aclose(self) -> None:
        """Close the connection; may be called again."""
        await self._closing.aclose()


async def read_events(
    opened: OpenedStream,
    take: Callable[[str], object],
    *,
    limit: int,
    cut: Callable[[bytes], bytes],
    silence: float,
) -> None:
    """Read a stream to its end; the arguments are those of `OpenAnswer`, and ``take`` is given each event.

    The last one is ``[DONE]``, where the stream says itself that this is its end.

    Raises:
        UnreadableAnswer: the stream is too large.
        PuffleError: it broke off, or is silent for too long.
    """
    from .sse import data_of_events

    with without_context():
        try:
            async with aclosing(data_of_events(opened.pieces, limit)) as events:
                await _take_each(events, take, cut, silence)
        except TimeoutError:
            raise PuffleError(f"Puffle sent nothing for {silence:g} s.") from None
        except UnreadableAnswer as error:
            raise error.with_traceback(None) from None
        except Exception as error:  # of httpx, of the system
            raise PuffleError(f"The stream broke off: {opened.explain(error).short}.") from None


async def _take_each(
    events: AsyncIterator[str],
    take: Callable[[str], object],
    cut: Callable[[bytes], bytes],
    silence: float,
) -> None:
    """Hand on the data of each event.

    Raises:
        TimeoutError: none came for ``silence`` seconds.
    """
    now, slack = asyncio.get_running_loop().time, silence * _SLACK
    async with asyncio.timeout(silence) as quiet:
        moved_at = now()
        async for data in events:
            if (heard_at := now()) >= moved_at + slack:
                quiet.reschedule(heard_at + silence)
                moved_at = heard_at
            take(cut(data.encode()).decode())
            if data == DONE:
                return
