"""Real kernels for the figures: one that watches, and how much CPU a kernel has used."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.support.kernel import Kernel, running_kernel

from .puffle import RUN_ID, ChangingPuffle


@contextmanager
def kernel_of(puffle: ChangingPuffle) -> Iterator[Kernel]:
    """A kernel whose environment points at ``puffle``, with the extension loaded."""
    with (
        tempfile.TemporaryDirectory(prefix="puffle-benchmark-") as folder,
        running_kernel(Path(folder), **puffle.environment) as kernel,
    ):
        kernel.run("%load_ext puffle_jupyter")
        yield kernel


def watch(kernel: Kernel, puffle: ChangingPuffle, interval: float = 1.5) -> None:
    """Show a live watch as a person would, and return when its badge says *running*."""
    puffle.change_to("queued")
    start = len(kernel.messages)
    kernel.run(f"run = %puffle_wait {RUN_ID} --interval {interval}")
    # The run's time begins with its first poll, so that must be over before the clock is moved.
    _await_status(kernel, start, "queued")
    puffle.change_to("running")
    _await_status(kernel, start, "running")


def _await_status(kernel: Kernel, start: int, status: str) -> None:
    """Wait until the badge, as drawn by the messages from ``start`` on, says ``status``."""
    kernel.listen(lambda: status_in(kernel, start) == status, timeout=30, what=f"a badge: {status}")


def status_in(kernel: Kernel, start: int) -> str | None:
    """The status that the badge shows after the messages from ``start`` on."""
    shown = [status for value in kernel.traits("value", start) if (status := status_of(value))]
    return shown[-1] if shown else None


def status_of(value: object) -> str | None:
    """The status that a badge's new text tells; None when it is no text with a status."""
    return next(
        (status for status in ("queued", "running") if isinstance(value, str) and status in value), None
    )


class Arrival(NamedTuple):
    """A message as it reached a front end: when, in seconds since the epoch, what, and how large."""

    at: float
    kind: str
    value: object
    size: int


def arrivals(kernel: Kernel, seconds: float) -> Iterator[Arrival]:
    """Every iopub message of the next ``seconds``, at the moment it arrives."""
    socket = kernel.client.iopub_channel.socket
    session = kernel.client.session
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not socket.poll(left * 1000):
            return
        frames = socket.recv_multipart()
        at = time.time()
        message = session.deserialize(session.feed_identities(frames)[1])
        state = message["content"].get("data", {}).get("state", {})
        yield Arrival(at, message["msg_type"], state.get("value"), sum(map(len, frames)))


def cpu_seconds(kernel: Kernel) -> float:
    """CPU seconds that the kernel's process used so far."""
    provisioner: Any = kernel.manager.provisioner  # of a local kernel: it has a process
    process = provisioner.process
    try:
        # psutil's count has steps of 10 ms, a whole second of watching; Linux keeps a clock for each
        # process (clock_getcpuclockid, CPUCLOCK_SCHED), in nanoseconds.
        return time.clock_gettime((~process.pid << 3) | 2)
    except (AttributeError, OSError):
        times = psutil.Process(process.pid).cpu_times()
        return times.user + times.system
