"""What a board of a thousand runs that all change sends to a front end, and how large it is in the end."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from puffle_jupyter.render.limits import size_of
from tests.support.chromium import running_chromium
from tests.support.kernel import Kernel, running_kernel

from . import live_board
from .board_server import RUNS, board_server
from .figure import Figure
from .kernels import Arrival, arrivals, cpu_seconds

MESSAGES, BYTES, COMMS = 4, 50_000, 12
MOST_BYTES = 2_000_000
OPENS_WITHIN = 0.3
_LAID_OUT = """shown => new Promise(resolve => {
    const start = performance.now();
    document.body.innerHTML = shown;
    requestAnimationFrame(() => requestAnimationFrame(() => {
        document.body.getBoundingClientRect();
        resolve(performance.now() - start);
    }));
})"""
_WARM_UP = 4.0
_UNSEEN = ("status", "execute_input", "execute_reply")


def measure(quick: bool) -> list[Figure]:
    window = 15 if quick else 45
    with board_server(window + 10.0) as address, _kernel(address) as kernel:
        kernel.run(f"ids = [f'run_{{number}}' for number in range({RUNS})]")
        cell = kernel.run("board = %puffle_wait --from ids --interval 1.5", timeout=120)
        comms = len(cell.of_kind("comm_open"))
        list(arrivals(kernel, _WARM_UP))
        before = cpu_seconds(kernel)
        sent = [one for one in arrivals(kernel, window) if one.kind not in _UNSEEN]
        used = (cpu_seconds(kernel) - before) / window
        frozen = _frozen(kernel)
    with board_server(600.0) as address:  # they go on while boards are opened
        live = live_board.measure(address, 2 if quick else 5)
    size = sum(map(size_of, frozen.values()))
    return [
        Figure(f"comms of a board of {RUNS:,} runs / {COMMS}", [comms / COMMS], 1),
        Figure(
            f"messages in a second of a board of {RUNS:,} runs that change / {MESSAGES}",
            [count / MESSAGES for count in _per_second(sent, window)],
            1,
            judge=max,
            word="most",
        ),
        Figure(
            f"bytes a second of a board of {RUNS:,} runs that change / {BYTES:,}",
            [sum(one.size for one in sent) / window / BYTES],
            1,
        ),
        *live,
        Figure(f"core of the kernel while {RUNS:,} runs change, polls included", [used], 1),
        Figure(f"bytes of html and text of a frozen board / {MOST_BYTES:,}", [size / MOST_BYTES], 1),
        Figure(
            f"opening its html in Chromium / {OPENS_WITHIN:g} s",
            [opened / OPENS_WITHIN for opened in _opened(frozen["text/html"], 3 if quick else 7)],
            1,
        ),
    ]


@contextmanager
def _kernel(address: str) -> Iterator[Kernel]:
    with (
        tempfile.TemporaryDirectory(prefix="puffle-benchmark-") as folder,
        running_kernel(Path(folder), PUFFLE_BASE_URL=address, PUFFLE_API_KEY="pk_demo_0123456789") as kernel,
    ):
        kernel.run("%load_ext puffle_jupyter")
        yield kernel


def _per_second(sent: list[Arrival], window: int) -> list[int]:
    if not sent:
        return []
    first = sent[0].at
    counted = Counter(math.floor(one.at - first) for one in sent)
    return [counted[second] for second in range(window)]


def _frozen(kernel: Kernel) -> dict[str, str]:
    """The output that the board leaves."""
    start = len(kernel.messages)
    kernel.run("_ = board.wait()", timeout=300)
    kernel.drain(2.0)
    bundles = [one.bundle for one in kernel.messages[start:] if one.kind == "update_display_data"]
    ended = [one for one in bundles if "application/vnd.jupyter.widget-view+json" not in one]
    return ended[-1]


def _opened(shown: str, times: int) -> list[float]:
    """Seconds from the html to the page that is laid out, a new page each time."""
    taken = []
    with running_chromium() as browser:
        for _ in range(times):
            page = browser.new_page()
            taken.append(float(page.evaluate(_LAID_OUT, shown)) / 1_000)
            page.close()
    return taken
