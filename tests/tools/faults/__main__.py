"""Print every figure; exit 1 when one is missed.

``python -m tests.tools.faults [--quick] [--transport NAME] [FIGURE …]``
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from tests.tools.transports import NAMES, use_transport

from . import approvals, deadline, leaks, losses, memory, refusals, storm, streams
from .figure import FULL, QUICK, Figure, Size

FIGURES: dict[str, Callable[[Size], list[Figure]]] = {
    "losses": losses.measure,
    "deadline": deadline.measure,
    "memory": memory.measure,
    "refusals": refusals.measure,
    "storm": storm.measure,
    "leaks": leaks.measure,
    "streams": streams.measure,
    "approvals": approvals.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.faults", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"any of {', '.join(FIGURES)}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="fewer runs: a look, not a verdict")
    parser.add_argument("--transport", choices=NAMES, default="default", help="what carries the requests")
    options = parser.parse_args()
    if unknown := [name for name in options.figures if name not in FIGURES]:
        parser.error(f"no figure is called {unknown[0]!r}; there are {', '.join(FIGURES)}")
    use_transport(options.transport)
    missed = 0
    for name in options.figures or FIGURES:
        started = time.monotonic()
        for figure in FIGURES[name](QUICK if options.quick else FULL):
            print("\n".join(figure.lines()), flush=True)
            missed += not figure.met
        print(f"{name} took {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
