"""A wire between a client and a server that can be cut: at once, before the next request, or behind it."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from urllib.parse import urlsplit

from .server import sockets_closed


class Cut(enum.Enum):
    """When a wire is cut."""

    NOW = "every connection, now"
    BEFORE = "the next request does not arrive"
    BEHIND = "the next request arrives, and its answer does not"


class Wire:
    """Forwards connections to a server; used on the loop that it is started on.

    Args:
        address: the server's.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._server = parts.hostname, parts.port
        self._cut: Cut | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Begin to forward; the address."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return "http://{}:{}".format(*self._listener.sockets[0].getsockname())

    async def close(self) -> None:
        """Cut every connection, and take no more."""
        self._listener.close()
        self._cut_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await sockets_closed()

    def cut(self, how: Cut | None) -> None:
        """Cut the wire now, or when the next request comes; None keeps it whole again."""
        self._cut = how
        if how is Cut.NOW:
            self._cut = None
            self._cut_all()

    def _cut_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError):
                from_server, to_server = await asyncio.open_connection(*self._server)
                self._writers |= {writer, to_server}
                try:
                    await asyncio.gather(
                        self._requests(reader, to_server, writer), self._answers(from_server, writer)
                    )
                finally:
                    self._writers -= {writer, to_server}
                    to_server.close()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _requests(
        self, reader: asyncio.StreamReader, to_server: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            if self._cut is Cut.BEFORE:
                self._cut = None
                client.transport.abort()
                break
            to_server.write(data)
            await to_server.drain()
        to_server.close()

    async def _answers(self, from_server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await from_server.read(65536):
            if self._cut is Cut.BEHIND:
                self._cut = None
                writer.transport.abort()
                return
            writer.write(data)
            await writer.drain()
        writer.close()
