"""The sentences of the badge, in plain text: what a pill, a terminal line and an export say alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..api.run import Run, RunStatus
from ..transcript.model import Ledger, ToolCallState
from ..watching.snapshot import WatchPhase, WatchSnapshot
from .escape import plain_label
from .style import Tone
from .visible import shortened

WORD_LIMIT = 40
REASON_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Pill:
    """A word with its symbol and its tone. ``word`` may hold text of others: escape it."""

    symbol: str
    word: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.symbol} {self.word}"


_PILL_BY_STATUS = {
    RunStatus.QUEUED: ("○", Tone.CALM),
    RunStatus.RUNNING: ("◐", Tone.ACTIVE),
    RunStatus.COMPLETED: ("✓", Tone.GOOD),
    RunStatus.FAILED: ("✗", Tone.BAD),
    RunStatus.CANCELLED: ("⊘", Tone.CALM),
    RunStatus.UNKNOWN: ("?", Tone.UNKNOWN),
}

PILL_BY_CALL_STATE = {
    ToolCallState.SUCCEEDED: Pill("✓", "succeeded", Tone.GOOD),
    ToolCallState.FAILED: Pill("✗", "failed", Tone.BAD),
    ToolCallState.PENDING: Pill("…", "no result recorded", Tone.CALM),
    ToolCallState.AWAITING_APPROVAL: Pill("…", "awaiting approval", Tone.CAUTION),
    ToolCallState.DENIED: Pill("⊘", "denied", Tone.CAUTION),
    ToolCallState.ORPHAN_RESULT: Pill("?", "result without a call", Tone.UNKNOWN),
}


def status_pill(status: RunStatus, status_text: str) -> Pill:
    """The pill of a run's status; an unknown status is shown as it came."""
    symbol, tone = _PILL_BY_STATUS[status]
    word = status_text if status is RunStatus.UNKNOWN and status_text else status.value
    return Pill(symbol, shortened(plain_label(word), WORD_LIMIT), tone)


def watch_pill(snapshot: WatchSnapshot) -> Pill:
    """The pill of a watch: the run's status as last seen, or why there is none."""
    if snapshot.phase is WatchPhase.REFUSED:
        return Pill("✗", "refused", Tone.BAD)
    if not snapshot.status_text:
        stopped = snapshot.phase is WatchPhase.STOPPED
        return Pill("○", "not seen" if stopped else "connecting", Tone.CALM)
    pill = status_pill(snapshot.status, snapshot.status_text)
    if snapshot.phase is WatchPhase.STOPPED:
        return Pill(pill.symbol, f"last seen {pill.word}", Tone.CALM)
    return pill


def clock_words(snapshot: WatchSnapshot, now: float) -> str:
    """How long, and how many polls: ``1 min 04 s · 3 polls``."""
    return f"{elapsed_words(snapshot.elapsed(now))} · {count_words(snapshot.polls, 'poll')}"


def trouble_words(snapshot: WatchSnapshot, now: float, limit: int = REASON_LIMIT) -> tuple[str, str]:
    """What is in the way, in a word or two, and the rest of the sentence; both empty when nothing is.

    Args:
        limit: characters of a reason before it is cut.

    >>> trouble_words(WatchSnapshot("run_abc", WatchPhase.STOPPED), now=0.0)
    ('stopped watching', '; the run goes on')
    """
    trouble = snapshot.trouble
    reason = _reason(trouble.reason, limit) if trouble else ""
    next_try = _next_try(trouble.next_try_at - now) if trouble else "trying again"
    match snapshot.phase:
        case WatchPhase.RATE_LIMITED:
            return "rate limited", f", {next_try}"
        case WatchPhase.UNREACHABLE:
            since = f" since {elapsed_words(max(0.0, now - trouble.since))}" if trouble else ""
            return f"unreachable{since}", f", still trying{f' ({reason})' if reason else ''}; {next_try}"
        case WatchPhase.NOT_FOUND:
            return "not found yet…", f" a run that was just started may take a moment; {next_try}"
        case WatchPhase.STOPPED:
            why = f" ({_reason(snapshot.error, limit)})" if snapshot.error else ""
            return "stopped watching", f"; the run goes on{why}"
        case WatchPhase.REFUSED:
            return "", _reason(snapshot.error or "Puffle refused the request", limit)
        case _:
            return "", ""


def call_title(name: str) -> str:
    """A tool's name as one harmless line; a nameless tool says so."""
    return plain_label(name) or "(no name)"


def run_sentence(run: Run) -> str:
    """One plain sentence about how the run ended, or that it has not; "" when it left a text."""
    match run.status:
        case RunStatus.COMPLETED:
            return "" if run.text else "The run completed without a final text."
        case RunStatus.FAILED:
            return "The run failed." if run.error else "The run failed; Puffle gave no reason."
        case RunStatus.CANCELLED:
            return "The run was cancelled before it finished, so there is no final text."
        case _:
            return "The run has not ended yet."


def waiting_sentence(snapshot: WatchSnapshot) -> str:
    """What a view says that has no ended run to show. Plain text of ours, no text of others."""
    if snapshot.phase is WatchPhase.REFUSED:
        return "Put that right, then run the cell again."
    if snapshot.phase is WatchPhase.STOPPED:
        return "Run the cell again to go on watching; it starts nothing anew."
    return "The transcript appears here when the run ends. To follow it again later, run the cell again."


def ledger_words(ledger: Ledger) -> str:
    """``41 parts: 39 shown, 2 folded, 0 unknown``."""
    parts = count_words(ledger.received, "part")
    return f"{parts}: {ledger.shown:,} shown, {ledger.folded:,} folded, {ledger.unknown:,} unknown"


def elapsed_words(seconds: float) -> str:
    """Whole seconds in words: ``12 s``, ``1 min 04 s``, ``2 h 05 min``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def count_words(count: int, noun: str) -> str:
    """``1 poll``, ``12,345 characters``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _reason(text: str, limit: int) -> str:
    return shortened(plain_label(text.strip()), limit)


def _next_try(seconds: float) -> str:
    return f"next try in {elapsed_words(math.ceil(seconds))}" if seconds > 0 else "trying again now"
