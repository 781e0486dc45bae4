"""Notebooks without a reader: nbconvert, papermill and `jupyter execute` as people start them, and Colab."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.demo.runs import SCRIPTED_RUNS
from tests.support.environment import clean_environment
from tests.support.html_check import text_of
from tests.support.kernel import WIDGET_VIEW, Kernel, running_kernel

pytestmark = pytest.mark.kernel
TIME_SCALE = 2
TOOLS = {
    "nbconvert": ["jupyter", "nbconvert", "--to=notebook", "--execute", "--output=out.ipynb", "in.ipynb"],
    "papermill": ["papermill", "in.ipynb", "out.ipynb", "--no-progress-bar"],
    "execute": ["jupyter", "execute", "--output=out.ipynb", "in.ipynb"],
}
LOAD = "%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.2\n"
CELLS = [
    LOAD + "%puffle_wait run_berlin",
    "import time; started = time.monotonic()\na = %puffle_wait run_abc\nb = %puffle_wait run_paris",
    "print(time.monotonic() - started)",
    "%puffle_wait run_failed",
    "%puffle_wait run_cancelled",
]
CHECKED = [LOAD + "%puffle_wait run_failed --check", "print('the next cell ran')"]
each_tool = pytest.mark.parametrize("tool", TOOLS)


@dataclass(frozen=True)
class Outcome:
    """What a tool left: its exit code, what it printed, and the notebook it wrote, if it did."""

    code: int
    said: str
    notebook: nbformat.NotebookNode | None

    def displays(self, cell: int) -> list[dict[str, Any]]:
        """The MIME bundles shown below a code cell."""
        assert self.notebook is not None, self.said
        cells = [one for one in self.notebook.cells if one.cell_type == "code"]
        return [output.data for output in cells[cell].outputs if "data" in output]


def run_with(tool: str, cells: list[str], folder: Path) -> Outcome:
    """Run a notebook of these cells with a tool, against an embedded Puffle of its own."""
    with EmbeddedPuffle(time_scale=TIME_SCALE) as puffle:
        return run_against(puffle, tool, cells, folder)


def run_against(puffle: EmbeddedPuffle, tool: str, cells: list[str], folder: Path) -> Outcome:
    """Run a notebook of these cells with a tool, against ``puffle``."""
    folder.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "in.ipynb")
    environment = clean_environment(folder, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url)
    scripts = str(Path(sys.executable).parent)
    environment["PATH"] = scripts + os.pathsep + environment["PATH"]
    program, *options = TOOLS[tool]
    done = subprocess.run(
        [str(Path(scripts, program)), *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    written = folder / "out.ipynb"
    saved = nbformat.read(written, as_version=nbformat.NO_CONVERT) if written.exists() else None
    return Outcome(done.returncode, done.stdout, saved)


def run_with_all(cells: list[str], folder: Path) -> dict[str, Outcome]:
    """The tools side by side: they wait more than they compute."""
    with ThreadPoolExecutor(len(TOOLS)) as pool:
        return dict(
            zip(TOOLS, pool.map(lambda tool: run_with(tool, cells, folder / tool), TOOLS), strict=True)
        )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return run_with_all(CELLS, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return run_with_all(CHECKED, tmp_path_factory.mktemp("checked"))


def assert_finished(bundle: dict[str, Any], run_id: str) -> None:
    """The bundle is html and text alone, shows the run's end, and its transcript if it left one."""
    assert bundle.keys() == {"text/html", "text/plain"}
    run = SCRIPTED_RUNS[run_id]
    for shown in (text_of(bundle["text/html"]), bundle["text/plain"]):
        assert run_id in shown
        assert run.ends_as in shown
        assert ("Transcript" in shown) is (run.transcript is not None)
        assert not run.error or run.error[:40] in shown


@each_tool
@pytest.mark.parametrize(
    ("cell", "run_ids"),
    [(0, ["run_berlin"]), (1, ["run_abc", "run_paris"]), (3, ["run_failed"]), (4, ["run_cancelled"])],
    ids=["first cell", "two in one cell", "middle cell", "last cell"],
)
def test_outputs_are_finished(outcomes: dict[str, Outcome], tool: str, cell: int, run_ids: list[str]) -> None:
    """Wherever in a notebook a run is waited for, its saved output shows how it ended."""
    shown = outcomes[tool].displays(cell)
    assert len(shown) == len(run_ids)
    for bundle, run_id in zip(shown, run_ids, strict=True):
        assert_finished(bundle, run_id)


@each_tool
def test_two_in_one_cell_wait_together(outcomes: dict[str, Outcome], tool: str) -> None:
    """Two runs in one cell take less than the one and then the other."""
    notebook = outcomes[tool].notebook
    assert notebook is not None
    (printed,) = [output.text for output in notebook.cells[2].outputs]
    lengths = [
        (SCRIPTED_RUNS[run_id].queued + SCRIPTED_RUNS[run_id].running) / TIME_SCALE
        for run_id in ("run_abc", "run_paris")
    ]
    assert max(lengths) <= float(printed) < sum(lengths)


