#!/usr/bin/env python3
"""The tests on old and new Jupyter stacks, and in front ends with their own needs, each in a venv of its own.

Usage: python3 .ci/matrix.py [ROW ...]   # no row named: all of them but those that run only by name

The venvs are made all at once, for that waits for the network; then two rows are tested at a time, for
kernels wait more than they compute. A row that cannot be installed has failed, like one whose tests fail.
Each row's log is shown when it failed, and kept below MATRIX_FOLDER when that is set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("tests/integration/kernel", "tests/integration/terminal/test_terminal.py")
# What those tests need: not the extra [test], whose other packages would choose versions of the stack.
TOOLS = ("pytest>=9.0.3", "starlette>=1.3.1", "uvicorn>=0.30", "pexpect>=4.9", "pyte>=0.8", "psutil>=6")
TOLD = ("ipython", "ipykernel", "ipywidgets", "jupyter_client", "tornado", "httpx")
AT_A_TIME = 2
INSTALL_SECONDS, TEST_SECONDS = 600, 900


@dataclass
class Row:
    """A stack: what pip is asked for, and the interpreters it is tried with, best first."""

    name: str
    packages: tuple[str, ...]
    pythons: tuple[str, ...] = ("3.11", "3.12", "3.13")
    options: tuple[str, ...] = ()
    tests: tuple[str, ...] = TESTS
    again: str = ""  # why tests that fail are run a second time; "": they are not
    by_name_only: bool = False
    said: list[str] = field(default_factory=list)
    failed: bool = False

    def fails(self, line: str, log: str = "") -> None:
        self.failed = True
        self.said += [line, *(f"    {line}" for line in log.splitlines()[-120:])]


ROWS = (
    Row("oldest", ("ipython==7.34.*", "ipykernel==6.17.1", "ipywidgets==7.7.0"), ("3.11",)),
    Row("ipykernel-6", ("ipykernel==6.31.*", "ipywidgets==8.1.*")),
    Row(
        # Its own hang can stop any test, so it shows something only to who reads its log. 7.1.0, 7.2.0 and
        # 7.3.0 hung within 60 tests too; 7.4.0 (the newest in November 2026) passed all.
        "ipykernel-7.0",
        ("ipykernel==7.0.1", "ipywidgets>=8.1"),
        # Many cells in one kernel about what is typed there: they meet the hang and tell nothing of a stack.
        options=("-k", "not bad_"),
        again="ipykernel 7.0.1, with no extension loaded, stops reading requests about once in 300 cells",
        by_name_only=True,
    ),
    Row("newest", ("ipython", "ipykernel", "ipywidgets"), ("3.14", "3.13", "3.12", "3.11")),
    Row(
        # It needs a Chromium, as the tests of the extra [test] do.
        "collaboration",
        ("jupyterlab==4.6.*", "notebook>=7.5.6", "jupyter-collaboration==5.0.*", "playwright>=1.45"),
        tests=("tests/integration/front_ends/test_collaboration.py",),
    ),
    Row("euporie", ("euporie==2.10.*", "ipykernel"), tests=("tests/integration/front_ends/test_euporie.py",)),
)


def interpreter(version: str) -> str | None:
    """A Python of that version which can make venvs: on the PATH, pyenv's, or the one running this."""
    home = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [
        sys.executable,
        *filter(None, [shutil.which(f"python{version}")]),
        *sorted(map(str, home.glob(f"versions/{version}.*/bin/python{version}")), reverse=True),
    ]
    ask = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    for candidate in candidates:
        answer = subprocess.run([candidate, "-c", ask], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip() == version:
            return candidate
    return None


def python_for(row: Row) -> str:
    """The first of the row's interpreters that is here; else the one running this, and the row says so."""
    for version in row.pythons:
        if found := interpreter(version):
            if version != row.pythons[0]:
                row.said.append(f"Python {row.pythons[0]} is not here: Python {version} instead")
            return found
    row.said.append(f"none of Python {', '.join(row.pythons)} is here: {sys.executable} instead")
    return sys.executable


def install(row: Row, folder: Path) -> None:
    """Make the row's venv with the package as it is checked out, and tell the versions that came."""
    venv = folder / row.name
    commands = (
        [python_for(row), "-m", "venv", "--clear", str(venv)],
        [str(venv / "bin/pip"), "install", "--quiet", "--editable", str(ROOT), *row.packages, *TOOLS],
        [str(venv / "bin/pip"), "list", "--format=freeze", "--disable-pip-version-check"],
    )
    for command in commands:
        done = run(command, INSTALL_SECONDS)
        if done.returncode:
            row.fails(f"cannot be installed: {' '.join(command)}", done.stdout)
            return
    versions = dict(line.split("==") for line in done.stdout.splitlines() if "==" in line)
    python = run([str(venv / "bin/python"), "-c", "import platform; print(platform.python_version())"], 60)
    told = [f"{name} {versions.get(name, 'missing')}" for name in TOLD]
    row.said.append(", ".join([f"Python {python.stdout.strip()}", *told]))


def test(row: Row, folder: Path) -> None:
    """Run the tests in the row's venv; its last word is pytest's closing line."""
    if row.failed:
        return
    cache = f"cache_dir={folder / row.name / 'pytest-cache'}"
    command = [str(folder / row.name / "bin/python"), "-m", "pytest", "-o", cache, *row.options, *row.tests]
    done = run(command, TEST_SECONDS)
    if done.returncode and row.again:
        row.said += [f"failed tests run once more: {row.again}", done.stdout.strip().rpartition("\n")[2]]
        done = run([*command, "--last-failed"], TEST_SECONDS)
    (folder / f"{row.name}.log").write_text(done.stdout, encoding="utf-8")
    lines = done.stdout.strip().splitlines() or ["pytest said nothing"]
    if done.returncode:
        row.fails("tests failed", done.stdout)
    row.said.append(lines[-1])


def run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run to its end; what it said, both streams together. A program that takes too long has failed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            timeout=seconds,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        text = said if isinstance(said, str) else said.decode(errors="replace")
        return subprocess.CompletedProcess(command, 1, f"{text}\nnot done after {seconds:.0f} s")


def each(step: Callable[[Row, Path], None], rows: Iterable[Row], folder: Path, at_a_time: int) -> None:
    """Do a step for every row, some rows at a time; a row whose step breaks has failed."""
    with ThreadPoolExecutor(at_a_time) as pool:
        for row, future in [(row, pool.submit(step, row, folder)) for row in rows]:
            if error := future.exception():
                row.fails(f"{step.__name__} broke: {error!r}")


def main(names: list[str]) -> int:
    known = {row.name: row for row in ROWS}
    if unknown := [name for name in names if name not in known]:
        print(f"no row {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    rows = [known[name] for name in names] or [row for row in ROWS if not row.by_name_only]
    kept = os.environ.get("MATRIX_FOLDER")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(kept).resolve() if kept else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        each(install, rows, folder, len(rows))
        each(test, rows, folder, AT_A_TIME)
    for row in rows:
        print(f"\n--- {row.name}: {'FAILED' if row.failed else 'passed'}")
        print("\n".join(row.said))
    failed = [row.name for row in rows if row.failed]
    result = f"FAILED: {', '.join(failed)}" if failed else "all passed"
    print(f"\nmatrix of {len(rows)} stacks in {time.monotonic() - started:.0f} s: {result}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
