"""Fifty watches are told to come back later, all at once: when do they come? In real time."""

from __future__ import annotations

import asyncio
import random
import ssl
import time

from puffle_jupyter import RunWatch
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.watching.polled import watch_by_polling

from . import long_storm
from .exchange import Exchange, body, message
from .figure import Figure, Size
from .runs import client_for
from .server import sockets_closed

TOLD = 2.0
LEAST_SPREAD = 0.5


class StormyPuffle:
    """Tells every run once to come back after `TOLD` seconds, and then that it completed.

    Attributes:
        told_at, back_at: seconds of the monotonic clock, by the run's path.
    """

    def __init__(self) -> None:
        self.told_at: dict[bytes, float] = {}
        self.back_at: dict[bytes, float] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                path = request.split(b" ", 2)[1]
                run_id = path.rpartition(b"/")[2].decode()
                exchange = Exchange(run_id, "completed", reader, writer, request)
                if path in self.told_at:
                    self.back_at.setdefault(path, time.monotonic())
                    await exchange.answer(body(run_id, "completed", text="", messages=[], toolCalls=[]))
                else:
                    self.told_at[path] = time.monotonic()
                    limited = {"Retry-After": f"{TOLD:g}"}
                    await exchange.send(message(b"{}", "429 Too Many Requests", limited))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def delays(self) -> list[float]:
        """Seconds from being told to being back, by run."""
        return [self.back_at[path] - told for path, told in self.told_at.items() if path in self.back_at]


def measure(size: Size) -> list[Figure]:
    before = random.getstate()
    random.seed(size.storm)  # the watches' jitter
    delays = result_of(poll_loop.submit(_weather(size.storm)))
    random.setstate(before)
    earliest, spread = min(delays), max(delays) - min(delays)
    what = f"429 storm of {len(delays)} watches told {TOLD:g} s"
    complete = len(delays) == size.storm
    return [
        Figure(
            f"{what}: first one back after",
            f"{earliest:.3f} s",
            f">= {TOLD:g} s",
            complete and earliest >= TOLD,
        ),
        Figure(
            f"{what}: spread over",
            f"{spread:.3f} s, {spread / TOLD:.0%} of the delay",
            f">= {LEAST_SPREAD:.0%}",
            spread >= LEAST_SPREAD * TOLD,
        ),
        *long_storm.measure(size),
    ]


async def _weather(count: int) -> list[float]:
    puffle = StormyPuffle()
    server = await asyncio.start_server(puffle.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with client_for(f"http://{host}:{port}", ssl.create_default_context(), 10.0) as client:
        watches = [watch_by_polling(f"run_{number}", client, interval=0.5) for number in range(count)]
        for watch in watches:
            await asyncio.wait_for(_ended(watch), 30)
    server.close()
    await sockets_closed()
    return puffle.delays()


async def _ended(watch: RunWatch) -> None:
    await watch
