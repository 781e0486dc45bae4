"""A difference as a Markdown document: what is gone is ~~crossed out~~, what is new is **bold**."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...comparing.words import Piece, PieceKind
from ...json_value import JsonValue
from ...safe_text import shortened
from ...transcript.tables import Rows
from ..arguments_summary import cell_text, summarize_arguments
from ..diff_blocks import CallBlock, ChangedValue, DiffOutline, RowsBlock, SameCalls, TextBlock
from ..diff_many import HEADS, DiffTable
from ..diff_words import NOT_THERE
from ..words import call_title, calls_title, count_words
from .notation import word

_MARKS = {PieceKind.GONE: "~~", PieceKind.NEW: "**"}
_CELL = 500
"""Characters of a cell: a table has a row a line."""


def diff_markdown(outline: DiffOutline) -> str:
    """All of it as one document."""
    return "\n\n".join(_blocks(outline)) + "\n"


def many_markdown(table: DiffTable) -> str:
    """Runs beside one: a table, and below it each difference."""
    rows = [[word(line.side.run_id), *map(word, line.cells)] for line in table.lines]
    pieces = [
        f"# Puffle runs beside {word(table.baseline.run_id)}",
        word(table.sentence),
        _table(HEADS, rows),
    ]
    return "\n\n".join([*pieces, *(diff_markdown(line.outline) for line in table.lines)]) + "\n"


def _blocks(outline: DiffOutline) -> Iterator[str]:
    first, second = (word(side.run_id) for side in outline.sides)
    yield f"# Puffle runs {first} and {second}"
    yield " → ".join(f"**{word(str(side.label))}** {word(side.run_id)}" for side in outline.sides)
    yield f"**{word(outline.sentence)}**"
    if outline.counts:
        yield word(outline.counts)
    names = [word(side.name) for side in outline.sides]
    if outline.calls:
        yield "## Calls"
    for call in outline.calls:
        yield from _call(call, names)
    if outline.rows:
        yield "## Rows"
    for rows in outline.rows:
        yield from _rows(rows, names)
    for text in outline.texts:
        yield from _text(text)
    yield f"*{outline.note}*"


def _call(block: CallBlock, names: Sequence[str]) -> Iterator[str]:
    if isinstance(block, SameCalls):
        yield f"*The same:* {word(calls_title(block.calls))}"
        return
    line = summarize_arguments(block.call.arguments_json)
    facts = [word(fact) for fact in (*([line] if line else []), *block.facts, block.place)]
    yield f"**{word(str(block.label))}: {word(call_title(block.call.name))}** {' · '.join(facts)}"
    if block.values:
        yield _table(["", *names], [[_cell(value.path), *_both(value)] for value in block.values])
    if block.more:
        yield f"*{count_words(block.more, 'value')} more differ*"


def _both(value: ChangedValue) -> tuple[str, str]:
    if not value.pieces:
        return _value(value.before), _value(value.after)
    gone = [piece for piece in value.pieces if piece.kind is not PieceKind.NEW]
    new = [piece for piece in value.pieces if piece.kind is not PieceKind.GONE]
    return _drawn(gone, " "), _drawn(new, " ")


def _value(value: JsonValue | None) -> str:
    return NOT_THERE if value is None else _cell(cell_text(value))


def _cell(text: str) -> str:
    return word(shortened(text, _CELL))


def _rows(block: RowsBlock, names: Sequence[str]) -> Iterator[str]:
    yield f"### {word(call_title(block.name))}"
    yield word(block.facts)
    yield from (word(note) for note in block.notes)
    for title, rows in (("Gained", block.gained), ("Lost", block.lost)):
        if rows.rows:
            yield f"*{title}:*"
            yield _rows_table(rows)
    if block.changed:
        yield "*Changed:*"
        cells = [
            [_cell(one.key), _cell(value.path), *_both(value)]
            for one in block.changed
            for value in one.values
        ]
        yield _table(["", "", *names], cells)


def _rows_table(rows: Rows) -> str:
    cells = [[_value(row[column]) if column in row else "" for column in rows.columns] for row in rows.rows]
    return _table([_cell(column) for column in rows.columns], cells)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)


def _text(block: TextBlock) -> Iterator[str]:
    yield f"## {block.title[0].upper()}{block.title[1:]}"
    yield f"*{block.facts}*"
    yield _drawn(block.pieces, "  \n> ", "> ")


def _drawn(pieces: Sequence[Piece], line_break: str, start: str = "") -> str:
    """The pieces in a line, or as a quotation: each line of each piece is marked by itself."""
    return start + "".join(_piece(piece, line_break) for piece in pieces)


def _piece(piece: Piece, line_break: str) -> str:
    lines = piece.text.split("\n")
    return line_break.join(_marked(line, _MARKS.get(piece.kind, "")) for line in lines)


def _marked(text: str, mark: str) -> str:
    """``text`` without markup of its own; the marks stand next to its letters, or they would be shown."""
    said = text.strip()
    if not said:
        return " " if text else ""
    before, after = (" " if text[at].isspace() else "" for at in (0, -1))
    return f"{before}{mark}{word(said)}{mark}{after}"
