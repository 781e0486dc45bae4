"""What a bomb costs: the peak of a process of its own, which asks for one."""

from __future__ import annotations

import asyncio
import functools
import gzip
import resource
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from puffle_jupyter import AsyncPuffleClient, PuffleError
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.client.options import DEFAULT_BODY_LIMIT
from tests.support.paths import ROOT
from tests.tools.transports import from_environment

from .body_kinds import GZIP, announced_as_huge, endless_after_gzip, endless_body
from .connection_kinds import endless_early_hints, endless_headers
from .exchange import Exchange, Kind
from .figure import Figure, Size
from .plans import RUNNING, Plan
from .runs import KEY
from .server import FaultyPuffle

RUN_ID = "run_bomb"
MEGABYTE = 1024 * 1024
EXTRA = 16
"""Megabytes that a bomb may cost."""

_BOMB_MEGABYTES = 256


@functools.lru_cache
def bomb(times: int = 1) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(_BOMB_MEGABYTES)) + packer.flush()
    return packed if times == 1 else gzip.compress(packed)


async def gzip_bomb(exchange: Exchange) -> None:
    await exchange.answer(bomb(), headers=GZIP)


async def double_gzip_bomb(exchange: Exchange) -> None:
    await exchange.answer(bomb(2), headers={"Content-Encoding": "gzip, gzip"})


async def undeclared_double_gzip_bomb(exchange: Exchange) -> None:
    await exchange.answer(bomb(2), headers=GZIP)


BOMBS = [
    Kind("gzip bomb of 256 MB", gzip_bomb),
    Kind("double gzip bomb", double_gzip_bomb),
    Kind("double gzip bomb, declared once", undeclared_double_gzip_bomb),
    Kind("endless after gzip", endless_after_gzip),
    Kind("announced as a terabyte", announced_as_huge),
    Kind("endless headers", endless_headers),
    Kind("endless early hints", endless_early_hints),
]
ENDLESS = Kind("endless body", endless_body)


def measure(size: Size) -> list[Figure]:
    costs = [(extra_megabytes(kind), kind.name) for kind in BOMBS]
    worst, name = max(costs)
    limit = DEFAULT_BODY_LIMIT // MEGABYTE
    plain = extra_megabytes(ENDLESS)
    return [
        Figure(
            f"{len(BOMBS)} bombs, body limit {limit} MB: extra memory",
            f"{worst:.1f} MB at worst ({name})",
            f"<= {EXTRA} MB",
            worst <= EXTRA,
            [f"{kind}: {cost:.1f} MB" for cost, kind in costs if cost > EXTRA],
        ),
        # Nothing is packed here: until the limit it is a body like any other.
        Figure(
            "endless plain body: extra memory",
            f"{plain:.1f} MB, body limit {limit} MB",
            f"<= {limit + EXTRA} MB",
            plain <= limit + EXTRA,
        ),
    ]


def extra_megabytes(kind: Kind) -> float:
    """The peak of a process that asks for ``kind``, above what it held just before."""
    # Twice: on a kept connection that breaks off, a request is repeated.
    with _serving(Plan(RUN_ID, (RUNNING, kind, kind), "completed")) as base_url:
        done = subprocess.run(
            [sys.executable, "-m", __name__, base_url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=120,
            check=True,
        )
    return float(done.stdout) / MEGABYTE


@contextmanager
def _serving(plan: Plan) -> Iterator[str]:
    puffle = FaultyPuffle(plan)
    result_of(poll_loop.submit(puffle.__aenter__()))
    try:
        yield puffle.base_url
    finally:
        result_of(poll_loop.submit(puffle.__aexit__()))


async def _ask(base_url: str) -> int:
    """Bytes of the peak above what the process held before it asked."""
    async with AsyncPuffleClient(KEY, base_url, deadline=3.0) as client:
        await client.get_run(RUN_ID)
        before = psutil.Process().memory_info().rss
        try:
            await client.get_run(RUN_ID)
        except PuffleError:
            return _peak() - before
    raise AssertionError("the bomb was taken for an answer")


def _peak() -> int:
    """The most this process ever held: an upper bound of what it held since."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would tell the peak of the parent, which this was forked from
        (peak,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    from_environment()
    print(asyncio.run(_ask(sys.argv[1])))
