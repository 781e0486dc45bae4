"""Expand all, collapse all and find, in real JupyterLab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import violations
from tests.support.lab import Application, Lab, open_demo
from tests.support.notebooks import WIDGET_VIEW, outputs

pytestmark = [pytest.mark.browser, pytest.mark.kernel]


def test_expand_collapse_and_find(lab: Lab, browser: Browser) -> None:
    """Each control does in the page what it says, and Done leaves an output that needs no kernel."""
    with open_demo(lab, browser, "explore", "run = %puffle_wait -b run_abc", "run.run.explore()") as notebook:
        notebook.run(1)
        notebook.run(2)
        shown = notebook.output(2)
        folds, open_folds = shown.locator("details"), shown.locator("details[open]")
        expect(shown.get_by_role("button", name="Expand all")).to_be_visible()
        count = folds.count()
        shown.get_by_role("button", name="Expand all").click()
        expect(open_folds).to_have_count(count - 1)  # all but the raw JSON
        shown.get_by_role("button", name="Collapse all").click()
        expect(open_folds).to_have_count(1)  # the list of messages
        field = shown.get_by_placeholder("Find in transcript")
        field.fill("ledgerlachs")
        field.press("Enter")
        expect(shown.get_by_role("status")).to_contain_text("matches")
        assert {mark.lower() for mark in shown.locator("mark").all_inner_texts()} == {"ledgerlachs"}
        expect(shown.locator("mark").last).to_be_visible()
        expect(shown.get_by_role("status")).to_contain_text("place 1 of")
        field.press("Enter")
        expect(shown.get_by_role("status")).to_contain_text("place 2 of")
        shown.get_by_role("button", name="Clear").click()
        expect(shown.locator("mark")).to_have_count(0)
        shown.get_by_role("button", name="Done").click()
        expect(shown.get_by_role("button", name="Expand all")).to_have_count(0)
        assert not any(WIDGET_VIEW in output.get("data", {}) for output in outputs(notebook.save()))
        assert notebook.errors == []


def test_a_run_in_a_layout_can_be_searched(lab: Lab, browser: Browser) -> None:
    """The controls appear in a RunWidget when its run has ended, not before."""
    cell = "from ipywidgets import VBox\nfrom puffle_jupyter import RunWidget\nVBox([RunWidget('run_abc')])"
    with open_demo(lab, browser, "layout", cell) as notebook:
        notebook.run(1)
        notebook.expect_text(1, "running")
        button = notebook.output(1).get_by_role("button", name="Expand all")
        expect(button).to_be_hidden()
        notebook.expect_text(1, "completed")
        expect(button).to_be_visible()


@pytest.mark.parametrize("application", list(Application), ids=lambda application: application.name.lower())
def test_save_copy_and_sort(lab: Lab, browser: Browser, application: Application) -> None:
    """A click saves the file, keys copy the text, and a list sorts the table: with no script of ours."""
    cells = ("watch = %puffle_wait -b run_abc", "watch.run.explore()")
    with open_demo(
        lab, browser, f"take-along-{application.name}", *cells, application=application
    ) as notebook:
        notebook.run(1)
        notebook.run(2)
        page, shown = notebook.page, notebook.output(2)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        shown.get_by_role("button", name="Save, copy, sort").press("Enter")
        shown.locator("textarea").click()
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+c")
        assert page.evaluate("navigator.clipboard.readText()").startswith("## 5 Berlin fintech founders")
        what, link = shown.get_by_label("Save", exact=True), shown.get_by_role("link", name="Download")
        what.select_option(label="table\u00a0search_leads,\u00a08\u00a0rows\u00a0(CSV)")
        shown.get_by_label("Sort by").select_option(label="employees")
        shown.get_by_label("Order").select_option(index=1)
        expect(shown.get_by_role("table").first.get_by_role("row").nth(1)).to_contain_text("240")
        with page.expect_download() as downloading:
            link.click()
        assert downloading.value.suggested_filename == "run_abc-search_leads.csv"
        rows = Path(downloading.value.path()).read_text(encoding="utf-8-sig").splitlines()
        assert [row.rpartition(",")[2] for row in rows[1:4]] == ['"240"', '"76"', '"58"']
        what.select_option(label="the\u00a0whole\u00a0page\u00a0(HTML)")
        expect(link).to_contain_text("run_abc.html")
        with page.expect_download() as downloading:
            link.click()
        assert "</html>" in Path(downloading.value.path()).read_text(encoding="utf-8")
        assert violations(page, ".jp-Cell[data-windowed-list-index='2'] .jp-Cell-outputArea") == []
        assert notebook.errors == []
