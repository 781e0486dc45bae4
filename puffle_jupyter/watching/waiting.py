"""Waiting for the end of a watch, from any thread but the one that polls."""

from __future__ import annotations

from collections.abc import Callable

from ..background.future import Outcome
from ..background.loop import poll_loop
from ..errors import CannotWaitHere, WaitTimeout
from ..run import Run


def wait_for_end(
    run_id: str,
    ended: Outcome[Run],
    timeout: float | None,
    *,
    nested: bool,
    check: Callable[[], object] = bool,
) -> Run:
    """Wait until ``ended`` is settled; its meaning and its errors are those of `RunWatch.wait`.

    Args:
        run_id: the run that the errors name.
        ended: what is waited for.
        timeout: seconds; None waits as long as it takes.
        nested: keep the caller's own event loop turning meanwhile.
        check: called several times a second; what it raises ends the wait.
    """
    if poll_loop.is_current and not ended.done:
        raise CannotWaitHere(f"waiting for {run_id} on the thread that polls it would never end")
    try:
        if nested:
            from ..background.nested import wait_nested

            wait_nested(ended, timeout, check)
        in_time = ended.wait(0 if nested and timeout is not None else timeout, check)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped waiting; still watching {run_id} in the background.") from None
    if not in_time:
        raise WaitTimeout(
            f"{run_id} did not end within {timeout:g} s. The watch continues; wait again, or see its badge."
        )
    return ended.result()
