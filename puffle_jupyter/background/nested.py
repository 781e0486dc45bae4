"""Waiting while the caller's own event loop keeps turning: the one place nest_asyncio is used."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from ..errors import InvalidSetting
from .future import Outcome


def wait_nested(outcome: Outcome[Any], timeout: float | None, check: Callable[[], object] = bool) -> None:
    """Run the current event loop until ``outcome`` is done or ``timeout`` seconds passed.

    Without a running loop there is nothing to keep turning, and the wait is an ordinary one.

    Raises:
        InvalidSetting: Python 3.14, where nest_asyncio breaks httpx, or a loop it cannot patch.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        outcome.wait(timeout, check)
        return
    _allow_nesting(loop)
    waiting = loop.create_task(_until_done(outcome, timeout, check))
    try:
        loop.run_until_complete(waiting)
    finally:
        waiting.cancel()


def check_nesting() -> None:
    """Refuse where a nested wait cannot work: Python 3.14.

    Raises:
        InvalidSetting
    """
    if sys.version_info >= (3, 14):
        raise InvalidSetting(
            "nested waiting does not work on Python 3.14, where nest_asyncio breaks httpx: "
            "use `await watch` instead, which keeps the event loop turning too."
        )


def _allow_nesting(loop: asyncio.AbstractEventLoop) -> None:
    check_nesting()
    import nest_asyncio  # type: ignore[import-untyped,unused-ignore]

    try:
        nest_asyncio.apply(loop)
    except ValueError:
        kind = type(loop).__name__
        raise InvalidSetting(
            f"nested waiting does not work on the event loop {kind}, which nest_asyncio cannot patch: "
            "use `await watch` instead."
        ) from None


async def _until_done(outcome: Outcome[Any], timeout: float | None, check: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    deadline = None if timeout is None else loop.time() + timeout
    while not outcome.done and (deadline is None or loop.time() < deadline):
        await asyncio.sleep(0.05)
        check()
