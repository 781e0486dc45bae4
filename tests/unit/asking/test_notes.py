"""The notes of messages: on the disk before a message is sent, true whatever happens to their file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest

from puffle_jupyter.asking import database
from puffle_jupyter.asking import notes as notes_module
from puffle_jupyter.asking.database import NotesUnusable
from puffle_jupyter.asking.notes import Draft, Notes, NoteState
from puffle_jupyter.asking.place import notebook_name, notes_are_kept, notes_file
from puffle_jupyter.settings import current_settings
from tests.support.paths import ROOT

FIRST = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
SECOND = "7b1d0c2e-6a4f-4d3b-8e21-90ab12cd34ef"
DRAFT = Draft("https://puffle.example", "sell the moon")
ON_DISK = pytest.param(lambda folder: Notes(folder / "a" / "b" / "chats.sqlite3"), id="in a file")
IN_MEMORY = pytest.param(lambda folder: Notes(None), id="in memory")


@pytest.fixture(params=[ON_DISK, IN_MEMORY])
def notes(request: pytest.FixtureRequest, tmp_path: Path) -> Notes:
    make: Callable[[Path], Notes] = request.param
    return make(tmp_path)


def sent(notes: Notes, draft: Draft, run_id: str = "run_a", conversation_id: str = FIRST) -> None:
    note, is_new = notes.begin(draft)
    assert is_new
    notes.complete(note.number, NoteState.STARTED, run_id, conversation_id)


def was_sent(notes: Notes, draft: Draft) -> bool:
    _, is_new = notes.begin(draft, once=True)
    return not is_new


def test_a_message_that_was_sent_is_found_again(notes: Notes) -> None:
    """With its run, its conversation and its turn; another message is not."""
    sent(notes, DRAFT)
    note, is_new = notes.begin(DRAFT, once=True)
    assert not is_new
    assert (note.run_id, note.conversation_id, note.turn, note.state) == (
        "run_a",
        FIRST,
        1,
        NoteState.STARTED,
    )
    assert not was_sent(notes, replace(DRAFT, message="sell the sun"))


def test_without_once_it_is_noted_again(notes: Notes) -> None:
    """A person who sends it again means it."""
    sent(notes, DRAFT)
    _, is_new = notes.begin(DRAFT)
    assert is_new


def test_what_was_refused_was_not_sent(notes: Notes) -> None:
    """It is certain that nothing was started, so `once` sends it."""
    note, _ = notes.begin(DRAFT)
    notes.complete(note.number, NoteState.REFUSED)
    assert not was_sent(notes, DRAFT)


def test_what_was_never_completed_may_have_been_sent(notes: Notes) -> None:
    """No run is known of it; that is what is said."""
    notes.begin(DRAFT)
    note, is_new = notes.begin(DRAFT, once=True)
    assert not is_new
    assert (note.run_id, note.state) == (None, NoteState.SENDING)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"conversation_id": FIRST}, True),
        ({"conversation_id": SECOND}, False),
        ({"server": "http://127.0.0.1:8000"}, False),
        ({"notebook": "/b.ipynb"}, False),
        ({"notebook": None}, True),
        ({"name": "berlin"}, False),
        ({"name": "berlin", "conversation_id": FIRST}, True),
        ({"notebook": "/b.ipynb", "conversation_id": FIRST}, True),
    ],
)
def test_where_it_was_sent_counts(notes: Notes, other: dict[str, Any], found: bool) -> None:
    """By conversation where that is known; else by notebook and name, and an unknown notebook may be any."""
    sent(notes, replace(DRAFT, notebook="/a.ipynb"))
    assert was_sent(notes, replace(DRAFT, **{"notebook": "/a.ipynb", **other})) is found


def test_a_note_without_conversation_may_be_of_any(notes: Notes) -> None:
    """The first message of a conversation, whose note was never completed, is not sent again in it."""
    notes.begin(DRAFT)
    assert was_sent(notes, replace(DRAFT, conversation_id=FIRST))


def test_turns_are_counted_in_each_conversation(notes: Notes) -> None:
    """From the notes and from what the kernel knows, whichever is more; None where neither knows."""
    sent(notes, DRAFT)
    second = replace(DRAFT, conversation_id=FIRST)
    assert notes.begin(second)[0].turn == 2
    assert notes.begin(replace(second, last_turn=7))[0].turn == 8
    assert notes.begin(replace(DRAFT, conversation_id=SECOND))[0].turn is None
    assert notes.begin(replace(DRAFT, conversation_id=SECOND, last_turn=0))[0].turn == 1


def test_a_refused_turn_is_not_counted(notes: Notes) -> None:
    """It never became one."""
    sent(notes, DRAFT)
    note, _ = notes.begin(replace(DRAFT, conversation_id=FIRST, message="x"))
    notes.complete(note.number, NoteState.REFUSED)
    assert notes.begin(replace(DRAFT, conversation_id=FIRST, message="y"))[0].turn == 2


def test_the_conversation_of_a_message(notes: Notes) -> None:
    """The one it was sent in: the given one if it is one of them, else the newest."""
    assert notes.conversation_of(DRAFT) is None
    sent(notes, DRAFT, conversation_id=FIRST)
    sent(notes, DRAFT, conversation_id=SECOND)
    assert notes.conversation_of(DRAFT) == SECOND
    assert notes.conversation_of(replace(DRAFT, conversation_id=FIRST)) == FIRST


def test_old_notes_make_room(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not grow for ever: the newest notes are kept."""
    monkeypatch.setattr(notes_module, "KEPT", 3)
    for number in range(10):
        sent(notes, replace(DRAFT, message=str(number)))
    assert [was_sent(notes, replace(DRAFT, message=str(number))) for number in (0, 9)] == [False, True]


