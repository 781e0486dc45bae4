"""The public names as a type checker sees them: all of them known, and a wrong use found."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import puffle_jupyter
from tests.support.paths import ROOT

HERE = Path(__file__).parent
RIGHT, WRONG = HERE / "public_api.py", HERE / "wrong_use.py"
FOUND = re.compile(r":(\d+): error: .*\[([a-z-]+)\]$")


def mypy(path: Path) -> set[tuple[int, str]]:
    """Line and kind of each complaint of ``mypy --strict`` about ``path``."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    complaints = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert done.returncode == bool(complaints), done.stdout + done.stderr
    assert all(path.name in line for line in complaints), done.stdout
    return {(int(found[1]), found[2]) for line in complaints if (found := FOUND.search(line))}


def test_every_public_name_has_its_type() -> None:
    """Used as the README uses it, each name is what it is, and none is Any."""
    assert mypy(RIGHT) == set()


def test_every_public_name_is_used_there() -> None:
    """A new public name is not forgotten: imported by name, and used below."""
    tree = ast.parse(RIGHT.read_text(encoding="utf-8"))
    imported = {
        name.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "puffle_jupyter"
        for name in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert imported == set(puffle_jupyter.__all__)
    assert imported <= used


def test_a_wrong_use_is_found() -> None:
    """A misspelt name or argument, a wrong type, an answer that may be missing: each at its line."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    wanted = {
        (number, line.split("# wrong: ")[1]) for number, line in enumerate(lines, 1) if "# wrong: " in line
    }
    assert len(wanted) > 10
    assert mypy(WRONG) == wanted
