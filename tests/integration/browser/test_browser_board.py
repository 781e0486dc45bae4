"""A board in JupyterLab: found in, opened and stopped by clicks, then a table that needs no kernel."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import violations
from tests.support.lab import Lab, Notebook, open_demo, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
IN_COLUMNS = "div > code:text-matches('^run_(abc|failed|slow)$')"
COLUMNS = "board = %puffle_wait run_abc run_failed run_slow --layout columns"
BOARD = "board = %puffle_wait run_abc run_failed run_slow run_berlin"


def test_a_board_is_used_by_clicks_and_freezes(lab: Lab, browser: Browser) -> None:
    """Controls without a style of their own work; the end is html alone, with each transcript in its row."""
    with open_demo(lab, browser, "board", BOARD) as notebook:
        notebook.theme("light")
        notebook.run(1)
        output = notebook.output(1)
        rows = output.locator("tbody tr")
        expect(rows).to_have_count(4)
        notebook.expect_text(1, "4 runs")
        expect(rows.nth(0)).to_contain_text("completed", timeout=30_000)
        assert violations(notebook.page, ".jp-OutputArea-output") == []

        output.get_by_label("Open", exact=True).select_option(label="1 · run_abc")
        expect(output.locator("summary", has_text="Transcript")).to_be_visible()
        output.get_by_label("Open", exact=True).select_option(label="none")
        expect(output.locator("summary", has_text="Transcript")).to_have_count(0)

        find = output.get_by_label("Find", exact=True)
        find.fill("slow")
        find.press("Enter")
        expect(rows).to_have_count(1)
        notebook.expect_text(1, "1 of 4 runs shown")
        find.fill("")
        find.press("Enter")
        expect(rows).to_have_count(4)

        expect(rows.nth(1)).to_contain_text("failed", timeout=30_000)
        expect(rows.nth(3)).to_contain_text("completed", timeout=30_000)
        output.get_by_role("button", name="Stop watching all").click()
        expect(output.get_by_role("button")).to_have_count(0, timeout=30_000)
        expect(output.locator("table").first.locator(":scope > tbody > tr")).to_have_count(4)
        output.locator("tbody summary").first.click()
        expect(output.locator("summary", has_text="Transcript").first).to_be_visible()
        assert notebook.errors == []
        saved = notebook.save().cells[1].outputs
        assert [set(one["data"]) for one in saved] == [{"text/html", "text/plain"}]
        assert "4 runs · 3 ended (1 failed) · 1 not watched any more" in saved[0]["data"]["text/plain"]


def test_columns_stand_side_by_side_where_there_is_room(lab: Lab, browser: Browser) -> None:
    """Live, frozen and sanitised: three in a row in a wide window, one below the other in a narrow one."""
    with open_demo(lab, browser, "columns", COLUMNS) as notebook:
        notebook.command("application:toggle-left-area")
        notebook.run(1)
        output = notebook.output(1)
        expect(output.get_by_role("button", name="Stop watching all")).to_be_visible(timeout=30_000)
        notebook.expect_text(1, "completed")
        assert len(set(tops(notebook, IN_COLUMNS))) == 1
        assert violations(notebook.page, ".jp-OutputArea-output") == []
        notebook.page.set_viewport_size({"width": 400, "height": 900})
        assert overflow(notebook) <= 0
        output.get_by_role("button", name="Stop watching all").click()
        expect(output.get_by_role("button")).to_have_count(0, timeout=30_000)
        assert len(set(tops(notebook, IN_COLUMNS))) == 3
        assert overflow(notebook) <= 0
        notebook.page.set_viewport_size({"width": 1200, "height": 900})
        assert len(set(tops(notebook, IN_COLUMNS))) == 1
        saved = notebook.save()
        assert [set(one["data"]) for one in saved.cells[1].outputs] == [{"text/html", "text/plain"}]
    saved.metadata["written_by"] = "somebody else"  # so that it is not trusted
    nbformat.write(saved, lab.root / "columns of others.ipynb")
    with open_notebook(lab, browser, None, "columns of others.ipynb") as notebook:
        notebook.command("application:toggle-left-area")
        assert not notebook.is_trusted
        assert len(set(tops(notebook, IN_COLUMNS))) == 1


def tops(notebook: Notebook, selector: str) -> list[int]:
    """How far down each column begins."""
    ids = notebook.output(1).locator(selector)
    expect(ids).to_have_count(3)
    top = "id => Math.round(id.parentElement.parentElement.getBoundingClientRect().top)"
    found: list[int] = ids.evaluate_all(f"ids => ids.map({top})")
    return found


def overflow(notebook: Notebook) -> int:
    """Pixels by which the output is wider than its place."""
    shown = notebook.output(1).locator(".jp-OutputArea-output")
    found: int = shown.evaluate("output => output.scrollWidth - output.clientWidth")
    return found
