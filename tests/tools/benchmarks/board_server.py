"""A Puffle whose thousand runs all change: each is queued, runs, and completes, one after the other.

Plain http on the loopback, in a process of its own: what a board sends is measured, and not what it polls.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .answering import AnsweringConnection

RUNS = 1_000
_QUEUED = 3.0
"""Seconds until the first run begins."""


def answer(run_id: str, status: str) -> bytes:
    """What Puffle says of a run."""
    body: dict[str, object] = {"runId": run_id, "status": status}
    if status == "completed":
        leads = [
            {"leadId": f"ld_{at}", "name": f"Tom Testfeld {at}", "company": "Zinszebra"} for at in range(20)
        ]
        call = {"type": "tool-call", "toolCallId": "c1", "toolName": "search_leads", "input": {"query": "x"}}
        output = {"type": "json", "value": {"leads": leads}}
        result = {"type": "tool-result", "toolCallId": "c1", "toolName": "search_leads", "output": output}
        body["text"] = f"**20** founders found by {run_id}\n\nAll of them are in your list."
        body["messages"] = [
            {"role": "user", "content": "Find founders"},
            {"role": "assistant", "content": [call]},
            {"role": "tool", "content": [result]},
        ]
    return json.dumps(body).encode()


class ChangingRuns:
    """The runs, from the first request on.

    Args:
        seconds: within which all of them complete, evenly.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began: float | None = None

    def answer(self, run_id: str) -> bytes:
        """What Puffle says of a run now."""
        return answer(run_id, self._status(run_id))

    def _status(self, run_id: str) -> str:
        self._began = self._began or time.monotonic()
        at = time.monotonic() - self._began - _QUEUED
        # Evenly over all pages of the board, not one page after the other.
        begins = self._seconds * (int(run_id.rpartition("_")[2]) * 617 % RUNS) / RUNS
        if at < begins / 2:
            return "queued"
        return "running" if at < begins else "completed"


async def serve(seconds: float) -> None:
    """Serve until the process is ended; the port is the first line of the output."""
    loop = asyncio.get_running_loop()
    runs = ChangingRuns(seconds)
    server = await loop.create_server(lambda: AnsweringConnection(runs.answer), "127.0.0.1", 0, backlog=2_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def board_server(seconds: float) -> Iterator[str]:
    """Start it; its address.

    Args:
        seconds: within which all runs complete, evenly.
    """
    command = [sys.executable, "-m", __name__, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
