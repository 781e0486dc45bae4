"""A hundred watches for an hour: ``python -m tests.tools.soak [--minutes M] [--watches N] [--interval S]``.

The watches poll a small server of this process every ``interval`` seconds; their runs end, and are watched
anew, some are stopped, and one answer in twenty is a fault. Memory in the second half of the time is compared
with the first half's, and descriptors after the end with those before.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from puffle_jupyter import AsyncPuffleClient, RunWatch, WatchStopped
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.registry import registry, watch

KEY = "pk_live_0123456789abcdef"
MOST_GROWTH = 4 * 1024 * 1024
"""Bytes by which the second half may lie above the first: an allocator's noise."""

_POLLS_OF_A_RUN = 8
_SAMPLE_SECONDS = 0.25
_SAMPLE_SHARE = 0.001
"""Of the whole time, between two samples at least."""
_MINUTE = 60.0
_LONGEST_END = 60.0
"""Seconds from a stop, or an end that was seen, until the watch is done: a busy machine may stand still."""


@dataclass
class Server:
    """Answers over real sockets; a run completes with its eighth poll. Its counts are its own thread's."""

    chance: random.Random = field(default_factory=lambda: random.Random(4))
    polls: int = 0
    left: dict[str, int] = field(default_factory=dict)

    def start(self) -> str:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        opening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.listening = asyncio.run_coroutine_threadsafe(opening, self.loop).result(10)
        return f"http://127.0.0.1:{self.listening.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        async def end() -> None:
            self.listening.close()
            serving = asyncio.all_tasks() - {asyncio.current_task()}
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                run_id = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
                self.polls += 1
                if self.chance.random() < 0.02:
                    return  # the connection is dropped
                status, body = self._answer(run_id)
                head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, run_id: str) -> tuple[str, bytes]:
        if self.chance.random() < 0.03:
            return "503 Service Unavailable", b"{}"
        left = self.left[run_id] = self.left.get(run_id, _POLLS_OF_A_RUN) - 1
        if left > 0:
            return "200 OK", json.dumps({"runId": run_id, "status": "running"}).encode()
        del self.left[run_id]
        return "200 OK", json.dumps({"runId": run_id, "status": "completed", "text": "x" * 2000}).encode()


@dataclass
class Soak:
    """What was measured: resident bytes and descriptors over time, and what became of the watches."""

    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    ended: int = 0
    stopped: int = 0
    lost: list[str] = field(default_factory=list)
    polls: int = 0
    tasks_left: int = 0
    descriptors_before: int = 0
    descriptors_after: int = 0
    seconds_between: float = 0.0

    @property
    def memory_growth(self) -> float:
        return _growth(self.memory)

    @property
    def memory_slope(self) -> float:
        """Bytes an hour: the slope of the straight line through what was measured."""
        if len(self.memory) < 2:
            return 0.0
        times = [number * self.seconds_between for number in range(len(self.memory))]
        return 3600 * statistics.linear_regression(times, self.memory).slope

    @property
    def descriptors_left(self) -> int:
        """Descriptors open after the end and not before; meanwhile they come and go by dozens."""
        return self.descriptors_after - self.descriptors_before

    @property
    def flat(self) -> bool:
        return self.memory_growth <= MOST_GROWTH and self.descriptors_left <= 5

    def __str__(self) -> str:
        lost = "".join(f"lost: {why}\n" for why in self.lost[:20])
        return (
            f"{self.polls:,} polls, {self.ended:,} runs ended, {self.stopped:,} stopped, "
            f"{len(self.lost)} lost\n{lost}"
            f"memory: {self.memory[0] / 2**20:.1f} MB at first, {self.memory[-1] / 2**20:.1f} MB at last, "
            f"second half {self.memory_growth / 2**20:+.2f} MB, "
            f"{self.memory_slope / 2**20:+.2f} MB an hour\n"
            f"descriptors: {self.descriptors_before} before, {max(self.descriptors)} at most, "
            f"{self.descriptors_after} after\n"
            f"tasks left after the end: {self.tasks_left}\n"
            f"{'flat' if self.flat else 'NOT FLAT'}"
        )


def soak(
    seconds: float,
    watches: int,
    interval: float = 0.1,
    remembered: int | None = None,
    say: Callable[[str], object] = bool,
) -> Soak:
    """Watch ``watches`` runs at a time for ``seconds``; each that is over is followed by another.

    Args:
        remembered: bytes of ended runs to remember; None is the product's own budget, which a short soak
            does not fill.
        say: is given a line of progress each minute.
    """
    if remembered is not None:
        registry._budget = remembered
    server, seen, process = Server(), Soak(), psutil.Process()
    poll_loop.run(asyncio.sleep(0))  # the shared loop stays, and has descriptors of its own
    seen.descriptors_before = process.num_fds()
    client = AsyncPuffleClient(KEY, server.start())
    number = watches
    live = [watch(f"run_{at}", client=client, interval=interval) for at in range(watches)]
    # What is held on purpose, the ended runs that the budget holds, is full by then in an hour.
    started, warm = time.monotonic(), seconds * 0.3
    said = sampled = 0.0
    while (elapsed := time.monotonic() - started) < seconds:
        time.sleep(_SAMPLE_SECONDS)
        for at, one in enumerate(live):
            if not one.done and at % 10 == 0 and one.snapshot.polls > 5:
                one.stop()
            if one.is_ending:
                _count(one, seen)
                live[at] = watch(f"run_{number}", client=client, interval=interval)
                number += 1
        if elapsed > warm and elapsed >= sampled + seconds * _SAMPLE_SHARE:
            sampled = elapsed
            gc.collect()  # which stops every thread, the longer the more runs are remembered
            seen.memory.append(process.memory_info().rss)
            seen.descriptors.append(process.num_fds())
            seen.seconds_between = (elapsed - warm) / len(seen.memory)
        if elapsed >= said:
            said += _MINUTE
            megabytes = process.memory_info().rss / 2**20
            say(f"{elapsed / 60:.0f} min: {server.polls:,} polls, {seen.ended:,} ended, {megabytes:.1f} MB")
    for one in live:
        one.stop()
    for one in live:
        _count(one, seen)
    poll_loop.run(client.aclose())
    server.stop()
    seen.polls = server.polls
    deadline = time.monotonic() + 5
    while (left := [task for task in poll_loop.tasks() if not task.done()]) and time.monotonic() < deadline:
        time.sleep(0.01)
    seen.tasks_left = len(left)
    gc.collect()
    seen.descriptors_after = process.num_fds()
    return seen


def _count(one: RunWatch, seen: Soak) -> None:
    try:
        one.wait(timeout=_LONGEST_END)
        seen.ended += 1
    except WatchStopped:
        seen.stopped += 1
    except Exception as error:  # whatever else ended it: the run was lost
        seen.lost.append(f"{type(error).__name__} {error}; {one.snapshot}; {one.history}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _growth(values: list[int]) -> float:
    half = len(values) // 2
    return statistics.median(values[half:]) - statistics.median(values[:half])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--watches", type=int, default=100)
    parser.add_argument("--interval", type=float, default=0.1, help="seconds between two polls of a watch")
    parser.add_argument("--remembered", type=int, default=None, help="bytes of ended runs to remember")
    options = parser.parse_args()
    seen = soak(options.minutes * 60, options.watches, options.interval, options.remembered, _say)
    print(seen)
    return 0 if seen.flat and not seen.lost and not seen.tasks_left else 1


if __name__ == "__main__":
    sys.exit(main())
