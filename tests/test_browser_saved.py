"""What a saved notebook shows in a real Chromium: after its kernel died, to others, after a page reload."""

from __future__ import annotations

import json

import nbformat
import pytest
from harness.lab import Application, Lab, Notebook, open_demo, open_notebook
from harness.notebooks import WIDGET_STATE, WIDGET_VIEW, outputs
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect

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
    """A tool call shows its arguments when its summary is clicked."""
    summary = notebook.output(1).locator("summary", has_text="search_leads").first
    content = summary.locator("xpath=..").locator("pre").first
    expect(content).to_be_hidden()
    summary.click()
    expect(content).to_be_visible()
    expect(content).to_contain_text("fintech founders")
    summary.click()


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
    # JupyterLab forgot the display id with the page: the file keeps the widget view, and what stands for it.
    (data,) = [output["data"] for output in outputs(saved) if "data" in output]
    assert sorted(data) == [WIDGET_VIEW, "text/html", "text/plain"]
    page, _ = HTMLExporter().from_notebook_node(saved)
    assert BROKEN not in page
    for reading in (page, data["text/html"], data["text/plain"]):
        assert "run_abc" in reading
        assert "run the cell again" in reading
