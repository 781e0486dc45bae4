"""Asking in real JupyterLab and Notebook 7: what a person sees, and what *Restart and Run All* sends."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from puffle_jupyter.demo import EmbeddedPuffle
from tests.support.lab import Notebook

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

CELLS = (
    "%load_ext puffle_jupyter\n%config PuffleMagics.once = True",
    "%%puffle_chat leads\nFind founders\n  in <b>Rome</b>",
    "%%puffle_chat leads\nWhich of them are hiring?",
)


def test_ask_save_restart_and_run_all(notebook: Notebook, puffle: EmbeddedPuffle) -> None:
    """The message is above the badge, the id one click away; a restart and Run All send nothing again."""
    notebook.wait_for_kernel()
    notebook.errors.clear()  # Notebook 7 has some of its own while it starts
    for index in range(3):
        notebook.run(index)
    notebook.expect_text(2, "turn 2 · sent while turn 1 still ran")
    notebook.expect_text(1, "completed")
    notebook.expect_text(2, "completed")
    shown = notebook.text(1)
    assert shown.index("in <b>Rome</b>") < shown.index("turn 1") < shown.index("completed")
    said = notebook.output(1).locator("summary", has_text="conversation ")
    said.click()
    expect(notebook.output(1).locator("code", has_text="%%puffle_chat --conversation ")).to_be_visible()
    saved = notebook.save()
    assert ["text/html" in output.data for output in saved.cells[1].outputs] == [True, True]
    before = set(puffle.requests)
    notebook.restart_and_run_all()
    for index in (1, 2):
        notebook.expect_text(index, "not sent again: this is its run")
        notebook.expect_text(index, "completed")
    assert set(puffle.requests) == before
    assert len(before) == 2
    assert notebook.errors == []
