"""Which runs are being watched: one poll stream a run, one pooled client an account."""

from __future__ import annotations

import asyncio
import functools
import math
import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..background.future import Outcome
from ..background.loop import finished, poll_loop
from ..client.blocking_client import PuffleClient
from ..client.client import AsyncPuffleClient
from ..client.credentials import Account
from ..run import Run
from ..run_data import check_run_id
from .account_pause import AccountPause
from .intervals import DEFAULT_INTERVAL, check_interval, check_timeout
from .listeners import call_safely
from .newcomers import announce
from .polled import watch_by_polling
from .schedule import Clock, Schedule, Sleep
from .snapshot import WatchPhase
from .streamed_run import is_stream_name
from .watch import RunWatch

T = TypeVar("T")

REMEMBERED_BYTES = 64_000_000
"""How much the answers of ended runs may hold, as JSON, for the runs to be remembered."""

_AT_A_TURN = 50
"""Watches that are made in one turn of the poll thread: some milliseconds."""

_WATCH_BYTES = 10_000
"""What a watch takes without the answer: so many watches that were stopped are not remembered for ever."""


class WatchRegistry:
    """Live watches and the last runs that ended, by client and run id.

    Args:
        budget: how many bytes ended runs are remembered in; the last one is remembered, whatever its size.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
        wall_clock: seconds since 1970.
    """

    def __init__(
        self,
        budget: int = REMEMBERED_BYTES,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        wall_clock: Clock = time.time,
    ) -> None:
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._wall_clock = wall_clock
        self._lock = threading.RLock()
        self._clients: dict[Account, AsyncPuffleClient] = {}
        self._schedules: weakref.WeakKeyDictionary[AsyncPuffleClient, Schedule] = weakref.WeakKeyDictionary()
        self._watches: OrderedDict[tuple[AsyncPuffleClient, str], RunWatch] = OrderedDict()

    def watch(
        self, run_id: str, client: AsyncPuffleClient, interval: float, timeout: float | None
    ) -> RunWatch:
        """The live watch of this run, or the ended one whose status is terminal, or a new one."""
        return self.watch_all([run_id], client, interval, timeout)[0]

    def watch_all(
        self, run_ids: Sequence[str], client: AsyncPuffleClient, interval: float, timeout: float | None
    ) -> list[RunWatch]:
        """`watch` for each of ``run_ids``, in their order.

        Made on the poll thread: a Ctrl-C strikes the main thread only, and between its making and its
        registration it would leave a watch behind that nobody knows. Many are made in a few turns, since
        each turn waits for what the poll thread does, and would hold up its polls if it were long.
        """

        def make(some: Sequence[str]) -> list[RunWatch]:
            return [self._get_or_create(run_id, client, interval, timeout) for run_id in some]

        if poll_loop.is_current:
            return make(run_ids)
        outcomes: list[Outcome[list[RunWatch]]] = []
        for start in range(0, len(run_ids), _AT_A_TURN):
            outcomes.append(Outcome())
            some = run_ids[start : start + _AT_A_TURN]
            poll_loop.call_soon(_settle, outcomes[-1], functools.partial(make, some))
        for outcome in outcomes:
            outcome.wait()
        return [watch for outcome in outcomes for watch in outcome.result()]

    def _get_or_create(
        self, run_id: str, client: AsyncPuffleClient, interval: float, timeout: float | None
    ) -> RunWatch:
        with self._lock:
            known = self._watches.get((client, run_id))
            if known is not None and _still_serves(known):
                self._watches.move_to_end((client, run_id))
                known.extend(interval, timeout)
                return known
            # What Puffle asked of the watch before holds for this one.
            not_before = -math.inf if known is None else known.not_before
            watch = watch_by_polling(
                run_id,
                client,
                interval=interval,
                timeout=timeout,
                clock=self._clock,
                wall_clock=self._wall_clock,
                schedule=self._schedule(client),
                not_before=not_before,
                at_end=self.ended,
            )
            self._watches[(client, run_id)] = watch
        call_safely(announce, watch)
        return watch

    def _schedule(self, client: AsyncPuffleClient) -> Schedule:
        known = self._schedules.get(client)
        if known is None:
            known = self._schedules[client] = Schedule(self._clock, self._sleep)
        return known

    def pause_of(self, client: AsyncPuffleClient) -> AccountPause:
        """The time before which Puffle wants no poll of this account."""
        with self._lock:
            return self._schedule(client).budget.pause

    def client_for(self, account: Account) -> AsyncPuffleClient:
        """The one pooled client of an account."""
        with self._lock:
            if account not in self._clients:
                self._clients[account] = AsyncPuffleClient(account.api_key, account.base_url)
            return self._clients[account]

    def add(self, watch: RunWatch) -> RunWatch:
        """Keep ``watch``, which follows another source than polls, with the others."""
        with self._lock:
            self._watches[(watch.client, watch.run_id)] = watch
        return watch

    def ended_run(self, run_id: str, client: AsyncPuffleClient) -> Run | None:
        """The run as a watch of ``client`` saw it end; None where none did, or it is forgotten."""
        with self._lock:
            known = self._watches.get((client, run_id))
        run = None if known is None else known.run
        return run if run is not None and run.status.is_terminal else None

    def is_live(self, client: AsyncPuffleClient, run_id: str) -> bool:
        """Whether a watch of this run is under way: another one of its name would take its place."""
        with self._lock:
            known = self._watches.get((client, run_id))
        return known is not None and not known.done

    def live(self) -> list[RunWatch]:
        """The watches that still poll."""
        with self._lock:
            return [watch for watch in self._watches.values() if not watch.done]

    def known(self, base_url: str) -> list[RunWatch]:
        """The watches of runs at this address that are polled or remembered, the one used last at the end."""
        with self._lock:
            return [watch for (client, _), watch in self._watches.items() if client.base_url == base_url]

    def run_ids(self) -> list[str]:
        """The ids of the runs that are polled or remembered, the one used last at the end."""
        with self._lock:
            return [run_id for _, run_id in self._watches if not is_stream_name(run_id)]

    def stop(self) -> None:
        """Stop every watch and close every client of the kernel's own."""
        with self._lock:
            watches, clients = list(self._watches.values()), list(self._clients.values())
            self._watches.clear()
            self._clients.clear()
        for watch in watches:
            watch.stop()
        if poll_loop.running and not poll_loop.is_current:
            for client in clients:
                finished(poll_loop.submit(client.aclose()), 1.0)

    def forget_after_fork(self) -> None:
        """Start afresh in a forked child: its watches' thread is the parent's."""
        self._lock = threading.RLock()
        self._watches.clear()
        self._clients.clear()

    def ended(self, watch: RunWatch) -> None:
        """Take ``watch`` for the one that was used last, and forget those for which there is no room."""
        key = (watch.client, watch.run_id)
        with self._lock:
            if self._watches.get(key) is not watch:
                return
            self._watches.move_to_end(key)
            ended = [(key, _size(one)) for key, one in self._watches.items() if one is watch or one.done]
            too_much = sum(size for _, size in ended) - self._budget
            for key, size in ended[:-1]:
                if too_much <= 0:
                    return
                del self._watches[key]
                too_much -= size


