"""One partition: asked for over the poll loop, and written to its file in the thread of the caller."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from ..background.loop import poll_loop
from ..errors import InvalidSetting
from ..watching.schedule import Clock, Sleep
from .answers import GetRun, RunAnswers
from .lease import Lease, Renew
from .partitions import Part, Partition
from .runs_file import RunsFile, whole_part


def fetch_part(
    partition: Partition,
    get_run: GetRun,
    renew: Renew,
    *,
    on_runs: Callable[[int], object] = lambda _: None,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
    chance: Callable[[], float] = random.random,
) -> Part:
    """Fetch the runs of ``partition`` into its file, unless it is there and whole.

    Args:
        partition: which runs, and where to.
        get_run: asks for one run, once.
        renew: asks the budget that is shared.
        on_runs: called with the number of runs whenever some are in the file.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
        chance: a random number in [0, 1).

    Raises:
        Unauthorized, Forbidden: the key is refused.
        InvalidSetting: the file cannot be written.
        ConnectionFailed: Puffle is not reached.
    """
    if (part := whole_part(partition)) is not None:
        return part

    async def begin() -> tuple[Lease, RunAnswers]:
        lease = await Lease(renew, clock=clock, sleep=sleep).__aenter__()
        return lease, RunAnswers(partition.run_ids, get_run, lease, sleep=sleep, chance=chance)

    async def end() -> None:
        await answers.end()
        await lease.__aexit__(None, None, None)

    try:
        with RunsFile(partition) as file:
            lease, answers = poll_loop.run(begin())
            try:
                while found := poll_loop.run(answers.next()):
                    file.add(found)
                    on_runs(len(found))
            finally:
                poll_loop.run(end())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InvalidSetting(
            f"folder: {str(partition.folder)!r} takes no file: {why}. All workers must see it."
        ) from None
    return file.part
