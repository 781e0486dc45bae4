"""Partitions fetched by the workers of a cluster: a task for each, since a GET may be sent again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Sequence
from typing import Any

from ..errors import ConnectionFailed, InvalidSetting, NotSent, PuffleError
from .budget import RequestLimits
from .cluster import Cluster
from .on_worker import client_here
from .part_fetch import fetch_part
from .partitions import Part, Partition


def fetched_by_workers(
    partitions: Sequence[Partition],
    cluster: Cluster,
    base_url: str,
    limits: RequestLimits,
    on_runs: Callable[[int], object],
) -> Generator[Part, None, None]:
    """Each part as its file is there, in any order; nothing more is begun when the caller stops.

    Raises:
        NotSent: the scheduler cannot keep the budget.
        PuffleError: what a worker could not do.
    """
    from distributed import as_completed

    _keep_budget(cluster)
    # A key of this call alone: dask would give the task of an earlier one, cancelled or of another folder.
    call = secrets.token_hex(8)
    tasks = {
        cluster.client.submit(part_from_here, one, base_url, limits, key=f"puffle-runs-{one.number}-{call}")
        for one in partitions
    }
    try:
        for task in as_completed(tasks):  # type: ignore[no-untyped-call]
            part = _part(task)
            tasks.discard(task)
            task.release()  # or dask would fetch it again when the worker that fetched it dies
            on_runs(part.runs)
            yield part
    finally:
        cluster.client.cancel(list(tasks))


def part_from_here(partition: Partition, base_url: str, limits: RequestLimits) -> Part | PuffleError:
    """Fetch ``partition``, as a task on a worker."""
    from .cluster_budget import WorkersShare

    try:
        client = client_here(base_url)
        renew = WorkersShare(base_url, partition.path.name, limits)
        return fetch_part(partition, client.get_run, renew)
    except PuffleError as error:
        return error.with_traceback(None)


def _keep_budget(cluster: Cluster) -> None:
    from .cluster_budget import BudgetPlugin

    try:
        cluster.client.register_plugin(BudgetPlugin())
    except Exception as error:
        raise NotSent(
            f"The scheduler cannot keep the budget ({type(error).__name__}): puffle_jupyter must be "
            "installed where it runs. Nothing was sent."
        ) from None


def _part(task: Any) -> Part:
    try:
        part = task.result()
    except Exception as error:  # the workers that had it died, again and again
        raise ConnectionFailed(
            f"The cluster could not finish a file ({type(error).__name__}). What is whole stays: the same "
            "call goes on."
        ) from None
    if isinstance(part, PuffleError):
        raise part
    if not part.path.exists():
        raise InvalidSetting(
            f"The workers write to {str(part.path.parent)!r}, and nothing is there on this machine: folder "
            "must be one that all of them see."
        )
    found: Part = part
    return found
