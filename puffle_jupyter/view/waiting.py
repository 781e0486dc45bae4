"""Waiting for several watches in a cell: they go on when the wait is interrupted."""

from __future__ import annotations

from ..api.errors import PuffleError
from ..watching.watch import RunWatch, check_completed


def wait_for_all(watches: list[RunWatch], *, check: bool = False, nested: bool = False) -> None:
    """Wait until every watch is done, however it ended; its view says how.

    Args:
        check: raise for the first, in order, whose run did not complete.
        nested: see `RunWatch.wait`.

    Raises:
        KeyboardInterrupt: with words that say the watches go on.
        PuffleError: with ``check``, why a run did not complete.
    """
    try:
        failures = [_failure(watch, nested) for watch in watches]
    except KeyboardInterrupt:
        names = ", ".join(watch.run_id for watch in watches if not watch.done)
        raise KeyboardInterrupt(
            f"stopped waiting; still watching {names or 'nothing'} in the background."
        ) from None
    for failure in failures:
        if check and failure is not None:
            raise failure


def _failure(watch: RunWatch, nested: bool) -> PuffleError | None:
    """Why ``watch`` has no completed run; None when it has."""
    try:
        check_completed(watch.wait(nested=nested))
    except PuffleError as error:
        return error
    return None
