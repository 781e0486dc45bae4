"""A run as CSV: the rows of `Run.to_frame`, without pandas."""

from __future__ import annotations

from ..run_data import RunData
from ..transcript.run_frame import COLUMNS, frame_rows
from .csv_text import CsvText


def run_csv(run: RunData) -> CsvText:
    """A row for each message and each tool call of ``run``."""
    text = CsvText(COLUMNS)
    for row in frame_rows(run):
        cells = (row.get(column) for column in COLUMNS)
        text.add(None if cell is None else str(cell) for cell in cells)
    return text
