"""One request to Puffle, and the body of its answer, within bounds."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import ResponseError
from .bounded_body import Body
from .connections import ConnectionAge, Connections

if TYPE_CHECKING:
    import httpx

# A refused key is said within a second, whatever becomes of the words that go with it.
_WORDS_SECONDS = 0.5
_WORDS_LIMIT = 1024 * 1024
_ANY: Mapping[str, str] = MappingProxyType({})


async def send(
    connections: Connections,
    address: str,
    age: ConnectionAge,
    body: bytes | None = None,
    accepted: Mapping[str, str] = _ANY,
) -> httpx.Response:
    """Send a request, and a GET once more when the server had given up the connection of the first.

    A kept connection may be closed from the other side just as it is used again; a GET may then be
    repeated on a new one (RFC 9110, 9.2.2; RFC 9112, 9.3.1). A POST is sent once: it may have arrived.
    The arguments are those of `Connections.send`.
    """
    import httpx

    try:
        return await connections.send(address, age, body, accepted)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
        age.has_failed_to_connect = True
        raise
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if body is not None or not age.was_kept:
            raise
        return await connections.send(address, age)


async def content_of(response: httpx.Response, headers: Mapping[str, str], limit: int) -> bytes:
    """The body. Of an error it is only the words: late, endless or cut off, they are done without.

    Args:
        response: its body is still to be read.
        headers: its headers, names in lower case.
        limit: bytes.

    Raises:
        UnreadableAnswer: the body of a 200 is larger, cut off, or encoded as was not asked for.
    """
    import httpx

    if response.status_code == 200:
        return await _read(response, Body(headers, limit))
    try:
        words = Body(headers, min(limit, _WORDS_LIMIT))
        async with asyncio.timeout(_WORDS_SECONDS):
            return await _read(response, words)
    except (TimeoutError, ResponseError, httpx.HTTPError, OSError, RuntimeError, zlib.error):
        return b""


async def _read(response: httpx.Response, body: Body) -> bytes:
    async for data in response.aiter_raw():
        body.feed(data)
    return body.finish()
