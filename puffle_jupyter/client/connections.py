"""Connections to Puffle: how httpx is set up, how many there are, and when they are closed."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import InvalidSetting
from .credentials import Account
from .failures import Route
from .log_mask import log_mask
from .pool import CONNECTIONS
from .proxies import proxy_for
from .transport import transport_for
from .trust import find_trust, trust_nobody

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 5.0
_READ_ADDRESSES = 2000


class Connections:
    """What a client holds on one event loop: the pool, the slots for requests, the addresses read so far."""

    def __init__(self, http: httpx.AsyncClient, route: Route) -> None:
        self.http = http
        self.route = route
        self._open = _open_until_closed(http)
        self.slots = asyncio.Semaphore(CONNECTIONS)
        self._addresses: OrderedDict[str, httpx.URL] = OrderedDict()

    async def end_with_loop(self) -> None:
        """Let the running loop close the connections at its end, if nobody has by then.

        An asynchronous generator that was begun is what ``asyncio.run`` ends before it closes its loop,
        and what a loop that goes on ends once nobody holds it any more.
        """
        await anext(self._open)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._open.aclose()

    async def send(
        self,
        address: str,
        age: ConnectionAge,
        body: bytes | None = None,
        accepted: Mapping[str, str] = MappingProxyType({}),
    ) -> httpx.Response:
        """Send one request, a new one each time: httpx changes what it sends.

        Args:
            address: where to.
            age: notes on which connection it is sent.
            body: JSON, which makes it a POST; None is a GET.
            accepted: what is accepted as the answer, as headers, in place of JSON that may be packed.

        Returns:
            The response; its body is still to be read.
        """
        method, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": "application/json"})
        request = self.http.build_request(
            method,
            self._url(address),
            content=body,
            headers={**headers, **accepted},
            extensions={"trace": age},
        )
        try:
            return await self.http.send(request, stream=True)
        finally:
            request.headers.pop("Authorization", None)

    def _url(self, address: str) -> httpx.URL:
        """``address`` as httpx reads it, read once: that is most of what building a request costs."""
        import httpx

        known = self._addresses.get(address)
        if known is None:
            known = self._addresses[address] = httpx.URL(address)
            if len(self._addresses) > _READ_ADDRESSES:
                self._addresses.popitem(last=False)
        return known


async def _open_until_closed(http: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await http.aclose()


class ConnectionAge:
    """Whether a request went out at all, and on a connection that was kept from an earlier one.

    Given to httpx as the request's ``trace`` extension, which receives every step; never of the steps
    of a transport that has no connections.

    Attributes:
        has_failed_to_connect: whether httpx said so, by the class of its error.
    """

    __slots__ = ("_connected", "_sent", "has_failed_to_connect")

    def __init__(self) -> None:
        self._connected = self._sent = False
        self.has_failed_to_connect = False

    @property
    def was_kept(self) -> bool:
        """Whether the connection was one that was kept open."""
        return self._sent and not self._connected

    @property
    def nothing_was_sent(self) -> bool:
        """Whether it is certain that nothing of the request left: no connection came about."""
        return self.has_failed_to_connect or (self._connected and not self._sent)

    async def __call__(self, step: str, _: object) -> None:
        """Note ``step``, as httpx's trace extension names it."""
        if step == "connection.connect_tcp.started":
            self._connected = True
        elif step == "http11.send_request_headers.started":
            self._sent = True


def open_connections(
    account: Account, verify: ssl.SSLContext | None, transport: httpx.AsyncBaseTransport | None
) -> Connections:
    """Set httpx up for an account. The environment is read here, once for each event loop of a client.

    Raises:
        InvalidSetting: the proxy or the certificates that the environment names cannot be used.
    """
    address = account.address
    try:
        proxy = proxy_for(address) if transport is None else None
    except InvalidSetting as error:
        raise error.with_traceback(None) from None  # the frames below hold a proxy's password
    trust = find_trust(verify) if address.scheme == "https" else trust_nobody()
    route = Route(address, proxy, trust, _CONNECT_SECONDS)
    try:
        return Connections(_build_http(account, route, transport), route)
    except (ImportError, ValueError, OSError, RuntimeError) as error:
        if proxy is not None and proxy.is_socks and isinstance(error, ImportError):
            raise InvalidSetting(
                f"{proxy.source} names a SOCKS proxy, which needs a package more: pip install 'httpx[socks]'."
            ) from None
        # The message of httpx may quote a proxy's password.
        what = f"the proxy of {proxy.source}" if proxy else "the connections"
        raise InvalidSetting(f"Cannot set up {what} ({type(error).__name__}): check its value.") from None


def _build_http(
    account: Account, route: Route, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    import httpx

    from .._version import __version__

    log_mask.hide(account.api_key)

    class BearerAuth(httpx.Auth):
        """Puts the key into the request as it leaves; `_receive` takes it out again."""

        def auth_flow(self, request: httpx.Request) -> Any:
            request.headers["Authorization"] = account.api_key.authorization()
            yield request

    return httpx.AsyncClient(
        auth=BearerAuth(),
        transport=transport_for(route) if transport is None else transport,
        timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,  # proxies and certificates of the environment are in `route`
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # keeps none
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"puffle_jupyter/{__version__}",
        },
    )
