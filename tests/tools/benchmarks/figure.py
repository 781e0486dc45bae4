"""One line of the table: what was measured, and whether it is as it should be."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio measured several times, and its target.

    Attributes:
        name: what is compared with what.
        ratios: one per pair of measurements, or per observed event.
        target: the bound that the judged number must keep.
        at_least: the target is a lower bound, else an upper one.
        judge: makes one number of the ratios.
        word: what `judge` is called.
    """

    name: str
    ratios: Sequence[float]
    target: float
    at_least: bool = False
    judge: Callable[[Sequence[float]], float] = statistics.median
    word: str = "median"

    @property
    def measured(self) -> float:
        return self.judge(self.ratios) if self.ratios else math.nan

    @property
    def met(self) -> bool:
        return self.measured >= self.target if self.at_least else self.measured <= self.target

    def cells(self) -> list[str]:
        """The figure as the cells of one table row."""
        spread = f"{min(self.ratios):.3f}–{max(self.ratios):.3f}" if self.ratios else "nothing measured"
        return [
            self.name,
            f"{self.measured:.3f}",
            f"{self.word} of {len(self.ratios)}",
            spread,
            f"{'≥' if self.at_least else '≤'} {self.target:g}",
            "met" if self.met else "missed",
        ]


HEADINGS = ["figure", "measured", "which is", "min–max", "target", "verdict"]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table in plain text."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
