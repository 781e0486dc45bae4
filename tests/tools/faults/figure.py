"""One line of what is printed: a figure, its target, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure.

    Attributes:
        name: what was measured.
        measured: the number, with its unit and what it was taken from.
        target: what it has to be.
        met: whether it is.
        notes: what to look at when it is not.
    """

    name: str
    measured: str
    target: str
    met: bool
    notes: Sequence[str] = ()

    def lines(self) -> list[str]:
        verdict = "met" if self.met else "MISSED"
        first = f"{self.name:<58}  {self.measured:<44}  {self.target:<24}  {verdict}"
        return [first, *(f"    {note}" for note in self.notes[:10])]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        storm: watches of the short storm.
        long_storm: seconds of the long one; 0 for none.
    """

    runs_of_each_kind: int
    mixtures: int
    rounds: int
    storm: int = 50
    long_storm: float = 0.0


FULL = Size(runs_of_each_kind=200, mixtures=2000, rounds=10, long_storm=30.0)
QUICK = Size(runs_of_each_kind=8, mixtures=150, rounds=2, long_storm=6.0)
"""A look, not a verdict."""
