"""The server side of a connection of the lean servers: each request for a run is answered at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class AnsweringConnection(asyncio.Protocol):
    """Answers requests for runs, however they arrive.

    Args:
        answer: the JSON for a run id.
        latency: seconds until each answer.
    """

    def __init__(self, answer: Callable[[str], bytes], latency: float = 0.0) -> None:
        self._answer = answer
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            body = self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2].decode())
            start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            whole = start % len(body) + body
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._write, whole)
            else:
                self._write(whole)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)
