"""A board as html with a column a run, side by side to compare: pure functions.

Where the window is too narrow for all of them, columns go below each other; without any style they do so,
too. Each says the same as a row of the table, and once its run has ended what it answered and did.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from ..render.html import style
from ..render.html.fold import small
from ..render.html.run import wrapped
from ..render.limits import size_of
from ..safe_text import shortened
from .html import BUDGET, ID, LABEL_LIMIT, Body, heading_html, remarks_html
from .rows import Counts, Row

# Three and their gaps fit next to each other in a cell of 800 px.
COLUMN = {"flex": "1 1 17em", "min-width": "0", "max-width": "100%"}
"""What has columns share the width, and go below each other where it is narrow."""
_SIDE_BY_SIDE = "display:flex;flex-wrap:wrap;gap:8px 28px;align-items:flex-start;margin:4px 0 8px"
_COLUMN = ";".join(f"{name}:{value}" for name, value in COLUMN.items())
_HEAD = f"border-top:1px solid {style.LINE};padding:8px 0 6px;margin:0 0 6px"


def column_html(row: Row, body: Body | None, room: int, *, has_time: bool = True) -> str:
    """A run in its column, not yet in the element that sets its width.

    Args:
        row: what is known of it.
        body: renders answer and transcript of a run that has ended; None shows its first line alone.
        room: bytes of html for that.
        has_time: whether to say how long it took, or takes.
    """
    state = style.status_label(html.escape(str(row.status)), row.status.severity)
    facts = [row.time_words if has_time else "", f"calls: {row.calls_words}" if row.calls else ""]
    said = small(html.escape(" · ".join(filter(None, facts))))
    name = f'<code style="{ID}">{html.escape(shortened(row.run_id, 80))}</code>'
    label = style.bold(html.escape(shortened(row.label, LABEL_LIMIT)))
    about = f"{label}<br>{name}" if row.label else name
    head = f'<div style="{_HEAD}"><div>{state} {said}</div><div>{about}</div></div>'
    shown = body(row, room) if body is not None and row.stage.has_ended else None
    if shown is None:
        shown = f'<p style="{style.PARAGRAPH}">{html.escape(row.line)}</p>' if row.line else ""
    return head + shown


def side_by_side(columns: Iterable[str]) -> str:
    """The columns in one row, as far as the window is wide enough."""
    each = "".join(f'<div style="{_COLUMN}">{column}</div>' for column in columns)
    return f'<div style="{_SIDE_BY_SIDE}">{each}</div>'


def columns_html(counts: Counts, rows: Sequence[Row], body: Body | None, remarks: Iterable[str] = ()) -> str:
    """A board that nothing updates, in columns: all of it within the budget of an output, and without times.

    Args:
        counts: of ``rows``.
        rows: all of them, in order.
        body: see `column_html`.
        remarks: sentences that are shown below.
    """
    left = BUDGET
    columns: list[str] = []
    for row in rows:
        columns.append(column_html(row, body, left // (len(rows) - len(columns)), has_time=False))
        left -= size_of(columns[-1])
    shown = heading_html(counts) + side_by_side(columns) + remarks_html(remarks)
    return wrapped(shown, is_wide=True)
