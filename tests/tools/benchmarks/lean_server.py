"""A Puffle that answers as fast as Python can, over https, in a process of its own: ``running``, for ever."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .answering import AnsweringConnection
from .puffle import certificates_in


def answer(run_id: str) -> bytes:
    """What Puffle says of a run, for ever."""
    return f'{{"runId":"{run_id}","status":"running"}}'.encode()


async def serve(certificate: str, latency: float) -> None:
    """Serve until the process is ended; the port is the first line of the output."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: AnsweringConnection(answer, latency), "127.0.0.1", 0, ssl=context, backlog=2000
    )
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
