"""A difference in real JupyterLab: the value of a cell, saved, and read by others without a kernel."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Browser, expect

from tests.support.lab import Application, Lab, open_demo, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
WAIT = "watch = %puffle_wait run_abc -b -q"


def test_a_difference_is_saved_and_read_by_others(lab: Lab, browser: Browser) -> None:
    """What is gone is crossed out and what is new is underlined, also where nobody trusts the notebook."""
    cells = [WAIT, "%puffle_diff watch run_abc_again"]
    with open_demo(lab, browser, "diff", *cells, application=Application.LAB) as notebook:
        notebook.run(1)
        notebook.run(2)
        notebook.expect_text(2, "first differ at the 2nd call: search_leads returned 8 rows in run_abc")
        saved, before = notebook.save(), notebook.text(2)
    (output,) = saved.cells[2].outputs
    assert output.output_type == "execute_result"
    assert set(output.data) == {"text/html", "text/plain"}
    assert "[-8-]{+9+}" in output.data["text/plain"]
    saved.metadata["title"] = "sent by mail"
    nbformat.write(saved, lab.root / "diff-sent.ipynb")
    with open_notebook(lab, browser, None, "diff-sent.ipynb") as notebook:
        assert not notebook.is_trusted
        assert notebook.text(2) == before
        for element, line in (("del", "line-through"), ("ins", "underline")):
            shown = notebook.output(2).locator(f"pre {element}").first
            assert line in shown.evaluate("element => getComputedStyle(element).textDecorationLine")
        rows = notebook.output(2).locator("summary", has_text="evaluate_profiles").last
        rows.click()
        expect(notebook.output(2).get_by_text("Sells to consumers only").first).to_be_visible()
