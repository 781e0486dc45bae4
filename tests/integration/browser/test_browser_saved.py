"""What a saved notebook shows in a real Chromium: after its kernel died, to others, after a page reload."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect

from tests.support.lab import Application, Lab, Notebook, open_demo, open_notebook
from tests.support.notebooks import WIDGET_STATE, WIDGET_VIEW, outputs

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
BROKEN = "Error displaying widget"
SIZE_BUDGET = 2_000_000
both_applications = pytest.mark.parametrize(
    "application", list(Application), ids=lambda application: application.name.lower()
)


def in_foreign_hands(saved: nbformat.NotebookNode, lab: Lab, name: str) -> str:
    """The notebook as somebody else gets it: what this server has not signed is not trusted."""
    saved.metadata["title"] = "sent by mail"
    nbformat.write(saved, lab.root / name)
    return name


def expect_call_to_open(notebook: Notebook) -> None:
    """The transcript opens by a click, and a tool call in it shows its arguments by another."""
    transcript = notebook.output(1).locator("summary", has_text="Transcript").first
    transcript.click()
    summary = notebook.output(1).locator("summary:has(code)", has_text="search_leads").first
    content = summary.locator("xpath=..").locator("table").first
    expect(content).to_be_hidden()
    summary.click()
    expect(content).to_be_visible()
    expect(content).to_contain_text("fintech founders")
    summary.click()
    transcript.click()


@both_applications
def test_saved_notebook_is_read_without_a_kernel(
    lab: Lab, browser: Browser, application: Application
) -> None:
    """The file holds the transcript and no widget; with a dead kernel, trusted or not, it reads the same."""
    name = f"saved-{application.name}"
    with open_demo(lab, browser, name, "%puffle_wait run_abc", application=application) as notebook:
        notebook.run(1)
        notebook.expect_text(1, "search_leads")
        expect(notebook.output(1).locator(".jupyter-widgets")).to_have_count(0)
        saved, before = notebook.save(), notebook.text(1)
        notebook.shut_down_kernel()
        notebook.open()
        assert notebook.is_trusted
        assert notebook.text(1) == before
        expect_call_to_open(notebook)
        assert BROKEN not in notebook.page.inner_text("body")
    datas = [output["data"] for output in outputs(saved) if "data" in output]
    assert [sorted(data) for data in datas] == [["text/html", "text/plain"]]
    assert all("search_leads" in text for text in datas[0].values())
    assert len(json.dumps(datas)) < SIZE_BUDGET
    assert WIDGET_STATE not in json.dumps(saved.metadata)
    foreign = in_foreign_hands(saved, lab, f"foreign-{application.name}.ipynb")
    with open_notebook(lab, browser, None, foreign, application=application) as notebook:
        assert not notebook.is_trusted
        assert notebook.text(1) == before
        expect_call_to_open(notebook)
        assert BROKEN not in notebook.page.inner_text("body")


@both_applications
def test_page_reloaded_in_mid_run_sees_the_end(lab: Lab, browser: Browser, application: Application) -> None:
    """After a page reload the badge is there again and the transcript arrives; what is saved can be read."""
    name = f"reloaded-{application.name}"
    with open_demo(lab, browser, name, "%puffle_wait run_abc", application=application) as notebook:
        notebook.run(1)
        notebook.expect_text(1, "running")
        notebook.save()
        notebook.reload()
        notebook.expect_text(1, "search_leads")
        assert BROKEN not in notebook.text(1)
        saved = notebook.save()
        notebook.reload()  # after the end: what is left of the widget gives the transcript again
        notebook.expect_text(1, "search_leads")
        expect(notebook.output(1).get_by_role("button", name="Stop watching")).to_have_count(0)
        assert BROKEN not in notebook.text(1)
    # JupyterLab forgot the display id with the page: the file keeps the widget view, and what stands for it.
    (data,) = [output["data"] for output in outputs(saved) if "data" in output]
    assert sorted(data) == [WIDGET_VIEW, "text/html", "text/plain"]
    page, _ = HTMLExporter().from_notebook_node(saved)
    assert BROKEN not in page
    for reading in (page, data["text/html"], data["text/plain"]):
        assert "run_abc" in reading
        assert "run this cell again" in reading


WITHIN_OUTPUT = """import ipywidgets, time
run = %puffle_wait run_abc
with ipywidgets.Output():
    while not run.done: time.sleep(0.1)
"""
SHOWN_IN_OUTPUT = """out = ipywidgets.Output()
with out:
    other = %puffle_wait run_paris
out
"""


def test_output_widgets_swallow_no_end(lab: Lab, browser: Browser) -> None:
    """A run that ends while one redirects its cell is saved as html; one shown in it shows its end there."""
    with open_demo(lab, browser, "output-widget", WITHIN_OUTPUT, SHOWN_IN_OUTPUT) as notebook:
        notebook.run(1)
        notebook.expect_text(1, "search_leads")
        notebook.run(2)
        notebook.expect_text(2, "completed")
        notebook.expect_text(2, "Transcript")
        expect(notebook.output(2).get_by_role("button", name="Stop watching")).to_have_count(0)
        assert BROKEN not in notebook.text(2)
        datas = [output["data"] for output in outputs(notebook.save()) if "data" in output]
        assert sorted(datas[0]) == ["text/html", "text/plain"]
        assert "search_leads" in datas[0]["text/html"]
        assert notebook.errors == []
