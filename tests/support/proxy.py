"""Servers over real sockets: a proxy that keeps every byte it is sent, and a Puffle that answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from typing import Any


class Server:
    """A server on a port of its own, on the event loop it is started on.

    Attributes:
        received: every byte that clients sent, connection by connection.
    """

    def __init__(self, host: str = "127.0.0.1", certificate: ssl.SSLContext | None = None) -> None:
        self.received: list[bytes] = []
        self._host = host
        self._certificate = certificate
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Any:
        self._listener = await asyncio.start_server(self._accept, self._host, 0, ssl=self._certificate)
        self.port: int = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self.serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class AnsweringPuffle(Server):
    """Says that every run is running; ``headers`` go with each answer."""

    headers = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            self.received.append(head)
            run_id = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            body = json.dumps({"runId": run_id, "status": "running"})
            answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{self.headers}\r\n{body}"
            writer.write(answer.encode())


class RecordingProxy(Server):
    """An HTTP proxy: answers CONNECT with a tunnel to ``target``, and anything else with 502."""

    def __init__(self, target: int = 0, answer: bytes = b"") -> None:
        super().__init__()
        self._target = target
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.received.append(head)
        if not head.startswith(b"CONNECT ") or not self._target:
            writer.write(self._answer or b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        returning = asyncio.ensure_future(self._pump(there, writer))
        try:
            while data := await reader.read(65536):
                self.received.append(data)
                back.write(data)
        finally:
            returning.cancel()
            back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
