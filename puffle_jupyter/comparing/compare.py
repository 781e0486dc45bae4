"""Two runs compared: the facts from which every view of the difference is made."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..json_value import JsonValue
from ..run_data import RunData
from ..transcript.answer import answer_of
from ..transcript.model import TextPart, ToolCall, ToolCallPart, Transcript
from ..transcript.read import read, unmentioned_calls
from ..transcript.tables import Rows
from .align import Effort
from .calls import CallDiff, CallKeys, CallKind, call_diffs, keys_of
from .rows import NamedRows, RowsDiff, row_diffs
from .texts import TextDiff, TextPlace, is_asking, texts_of


class DivergenceKind(enum.Enum):
    """In what two runs differ first."""

    ASKED = "asked"
    CHANGED = "changed"
    MOVED = "moved"
    RETRIED = "retried"
    ADDED = "added"
    REMOVED = "removed"
    REPLACED = "replaced"
    """Another tool was called."""
    STATUS = "status"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two runs part: up to there they were asked the same, and did the same with the same result.

    Attributes:
        kind: in what they differ there.
        calls: how many calls they have in common before; the place of the call in which they differ.
        before: the call of the first run at this place; None where it has none.
        after: the same of the second run.
        diff: the call, where it is one that changed.
        place: the text that differs, where it is no call.
    """

    kind: DivergenceKind
    calls: int
    before: ToolCall | None = None
    after: ToolCall | None = None
    diff: CallDiff | None = None
    place: TextPlace | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared.

    Attributes:
        before: the first run.
        after: the second run.
        divergence: where they part; None where nothing differs.
        calls: all calls of both, aligned.
        rows: the rows of each tool, and of the tables in the answers.
        texts: the texts that differ.
    """

    before: RunData
    after: RunData
    divergence: Divergence | None
    calls: tuple[CallDiff, ...]
    rows: tuple[RowsDiff, ...]
    texts: tuple[TextDiff, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two runs, read.

    Attributes:
        steps: what was asked and what was called, in order: what it says, and the place of the call.
    """

    run: RunData
    calls: tuple[CallKeys, ...]
    steps: tuple[tuple[bytes, int | None], ...]
    texts: dict[TextPlace, str]


def compare(
    before: RunData,
    after: RunData,
    tables: tuple[Sequence[NamedRows], Sequence[NamedRows]] = ((), ()),
    key: str | None = None,
) -> Comparison:
    """Compare two runs.

    Args:
        before: the first run.
        after: the second run.
        tables: the tables of the answer of each of them; those of calls are found here.
        key: the column by which a row is known; None finds it.
    """
    found: dict[JsonValue, Rows | None] = {}
    first, second = _side(before, found), _side(after, found)
    effort = Effort()
    calls = call_diffs(first.calls, second.calls, effort)
    texts = tuple(
        TextDiff(place, first.texts[place], second.texts[place])
        for place in TextPlace
        if first.texts[place] != second.texts[place]
    )
    divergence = _divergence(first, second, calls, texts)
    rows = row_diffs([*tables[0], *_rows_of(first)], [*tables[1], *_rows_of(second)], key, effort)
    return Comparison(before, after, divergence, calls, rows, texts)


def _rows_of(side: _Side) -> Iterator[NamedRows]:
    """The rows of each tool, of all its calls."""
    return (NamedRows(keys.call.name, keys.table) for keys in side.calls if keys.table is not None)


def _side(run: RunData, tables: dict[JsonValue, Rows | None]) -> _Side:
    transcript = read(run.body)
    calls = tuple(keys_of(call, tables) for call in transcript.tool_calls)
    texts = texts_of(run, transcript, answer_of(run, transcript))
    return _Side(run, calls, tuple(_steps(transcript, calls)), texts)


def _steps(transcript: Transcript, calls: Sequence[CallKeys]) -> Iterator[tuple[bytes, int | None]]:
    for message in transcript.messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart):
                yield calls[part.call.index].whole, part.call.index
            elif isinstance(part, TextPart) and is_asking(message.role):
                yield part.text.encode("utf-8", "replace"), None
    for call in unmentioned_calls(transcript.messages, transcript.tool_calls):
        yield calls[call.index].whole, call.index


def _divergence(
    first: _Side, second: _Side, calls: Sequence[CallDiff], texts: Sequence[TextDiff]
) -> Divergence | None:
    steps, others = first.steps, second.steps
    shorter = min(len(steps), len(others))
    same = next((at for at in range(shorter) if steps[at][0] != others[at][0]), shorter)
    done = sum(call is not None for _, call in steps[:same])
    if same < max(len(steps), len(others)):
        place = steps[same][1] if same < len(steps) else None
        other = others[same][1] if same < len(others) else None
        is_asked = any(at[same:] and at[same][1] is None for at in (steps, others))
        if is_asked:
            return Divergence(DivergenceKind.ASKED, done, place=TextPlace.ASKED)
        return _at_call(place, other, done, calls)
    if first.run.status_text != second.run.status_text:
        return Divergence(DivergenceKind.STATUS, done)
    return Divergence(DivergenceKind.TEXT, done, place=texts[0].place) if texts else None


def _at_call(place: int | None, other: int | None, done: int, calls: Sequence[CallDiff]) -> Divergence:
    """Where the runs part at a call: what became of the call that each of them has there."""
    mine = next((one for one in calls if one.before and one.before.index == place), None)
    theirs = next((one for one in calls if one.after and one.after.index == other), None)
    before = None if mine is None else mine.before
    after = None if theirs is None else theirs.after
    kinds = {one.kind for one in (mine, theirs) if one is not None}
    if mine is theirs:
        kind = DivergenceKind.CHANGED
    elif CallKind.MOVED in kinds:
        kind = DivergenceKind.MOVED
    elif CallKind.RETRIED in kinds:
        kind = DivergenceKind.RETRIED
    elif kinds >= {CallKind.ADDED, CallKind.REMOVED}:
        kind = DivergenceKind.REPLACED
    else:
        kind = DivergenceKind.ADDED if CallKind.ADDED in kinds else DivergenceKind.REMOVED
    return Divergence(kind, done, before, after, mine if mine is theirs else None)
