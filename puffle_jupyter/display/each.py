"""`each`: one run for each row of a DataFrame, each started once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, overload

from ..asking.database import NotesUnusable
from ..asking.in_flight import Sleep
from ..asking.notes import Draft, Note
from ..asking.place import notebook_name, notes_are_kept
from ..asking.row_messages import RowMessage, row_messages, row_words
from ..asking.sending import kept_notes, shown_path
from ..asking.start_limits import StartLimits, starts_of
from ..asking.starter import RowToStart, Starter
from ..client.blocking_client import PuffleClient
from ..client.client import AsyncPuffleClient
from ..client.credentials import Account, current_base_url
from ..errors import InvalidSetting, NotSent
from ..printing import say
from ..render.words import count_words
from ..untrusted import terminal_safe
from ..watching.intervals import DEFAULT_INTERVAL, check_interval, check_timeout
from ..watching.registry import registry
from ..watching.schedule import Clock
from ..watching.started_later import LaterWatch
from .each_board import EachBoard
from .run_board import RunBoard

FEW = 20
"""Runs that are started without ``confirm``."""
_SHOWN = 3


@overload
def each(
    rows: Any,
    template: str,
    *,
    name: str = "",
    key: str | None = None,
    dry_run: Literal[True],
    confirm: bool = False,
    at_once: int = 10,
    per_minute: float = 30.0,
    client: PuffleClient | AsyncPuffleClient | None = None,
    interval: float | None = None,
    timeout: float | None = None,
    on_done: Callable[[RunBoard], object] | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
) -> None: ...
@overload
def each(
    rows: Any,
    template: str,
    *,
    name: str = "",
    key: str | None = None,
    dry_run: Literal[False] = False,
    confirm: bool = False,
    at_once: int = 10,
    per_minute: float = 30.0,
    client: PuffleClient | AsyncPuffleClient | None = None,
    interval: float | None = None,
    timeout: float | None = None,
    on_done: Callable[[RunBoard], object] | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
) -> EachBoard: ...
def each(
    rows: Any,
    template: str,
    *,
    name: str = "",
    key: str | None = None,
    dry_run: bool = False,
    confirm: bool = False,
    at_once: int = 10,
    per_minute: float = 30.0,
    client: PuffleClient | AsyncPuffleClient | None = None,
    interval: float | None = None,
    timeout: float | None = None,
    on_done: Callable[[RunBoard], object] | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
) -> EachBoard | None:
    """Ask Puffle one question for each row, each in a conversation of its own; returns at once.

    Every row is checked before the first message is sent. Each message is noted before it is sent, so the
    same call goes on where it was, also after a restart: a row that was sent before is watched, not sent
    again. A row whose message has changed is a new question.

    Args:
        rows: a DataFrame, or a list of dicts.
        template: the message, with ``{column}`` for what differs; ``{{`` and ``}}`` are braces.
        name: what this list of questions is called; a new name asks all of it anew. "" takes the template.
        key: a column by which a row is known; None takes its message.
        dry_run: print the first three messages and how many there are, and send nothing.
        confirm: start more than 20 runs.
        at_once: runs that are under way at the same time, of all lists of the account.
        per_minute: starts a minute, evenly spaced; a 429 holds all of them for as long as Puffle asks.
        client: a client of your own; None takes the kernel's.
        interval: seconds between polls; None takes 1.5.
        timeout: seconds after which to stop watching a run; None never does.
        on_done: called with the board once every row is done, on a thread for callbacks.
        clock: seconds, monotonic.
        sleep: waits that many seconds.

    Returns:
        The board; None with ``dry_run``.

    Raises:
        InvalidMessage: rows that have no message, each named: an unknown column, an empty cell.
        InvalidSetting, MissingApiKey, InvalidApiKey: before anything is sent.
        NotSent: more than 20 runs without ``confirm``, or the notes cannot be looked at.

    >>> board = each(frame, "Find the head of sales at {company}")    # doctest: +SKIP
    >>> board.wait().to_frame()
    """
    limits = StartLimits(at_once, per_minute)
    seconds = check_interval(DEFAULT_INTERVAL if interval is None else interval)
    limit = None if timeout is None else check_timeout(timeout)
    _check_flags(dry_run=dry_run, confirm=confirm)
    messages = row_messages(rows, template, name=name, key=key)
    asking = client.asynchronous if isinstance(client, PuffleClient) else client
    if asking is None and not dry_run:
        asking = registry.client_for(Account.find())
    server = current_base_url() if asking is None else asking.base_url
    notebook = notebook_name()
    drafts = [Draft(server, one.message, notebook, one.name) for one in messages]
    count = sum(note is None for note in _noted(drafts))
    if dry_run or asking is None:
        _say_first(messages, count, limits)
        return None
    if count > FEW and not confirm:
        raise NotSent(
            f"Not sent: {count_words(count, 'run')} would be started, and each may cost. More than {FEW} "
            "need confirm=True (--confirm); dry_run=True (--dry-run) shows the first messages."
        )
    watching = asking

    def follow(run_id: str) -> Any:
        return registry.watch(run_id, watching, seconds, limit)

    watches: list[LaterWatch] = []
    try:
        for number in range(len(messages)):
            watches.append(LaterWatch(f"row_{number}", asking, follow, clock=clock))
        to_start = [RowToStart(draft, watch) for draft, watch in zip(drafts, watches, strict=True)]
        starter = Starter(to_start, asking, starts_of(asking), limits, clock=clock, sleep=sleep)
        board = EachBoard(to_start, messages, starter, _kept(rows), _remarks(), on_done)
        starter.begin()
    except BaseException:  # a Ctrl-C, too: no watch may wait for a start that never comes
        for watch in watches:
            watch.stop()
        raise
    return board


def _check_flags(**flags: object) -> None:
    for name, value in flags.items():
        if not isinstance(value, bool):  # "False" is true
            raise InvalidSetting(f"{name} must be True or False, not {ascii(value)[:60]}.")


def _noted(drafts: Sequence[Draft]) -> list[Note | None]:
    """What is noted of each message.

    Raises:
        NotSent: that cannot be looked up.
    """
    try:
        return kept_notes().earlier(drafts)
    except NotesUnusable as error:
        raise NotSent(
            "Not sent: whether these messages were sent before cannot be looked up. The file of notes is "
            f"{shown_path()}: {error}."
        ) from None


def _kept(rows: Any) -> Any:
    """The rows as they are now: what the caller changes later is not what was asked."""
    if hasattr(rows, "columns"):
        return rows.copy()
    return [dict(row) if isinstance(row, Mapping) else row for row in rows]


def _remarks() -> list[str]:
    if notes_are_kept():
        return []
    return ["Notes are off: what was sent is known to this kernel only, and sent again after a restart."]


def _say_first(messages: Sequence[RowMessage], count: int, limits: StartLimits) -> None:
    shown = [f"{row_words(one.label)}: {terminal_safe(one.message)}" for one in messages[:_SHOWN]]
    more = len(messages) - len(shown)
    before = len(messages) - count
    said = f"{count_words(count, 'run')} would be started"
    said += f", {limits.at_once:,} at once and {limits.per_minute:g} a minute at most"
    said += f"; {count_words(before, 'row')} sent before" if before else ""
    lines = [*shown, *([f"… and {count_words(more, 'more row')}"] if more else [])]
    say("\n".join([*lines, f"Nothing was sent. {said}."]))
