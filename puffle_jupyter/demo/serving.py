"""uvicorn, made fit for a thread inside somebody's kernel: silent, and able to drop a connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol


class OpenConnections:
    """The connections of one server."""

    def __init__(self) -> None:
        self._transports: set[asyncio.Transport] = set()

    def add(self, transport: asyncio.Transport) -> None:
        """Note a connection that was opened."""
        self._transports.add(transport)

    def discard(self, transport: asyncio.Transport) -> None:
        """Forget a connection that was closed."""
        self._transports.discard(transport)

    def drop(self, peer: tuple[str, int]) -> None:
        """Close the connection of the client with this host and port at once, without an answer."""
        for transport in self._transports:
            if transport.get_extra_info("peername") == peer:
                transport.abort()

    async def drop_all(self) -> None:
        """Close every connection, and return when they are closed."""
        for transport in self._transports:
            transport.abort()
        while self._transports:
            await asyncio.sleep(0)


def make_server(app: Starlette, connections: OpenConnections, on_start: Callable[[], None]) -> uvicorn.Server:
    """A server for ``app`` that keeps ``connections`` and calls ``on_start`` once it listens."""

    class Protocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            # Without it an answer takes 40 ms more: asyncio sets it only where the listener's protocol is
            # spelled out, and headers and body are two writes (Nagle's algorithm, RFC 1122, 4.2.3.4).
            with contextlib.suppress(OSError):  # the client may be gone already
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            super().connection_made(transport)
            connections.add(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.discard(self.transport)
            super().connection_lost(exc)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_start()

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=0,
    )
    return Server(config)


async def serve(server: uvicorn.Server, listener: socket.socket, connections: OpenConnections) -> None:
    """Serve until ``server.should_exit``; then leave no connection open."""
    await server.serve([listener])
    await connections.drop_all()
