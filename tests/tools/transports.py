"""The transports that are compared: what this package uses, and what it could use."""

from __future__ import annotations

import ssl

import httpx

NAMES = ("default", "httpx", "httpx-aiohttp")


def transport_named(name: str, context: ssl.SSLContext) -> httpx.AsyncBaseTransport | None:
    """A transport of httpx's API; None for the one that the package uses by itself."""
    if name == "default":
        return None
    if name == "httpx":
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=60)
        return httpx.AsyncHTTPTransport(verify=context, limits=limits)
    if name == "httpx-aiohttp":
        from httpx_aiohttp import AiohttpTransport

        return AiohttpTransport(verify=context, limits=httpx.Limits(max_connections=100, keepalive_expiry=60))
    raise ValueError(f"no transport is called {name!r}; there are {', '.join(NAMES)}")
