"""`RunBoard`: many runs, watched together and shown in one table."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from .. import displayed
from ..background.loop import callback_loop
from ..board.frames import answered_runs
from ..board.ids import MeantRuns, meant_runs
from ..board.labels import labels_of
from ..board.layout import BoardLayout, layout_of
from ..board.merged_rows import merged_rows
from ..client.blocking_client import PuffleClient
from ..client.client import AsyncPuffleClient
from ..errors import ApprovalNeeded, CannotWaitHere, InvalidRunId, PuffleError, WaitTimeout
from ..run import check_completed
from ..tables.table import Table
from ..watching.listeners import call_safely
from ..watching.registry import watch_all
from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from .board_content import board_content, board_text, heading_line
from .board_rows import BoardRows
from .board_view import BoardView, finish
from .subscription import view_loop
from .waiting import wait_for_all

_SLICE_SECONDS = 0.2
_NAMED = 5


class RunBoard(Sequence[RunWatch]):
    """Watches many runs, and shows them in one table: a row a run, which opens to its transcript.

    It is a sequence of its watches, in the order in which the runs were given; ``board["run_abc"]`` is the
    watch of that run. A run that is given twice is watched once; what is no run id is named, and the others
    go on.

    Args:
        runs: run ids, watches, or what has a ``run_id``; also a column of a DataFrame, or a text with ids
            between commas or spaces.
        labels: what the runs are called in the table: in the order of the runs, or by run id. Otherwise it is
            the message that a run was started with from this kernel.
        layout: ``"table"``, a row a run, or ``"columns"``, up to six runs side by side, to compare them.
        client: a client of your own; None takes the kernel's.
        interval: seconds between polls; None takes 1.5.
        timeout: seconds after which to stop watching; None never does.
        on_done: called with the board once every run has ended, on a thread for callbacks.

    Raises:
        InvalidRunId: none of ``runs`` can be a run's id.
        InvalidSetting, MissingApiKey, InvalidApiKey: before anything is sent.

    >>> board = RunBoard(["run_a", "run_b", "run_c"])  # doctest: +SKIP
    >>> board.wait().failed
    [<RunWatch run_b failed>]
    """

    layout = BoardLayout.TABLE

    def __init__(
        self,
        runs: Iterable[Any] | str,
        *,
        labels: Sequence[str] | Mapping[str, str] | None = None,
        layout: str = BoardLayout.TABLE.value,
        client: PuffleClient | AsyncPuffleClient | None = None,
        interval: float | None = None,
        timeout: float | None = None,
        on_done: Callable[[RunBoard], object] | None = None,
    ) -> None:
        given = [runs] if isinstance(runs, str) else list(runs)
        known = {one.run_id: one for one in given if isinstance(one, RunWatch)}
        meant = meant_runs(given, streams=[one for one in known if not one.startswith("run_")])
        if meant.refused and not meant.run_ids:
            more = len(meant.refused) - _NAMED
            words = ", ".join(meant.refused[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
            raise InvalidRunId(f"none of these is a run id: {words}.")
        named = labels_of(labels, meant.run_ids)
        self.layout, said = layout_of(layout, len(meant.run_ids))
        new = [run_id for run_id in meant.run_ids if run_id not in known]
        made = watch_all(new, client=client, interval=interval, timeout=timeout)
        known |= dict(zip(new, made, strict=True))
        self.watches: tuple[RunWatch, ...] = tuple(known[run_id] for run_id in meant.run_ids)
        self._build(meant, named, on_done)
        self.remarks += said

    def _build(
        self, meant: MeantRuns, labels: Sequence[str], on_done: Callable[[RunBoard], object] | None
    ) -> None:
        self.remarks: tuple[str, ...] = tuple(meant.remarks())
        self.table = BoardRows(self.watches, labels)
        self._by_id = {watch.run_id: watch for watch in self.watches}
        self._on_done = on_done
        self._lock = threading.RLock()
        self._views: list[BoardView] = []
        self._unfinished = set(self.watches)
        self._open = set(self.watches)
        for watch in self.watches:
            watch.observe(functools.partial(self._observe, watch))
            if watch.snapshot.phase.is_final:
                self._observe(watch, watch.snapshot)
            watch.add_done_callback(self._note_done)

    @property
    def done(self) -> bool:
        """Whether every run has ended, or is not watched any more."""
        return all(watch.done for watch in self.watches)

    @property
    def failed(self) -> list[RunWatch]:
        """The watches that are done without a completed run: failed, cancelled, stopped, not found."""
        return [watch for watch in self.watches if watch.done and not _is_completed(watch)]

    @overload
    def __getitem__(self, key: int) -> RunWatch: ...
    @overload
    def __getitem__(self, key: slice) -> list[RunWatch]: ...
    @overload
    def __getitem__(self, key: str) -> RunWatch: ...
    def __getitem__(self, key: int | slice | str) -> RunWatch | list[RunWatch]:
        if isinstance(key, str):
            return self._by_id[key]
        return list(self.watches[key]) if isinstance(key, slice) else self.watches[key]

    def __len__(self) -> int:
        return len(self.watches)

    def __contains__(self, wanted: object) -> bool:
        return wanted in self._by_id if isinstance(wanted, str) else wanted in self.watches

    def wait(self, timeout: float | None = None, *, nested: bool = False) -> RunBoard:
        """Wait until every run ended, however it did; Ctrl-C ends the wait, not the watches.

        Args:
            timeout: seconds; None waits as long as it takes.
            nested: keep the caller's own event loop turning meanwhile; see `RunWatch.wait`.

        Returns:
            The board: ``board.wait().failed``.

        Raises:
            WaitTimeout: ``timeout`` seconds passed; the watches go on.
            KeyboardInterrupt: Ctrl-C, with words that say that the watches go on.
            ApprovalNeeded, CannotWaitHere: see `RunWatch.wait`.
        """
        if timeout is None:
            wait_for_all(list(self.watches), nested=nested)
            return self
        deadline = time.monotonic() + timeout
        for watch in self.watches:
            try:
                watch.wait(max(0.0, deadline - time.monotonic()), nested=nested)
            except WaitTimeout:
                if not watch.done:
                    raise WaitTimeout(self._still_open(timeout)) from None
            except (ApprovalNeeded, CannotWaitHere):
                raise
            except PuffleError:
                continue
        return self

    def __await__(self) -> Generator[Any, None, RunBoard]:
        return self._wait().__await__()

    async def _wait(self) -> RunBoard:
        for watch in self.watches:
            with contextlib.suppress(PuffleError):
                await watch
        return self

    def as_completed(self, timeout: float | None = None) -> Iterator[RunWatch]:
        """The watches as their runs end, whichever is next; the board is shown meanwhile.

        Args:
            timeout: seconds for all of them; None waits as long as it takes.

        Raises:
            WaitTimeout: ``timeout`` seconds passed; the watches go on.

        >>> for watch in board.as_completed():         # doctest: +SKIP
        ...     print(watch.run_id, watch.status)
        """
        self.show()
        ended: queue.SimpleQueue[RunWatch] = queue.SimpleQueue()
        for watch in self.watches:
            watch.add_done_callback(ended.put)
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        for _ in self.watches:
            while True:
                left = deadline - time.monotonic()
                try:
                    yield ended.get(timeout=max(0.0, min(_SLICE_SECONDS, left)))  # sliced: for Ctrl-C
                    break
                except queue.Empty:
                    if left <= 0:
                        raise WaitTimeout(self._still_open(timeout or 0.0)) from None

    def stop(self) -> None:
        """Stop watching. The runs continue; ``board["run_abc"].stop()`` stops watching one."""
        for watch in self.watches:
            watch.stop()

    def show(self) -> None:
        """Show the table here. It follows the same watches: nothing more is polled."""
        displayed.show_board(self)

    def rows(self, tool: str, key: str | None = None) -> Table:
        """Every row of the results of ``tool``, of all runs that ended, in one table.

        The columns ``run_id`` and ``call`` say where a row is from.

        Args:
            tool: the name of the tool.
            key: a column whose values are there once each; ``conflicts`` names what later rows say otherwise.

        Raises:
            NoSuchToolCall: no run called the tool.
            NotATable: none of its results is an object or a list of them.
            InvalidSetting: there is no column ``key``.

        >>> board.rows("search_leads", key="leadId").to_csv("leads.csv")  # doctest: +SKIP
        """
        return merged_rows(answered_runs(self.watches), tool, key)

    def to_text(self) -> str:
        """All rows as plain text: the counts, then a line a run."""
        return board_text(self)

    def attach(self, view: BoardView) -> None:
        """Have ``view`` finished when every run ended; at once on its thread where they did."""
        with self._lock:
            if self._unfinished:
                self._views.append(view)
                return
        view_loop.call_soon(call_safely, view.finish)

    def detach(self, view: BoardView) -> None:
        """Forget ``view``, which shows nothing any more."""
        with self._lock:
            self._views = [one for one in self._views if one is not view]

    def _observe(self, watch: RunWatch, snapshot: WatchSnapshot) -> concurrent.futures.Future[None] | None:
        """Take note of an end. Of the last one: that of a watch waits until the views have shown it."""
        if not snapshot.phase.is_final:
            return None
        with self._lock:
            if watch not in self._unfinished:
                return None
            self._unfinished.discard(watch)
            if self._unfinished:
                return None
            views, self._views = self._views, []
        return view_loop.submit(finish(views)) if views else None

    def _note_done(self, watch: RunWatch) -> None:
        with self._lock:
            if watch not in self._open:
                return
            self._open.discard(watch)
            is_last = not self._open
        if is_last and self._on_done is not None:
            callback_loop.call_soon(call_safely, self._on_done, self)

    def _still_open(self, timeout: float) -> str:
        left = sum(not watch.done for watch in self.watches)
        said = f"{left:,} of {len(self.watches):,} runs did not end within {timeout:g} s."
        return f"{said} The watches continue; wait again, or see the board."

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {ascii(heading_line(self).replace(' · ', ', '))[1:-1]}>"

    def _repr_html_(self) -> str:
        return board_content(self)[0]  # where there is no IPython, such as in marimo: as it is now

    def _ipython_display_(self) -> None:
        displayed.show_board_unless_shown(self)

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("A RunBoard cannot be sent to another process: it watches in this one.")


def _is_completed(watch: RunWatch) -> bool:
    try:
        check_completed(watch.wait(0.0))
    except PuffleError:
        return False
    return True
