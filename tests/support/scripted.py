"""Fakes at the wire, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from puffle_jupyter import AsyncPuffleClient

KEY = "pk_live_0123456789abcdef"
Step = tuple[int, Any] | tuple[int, Any, dict[str, str]] | Exception


class ScriptedClock:
    """A clock that stands still until `sleep` is awaited."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class ScriptedPuffle:
    """Answers each request with the next step of a script; the last step is repeated."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        step = self.steps[min(len(self.requests), len(self.steps) - 1)]
        self.requests.append(request)
        self.keys = request.headers.get("authorization")
        if isinstance(step, Exception):
            raise step
        code, body, *headers = step
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(code, stream=httpx.ByteStream(content), headers=headers[0] if headers else None)

    def client(self, **options: Any) -> AsyncPuffleClient:
        return client_for(self, **options)


def client_for(handler: Callable[[httpx.Request], httpx.Response], **options: Any) -> AsyncPuffleClient:
    return AsyncPuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(handler), **options)


def told(status: str, run_id: str = "run_a", **more: Any) -> tuple[int, dict[str, Any]]:
    """A 200 answer."""
    return 200, {"runId": run_id, "status": status, **more}


def story(*statuses: str, run_id: str = "run_a") -> Iterable[tuple[int, dict[str, Any]]]:
    return [told(status, run_id) for status in statuses]


class SteppedClock:
    """A clock that moves when it is told to; whoever sleeps meanwhile wakes when their time has come."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeping: dict[asyncio.Future[None], float] = {}

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        asleep: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleeping[asleep] = self.now + seconds
        try:
            await asleep
        finally:
            del self.sleeping[asleep]

    async def move(self, seconds: float, *, at_once: bool = False) -> None:
        """Let time pass, sleeper by sleeper; ``at_once`` as a machine that was asleep itself sees it."""
        end = self.now + seconds
        if at_once:
            self.now = end
        await settled()
        while self.sleeping and (first := min(self.sleeping.values())) <= end:
            self.now = max(self.now, first)
            for asleep, until in self.sleeping.items():
                if until <= self.now and not asleep.done():
                    asleep.set_result(None)
            await settled()
        self.now = max(self.now, end)


async def settled() -> None:
    """Let every task of this loop run until it waits for time: no scripted answer takes more turns."""
    for _ in range(60):
        await asyncio.sleep(0)
