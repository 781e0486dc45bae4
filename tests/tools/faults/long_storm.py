"""Three hundred watches, and for half a minute Puffle answers nobody but with 429: in real time.

Puffle tells whoever asks when to come back. Judged is what it sees: who came earlier than told, how many
requests came during the storm, and how soon all polls came again after it.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field

from puffle_jupyter import RunWatch
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.schedule import Schedule

from .exchange import Exchange, body
from .figure import Figure, Size
from .runs import client_for
from .server import sockets_closed

WATCHES = 300
INTERVAL = 1.5
TOLD = 5.0
MOST_DURING = 0.05
"""Of the requests that would have come without the storm."""

FULL_RATE = 0.95
RECOVERED_AFTER = 3
"""Intervals after the time that Puffle named last."""

_ON_THE_WAY = 0.25
"""Seconds after which another watch's 429 is known to all: what was sent before may still arrive."""


@dataclass
class Weather:
    """Answers every request, during the storm with 429; and keeps what came when.

    Attributes:
        begins, ends: the storm, in seconds of the monotonic clock.
        came: the times of all requests.
        told: until when nobody is to come, by the time it was said.
        early: requests of a run before the time that it was told, or that anybody was told long enough ago.
    """

    begins: float
    ends: float
    came: list[float] = field(default_factory=list)
    told: dict[float, float] = field(default_factory=dict)
    early: int = 0
    _told_runs: dict[str, float] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                run_id = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
                await self._answer(Exchange(run_id, "completed", reader, writer, request))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def during(self) -> int:
        """Requests while the storm went on."""
        return sum(self.begins <= came < self.ends for came in self.came)

    def between(self, begin: float, end: float) -> int:
        """Requests within so many seconds."""
        return sum(begin <= came < end for came in self.came)

    async def _answer(self, exchange: Exchange) -> None:
        now = time.monotonic()
        self.came.append(now)
        everybody = max((until for at, until in self.told.items() if at + _ON_THE_WAY < now), default=0.0)
        self.early += now < max(everybody, self._told_runs.get(exchange.run_id, 0.0))
        if self.begins <= now < self.ends:
            self.told[now] = self._told_runs[exchange.run_id] = now + TOLD
            await exchange.answer(b"{}", "429 Too Many Requests", {"Retry-After": f"{TOLD:g}"})
        else:
            await exchange.answer(body(exchange.run_id, "running"))


def measure(size: Size) -> list[Figure]:
    """Nothing at a size without this storm."""
    if not size.long_storm:
        return []
    weather = result_of(poll_loop.submit(_weather(size.long_storm)))
    normal = size.long_storm * WATCHES / INTERVAL
    during = weather.during() / normal
    again = max(weather.told.values(), default=0.0) + RECOVERED_AFTER * INTERVAL
    rate = weather.between(again, again + 2 * INTERVAL) / (2 * WATCHES)
    what = f"429 for {WATCHES} watches for {size.long_storm:g} s, told {TOLD:g} s"
    return [
        Figure(
            f"{what}: requests earlier than told",
            f"{weather.early} of {len(weather.came)}",
            "0",
            bool(weather.told) and not weather.early,
        ),
        Figure(
            f"{what}: requests during it",
            f"{weather.during()}, {during:.1%} of normal",
            f"<= {MOST_DURING:.0%}",
            0 < during <= MOST_DURING,
        ),
        Figure(
            f"{what}: polls after {RECOVERED_AFTER} intervals",
            f"{rate:.0%} of the full rate",
            f">= {FULL_RATE:.0%}",
            rate >= FULL_RATE,
        ),
    ]


async def _weather(storm: float) -> Weather:
    begins = time.monotonic() + 4 * INTERVAL
    weather = Weather(begins, begins + storm)
    server = await asyncio.start_server(weather.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    schedule = Schedule(time.monotonic, asyncio.sleep)
    async with client_for(f"http://{host}:{port}", ssl.create_default_context(), 10.0) as client:
        watches = [
            watch_by_polling(f"run_{number}", client, interval=INTERVAL, schedule=schedule)
            for number in range(WATCHES)
        ]
        try:
            await asyncio.sleep(weather.ends + TOLD + (RECOVERED_AFTER + 3) * INTERVAL - time.monotonic())
        finally:
            await _stopped(watches)
    server.close()
    await sockets_closed()
    return weather


async def _stopped(watches: list[RunWatch]) -> None:
    for watch in watches:
        watch.stop()
    while any(not watch.done for watch in watches):
        await asyncio.sleep(0.01)
