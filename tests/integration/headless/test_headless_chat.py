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
