"""Many runs beside one, as a table: a line a run, decided here for every view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..comparing.calls import CallKind
from ..comparing.compare import Comparison
from .diff_blocks import DiffOutline, Side
from .diff_outline import outline_of_diff
from .diff_words import LABEL_BY_CALL_KIND, divergence_sentence, rows_counts
from .words import count_words

HEADS = ("run", "calls", "rows", "texts", "where it parts")
SAME = "the same"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One run of the table: `HEADS` but for the run itself."""

    side: Side
    cells: tuple[str, ...]
    outline: DiffOutline


@dataclass(frozen=True, slots=True)
class DiffTable:
    """Runs beside a baseline."""

    baseline: Side
    sentence: str
    lines: tuple[DiffLine, ...]


def table_of_diffs(comparisons: Sequence[Comparison]) -> DiffTable:
    """The table of ``comparisons`` (one or more), all of which have the same first run."""
    lines = tuple(map(_line, comparisons))
    baseline = lines[0].outline.sides[0]
    same = sum(one.divergence is None for one in comparisons)
    counted = f"{same:,} the same, {len(lines) - same:,} not"
    sentence = f"{count_words(len(lines), 'run')} beside {baseline.name}: {counted}."
    return DiffTable(baseline, sentence, lines)


def _line(comparison: Comparison) -> DiffLine:
    outline = outline_of_diff(comparison)
    cells = (*cells_of(comparison), divergence_sentence(comparison))
    return DiffLine(outline.sides[1], cells, outline)


def cells_of(comparison: Comparison) -> tuple[str, str, str]:
    """How much differs of the calls, the rows and the texts, in words."""
    kinds: Counter[CallKind] = Counter(one.kind for one in comparison.calls)
    del kinds[CallKind.SAME]
    calls = [f"{kinds[kind]:,} {label.word}" for kind, label in LABEL_BY_CALL_KIND.items() if kinds[kind]]
    texts = [text.place.value for text in comparison.texts]
    return ", ".join(calls) or SAME, rows_counts(comparison.rows) or SAME, ", ".join(texts) or SAME
