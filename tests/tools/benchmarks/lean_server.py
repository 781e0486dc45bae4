"""A Puffle that answers as fast as Python can, over https, in a process of its own: ``running``, for ever."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .puffle import certificates_in

_ANSWER = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    '{{"runId":"{run_id}","status":"running"}}'
)


class _Connection(asyncio.Protocol):
    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            run_id = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            length = len(run_id) + len('{"runId":"","status":"running"}')
            answer = _ANSWER.format(length=length, run_id=run_id).encode()
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def serve(certificate: str, latency: float) -> None:
    """Serve until the process is ended; the port is the first line of the output."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(latency), "127.0.0.1", 0, ssl=context, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def lean_server(latency: float = 0.0) -> Iterator[tuple[str, str]]:
    """Start it; its address, and the file of the authorities that vouch for it.

    Args:
        latency: seconds until each answer.
    """
    with certificates_in() as (certificate, authorities):
        command = [sys.executable, "-m", __name__, str(certificate), str(latency)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield f"https://127.0.0.1:{process.stdout.readline().strip()}", str(authorities)
            finally:
                process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2])))
