"""httpx's API over aiohttp: httpx-aiohttp with a session of ours, every error of aiohttp as one of httpx."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar

import aiohttp
import httpx
import httpx_aiohttp

from .failures import Route
from .pool import CONNECTIONS, KEPT_SECONDS

Trace = Callable[[str, object], Awaitable[None]]

_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""Of the request that this task sends."""

# The most specific first. aiohttp's words are not passed on: they may quote what was sent.
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.SocketTimeoutError, httpx.ReadTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.NetworkError),
)


class AiohttpTransport(httpx_aiohttp.AiohttpTransport):
    """Sends requests along ``route``. It keeps no cookie, follows no redirect, and decodes no body.

    A request's ``trace`` extension receives the two steps that tell whether its connection was kept, under
    httpcore's names.
    """

    def __init__(self, route: Route) -> None:
        super().__init__(verify=route.trust.context, proxy=_proxy(route), client=self._session)
        self._context = route.trust.context

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request``; see `httpx.AsyncBaseTransport`."""
        _trace.set(request.extensions.get("trace"))
        with _errors_of_httpx():
            response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Stream(response.stream)
        return response

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=CONNECTIONS,
            keepalive_timeout=KEPT_SECONDS,
            ssl=self._context,
            resolver=aiohttp.ThreadedResolver(),  # asks the loop, whose look-ups are ours: see `lookups`
        )
        session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[_steps()]
        )
        session._retry_connection = False  # it would also repeat a GET on a connection that was new
        return session


def _proxy(route: Route) -> httpx.Proxy | None:
    """The proxy, with its login as a header: aiohttp 4 takes it in no other way."""
    if route.proxy is None:
        return None
    proxy = httpx.Proxy(route.proxy.url)
    if proxy.auth is not None:
        login = base64.b64encode(":".join(proxy.auth).encode()).decode()
        proxy = httpx.Proxy(proxy.url, headers={"Proxy-Authorization": f"Basic {login}"})
    return proxy


def _steps() -> aiohttp.TraceConfig:
    steps = aiohttp.TraceConfig()
    steps.on_connection_create_start.append(_step("connection.connect_tcp.started"))
    steps.on_request_headers_sent.append(_step("http11.send_request_headers.started"))
    return steps


def _step(name: str) -> Callable[..., Awaitable[None]]:
    async def step(*_: object) -> None:
        if trace := _trace.get():
            await trace(name, {})

    return step


class _Stream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for data in self._stream:
                yield data

    async def aclose(self) -> None:
        with _errors_of_httpx():
            await self._stream.aclose()


@contextlib.contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # httpx-aiohttp translates some, the same for a refused and a late connection: the cause says which.
        cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
        for kind, translated in _ERRORS:
            if isinstance(cause, kind):
                raise translated(_words(cause)) from cause
        raise


def _words(error: Exception) -> str:
    """Of what a proxy answered only its status code."""
    return str(error.status) if isinstance(error, aiohttp.ClientHttpProxyError) else type(error).__name__
