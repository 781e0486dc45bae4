"""Asking Puffle, over httpx: `AsyncPuffleClient`, and `PuffleClient` as a facade on the background loop."""

from __future__ import annotations

import asyncio
import math
import ssl
import weakref
import zlib
from collections import OrderedDict
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .answer import Answer, read_run
from .body import Body
from .credentials import Account, ApiKey, guarded
from .errors import ConnectionFailed, InvalidSetting, ResponseError
from .log_mask import log_mask
from .loop import poll_loop
from .run import Run, check_run_id

if TYPE_CHECKING:
    import httpx

DEFAULT_DEADLINE = 20.0
"""Seconds for one whole exchange: connect, headers and body together."""

DEFAULT_BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of a decoded body."""

_CONNECT_SECONDS = 5.0
# A refused key is said within a second, whatever becomes of the words that go with it.
_WORDS_SECONDS = 0.5
_WORDS_LIMIT = 1024 * 1024
# httpcore's pool is quadratic in waiting requests: waiting is done in front of it.
_CONNECTIONS = 100
_PREPARED_REQUESTS = 2000
_PLACE_SHARE = 0.5
"""How much of the deadline may go by before the request is sent."""

# httpcore looks at every kept connection for every other one, at each request: 100 of them cost 100 watches
# four fifths of their polls.
_KEPT_CONNECTIONS = 20
_KEPT_SECONDS = 60.0
"""Seconds a connection is kept between two polls, by which the longest backoff is over; httpx's own
default of 5 would open a new one, TLS and all, for every poll of an interval beyond that."""


class AsyncPuffleClient:
    """Puffle's agent-chat API, for ``async`` code.

    Args:
        api_key: the key; None takes `%puffle_login`'s, ``PUFFLE_API_KEY``'s or keyring's.
        base_url: the address; None takes ``PUFFLE_BASE_URL`` or ``https://app.puffle.ai``.
        deadline: seconds for one whole poll: waiting for one of the 100 connections, at most half of it,
            and then connect, headers and body together.
        body_limit: bytes an answer may have, on the wire and decoded; a larger one is refused without
            being collected first, and asked for again.
        verify: an `ssl.SSLContext` with your own certificates; checking cannot be turned off.
        transport: an httpx transport, for tests.

    Raises:
        MissingApiKey, InvalidApiKey, InvalidSetting: before anything is sent.

    >>> async with AsyncPuffleClient() as client:      # doctest: +SKIP
    ...     run = await client.get_run("run_abc")
    """

    def __init__(
        self,
        api_key: str | ApiKey | None = None,
        base_url: str | None = None,
        *,
        deadline: float = DEFAULT_DEADLINE,
        body_limit: int = DEFAULT_BODY_LIMIT,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        api_key = guarded(api_key)  # type: ignore[assignment]
        self._account = Account.find(api_key, base_url)  # type: ignore[arg-type]
        check_verify(verify)
        self._deadline = check_deadline(deadline)
        self._body_limit = check_body_limit(body_limit)
        self._verify = verify
        self._transport = transport
        # httpx's connections belong to the event loop that opened them: a client may be used on the
        # user's own loop and by a watch at the same time.
        self._open: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Connections] = (
            weakref.WeakKeyDictionary()
        )

    @property
    def base_url(self) -> str:
        return self._account.base_url

    async def get_run(self, run_id: str) -> Run:
        """Ask for a run once: ``GET /api/agent/chat/{runId}``. Nothing is retried here.

        Raises:
            InvalidRunId: before anything is sent.
            ResponseError: one of its subclasses, by the status code.
            ConnectionFailed: no answer within the deadline.
        """
        check_run_id(run_id)
        connections = self._connections()
        request = connections.request(f"{self.base_url}/api/agent/chat/{run_id}")
        return read_run(run_id, await self._exchange(connections, request))

    def without_key(self, text: str) -> str:
        """``text`` without this client's key, should somebody have echoed it."""
        return self._account.api_key.cut_from(text)

    async def aclose(self) -> None:
        """Close the connections. The client can be used again, and opens new ones."""
        connections = self._open.pop(asyncio.get_running_loop(), None)
        if connections is not None:
            await connections.http.aclose()

    async def __aenter__(self) -> AsyncPuffleClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={getattr(self, 'base_url', None)!r})"  # also half-built

    def _connections(self) -> _Connections:
        loop = asyncio.get_running_loop()
        connections = self._open.get(loop)
        if connections is None:
            http = _open_http(self._account, self._verify, self._transport)
            connections = self._open[loop] = _Connections(http)
        return connections

    async def _exchange(self, connections: _Connections, request: httpx.Request) -> Answer:
        """Send ``request`` under one deadline: a dripped body outlives httpx's own, which are per read."""
        import httpx

        started = asyncio.get_running_loop().time()
        await self._take_place(connections.places)
        try:
            left = started + self._deadline - asyncio.get_running_loop().time()
            return await asyncio.wait_for(self._receive(connections.http, request), left)
        except ResponseError as error:
            # Without the frames below: `%xmode Verbose` prints locals, here what the server sent.
            raise error.with_traceback(None) from None
        except (asyncio.TimeoutError, httpx.TimeoutException):
            problem = f"no whole answer within {self._deadline:g} s"
        except httpx.HTTPError as error:
            problem = _plain_words(error)
        except (OSError, ValueError, RuntimeError, zlib.error) as error:
            problem = type(error).__name__
        finally:
            connections.places.release()
        raise self._unreachable(problem) from None

    async def _take_place(self, places: asyncio.Semaphore) -> None:
        """Wait for a place among the requests under way: a server that hangs holds all of them up.

        Who comes to a place late would have no time left for an answer, so half the deadline must do.
        """
        try:
            await asyncio.wait_for(places.acquire(), self._deadline * _PLACE_SHARE)
        except asyncio.TimeoutError:
            raise self._unreachable(f"{_CONNECTIONS} other requests still wait for its answers") from None

    def _unreachable(self, problem: str) -> ConnectionFailed:
        return ConnectionFailed(f"Cannot reach Puffle at {self.base_url}: {problem}.")

    async def _receive(self, http: httpx.AsyncClient, request: httpx.Request) -> Answer:
        response = await self._send(http, request)
        try:
            key = self._account.api_key
            headers = {name.lower(): key.cut_from(value) for name, value in response.headers.items()}
            content = await self._content(response, headers)
            # A server may echo the key: cut out here, it gets into no run, error, repr or file.
            return Answer(response.status_code, headers, key.cut_from_bytes(content))
        finally:
            await response.aclose()

    async def _send(self, http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """Send ``request``, and once more when the server had given up the connection it was sent on.

        A kept connection may be closed from the other side just as it is used again; a GET may then be
        repeated on a new one (RFC 9110, 9.2.2; RFC 9112, 9.3.1).
        """
        import httpx

        age = _ConnectionAge()
        request.extensions = {**request.extensions, "trace": age}
        try:
            return await http.send(request, stream=True)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if not age.was_kept:
                raise
            return await http.send(request, stream=True)
        finally:
            request.headers.pop("Authorization", None)

    async def _content(self, response: httpx.Response, headers: dict[str, str]) -> bytes:
        """The body. Of an error it is only the words: late, endless or cut off, they are done without."""
        import httpx

        if response.status_code == 200:
            return await _read(response, Body(headers, self._body_limit))
        try:
            words = Body(headers, min(self._body_limit, _WORDS_LIMIT))
            return await asyncio.wait_for(_read(response, words), _WORDS_SECONDS)
        except (asyncio.TimeoutError, ResponseError, httpx.HTTPError, OSError, RuntimeError, zlib.error):
            return b""


class _ConnectionAge:
    """Whether a request went out on a connection that was kept from an earlier one.

    Given to httpx as the request's ``trace`` extension, which is told of every step; never of the steps
    of a transport that has no connections.
    """

    __slots__ = ("_connected", "_sent")

    def __init__(self) -> None:
        self._connected = self._sent = False

    @property
    def was_kept(self) -> bool:
        return self._sent and not self._connected

    async def __call__(self, step: str, _: object) -> None:
        if step == "connection.connect_tcp.started":
            self._connected = True
        elif step == "http11.send_request_headers.started":
            self._sent = True


class _Connections:
    """What a client holds on one event loop: the pool, the places in it, the requests built so far."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.places = asyncio.Semaphore(_CONNECTIONS)
        self._requests: OrderedDict[str, httpx.Request] = OrderedDict()

    def request(self, address: str) -> httpx.Request:
        """The request for an address, built once: building one costs a tenth of a poll."""
        request = self._requests.get(address)
        if request is None:
            request = self._requests[address] = self.http.build_request("GET", address)
            if len(self._requests) > _PREPARED_REQUESTS:
                self._requests.popitem(last=False)
        return request


class PuffleClient:
    """The same for ordinary code: every call runs on the background loop and is waited for.

    Takes the arguments of `AsyncPuffleClient`.

    >>> with PuffleClient() as client:                 # doctest: +SKIP
    ...     print(client.get_run("run_abc").status)
    """

    def __init__(
        self, api_key: str | ApiKey | None = None, base_url: str | None = None, **options: Any
    ) -> None:
        api_key = guarded(api_key)  # type: ignore[assignment]
        self.asynchronous = AsyncPuffleClient(api_key, base_url, **options)

    @property
    def base_url(self) -> str:
        return self.asynchronous.base_url

    def get_run(self, run_id: str) -> Run:
        """Ask for a run once; see `AsyncPuffleClient.get_run`."""
        check_run_id(run_id)
        _refuse_on_poll_thread()
        return poll_loop.run(self.asynchronous.get_run(run_id))

    def close(self) -> None:
        """Close the connections. The client can be used again, and opens new ones."""
        _refuse_on_poll_thread()
        if poll_loop.running:
            poll_loop.run(self.asynchronous.aclose())

    def __enter__(self) -> PuffleClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"PuffleClient(base_url={getattr(self, 'base_url', None)!r})"  # also half-built


async def _read(response: httpx.Response, body: Body) -> bytes:
    async for data in response.aiter_raw():
        body.feed(data)
    return body.finish()


def check_deadline(deadline: object) -> float:
    """Return ``deadline`` when it can be the seconds of one poll.

    Raises:
        InvalidSetting: not a number above 0.
    """
    if isinstance(deadline, int | float) and not isinstance(deadline, bool) and 0 < deadline < math.inf:
        return deadline
    raise InvalidSetting(
        f"deadline must be seconds above 0, not {ascii(deadline)[:60]}: "
        f"leave it out for {DEFAULT_DEADLINE:g}."
    )


def check_body_limit(body_limit: object) -> int:
    """Return ``body_limit`` when it can be the most bytes of an answer.

    Raises:
        InvalidSetting: not a whole number above 0.
    """
    if isinstance(body_limit, int) and not isinstance(body_limit, bool) and body_limit > 0:
        return body_limit
    raise InvalidSetting(
        f"body_limit must be a whole number of bytes above 0, not {ascii(body_limit)[:60]}: "
        f"leave it out for {DEFAULT_BODY_LIMIT:,}."
    )


def check_verify(verify: object) -> None:
    """Refuse whatever would not check certificates.

    Raises:
        InvalidSetting: neither None nor an `ssl.SSLContext` that checks certificates and host names.
    """
    if verify is None:
        return
    checks = isinstance(verify, ssl.SSLContext) and verify.verify_mode is ssl.CERT_REQUIRED
    if not checks or not verify.check_hostname:  # type: ignore[attr-defined]
        raise InvalidSetting(
            "verify must be an ssl.SSLContext that checks certificates, such as "
            "ssl.create_default_context(cafile=…): checking cannot be turned off."
        )


def _refuse_on_poll_thread() -> None:
    if poll_loop.is_current:
        raise RuntimeError("a PuffleClient cannot wait on the thread that sends its requests")


def _is_certificate_trouble(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _open_http(
    account: Account, verify: ssl.SSLContext | None, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    import httpx

    try:
        return _build_http(account, verify, transport)
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        # httpx reads these when it is set up; its message may quote a proxy's password.
        raise InvalidSetting(
            f"Cannot set up connections ({type(error).__name__}): check the environment variables for "
            "proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) and certificates (SSL_CERT_FILE, SSL_CERT_DIR)."
        ) from None


def _build_http(
    account: Account, verify: ssl.SSLContext | None, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    import httpx

    from .. import __version__

    log_mask.hide(account.api_key)

    class BearerAuth(httpx.Auth):
        """Puts the key into the request as it leaves; `_receive` takes it out again."""

        def auth_flow(self, request: httpx.Request) -> Any:
            request.headers["Authorization"] = account.api_key.authorization()
            yield request

    return httpx.AsyncClient(
        auth=BearerAuth(),
        verify=True if verify is None else verify,
        transport=transport,
        timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS),
        limits=httpx.Limits(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_KEPT_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
        ),
        follow_redirects=False,
        # Plain http goes to loopback only, and never through a proxy, which would see the key.
        trust_env=not account.base_url.startswith("http:"),
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"puffle_jupyter/{__version__}",
        },
    )


def _plain_words(error: Exception) -> str:
    """What went wrong, without the exception's own text: it may quote what was sent."""
    import httpx

    if _is_certificate_trouble(error):
        return "its certificate could not be verified; give your own authority as verify=ssl_context"
    if isinstance(error, httpx.ConnectError):
        return "the connection was refused or the name could not be resolved"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return "the connection was dropped before the whole answer came"
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused the connection"
    return type(error).__name__
