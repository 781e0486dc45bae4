"""`fetch_runs`: the answers about many runs, streamed to Parquet files by this process or by a cluster."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..board.ids import MeantRuns, meant_runs
from ..client.blocking_client import PuffleClient
from ..client.blocking_stream import refuse_on_poll_thread
from ..client.client import AsyncPuffleClient
from ..client.credentials import Account
from ..errors import InvalidSetting
from ..watching.registry import registry
from .budget import News, RequestLimits, Share, SharedBudget
from .harvest import Harvest
from .part_fetch import fetch_part
from .partitions import ROWS_PER_FILE, Part, Partition, partitions_of
from .progress import Progress, progress_view
from .runs_file import remove_leftovers, whole_part

if TYPE_CHECKING:
    import distributed

_HOLDER, _DONE = "here", "fetched"


def fetch_runs(
    run_ids: Iterable[Any],
    client: distributed.Client | PuffleClient | AsyncPuffleClient | None = None,
    *,
    folder: str | os.PathLike[str],
    rows_per_file: int = ROWS_PER_FILE,
    at_once: int = 32,
    per_second: float | None = None,
    on_part: Callable[[Part], object] | None = None,
    progress: bool = True,
) -> Harvest:
    """Fetch many runs into Parquet files, a file for each thousand; returns when all are there.

    A file is there once it is whole, so nothing that was fetched is lost when a worker, the cluster or this
    process ends. The same call goes on where it was: files that are there are not fetched again, unless runs
    in them had not ended. Nothing is started, and nothing is watched.

    Args:
        run_ids: ids, runs, watches, a column, a `RunBoard`; see the page about many runs.
        client: a ``dask.distributed.Client``, whose workers fetch, each with the key of its own environment;
            or a client of Puffle. None takes the kernel's account, and fetches from this process.
        folder: where the files go; made when it is not there. All workers must see it under this path.
        rows_per_file: runs of a file.
        at_once: requests under way at the same time, of all workers together.
        per_second: requests a second, of all workers together; None for as many as are answered. A 429 holds
            all of them for as long as Puffle asks, and halves ``at_once`` for a while.
        on_part: called with each `Part` that is fetched when it is there.
        progress: say how far it is while it takes more than a second: a line in a notebook, a bar in a
            terminal, nothing in a script whose output is read by another program.

    Returns:
        What is in the files.

    Raises:
        InvalidSetting: no run, or a setting that cannot be used; before anything is sent.
        MissingApiKey, InvalidApiKey: here, or on a worker; before anything is sent.
        Unauthorized, Forbidden: the key is refused.
        ConnectionFailed: Puffle is not reached. What was fetched is in its files.
        CannotWaitHere: called on the thread that sends the requests.
        MissingExtra: the extra ``puffle_jupyter[distributed]`` is not installed.

    >>> harvest = fetch_runs(ids, folder="harvest")    # doctest: +SKIP
    >>> fetch_runs(ids, distributed.Client(), folder="/shared/harvest", per_second=50)
    >>> harvest.to_frame()
    """
    refuse_on_poll_thread()
    if on_part is not None and not callable(on_part):
        raise InvalidSetting(f"on_part must be a function, not {type(on_part).__name__}.")
    limits = RequestLimits(at_once, per_second)
    meant = _meant(run_ids)
    place = _folder(folder)
    if client is None or isinstance(client, PuffleClient | AsyncPuffleClient):
        asking = client.asynchronous if isinstance(client, PuffleClient) else client
        asking = registry.client_for(Account.find()) if asking is None else asking
        partitions = partitions_of(meant.run_ids, place, asking.base_url, rows_per_file)
        fetched = functools.partial(_fetched_here, client=asking, limits=limits)
    else:
        from .cluster import Cluster
        from .cluster_fetch import fetched_by_workers

        cluster = Cluster.of(client)
        base_url = cluster.base_url()
        partitions = partitions_of(meant.run_ids, place, base_url, rows_per_file)
        fetched = functools.partial(fetched_by_workers, cluster=cluster, base_url=base_url, limits=limits)
    found = {part.path: part for part in map(whole_part, partitions) if part is not None}
    missing = [one for one in partitions if one.path not in found]
    runs = len(meant.run_ids)
    with Progress(runs, progress_view(runs) if progress and missing else None) as shown:
        shown.keep(sum(part.runs for part in found.values()))
        with contextlib.closing(fetched(missing, on_runs=shown.add)) as parts:
            for part in parts:
                found[part.path] = part
                if on_part is not None:
                    on_part(part)
    remove_leftovers(partitions, time.time())
    return Harvest([found[partition.path] for partition in partitions], meant.remarks(_DONE))


def _meant(run_ids: object) -> MeantRuns:
    if not isinstance(run_ids, Iterable):
        raise InvalidSetting(f"run_ids must be run ids, not {type(run_ids).__name__}.")
    meant = meant_runs([run_ids] if isinstance(run_ids, str) else run_ids)
    if not meant.run_ids:
        said = " ".join(meant.remarks(_DONE))
        raise InvalidSetting(f"There is no run to fetch. {said}".rstrip())
    return meant


def _folder(folder: str | os.PathLike[str]) -> Path:
    if folder == "":
        raise InvalidSetting("folder cannot be '': name one.")
    try:
        place = Path(folder).expanduser().resolve()
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        why = "it is a file" if isinstance(error, FileExistsError) else why
        raise InvalidSetting(f"folder cannot be {ascii(folder)[:80]}: {why}.") from None
    return place


def _fetched_here(
    partitions: Sequence[Partition],
    client: AsyncPuffleClient,
    limits: RequestLimits,
    on_runs: Callable[[int], object],
) -> Generator[Part, None, None]:
    budget = SharedBudget(limits, registry.pause_of(client))
    renew = functools.partial(_renew_here, budget)
    for partition in partitions:
        yield fetch_part(partition, client.get_run, renew, on_runs=on_runs)


async def _renew_here(budget: SharedBudget, news: News) -> Share:
    return budget.renew(_HOLDER, time.monotonic(), news)
