"""Many runs beside one, as a table: a line a run, decided here for every view."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..comparing.align import Effort
from ..comparing.calls import CallKind
from ..comparing.compare import Comparison
from .diff_blocks import DiffOutline, Side
from .diff_outline import outline_of_diff, sides_of
from .diff_words import LABEL_BY_CALL_KIND, counts_line, divergence_sentence, rows_counts
from .words import count_words

HEADS = ("run", "calls", "rows", "texts", "where it parts")
SAME = "the same"


@dataclass(frozen=True)
class DiffLine:
    """One run of the table: `HEADS` but for the run itself.

    Attributes:
        side: the run.
        cells: how much differs, in words.
        counts: the same in one line; "" when nothing differs.
        comparison: all facts.
        effort: what the outlines of all lines may cost together.
        following: how many lines come after it.
    """

    side: Side
    cells: tuple[str, ...]
    counts: str
    comparison: Comparison
    effort: Effort
    following: int

    @functools.cached_property
    def outline(self) -> DiffOutline:
        """What is shown of the difference. Made when it is asked for: an output has room for a few."""
        with self.effort.share(self.following) as effort:
            return outline_of_diff(self.comparison, effort)


@dataclass(frozen=True, slots=True)
class DiffTable:
    """Runs beside a baseline."""

    baseline: Side
    sentence: str
    lines: tuple[DiffLine, ...]


def table_of_diffs(comparisons: Sequence[Comparison]) -> DiffTable:
    """The table of ``comparisons`` (one or more), all of which have the same first run."""
    effort, count = Effort(), len(comparisons)
    lines = tuple(_line(one, effort, count - at) for at, one in enumerate(comparisons, 1))
    baseline = sides_of(comparisons[0])[0]
    same = sum(one.divergence is None for one in comparisons)
    counted = f"{same:,} the same, {len(lines) - same:,} not"
    sentence = f"{count_words(len(lines), 'run')} beside {baseline.name}: {counted}."
    return DiffTable(baseline, sentence, lines)


def _line(comparison: Comparison, effort: Effort, following: int) -> DiffLine:
    cells = (*cells_of(comparison), divergence_sentence(comparison))
    side = sides_of(comparison)[1]
    return DiffLine(side, cells, counts_line(comparison), comparison, effort, following)


def cells_of(comparison: Comparison) -> tuple[str, str, str]:
    """How much differs of the calls, the rows and the texts, in words."""
    kinds: Counter[CallKind] = Counter(one.kind for one in comparison.calls)
    del kinds[CallKind.SAME]
    calls = [f"{kinds[kind]:,} {label.word}" for kind, label in LABEL_BY_CALL_KIND.items() if kinds[kind]]
    texts = [text.place.value for text in comparison.texts]
    return ", ".join(calls) or SAME, rows_counts(comparison.rows) or SAME, ", ".join(texts) or SAME
