"""Every notebook in ``notebooks/`` runs for anyone, and is saved with what it shows."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from tests.support.paths import NOTEBOOKS as FOLDER
from tests.support.notebooks import WIDGET_STATE, WIDGET_VIEW, execute, outputs, reachable

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ABSOLUTE_PATH = re.compile(r"(?<![\w/:.])/(?:home|root|tmp|work|Users|usr|opt|var|private)/|[A-Z]:\\\\")
KEY = re.compile(r"pk_live_\w{8,}")
UNFINISHED = r"[○◐] (connecting|queued|running)"
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def problems(notebook: nbformat.NotebookNode) -> list[str]:
    """What is unfinished or wrong in the outputs of an executed notebook."""
    found = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            found.append(f"cell {number} never ran")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.output_type == "error":
                found.append(f"cell {number} ended with {output.ename}: {output.evalue}")
            if output.get("name") == "stderr":
                found.append(f"cell {number} wrote to stderr: {output.text!r}")
            if WIDGET_VIEW in data:
                found += _problems_of_widget(notebook, data[WIDGET_VIEW]["model_id"], number)
            elif re.search(rf"{UNFINISHED}.{{0,40}}\bas of\b", str(data.get("text/plain", ""))):
                found.append(f"cell {number} shows a run that has not finished")
    return found


def _problems_of_widget(notebook: nbformat.NotebookNode, model: str, number: int) -> list[str]:
    states = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    if model not in states:
        return [f"cell {number} shows a widget whose state is not saved"]
    shown = [str(states[name]["state"].get("value", "")) for name in reachable(states, [model])]
    unfinished = any(re.search(f">{UNFINISHED}<", value) for value in shown)
    return [f"cell {number} shows a widget of a run that has not finished"] if unfinished else []


def transcripts(notebook: nbformat.NotebookNode) -> list[str]:
    """The html of each output that is self-contained: html and text, and no widget."""
    datas = [output.get("data", {}) for output in outputs(notebook)]
    return [str(data["text/html"]) for data in datas if "text/html" in data and WIDGET_VIEW not in data]


def test_there_is_a_quickstart() -> None:
    """The notebook that Binder and --lab open exists."""
    assert "quickstart" in [path.stem for path in NOTEBOOKS]


@pytest.mark.kernel
@each_notebook
def test_notebook_runs_to_finished_outputs(path: Path, tmp_path: Path) -> None:
    """`jupyter execute` leaves every output finished, without a front end to draw widgets."""
    notebook = execute(nbformat.read(path, as_version=4), tmp_path)
    assert problems(notebook) == []
    assert transcripts(notebook)


@pytest.mark.kernel
def test_notebooks_run_where_no_cell_waits(tmp_path: Path) -> None:
    """*Run All* in JupyterLab: `%puffle_wait` returns at once, and no later cell needs what is not there yet."""

    def errors_of(path: Path) -> list[str]:
        folder = tmp_path / path.stem
        folder.mkdir()
        notebook = execute(nbformat.read(path, as_version=4), folder, PUFFLE_BLOCK="false")
        return [f"{path.name}: {o['evalue']}" for o in outputs(notebook) if o["output_type"] == "error"]

    with ThreadPoolExecutor(3) as pool:  # they wait more than they compute
        assert [error for errors in pool.map(errors_of, NOTEBOOKS) for error in errors] == []


@each_notebook
def test_saved_notebook_is_finished(path: Path) -> None:
    """A reader on a static page sees the transcripts, not an unrun or failed notebook."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert problems(notebook) == []
    assert any("<details" in html for html in transcripts(notebook))


@each_notebook
def test_saved_notebook_needs_no_widgets(path: Path) -> None:
    """Also a layout of runs is saved as what they show: html and text, and no ``HBox(children=…``."""
    text = path.read_text(encoding="utf-8")
    assert "HBox(children=" not in text
    assert WIDGET_VIEW not in text
    assert WIDGET_STATE not in text


@each_notebook
def test_saved_notebook_tells_nothing_private(path: Path) -> None:
    """No path of the machine it was saved on, and no key, is published with a notebook."""
    text = path.read_text(encoding="utf-8")
    assert ABSOLUTE_PATH.findall(text) == []
    assert KEY.findall(text) == []


def test_a_widget_without_saved_state_is_a_problem() -> None:
    """The check above does notice the output that a reader would see as "Error displaying widget"."""
    view = nbformat.v4.new_output("display_data", {WIDGET_VIEW: {"model_id": "a" * 32}, "text/plain": "x"})
    cell = nbformat.v4.new_code_cell("x", outputs=[view], execution_count=1)
    assert problems(nbformat.v4.new_notebook(cells=[cell])) == [
        "cell 0 shows a widget whose state is not saved"
    ]
