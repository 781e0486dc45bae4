"""A hundred watches for a while: the size that fits; ``python -m tests.tools.soak`` is the hour."""

from __future__ import annotations

import os
import re
import subprocess
import sys

SECONDS = 55.0 if os.environ.get("CI") else 12.0


def test_memory_and_descriptors_stay_flat() -> None:
    """No watch is lost, no task left, and the second half takes no more than the first.

    In a process of its own: what the tests before it left to the allocator is not what is measured.
    """
    command = [sys.executable, "-m", "tests.tools.soak", "--minutes", str(SECONDS / 60), "--watches", "100"]
    command += ["--remembered", "2000000"]  # so that runs are forgotten within the time
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"([\d,]+) runs ended, ([\d,]+) stopped", done.stdout)
    assert counted is not None, done.stdout
    ended, stopped = (int(count.replace(",", "")) for count in counted.groups())
    assert ended > 20
    assert stopped > 0
