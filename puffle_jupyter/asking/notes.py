"""The notes of messages: written before a message is sent, completed by what became of it.

A note holds the time, the server, the conversation, its name in the notebook, the turn, the run, the notebook
where it is known, and a hash of the message: never its text, never a key. SQLite keeps them, since it does
what is needed here: a commit is on the disk when it returns, and of two processes that look and then write,
one comes after the other.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client.start import check_conversation_id
from ..errors import PuffleError
from ..run_data import check_run_id
from .database import Database

if TYPE_CHECKING:
    import sqlite3

KEPT = 100_000
"""Notes that are kept, the newest ones."""

_COLUMNS = "number, at, conversation, turn, state, run"


class NoteState(enum.StrEnum):
    """What became of a message."""

    SENDING = "sending"
    """It is being sent, or no answer came: it may have started a chat."""
    STARTED = "started"
    STREAMED = "streamed"
    """It was answered by a stream, which has no run that could be looked at again."""
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
        self._database = Database(path)

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
        with self._database.changing() as database:
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

    def earlier(self, drafts: Iterable[Draft]) -> list[Note | None]:
        """What is noted of each of ``drafts``, as `begin` with ``once`` finds it; writes nothing.

        Raises:
            NotesUnusable
        """
        with self._database.changing() as database:
            return [_earlier(database, draft, _hash(draft.message)) for draft in drafts]

    def conversation_of(self, draft: Draft) -> str | None:
        """The conversation of this name in which this notebook sent the message; the draft's own comes first.

        Raises:
            NotesUnusable
        """
        message = _hash(draft.message)
        with self._database.changing() as database:
            for one in (draft, replace(draft, conversation_id=None)):
                earlier = _earlier(database, one, message)
                if earlier is not None:
                    return earlier.conversation_id
        return None

    def renew_lock(self) -> None:
        """Start afresh in a forked child, where another thread of the parent may hold the lock."""
        self._database.renew_lock()

    def complete(
        self, number: int, state: NoteState, run_id: str | None = None, conversation_id: str | None = None
    ) -> None:
        """Note what became of the message of note ``number``.

        Raises:
            NotesUnusable
        """
        with self._database.changing() as database:
            database.execute(
                "UPDATE notes SET state = ?, run = ?, conversation = COALESCE(?, conversation)"
                " WHERE number = ?",
                (state, run_id, conversation_id, number),
            )


def _hash(message: str) -> str:
    return hashlib.sha256(message.encode()).hexdigest()


def _earlier(database: sqlite3.Connection, draft: Draft, message: str) -> Note | None:
    """The newest note of this message that was not refused."""
    where = "message = ? AND server = ? AND state <> ?"
    values: list[Any] = [message, draft.server, NoteState.REFUSED]
    from_here = "(notebook = ? OR notebook IS NULL OR ? IS NULL)"
    if draft.conversation_id is not None:  # a note that was never completed may be one of this conversation
        where += f" AND (conversation = ? OR (conversation IS NULL AND {from_here}))"
        values.append(draft.conversation_id)
    else:
        where += f" AND name = ? AND {from_here}"
        values.append(draft.name)
    values += [draft.notebook, draft.notebook]
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
        noted_time(at),
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


def noted_time(value: object) -> datetime | None:
    """A time as it is in the file; None when it cannot be one."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
