"""Noting every run that is watched, and how it ended: on another thread, as fast as the disk takes it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from ..background.loop import callback_loop
from ..errors import PuffleError
from ..watching.snapshot import WatchPhase
from ..watching.streamed_run import is_stream_name
from ..watching.watch import RunWatch
from .database import NotesUnusable
from .kept import KeptStores
from .place import notebook_name
from .watched import NOT_FOUND, RunObservation, WatchedRuns

_log = logging.getLogger(__name__)


class WatchNotes:
    """Notes the watches that it hears of. What waits while the disk is busy is written in one step.

    Args:
        runs: returns where to note them.
    """

    def __init__(self, runs: Callable[[], WatchedRuns]) -> None:
        self._runs = runs
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self._waiting: list[RunObservation] = []

    def start_afresh(self) -> None:
        """In a forked child: another thread of the parent may hold a lock, and the parent writes."""
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self._waiting = []

    def hear(self, watch: RunWatch) -> None:
        """Note that ``watch`` began, and later how its run ended. Returns at once, on any thread."""
        if not is_stream_name(watch.run_id):
            self._add(watch, "")
            watch.add_done_callback(self._hear_end)

    def _hear_end(self, watch: RunWatch) -> None:
        snapshot = watch.snapshot
        if snapshot.phase is WatchPhase.ENDED:
            self._add(watch, snapshot.status.value)
        elif snapshot.phase is WatchPhase.MISSING:
            self._add(watch, NOT_FOUND)

    def _add(self, watch: RunWatch, status: str) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        observation = RunObservation(watch.client.base_url, watch.run_id, notebook_name(), now, status)
        with self._lock:
            self._waiting.append(observation)
        callback_loop.call_soon(self.write)

    def write(self) -> None:
        """Write what waits, and return when it is written, also by another thread that began before.

        A file that cannot be used is said by who looks into it.
        """
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
            if not waiting:
                return
            try:
                self._runs().note(waiting)
            except (NotesUnusable, PuffleError) as error:
                _log.debug("watched runs could not be noted: %s", error)


def watched_runs() -> WatchedRuns:
    """Those of the user's file, or of this process's memory where notes are off.

    Raises:
        InvalidSetting: see `notes_are_kept`.
    """
    return _kept.current()


_kept = KeptStores(WatchedRuns)
watch_notes = WatchNotes(watched_runs)
"""Hears of every new watch while the extension is loaded."""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=watch_notes.start_afresh)
