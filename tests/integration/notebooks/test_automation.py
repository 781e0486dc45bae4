"""``notebooks/automation.ipynb`` as a pipeline runs it: papermill itself, in a process of its own."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.support.paths import NOTEBOOKS
from puffle_jupyter import Run
from puffle_jupyter.demo import DEMO_KEY, RUNS, EmbeddedPuffle
from puffle_jupyter.demo.runs import SCRIPTED_RUNS
from puffle_jupyter.demo.transcripts import load_transcript
from tests.support.environment import clean_environment
from tests.support.notebooks import outputs

NOTEBOOK = NOTEBOOKS / "automation.ipynb"


def papermill(folder: Path, run_id: str) -> tuple[subprocess.CompletedProcess[str], nbformat.NotebookNode]:
    """What papermill said, and the notebook it saved."""
    pytest.importorskip("papermill")
    report = folder / "report.ipynb"
    words = [sys.executable, "-m", "papermill", str(NOTEBOOK), str(report), "--no-progress-bar"]
    done = subprocess.run(
        [*words, "-p", "run_id", run_id, "-p", "folder", str(folder)],
        cwd=folder,
        env=clean_environment(folder / "home"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done, nbformat.read(report, as_version=4)


def shown(notebook: nbformat.NotebookNode) -> list[str]:
    """The html of each output."""
    return [
        str(output["data"]["text/html"])
        for output in outputs(notebook)
        if "text/html" in output.get("data", {})
    ]


@pytest.mark.kernel
def test_papermill_completes_with_the_results(tmp_path: Path) -> None:
    """With a run id of its own papermill exits with 0, and leaves report, page and leads."""
    done, report = papermill(tmp_path, "run_berlin")
    assert done.returncode == 0, done.stderr
    assert any("completed" in html and "Ole Ohnenamen" in html for html in shown(report))
    assert "Ole Ohnenamen" in (tmp_path / "run_berlin.html").read_text(encoding="utf-8")
    with open(tmp_path / "run_berlin-leads.csv", encoding="utf-8-sig", newline="") as leads:
        assert [row["name"] for row in csv.DictReader(leads)] == ["Mara Muster", "Ole Ohnenamen"]


@pytest.mark.kernel
def test_papermill_fails_with_the_run(tmp_path: Path) -> None:
    """A run that fails ends papermill with exit code 1; its report says why, in html and in one line."""
    done, report = papermill(tmp_path, "run_failed")
    assert done.returncode == 1
    assert "RunFailed: run_failed failed: search_leads failed three times" in done.stderr
    assert any("failed" in html and "lead database is being updated" in html for html in shown(report))
    (error,) = [output for output in outputs(report) if output["output_type"] == "error"]
    assert error["ename"] == "RunFailed"
    assert len(error["traceback"]) == 1
    assert list(tmp_path.glob("run_failed*")) == []


@pytest.mark.parametrize("run_id", [run_id for run_id in RUNS if SCRIPTED_RUNS[run_id].transcript])
def test_the_results_of_any_completed_run_are_written(run_id: str, tmp_path: Path) -> None:
    """Whatever a run has, the cell that writes the results ends well; each row of a run is in one file."""
    transcript = SCRIPTED_RUNS[run_id].transcript or ""
    run = Run.from_dict({"runId": run_id, "status": "completed", **load_transcript(transcript)})
    (cell,) = [
        cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if "watch.tables" in cell.source
    ]
    for _ in range(2):  # a pipeline runs again
        exec(cell, {"watch": run, "run_id": run_id, "folder": str(tmp_path)})
    assert (tmp_path / f"{run_id}.html").exists()
    written = [table for table in run.tables if not table.joined]
    assert len(list(tmp_path.glob("*.csv"))) == len(written)
    assert {table.joined for table in run.tables} - {""} <= {table.name for table in written}


@pytest.mark.parametrize(
    ("run_id", "code", "said"), [("run_berlin", 0, "Ole Ohnenamen"), ("run_failed", 1, "RunFailed: ")]
)
def test_the_script_form_does_the_same(tmp_path: Path, run_id: str, code: int, said: str) -> None:
    """The script that the notebook prints runs as it stands, and its exit code says how the run ended."""
    cells = [
        cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "markdown"
    ]
    (script,) = re.findall(r"```python\n(.*?)```", "\n".join(cells), re.DOTALL)
    (tmp_path / "wait.py").write_text(script, encoding="utf-8")
    with EmbeddedPuffle(time_scale=10) as puffle:
        done = subprocess.run(
            [sys.executable, "wait.py", run_id],
            cwd=tmp_path,
            env=clean_environment(
                tmp_path / "home",
                PUFFLE_BASE_URL=puffle.base_url,
                PUFFLE_API_KEY=DEMO_KEY,
                PYTHONIOENCODING="utf-8",
            ),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert run_id in (tmp_path / f"{run_id}.html").read_text(encoding="utf-8")
