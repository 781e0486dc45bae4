"""What carries requests: the seam below httpx's API.

httpx's own transport is quadratic in the requests that wait, and takes twice the CPU of a poll; the figures
are in docs/engine.md. So requests go over aiohttp, through httpx-aiohttp; over a SOCKS proxy, which aiohttp
does not speak, they go over httpx's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .failures import Route
from .pool import CONNECTIONS, KEPT_BY_HTTPCORE, KEPT_SECONDS

if TYPE_CHECKING:
    import httpx


def transport_for(route: Route) -> httpx.AsyncBaseTransport:
    """The transport for requests along ``route``.

    Raises:
        ImportError: a SOCKS proxy is named, and the package for it is not installed.
    """
    if route.proxy is not None and route.proxy.is_socks:
        return _over_httpcore(route)
    from .over_aiohttp import AiohttpTransport

    return AiohttpTransport(route)


def _over_httpcore(route: Route) -> httpx.AsyncBaseTransport:
    import httpx

    return httpx.AsyncHTTPTransport(
        verify=route.trust.context,
        trust_env=False,  # proxies and certificates of the environment are in `route`
        proxy=None if route.proxy is None else httpx.Proxy(route.proxy.url),
        limits=httpx.Limits(
            max_connections=CONNECTIONS,
            max_keepalive_connections=KEPT_BY_HTTPCORE,
            keepalive_expiry=KEPT_SECONDS,
        ),
    )
