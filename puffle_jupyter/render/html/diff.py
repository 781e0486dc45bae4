"""A difference as HTML: the sentence, then folds for calls, rows and texts.

What is gone is crossed out and what is new is underlined, so both read well without any colour.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ...comparing.words import Piece, PieceKind
from ...json_value import JsonValue
from ...transcript.tables import Rows
from ..arguments_summary import cell_text, summarize_arguments
from ..diff_blocks import (
    CallBlock,
    ChangedCells,
    ChangedValue,
    DiffOutline,
    RowsBlock,
    SameCalls,
    Side,
    TextBlock,
)
from ..diff_words import NOT_THERE
from ..limits import NOTEBOOK, Limits, series
from ..words import call_title, calls_title, count_words
from . import style
from .direction import auto
from .escape import label, unbroken
from .fold import details, left_out, small
from .page import whole_page
from .run import wrapped
from .style import status_label
from .tool_call import rows_table

T = TypeVar("T")
_ELSEWHERE = ("diff.to_html()", "diff.to_markdown()", "diff.to_frame()")
PAGE = Limits(elsewhere=_ELSEWHERE)
OUTPUT = replace(NOTEBOOK, elsewhere=_ELSEWHERE)
_OPEN_ROWS = 25
_VALUE = 300
_LEAST = 100
"""Characters of a piece of text below which there is no room for one."""
_TEXT = f"{style.PRE};font-family:inherit;font-size:14px"
_MARK_OF = {PieceKind.GONE: ("del", style.GONE), PieceKind.NEW: ("ins", style.NEW)}


def diff_fragment(outline: DiffOutline) -> str:
    """A difference as a notebook shows it: at most 2 MB, and exact about what is left out."""
    return wrapped("".join(_pieces(outline, OUTPUT.for_one_output())))


def diff_page(outline: DiffOutline) -> str:
    """A difference as a standalone page, with everything in it."""
    names = " and ".join(label(side.run_id, 80) for side in outline.sides)
    return whole_page(f"{names} · Puffle runs compared", wrapped("".join(_pieces(outline, PAGE))))


def diff_body(outline: DiffOutline, limits: Limits) -> str:
    """What is below the badges."""
    return "".join(_body(outline, limits))


def _pieces(outline: DiffOutline, limits: Limits) -> Iterator[str]:
    badges = " → ".join(map(side_badge, outline.sides))
    yield f'<div style="margin:0 0 10px">{badges}</div>'
    yield f'<p style="{style.PARAGRAPH}">{style.bold(label(outline.sentence, 1_000))}</p>'
    yield from _body(outline, limits)


def side_badge(side: Side) -> str:
    """The status and the id of one of the runs."""
    name = f'<code style="{style.NAME}">{label(side.run_id, 80)}</code>'
    return f"{status_label(html.escape(str(side.label)), side.label.severity)} {name}"


def _body(outline: DiffOutline, limits: Limits) -> Iterator[str]:
    if outline.counts:
        yield f'<p style="{style.PARAGRAPH}">{small(label(outline.counts, 500))}</p>'
    sides = [label(side.name, 40) for side in outline.sides]
    drawers = (
        functools.partial(_part, "Calls", "call", outline.calls, functools.partial(_call, sides=sides)),
        functools.partial(_part, "Rows", "table", outline.rows, functools.partial(_rows, sides=sides)),
        functools.partial(_part, "Texts", "text", outline.texts, _text),
    )
    following = len(outline.calls) + len(outline.rows) + len(outline.texts)
    for drawer, blocks in zip(drawers, (outline.calls, outline.rows, outline.texts), strict=True):
        following -= len(blocks)
        part = drawer(limits, following)
        yield part
        limits = limits.without([part])
    yield f'<div style="margin:10px 0 0">{small(html.escape(outline.note))}</div>'


def _part(
    title: str,
    noun: str,
    blocks: Sequence[T],
    draw: Callable[[T, Limits], str],
    limits: Limits,
    following: int,
) -> str:
    """The blocks that there is room for, under a heading; so many others follow. "" without blocks."""
    if not blocks:
        return ""
    drawn = list(series(blocks, draw, limits.before(following)))
    heading = f'<div style="margin:14px 0 4px">{style.bold(title)}</div>'
    return f"{heading}{''.join(drawn)}{left_out(len(drawn), len(blocks), noun, limits)}"


def _call(block: CallBlock, _: Limits, *, sides: Sequence[str]) -> str:
    if isinstance(block, SameCalls):
        count = len(block.calls)
        places = f"calls[{block.calls[0].index}]" + (f" to [{block.calls[-1].index}]" if count > 1 else "")
        return (
            f'<div style="margin:4px 0;padding:0 0 0 18px">'
            f"{small(f'= {label(calls_title(block.calls), 300)} · the same · {places}')}</div>"
        )
    name = f'<code style="{style.NAME};font-weight:600">{html.escape(call_title(block.call.name))}</code>'
    line = summarize_arguments(block.call.arguments_json)
    facts = small(html.escape(" · ".join(filter(None, (line, *block.facts, block.place)))))
    summary = f"{status_label(html.escape(str(block.label)), block.label.severity)} {name} {facts}"
    inside = _values(block.values, sides)
    if block.more:
        more = f"{count_words(block.more, 'value')} more differ"
        inside += f'<p style="{style.PARAGRAPH}">{small(more)}</p>'
    if not inside:
        return f'<div style="margin:4px 0 8px;padding:0 0 0 18px">{summary}</div>'
    return details(summary, inside, is_open=block.is_first)


def _values(values: Sequence[ChangedValue], sides: Sequence[str]) -> str:
    rows = [[_cell(value.path, 200), *_both(value)] for value in values]
    return _table(["", *sides], rows) if rows else ""


def _both(value: ChangedValue) -> tuple[str, str]:
    if not value.pieces:
        return _value(value.before), _value(value.after)
    gone = [piece for piece in value.pieces if piece.kind is not PieceKind.NEW]
    new = [piece for piece in value.pieces if piece.kind is not PieceKind.GONE]
    return _drawn(gone), _drawn(new)


def _value(value: JsonValue | None) -> str:
    return small(NOT_THERE) if value is None else _cell(cell_text(value), _VALUE)


def _cell(text: str, limit: int) -> str:
    return label(text, limit)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are html already."""
    head = "".join(f'<th style="{style.CELL};{style.BOLD};{style.QUIET}">{cell}</th>' for cell in heads)
    body = "".join(
        f'<tr style="{style.ROW}">{"".join(f"""<td style="{style.CELL}">{cell}</td>""" for cell in row)}</tr>'
        for row in rows
    )
    return (
        f'{style.TABLE_START}<thead><tr style="background:none">{head}</tr></thead>'
        f"<tbody>{body}</tbody>{style.TABLE_END}"
    )


