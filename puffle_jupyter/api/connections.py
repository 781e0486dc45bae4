"""Connections to Puffle: how httpx is set up, how many there are, and what to say when one fails."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from .credentials import Account
from .errors import InvalidSetting
from .log_mask import log_mask

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 5.0
# httpcore's pool is quadratic in waiting requests: waiting is done in front of it.
_CONNECTIONS = 100
_PREPARED_REQUESTS = 2000

# httpcore looks at every kept connection for every other one, at each request: 100 of them cost 100 watches
# four fifths of their polls.
_KEPT_CONNECTIONS = 20
_KEPT_SECONDS = 60.0
"""Seconds a connection is kept between two polls, by which the longest backoff is over; httpx's own
default of 5 would open a new one, TLS and all, for every poll of an interval beyond that."""


class Connections:
    """What a client holds on one event loop: the pool, the places in it, the requests built so far."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.limit = _CONNECTIONS
        self.places = asyncio.Semaphore(self.limit)
        self._requests: OrderedDict[str, httpx.Request] = OrderedDict()

    def request(self, address: str) -> httpx.Request:
        """The request for an address, built once: building one costs a tenth of a poll."""
        request = self._requests.get(address)
        if request is None:
            request = self._requests[address] = self.http.build_request("GET", address)
            if len(self._requests) > _PREPARED_REQUESTS:
                self._requests.popitem(last=False)
        return request


class ConnectionAge:
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


def open_http(
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


def plain_words(error: Exception) -> str:
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


def _is_certificate_trouble(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
