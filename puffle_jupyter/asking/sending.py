"""Sending a message once: the note before it, the one request, the note after it.

All of it runs in a thread of its own. A Ctrl-C ends the wait in the caller's thread; the request that is
under way, and the note of its answer, are not cut off by it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from ..background.future import Outcome
from ..background.loop import poll_loop
from ..client.start import MAY_HAVE_STARTED, StartedRun, unconfirmed
from ..errors import NotSent, PuffleError, StartNotConfirmed
from ..run_data import RunStatus
from ..watching.streamed_run import is_stream_name
from .database import NotesUnusable
from .kept import KeptStores
from .notes import Draft, Note, Notes, NoteState
from .place import notebook_name, notes_are_kept, notes_file

T = TypeVar("T")
Start = Callable[[], Coroutine[Any, Any, StartedRun]]
"""Sends a message, by one request."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent, now or before.

    Attributes:
        started: the run and the conversation.
        turn: its number in the conversation; None when it is not known.
        is_new: whether it was sent now.
        remarks: what is to be said about it, each a few words.
    """

    started: StartedRun
    turn: int | None
    is_new: bool
    remarks: tuple[str, ...] = ()


def send(draft: Draft, start: Start, *, once: bool) -> Sent:
    """Send ``draft`` by one request, with a note before and after it.

    Args:
        draft: the message.
        start: sends it.
        once: do not send what was sent before, but return that.

    Raises:
        NotSent: ``once``, and the notes cannot be looked at.
        StartNotConfirmed: the chat may have started, now or when the message was sent before.
        ResponseError, ConnectionFailed: nothing was started.
    """
    note: Note | None = None
    remarks: tuple[str, ...] = ()
    notes = kept_notes()
    try:
        note, is_new = notes.begin(draft, once=once)
        if not is_new:
            return _sent_before(note, draft)
    except NotesUnusable as error:
        if once:
            raise NotSent(
                "Not sent: whether this message was sent before cannot be looked up. The file of notes is "
                f"{shown_path()}: {error}. Put that right, or send the message without once."
            ) from None
        remarks = (f"no note could be kept: {error}",)
    if once and not notes_are_kept():
        remarks = ("notes are off: what was sent is known to this kernel only",)
    try:
        started = poll_loop.run(start())
    except StartNotConfirmed:
        raise
    except PuffleError:
        _complete(notes, note, NoteState.REFUSED)
        raise
    except BaseException as error:  # the loop was stopped meanwhile, or a client of the user's own failed
        raise unconfirmed(f"Sending broke off ({type(error).__name__})", draft.conversation_id) from None
    state = NoteState.STREAMED if is_stream_name(started.run_id) else NoteState.STARTED
    if not _complete(notes, note, state, started):
        remarks += ("the note of this message could not be completed",)
    if _is_elsewhere(draft, started):
        remarks += ("Puffle answered in another conversation than it was sent to",)
    turn = note.turn if note is not None else _turn_without_note(draft)
    return Sent(started, turn, True, remarks)


def _complete(notes: Notes, note: Note | None, state: NoteState, started: StartedRun | None = None) -> bool:
    """Complete ``note``, if there is one; whether that was possible."""
    if note is None:
        return True
    run_id, conversation_id = (None, None) if started is None else (started.run_id, started.conversation_id)
    if state is NoteState.STREAMED:
        run_id = None  # the name of a stream leads nowhere
    try:
        notes.complete(note.number, state, run_id, conversation_id)
    except NotesUnusable:
        return False
    return True


def _is_elsewhere(draft: Draft, started: StartedRun) -> bool:
    """Whether Puffle names another conversation than the message was sent to: the next turn goes on there."""
    sent_to, named = draft.conversation_id, started.conversation_id
    return sent_to is not None and named is not None and sent_to.lower() != named.lower()


def _turn_without_note(draft: Draft) -> int | None:
    if draft.conversation_id is None:
        return 1
    return None if draft.last_turn is None else draft.last_turn + 1


def _sent_before(note: Note, draft: Draft) -> Sent:
    when = _when(note)
    if note.state is NoteState.STREAMED:
        raise NotSent(
            f"Not sent: this message was sent {when}, and its answer was streamed, so there is no run to "
            "show again; the saved output of that time has it. Send it again without once."
        )
    if note.run_id is None:
        raise unconfirmed_before(note, draft)
    conversation_id = note.conversation_id or draft.conversation_id
    started = StartedRun(note.run_id, RunStatus.UNKNOWN, conversation_id)
    return Sent(started, note.turn, False, (f"sent {when}, and not sent again: this is its run",))


def unconfirmed_before(note: Note, draft: Draft) -> StartNotConfirmed:
    """The error for ``draft``, which was sent before, and of which ``note`` knows no run."""
    return StartNotConfirmed(
        f"This message was sent {_when(note)}, and no answer to it is noted: {MAY_HAVE_STARTED} "
        "It is not sent again, since once is set.",
        conversation_id=note.conversation_id or draft.conversation_id,
    )


def _when(note: Note) -> str:
    return "before" if note.at is None else f"on {note.at:%Y-%m-%d} at {note.at:%H:%M} UTC"


def conversation_of(message: str, base_url: str, name: str, conversation_id: str | None) -> str | None:
    """The conversation ``name`` in which this notebook sent ``message`` before; None when none is noted.

    Args:
        message: the message.
        base_url: where it was sent.
        name: the name of the conversation.
        conversation_id: the conversation to look at first.
    """
    draft = Draft(base_url, message, notebook_name(), name, conversation_id)
    try:
        return kept_notes().conversation_of(draft)
    except NotesUnusable:  # `send` says so
        return None


LATER = "Its run is noted when the answer comes; sent again with once, the message shows that run."
"""What becomes of a message whose answer nobody waits for any more."""
LATER_STREAMED = "Its answer is followed when it comes: %puffle_approvals shows what it waits for."


def in_own_thread(work: Callable[[], T], later: str = LATER) -> T:
    """Do ``work`` in a thread, and wait for it; a Ctrl-C ends the wait alone.

    Raises:
        NotSent: no thread can be started.
        KeyboardInterrupt: with words that say that the message was sent.
        BaseException: what ``work`` raised.
    """
    outcome: Outcome[T] = Outcome()

    def do() -> None:
        try:
            outcome.settle(work())
        except BaseException as error:
            outcome.settle(error=error)

    try:
        threading.Thread(target=do, name="puffle-start", daemon=True).start()
        outcome.wait()
    except RuntimeError as error:  # too many threads, or the process is at its end
        raise NotSent(f"Not sent: {error}.") from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"stopped waiting for Puffle's answer to the message, which is being sent: {MAY_HAVE_STARTED} "
            f"{later}"
        ) from None
    return outcome.result()


def kept_notes() -> Notes:
    """The notes to write to: the user's file, or this process's memory where notes are off.

    Raises:
        InvalidSetting: see `notes_are_kept`.
    """
    return _kept.current()


def shown_path() -> str:
    """The path of the file of notes, without the user's name where that is possible."""
    path, home = str(notes_file()), os.path.expanduser("~")
    return f"~{path[len(home) :]}" if home != "~" and path.startswith(home + os.sep) else path


_kept = KeptStores(Notes)
