"""The frame of `each` with what came of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import PuffleError
from ..transcript.dataframe import column, import_pandas
from ..watching.snapshot import WatchPhase
from ..watching.watch import RunWatch

_TYPES = {
    "run_id": "string",
    "status": "string",
    "answer": "string",
    "error": "string",
    "calls": "Int64",
    "rows": "Int64",
}
_BEFORE_THE_RUN = (WatchPhase.TO_START, WatchPhase.NOT_STARTED, WatchPhase.NOT_CONFIRMED)


def joined_frame(given: Any, watches: Sequence[RunWatch]) -> Any:
    """``given`` with a column for each fact of ``watches``, which are of its rows, in order.

    Raises:
        MissingExtra: pandas is not installed; the message says how to get it.
    """
    pandas = import_pandas()
    frame = given if isinstance(given, pandas.DataFrame) else pandas.DataFrame(list(given))
    facts = [_facts(watch) for watch in watches]
    found = {}
    for name, dtype in _TYPES.items():
        own = f"puffle_{name}" if name in frame.columns else name
        found[own] = column(pandas, [fact.get(name) for fact in facts], dtype).array
    return frame.assign(**found)


def _facts(watch: RunWatch) -> dict[str, Any]:
    snapshot = watch.snapshot
    if snapshot.phase in _BEFORE_THE_RUN:
        return {"status": snapshot.phase.value, "error": snapshot.error}
    facts: dict[str, Any] = {"run_id": snapshot.run_id, "error": snapshot.error}
    facts["status"] = snapshot.status_text or snapshot.phase.value
    run = snapshot.run
    if run is not None and run.status.is_terminal:
        facts |= {"answer": run.text, "error": run.error, "calls": len(run.calls)}
        facts["rows"] = sum(len(table) for table in _tables(run))
    return facts


def _tables(run: Any) -> list[Any]:
    try:
        return list(run.tables)
    except PuffleError:
        return []
