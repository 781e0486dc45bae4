"""Loading the extension, as a whole process, over a process that loads everything but the extension."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.environment import clean_environment

from .figure import Figure

_WITHOUT = """
import IPython, ipywidgets
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
_WITH = _WITHOUT + "shell.run_line_magic('load_ext', 'puffle_jupyter')\n"


def measure(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="puffle-benchmark-") as folder:
        environment = clean_environment(Path(folder), PYTHONPYCACHEPREFIX=str(Path(folder, "byte-code")))
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for code in (_WITHOUT, _WITH):
            _seconds(code, environment)  # the first ones write byte code and IPython's profile
        ratios = [_pair(number, environment) for number in range(5 if quick else 25)]
    return [Figure("process with %load_ext puffle_jupyter / without it", ratios, 1.08)]


def _pair(number: int, environment: dict[str, str]) -> float:
    """The ratio of one pair; every other pair is run the other way round."""
    without = _seconds(_WITHOUT, environment) if number % 2 else None
    with_it = _seconds(_WITH, environment)
    return with_it / (without or _seconds(_WITHOUT, environment))


def _seconds(code: str, environment: dict[str, str]) -> float:
    """Seconds of a whole process: of CPU where that is told, since other programs add nothing to it."""
    started = _clock()
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=environment["HOME"], check=True)
    return _clock() - started


def _clock() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
