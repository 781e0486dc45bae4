"""A board as html: a heading with a bar, and a table with a row a run. Pure functions.

It reads well without any style, and holds literal inline styles alone: see `render.html.style`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence

from ..render.html import style
from ..render.html.fold import details, small
from ..render.html.run import wrapped
from ..render.limits import size_of
from ..render.words import count_words
from ..safe_text import shortened
from .rows import Counts, Row, Stage
from .selection import PAGE

_CELL = "padding:6px 14px 6px 0;border:0;background:none;text-align:left"
_SHORT = f"{_CELL};white-space:nowrap"
_NUMBER = f"{_SHORT.replace('text-align:left', 'text-align:right')};{style.QUIET}"
_EMPTY = "border:0;background:none"
LABEL_LIMIT = 120
ID = f"background:none;color:inherit;padding:0;font-size:11px;opacity:.76;{style.MONO}"
_HEAD = f"{_CELL};font-size:12px;font-weight:600;{style.QUIET}"
_NUMBERS = ("Time", "Calls")
_TABLE = (
    '<div style="overflow-x:auto" tabindex="0"><table cellpadding="4" style="border-collapse:collapse;'
    'margin:0;width:100%;font-size:13px;line-height:1.45;color:inherit;overflow-wrap:break-word">'
)
_ROW = f"border-top:1px solid {style.LINE};background:none;vertical-align:top"
_WIDTHS = ("8.5em", "30%", "5em", "7em", "auto")
BUDGET = 1_600_000
"""Bytes of html of a frozen board."""
_ROWS_BUDGET = 1_000_000
"""Bytes of its rows alone, without transcripts."""
_TRIES = 50
"""Transcripts in a row without room, after which there is none for the others either."""

Body = Callable[[Row, int], "str | None"]
"""Returns the transcript of a row as html within so many bytes; None when there is no room for all of it."""


def heading_html(counts: Counts) -> str:
    """The number of runs, the counts by state, and a bar of them."""
    said = f"<b>{counts.title}</b> {small(html.escape(counts.words()))}"
    return f"<div>{said}</div>{_bar(counts)}"


def table_html(rows: Sequence[Row], *, has_time: bool = True) -> str:
    """The rows as they are while runs go on, without transcripts."""
    return _table((_row(row, has_time, _line(row)) for row in rows), has_time)


def frozen_html(counts: Counts, rows: Sequence[Row], body: Body | None, remarks: Iterable[str] = ()) -> str:
    """A board that nothing updates: each transcript folded in its row, as far as there is room.

    It says no times: a notebook that is run twice is saved alike.

    Args:
        counts: of ``rows``.
        rows: all of them, in order.
        body: renders a transcript; None for a board without any.
        remarks: sentences that are shown below.
    """
    shown = list(_within(rows))
    left = BUDGET - sum(size_of(_row(row, False, _line(row))) for row in shown)
    written, missing = [], []
    in_a_row = 0
    for number, row in enumerate(shown, 1):
        transcript = None
        if body is not None and row.stage.has_ended:
            # To render a thousand only to find no room for any would take many seconds.
            transcript = body(row, _room(left, len(shown) - number)) if in_a_row < _TRIES else None
            if transcript is None:
                missing.append(row.run_id)
                in_a_row += 1
            else:
                left -= size_of(transcript)
                in_a_row = 0
        written.append(_row(row, False, _line(row) if transcript is None else _fold(row, transcript)))
    said = [*remarks, *_left_out(missing), *_not_shown(len(rows) - len(shown))]
    return wrapped(heading_html(counts) + _folded_table(written) + remarks_html(said))


def remarks_html(remarks: Iterable[str]) -> str:
    """What is said below a board, each a sentence."""
    return "".join(f'<p style="{style.PARAGRAPH}">{small(html.escape(words))}</p>' for words in remarks)


def _folded_table(written: list[str]) -> str:
    """A page of rows, and the others in a fold."""
    if not written:
        return ""
    table = _table(written[:PAGE], False)
    others = written[PAGE:]
    if others:
        said = small(count_words(len(others), "more run"))
        # Not the last fold of the output: on paper that one, the raw JSON of a run, stays closed.
        table += f"<div>{details(said, _table(others, False))}</div>"
    return table


def _room(left: int, following: int) -> int:
    """Bytes for a transcript when so many runs follow: a large one does not take all the room."""
    return max(left // 2, left - following * 16_000) if following else left


def _within(rows: Sequence[Row]) -> Iterable[Row]:
    left = _ROWS_BUDGET
    for row in rows:
        left -= size_of(_row(row, False, _line(row)))
        if left < 0:
            return
        yield row


def _left_out(missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
    return [
        f"{count_words(len(missing), 'transcript')} not in this output, to keep it under 2 MB: "
        f"{', '.join(missing[:5])}{more}. To see one: %puffle_wait {missing[0]}"
    ]


def _not_shown(count: int) -> list[str]:
    if not count:
        return []
    return [
        f"{count_words(count, 'more run')} not shown, to keep this output under 2 MB: "
        "print(board.to_text()) has all of them."
    ]


def _bar(counts: Counts) -> str:
    """Nothing but colour: what it shows is said in the heading."""
    parts = "".join(
        f'<div style="width:{100 * counts.of[stage] / counts.total:.2f}%;height:6px;background:{colour};'
        f'float:left"></div>'
        for stage, colour in _BAR.items()
        if stage in counts.of
    )
    return (
        f'<div aria-hidden="true" style="height:6px;border-radius:3px;background:{style.LINE};'
        f'overflow:hidden;margin:6px 0 8px">{parts}</div>'
    )


_BAR = {
    Stage.COMPLETED: style.Severity.GOOD.value,
    Stage.FAILED: style.Severity.BAD.value,
    Stage.CANCELLED: style.Severity.CALM.value,
    Stage.NOT_FOUND: style.Severity.UNKNOWN.value,
    Stage.UNWATCHED: style.Severity.CALM.value,
}


def _table(rows: Iterable[str], has_time: bool) -> str:
    heads = ("State", "Run", *(("Time",) if has_time else ()), "Calls", "Answer")
    widths = _WIDTHS if has_time else (*_WIDTHS[:2], *_WIDTHS[3:])
    head = "".join(
        f'<th scope="col" style="{_head(name)};width:{width}">{name}</th>'
        for name, width in zip(heads, widths, strict=True)
    )
    heading = f'<thead><tr style="background:none">{head}</tr></thead>'
    return f"{_TABLE}{heading}<tbody>{''.join(rows)}</tbody></table></div>"


def _head(name: str) -> str:
    return _HEAD.replace("text-align:left", "text-align:right") if name in _NUMBERS else _HEAD


def _row(row: Row, has_time: bool, last: str) -> str:
    state = style.status_label(html.escape(str(row.status)), row.status.severity)
    name = f'<code style="{ID}">{html.escape(shortened(row.run_id, 80))}</code>'
    about = f"{html.escape(shortened(row.label, LABEL_LIMIT))}<br>{name}" if row.label else name
    time = _number(row.time_words) if has_time else ""
    return (
        f'<tr style="{_ROW}"><td style="{_SHORT}">{state}</td><td style="{_CELL}">{about}</td>{time}'
        f'{_number(row.calls_words)}<td style="{_CELL}">{last}</td></tr>'
    )


def _number(words: str) -> str:
    """A cell that is short where it is empty: a live board sends fifty rows a second."""
    return f'<td style="{_NUMBER if words else _EMPTY}">{words}</td>'


def _line(row: Row) -> str:
    return html.escape(row.line)


def _fold(row: Row, transcript: str) -> str:
    return details(_line(row) or "transcript", transcript, margin="0")
