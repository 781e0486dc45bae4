"""A board as plain text: its counts, and a line a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..safe_text import shortened
from .rows import Counts, Row

_LABEL, _LINE = 60, 100
MOST = 2_000
"""Rows of the text next to the html of an output."""


def heading_text(counts: Counts) -> str:
    """``8 runs · 5 ended (1 failed) · 2 running · 1 queued``."""
    return " · ".join(filter(None, (counts.title, counts.words())))


def board_text(
    counts: Counts, rows: Sequence[Row], remarks: Iterable[str] = (), *, most: int | None = None
) -> str:
    """The counts, a line for each run, or for the first ``most`` of them, and ``remarks``."""
    left = 0 if most is None else max(0, len(rows) - most)
    more = [f"… and {left:,} more"] if left else []
    lines = [row_text(row) for row in rows[:most]]
    return "\n".join([heading_text(counts), *lines, *more, *remarks])


def row_text(row: Row) -> str:
    """``✓ completed · run_abc · Find founders · calls: 8 (1 failed) · 5 founders added``."""
    parts = [str(row.status), row.run_id, shortened(row.label, _LABEL)]
    parts += [f"calls: {row.calls_words}" if row.calls else "", shortened(row.line, _LINE)]
    return " · ".join(filter(None, parts))
