"""The words of a difference: the sentence that says where two runs first differ, and the counts.

All of it is harmless plain text, and not yet html or Markdown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..comparing.calls import CallDiff, CallKind
from ..comparing.compare import Comparison, Divergence, DivergenceKind
from ..comparing.rows import RowsDiff
from ..comparing.texts import TextPlace
from ..comparing.values import Path
from ..json_value import JsonValue
from ..run_data import RunData
from ..safe_text import shortened
from ..transcript.model import ToolCall
from ..untrusted import plain_label
from .arguments_summary import cell_text
from .html.style import Severity
from .words import LABEL_BY_CALL_STATE, WORD_LIMIT, StatusLabel, call_title, count_words, label_of_status

NOT_COMPARED = "Not compared: ids of calls and messages, times, tokens and the agent's internal state."
NOT_THERE = "(not there)"
_VALUE_LIMIT = 48
_PATH_LIMIT = 80

LABEL_BY_CALL_KIND = {
    CallKind.SAME: StatusLabel("=", "same", Severity.CALM),
    CallKind.CHANGED: StatusLabel("~", "changed", Severity.CAUTION),
    CallKind.MOVED: StatusLabel("↕", "moved", Severity.ACTIVE),
    CallKind.RETRIED: StatusLabel("↻", "retried", Severity.UNKNOWN),
    CallKind.ADDED: StatusLabel("+", "added", Severity.GOOD),
    CallKind.REMOVED: StatusLabel("−", "removed", Severity.BAD),
}


def side_names(before: RunData, after: RunData) -> tuple[str, str]:
    """What the two runs are called: their ids, or their order where the ids are the same."""
    names = [shortened(plain_label(run.run_id), WORD_LIMIT) for run in (before, after)]
    return ("the first run", "the second run") if names[0] == names[1] else (names[0], names[1])


def divergence_sentence(comparison: Comparison) -> str:
    """Where the runs first differ, in one sentence."""
    found = comparison.divergence
    before, after = side_names(comparison.before, comparison.after)
    if found is None:
        made = f", {count_words(len(comparison.calls), 'call')} among it" if comparison.calls else ""
        return f"{before} and {after} do not differ in what was asked, done and said{made}."
    match found.kind:
        case DivergenceKind.ASKED:
            return f"{before} and {after} were not asked the same{_after(found)}."
        case DivergenceKind.STATUS:
            first, second = (label_of_status(run.status, run.status_text).word for run in _runs(comparison))
            return f"{_alike(found)}{before} is {first} and {after} is {second}."
        case DivergenceKind.TEXT:
            place = "the answer" if found.place is TextPlace.ANSWER else _place(found)
            return f"{_alike(found)}{before} and {after} differ in {place}."
        case _:
            what = _at_call(found, comparison.calls, before, after)
            return f"{before} and {after} first differ at the {_ordinal(found.calls + 1)} call: {what}."


def _runs(comparison: Comparison) -> tuple[RunData, RunData]:
    return comparison.before, comparison.after


def _place(found: Divergence) -> str:
    word = found.place.value if found.place else ""
    return word if word.startswith("what") else f"the {word}"


def _after(found: Divergence) -> str:
    return f" after {count_words(found.calls, 'call')}" if found.calls else ""


def _alike(found: Divergence) -> str:
    made = f", with the same {count_words(found.calls, 'call')} and results" if found.calls else ""
    return f"Asked the same{made}, "


def _at_call(found: Divergence, calls: Sequence[CallDiff], before: str, after: str) -> str:
    mine, theirs = (call_name(call) if call else "" for call in (found.before, found.after))
    match found.kind:
        case DivergenceKind.ADDED:
            return f"{after} calls {theirs} there, which {before} does not"
        case DivergenceKind.REMOVED:
            return f"{before} calls {mine} there, which {after} does not"
        case DivergenceKind.RETRIED:
            is_first = any(one.kind is CallKind.RETRIED and one.before == found.before for one in calls)
            name, run = (mine, before) if is_first else (theirs, after)
            return f"{name} failed and was called again in {run}"
        case DivergenceKind.MOVED:
            return f"the order differs, {before} calls {mine} there and {after} calls {theirs}"
        case DivergenceKind.REPLACED:
            return f"{before} calls {mine} there and {after} calls {theirs}"
        case _:
            return "it differs" if found.diff is None else _changed_words(found.diff, before, after)


def _changed_words(diff: CallDiff, before: str, after: str) -> str:
    name, changes = call_name(diff.call), diff.changes
    if changes and changes[0].path[0] == "arguments":
        change = changes[0]
        values = value_words(change.before), value_words(change.after)
        path = shortened(path_words(change.path[1:]), _PATH_LIMIT) or "the arguments"
        return f"{name} is called with {path} {values[0]} in {before} and {values[1]} in {after}"
    if states := state_words(diff):
        return f"{name} {states[0]} in {before} and {states[1]} in {after}"
    if diff.rows is not None:
        if diff.rows[0] == diff.rows[1]:
            return f"{name} returned other rows"
        return (
            f"{name} returned {count_words(diff.rows[0], 'row')} in {before} and {diff.rows[1]:,} in {after}"
        )
    if not changes:
        return f"{name} returned something else"
    values = value_words(changes[0].before), value_words(changes[0].after)
    path = shortened(path_words(changes[0].path), _PATH_LIMIT)
    return f"{name} has {path} {values[0]} in {before} and {values[1]} in {after}"


def state_words(diff: CallDiff) -> tuple[str, str] | None:
    """In which states the call ended; None where these are the same, or it is in one run only."""
    if diff.before is None or diff.after is None or diff.before.state is diff.after.state:
        return None
    return LABEL_BY_CALL_STATE[diff.before.state].word, LABEL_BY_CALL_STATE[diff.after.state].word


def call_name(call: ToolCall) -> str:
    """The name of the tool, in a sentence."""
    return shortened(call_title(call.name), WORD_LIMIT)


def value_words(value: JsonValue | None, limit: int = _VALUE_LIMIT) -> str:
    """A value in a sentence or a line."""
    return NOT_THERE if value is None else shortened(plain_label(cell_text(value)), limit) or '""'


def path_words(path: Path) -> str:
    """A path as one writes it: ``result.leads[2].name``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return plain_label("".join(steps).removeprefix("."))


def counts_line(comparison: Comparison) -> str:
    """``Calls: 6 same, 1 changed · Rows: 2 gained, 1 lost · Texts: answer``; "" when nothing differs."""
    if comparison.divergence is None:
        return ""
    kinds = Counter(one.kind for one in comparison.calls)
    calls = [f"{kinds[kind]:,} {label.word}" for kind, label in LABEL_BY_CALL_KIND.items() if kinds[kind]]
    rows = rows_counts(comparison.rows)
    texts = [text.place.value for text in comparison.texts]
    lists = {"Calls": calls, "Rows": [rows] if rows else [], "Texts": texts}
    return " · ".join(f"{name}: {', '.join(words)}" for name, words in lists.items() if words)


def rows_counts(found: Sequence[RowsDiff]) -> str:
    """``2 gained, 1 lost, 3 changed``; "" when all are the same."""
    counts = {
        "gained": sum(len(one.gained) for one in found),
        "lost": sum(len(one.lost) for one in found),
        "changed": sum(len(one.changed) for one in found),
    }
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number:,}th"
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