def test_neither_the_text_nor_more_is_in_the_file(tmp_path: Path) -> None:
    """Of the message a hash alone."""
    path = tmp_path / "chats.sqlite3"
    sent(Notes(path), DRAFT)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"moon" not in content
    assert b"run_a" in content
    assert [file.name for file in tmp_path.iterdir()] == ["chats.sqlite3"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """The file and its folder are the user's own."""
    path = tmp_path / "puffle_jupyter" / "chats.sqlite3"
    before = os.umask(0)
    try:
        Notes(path).begin(DRAFT)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all, not even nearly" * 50)


def _cut(path: Path) -> None:
    sent(Notes(path), DRAFT)
    path.write_bytes(path.read_bytes()[:5000])


def _overwritten(path: Path) -> None:
    sent(Notes(path), DRAFT)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))


def _other_table(path: Path) -> None:
    with sqlite3.connect(path) as one:
        one.execute("CREATE TABLE notes (x)")
        one.execute("PRAGMA user_version = 1")
    one.close()


def _no_table(path: Path) -> None:
    with sqlite3.connect(path) as one:
        one.execute("PRAGMA user_version = 1")
    one.close()


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as one:
        one.execute("PRAGMA user_version = 99")
    one.close()


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _file_for_a_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("x")


def _loop_of_links(path: Path) -> None:
    path.symlink_to(path)


def _link_to_nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "gone" / "x")


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are POSIX's")
@pytest.mark.parametrize(
    "spoil",
    [
        *(_garbage, _cut, _overwritten, _other_table, _no_table, _newer, _folder, _pipe, _file_for_a_folder),
        *(_loop_of_links, _link_to_nowhere),
    ],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """One kind of error with a short reason, at once; what is there is left as it is."""
    path = tmp_path / "state" / "chats.sqlite3"
    path.parent.mkdir()
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(NotesUnusable) as caught:
        Notes(path).begin(replace(DRAFT, conversation_id=FIRST), once=True)
    assert 0 < len(str(caught.value)) < 130
    assert before is None or path.read_bytes() == before


def test_a_file_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says was sent may be anything."""
    if not hasattr(os, "geteuid"):
        pytest.skip("POSIX")
    path = tmp_path / "chats.sqlite3"
    sent(Notes(path), DRAFT)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(NotesUnusable, match="another user"):
        Notes(path).begin(DRAFT, once=True)


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only system, a full disk: said with the system's reason."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(NotesUnusable, match="Read-only file system"):
        Notes(tmp_path / "x" / "chats.sqlite3").begin(DRAFT)


def test_a_python_without_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some builds have none."""
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(NotesUnusable, match="no sqlite3"):
        Notes(tmp_path / "chats.sqlite3").begin(DRAFT)


def test_a_file_that_is_held_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's transaction is waited for, and not for ever."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    path = tmp_path / "chats.sqlite3"
    sent(Notes(path), DRAFT)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(NotesUnusable, match="locked"):
            Notes(path).begin(DRAFT)
    finally:
        other.close()
    assert was_sent(Notes(path), DRAFT)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("run", "run_a/../../etc"),
        ("run", 5),
        ("run", b"\xff"),
        ("conversation", "x' OR 1=1 --"),
        ("turn", "many"),
        ("turn", -1),
        ("turn", 2**62),
        ("at", "yesterday"),
        ("at", 5),
        ("state", "unheard of"),
    ],
)
def test_what_the_file_says_is_checked(tmp_path: Path, column: str, value: object) -> None:
    """Anybody may have written to it: what cannot be right is as if it were not there, and still counts."""
    path = tmp_path / "chats.sqlite3"
    sent(Notes(path), DRAFT)
    with sqlite3.connect(path) as one:
        one.execute(f"UPDATE notes SET {column} = ?", (value,))
    one.close()
    note, is_new = Notes(path).begin(DRAFT, once=True)
    assert not is_new
    name = {"run": "run_id", "conversation": "conversation_id"}.get(column, column)
    assert getattr(note, name) in (None, NoteState.SENDING)


IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from typing import Any
from puffle_jupyter.asking.notes import Draft, Notes
notes = Notes(Path(sys.argv[1]))
sys.stdin.readline()
new = sum(notes.begin(Draft("https://puffle.example", f"message {n}"), once=True)[1] for n in range(40))
print(new)
"""


def test_two_processes_send_each_message_once(tmp_path: Path) -> None:
    """Looking and writing is one step: of two processes with the same messages one gets to send each."""
    path = tmp_path / "chats.sqlite3"
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(path)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    new = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(new) == 40


def test_a_note_survives_the_process_that_is_killed_after_it(tmp_path: Path) -> None:
    """On return it is on the disk: a kernel that dies while it sends leaves the note behind."""
    path = tmp_path / "chats.sqlite3"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from puffle_jupyter.asking.notes import Draft, Notes\n"
        "Notes(Path(sys.argv[1])).begin(Draft('https://puffle.example', 'sell the moon'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert was_sent(Notes(path), DRAFT)


def test_threads_take_turns(notes: Notes) -> None:
    """Of many threads with one message one gets to send it."""
    new: list[bool] = []
    threads = [
        threading.Thread(target=lambda: new.append(notes.begin(DRAFT, once=True)[1])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("system", "end"),
    [
        (platformdirs.unix.Unix, "/.local/state/puffle_jupyter"),
        (platformdirs.macos.MacOS, "/Library/Application Support/puffle_jupyter"),
        (platformdirs.windows.Windows, "puffle_jupyter"),
    ],
)
def test_each_system_has_its_place(
    monkeypatch: pytest.MonkeyPatch, system: type[platformdirs.unix.Unix], end: str
) -> None:
    """The state directory of the user, as platformdirs knows it for Linux, macOS and Windows."""
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)

    def of_system(name: str, *, appauthor: bool) -> Path:
        return system(name, appauthor).user_state_path  # type: ignore[arg-type]

    monkeypatch.setattr(platformdirs.windows, "get_win_folder", lambda _: r"C:\Users\x\AppData\Local")
    monkeypatch.setattr(platformdirs, "user_state_path", of_system)
    assert str(notes_file().parent).endswith(end)
    assert notes_file().name == "chats.sqlite3"


def test_notes_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment; the setting decides where it says something."""
    monkeypatch.delenv("PUFFLE_NOTES", raising=False)
    assert notes_are_kept()
    monkeypatch.setenv("PUFFLE_NOTES", "0")
    assert not notes_are_kept()
    with current_settings.changed(notes=True):
        assert notes_are_kept()
    monkeypatch.setenv("PUFFLE_NOTES", "1")
    with current_settings.changed(notes=False):
        assert not notes_are_kept()


def test_the_notebook_is_known_where_the_server_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """By jupyter_server's variable; nothing else is guessed."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert notebook_name() is None
    monkeypatch.setenv("JPY_SESSION_NAME", "/notebooks/a.ipynb")
    assert notebook_name() == "/notebooks/a.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "x" * 10_000)
    assert len(notebook_name() or "") == 500
