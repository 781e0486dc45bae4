"""A streamed answer in a real kernel: beside a new Markdown output for each chunk, and beside a busy cell."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support.kernel import Kernel, running_kernel

from .busy_cell import WORK, Speed, speed
from .figure import Figure
from .kernels import cpu_seconds
from .stream_server import KEY, RATE, streaming_server

_CHUNKS = _SLOWLY = 500
"""Chunks of the comparison, and how many of them a second. A longer answer favours the stream, since each
output holds all of it; and the kernel's messages are read here one by one."""

_EACH_CHUNK = """
import json
import httpx
from IPython.display import Markdown, clear_output, display

def show_each(url):
    text = ""
    with httpx.stream("POST", url, json={}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                text += json.loads(line.removeprefix("data: ")).get("delta", "")
                clear_output(wait=True)
                display(Markdown(text))
"""
_ASK = "watch = %puffle_chat --stream --new --no-block x"


def measure(quick: bool) -> list[Figure]:
    rounds = 2 if quick else 7
    return [_beside_markdown(rounds), *_beside_a_busy_cell(rounds)]


def _beside_markdown(rounds: int) -> Figure:
    ratios = []
    with tempfile.TemporaryDirectory() as folder, streaming_server(_CHUNKS, _SLOWLY) as address:
        environment = {"PUFFLE_BASE_URL": address, "PUFFLE_API_KEY": KEY, "PUFFLE_NOTES": "0"}
        with running_kernel(Path(folder), **environment) as kernel:
            kernel.run("%load_ext puffle_jupyter")
            kernel.run(_EACH_CHUNK)
            for _ in range(rounds + 1):
                followed = _cpu_of(kernel, _ASK, "watch.add_done_callback(lambda _: None); watch.wait()")
                each = _cpu_of(kernel, f"show_each('{address}/api/agent/chat/stream')")
                ratios.append(followed / each)
    what = f"CPU of a stream of {_CHUNKS} chunks / of a new Markdown output for each"
    return Figure(what, ratios[1:], 0.25)  # the first one imports


def _cpu_of(kernel: Kernel, *cells: str) -> float:
    kernel.messages.clear()
    before = cpu_seconds(kernel)
    for cell in cells:
        assert not kernel.run(cell, timeout=120).error
    return cpu_seconds(kernel) - before


def _beside_a_busy_cell(rounds: int) -> list[Figure]:
    ratios = []
    with tempfile.TemporaryDirectory() as folder, streaming_server(60 * RATE) as address:
        environment = {"PUFFLE_BASE_URL": address, "PUFFLE_API_KEY": KEY, "PUFFLE_NOTES": "0"}
        with running_kernel(Path(folder), **environment) as kernel:
            kernel.run("%load_ext puffle_jupyter")
            kernel.run(WORK)
            speed(kernel, 1.0)
            for number in range(rounds):
                ratios.append(_pair(kernel, number))
    what = f"of a pure-Python cell beside a stream of {RATE:,} chunks/s / without"
    return [
        Figure(f"speed {what}", [ratio.units for ratio in ratios], 0.95, at_least=True),
        Figure(f"computing share {what}", [ratio.share for ratio in ratios], 0.95, at_least=True),
    ]


def _pair(kernel: Kernel, number: int, seconds: float = 3.0) -> Speed:
    """The ratio of one pair of cells; every other pair is run the other way round."""
    without = speed(kernel, seconds) if number % 2 else None
    kernel.run(_ASK)
    kernel.drain(0.3)
    beside = speed(kernel, seconds)
    kernel.run("watch.stop()")
    kernel.drain(0.5)
    return beside / (without or speed(kernel, seconds))
