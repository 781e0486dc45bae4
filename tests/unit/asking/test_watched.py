"""The notes of watched runs: which, when, from where, how they ended; and what is resumed from them."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from puffle_jupyter import RunWatch
from puffle_jupyter.asking import watched as watched_module
from puffle_jupyter.asking.known_runs import UNFINISHED, known_runs, unfinished_runs
from puffle_jupyter.asking.notes import Draft, Notes, NoteState
from puffle_jupyter.asking.watch_notes import WatchNotes, watch_notes
from puffle_jupyter.asking.watched import NOT_FOUND, RunObservation, WatchedRuns
from puffle_jupyter.background.loop import callback_loop
from puffle_jupyter.errors import NotSent
from puffle_jupyter.watching import newcomers
from puffle_jupyter.watching.registry import registry, watch
from tests.support.scripted import KEY, ScriptedPuffle, told

SERVER = "https://puffle.example"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE, THERE = "work/leads.ipynb", "work/other.ipynb"


@pytest.fixture
def notebook(state: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This kernel's notebook is `HERE`; the file of notes."""
    monkeypatch.setenv("JPY_SESSION_NAME", HERE)
    return state


@pytest.fixture
def noting(notebook: Path, background: None) -> Iterator[Path]:
    """Every new watch is noted, as it is while the extension is loaded."""
    newcomers.tell(watch_notes.hear)
    yield notebook
    newcomers.tell_no_more(watch_notes.hear)


def seen(run_id: str, notebook: str | None = HERE, minute: int = 0, status: str = "") -> RunObservation:
    return RunObservation(SERVER, run_id, notebook, NOON.replace(minute=minute), status)


def watched_here(run_id: str, *answers: tuple[int, object]) -> RunWatch:
    return watch(run_id, client=ScriptedPuffle(*answers).client(), interval=0.1)


def test_unfinished_runs_of_this_notebook_are_resumed(notebook: Path) -> None:
    """Neither what has ended, nor what another notebook watches; the oldest first."""
    WatchedRuns(notebook).note(
        [
            seen("run_a", minute=1),
            seen("run_b", minute=2),
            seen("run_b", status="completed"),
            seen("run_c", minute=3),
            seen("run_d", THERE, minute=4),
            seen("run_e", minute=5),
            seen("run_e", status=NOT_FOUND),
        ]
    )
    assert unfinished_runs(SERVER) == ["run_a", "run_c"]
    assert unfinished_runs("https://elsewhere.example") == []
    found = {run.run_id: (run.state, run.notebook) for run in known_runs(SERVER, everywhere=True)}
    assert found == {
        "run_e": (NOT_FOUND, HERE),
        "run_d": (UNFINISHED, THERE),
        "run_c": (UNFINISHED, HERE),
        "run_b": ("completed", HERE),
        "run_a": (UNFINISHED, HERE),
    }


def test_a_run_that_a_message_started_is_resumed(notebook: Path) -> None:
    """Also when the kernel died before it was watched."""
    notes = Notes(notebook)
    note, _ = notes.begin(Draft(SERVER, "sell the moon", HERE))
    notes.complete(note.number, NoteState.STARTED, "run_a")
    assert unfinished_runs(SERVER) == ["run_a"]


def test_every_watch_is_noted_with_its_end(noting: Path) -> None:
    """Run, time, notebook and final status are in the file; no content and no key."""
    secret = "Acme is for sale"
    watched_here("run_a", told("completed", text=secret)).wait(30)
    going_on = watched_here("run_b", told("running", "run_b"))
    runs = {run.run_id: (run.state, run.is_watched) for run in known_runs(SERVER)}
    assert runs["run_a"] == ("completed", False)
    assert runs["run_b"][1]
    assert unfinished_runs(SERVER) == ["run_b"]
    going_on.stop()
    registry.stop()  # as after a restart
    callback_loop.run(asyncio.sleep(0))  # which hears of an end after who waits for it
    watch_notes.write()
    found = {run.run_id: run.status for run in WatchedRuns(noting).newest(SERVER)}
    assert found == {"run_a": "completed", "run_b": ""}
    content = noting.read_bytes()
    assert secret.encode() not in content
    assert KEY.encode() not in content


