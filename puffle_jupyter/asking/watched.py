"""Which runs were watched or started: run, time, server, notebook and how it ended. No content, no key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import PuffleError
from ..run_data import RunStatus, check_run_id
from .database import Database
from .notes import noted_time

KEPT = 10_000
"""Watched runs that are kept, the newest ones."""
NOT_FOUND = "not found"
"""The status of a run that Puffle does not know, or not for this key."""
_FINAL = frozenset([*(status for status in RunStatus if status.is_terminal), NOT_FOUND])


@dataclass(frozen=True, slots=True)
class WatchedRun:
    """A run that was watched or started at an address.

    Attributes:
        run_id: its id.
        at: when it was first watched or started; None when the file does not say.
        notebook: the notebook it was watched from; None where that is not known.
        status: how it ended, in a word; "" as long as that is not known.
    """

    run_id: str
    at: datetime | None
    notebook: str | None
    status: str = ""


@dataclass(frozen=True, slots=True)
class RunObservation:
    """Something to be noted: that a run is watched, or with a ``status`` how it ended."""

    server: str
    run_id: str
    notebook: str | None
    at: datetime
    status: str = ""


class WatchedRuns:
    """The watched runs in a file of notes.

    Args:
        path: the file, made when it is first needed; None keeps them in memory, for this process.
    """

    def __init__(self, path: Path | None) -> None:
        self._database = Database(path)

    def note(self, observations: Iterable[RunObservation]) -> None:
        """Note all ``observations`` in one step.

        Raises:
            NotesUnusable
        """
        with self._database.changing() as database:
            for one in observations:
                if one.status:
                    database.execute(
                        "UPDATE watched SET status = ? WHERE server = ? AND run = ?",
                        (one.status, one.server, one.run_id),
                    )
                else:
                    database.execute(
                        "INSERT OR IGNORE INTO watched (at, server, run, notebook, status)"
                        " VALUES (?, ?, ?, ?, '')",
                        (one.at.isoformat(), one.server, one.run_id, one.notebook or ""),
                    )
            database.execute(
                "DELETE FROM watched WHERE number <= (SELECT MAX(number) FROM watched) - ?", (KEPT,)
            )

    def newest(self, server: str) -> list[WatchedRun]:
        """What is known of runs at ``server``, newest first: watched, or started by a message.

        Raises:
            NotesUnusable
        """
        with self._database.changing() as database:
            watched = database.execute(
                "SELECT run, at, notebook, status FROM watched WHERE server = ?", (server,)
            ).fetchall()
            started = database.execute(
                "SELECT run, at, notebook, '' FROM notes WHERE server = ? AND run IS NOT NULL", (server,)
            ).fetchall()
        known: dict[tuple[str, str | None], WatchedRun] = {}
        for row in (*watched, *started):
            one = _read(row)
            if one is not None:
                known.setdefault((one.run_id, one.notebook), one)
        earliest = datetime.min.replace(tzinfo=UTC)
        return sorted(known.values(), key=lambda one: one.at or earliest, reverse=True)

    def renew_lock(self) -> None:
        """Start afresh in a forked child, where another thread of the parent may hold the lock."""
        self._database.renew_lock()


def _read(row: tuple[Any, ...]) -> WatchedRun | None:
    """A run as it is in the file, which anybody may have written to; None when it cannot be one."""
    run_id, at, notebook, status = row
    try:
        checked = check_run_id(run_id)
    except PuffleError:
        return None
    known = notebook if isinstance(notebook, str) and notebook else None
    return WatchedRun(checked, noted_time(at), known, status if status in _FINAL else "")
