"""A watch that polls: `RunWatch` with a `PollingSource`."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from ..client.client import AsyncPuffleClient
from .poll_state import PollState
from .polling import PollingSource
from .schedule import Clock, Schedule, Sleep
from .snapshot import WatchSnapshot
from .watch import RunWatch


def watch_by_polling(
    run_id: str,
    client: AsyncPuffleClient,
    *,
    interval: float,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
    wall_clock: Clock = time.time,
    schedule: Schedule | None = None,
    not_before: float = -math.inf,
    at_end: Callable[[RunWatch], object] | None = None,
) -> RunWatch:
    """A watch that polls ``run_id`` from now on.

    Args:
        run_id: the run, checked before.
        client: sends the requests.
        interval: seconds from poll to poll.
        timeout: seconds after which to stop watching; None for never.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
        wall_clock: seconds since 1970, for the times in the history.
        schedule: the times and slots of the account; None for a schedule of its own, with ``clock`` and
            ``sleep``.
        not_before: the clock's time before which Puffle does not want to be asked.
        at_end: called on the poll thread when the watch is done.
    """
    if schedule is None:
        schedule = Schedule(clock, sleep)
    snapshot = WatchSnapshot(run_id, started_at=clock())
    state = PollState(
        snapshot,
        interval,
        timeout,
        timed_from=snapshot.started_at,
        not_before=not_before,
        budget=schedule.budget,
    )
    source = PollingSource(state, client.get_run, schedule)
    return RunWatch(snapshot, source, client, clock=clock, wall_clock=wall_clock, at_end=at_end)
