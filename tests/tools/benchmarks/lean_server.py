"""A Puffle that answers as fast as Python can, over https, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .answering import AnsweringConnection
from .puffle import certificates_in


def running(run_id: str) -> bytes:
    """A run that never ends."""
    return f'{{"runId":"{run_id}","status":"running"}}'.encode()


def completed(run_id: str) -> bytes:
    """A run that has ended: a question, a call with eight rows, an answer."""
    return _COMPLETED.replace(b"run_0", run_id.encode())


ANSWERS = {"running": running, "completed": completed}
_CALL = {"toolCallId": "call_1", "toolName": "search_leads"}
_ROWS = [{"leadId": f"ld_{row}", "name": f"Lead {row}", "about": "x " * 40} for row in range(8)]
_PARTS: list[tuple[str, object]] = [
    ("user", "Who leads sales at Kontovogel?"),
    ("assistant", [{"type": "tool-call", **_CALL, "input": {"company": "Kontovogel"}}]),
    ("tool", [{"type": "tool-result", **_CALL, "output": {"type": "json", "value": _ROWS}}]),
    ("assistant", "Anna Berger leads sales at Kontovogel. " * 4),
]
_COMPLETED = json.dumps(
    {
        "runId": "run_0",
        "status": "completed",
        "text": _PARTS[-1][1],
        "messages": [{"role": role, "content": content} for role, content in _PARTS],
    }
).encode()


async def serve(certificate: str, latency: float, answer: str) -> None:
    """Serve until the process is ended; the port is the first line of the output."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: AnsweringConnection(ANSWERS[answer], latency), "127.0.0.1", 0, ssl=context, backlog=2000
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def lean_server(latency: float = 0.0, answer: str = "running") -> Iterator[tuple[str, str]]:
    """Start it; its address, and the file of the authorities that vouch for it.

    Args:
        latency: seconds until each answer.
        answer: which of `ANSWERS` it gives.
    """
    with certificates_in() as (certificate, authorities):
        command = [sys.executable, "-m", __name__, str(certificate), str(latency), answer]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield f"https://127.0.0.1:{process.stdout.readline().strip()}", str(authorities)
            finally:
                process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
