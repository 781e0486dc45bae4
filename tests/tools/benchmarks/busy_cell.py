"""How fast a cell with pure Python work runs beside a live watch, over its speed without one.

Time in which the cell waits for another thread of its kernel counts; time in which it waits for another
program of the machine does not. The processor's own speed may drift between two cells; the share of its
time in which a cell computes does not drift with it.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.support.kernel import Kernel

from .figure import Figure
from .kernels import kernel_of, watch
from .puffle import ChangingPuffle, changing_puffle

WORK = '''
import time

def kept_waiting():
    """Seconds this thread was ready to run while the processor was given to other programs (Linux)."""
    try:
        with open("/proc/thread-self/schedstat") as numbers:
            return int(numbers.read().split()[1]) / 1e9
    except OSError:
        return 0.0

def work(seconds):
    """Units of work a second, and the share of the time in which they were computed."""
    done, waited, computed, started = 0, kept_waiting(), time.thread_time(), time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        sum(number * number % 7 for number in range(10_000))
        done += 1
    spent -= kept_waiting() - waited
    return done / spent, (time.thread_time() - computed) / spent
'''


class Speed(NamedTuple):
    """How fast a cell ran: units of work a second, and the share of its time in which it computed."""

    units: float
    share: float

    def __truediv__(self, other: Speed) -> Speed:
        return Speed(self.units / other.units, self.share / other.share)


def measure(quick: bool) -> list[Figure]:
    seconds = 3.0
    with changing_puffle() as puffle, kernel_of(puffle) as kernel:
        kernel.run(WORK)
        speed(kernel, 1.0)
        ratios = [_pair(kernel, puffle, seconds, number) for number in range(3 if quick else 15)]
    what = "of a pure-Python cell beside a watch / without"
    return [
        Figure(f"speed {what}", [ratio.units for ratio in ratios], 0.97, at_least=True),
        Figure(f"computing share {what}", [ratio.share for ratio in ratios], 0.97, at_least=True),
    ]


def speed(kernel: Kernel, seconds: float) -> Speed:
    """The speed of a cell that works for that many seconds."""
    return Speed(*kernel.evaluate(f"work({seconds})"))


def _pair(kernel: Kernel, puffle: ChangingPuffle, seconds: float, number: int) -> Speed:
    """The ratio of one pair of cells; every other pair is run the other way round."""
    without = speed(kernel, seconds) if number % 2 else None
    watch(kernel, puffle)
    beside = speed(kernel, seconds)
    kernel.run("run.stop()")
    kernel.drain(0.3)
    return beside / (without or speed(kernel, seconds))
