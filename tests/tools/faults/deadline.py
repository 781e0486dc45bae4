"""How long an exchange takes that would take for ever."""

from __future__ import annotations

import asyncio
import ssl
import time

from puffle_jupyter import ConnectionFailed
from puffle_jupyter.background.loop import poll_loop, result_of

from .body_kinds import BODY_KINDS
from .connection_kinds import CONNECTION_KINDS
from .exchange import Kind
from .figure import Figure, Size
from .plans import Plan
from .runs import client_for
from .server import FaultyPuffle

DEADLINE = 0.5
MARGIN = 0.2
SLOW_KINDS = [kind for kind in (*CONNECTION_KINDS, *BODY_KINDS) if kind.is_slow]


def measure(size: Size) -> list[Figure]:
    rounds = [result_of(poll_loop.submit(_round())) for _ in range(size.rounds)]
    worst, name = max(one for round in rounds for one in round)
    return [
        Figure(
            f"deadline of {DEADLINE:g} s, {len(SLOW_KINDS)} hangs and drips x {size.rounds}: back after",
            f"{worst:.3f} s at worst ({name})",
            f"<= {DEADLINE + MARGIN:g} s",
            DEADLINE * 0.9 <= worst <= DEADLINE + MARGIN,
        )
    ]


async def _round() -> list[tuple[float, str]]:
    """All kinds at once, each with its own server and client: the seconds until an answer was given up."""
    tls = ssl.create_default_context()
    return list(await asyncio.gather(*(give_up(kind, tls) for kind in SLOW_KINDS)))


async def give_up(kind: Kind, tls: ssl.SSLContext | None = None) -> tuple[float, str]:
    """The seconds until an exchange was given up that would never end."""
    plan = Plan("run_slow", (kind,), "completed")
    async with FaultyPuffle(plan) as puffle, client_for(puffle.base_url, tls, DEADLINE) as client:
        started = time.monotonic()
        try:
            await client.get_run("run_slow")
        except ConnectionFailed:
            return time.monotonic() - started, kind.name
        raise AssertionError(f"{kind.name} was answered")
