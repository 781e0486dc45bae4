"""How a board is laid out: a row a run, or a column a run."""

from __future__ import annotations

import enum

from ..errors import InvalidSetting

MOST_COLUMNS = 6
"""Runs side by side: of more, each would have no room for a sentence."""


class BoardLayout(enum.Enum):
    """The layouts of a board."""

    TABLE = "table"
    COLUMNS = "columns"


def layout_of(wanted: str, runs: int) -> tuple[BoardLayout, tuple[str, ...]]:
    """The layout of a board of so many runs, and what is to be said about it.

    Args:
        wanted: as the user wrote it.
        runs: how many there are.

    Raises:
        InvalidSetting: it is neither "table" nor "columns".

    >>> layout_of("columns", 3)
    (<BoardLayout.COLUMNS: 'columns'>, ())
    """
    try:
        layout = BoardLayout(wanted)
    except ValueError:
        raise InvalidSetting(f'layout must be "table" or "columns", not {ascii(wanted)[:60]}.') from None
    if layout is BoardLayout.COLUMNS and runs > MOST_COLUMNS:
        said = f"In a table, since {runs:,} runs have no room side by side ({MOST_COLUMNS} at most)."
        return BoardLayout.TABLE, (said,)
    return layout, ()
