"""A server in a process of its own that streams a text, so many chunks a second."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

KEY = "pk_live_0123456789abcdef"
RATE = 10_000
"""Chunks a second."""

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_BEGIN = b'data: {"type":"text-start","id":"0"}\n\n'
_END = b'data: {"type":"text-end","id":"0"}\n\ndata: {"type":"finish"}\n\ndata: [DONE]\n\n'


@contextmanager
def streaming_server(chunks: int, rate: int = RATE) -> Iterator[str]:
    """The address of a server that sends so many chunks, ``rate`` of them a second, to whoever asks."""
    command = [sys.executable, "-m", __name__, str(chunks), str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


async def _serve(chunks: int, rate: int) -> None:
    """Serve until the process is ended; the port is the first line."""
    burst = max(1, rate // 100)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # whoever asked has heard enough
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_HEAD + _BEGIN)
            began = time.perf_counter()
            for first in range(0, chunks, burst):
                writer.write(b"".join(map(_delta, range(first, first + burst))))
                await writer.drain()
                due = began + (first + burst) / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(_END)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _delta(number: int) -> bytes:
    return b'data: {"type":"text-delta","id":"0","delta":"word %d of it "}\n\n' % number


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
