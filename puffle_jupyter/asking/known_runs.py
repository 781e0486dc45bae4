"""The runs that this user has watched or started: from the file of notes, and from this kernel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import NotSent
from ..watching.registry import registry
from ..watching.snapshot import WatchPhase
from ..watching.streamed_run import is_stream_name
from ..watching.watch import RunWatch
from .database import NotesUnusable
from .place import notebook_name
from .sending import shown_path
from .watch_notes import watch_notes, watched_runs
from .watched import NOT_FOUND, WatchedRun

UNFINISHED = "unfinished"
"""The state of a run that was not seen to end, and that this kernel does not watch."""
MOST_RESUMED = 1_000


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run that was watched or started.

    Attributes:
        run_id: its id.
        at: when it was first watched or started; None where that is not known.
        notebook: the notebook it was watched from; None where that is not known.
        state: how it ended, or is, in a word; `UNFINISHED` when it was not seen to end.
        is_watched: whether this kernel watches it now.
    """

    run_id: str
    at: datetime | None
    notebook: str | None
    state: str
    is_watched: bool = False


def known_runs(base_url: str, *, everywhere: bool = False) -> list[KnownRun]:
    """The runs at ``base_url``, newest first, each once.

    Args:
        base_url: the address.
        everywhere: those of the user's other notebooks, too.

    Raises:
        NotSent: the file of notes cannot be read.
    """
    return _merged(_noted(base_url), registry.known(base_url), notebook_name(), everywhere)


def unfinished_runs(base_url: str) -> list[str]:
    """The ids of this notebook's runs that were not seen to end, the oldest first, at most `MOST_RESUMED`.

    Raises:
        NotSent: the file of notes cannot be read.
    """
    found = [run.run_id for run in known_runs(base_url) if run.is_watched or run.state == UNFINISHED]
    return found[:MOST_RESUMED][::-1]


def _merged(
    noted: Iterable[WatchedRun], watches: Iterable[RunWatch], notebook: str | None, everywhere: bool
) -> list[KnownRun]:
    here = {watch.run_id: watch for watch in watches if not is_stream_name(watch.run_id)}
    runs: dict[str, KnownRun] = {}
    ended: dict[str, str] = {}
    for one in noted:
        if one.status:
            ended.setdefault(one.run_id, one.status)
        if everywhere or one.notebook == notebook or one.run_id in here:
            runs.setdefault(one.run_id, KnownRun(one.run_id, one.at, one.notebook, UNFINISHED))
    now = datetime.now(UTC).replace(microsecond=0)
    for run_id in here:
        runs.setdefault(run_id, KnownRun(run_id, now, notebook, UNFINISHED))
    return [
        KnownRun(run.run_id, run.at, run.notebook, *_state(here.get(run.run_id), ended.get(run.run_id, "")))
        for run in runs.values()
    ]


def _state(watch: RunWatch | None, noted: str) -> tuple[str, bool]:
    """The state of a run, and whether it is watched: what this kernel knows comes first."""
    if watch is None:
        return noted or UNFINISHED, False
    snapshot = watch.snapshot
    if snapshot.phase is WatchPhase.ENDED:
        return snapshot.status.value, False
    if snapshot.phase is WatchPhase.MISSING:
        return NOT_FOUND, False
    if snapshot.phase.is_final:
        return noted or UNFINISHED, False
    return snapshot.status_text or "connecting", True


def _noted(base_url: str) -> list[WatchedRun]:
    watch_notes.write()  # what this kernel has not written yet
    try:
        return watched_runs().newest(base_url)
    except NotesUnusable as error:
        raise NotSent(
            f"Which runs were watched cannot be looked up. The file of notes is {shown_path()}: {error}. "
            "Nothing was sent."
        ) from None
