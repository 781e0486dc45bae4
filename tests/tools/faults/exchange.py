"""One request as the faulty server sees it, and the means to answer it well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

DRIP_SECONDS = 0.02
_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass
class Exchange:
    """A request, and the connection it came on.

    Attributes:
        run_id: the run that is asked about.
        end: the terminal status that this run will truly have.
        request: the head as it came; empty when nothing was read.
        elsewhere: the address of another server, which must never hear of the request.
        echoes: whether everything that is sent holds the key that came with the request.
        complete: whether a whole answer was sent, so that the connection may serve another request.
    """

    run_id: str
    end: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    request: bytes = b""
    elsewhere: str = "http://127.0.0.1:9"
    echoes: bool = False
    complete: bool = field(default=False, init=False)

    @property
    def truth(self) -> bytes:
        """What is true before the end: the run goes on."""
        return body(self.run_id, "running", **self._echo)

    @property
    def lie(self) -> bytes:
        """An end that never comes: whoever takes it for an answer shows a wrong status."""
        status = "failed" if self.end != "failed" else "completed"
        return body(self.run_id, status, text="a lie", **self._echo)

    @property
    def key(self) -> str:
        """The key that the request carried."""
        head = self.request.decode("latin-1")
        lines = [line for line in head.split("\r\n") if line.lower().startswith("authorization:")]
        return lines[0].rpartition(" ")[2] if lines else ""

    @property
    def _echo(self) -> dict[str, str]:
        return {"error": f"Bearer {self.key}"} if self.echoes else {}

    async def answer(
        self, content: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole answer; the connection is kept."""
        await self.send(message(content, status, headers))
        self.complete = True

    async def send(self, data: bytes) -> None:
        if self.echoes and data.startswith(b"HTTP/1.1"):
            data = data.replace(b"\r\n", f"\r\nX-Echo: Bearer {self.key}\r\n".encode(), 1)
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data: bytes) -> None:
        """A byte at a time, each in good time for a timeout that is per read."""
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(DRIP_SECONDS)
            if self.reader.at_eof():
                return

    async def pour(self, data: bytes) -> None:
        """The same data again and again, until nobody listens."""
        while not self.reader.at_eof() and not self.writer.is_closing():
            await self.send(data)
            await asyncio.sleep(0)

    async def hang(self) -> None:
        """Say nothing until the other side hangs up."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass

    async def reset(self) -> None:
        """RST instead of FIN, once what was sent has been read, or it would be thrown away."""
        await asyncio.sleep(0.002)
        raw = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.writer.transport.abort()


Act = Callable[[Exchange], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """One way to fail.

    Attributes:
        on_accept: a new connection is failed before a byte of the request is read.
        is_slow: it ends with the client's deadline only.
        is_refusal: nobody listens; `act` is never called.
        words: statuses, beyond the documented ones, that a badge may show because of it.
    """

    name: str
    act: Act
    on_accept: bool = False
    is_slow: bool = False
    is_refusal: bool = False
    words: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name


def body(run_id: str, status: str, **more: Any) -> bytes:
    """The body of an answer about a run."""
    return json.dumps({"runId": run_id, "status": status, **more}).encode()


def message(content: bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP/1.1 message; a header of ``headers`` replaces the one that would be sent."""
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    return head(status, lines) + content


def head(status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1")


def chunk(data: bytes) -> bytes:
    """``data`` as one chunk (RFC 9112, 7.1)."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
