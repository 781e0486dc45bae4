"""A Puffle that follows a plan: faults and true answers, one a request, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from .exchange import Exchange, Kind
from .plans import Plan, tell_the_end


class FaultyPuffle:
    """Serves one run on a port of its own, on the event loop it is started on.

    Attributes:
        requests: how many requests took a step of the plan, refused ones not counted.
    """

    def __init__(self, plan: Plan, elsewhere: str = "http://127.0.0.1:9", *, echoes: bool = False) -> None:
        self.requests = 0
        self._plan = plan
        self._elsewhere = elsewhere
        self._echoes = echoes
        self._step = 0
        self._refused = False
        # Bound and never listening: it keeps the port while nobody listens.
        self._port_keeper = socket.socket()
        self._listener: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        return "http://{}:{}".format(*self._port_keeper.getsockname())

    async def __aenter__(self) -> FaultyPuffle:
        self._port_keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._port_keeper.bind(("127.0.0.1", 0))
        await self.between_polls()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hang_up()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await sockets_closed()
        self._port_keeper.close()

    async def between_polls(self) -> None:
        """To be called while no poll is under way: the next one may have to find nobody listening."""
        if self._refused:
            self._step += 1
        step = self._next()
        self._refused = step is not None and step.is_refusal
        if self._refused:
            self._hang_up()
        elif self._listener is None:
            host, port = self._port_keeper.getsockname()
            self._listener = await asyncio.start_server(self._accept, host, port, reuse_port=True)

    def _next(self) -> Kind | None:
        return self._plan.steps[self._step] if self._step < len(self._plan.steps) else None

    def _hang_up(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._handlers.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        step = self._next()
        unread = step is not None and step.on_accept
        while True:
            request = b"" if unread else await reader.readuntil(b"\r\n\r\n")
            unread = False
            exchange = Exchange(
                self._plan.run_id, self._plan.end, reader, writer, request, self._elsewhere, self._echoes
            )
            step = self._next()
            self.requests += 1
            self._step += 1
            await (step.act if step is not None else tell_the_end)(exchange)
            if not exchange.complete:
                return


async def sockets_closed() -> None:
    """Let the event loop close what was told to: it does so a turn later, and may be about to end."""
    for _ in range(3):
        await asyncio.sleep(0)


class CountingServer:
    """Another host: it answers nothing and counts who comes."""

    def __init__(self) -> None:
        self.visits = 0

    async def __aenter__(self) -> CountingServer:
        self._server = await asyncio.start_server(self._count, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await sockets_closed()

    @property
    def base_url(self) -> str:
        return "http://{}:{}".format(*self._server.sockets[0].getsockname())

    async def _count(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()
