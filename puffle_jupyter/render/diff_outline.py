"""The outline of a difference: what every view of two runs agrees on, decided here once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..comparing.align import Effort
from ..comparing.calls import CallDiff, CallKind
from ..comparing.compare import Comparison
from ..comparing.rows import Row, RowsDiff
from ..comparing.texts import TextDiff, TextPlace
from ..comparing.values import Change
from ..comparing.words import Piece, PieceKind, pieces_of
from ..run_data import RunData
from ..transcript.tables import Rows
from ..untrusted import terminal_safe
from .diff_blocks import (
    CallBlock,
    ChangedCall,
    ChangedCells,
    ChangedValue,
    DiffOutline,
    RowsBlock,
    SameCalls,
    Side,
    TextBlock,
)
from .diff_words import (
    LABEL_BY_CALL_KIND,
    NOT_COMPARED,
    counts_line,
    divergence_sentence,
    path_words,
    rows_counts,
    side_names,
    state_words,
    value_words,
)
from .words import count_words, label_of_status

_VALUES = 40
"""Values of a call, or cells of a row, that are shown."""
_TEXT = 60
"""Characters from which two texts are shown word by word."""
_MOST_TEXT = 20_000
_ALIKE = 400
"""Characters between two changes that are shown; of more, this many around each change."""
_AROUND = 120
_DUPLICATES = 5


def outline_of_diff(comparison: Comparison, effort: Effort | None = None) -> DiffOutline:
    """What is shown of ``comparison``; ``effort`` is what it may cost, None for as much as one by itself."""
    effort = effort or Effort()
    texts = tuple(_text(one, effort) for one in comparison.texts)  # the answer has the first share
    is_all_same = all(one.kind is CallKind.SAME for one in comparison.calls)
    return DiffOutline(
        sides_of(comparison),
        divergence_sentence(comparison),
        counts_line(comparison),
        () if is_all_same else tuple(_calls(comparison.calls, effort)),
        tuple(_tables(comparison.rows, effort)),
        texts,
        NOT_COMPARED,
    )


def sides_of(comparison: Comparison) -> tuple[Side, Side]:
    """Both runs, each with what it is called."""
    first, second = side_names(comparison.before, comparison.after)
    return _side(comparison.before, first), _side(comparison.after, second)


def _side(run: RunData, name: str) -> Side:
    return Side(name, run.run_id, label_of_status(run.status, run.status_text))


def _calls(calls: Iterable[CallDiff], effort: Effort) -> Iterator[CallBlock]:
    is_first = True
    for is_same, together in itertools.groupby(calls, lambda one: one.kind is CallKind.SAME):
        if is_same:
            yield SameCalls(tuple(one.call for one in together))
            continue
        for block in (_changed_call(one, effort) for one in together):
            yield replace(block, is_first=is_first)
            is_first = is_first and not block.values


def _tables(found: Iterable[RowsDiff], effort: Effort) -> Iterator[RowsBlock]:
    different = (one for one in found if not one.is_same)
    return (replace(_rows(one, effort), is_first=not at) for at, one in enumerate(different))


def _changed_call(diff: CallDiff, effort: Effort) -> ChangedCall:
    facts = []
    if states := state_words(diff):
        facts.append(" → ".join(states))
    if diff.rows is not None:
        counts = " → ".join(f"{count:,}" for count in diff.rows)
        facts.append(f"{counts} rows" if diff.rows[0] != diff.rows[1] else "other rows")
    values = tuple(_value(path_words(change.path), change, effort) for change in diff.changes[:_VALUES])
    label = LABEL_BY_CALL_KIND[diff.kind]
    return ChangedCall(label, diff.call, _place(diff), tuple(facts), values, len(diff.changes) - len(values))


def _place(diff: CallDiff) -> str:
    places = [f"calls[{call.index}]" for call in (diff.before, diff.after) if call is not None]
    return " → ".join(dict.fromkeys(places))


def _value(path: str, change: Change, effort: Effort) -> ChangedValue:
    text, other = (None if value is None else value.string for value in (change.before, change.after))
    is_text = text is not None and other is not None and _TEXT < max(len(text), len(other)) <= _MOST_TEXT
    pieces = pieces_of(terminal_safe(text or ""), terminal_safe(other or ""), effort) if is_text else ()
    return ChangedValue(path, change.before, change.after, tuple(_shortened(pieces)))


def _rows(diff: RowsDiff, effort: Effort) -> RowsBlock:
    said = [rows_counts([diff]), f"{diff.same:,} the same"]
    if diff.key:
        said.append(f"by {diff.key}")
    elif diff.before and diff.after:
        said.append("compared as a whole: no column tells rows apart")
    changed = tuple(
        ChangedCells(
            value_words(one.before.get(diff.key or ""), 120),
            tuple(_value(str(change.path[0]), change, effort) for change in one.changes[:_VALUES]),
        )
        for one in diff.changed
    )
    gained, lost = (_table(diff.columns, rows) for rows in (diff.gained, diff.lost))
    return RowsBlock(diff.name, " · ".join(said), gained, lost, changed, tuple(_notes(diff)))


def _table(columns: Sequence[str], rows: Sequence[Row]) -> Rows:
    there = {column for row in rows for column in row}
    return Rows(tuple(column for column in columns if column in there), tuple(dict(row) for row in rows))


def _notes(diff: RowsDiff) -> Iterator[str]:
    if not diff.duplicates:
        return
    named = [f"{value_words(value)} ({count:,} rows)" for value, count in diff.duplicates[:_DUPLICATES]]
    more = len(diff.duplicates) - len(named)
    named += [f"{more:,} more"] if more else []
    yield f"{diff.key} is in several rows with different cells: {', '.join(named)}"


def _text(diff: TextDiff, effort: Effort) -> TextBlock:
    whole = diff.pieces_within(effort)
    pieces = tuple(_shortened(whole))
    counts = [_words(whole, kind) for kind in (PieceKind.GONE, PieceKind.NEW)]
    facts = f"{count_words(counts[0], 'word')} gone, {counts[1]:,} new" if any(counts) else _INVISIBLE
    is_first = diff.place in (TextPlace.ASKED, TextPlace.ERROR, TextPlace.ANSWER)
    return TextBlock(diff.place.value, facts, pieces, is_first)


_INVISIBLE = "it differs only in spaces, or in what is cut out of every view, such as keys"


def _words(pieces: Iterable[Piece], kind: PieceKind) -> int:
    return sum(len(piece.text.split()) for piece in pieces if piece.kind is kind)


def _shortened(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The same; of a long text without a change only what is next to the changes, and its length."""
    for at, piece in enumerate(pieces):
        if piece.kind is not PieceKind.SAME or len(piece.text) <= _ALIKE:
            yield piece
            continue
        start = _beginning(piece.text) if at else ""
        end = _beginning(piece.text[::-1])[::-1] if at < len(pieces) - 1 else ""
        between = len(piece.text) - len(start) - len(end)
        if start:
            yield Piece(PieceKind.SAME, start)
        yield Piece(PieceKind.LEFT_OUT, f" … {between:,} characters the same … ")
        if end:
            yield Piece(PieceKind.SAME, end)


def _beginning(text: str) -> str:
    """About so much of ``text``, with whole words."""
    return text[: max(text.rfind("\n", 0, _AROUND), text.rfind(" ", 0, _AROUND)) + 1] or text[:_AROUND]
