"""The words of a live badge, in plain text: what a widget, a saved output and a terminal line say alike."""

from __future__ import annotations

import math

from ..render.html.style import Severity
from ..render.words import StatusLabel, count_words, elapsed_words, label_of_status
from ..safe_text import shortened
from ..transcript.model import ToolCall
from ..untrusted import plain_label
from ..watching.snapshot import WatchPhase, WatchSnapshot

WHOLE_REASON = 2_000
"""Characters of a reason where there is room for all of it: a longer one is no reason any more."""
REASON_LIMIT = 160
SHORT_LIMIT = 60
"""Characters of the reason of a failure that is retried: with the rest of a badge two lines at 400 px."""


def label_of_watch(snapshot: WatchSnapshot) -> StatusLabel:
    """The label of a watch: the run's status as last seen, or why there is none."""
    if snapshot.phase is WatchPhase.REFUSED:
        return StatusLabel("✗", "refused", Severity.BAD)
    if snapshot.phase is WatchPhase.MISSING:
        return StatusLabel("?", "not found", Severity.UNKNOWN)
    if snapshot.phase is WatchPhase.BROKEN_OFF:
        return StatusLabel("✗", "broken off", Severity.BAD)
    if snapshot.phase is WatchPhase.TO_START:
        return StatusLabel("○", "to be started", Severity.CALM)
    if snapshot.phase is WatchPhase.NOT_STARTED:
        return StatusLabel("○", "not started", Severity.CALM)
    if snapshot.phase is WatchPhase.NOT_CONFIRMED:
        return StatusLabel("?", "unconfirmed", Severity.CAUTION)
    if snapshot.phase is WatchPhase.AWAITING_APPROVAL:
        return StatusLabel("…", "waiting for you", Severity.CAUTION)
    if not snapshot.status_text:
        stopped = snapshot.phase is WatchPhase.STOPPED
        return StatusLabel("○", "not seen" if stopped else "connecting", Severity.CALM)
    label = label_of_status(snapshot.status, snapshot.status_text)
    if snapshot.phase is WatchPhase.STOPPED:
        return StatusLabel(label.symbol, f"last seen {label.word}", Severity.CALM)
    return label


def clock_words(snapshot: WatchSnapshot, now: float) -> str:
    """How long: ``1 min 04 s``."""
    return elapsed_words(snapshot.elapsed(now))


def polls_words(snapshot: WatchSnapshot) -> str:
    """How many requests were sent: ``3 polls``; `RunWatch.history` says when."""
    return count_words(snapshot.polls, "poll")


def failure_words(snapshot: WatchSnapshot, now: float, limit: int = REASON_LIMIT) -> tuple[str, str]:
    """What is in the way, in a word or two, and the rest of the sentence; both empty when nothing is.

    Args:
        snapshot: the watch.
        now: seconds of the watch's clock.
        limit: characters of a reason before it is cut.

    >>> failure_words(WatchSnapshot("run_abc", WatchPhase.STOPPED), now=0.0)
    ('Stopped watching', '; the run continues')
    """
    failure = snapshot.failure
    reason = _reason(failure.short or failure.reason, min(limit, SHORT_LIMIT)) if failure else ""
    seconds = now - failure.since if failure else 0.0
    failing = f", failing for {elapsed_words(seconds)}" if seconds >= 1 else ""
    next_try = _next_try(failure.next_try_at - now) if failure else "retrying"
    match snapshot.phase:
        case WatchPhase.RATE_LIMITED:
            return "rate limited", f"; {next_try}"
        case WatchPhase.ERROR_ANSWER:
            return reason or "error answer", f"; {next_try}{failing}"
        case WatchPhase.UNREACHABLE:
            return "unreachable", f"; {next_try}{failing}{f' ({reason})' if reason else ''}"
        case WatchPhase.NOT_FOUND:
            return "not found yet…", f" a run that was just started may take a moment; {next_try}"
        case WatchPhase.AWAITING_APPROVAL:
            return (
                "",
                f"{count_words(len(snapshot.waiting), 'tool call')} to approve or deny (%puffle_approvals)",
            )
        case WatchPhase.BROKEN_OFF:
            return "", _reason(snapshot.error or "the stream ended before the answer did", limit)
        case WatchPhase.STOPPED if snapshot.is_stream:
            return "Stopped", "; Puffle ends the work on a stream that nobody reads"
        case WatchPhase.STOPPED:
            why = f" ({_reason(snapshot.error, limit)})" if snapshot.error else ""
            return "Stopped watching", f"; the run continues{why}"
        case WatchPhase.REFUSED:
            return "", _reason(snapshot.error or "Puffle refused the request", limit)
        case WatchPhase.NOT_STARTED | WatchPhase.NOT_CONFIRMED:
            return "", _reason(snapshot.error or "nothing was sent", limit)
        case WatchPhase.MISSING:
            return "", _reason(snapshot.error or "no run with this id for your key", limit)
        case _:
            stretched = snapshot.stretched_to
            why = "rate limited" if snapshot.is_limited else "many runs"
            return "", f"polling every {elapsed_words(stretched)}: {why}" if stretched else ""


