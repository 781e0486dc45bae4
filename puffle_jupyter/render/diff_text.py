"""A difference as plain text, safe in any terminal: ``[-gone-]`` and ``{+new+}``, as `wdiff` writes them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from ..comparing.words import Piece, PieceKind
from ..json_value import JsonValue
from ..transcript.tables import Rows
from ..untrusted import plain_label, terminal_safe
from .arguments_summary import cell_text, summarize_arguments
from .diff_blocks import CallBlock, ChangedValue, DiffOutline, RowsBlock, SameCalls, TextBlock
from .diff_many import HEADS, DiffTable
from .diff_words import NOT_THERE
from .words import call_title, calls_title, count_words

_SIGNS = {PieceKind.GONE: ("[-", "-]"), PieceKind.NEW: ("{+", "+}")}


def diff_text(outline: DiffOutline) -> str:
    """All of it, one line for each thing."""
    return "\n".join(_lines(outline)) + "\n"


def many_text(table: DiffTable) -> str:
    """One line for each run, and what is in it below."""
    lines = [f"{table.baseline.label} · {plain_label(table.baseline.run_id)}", plain_label(table.sentence)]
    for line in table.lines:
        lines.append(f"  {line.side.label} · {plain_label(line.side.run_id)}")
        lines += (
            f"    {head}: {plain_label(cell)}" for head, cell in zip(HEADS[1:], line.cells, strict=True)
        )
    return "\n".join(lines) + "\n"


def _lines(outline: DiffOutline) -> Iterator[str]:
    yield " → ".join(f"{side.label} · {plain_label(side.run_id)}" for side in outline.sides)
    yield plain_label(outline.sentence)
    if outline.counts:
        yield plain_label(outline.counts)
    names = [plain_label(side.name) for side in outline.sides]
    if outline.calls:
        yield "\n── Calls ──"
    for call in outline.calls:
        yield from _call(call, names)
    if outline.rows:
        yield "\n── Rows ──"
    for rows in outline.rows:
        yield from _rows(rows, names)
    for text in outline.texts:
        yield from _text(text)
    yield f"\n{outline.note}"


def _call(block: CallBlock, names: Sequence[str]) -> Iterator[str]:
    if isinstance(block, SameCalls):
        yield f"  = {plain_label(calls_title(block.calls))} · the same"
        return
    line = summarize_arguments(block.call.arguments_json)
    facts = [call_title(block.call.name), *([line] if line else []), *block.facts, block.place]
    yield f"  {block.label} · {' · '.join(facts)}"
    for value in block.values:
        yield from _value(value, names, 6)
    if block.more:
        yield f"      {count_words(block.more, 'value')} more differ"


def _value(value: ChangedValue, names: Sequence[str], by: int) -> Iterator[str]:
    path = plain_label(value.path)
    if value.pieces:
        yield f"{' ' * by}{path}:"
        yield _indented(_drawn(value.pieces), by + 2)
    else:
        yield f"{' ' * by}{path}: {_shown(value.before)} → {_shown(value.after)}"


def _shown(value: JsonValue | None) -> str:
    return NOT_THERE if value is None else plain_label(cell_text(value))


def _rows(block: RowsBlock, names: Sequence[str]) -> Iterator[str]:
    yield f"  {call_title(block.name)} · {plain_label(block.facts)}"
    yield from (f"    {plain_label(note)}" for note in block.notes)
    for sign, rows in (("+", block.gained), ("−", block.lost)):
        yield from (f"    {sign} {line}" for line in _lines_of(rows))
    for one in block.changed:
        yield f"    ~ {plain_label(one.key)}"
        for value in one.values:
            yield from _value(value, names, 6)


def _lines_of(rows: Rows) -> Iterator[str]:
    for row in rows.rows:
        cells = [f"{column}: {cell_text(row[column])}" for column in rows.columns if column in row]
        yield plain_label(" · ".join(cells))


def _text(block: TextBlock) -> Iterator[str]:
    yield f"\n── {block.title[0].upper()}{block.title[1:]} · {block.facts} ──"
    yield _indented(_drawn(block.pieces), 2)


def _drawn(pieces: Sequence[Piece]) -> str:
    return "".join("{0}{2}{1}".format(*_SIGNS.get(piece.kind, ("", "")), piece.text) for piece in pieces)


def _indented(text: str, by: int) -> str:
    return textwrap.indent(terminal_safe(text).strip("\n"), " " * by, lambda _line: True)
