"""Ending everything that was started in a kernel: what ``%unload_ext`` comes to."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from ..api.errors import PuffleError
from ..api.loop import callback_loop, poll_loop
from ..watching.registry import registry
from .blocking import configure_blocking
from .follow import view_loop
from .waiting import forget_waits

_ENDING_SECONDS = 2.0


def end_all(shell: Any) -> None:
    """Stop every watch, let its views show that, and end our threads and connections."""
    forget_waits(shell)
    configure_blocking("auto")
    watches = registry.live()
    registry.stop()
    deadline = time.monotonic() + _ENDING_SECONDS
    for watch in watches:
        with contextlib.suppress(PuffleError):
            watch.wait(max(0.0, deadline - time.monotonic()))
    view_loop.stop()
    callback_loop.stop()
    if not poll_loop.tasks():  # somebody's `PuffleClient` may be waiting for an answer
        poll_loop.stop()
