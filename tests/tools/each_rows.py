"""How often `each` pays for a row, over lost answers, 429 and restarts of the kernel.

``python -m tests.tools.each_rows [--rows 1000] [--restarts 2]``: each kernel is a process of its own, which
is killed in the middle of its work. The figures are the server's: it counts every message that it takes. At
the end somebody looks into Puffle for each row that is shown as unconfirmed, and says what is there: then
every row must have its answer.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter

from tests.support.counting_puffle import KEY, CountingPuffle

_CELL = """
import json, sys
from puffle_jupyter import each
board = each(
    [{{"company": f"Company {{number}}"}} for number in range({rows})],
    "Find the head of sales at {{company}}",
    confirm=True, at_once=20, per_minute={per_minute}, interval=0.2,
)
board.wait()
frame = board.to_frame()
print(json.dumps(frame[["company", "status"]].values.tolist()))
found = json.loads(sys.stdin.readline())
for row in frame.index[frame["status"] == "start not confirmed"]:
    board.settle(row, found.get("Find the head of sales at " + frame["company"][row]))
"""


def measure(rows: int, restarts: int, per_minute: int) -> dict[str, int | float]:
    """Run the cell to its end, with kernels that are killed on the way; the counts."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as state, CountingPuffle(lost=0.1, limited=0.05) as puffle:
        environment = {
            **os.environ,
            "PUFFLE_API_KEY": KEY,
            "PUFFLE_BASE_URL": puffle.base_url,
            "XDG_STATE_HOME": state,
        }
        command = [sys.executable, "-c", _CELL.format(rows=rows, per_minute=per_minute)]
        for restart in range(restarts):
            _kill_in_the_middle(command, environment, puffle, rows * (restart + 1) // (restarts + 1))
        statuses = _to_the_end(command, environment, puffle)
        puffle.lost = 0.0
        settled = _to_the_end(command, environment, puffle)
    taken = puffle.paid
    return {
        "rows": rows,
        "kernels killed": restarts,
        "answers lost": puffle.dropped,
        "answered 429": puffle.refused,
        "rows paid twice": sum(count > 1 for count in taken.values()),
        "rows completed": statuses["completed"],
        "rows shown as unconfirmed": statuses["start not confirmed"],
        "rows in any other state": rows - statuses["completed"] - statuses["start not confirmed"],
        "rows completed when those were looked up": settled["completed"],
        "rows missing": rows - settled["completed"],
        "seconds": round(time.monotonic() - began, 1),
    }


def _to_the_end(command: list[str], environment: dict[str, str], puffle: CountingPuffle) -> Counter[str]:
    """The states of the rows when the cell has run; then what is known at Puffle is told to it."""
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as kernel:
        assert kernel.stdin is not None
        assert kernel.stdout is not None
        rows = json.loads(kernel.stdout.readline())
        kernel.stdin.write(json.dumps(puffle.run_ids) + "\n")
        kernel.stdin.close()
    assert kernel.returncode == 0
    return Counter(status for _, status in rows)


def _kill_in_the_middle(
    command: list[str], environment: dict[str, str], puffle: CountingPuffle, at: int
) -> None:
    """A kernel that is killed once so many messages were taken: nothing in it can tidy up."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as kernel:
        while puffle.paid.total() < at and kernel.poll() is None:
            time.sleep(0.01)
        kernel.send_signal(signal.SIGKILL)


def main() -> int:
    """Print the figures; 1 when a row was paid twice or is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--per-minute", type=int, default=3_000)
    options = parser.parse_args()
    figures = measure(options.rows, options.restarts, options.per_minute)
    for name, figure in figures.items():
        print(f"{figure:>8,}  {name}")
    wrong = ("rows paid twice", "rows missing", "rows in any other state")
    return int(any(figures[name] for name in wrong))


if __name__ == "__main__":
    raise SystemExit(main())
