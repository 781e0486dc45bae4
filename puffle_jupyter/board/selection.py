"""Which rows of a board are shown, and in which order. Rows never jump: what is shown keeps its place."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .rows import Row, Stage

PAGE = 50
"""Rows that are shown at a time."""


class Order(enum.Enum):
    """The order of the rows at the moment it is chosen."""

    GIVEN = "as given"
    UNFINISHED = "unfinished first"
    FAILED = "failed first"
    LONGEST = "longest first"
    LABEL = "by label"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted.

    Attributes:
        text: what label, id, state or line must hold, in any case; "" is everything.
        stage: the stage; None is every one.
        order: the order.
    """

    text: str = ""
    stage: Stage | None = None
    order: Order = Order.GIVEN

    def takes(self, row: Row) -> bool:
        """Whether ``row`` is one of them."""
        if self.stage is not None and row.stage is not self.stage:
            return False
        wanted = self.text.strip().casefold()
        return not wanted or any(
            wanted in said.casefold() for said in (row.label, row.run_id, row.status.word, row.line)
        )


_KEYS: dict[Order, Callable[[Row], object]] = {
    Order.UNFINISHED: lambda row: row.stage.is_final,
    Order.FAILED: lambda row: row.stage is not Stage.FAILED,
    Order.LONGEST: lambda row: -(row.seconds or 0.0),
    Order.LABEL: lambda row: (row.label.casefold(), row.run_id),
}


class Selection:
    """The rows that are wanted, each by its number in the board.

    A row that is shown stays where it is, also when it is not wanted any more; what is wanted only now comes
    at the end. Choosing anew puts all in order.
    """

    def __init__(self) -> None:
        self.wanted = Wanted()
        self.numbers: tuple[int, ...] = ()

    @property
    def takes_all_as_given(self) -> bool:
        """Whether all rows are shown in their order: nothing has to be looked at."""
        return self.wanted == Wanted()

    def choose(self, wanted: Wanted, rows: Sequence[Row]) -> None:
        """Show what is wanted of ``rows``."""
        self.wanted = wanted
        numbers = [number for number, row in enumerate(rows) if wanted.takes(row)]
        if (key := _KEYS.get(wanted.order)) is not None:
            numbers.sort(key=lambda number: key(rows[number]))  # type: ignore[arg-type,return-value]
        self.numbers = tuple(numbers)

    def extend(self, rows: Sequence[Row]) -> None:
        """Add those of ``rows`` that are wanted only now."""
        shown = set(self.numbers)
        self.numbers += tuple(
            number for number, row in enumerate(rows) if number not in shown and self.wanted.takes(row)
        )
