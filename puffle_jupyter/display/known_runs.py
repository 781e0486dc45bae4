"""`KnownRuns`: what ``%puffle_runs`` shows. No content of a run is in it."""

from __future__ import annotations

import html
from collections import Counter
from typing import Any

from ..asking.known_runs import UNFINISHED, KnownRun
from ..render.html import style
from ..render.html.badge import identifier
from ..render.html.escape import escaped, label
from ..render.html.fold import small
from ..render.html.run import wrapped
from ..render.words import StatusLabel, count_words, label_of_status
from ..run_data import RunStatus
from ..safe_text import shortened
from ..untrusted import plain_label

SHOWN = 50
"""Runs that are shown; the object has all of them."""
_NOTEBOOK_LIMIT = 40


class KnownRuns(tuple[KnownRun, ...]):
    """Runs that were watched or started, newest first.

    >>> runs = KnownRuns(...)                          # doctest: +SKIP
    >>> [run.run_id for run in runs if run.state == "failed"]
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<KnownRuns {ascii(_counts(self))[1:-1]}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.to_text())

    def to_text(self) -> str:
        """As plain text: a line a run."""
        widths = [
            max((len(cell) for cell in column), default=0) for column in zip(*_cells(self), strict=True)
        ]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in _cells(self)
        ]
        return "\n".join([_counts(self), *lines, *filter(None, (_more(self), _hint(self)))])

    def _repr_html_(self) -> str:
        rows = "".join(_row(run) for run in self[:SHOWN])
        table = f"{style.TABLE_START}<tbody>{rows}</tbody>{style.TABLE_END}" if rows else ""
        said = " ".join(filter(None, (_more(self), _hint(self))))
        foot = f"<div>{small(escaped(said))}</div>" if said else ""
        return wrapped(f"<b>{escaped(_counts(self))}</b>{table}{foot}")


def _row(run: KnownRun) -> str:
    shown = _label(run)
    when, where = _when(run), label(_notebook(run))
    cells = (
        style.status_label(html.escape(str(shown)), shown.severity),
        identifier(run.run_id),
        small(when),
        small(where),
    )
    written = "".join(f'<td style="{style.CELL}">{cell}</td>' for cell in cells)
    return f'<tr style="{style.ROW}">{written}</tr>'


def _cells(runs: KnownRuns) -> list[tuple[str, str, str, str]]:
    return [
        (str(_label(run)), plain_label(run.run_id), _when(run), plain_label(_notebook(run)))
        for run in runs[:SHOWN]
    ]


def _label(run: KnownRun) -> StatusLabel:
    if run.state == UNFINISHED:
        return StatusLabel("…", "not seen to end", style.Severity.CALM)
    if run.is_watched and run.state == "connecting":
        return StatusLabel("○", run.state, style.Severity.CALM)
    return label_of_status(RunStatus.read(run.state), run.state)


def _when(run: KnownRun) -> str:
    return "" if run.at is None else f"{run.at:%Y-%m-%d %H:%M} UTC"


def _notebook(run: KnownRun) -> str:
    name = run.notebook or ""
    return name if len(name) <= _NOTEBOOK_LIMIT else "…" + name[1 - _NOTEBOOK_LIMIT :]


def _counts(runs: KnownRuns) -> str:
    counted = Counter(_label(run).word for run in runs)
    said = ", ".join(f"{count:,} {word}" for word, count in counted.most_common())
    return f"{count_words(len(runs), 'run')}: {shortened(said, 200)}" if runs else "No runs are known here."


def _more(runs: KnownRuns) -> str:
    more = len(runs) - SHOWN
    return f"{count_words(more, 'older run')} not shown: runs = %puffle_runs has them." if more > 0 else ""


def _hint(runs: KnownRuns) -> str:
    left = sum(run.state == UNFINISHED for run in runs)
    return "%puffle_wait --resume watches this notebook's unfinished runs again." if left else ""
