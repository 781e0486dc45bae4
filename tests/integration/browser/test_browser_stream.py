"""A streamed chat in real JupyterLab and Notebook 7: text that grows, approvals by click and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.lab import Notebook

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

CELLS = (
    "%load_ext puffle_jupyter\n%config PuffleMagics.stream = True",
    "%puffle_chat Find fintech founders in Berlin",
    "%%puffle_chat removal --new\nRemove the leads that no longer fit",
    "%%puffle_chat mails --new\nSend my invitation",
    "print([str(d) for d in removal.decisions], [str(d) for d in mails.decisions])",
    "%puffle_approvals",
)


def test_a_text_grows_and_stays_as_a_static_transcript(notebook: Notebook) -> None:
    """Words are there before the run has ended; the saved file has the answer without a widget."""
    notebook.wait_for_kernel()
    notebook.errors.clear()  # Notebook 7 has some of its own while it starts
    notebook.run(0)
    notebook.run(1)
    notebook.expect_text(1, "running")
    notebook.expect_text(1, "look at your list")
    assert "completed" not in notebook.text(1)
    notebook.expect_text(1, "completed")
    notebook.expect_text(1, "5 Berlin fintech founders added")
    expect(notebook.output(1).locator(".jupyter-widgets")).to_have_count(0)
    saved = notebook.save()
    bundles = [output.data for output in saved.cells[1].outputs]
    assert "5 Berlin fintech founders added" in bundles[-1]["text/html"]
    assert not any("widget-view" in kind for bundle in bundles for kind in bundle)
    assert notebook.errors == []


def test_one_call_is_approved_by_click_and_one_denied_by_keyboard(notebook: Notebook) -> None:
    """Enter on *Approve* approves nothing; each decision is a person's, and stands in the saved notebook."""
    notebook.wait_for_kernel()
    notebook.errors.clear()
    notebook.run(0)
    notebook.run(2)
    notebook.run(3)
    for index, tool in ((2, "remove_rows"), (3, "send_campaign")):
        notebook.expect_text(index, f"Puffle asks to run {tool}")
        notebook.expect_text(index, "waiting for you")
    notebook.expect_text(2, "Quittungsqualle")
    approve = notebook.output(2).get_by_label("Approve", exact=True).locator("visible=true")
    approve.focus()
    notebook.page.keyboard.press("Enter")
    notebook.page.wait_for_timeout(500)
    notebook.expect_text(2, "nothing happens until you decide")
    approve.click()
    notebook.expect_text(2, "completed")
    notebook.expect_text(2, "I removed 3 leads")
    deny = notebook.output(3).get_by_role("button", name="Deny", exact=True).locator("visible=true")
    deny.focus()
    expect(deny).to_be_focused()
    notebook.page.keyboard.press("Enter")
    notebook.expect_text(3, "I sent nothing")
    notebook.run(4)
    notebook.expect_text(4, "approved by this notebook on")
    notebook.expect_text(4, "denied by this notebook on")
    for index in (2, 3):
        expect(notebook.output(index).locator(".jupyter-widgets")).to_have_count(0)
    saved = notebook.save()
    assert "approved by this notebook at" in saved.cells[2].outputs[-1].data["text/html"]
    assert "denied by this notebook at" in saved.cells[3].outputs[-1].data["text/html"]
    assert notebook.errors == []


def test_a_page_that_is_loaded_again_in_mid_stream_shows_the_end(notebook: Notebook) -> None:
    """The kernel reads on; the page gets what came meanwhile."""
    notebook.wait_for_kernel()
    notebook.run(0)
    notebook.run(1)
    notebook.expect_text(1, "look at your list")
    notebook.save()
    notebook.reload()
    notebook.expect_text(1, "5 Berlin fintech founders added")


def test_the_inbox_decides_and_leaves_plain_words(notebook: Notebook) -> None:
    """A card of %puffle_approvals; once it is decided, both outputs are readable without a kernel."""
    notebook.wait_for_kernel()
    notebook.run(0)
    notebook.run(2)
    notebook.expect_text(2, "waiting for you")
    notebook.run(5)
    notebook.expect_text(5, "Puffle asks to run remove_rows")
    notebook.output(5).get_by_label("Approve", exact=True).click()
    notebook.expect_text(5, "remove_rows: approved by this notebook on")
    notebook.expect_text(2, "I removed 3 leads")
    for index in (2, 5):
        expect(notebook.output(index).locator(".jupyter-widgets")).to_have_count(0)
    saved = notebook.save()
    assert "approved by this notebook on" in saved.cells[5].outputs[-1].data["text/html"]
