"""The blocks of a difference: what every view of two runs shows, before it is html, text or Markdown.

Names and values in them are untrusted: each renderer escapes them its own way. Pieces of text are redacted
already, since a key in two pieces would not be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..comparing.words import Piece
from ..json_value import JsonValue
from ..transcript.model import ToolCall
from ..transcript.tables import Rows
from .words import StatusLabel


@dataclass(frozen=True, slots=True)
class Side:
    """One of the runs: what it is called here, its id and its status."""

    name: str
    run_id: str
    label: StatusLabel


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value that differs.

    Attributes:
        path: where it is, such as ``arguments.limit``.
        before: the value of the first run; None where it has none.
        after: the same of the second run.
        pieces: both word by word, where they are texts; else none.
    """

    path: str
    before: JsonValue | None
    after: JsonValue | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class SameCalls:
    """Calls in a row that are the same in both runs."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class ChangedCall:
    """A call that is not the same in both.

    Attributes:
        label: what became of it.
        call: the call, of the second run where it has it.
        place: where it is in both: ``calls[3] → calls[4]``.
        facts: what came of it, in words: other states, other numbers of rows.
        values: what differs of its arguments and its result.
        more: how many values differ that are not among them.
        is_first: whether it is the first of its kind, and worth being unfolded.
    """

    label: StatusLabel
    call: ToolCall
    place: str
    facts: tuple[str, ...]
    values: tuple[ChangedValue, ...]
    more: int = 0
    is_first: bool = False


CallBlock: TypeAlias = SameCalls | ChangedCall


@dataclass(frozen=True, slots=True)
class ChangedCells:
    """A row that both runs have: the value of its key, and the cells that differ."""

    key: str
    values: tuple[ChangedValue, ...]


@dataclass(frozen=True, slots=True)
class RowsBlock:
    """The rows of a tool or a table.

    Attributes:
        name: the tool or the table.
        facts: the counts, and by which key, in words.
        gained: the rows of the second run alone.
        lost: the rows of the first run alone.
        changed: the rows with the same key and other cells.
        notes: what is odd about the key.
        is_first: whether it is the first table, and worth being unfolded.
    """

    name: str
    facts: str
    gained: Rows
    lost: Rows
    changed: tuple[ChangedCells, ...]
    notes: tuple[str, ...] = ()
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A text that differs, word by word; ``is_first`` where it is worth being unfolded."""

    title: str
    facts: str
    pieces: tuple[Piece, ...]
    is_first: bool


@dataclass(frozen=True, slots=True)
class DiffOutline:
    """Two runs as a list of things to show, in this order.

    Attributes:
        sides: the two runs.
        sentence: where they part.
        counts: how much differs, in a line; "" when nothing does.
        calls: the calls, in order; empty where all are the same.
        rows: the tables in which rows differ.
        texts: the texts that differ.
        note: what was not compared.
    """

    sides: tuple[Side, Side]
    sentence: str
    counts: str
    calls: tuple[CallBlock, ...]
    rows: tuple[RowsBlock, ...]
    texts: tuple[TextBlock, ...]
    note: str
