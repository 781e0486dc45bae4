"""What a run did, in one line: ``search_leads (8 rows) · 3 × web_search (1 failed) · add_rows``.

The rules are plain: a tool is named once, where it was called first, with the number of its calls. Behind it
is what came of a single call, or how many of several did not succeed. Nothing is guessed from a tool's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..safe_text import shortened
from ..transcript.model import ToolCall, ToolCallState
from ..transcript.tables import find_table
from .outcome import outcome_words
from .words import LABEL_BY_CALL_STATE, WORD_LIMIT, call_title, count_words

_TOOLS = 8
_FAILED = 12
_LOOKED_THROUGH = 20
# Of no use here: what Puffle lists besides the messages most often has no results at all.
_SAYS_NOTHING = (ToolCallState.SUCCEEDED, ToolCallState.PENDING)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a run did with one tool. The words are harmless lines, not yet html.

    Attributes:
        words: the tool, and how often it was called.
        outcome: what came of it; "" where there is nothing to say.
        call: the call that the words lead to, its first.
        outcome_call: the call that the outcome leads to: the first that did not succeed, else the same.
    """

    words: str
    outcome: str
    call: ToolCall
    outcome_call: ToolCall

    def __str__(self) -> str:
        """Both in plain text."""
        return f"{self.words} ({self.outcome})" if self.outcome else self.words


@dataclass(frozen=True, slots=True)
class Deeds:
    """What a run did with its tools.

    Attributes:
        shown: one for each tool, in the order of their first calls.
        more: what is said of the tools beyond those; "" without any.
        failed: ``4 of 119 calls failed``; "" when none did.
        failures: the calls that failed, the first ones.
        more_failures: what is said of those beyond; "" without any.
        are_many: there are more calls than one looks through for a failure.
    """

    shown: tuple[Deed, ...] = ()
    more: str = ""
    failed: str = ""
    failures: tuple[ToolCall, ...] = ()
    more_failures: str = ""
    are_many: bool = False

    def line(self) -> str:
        """The deeds on one line, in plain text; "" without any."""
        return " · ".join([*map(str, self.shown), *filter(None, (self.more,))])

    def failed_line(self) -> str:
        """``4 of 119 calls failed: run.calls[7] enrich, …`` in plain text; "" when none did."""
        named = [f"run.calls[{call.index}] {failure_title(call)}" for call in self.failures]
        return f"{self.failed}: {', '.join([*named, *filter(None, (self.more_failures,))])}" if named else ""


def deeds_of(calls: Sequence[ToolCall]) -> Deeds:
    """What was done by ``calls``. Only results of tools that were called once are read, for their rows."""
    by_name: dict[str, list[ToolCall]] = {}
    failures: list[ToolCall] = []
    for call in calls:
        by_name.setdefault(call.name, []).append(call)
        if call.state is ToolCallState.FAILED:
            failures.append(call)
    shown = tuple(_deed(alike) for alike in list(by_name.values())[:_TOOLS])
    more, unnamed = len(by_name) - len(shown), len(failures) - _FAILED
    return Deeds(
        shown,
        count_words(more, "more tool") if more else "",
        f"{len(failures):,} of {count_words(len(calls), 'call')} failed" if failures else "",
        tuple(failures[:_FAILED]),
        f"{unnamed:,} more" if unnamed > 0 else "",
        len(calls) > _LOOKED_THROUGH,
    )


def failure_title(call: ToolCall) -> str:
    """The name of a failed call among others."""
    return shortened(call_title(call.name), WORD_LIMIT)


def _deed(alike: Sequence[ToolCall]) -> Deed:
    first = alike[0]
    title = shortened(call_title(first.name), WORD_LIMIT)
    if len(alike) == 1:
        outcome = (
            ""
            if first.state is ToolCallState.PENDING
            else outcome_words(first, find_table(first.result_json))
        )
        return Deed(title, outcome, first, first)
    others = [call for call in alike if call.state not in _SAYS_NOTHING]
    count_by_state = Counter(call.state for call in others)
    said = [f"{count:,} {LABEL_BY_CALL_STATE[state].word}" for state, count in count_by_state.items()]
    return Deed(f"{len(alike):,} × {title}", ", ".join(said), first, others[0] if others else first)