def test_who_looks_waits_for_what_is_being_written(notebook: Path) -> None:
    """Another thread may have begun to write: what it took is in the file, too, before anybody looks."""
    runs, begun, may_go_on = WatchedRuns(notebook), threading.Event(), threading.Event()

    class Slow(WatchedRuns):
        def note(self, observations: Iterable[RunObservation]) -> None:
            begun.set()
            may_go_on.wait(20)
            runs.note(observations)

    notes = WatchNotes(lambda: Slow(notebook))
    notes._waiting.append(seen("run_a"))
    first = threading.Thread(target=notes.write)
    first.start()
    begun.wait(20)
    second = threading.Thread(target=notes.write)
    second.start()
    second.join(0.05)
    assert second.is_alive()
    may_go_on.set()
    second.join(20)
    assert [run.run_id for run in runs.newest(SERVER)] == ["run_a"]
    first.join(20)


def test_with_notes_off_nothing_is_written(noting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PUFFLE_NOTES=0 keeps watched runs in this process alone, where they are known nevertheless."""
    monkeypatch.setenv("PUFFLE_NOTES", "0")
    watched_here("run_a", told("completed")).wait(30)
    assert [run.run_id for run in known_runs(SERVER)] == ["run_a"]
    assert not noting.exists()


def test_what_the_file_says_of_a_run_is_checked(notebook: Path) -> None:
    """Anybody may have written to it: what can be no run is left out, what can be no status is none."""
    runs = WatchedRuns(notebook)
    runs.note([seen("run_a"), seen("run_b"), seen("run_c")])
    with sqlite3.connect(notebook) as one:
        one.execute("UPDATE watched SET run = 'run_a/../../etc' WHERE run = 'run_a'")
        one.execute("UPDATE watched SET status = '<b>', at = 'yesterday', notebook = 5 WHERE run = 'run_b'")
    one.close()
    found = {run.run_id: run for run in runs.newest(SERVER)}
    assert set(found) == {"run_b", "run_c"}
    assert (found["run_b"].status, found["run_b"].at) == ("", None)


def test_old_watches_make_room(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ones are kept."""
    monkeypatch.setattr(watched_module, "KEPT", 2)
    runs = WatchedRuns(notebook)
    runs.note([seen(f"run_{number}", minute=number) for number in range(4)])
    assert [run.run_id for run in runs.newest(SERVER)] == ["run_3", "run_2"]


def test_a_file_that_cannot_be_read_is_said_in_one_line(notebook: Path) -> None:
    """What is to be resumed is not known then, and nothing is sent."""
    notebook.parent.mkdir(parents=True)
    notebook.write_bytes(b"no database at all" * 100)
    with pytest.raises(NotSent, match="it is damaged"):
        unfinished_runs(SERVER)


def test_a_text_that_is_no_utf8_spoils_its_own_row_alone(notebook: Path) -> None:
    """A file that was written to by hand still says what else it knows, and takes further notes."""
    runs = WatchedRuns(notebook)
    runs.note([seen("run_a"), seen("run_b"), seen("run_c")])
    with contextlib.closing(sqlite3.connect(notebook)) as file, file:
        file.execute("UPDATE watched SET notebook = CAST(x'ff' AS TEXT) WHERE run = 'run_a'")
        file.execute("UPDATE watched SET run = CAST(x'72756e5fff' AS TEXT) WHERE run = 'run_b'")
    runs.note([seen("run_d", minute=1)])
    assert [(one.run_id, one.notebook) for one in runs.newest(SERVER)] == [
        ("run_d", HERE),
        ("run_a", "\ufffd"),
        ("run_c", HERE),
    ]
