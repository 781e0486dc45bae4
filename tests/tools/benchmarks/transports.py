"""What could carry requests, side by side: ``python -m tests.tools.benchmarks.transports [--quick]``.

Each transport sends the polls of the same client and the same watches, over https, to a lean server in
another process: one poll after another, 100 and 1,000 runs, idle and next to a busy cell. Prints a table.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from tests.tools.transports import NAMES

from .fleet import client
from .lean_server import lean_server

_LOADS = ((100, "idle"), (1000, "idle"), (100, "busy"), (1000, "busy"))
_PACKAGES = ("httpx", "httpcore", "aiohttp", "httpx-aiohttp", "pyreqwest")
_COLUMNS = ("", "CPU of a poll", *(f"{watches:,} runs, {cell}" for watches, cell in _LOADS))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.benchmarks.transports", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter measurements: a look, not a verdict")
    quick = parser.parse_args().quick
    names = [name for name in NAMES if name != "pyreqwest" or importlib.util.find_spec("pyreqwest")]
    if "pyreqwest" not in names:
        print("pyreqwest is not installed, and is left out.")
    print(", ".join(_versions()))
    with lean_server() as (address, authorities):
        alone = _sequential(names, address, authorities, 300 if quick else 1000, 3 if quick else 5)
        print(_row(_COLUMNS), _row(["---"] * len(_COLUMNS)), sep="\n", flush=True)
        for name in names:
            loads = (
                client(address, authorities, str(watches), "6" if quick else "20", cell, name, "0")
                for watches, cell in _LOADS
            )
            print(_row([name, f"{alone[name] * 1e6:.0f} µs", *map(_cell, loads)]), flush=True)


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        if importlib.util.find_spec(package.replace("-", "_")):
            yield f"{package} {version(package)}"


def _sequential(names: list[str], address: str, authorities: str, polls: int, times: int) -> dict[str, float]:
    """The median seconds of CPU of a poll, by transport; measured in turns, since the machine drifts."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(times):
        for name in names:
            command = [sys.executable, "-m", "tests.tools.benchmarks.sequential", name]
            done = subprocess.run(
                [*command, address, authorities, str(polls)], check=True, capture_output=True, text=True
            )
            found[name].append(float(done.stdout))
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def _cell(seen: dict[str, Any]) -> str:
    rate = f"{seen['polls_a_second']:.0f}/s, {seen['in_time']:.0%} in time"
    if seen["speed_of_cell"] is not None:
        return f"{rate}, cell {seen['speed_of_cell']:.2f}"
    return f"{rate}, {seen['cores']:.2f} cores, {seen['megabytes']:.0f} MB"


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
