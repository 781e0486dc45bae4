"""``python -m tests.tools.benchmarks [--quick] [FIGURE …]``: measure, and print one table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from . import (
    board,
    busy_cell,
    diff,
    fleet,
    harvest,
    large_run,
    latency,
    load,
    opening,
    rendering,
    streaming,
    traffic,
    watch_cpu,
)
from .figure import Figure, table

BENCHMARKS: dict[str, Callable[[bool], list[Figure]]] = {
    "load": load.measure,
    "cpu": watch_cpu.measure,
    "latency": latency.measure,
    "fleet": fleet.measure,
    "traffic": traffic.measure,
    "busy": busy_cell.measure,
    "rendering": rendering.measure,
    "large": large_run.measure,
    "opening": opening.measure,
    "streaming": streaming.measure,
    "board": board.measure,
    "diff": diff.measure,
    "harvest": harvest.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.benchmarks", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"any of {', '.join(BENCHMARKS)}; default: all"
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer and shorter measurements: a look, not a verdict"
    )
    options = parser.parse_args()
    if unknown := [name for name in options.figures if name not in BENCHMARKS]:
        parser.error(f"no figure is called {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    figures: list[Figure] = []
    for name in options.figures or BENCHMARKS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        figures += BENCHMARKS[name](options.quick)
    print(table(figures))


if __name__ == "__main__":
    main()
