"""401 and 403: one request, and the message at once, whatever becomes of the words that go with it."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import time
from collections.abc import Awaitable, Callable

from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot

from .connection_kinds import CHUNKED
from .exchange import Exchange, Kind, chunk, head, message
from .figure import Figure, Size
from .plans import Plan
from .runs import client_for
from .server import FaultyPuffle

WITHIN = 1.0
CODES = ("401 Unauthorized", "403 Forbidden")
Shape = Callable[[Exchange, str], Awaitable[None]]


async def in_words(exchange: Exchange, code: str) -> None:
    await exchange.answer(b'{"error": {"code": "unauthorized", "message": "No."}}', code)


async def cut_off(exchange: Exchange, code: str) -> None:
    await exchange.send(message(b'{"error": "No."}', code)[:-5])


async def hanging(exchange: Exchange, code: str) -> None:
    await exchange.send(message(b'{"error": "No."}', code)[:-5])
    await exchange.hang()


async def endless(exchange: Exchange, code: str) -> None:
    await exchange.send(head(code, CHUNKED))
    await exchange.pour(chunk(b" " * 65536))


async def foreign(exchange: Exchange, code: str) -> None:
    await exchange.answer(b"\x1b\x00", code, {"Content-Encoding": "br"})


async def bomb(exchange: Exchange, code: str) -> None:
    await exchange.answer(gzip.compress(b" " * 8_000_000), code, {"Content-Encoding": "gzip"})


SHAPES: tuple[Shape, ...] = (in_words, cut_off, hanging, endless, foreign, bomb)


def refused(shape: Shape, code: str) -> Kind:
    async def act(exchange: Exchange) -> None:
        await shape(exchange, code)

    return Kind(f"{code}, {shape.__name__}", act)


def measure(size: Size) -> list[Figure]:
    seen = [result_of(poll_loop.submit(_refused(refused(shape, code)))) for code in CODES for shape in SHAPES]
    requests, (worst, name) = max(count for count, _, _ in seen), max((took, name) for _, took, name in seen)
    what = f"401 and 403, {len(SHAPES)} shapes of body each"
    return [
        Figure(f"{what}: requests", f"{requests} at most", "1", requests == 1),
        Figure(
            f"{what}: message after", f"{worst:.3f} s at worst ({name})", f"<= {WITHIN:g} s", worst <= WITHIN
        ),
    ]


async def _refused(kind: Kind) -> tuple[int, float, str]:
    """Requests sent, seconds until the watch said why it ended, and the kind."""
    plan = Plan("run_refused", (kind, kind, kind), "completed")
    tls = ssl.create_default_context()
    async with FaultyPuffle(plan) as puffle, client_for(puffle.base_url, tls, 10.0) as client:
        said = asyncio.Event()

        def observe(snapshot: WatchSnapshot) -> None:
            if snapshot.phase is WatchPhase.REFUSED and snapshot.error:
                said.set()

        started = time.monotonic()
        watch = watch_by_polling("run_refused", client, interval=0.1)
        watch.observe(observe)
        await asyncio.wait_for(said.wait(), 30)
        took = time.monotonic() - started
        await asyncio.sleep(0.2)
        return puffle.requests, took, kind.name
