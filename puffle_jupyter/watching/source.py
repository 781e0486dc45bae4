"""Where a watch's news come from. Polling is the first source: see `polling`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .approvals import Approvals
from .snapshot import WatchSnapshot

Publish = Callable[[WatchSnapshot], object]


class Source(Protocol):
    """Follows one run. Its methods are called on the thread of the loop that `follow` runs on."""

    @property
    def approvals(self) -> Approvals:
        """The tool calls of the run that wait for a decision."""

    async def follow(self, publish: Publish) -> WatchSnapshot:
        """Follow the run to its end.

        Args:
            publish: is given every new snapshot but the last.

        Returns:
            The last snapshot, of an ended run.

        Raises:
            PuffleError: why the run cannot be followed to its end.
            asyncio.CancelledError: the watch was stopped.
        """

    def extend(self, interval: float, timeout: float | None) -> None:
        """Serve another watch of the same run, too: the shorter interval, the longer timeout, in seconds."""

    def poll_now(self) -> None:
        """Look for news now, unless Puffle asked for some time."""

    def stop(self) -> None:
        """Send nothing more, even if the cancellation of `follow` is lost."""

    @property
    def not_before(self) -> float:
        """The clock's time before which Puffle asked for no request; minus infinity without one."""