def _rows(block: RowsBlock, limits: Limits, *, sides: Sequence[str]) -> str:
    inside = "".join(f'<p style="{style.PARAGRAPH}">{small(label(note, 500))}</p>' for note in block.notes)
    inside += _some_rows("gained", block.gained, limits)
    inside += _some_rows("lost", block.lost, limits)
    if block.changed:
        draw = functools.partial(_changed_cells, sides=sides)
        room = replace(limits, output=limits.block)
        drawn = list(series(block.changed, draw, room))
        head = "".join(
            f'<th style="{style.CELL};{style.BOLD};{style.QUIET}">{cell}</th>' for cell in ("", "", *sides)
        )
        table = (
            f'{style.TABLE_START}<thead><tr style="background:none">{head}</tr></thead>'
            f"<tbody>{''.join(drawn)}</tbody>{style.TABLE_END}"
        )
        table += left_out(len(drawn), len(block.changed), "row", limits)
        inside += _fold_of_rows("changed", len(block.changed), table)
    summary = f"{style.bold(html.escape(call_title(block.name)))} {small(label(block.facts, 300))}"
    return details(summary, inside, is_open=block.is_first)


def _some_rows(word: str, rows: Rows, limits: Limits) -> str:
    return _fold_of_rows(word, len(rows.rows), rows_table(rows, limits)) if rows.rows else ""


def _fold_of_rows(word: str, count: int, table: str) -> str:
    return details(f"{count_words(count, 'row')} {word}", table, is_open=count <= _OPEN_ROWS)


def _changed_cells(block: ChangedCells, _: Limits, *, sides: Sequence[str]) -> str:
    rows = []
    for at, value in enumerate(block.values):
        cells = [label(block.key, 120) if not at else "", label(value.path, 60), *_both(value)]
        drawn = "".join(f'<td style="{style.CELL}">{cell}</td>' for cell in cells)
        rows.append(f'<tr style="{style.ROW}">{drawn}</tr>')
    return "".join(rows)


def _text(block: TextBlock, limits: Limits) -> str:
    title = block.title[0].upper() + block.title[1:]
    summary = f"{style.bold(html.escape(title))} {small(html.escape(block.facts))}"
    shown = _within(block.pieces, limits)
    direction = auto("".join(piece.text for piece in shown[:20]))
    return details(summary, f'<pre{direction} style="{_TEXT}">{_drawn(shown)}</pre>', is_open=block.is_first)


def _within(pieces: Sequence[Piece], limits: Limits) -> list[Piece]:
    """As much of the ``pieces`` as there is room for, and what has the rest.

    None takes more than half of the room: what is new needs some next to what is gone.
    """
    if limits.block is None:
        return list(pieces)
    shown: list[Piece] = []
    left, room = sum(len(piece.text) for piece in pieces), limits.block
    for piece in pieces:
        text = piece.text[: room // 2]
        shown.append(replace(piece, text=text))
        left, room = left - len(text), room - len(text)
        if len(text) < len(piece.text):
            shown.append(Piece(PieceKind.LEFT_OUT, " … "))
        if room < _LEAST:
            break
    if left:
        limits.omissions.any = True
        said = f" … {count_words(left, 'character')} left out here; {limits.elsewhere[0]} has all of it"
        shown.append(Piece(PieceKind.LEFT_OUT, said))
    return shown


def _drawn(pieces: Sequence[Piece]) -> str:
    # A blank line would end the block of HTML in Markdown, also one that two pieces make.
    return unbroken("".join(map(_piece, pieces)))


def _piece(piece: Piece) -> str:
    text = html.escape(piece.text)
    if piece.kind is PieceKind.LEFT_OUT:
        return small(text)
    if piece.kind is PieceKind.SAME:
        return text
    element, looks = _MARK_OF[piece.kind]
    return f'<{element} style="{looks}">{text}</{element}>'
