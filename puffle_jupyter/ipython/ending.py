"""Ending everything that was started in a kernel: what ``%unload_ext`` comes to."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Any

from ..asking.starter import stop_starting
from ..background.loop import callback_loop, poll_loop
from ..display.subscription import view_loop
from ..display.waiting import forget_waits
from ..errors import PuffleError
from ..settings import current_settings
from ..watching.registry import registry

_ENDING_SECONDS = 2.0


def end_all(shell: Any) -> None:
    """Stop every watch, let its views show that, and end our threads, connections and widgets.

    A widget that the user made is left: it is the user's to close.
    """
    forget_waits(shell)
    current_settings.reset(("block", "updates", "transcript", "notes", "responsive"))
    stop_starting("the extension was unloaded", _ENDING_SECONDS)
    watches = registry.live()
    registry.stop()
    deadline = time.monotonic() + _ENDING_SECONDS
    for watch in watches:
        with contextlib.suppress(PuffleError):
            watch.wait(max(0.0, deadline - time.monotonic()))
    _close_widgets()
    view_loop.stop()
    callback_loop.stop()
    if not poll_loop.tasks():  # somebody's `PuffleClient` may be waiting for an answer
        poll_loop.stop()


def _close_widgets() -> None:
    if "ipywidgets" in sys.modules:  # where it is not even imported, there are no widgets
        from ..display.notebook.close_widgets import close_left
        from ..display.notebook.transcript_widget import end_exploring

        end_exploring()
        close_left()
