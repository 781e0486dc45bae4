"""The notes of messages: written before a message is sent, completed by what became of it.

A note holds the time, the server, the conversation, its name in the notebook, the turn, the run, the notebook
where it is known, and a hash of the message: never its text, never a key. SQLite keeps them, since it does
what is needed here: a commit is on the disk when it returns, and of two processes that look and then write,
one comes after the other.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client.start import check_conversation_id
from ..errors import PuffleError
from ..run_data import check_run_id

if TYPE_CHECKING:
    import sqlite3

KEPT = 10_000
"""Notes that are kept, the newest ones."""

_BUSY_SECONDS = 5.0
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS notes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, server TEXT NOT NULL, message TEXT NOT NULL,
    notebook TEXT, name TEXT, conversation TEXT, turn INTEGER, state TEXT NOT NULL, run TEXT
)"""
_INDEX = "CREATE INDEX IF NOT EXISTS notes_by_message ON notes (message, server)"
_SIGNS_OF_DAMAGE = ("not a database", "malformed", "no such column", "no such table")
_COLUMNS = "number, at, conversation, turn, state, run"


class NotesUnusable(Exception):
    """The file of the notes cannot be read or written; the message says why, in a few words."""


class NoteState(enum.StrEnum):
    """What became of a message."""

    SENDING = "sending"
    """It is being sent, or no answer came: it may have started a chat."""
    STARTED = "started"
    REFUSED = "refused"
    """It is certain that nothing was started."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is about to be sent.

    Attributes:
        server: the address it is sent to.
        message: its text, of which only a hash is kept.
        notebook: the notebook it is sent from, where that is known.
        name: the name that the notebook gives the conversation; "" where it gives none.
        conversation_id: the conversation it is sent to; None begins a new one.
        last_turn: the number of the last turn of that conversation; None when it is not known.
    """

    server: str
    message: str
    notebook: str | None = None
    name: str = ""
    conversation_id: str | None = None
    last_turn: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What is noted of a message; what cannot be right in the file is None here."""

    number: int
    at: datetime | None
    conversation_id: str | None
    turn: int | None
    state: NoteState
    run_id: str | None


class Notes:
    """The notes of one file.

    Args:
        path: the file, made when it is first needed; None keeps the notes in memory, for this process.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._memory: sqlite3.Connection | None = None

    def begin(self, draft: Draft, *, once: bool = False) -> tuple[Note, bool]:
        """Note that ``draft`` is about to be sent; on return that is on the disk.

        Args:
            draft: the message.
            once: write nothing when the message was sent before in its conversation. Where that is not known:
                from this notebook, in a conversation of this name. A notebook that is not known may be any.

        Returns:
            The note, and whether it is a new one.

        Raises:
            NotesUnusable
        """
        message = _hash(draft.message)
        with self._changing() as database:
            if once and (earlier := _earlier(database, draft, message)) is not None:
                return earlier, False
            turn = _next_turn(database, draft)
            at = datetime.now(UTC).replace(microsecond=0)
            number = database.execute(
                "INSERT INTO notes (at, server, message, notebook, name, conversation, turn, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    at.isoformat(),
                    draft.server,
                    message,
                    draft.notebook,
                    draft.name,
                    draft.conversation_id,
                    turn,
                    NoteState.SENDING,
                ),
            ).lastrowid
            assert number is not None
            database.execute("DELETE FROM notes WHERE number <= ?", (number - KEPT,))
        return Note(number, at, draft.conversation_id, turn, NoteState.SENDING, None), True

    def conversation_of(self, draft: Draft) -> str | None:
        """The conversation of this name in which this notebook sent the message; the draft's own comes first.

        Raises:
            NotesUnusable
        """
        message = _hash(draft.message)
        with self._changing() as database:
            for one in (draft, replace(draft, conversation_id=None)):
                earlier = _earlier(database, one, message)
                if earlier is not None:
                    return earlier.conversation_id
        return None

    def complete(
        self, number: int, state: NoteState, run_id: str | None = None, conversation_id: str | None = None
    ) -> None:
        """Note what became of the message of note ``number``.

        Raises:
            NotesUnusable
        """
        with self._changing() as database:
            database.execute(
                "UPDATE notes SET state = ?, run = ?, conversation = COALESCE(?, conversation)"
                " WHERE number = ?",
                (state, run_id, conversation_id, number),
            )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """The database, within one transaction that no other process interrupts."""
        try:
            import sqlite3
        except ImportError:  # a Python that was built without it
            raise NotesUnusable("this Python has no sqlite3") from None
        try:
            with self._lock, self._opened() as database:
                database.execute("BEGIN IMMEDIATE")
                try:
                    _prepare(database)
                    yield database
                    database.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        database.execute("ROLLBACK")
                    raise
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            raise NotesUnusable(_why(error)) from None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        if self._path is None:
            if self._memory is None:
                self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            yield self._memory
            return
        _make(self._path)
        database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous = EXTRA")  # the folder too: a journal is a file of its own
            yield database
        finally:
            database.close()

    def renew_lock(self) -> None:
        """Start afresh in a forked child, where another thread of the parent may hold the lock."""
        self._lock = threading.RLock()


