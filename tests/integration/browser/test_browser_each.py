"""``%%puffle_each`` in JupyterLab: rows get their runs while one looks on, and the button starts no more."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import violations
from tests.support.lab import Lab, open_demo

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
ROWS = "rows = [{'company': name} for name in ('Acme', 'Beta', 'Gamma', 'Delta')]"
EACH = "%%puffle_each rows heads --per-minute {}\nFind the head of sales at {{company}}"


def test_rows_are_started_while_one_looks_on(lab: Lab, browser: Browser) -> None:
    """A row that is open stays open when it gets its run; what is stopped is not started, and said."""
    with open_demo(lab, browser, "each", ROWS, EACH.format(12)) as notebook:
        notebook.theme("light")
        notebook.run(1)
        notebook.run(2)
        output = notebook.output(2)
        rows = output.locator("tbody tr")
        expect(rows).to_have_count(4)
        expect(rows.nth(3)).to_contain_text("to be started")
        assert violations(notebook.page, ".jp-OutputArea-output") == []
        opened = output.get_by_label("Open", exact=True)
        opened.select_option(label="2 · row_1")
        expect(rows.nth(1)).to_contain_text("completed", timeout=30_000)
        expect(opened.locator("option:checked")).to_contain_text("2 · run_")
        expect(output.locator("summary", has_text="Transcript")).to_be_visible()
        opened.select_option(label="none")
        expect(output.locator("summary", has_text="Transcript")).to_have_count(0)

        output.get_by_role("button", name="Stop watching all").click()
        expect(output.get_by_role("button")).to_have_count(0, timeout=30_000)
        ended = output.locator("table").first.locator(":scope > tbody > tr")
        expect(ended).to_have_count(4)
        expect(ended.nth(3)).to_contain_text("not started")
        notebook.expect_text(2, "not started (stopped by board.stop()). Run the cell again to go on.")
        assert notebook.errors == []
