"""A Puffle in a process of its own, so that a busy kernel does not slow it; its run changes on command.

The run is the embedded Puffle's ``run_slow``: its clock stands still, and is set by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle

RUN_ID = "run_slow"
SECONDS_INTO = {"queued": 0.0, "running": 30.0}
"""Where the clock stands while the run has each status; `RUN_ID` never ends."""

ROOT = Path(__file__).resolve().parents[2]


class ChangingPuffle:
    """The other process, as seen from here."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.base_url = self._answer()
        self.environment = {"PUFFLE_BASE_URL": self.base_url, "PUFFLE_API_KEY": DEMO_KEY}

    def change_to(self, status: str) -> float:
        """Change the run's status; returns when that happened, in seconds since the epoch."""
        assert self._process.stdin is not None
        print(status, file=self._process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def changing_puffle() -> Iterator[ChangingPuffle]:
    """Start it; the run is queued when it is polled first."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    with process:
        try:
            yield ChangingPuffle(process)
        finally:
            process.terminate()


def main() -> None:
    """Serve; each line of standard input is the run's new status, answered with the moment of the change."""
    clock = 0.0
    with EmbeddedPuffle(clock=lambda: clock) as embedded:
        print(embedded.base_url)
        for line in sys.stdin:
            clock = SECONDS_INTO[line.strip()]
            print(time.time())


if __name__ == "__main__":
    main()
