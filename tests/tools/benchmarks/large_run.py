"""How late the polls of other watches are while a run of 5 MB arrives, is read and is rendered.

Twenty watches poll twice a second each, on the real loop, over the real client, a server in another
process. A poll is late by what passes between the moment it was due and the moment its watch wakes up.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from puffle_jupyter.background.loop import finished, poll_loop
from puffle_jupyter.client.client import AsyncPuffleClient
from puffle_jupyter.display.snapshot import snapshot_body, snapshot_fragment, static_text
from puffle_jupyter.display.subscription import subscribe
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchSnapshot
from tests.support.paths import ROOT as _ROOT

from . import agent_messages
from .figure import Figure
from .rendering import completed_run

OTHERS = 20
INTERVAL = 0.5
ALLOWED = 0.05
"""Seconds that a poll may be late."""


class Lateness:
    """A sleep for watches that remembers by how many seconds each was late."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        due = time.monotonic() + seconds
        await asyncio.sleep(seconds)
        self.seconds.append(time.monotonic() - due)


class Rendered:
    """A view that renders all a notebook shows and saves: the widget's body, the output's html and text."""

    def update(self, snapshot: WatchSnapshot) -> None:
        snapshot_body(snapshot)
        snapshot_fragment(snapshot, "00:00:00")
        static_text(snapshot, "")

    def tick(self, now: float) -> None:
        pass


def measure(quick: bool) -> list[Figure]:
    times = 2 if quick else 8
    with watched_server() as (client, lateness):
        figures = [_figure("with nothing arriving", _observed(lateness, lambda: time.sleep(1.0), times))]
        for kind in BODIES:
            late = _observed(lateness, partial(_arrive, client, kind), times)
            figures.append(_figure(f"with 5 MB arriving, {kind.replace('_', ' ')}", late))
    return figures


def _figure(name: str, late: list[float]) -> Figure:
    # Half the time another program has both processors: the median of the longest of each time.
    return Figure(f"longest delay of a poll, {name} / 50 ms", [seconds / ALLOWED for seconds in late], 1)


def _observed(lateness: Lateness, happen: object, times: int) -> list[float]:
    """The longest lateness of each of so many happenings."""
    found = []
    for _ in range(times):
        lateness.seconds.clear()
        happen()  # type: ignore[operator]
        time.sleep(2 * INTERVAL)
        found.append(max(lateness.seconds))
    return found


def _arrive(client: AsyncPuffleClient, kind: str) -> None:
    watch = watch_by_polling(f"run_{kind}", client, interval=INTERVAL)
    subscribe(watch, Rendered())
    watch.wait(30.0)


@contextmanager
def watched_server() -> Iterator[tuple[AsyncPuffleClient, Lateness]]:
    """The server, and the other watches polling it."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        assert process.stdout is not None
        client = AsyncPuffleClient(
            "pk_live_benchmark", f"http://127.0.0.1:{process.stdout.readline().strip()}"
        )
        lateness = Lateness()
        watches = [
            watch_by_polling(f"run_other{number}", client, interval=INTERVAL, sleep=lateness.sleep)
            for number in range(OTHERS)
        ]
        try:
            time.sleep(10 * INTERVAL)  # connections, imports
            yield client, lateness
        finally:
            for watch in watches:
                watch.stop()
            finished(poll_loop.submit(client.aclose()), 5.0)
            process.terminate()


def _many_messages() -> bytes:
    return completed_run(2000)


def _one_answer() -> bytes:
    answer = "\n".join(agent_messages.ordinary(4500))
    return json.dumps({"runId": "run_large", "status": "completed", "text": answer}).encode()


def _long_messages() -> bytes:
    told = [{"role": "assistant", "content": "\n".join(agent_messages.ordinary(400, at))} for at in range(12)]
    return json.dumps({"runId": "run_large", "status": "completed", "text": "", "messages": told}).encode()


def _large_results() -> bytes:
    leads = [{"name": f"Lead {n}", "score": n, "about": "Series A & fintech " * 20} for n in range(6000)]
    calls = [{"toolName": "search_leads", "args": {"page": at}, "result": leads} for at in range(2)]
    return json.dumps({"runId": "run_large", "status": "completed", "text": "", "toolCalls": calls}).encode()


BODIES = {
    "many_messages": _many_messages,
    "one_answer": _one_answer,
    "long_messages": _long_messages,
    "large_results": _large_results,
}


def main() -> None:
    """Serve: ``run_KIND`` is completed at once, any other run is running."""
    bodies = {kind: make().replace(b"run_large", f"run_{kind}".encode(), 1) for kind, make in BODIES.items()}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return writer.close()
            run_id = head.split(b" ")[1].rpartition(b"/")[2].decode()
            running = json.dumps({"runId": run_id, "status": "running"}).encode()
            body = bodies.get(run_id.removeprefix("run_"), running)
            length = f"content-length: {len(body)}\r\n\r\n".encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + length + body)
            await writer.drain()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