@each_tool
def test_a_failed_run_alone_fails_no_pipeline(outcomes: dict[str, Outcome], tool: str) -> None:
    """Without --check the tool ends well, and the notebook holds no error and nothing on stderr."""
    outcome = outcomes[tool]
    assert outcome.code == 0, outcome.said
    assert outcome.notebook is not None
    nbformat.validate(outcome.notebook)
    kinds = [output.output_type for cell in outcome.notebook.cells for output in cell.get("outputs", [])]
    assert set(kinds) == {"display_data", "stream"}
    assert kinds.count("stream") == 1


@each_tool
def test_check_fails_the_pipeline(checked: dict[str, Outcome], tool: str) -> None:
    """With --check the tool's exit code is not 0, it names the error, and no later cell runs."""
    outcome = checked[tool]
    assert outcome.code != 0
    assert "RunFailed" in outcome.said
    assert "the next cell ran" not in outcome.said


def test_check_leaves_the_run_to_be_read(checked: dict[str, Outcome]) -> None:
    """papermill saves what ran: the failed run's output stands above our one-line error."""
    notebook = checked["papermill"].notebook
    assert notebook is not None
    (shown,) = checked["papermill"].displays(0)
    assert_finished(shown, "run_failed")
    errors = [o for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "error"]
    assert [error.ename for error in errors] == ["RunFailed"]
    assert len(errors[0].traceback) == 1


CAPTURING = [
    LOAD + "run = %puffle_wait run_abc --no-block",
    "%%capture cap\nimport time\nwhile not run.done: time.sleep(0.1)",
    "print(len(cap.outputs))",
    "%%capture cap\nrun = %puffle_wait run_paris",
    "cap.show()",
]


def test_a_run_that_ends_while_another_cell_captures(tmp_path: Path) -> None:
    """The cell that showed it holds the transcript; the capture, and what a cell captured, is its own."""
    outcome = run_with("execute", CAPTURING, tmp_path / "capturing")
    assert outcome.code == 0, outcome.said
    assert outcome.notebook is not None
    (shown,) = outcome.displays(0)
    assert_finished(shown, "run_abc")
    assert [output.text for output in outcome.notebook.cells[2].outputs] == ["0\n"]
    assert outcome.displays(3) == []
    (shown_later,) = outcome.displays(4)
    assert_finished(shown_later, "run_paris")


AGAIN = [
    LOAD + "watch = %puffle_wait run_abc",
    "%puffle_wait run_failed run_cancelled -q;",
    "watch.show()",
    "import puffle_jupyter\npuffle_jupyter.RunWidget('run_berlin')",
    "import ipywidgets\nipywidgets.HBox([puffle_jupyter.RunWidget('run_berlin')])",
]


def test_a_notebook_that_is_executed_again_is_the_same_file(tmp_path: Path) -> None:
    """Against runs that have ended not a byte of an output changes."""
    with EmbeddedPuffle(time_scale=100) as puffle:
        run_against(puffle, "execute", AGAIN, tmp_path / "until they ended")
        first = run_against(puffle, "execute", AGAIN, tmp_path / "first")
        second = run_against(puffle, "execute", AGAIN, tmp_path / "second")
    assert first.code == second.code == 0, first.said + second.said
    assert first.notebook is not None
    assert second.notebook is not None
    outputs = [[cell.outputs for cell in one.notebook.cells] for one in (first, second) if one.notebook]
    assert all(outputs[0])
    assert outputs[0] == outputs[1]


@pytest.fixture
def colab(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel with ``google.colab`` in it, as Colab's own have from the start; a person may type there."""
    package = tmp_path / "google" / "colab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    with EmbeddedPuffle(time_scale=TIME_SCALE) as puffle:
        settings = {"PUFFLE_API_KEY": DEMO_KEY, "PUFFLE_BASE_URL": puffle.base_url}
        with running_kernel(tmp_path, **settings) as kernel:
            kernel.run("import google.colab\n" + LOAD)
            yield kernel


def test_colab_waits_and_gets_html_without_widgets(colab: Kernel) -> None:
    """In Colab the cell ends with its run, shown as html and text; ipywidgets is never even imported."""
    cell = colab.run("run = %puffle_wait run_abc")
    run = SCRIPTED_RUNS["run_abc"]
    assert cell.took >= (run.queued + run.running) / TIME_SCALE - 0.5
    assert_finished(cell.of_kind("update_display_data")[-1].bundle, "run_abc")
    assert len(colab.displays()) == 1
    assert not any(WIDGET_VIEW in message.bundle for message in colab.messages)
    assert not colab.seen("comm_open")
    assert colab.evaluate("'ipywidgets' in __import__('sys').modules") is False


def test_colab_shows_a_widget_as_html_too(colab: Kernel) -> None:
    """A RunWidget as a cell's value is html in Colab, whose front end draws no widgets unasked."""
    cell = colab.run("import puffle_jupyter\npuffle_jupyter.RunWidget('run_berlin', interval=0.2)")
    assert_finished(cell.of_kind("update_display_data")[-1].bundle, "run_berlin")
    assert not any(WIDGET_VIEW in message.bundle for message in colab.messages)
