"""Expand all, collapse all and find, in real JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.lab import Lab, open_demo
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
