"""The budget of a cluster: it lives where the scheduler runs, and outlives workers and kernels.

Imported on a cluster alone: it needs dask.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import distributed
from distributed.diagnostics.plugin import SchedulerPlugin

from .budget import News, RequestLimits, Share, SharedBudget

HANDLER = "puffle_budget"
"""What workers call on the scheduler."""


class BudgetPlugin(SchedulerPlugin):
    """Keeps one budget for each address that workers send to."""

    name = HANDLER
    idempotent = True  # a second fetch finds what the first has learned

    def __init__(self) -> None:
        self._budgets: dict[str, SharedBudget] = {}

    async def start(self, scheduler: distributed.Scheduler) -> None:
        """Let workers call `renew`."""
        scheduler.handlers[HANDLER] = self.renew

    def renew(
        self,
        *,
        account: str,
        holder: list[str],
        limits: list[Any],
        answered: int,
        pause: float | None,
        is_leaving: bool,
    ) -> list[float]:
        """What a holder learned, and its share from now on; plain values, since they are sent.

        Args:
            account: the address that is sent to.
            holder: the worker, and what it fetches.
            limits: of the fetch; those of the newest one hold for all.
            answered: see `News`.
            pause: see `News`.
            is_leaving: see `News`.
        """
        newest = RequestLimits(*limits)
        budget = self._budgets.setdefault(account, SharedBudget(newest))
        budget.limits = newest
        share = budget.renew(_name(*holder), time.monotonic(), News(answered, pause, is_leaving))
        return [share.slots, share.spacing, share.pause]

    def remove_worker(self, scheduler: object, worker: str, **_: object) -> None:
        """A worker is gone: what it had is free."""
        for budget in self._budgets.values():
            for holder in budget.holders:
                if holder.startswith(_name(worker, "")):
                    budget.leave(holder)


class WorkersShare:
    """Asks for the share of one task of this worker. Call it in a task.

    Args:
        account: the address that is sent to.
        what: what is fetched.
        limits: of the fetch.
    """

    def __init__(self, account: str, what: str, limits: RequestLimits) -> None:
        self._worker = distributed.get_worker()
        self._facts = {
            "account": account,
            "holder": [self._worker.address, what],
            "limits": [limits.at_once, limits.per_second],
        }

    async def __call__(self, news: News) -> Share:
        """See `Renew`."""
        said = {"answered": news.answered, "pause": news.pause, "is_leaving": news.is_leaving}

        async def ask() -> list[Any]:
            return list(await getattr(self._worker.scheduler, HANDLER)(**self._facts, **said))

        loop = self._worker.loop.asyncio_loop  # type: ignore[attr-defined]
        slots, spacing, pause = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(ask(), loop))
        return Share(int(slots), float(spacing), float(pause))


def _name(worker: str, what: str) -> str:
    return f"{worker} {what}"