def static_words(snapshot: WatchSnapshot, as_of: str) -> tuple[str, str]:
    """The words of a badge that nothing updates: what is in the way, and the rest of the sentence.

    No seconds and no counts: they would look alive, and a notebook that is saved twice would differ.

    Args:
        snapshot: the watch.
        as_of: the time of day at which this was so.
    """
    what, then = failure_words(snapshot, 0.0)
    return (what, then) if snapshot.phase.is_final else (what, f"as of {as_of}")


def static_sentence(snapshot: WatchSnapshot) -> str:
    """What an output says that nothing updates, and that has no ended run to show."""
    if snapshot.phase.is_final:
        return waiting_sentence(snapshot)
    if snapshot.is_stream:
        return (
            "The answer was being streamed. If this does not change, look at the conversation in Puffle, or "
            "send a message that asks it to go on."
        )
    return "If this does not change, run this cell again to see the run."


def waiting_sentence(snapshot: WatchSnapshot) -> str:
    """What a view says that has no ended run to show. Plain text of ours, no untrusted text."""
    if snapshot.phase is WatchPhase.REFUSED:
        return "Put that right, then run the cell again."
    if snapshot.phase is WatchPhase.MISSING:
        return "Check the id and whose key it is, then run the cell again."
    if snapshot.phase is WatchPhase.NOT_STARTED:
        return "Nothing was started. Run the cell again to go on."
    if snapshot.phase is WatchPhase.NOT_CONFIRMED:
        return "Look in Puffle whether it started, then say so: board.settle(row, run_id)."
    if snapshot.phase is WatchPhase.BROKEN_OFF or (
        snapshot.is_stream and snapshot.phase is WatchPhase.STOPPED
    ):
        if snapshot.run is None:
            return "Nothing of the answer arrived."
        return "Unfinished: this is what arrived. To go on, send another message in the conversation."
    if snapshot.phase is WatchPhase.STOPPED:
        return "Run this cell to watch it again."
    if snapshot.is_stream:
        return "The answer appears here as it comes."
    return "The transcript appears here when the run ends. To follow it again later, run the cell again."


def decide_words(call: ToolCall) -> str:
    """How to decide about a call where there are no controls; plain text, with the call's id as Python."""
    known = ascii(call.id)[:120]
    return (
        "nothing happens until you decide: "
        f"watch.approve({known}) or watch.deny({known}), or %puffle_approvals"
    )


def again_words(snapshot: WatchSnapshot, command: str) -> str:
    """What a terminal says of a watch that is done without an ended run; ``command`` watches it again."""
    if snapshot.phase is WatchPhase.REFUSED:
        return f"Put that right, then: {command}"
    if snapshot.phase is WatchPhase.MISSING:
        return f"Check the id and whose key it is, then: {command}"
    return f"To see its end: {command}"


def _reason(text: str, limit: int) -> str:
    return shortened(plain_label(text.strip()), limit)


def _next_try(seconds: float) -> str:
    return f"retrying in {elapsed_words(math.ceil(seconds))}" if seconds > 0 else "retrying now"
