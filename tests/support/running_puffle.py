"""A scripted Puffle for boards: every run goes on until it is told to end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import httpx

from puffle_jupyter import RunBoard
from puffle_jupyter.display.subscription import view_loop

from .scripted import client_for


class Puffle:
    """Every run is running until `end` is called for it."""

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.requests: list[str] = []
        self.client = client_for(self)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        run_id = request.url.path.rpartition("/")[2]
        self.requests.append(run_id)
        status = self.statuses.get(run_id, "running")
        if status == "missing":
            return _answer(401, {"error": "no"})
        answer: dict[str, Any] = {"runId": run_id, "status": status}
        if status == "completed":
            answer |= {"text": f"Answer of {run_id}"}
        return _answer(200, answer)

    def end(self, *run_ids: str, status: str = "completed") -> None:
        self.statuses |= dict.fromkeys(run_ids, status)

    def board(self, runs: Any, **options: Any) -> RunBoard:
        return RunBoard(runs, client=self.client, interval=0.1, **options)


def _answer(code: int, body: dict[str, Any]) -> httpx.Response:
    return httpx.Response(code, stream=httpx.ByteStream(json.dumps(body).encode()))


def on_view_thread() -> None:
    """Wait until the view thread has done what it was given."""
    done = threading.Event()
    view_loop.call_soon(done.set)
    assert done.wait(10)


def until(holds: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(2_000):
        if holds():
            return
        waiting.wait(0.005)
    raise AssertionError("it did not happen")
