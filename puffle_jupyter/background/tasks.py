"""Waiting for tasks of one loop, and ending them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

_CANCEL_SECONDS = 0.05


async def first_of(*awaited: Awaitable[object]) -> None:
    """Wait until one of ``awaited`` is done; what was made for the wait alone is cancelled."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task, given in zip(tasks, awaited, strict=True):
            if task is not given:
                task.cancel()


async def end(task: asyncio.Future[Any]) -> None:
    """Cancel ``task`` until it is done: a library may swallow a cancellation. What it raises is ignored."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_CANCEL_SECONDS)
    if not task.cancelled():
        task.exception()  # looked at: nobody is left to be told
