"""The words of a run, in plain text: what a badge, a page, a terminal line and an export say alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..run_data import RunData, RunStatus
from ..safe_text import shortened
from ..transcript.formats.puffle_rows import without_profile_data
from ..transcript.model import Ledger, ToolCall, ToolCallState
from ..untrusted import plain_label
from .html.style import Severity

WORD_LIMIT = 40
_NAMES = 6  # of tools in the title of a group


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """A word with its symbol and its severity. ``word`` may hold untrusted text: escape it."""

    symbol: str
    word: str
    severity: Severity

    def __str__(self) -> str:
        """Symbol and word, in plain text."""
        return f"{self.symbol} {self.word}"


_LABEL_BY_STATUS = {
    RunStatus.QUEUED: ("○", Severity.CALM),
    RunStatus.RUNNING: ("◐", Severity.ACTIVE),
    RunStatus.COMPLETED: ("✓", Severity.GOOD),
    RunStatus.FAILED: ("✗", Severity.BAD),
    RunStatus.CANCELLED: ("⊘", Severity.CALM),
    RunStatus.UNKNOWN: ("?", Severity.UNKNOWN),
}

LABEL_BY_CALL_STATE = {
    ToolCallState.SUCCEEDED: StatusLabel("✓", "succeeded", Severity.GOOD),
    ToolCallState.FAILED: StatusLabel("✗", "failed", Severity.BAD),
    ToolCallState.PENDING: StatusLabel("…", "no result recorded", Severity.CALM),
    ToolCallState.AWAITING_APPROVAL: StatusLabel("…", "awaiting approval", Severity.CAUTION),
    ToolCallState.DENIED: StatusLabel("⊘", "denied", Severity.CAUTION),
    ToolCallState.ORPHAN_RESULT: StatusLabel("?", "result without a call", Severity.UNKNOWN),
}


def label_of_status(status: RunStatus, status_text: str) -> StatusLabel:
    """The label of a run's status; an unknown status is shown as it came."""
    symbol, severity = _LABEL_BY_STATUS[status]
    word = status_text if status is RunStatus.UNKNOWN and status_text else status.value
    return StatusLabel(symbol, shortened(plain_label(word), WORD_LIMIT), severity)


def call_title(name: str) -> str:
    """A tool's name as one harmless line; a nameless tool says so."""
    return plain_label(name) or "(no name)"


def run_sentence(run: RunData) -> str:
    """One plain sentence about how the run ended, or that it has not; "" when it left a text."""
    match run.status:
        case RunStatus.COMPLETED:
            return (
                ""
                if without_profile_data(run.text or "").strip()
                else "The run completed without a final text."
            )
        case RunStatus.FAILED:
            return "The run failed." if run.error else "The run failed; Puffle gave no reason."
        case RunStatus.CANCELLED:
            return "The run was cancelled before it finished, so there is no final text."
        case _:
            return "The run has not ended yet."


def state_words(state: str) -> str:
    """What a view says that leaves the agent's internal state out."""
    return f"internal state of the agent, {count_words(len(state), 'character')}: see run.to_html()"


ANSWER_IS_ABOVE = "Final answer: shown at the top"
"""What a message says in place of the text that is the final answer."""

OF_NO_MESSAGE = " not mentioned in the messages"
"""What is said of calls that only the list beside the messages tells of."""


def ledger_words(ledger: Ledger, *, is_whole: bool) -> str:
    """``Nothing left out: 39 shown, 2 folded``.

    Args:
        ledger: counts of the parts that were received.
        is_whole: whether the view shows all of them; a view that leaves some out must not say otherwise.
    """
    unknown = f", {ledger.unknown:,} unknown" if ledger.unknown else ""
    about = "Nothing left out" if is_whole else "In the whole run"
    return f"{about}: {ledger.shown:,} shown, {ledger.folded:,} folded{unknown}"


def transcript_words(messages: int, calls: Sequence[ToolCall]) -> str:
    """``6 messages · 8 tool calls (1 failed)``."""
    counted = count_words(messages, "message")
    return f"{counted} · {calls_words(calls)}" if calls else counted


def calls_words(calls: Sequence[ToolCall]) -> str:
    """``8 tool calls (1 failed)``."""
    failed = failed_words(calls)
    return count_words(len(calls), "tool call") + (f" ({failed})" if failed else "")


def failed_words(calls: Sequence[ToolCall]) -> str:
    """``1 failed``; "" when none did."""
    failed = sum(call.state is ToolCallState.FAILED for call in calls)
    return f"{failed:,} failed" if failed else ""


def calls_title(calls: Sequence[ToolCall]) -> str:
    """``4 calls: query_sheet, 3 × web_search``, or ``15 calls: web_search``; not yet HTML."""
    count_by_name = Counter(shortened(call_title(call.name), WORD_LIMIT) for call in calls)
    only = len(count_by_name) == 1
    named = [name if only or count == 1 else f"{count:,} × {name}" for name, count in count_by_name.items()]
    more = [f"{len(named) - _NAMES:,} more"] if len(named) > _NAMES else []
    return f"{count_words(len(calls), 'call')}: {', '.join([*named[:_NAMES], *more])}"


def size_words(size: int) -> str:
    """``512 bytes``, ``13 KB``, ``3.6 MB``: a KB is 1,000 bytes."""
    if size < 1_000:
        return count_words(size, "byte")
    return f"{size / 1_000:,.0f} KB" if size < 999_500 else f"{size / 1_000_000:,.1f} MB"


def elapsed_words(seconds: float) -> str:
    """Whole seconds in words: ``12 s``, ``1 min 04 s``, ``2 h 05 min``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def count_words(count: int, noun: str, plural: str = "") -> str:
    """``1 poll``, ``12,345 characters``; ``plural`` is that of ``noun`` where it is not an s more."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
