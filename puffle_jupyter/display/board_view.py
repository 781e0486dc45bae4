"""A view of a board, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from ..watching.listeners import call_safely


class BoardView(Protocol):
    """Something that shows a board."""

    def finish(self) -> None:
        """Show that all runs ended: called once, on the view thread."""


async def finish(views: Iterable[BoardView]) -> None:
    """Finish each of ``views``, on their thread, after what waits there now."""
    await asyncio.sleep(0)
    for view in views:
        call_safely(view.finish)
