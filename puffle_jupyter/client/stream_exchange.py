"""The exchange behind a stream: one POST, and its answer as pieces of a body, or the error it stands for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from ..errors import ConnectionFailed
from .answer import Answer
from .connections import ConnectionAge, Connections
from .credentials import ApiKey
from .sending import content_of, send
from .start import check_accepted, unconfirmed
from .without_context import without_context

if TYPE_CHECKING:
    import httpx

SILENCE = 125.0
"""Seconds without an event after which a stream counts as lost. Puffle ends every stream after 120 s, and a
client that gives up ends the agent: so nothing that still works is given up."""

_REASON_LIMIT = 1024 * 1024
"""Bytes of the body of a refusal."""

# Packed, events would wait until there is enough to pack.
_EVENTS: Mapping[str, str] = MappingProxyType({"Accept": "text/event-stream", "Accept-Encoding": "identity"})


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """The POST that begins a stream.

    Attributes:
        base_url: where Puffle is.
        body: what is sent.
        message: the user's message in it; no error repeats it.
        conversation_id: the conversation it goes on with.
    """

    base_url: str
    body: bytes
    message: str
    conversation_id: str | None


@dataclass(frozen=True, slots=True)
class OpenedStream:
    """An answer that is a stream of events, still to be read.

    Attributes:
        headers: of the answer, names in lower case.
        pieces: the bytes of its body as they arrive.
        explain: the error for what the HTTP library raises meanwhile.
    """

    headers: dict[str, str]
    pieces: AsyncIterator[bytes]
    explain: Callable[[BaseException], ConnectionFailed]


class StreamExchange(contextlib.AbstractAsyncContextManager[OpenedStream]):
    """Sends the request when it is entered, once, and gives its answer; closes the connection in the end.

    A class, and no generator: an event loop that ends closes the generators it knows of in any order, and one
    within another would then be closed before that one could close it.

    Args:
        connect: gives what it is sent over.
        asking: the request.
        key: is taken out of the headers and of a refusal.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[Connections]], asking: StreamRequest, key: ApiKey
    ) -> None:
        self._connect = connect
        self._asking = asking
        self._key = key
        self._closing = contextlib.AsyncExitStack()

    async def __aenter__(self) -> OpenedStream:
        """Send it.

        Raises:
            ResponseError: one of its subclasses, by the status code: nothing was started.
            ConnectionFailed: no connection came about: nothing was started.
            StartNotConfirmed: the request was sent, and no stream came.
        """
        with without_context():
            return await self._entered()

    async def _entered(self) -> OpenedStream:
        async with contextlib.AsyncExitStack() as closing:
            connections = await self._connect()
            await closing.enter_async_context(connections.slots)
            response = await _begin(connections, self._asking)
            closing.push_async_callback(response.aclose)
            opened = await self._opened(response, connections)
            self._closing = closing.pop_all()
            return opened

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection, whole or not."""
        await self._closing.aclose()

    async def _opened(self, response: httpx.Response, connections: Connections) -> OpenedStream:
        from .sse import is_event_stream

        asking, code = self._asking, response.status_code
        headers = {name.lower(): self._key.cut_from(value) for name, value in response.headers.items()}
        if not 200 <= code < 300:
            content = self._key.cut_from_bytes(await content_of(response, headers, _REASON_LIMIT))
            answer = Answer(code, headers, content)
            check_accepted(answer, asking.message, asking.conversation_id, asking.base_url)
        packed = headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
        if packed or not is_event_stream(headers.get("content-type", "")):
            raise unconfirmed(f"Puffle's answer ({code}) is no stream of events", asking.conversation_id)
        return OpenedStream(headers, response.aiter_raw(), connections.route.explain)


async def _begin(connections: Connections, asking: StreamRequest) -> httpx.Response:
    """The beginning of the answer, for which there is as much time as for any silence after it."""
    age = ConnectionAge()
    address = f"{asking.base_url}/api/agent/chat/stream"
    try:
        async with asyncio.timeout(SILENCE):
            return await send(connections, address, age, asking.body, _EVENTS)
    except TimeoutError:
        failed = connections.route.failure(f"no answer within {SILENCE:g} s")
    except Exception as error:  # of httpx, of the system, of the package that speaks SOCKS
        failed = connections.route.explain(error)
    if age.nothing_was_sent:
        raise failed from None
    raise unconfirmed(f"No answer from Puffle ({failed.short})", asking.conversation_id) from None
