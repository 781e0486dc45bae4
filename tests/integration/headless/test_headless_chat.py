"""%%puffle_chat where nobody watches: the cell waits, and the file holds the message and the transcript."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.html_check import text_of
from tests.support.kernel import WIDGET_VIEW
from tests.support.notebooks import execute

pytestmark = pytest.mark.kernel

CELLS = (
    "%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.2\n%config PuffleMagics.once = True",
    "%%puffle_chat leads\nFind founders in <Rome>",
    "%%puffle_chat leads\nWhich of them are hiring?",
    "a = %puffle_chat one\nb = %puffle_chat two",
    "print(leads.status, a.done, b.done)",
)


def run(puffle: EmbeddedPuffle, folder: Path, *cells: str) -> list[nbformat.NotebookNode]:
    """Execute a notebook of these cells as `jupyter execute` does; the code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    execute(notebook, folder, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url)
    nbformat.validate(notebook)
    return list(notebook.cells)


def test_the_saved_file_holds_message_and_transcript(tmp_path: Path) -> None:
    """Each cell waits; its outputs are html and text alone, the message first; a second run sends nothing."""
    with EmbeddedPuffle(time_scale=4) as puffle:
        first = run(puffle, tmp_path, *CELLS)
        sent = dict(puffle.requests)
        again = run(puffle, tmp_path, *CELLS)
        assert puffle.requests.keys() == sent.keys()
    assert len(sent) == 4
    for cells in (first, again):
        assert [len(cell.outputs) for cell in cells[1:4]] == [2, 2, 4]
        assert cells[4].outputs[0].text == "completed True True\n"
        bundles = [output.data for cell in cells[1:4] for output in cell.outputs]
        assert not [bundle for bundle in bundles if WIDGET_VIEW in bundle]
        asked, ended = (text_of(output.data["text/html"]) for output in cells[1].outputs)
        assert asked.startswith("Find founders in <Rome>")
        assert "I searched for “Find founders in <Rome>”" in ended
        assert "turn 2" in text_of(cells[2].outputs[0].data["text/html"])
    texts = [output.data["text/plain"] for cell in again[1:4] for output in cell.outputs]
    assert sum("not sent again: this is its run" in text for text in texts) == 4


def test_check_fails_the_notebook_before_anything_more_is_sent(tmp_path: Path) -> None:
    """A message that is refused ends the run of the notebook with its one line."""
    from nbclient.exceptions import CellExecutionError

    with EmbeddedPuffle(time_scale=4) as puffle:
        with pytest.raises(CellExecutionError) as caught:
            run(puffle, tmp_path, CELLS[0], "%puffle_chat --conversation nonsense x", "%puffle_chat y")
        assert not puffle.requests
    assert "'nonsense' is not the id of a conversation" in str(caught.value)


def test_a_streamed_answer_is_saved_as_its_transcript(tmp_path: Path) -> None:
    """Two outputs, the message and the end, as html and text alone."""
    with EmbeddedPuffle(time_scale=4) as puffle:
        cells = run(puffle, tmp_path, CELLS[0], "%%puffle_chat live --stream\nFind founders in <Rome>")
    asked, ended = (output.data for output in cells[1].outputs)
    assert text_of(asked["text/html"]).startswith("Find founders in <Rome>")
    assert "I searched for “Find founders in <Rome>”" in text_of(ended["text/html"])
    assert "completed" in ended["text/plain"]
    assert WIDGET_VIEW not in ended


def test_a_call_that_waits_for_approval_fails_a_headless_notebook(tmp_path: Path) -> None:
    """The error names the call; nothing was approved, and the next cell does not run."""
    from nbclient.exceptions import CellExecutionError

    asks = "%%puffle_chat removal --stream\nRemove the leads that no longer fit"
    with EmbeddedPuffle(time_scale=4) as puffle:
        with pytest.raises(CellExecutionError) as caught:
            run(puffle, tmp_path, CELLS[0], asks, "print('went on')")
        assert caught.value.ename == "ApprovalNeeded"
        assert "remove_rows (call 'call_02_remove_1') waits for your decision" in caught.value.evalue
        decides = "removal.deny(removal.pending[0].id)\nprint(removal.result())"
        waits = "while not removal.pending: pass"
        cells = run(
            puffle, tmp_path, CELLS[0], asks.replace("--stream", "--stream --no-block"), waits, decides
        )
    assert cells[3].outputs[0].text.startswith("I removed nothing.")