def _settle(outcome: Outcome[T], make: Callable[[], T]) -> None:
    try:
        outcome.settle(make())
    except BaseException as error:
        outcome.settle(error=error)


registry = WatchRegistry()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=registry.forget_after_fork)


def watch(
    run_id: str,
    *,
    client: PuffleClient | AsyncPuffleClient | None = None,
    interval: float | None = None,
    timeout: float | None = None,
) -> RunWatch:
    """Watch a run in the background, showing nothing.

    Watching a run that is being watched gives the same watch, and wakes it when it waits because polls
    failed; one that ended costs no request.

    Args:
        run_id: ``run_…``.
        client: a client of your own; None takes the kernel's.
        interval: seconds between polls; None takes 1.5.
        timeout: seconds after which to stop watching; None, the default, never does: runs may be long.

    Raises:
        InvalidRunId, InvalidSetting, MissingApiKey, InvalidApiKey: before anything is sent.
    """
    return watch_all([run_id], client=client, interval=interval, timeout=timeout)[0]


def watch_all(
    run_ids: Sequence[str],
    *,
    client: PuffleClient | AsyncPuffleClient | None = None,
    interval: float | None = None,
    timeout: float | None = None,
) -> list[RunWatch]:
    """`watch` for each of ``run_ids``: of a thousand, in a small part of the time."""
    for run_id in run_ids:
        check_run_id(run_id)
    seconds = check_interval(DEFAULT_INTERVAL if interval is None else interval)
    limit = None if timeout is None else check_timeout(timeout)
    if not run_ids:
        return []
    if client is None:
        asking = registry.client_for(Account.find())
    else:
        asking = client.asynchronous if isinstance(client, PuffleClient) else client
    return registry.watch_all(run_ids, asking, seconds, limit)


def _size(watch: RunWatch) -> int:
    """About how many bytes remembering ``watch`` takes."""
    run = watch.run
    return _WATCH_BYTES + (0 if run is None else len(run.body.encoded))


def _still_serves(watch: RunWatch) -> bool:
    return watch.snapshot.phase is WatchPhase.ENDED or not watch.is_ending
