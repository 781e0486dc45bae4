"""Many runs beside one as rows of a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..comparing.calls import CallKind
from ..comparing.compare import Comparison
from ..comparing.texts import TextPlace
from ..transcript.dataframe import column, import_pandas
from .diff_words import divergence_sentence

_CALLS = [kind for kind in CallKind if kind is not CallKind.SAME]
_ROWS = ("gained", "lost", "changed")


def diff_many_frame(comparisons: Sequence[Comparison]) -> Any:
    """One row for each run: see `RunDiffs.to_frame`.

    Raises:
        MissingExtra: pandas is not installed; the message says how to get it.
    """
    pandas = import_pandas()
    columns = {
        "run_id": column(pandas, [one.after.run_id for one in comparisons], "string"),
        "status": column(pandas, [one.after.status_text for one in comparisons], "string"),
        "is_same": column(pandas, [one.divergence is None for one in comparisons], "boolean"),
        "sentence": column(pandas, [divergence_sentence(one) for one in comparisons], "string"),
    }
    for kind in _CALLS:
        counts = [sum(call.kind is kind for call in one.calls) for one in comparisons]
        columns[f"calls_{kind.value}"] = column(pandas, counts, "Int64")
    for word in _ROWS:
        counts = [sum(len(getattr(rows, word)) for rows in one.rows) for one in comparisons]
        columns[f"rows_{word}"] = column(pandas, counts, "Int64")
    answers = [any(text.place is TextPlace.ANSWER for text in one.texts) for one in comparisons]
    columns["answer_differs"] = column(pandas, answers, "boolean")
    return pandas.DataFrame(columns)