def _hash(message: str) -> str:
    return hashlib.sha256(message.encode()).hexdigest()


def _make(path: Path) -> None:
    """Make the file, for its owner alone, and refuse one that is not the user's own.

    Raises:
        NotesUnusable, OSError
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    facts = os.stat(path)
    if not stat.S_ISREG(facts.st_mode):
        raise NotesUnusable("it is no ordinary file")
    if hasattr(os, "geteuid") and facts.st_uid != os.geteuid():
        raise NotesUnusable("it belongs to another user")


def _prepare(database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise NotesUnusable("a newer version of puffle_jupyter wrote it")
    if version < _VERSION:
        database.execute(_TABLE)
        database.execute(_INDEX)
        database.execute(f"PRAGMA user_version = {_VERSION}")


def _earlier(database: sqlite3.Connection, draft: Draft, message: str) -> Note | None:
    """The newest note of this message that was not refused."""
    where = "message = ? AND server = ? AND state <> ?"
    values: list[Any] = [message, draft.server, NoteState.REFUSED]
    from_here = "name = ? AND (notebook = ? OR notebook IS NULL OR ? IS NULL)"
    if draft.conversation_id is not None:  # a note that was never completed may be one of this conversation
        where += f" AND (conversation = ? OR (conversation IS NULL AND {from_here}))"
        values.append(draft.conversation_id)
    else:
        where += f" AND {from_here}"
    values += [draft.name, draft.notebook, draft.notebook]
    row = database.execute(
        f"SELECT {_COLUMNS} FROM notes WHERE {where} ORDER BY number DESC LIMIT 1", values
    ).fetchone()
    return None if row is None else _read(row)


def _next_turn(database: sqlite3.Connection, draft: Draft) -> int | None:
    """The number of the draft's turn; None when earlier turns of its conversation are not known."""
    if draft.conversation_id is None:
        return 1
    (noted,) = database.execute(
        "SELECT MAX(turn) FROM notes WHERE conversation = ? AND server = ? AND state <> ?",
        (draft.conversation_id, draft.server, NoteState.REFUSED),
    ).fetchone()
    known = [turn for turn in (_turn(noted), draft.last_turn) if turn is not None]
    return max(known) + 1 if known else None


def _read(row: tuple[Any, ...]) -> Note:
    """A note as it is in the file, which anybody may have written to."""
    number, at, conversation, turn, state, run = row
    known = state in list(NoteState)
    return Note(
        number,
        _time(at),
        _checked(check_conversation_id, conversation),
        _turn(turn),
        NoteState(state) if known else NoteState.SENDING,
        _checked(check_run_id, run),
    )


def _checked(check: Any, value: object) -> str | None:
    try:
        return str(check(value))
    except PuffleError:
        return None


def _turn(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value < 1_000_000 else None


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _why(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"it cannot be opened: {error.strerror or type(error).__name__}"
    words = str(error)
    if "locked" in words or "busy" in words:
        return "another program holds it locked"
    if any(sign in words for sign in _SIGNS_OF_DAMAGE):
        return "it is damaged"
    return f"it cannot be used: {words[:100]}"
