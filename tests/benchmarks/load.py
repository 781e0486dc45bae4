"""Loading the extension, as a whole process, over a process that loads everything but the extension."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.harness.environment import clean_environment

from .figure import Figure

_WITHOUT = """
import IPython, ipywidgets
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
_WITH = _WITHOUT + "shell.run_line_magic('load_ext', 'puffle_jupyter')\n"


def measure(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="puffle-benchmark-") as folder:
        environment = clean_environment(Path(folder))

        def seconds(code: str) -> float:
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], env=environment, cwd=folder, check=True)
            return time.perf_counter() - started

        seconds(_WITHOUT), seconds(_WITH)  # the first ones write byte code and IPython's profile
        ratios = [_pair(seconds, number) for number in range(5 if quick else 25)]
    return [Figure("process with %load_ext puffle_jupyter / without it", ratios, 1.08)]


def _pair(seconds: object, number: int) -> float:
    """The ratio of one pair; every other pair is run the other way round."""
    assert callable(seconds)
    if number % 2:
        without = seconds(_WITHOUT)
        return float(seconds(_WITH) / without)
    with_it = seconds(_WITH)
    return float(with_it / seconds(_WITHOUT))
