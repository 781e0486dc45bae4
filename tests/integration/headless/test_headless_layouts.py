"""`RunWidget` in a notebook without a reader: what is saved of it, by itself and in layouts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.html_check import text_of
from tests.support.notebooks import WIDGET_STATE, WIDGET_VIEW, execute

pytestmark = pytest.mark.kernel
LOAD = "from puffle_jupyter import RunWidget\nwidget = RunWidget('run_berlin', interval=0.2)"
LAYOUTS = [
    LOAD,
    "from ipywidgets import Accordion, HBox, HTML, Tab, VBox\nHBox([widget, VBox([RunWidget('run_paris')])])",
    "tab = Tab([widget])\ntab.set_title(0, 'Berlin <b>')\ndisplay(tab)",
    "VBox([HTML('both'), widget])",
    "HBox([HTML('of the user')])",
]


def executed(folder: Path, *cells: str, time_scale: float = 5.0) -> nbformat.NotebookNode:
    """A notebook of these cells after a headless run, against an embedded Puffle of its own."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    with EmbeddedPuffle(time_scale=time_scale) as puffle:
        return execute(notebook, folder, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url)


def models(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """The widget models that a notebook was saved with."""
    state: dict[str, Any] = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    return state


@pytest.fixture(scope="module")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    return executed(tmp_path_factory.mktemp("layouts"), *LAYOUTS)


def bundles(notebook: nbformat.NotebookNode, cell: int) -> list[dict[str, Any]]:
    """What is shown below a cell."""
    return [output["data"] for output in notebook.cells[cell].outputs]


def test_a_widget_that_no_layout_holds_leaves_no_models(tmp_path: Path) -> None:
    """Shown or only made, its traits are set, and ``metadata.widgets`` is not even there."""
    show = "widget", "shown = RunWidget('run_failed', layout={'width': '50%'})\nshown.show()"
    notebook = executed(tmp_path, LOAD, *show, "widget.status, shown.status")
    assert "widgets" not in notebook.metadata
    for cell, run_id in ((1, "run_berlin"), (2, "run_failed")):
        (bundle,) = bundles(notebook, cell)
        assert sorted(bundle) == ["text/html", "text/plain"]
        assert run_id in text_of(bundle["text/html"])
    assert notebook.cells[3].outputs[0].data["text/plain"] == "('completed', 'failed')"


def test_a_layout_is_saved_as_what_its_runs_show(layouts: nbformat.NotebookNode) -> None:
    """Html and text of each run, in the layout's order, under the titles that lead to it."""
    assert "children=" not in json.dumps([layouts.cells[1], layouts.cells[2]])
    shown = bundles(layouts, 1) + bundles(layouts, 2)
    assert [sorted(bundle) for bundle in shown] == [["text/html", "text/plain"]] * 4
    expected = ["✓ completed run_berlin", "✓ completed run_paris", "Berlin <b>", "✓ completed run_berlin"]
    for bundle, beginning in zip(shown, expected, strict=True):
        assert " ".join(text_of(bundle["text/html"]).split()).startswith(beginning)
        assert bundle["text/plain"].startswith(beginning.replace("d run", "d · run"))


def test_a_layout_that_holds_more_than_runs_is_saved_as_a_finished_widget(
    layouts: nbformat.NotebookNode,
) -> None:
    """What else is in it can be shown in no other way; the run in it has its end in the saved state."""
    (bundle,) = bundles(layouts, 3)
    assert bundle[WIDGET_VIEW]["model_id"] in models(layouts)
    values = [str(model["state"].get("value")) for model in models(layouts).values()]
    assert "both" in values
    assert any("Transcript" in value for value in values)
    assert not any(word in value for value in values for word in ("connecting", "queued", "running"))


def test_a_layout_that_holds_more_than_runs_can_be_read_without_widgets(
    layouts: nbformat.NotebookNode,
) -> None:
    """Beside the widget view: what its runs show at their end, in order, and where the other widgets are."""
    (bundle,) = bundles(layouts, 3)
    for shown in (" ".join(text_of(bundle["text/html"]).split()), bundle["text/plain"]):
        assert shown.startswith("Here is a widget (HTML) that is drawn only where widgets are.")
        assert shown.index("Here is") < shown.index("✓ completed") < shown.index("Transcript")
        assert "children=" not in shown


MIXED_IN_MID_RUN = """from ipywidgets import HBox, IntSlider, Tab
tab = Tab([RunWidget('run_paris', interval=0.2), IntSlider(), RunWidget('run_failed', interval=0.2)])
for number, title in enumerate(['Paris', 'Size <b>', 'More']):
    tab.set_title(number, title)
tab
"""


def test_a_layout_that_was_shown_before_its_runs_ended_is_replaced_by_the_end(tmp_path: Path) -> None:
    """One output, whose html and text have the end of every run, under the titles that lead to it."""
    notebook = executed(tmp_path, LOAD, MIXED_IN_MID_RUN, time_scale=3)
    (bundle,) = bundles(notebook, 1)
    assert sorted(bundle) == [WIDGET_VIEW, "text/html", "text/plain"]
    expected = ["Paris", "✓ completed", "Size <b>", "Here is a widget (IntSlider)", "More", "✗ failed"]
    for shown in (text_of(bundle["text/html"]), bundle["text/plain"]):
        places = [shown.index(words) for words in expected]
        assert places == sorted(places)
        assert "running" not in shown.partition("Transcript")[0]


def test_a_layout_of_the_users_is_shown_as_ever(layouts: nbformat.NotebookNode) -> None:
    """Without a run in it, nothing of ours is in the way."""
    (bundle,) = bundles(layouts, 4)
    assert sorted(bundle) == [WIDGET_VIEW, "text/plain"]
    assert bundle["text/plain"] == "HBox(children=(HTML(value='of the user'),))"
