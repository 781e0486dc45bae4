"""The CPU of one live watch over that of the loop people write by hand, each in a kernel of its own.

Both kernels run at the same time, beside a third that does nothing: what it uses is taken off.
"""

from __future__ import annotations

import time

from puffle_jupyter.demo import DEMO_KEY
from tests.support.kernel import Kernel

from .figure import Figure
from .kernels import cpu_seconds, kernel_of, watch
from .puffle import RUN_ID, ChangingPuffle, changing_puffle

INTERVAL = 1.5
WINDOW = 4 * INTERVAL
"""Seconds of one measurement: four turns of the loop."""

_LOOP = """
import time
import requests
from IPython.display import HTML, clear_output, display
while True:
    response = requests.get({address!r}, headers={{"Authorization": "Bearer {key}"}})
    run = response.json()
    clear_output(wait=True)
    display(HTML(f"<b>{{run['status']}}</b> {{run['runId']}}"))
    time.sleep({interval})
"""


def loop_of_today(puffle: ChangingPuffle) -> str:
    """The cell that people write to follow a run."""
    address = f"{puffle.base_url}/api/agent/chat/{RUN_ID}"
    return _LOOP.format(address=address, key=DEMO_KEY, interval=INTERVAL)


def measure(quick: bool) -> list[Figure]:
    windows = 2 if quick else 7
    name = "CPU of a watch / of a loop over requests.get, clear_output, display"
    return [
        Figure(f"{name}; https, as Puffle", ratios(windows, encrypted=True), 0.35),
        Figure(f"{name}; plain http", ratios(windows, encrypted=False), 0.35),
    ]


def ratios(windows: int, *, encrypted: bool) -> list[float]:
    """One ratio for each window of time.

    Args:
        encrypted: over https. Puffle speaks nothing else, and what the loop costs is above all the new
            connection of every turn; over plain http, which only this machine speaks, little is left of that.
    """
    with (
        changing_puffle(encrypted=encrypted) as puffle,
        kernel_of(puffle) as watching,
        kernel_of(puffle) as looping,
        kernel_of(puffle) as idle,
    ):
        watch(watching, puffle, INTERVAL)
        looping.start(loop_of_today(puffle))
        kernels = (watching, looping, idle)
        _sleep_and_read(kernels, WINDOW / 2)  # imports, first connections
        return [_ratio(kernels) for _ in range(windows)]


def _ratio(kernels: tuple[Kernel, Kernel, Kernel]) -> float:
    """CPU of the watching kernel over that of the looping one, each less what the idle one used."""
    before = [cpu_seconds(kernel) for kernel in kernels]
    _sleep_and_read(kernels, WINDOW)
    watched, looped, idled = (
        cpu_seconds(kernel) - used for kernel, used in zip(kernels, before, strict=True)
    )
    return (watched - idled) / (looped - idled)


def _sleep_and_read(kernels: tuple[Kernel, ...], seconds: float) -> None:
    """Let the kernels work; then take what they sent, so that nothing piles up."""
    time.sleep(seconds)
    for kernel in kernels:
        kernel.drain(0.01)
