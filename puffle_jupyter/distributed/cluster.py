"""A dask cluster, as far as it is needed: its workers, and functions that one of them carries out once."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..background.loop import result_of
from ..errors import InvalidSetting, NotSent
from .extras import check_dask
from .on_worker import address_here

T = TypeVar("T")
_FRESH_SECONDS = 1.0


class NoWorker(Exception):
    """The cluster has no worker at the moment: nothing was sent."""


class WorkerLost(Exception):
    """The worker that had the request is gone: it may have sent it."""


class Cluster:
    """The cluster of a ``dask.distributed.Client``.

    Args:
        client: the client.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self._next = itertools.count()
        self._workers: list[str] = []
        self._looked_at = -_FRESH_SECONDS

    @classmethod
    def of(cls, client: object) -> Cluster:
        """The cluster of ``client``.

        Raises:
            MissingExtra: dask is not installed; the message says how to get it.
            InvalidSetting: it is no client of dask, or one that cannot be waited for.
        """
        check_dask()
        import distributed

        if not isinstance(client, distributed.Client):
            raise InvalidSetting(
                f"client must be a dask.distributed.Client, not {type(client).__name__}. Nothing was sent."
            )
        if client.asynchronous:
            raise InvalidSetting(
                "client must be made without asynchronous=True, since this call waits for the workers."
            )
        return cls(client)

    @property
    def name(self) -> str:
        """What dask calls the client: another for each."""
        return str(self.client.id)

    def base_url(self) -> str:
        """Where the workers send to; each has looked for its key, which stays there.

        Raises:
            NotSent: there is no worker; one has no key, or another address than the others; or
                puffle_jupyter is not installed there.
        """
        answers = result_of(asyncio.run_coroutine_threadsafe(self._addresses(), self._loop))
        if not answers:
            raise NotSent("The cluster has no worker. Nothing was sent.")
        for worker, answer in answers.items():
            if isinstance(answer, NotSent):
                raise type(answer)(f"On worker {worker}: {answer}")
            if not isinstance(answer, str):
                raise NotSent(
                    f"Worker {worker} cannot take part ({type(answer).__name__}): puffle_jupyter must be "
                    "installed on every worker. Nothing was sent."
                )
        addresses = sorted({str(answer) for answer in answers.values()})
        if len(addresses) > 1:
            raise InvalidSetting(
                f"The workers send to different addresses: {', '.join(addresses[:3])}. Nothing was sent. "
                "Set PUFFLE_BASE_URL alike in the environment of all."
            )
        return addresses[0]

    async def on_a_worker(
        self, function: Callable[..., Coroutine[Any, Any, T]], *arguments: object, is_careful: bool = False
    ) -> T:
        """Have a worker carry out ``function``, at most once.

        Not as a task: when a worker dies, dask gives its tasks to another one.

        Args:
            function: of a module that workers have.
            arguments: what is sent to the worker.
            is_careful: look which workers there are before, however lately that was done.

        Raises:
            NoWorker: nothing was sent.
            WorkerLost: it may have been carried out.
            Exception: what the function raised, or dask, when the way to the worker was lost.
        """

        async def carry_out() -> T:
            workers = await self._known_workers(0.0 if is_careful else _FRESH_SECONDS)
            if not workers:
                raise NoWorker
            found: T = await self._carried_out(workers[next(self._next) % len(workers)], function, *arguments)
            return found

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(carry_out(), self._loop))

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        """Where the client of dask does its work."""
        loop: asyncio.AbstractEventLoop = self.client.loop.asyncio_loop
        return loop

    async def _addresses(self) -> dict[str, object]:
        """What `address_here` says on each worker, or the error; without those that are lost meanwhile."""

        async def address(worker: str) -> object:
            try:
                return await self._carried_out(worker, address_here)
            except Exception as error:
                return error

        workers = await self._known_workers(0.0)
        answers = await asyncio.gather(*map(address, workers))
        there = await self._known_workers(0.0)
        return {worker: said for worker, said in zip(workers, answers, strict=True) if worker in there}

    async def _carried_out(self, worker: str, function: Callable[..., Any], *arguments: object) -> Any:
        """What ``function`` returns on ``worker``; dask itself tries to reach one that is lost for 30 s."""
        answering = asyncio.ensure_future(self.client.run(function, *arguments, workers=[worker]))
        try:
            while not answering.done():
                await asyncio.wait([answering], timeout=_FRESH_SECONDS)
                if not answering.done() and worker not in await self._known_workers(_FRESH_SECONDS):
                    raise WorkerLost
            return answering.result()[worker]
        finally:
            answering.cancel()

    async def _known_workers(self, age: float) -> list[str]:
        """The workers there are, as they were known at most ``age`` seconds ago."""
        if time.monotonic() - self._looked_at >= age:
            self._workers = sorted(await self.client.nthreads())
            self._looked_at = time.monotonic()
        return self._workers
