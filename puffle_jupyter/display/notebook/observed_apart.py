"""A widget that the view thread changes, and whose observers may take their time."""

from __future__ import annotations

from typing import Any

import traitlets

from ...background.loop import callback_loop
from ...watching.listeners import call_safely
from ..subscription import view_loop


class ObservedApart(traitlets.HasTraits):
    """Notifies the observers of some traits on a thread of their own, where they may wait.

    What they raise on a thread of ours is logged, and ends neither the thread nor the update.

    Attributes:
        observed_apart: the names of those traits.
    """

    observed_apart: tuple[str, ...] = ()

    def notify_change(self, change: Any) -> None:
        """Notify the observers of a trait."""
        if not view_loop.is_current:
            super().notify_change(change)
        elif change["name"] in self.observed_apart:
            callback_loop.call_soon(call_safely, super().notify_change, change)
        else:
            call_safely(super().notify_change, change)
