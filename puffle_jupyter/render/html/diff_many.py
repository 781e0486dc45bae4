"""Many runs beside one as HTML: the table, and below it each difference in a fold."""

from __future__ import annotations

import html
from dataclasses import replace

from ..diff_many import HEADS, DiffLine, DiffTable
from ..limits import Limits, series
from . import style
from .diff import OUTPUT, PAGE, diff_body, side_badge
from .escape import label
from .fold import details, left_out, small
from .page import whole_page
from .run import wrapped


def many_fragment(table: DiffTable) -> str:
    """The table as a notebook shows it: at most 2 MB, and exact about what is left out."""
    return wrapped(_all(table, OUTPUT.for_one_output()))


def many_page(table: DiffTable) -> str:
    """The table as a standalone page, with everything in it."""
    title = f"{label(table.baseline.run_id, 80)} and others · Puffle runs compared"
    return whole_page(title, wrapped(_all(table, PAGE)))


def _all(table: DiffTable, limits: Limits) -> str:
    head = f'<div style="margin:0 0 10px">{side_badge(table.baseline)}</div>'
    head += f'<p style="{style.PARAGRAPH}">{style.bold(label(table.sentence, 500))}</p>'
    half = replace(limits, output=limits.output and limits.output // 2)
    rows = list(series(table.lines, _row, half))
    cells = "".join(
        f'<th style="{style.CELL};{style.BOLD};{style.QUIET}">{html.escape(word)}</th>' for word in HEADS
    )
    head += (
        f'{style.TABLE_START}<thead><tr style="background:none">{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>{style.TABLE_END}"
    )
    head += left_out(len(rows), len(table.lines), "run", limits)
    different = [line for line in table.lines if line.counts]
    drawn = list(series(different, _fold, limits.without([head])))
    return head + "".join(drawn) + left_out(len(drawn), len(different), "difference", limits)


def _row(line: DiffLine, _: Limits) -> str:
    cells = [side_badge(line.side), *(label(cell, 300) for cell in line.cells)]
    drawn = "".join(f'<td style="{style.CELL}">{cell}</td>' for cell in cells)
    return f'<tr style="{style.ROW}">{drawn}</tr>'


def _fold(line: DiffLine, limits: Limits) -> str:
    summary = f"{side_badge(line.side)} {small(label(line.counts, 300))}"
    return details(summary, diff_body(line.outline, limits))
