"""What the user calls each run of a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidSetting
from .ids import is_missing


def labels_of(labels: Sequence[str] | Mapping[str, str] | None, run_ids: Sequence[str]) -> list[str]:
    """A label for each of ``run_ids``, "" without one.

    Raises:
        InvalidSetting: it is not clear which label belongs to which run.
    """
    if labels is None:
        return [""] * len(run_ids)
    if isinstance(labels, Mapping):
        return [_label(labels.get(run_id)) for run_id in run_ids]
    if isinstance(labels, str) or len(labels) != len(run_ids):
        given = "one text" if isinstance(labels, str) else f"{len(labels):,}"
        raise InvalidSetting(
            f"labels: {len(run_ids):,} runs need as many labels, not {given}; "
            "or give them by run id: {'run_abc': 'Berlin'}."
        )
    return [_label(label) for label in labels]


def _label(value: Any) -> str:
    """What a run is called; an empty cell calls it nothing."""
    return "" if is_missing(value) else str(value)
