"""The transports that are compared: what this package uses, and what it could use.

Programs and tests put one of them in place of the package's own at the seam, `client/transport.py`. All above
it is the same: deadlines, body limits, errors, retries.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from datetime import timedelta

import httpx

from puffle_jupyter.client import connections, transport
from puffle_jupyter.client.failures import Route
from puffle_jupyter.client.pool import CONNECTIONS, KEPT_BY_HTTPCORE, KEPT_SECONDS

VARIABLE = "PUFFLE_TEST_TRANSPORT"
"""Names the transport for processes that are started, and for the tests (`tests/conftest.py`)."""

_OWN = transport.transport_for


def _stock(route: Route) -> httpx.AsyncBaseTransport:
    """httpx's own."""
    limits = httpx.Limits(
        max_connections=CONNECTIONS,
        max_keepalive_connections=KEPT_BY_HTTPCORE,
        keepalive_expiry=KEPT_SECONDS,
    )
    proxy = None if route.proxy is None else httpx.Proxy(route.proxy.url)
    return httpx.AsyncHTTPTransport(verify=route.trust.context, trust_env=False, proxy=proxy, limits=limits)


def _bare_aiohttp(route: Route) -> httpx.AsyncBaseTransport:
    """httpx-aiohttp as it is installed, without what `client/over_aiohttp.py` mends."""
    from httpx_aiohttp import AiohttpTransport

    limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_SECONDS)
    proxy = None if route.proxy is None else httpx.Proxy(route.proxy.url)
    return AiohttpTransport(verify=route.trust.context, proxy=proxy, limits=limits)


def _pyreqwest(route: Route) -> httpx.AsyncBaseTransport:
    """pyreqwest's, set up as near to ours as it can be; its certificates are those of the route's context."""
    from pyreqwest.client import ClientBuilder  # type: ignore[import-not-found,unused-ignore]
    from pyreqwest.compatibility.httpx import HttpxTransport  # type: ignore[import-not-found,unused-ignore]
    from pyreqwest.proxy import ProxyBuilder  # type: ignore[import-not-found,unused-ignore]

    builder = (
        ClientBuilder()
        .http1_only()
        .max_connections(CONNECTIONS)
        .pool_idle_timeout(timedelta(seconds=KEPT_SECONDS))
        .connect_timeout(timedelta(seconds=route.connect_seconds))
        .follow_redirects(False)
        .referer(False)
        .default_cookie_store(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
    )
    for certificate in route.trust.context.get_ca_certs(binary_form=True):
        builder = builder.add_root_certificate_der(certificate)
    proxy = route.proxy
    builder = builder.no_proxy() if proxy is None else builder.proxy(ProxyBuilder.all(proxy.url))
    return HttpxTransport(builder.build())


_BUILDERS: dict[str, Callable[[Route], httpx.AsyncBaseTransport]] = {
    "default": _OWN,
    "httpx": _stock,
    "httpx-aiohttp": _bare_aiohttp,
    "pyreqwest": _pyreqwest,
}
NAMES = tuple(_BUILDERS)


def use_transport(name: str) -> None:
    """Send every request of this process, and of those it starts with `from_environment`, over it.

    Raises:
        ValueError: there is no transport of that name.
        ImportError: its package is not installed.
    """
    if name not in _BUILDERS:
        raise ValueError(f"no transport is called {name!r}; there are {', '.join(NAMES)}")
    if name == "pyreqwest":
        importlib.import_module("pyreqwest")  # missing now, and not at the first request
    setattr(connections, "transport_for", _BUILDERS[name])  # noqa: B010
    os.environ[VARIABLE] = name


def from_environment() -> None:
    """Use the transport that `VARIABLE` names; none changes nothing."""
    if name := os.environ.get(VARIABLE):
        use_transport(name)
