"""Several watches, as one magic returns them."""

from __future__ import annotations

from .watch import RunWatch


class RunWatches(list[RunWatch]):
    """A list of watches that shows its views where a single one would.

    >>> a, b = RunWatches(...)                         # doctest: +SKIP
    """

    def _ipython_display_(self) -> None:
        from ..view.show import show_unless_shown

        for watch in self:
            show_unless_shown(watch)
