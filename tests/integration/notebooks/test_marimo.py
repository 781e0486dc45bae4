"""marimo: a watch and a run are html there, and nothing is printed into the terminal of its server."""

from __future__ import annotations

import html
import subprocess
import sys
from pathlib import Path

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.environment import clean_environment

pytestmark = pytest.mark.kernel

NOTEBOOK = """
import marimo
app = marimo.App()

@app.cell
def _():
    from puffle_jupyter import watch
    live = watch("run_slow", interval=0.2)
    while live.snapshot.polls == 0:
        pass
    live
    return

@app.cell
def _():
    from puffle_jupyter import watch as watch_again
    shown = watch_again("run_abc", interval=0.2)
    shown.wait()
    shown.show()
    return

@app.cell
def _():
    from puffle_jupyter import watch as watch_once_more
    run = watch_once_more("run_berlin", interval=0.2).wait()
    run
    return

if __name__ == "__main__":
    app.run()
"""


def test_a_watch_and_a_run_in_marimo(tmp_path: Path) -> None:
    """Before its end a watch says when it was so; `show()` and a run are the transcript."""
    (tmp_path / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    with EmbeddedPuffle(time_scale=4) as puffle:
        done = subprocess.run(
            [sys.executable, "-m", "marimo", "export", "html", "notebook.py", "-o", "page.html"],
            cwd=tmp_path,
            env=clean_environment(tmp_path, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "run_" not in done.stdout + done.stderr
    page = html.unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "as of" in page
    assert "run this cell again to see the run" in page
    assert "Berlin fintech founders" in page
    assert page.count("Nothing left out") >= 2
