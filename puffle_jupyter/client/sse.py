"""Server-sent events as they arrive: httpx-sse reads them, within bounds of ours.

https://html.spec.whatwg.org/multipage/server-sent-events.html: an event ends with an empty line, a line with
CR, LF or both; a line that begins with a colon is a comment. An event that the end of the stream leaves
without its empty line is passed on all the same: its reader says what it is worth.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import httpx
import httpx_sse

from ..errors import UnreadableAnswer

EVENT_LIMIT = 16 * 1024 * 1024
"""Bytes of one event, and of what comes before it."""

_CONTENT_TYPE = "text/event-stream"
_END_OF_EVENT = b"\n\n"


def is_event_stream(content_type: str) -> bool:
    """Whether an answer with this ``Content-Type`` is a stream of events."""
    return content_type.partition(";")[0].strip().lower() == _CONTENT_TYPE


async def data_of_events(
    pieces: AsyncIterator[bytes], limit: int, event_limit: int = EVENT_LIMIT
) -> AsyncGenerator[str, None]:
    """Yield the data of each event; events without any are left out.

    Args:
        pieces: the bytes of the body as they arrive, cut anywhere.
        limit: bytes of the whole stream.
        event_limit: bytes of one event: a line without an end must not fill the memory.

    Raises:
        UnreadableAnswer: the stream, or one event of it, is larger than allowed.
    """
    bounded = _Bounded(pieces, limit, event_limit)
    response = httpx.Response(200, headers={"content-type": _CONTENT_TYPE}, stream=bounded)
    response.encoding = "utf-8-sig"  # one byte order mark at the beginning is none of the text
    async with aclosing(httpx_sse.EventSource(response).aiter_sse()) as events:
        async for event in events:
            bounded.since_event = 0
            if event.data:
                yield event.data


class _Bounded(httpx.AsyncByteStream):
    """The pieces of a body, refused before they can fill the memory.

    Attributes:
        since_event: bytes since the last event; whoever takes an event sets it to 0.
    """

    def __init__(self, pieces: AsyncIterator[bytes], limit: int, event_limit: int) -> None:
        self.since_event = 0
        self._pieces = pieces
        self._limit = limit
        self._event_limit = event_limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for piece in self._pieces:
            received += len(piece)
            self.since_event += len(piece)
            if received > self._limit:
                raise _too_large("stream", self._limit)
            if self.since_event > self._event_limit:
                raise _too_large("stream has an event that", self._event_limit)
            yield piece
        yield _END_OF_EVENT


def _too_large(what: str, limit: int) -> UnreadableAnswer:
    error = UnreadableAnswer(f"Puffle's {what} is larger than {limit:,} bytes.", status_code=200)
    error.short = "Puffle's stream is too large"
    return error
