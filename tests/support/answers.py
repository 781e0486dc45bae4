"""Streamed answers whose events come when a test says so."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from puffle_jupyter import RunWatch
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.errors import PuffleError
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.watching.approvals import Decision
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from puffle_jupyter.watching.streaming import StreamSource
from tests.support.scripted import ScriptedPuffle, told

FINISH = {"type": "finish"}
PAUSED: list[dict[str, Any]] = [
    {"type": "start", "messageId": "msg-1"},
    {"type": "start-step"},
    {"type": "tool-input-available", "toolCallId": "call_1", "toolName": "remove_rows", "input": {"rows": 3}},
    {"type": "tool-approval-request", "approvalId": "ap_1", "toolCallId": "call_1"},
    {"type": "tool-input-available", "toolCallId": "call_2", "toolName": "send_campaign", "input": {"id": 7}},
    {"type": "tool-approval-request", "approvalId": "ap_2", "toolCallId": "call_2"},
    {"type": "finish-step"},
    FINISH,
]
"""A message whose two calls wait for approval."""


def text(words: str, id: str = "0") -> list[dict[str, Any]]:
    """A whole text."""
    return [
        {"type": "text-start", "id": id},
        {"type": "text-delta", "id": id, "delta": words},
        {"type": "text-end", "id": id},
    ]


class Stream:
    """An answer whose events come when the test says so; used on one loop."""

    def __init__(self, *events: Any) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.closed = 0
        self.send(*events)

    def send(self, *events: Any) -> None:
        """Let events come; an exception is raised in place of one, None ends the stream."""
        for event in events:
            self.queue.put_nowait(event)

    async def read(self, take: Callable[[str], object]) -> None:
        """Give the events that come to ``take``, up to the end."""
        while (event := await self.queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            take(event if isinstance(event, str) else json.dumps(event))

    async def aclose(self) -> None:
        """Count it."""
        self.closed += 1


class StreamedWatch:
    """A watch of ``streams``, one after the other, on the poll thread, and the decisions that were sent."""

    def __init__(self, *streams: Stream | PuffleError) -> None:
        self.streams = list(streams)
        self.sent: list[tuple[JsonValue, Decision]] = []
        self.first = self.streams.pop(0)
        assert isinstance(self.first, Stream)
        snapshot = WatchSnapshot(
            "stream_1",
            WatchPhase.WATCHING,
            RunStatus.RUNNING,
            "running",
            started_at=time.monotonic(),
            is_stream=True,
        )
        source = StreamSource(snapshot, self.first, self.go_on, time.monotonic, asyncio.sleep)
        self.watch = RunWatch(snapshot, source, ScriptedPuffle(told("running")).client())

    async def go_on(self, message: JsonValue, decision: Decision) -> Stream:
        """Take a decision as Puffle would."""
        self.sent.append((message, decision))
        stream = self.streams.pop(0)
        if isinstance(stream, PuffleError):
            raise stream
        return stream

    def send(self, *events: Any) -> None:
        """Let events of the first stream come."""
        assert isinstance(self.first, Stream)
        poll_loop.call_soon(self.first.send, *events)

    def until(self, holds: Callable[[WatchSnapshot], bool]) -> WatchSnapshot:
        """Wait for a snapshot for which ``holds`` is true."""
        seen = threading.Event()

        def observe(snapshot: WatchSnapshot) -> None:
            if holds(snapshot):
                seen.set()

        self.watch.observe(observe)
        observe(self.watch.snapshot)
        assert seen.wait(30), self.watch.snapshot
        self.watch.unobserve(observe)
        return self.watch.snapshot

    def end(self) -> None:
        """Stop the watch, and wait for its end."""
        self.watch.stop()
        self.until(lambda snapshot: snapshot.phase.is_final)
