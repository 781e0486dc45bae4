"""The file in which notes are kept: opened for one step at a time, or the reason why it cannot be."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_BUSY_SECONDS = 5.0
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS notes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, server TEXT NOT NULL, message TEXT NOT NULL,
    notebook TEXT, name TEXT, conversation TEXT, turn INTEGER, state TEXT NOT NULL, run TEXT
)"""
# Apart from the version: a puffle_jupyter that knows no watched runs goes on writing to the file.
_WATCHED = """
CREATE TABLE IF NOT EXISTS watched (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, server TEXT NOT NULL, run TEXT NOT NULL,
    notebook TEXT NOT NULL, status TEXT NOT NULL, UNIQUE (server, run, notebook)
)"""
_INDEX = "CREATE INDEX IF NOT EXISTS notes_by_message ON notes (message, server)"
_SIGNS_OF_DAMAGE = ("not a database", "malformed", "no such column", "no such table")


class NotesUnusable(Exception):
    """The file of the notes cannot be read or written; the message says why, in a few words."""


class Database:
    """A SQLite database of notes.

    Args:
        path: its file, made when it is first needed; None keeps it in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._memory: sqlite3.Connection | None = None

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """The database, within one transaction that no other process interrupts.

        Raises:
            NotesUnusable
        """
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
        database.text_factory = _text  # anybody may have written to the file
        try:
            database.execute("PRAGMA synchronous = EXTRA")  # the folder too: a journal is a file of its own
            yield database
        finally:
            database.close()

    def renew_lock(self) -> None:
        """Start afresh in a forked child, where another thread of the parent may hold the lock."""
        self._lock = threading.RLock()


def _text(encoded: bytes) -> str:
    """A text of the file: one that is no UTF-8 is read with signs in place of what is wrong."""
    return encoded.decode("utf-8", "replace")


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
    database.execute(_WATCHED)


def _why(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"it cannot be opened: {error.strerror or type(error).__name__}"
    words = str(error)
    if "locked" in words or "busy" in words:
        return "another program holds it locked"
    if any(sign in words for sign in _SIGNS_OF_DAMAGE):
        return "it is damaged"
    return f"it cannot be used: {words[:100]}"
