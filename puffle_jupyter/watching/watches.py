"""Several watches, as one magic returns them."""

from __future__ import annotations

from .. import displayed
from .watch import RunWatch


class RunWatches(list[RunWatch]):
    """A list of watches that shows its views where a single one would.

    >>> a, b = RunWatches(...)                         # doctest: +SKIP
    """

    def _ipython_display_(self) -> None:
        for watch in self:
            displayed.show_unless_shown(watch)
