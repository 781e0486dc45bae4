"""A board in columns: live, frozen, as text; what is read in one column is left alone."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from puffle_jupyter import InvalidSetting, Run, RunBoard
from puffle_jupyter.board.columns import columns_html
from puffle_jupyter.board.html import BUDGET
from puffle_jupyter.board.rows import Counts, Row, Stage
from puffle_jupyter.display.board_columns import columns_text
from puffle_jupyter.display.board_content import board_content
from puffle_jupyter.display.notebook.close_widgets import open_widgets
from puffle_jupyter.display.notebook.columns_widget import ColumnsWidget
from puffle_jupyter.render.html.run import column_body
from puffle_jupyter.render.limits import size_of
from puffle_jupyter.render.words import label_of_status
from puffle_jupyter.run_data import RunStatus
from tests.support.running_puffle import Puffle, on_view_thread, until

pytestmark = pytest.mark.usefixtures("background")
COMPLETED = label_of_status(RunStatus.COMPLETED, "completed")


def test_columns_live_and_frozen(outputs: list[dict[str, Any]]) -> None:
    """Twelve comms for six runs; an ended column is sent once, with its answer; the end is html alone."""
    puffle = Puffle()
    puffle.end("run_0")
    before = len(open_widgets())
    board = puffle.board([f"run_{number}" for number in range(6)], layout="columns")
    board["run_0"].wait(20)
    widget = ColumnsWidget(board)
    widget.show()
    assert len(open_widgets()) - before == 12
    sent: list[str] = []
    columns = list(widget._columns)
    widget._columns[0].observe(lambda change: sent.append(change["new"]), "value")
    assert "Answer of run_0" in widget._columns[0].value
    assert "running" in widget._columns[1].value
    puffle.end("run_1", status="failed")
    until(lambda: "failed" in columns[1].value)
    assert sent == []
    assert widget._columns[0].value.count(" s<") == 0  # it had ended before: no time is said
    puffle.end(*(f"run_{number}" for number in range(2, 6)))
    board.wait(30)
    assert set(outputs[-1]) == {"text/html", "text/plain"}
    assert outputs[-1]["text/html"].count("flex:1 1 17em") == 6
    assert "Answer of run_0" in outputs[-1]["text/plain"]
    until(lambda: len(open_widgets()) - before == 2)
    assert "Answer of run_0" in widget._body.get_state()["value"]
    widget.close()
    assert len(open_widgets()) == before
    on_view_thread()
    kept = weakref.ref(board)
    columns.clear()
    del board, widget
    until(lambda: gc.collect() >= 0 and kept() is None)


def test_too_many_for_columns_are_a_table_that_says_so() -> None:
    """The runs are watched all the same; a layout that there is not is refused before anything is sent."""
    puffle = Puffle()
    with pytest.raises(InvalidSetting, match='layout must be "table" or "columns", not \'rows\''):
        puffle.board(["run_a"], layout="rows")
    assert puffle.requests == []
    puffle.end(*(f"run_{number}" for number in range(7)))
    board = puffle.board([f"run_{number}" for number in range(7)], layout="columns").wait(20)
    as_html, as_text = board_content(board)
    assert as_html.count("<tr") == 8
    assert "In a table, since 7 runs have no room side by side (6 at most)." in as_text


def test_text_is_side_by_side_where_there_is_room() -> None:
    """Each run within its own columns of characters, also wide ones; else one below the other."""
    puffle = Puffle()
    puffle.end("run_a", "run_b")
    board = puffle.board(["run_a", "run_b"], layout="columns", labels=["日本語", "B"]).wait(20)
    counts, rows = board.table.counts(), board.table.all()
    wide = columns_text(board, counts, rows, ["Said."], columns=100).splitlines()
    heads = next(line for line in wide if "run_a" in line)
    assert "run_b" in heads
    assert next(line for line in wide if "Answer of run_a" in line).index("Answer of run_b") == 51 + 2
    assert heads.index("✓ completed · run_b") == 51 - 3  # three characters are two columns wide each
    assert wide[-1] == "Said."
    narrow = columns_text(board, counts, rows, [], columns=60)
    assert narrow.index("Answer of run_a") < narrow.index("✓ completed · run_b")


def big(run_id: str) -> Run:
    messages = [{"role": "assistant", "content": "word " * 20_000} for _ in range(20)]
    return Run.from_dict({"runId": run_id, "status": "completed", "text": "short", "messages": messages})


def test_columns_share_the_budget_of_an_output() -> None:
    """No run hides another: each shows its answer, and says how much of its messages there was room for."""
    rows = [Row(f"run_{number}", "", COMPLETED, Stage.COMPLETED, calls=1) for number in range(6)]
    runs = {row.run_id: big(row.run_id) for row in rows}
    counts = Counts.by(row.stage for row in rows)
    shown = columns_html(counts, rows, lambda row, room: column_body(runs[row.run_id], room))
    assert size_of(shown) <= 1.05 * BUDGET
    assert shown.count("of 20 messages shown, to keep this output under 2 MB") == 6


def test_nothing_untrusted_is_markup_in_a_column() -> None:
    """Label, state, id and line are text."""
    evil = '<img src=x onerror="alert(1)">'
    row = Row(evil, evil, COMPLETED, Stage.RUNNING, line=evil)
    shown = columns_html(Counts.by([row.stage]), [row], None, [evil])
    assert "<img" not in shown
    assert shown.count("&lt;img") == 4


def test_an_unfinished_board_in_columns_is_saved_and_stopped(outputs: list[dict[str, Any]]) -> None:
    """As it is, with what to do next; the button stops watching all of it."""
    puffle = Puffle()
    board: RunBoard = puffle.board(["run_a", "run_b"], layout="columns")
    widget = ColumnsWidget(board)
    widget.show()
    as_html, as_text = outputs[-1]["text/html"], outputs[-1]["text/plain"]
    assert as_html.count("flex:1 1 17em") == 2
    assert "%puffle_wait --resume" in as_html
    assert "%puffle_wait --resume" in as_text
    widget._stop.click()
    board.wait(20)
    assert "2 not watched any more" in outputs[-1]["text/plain"]
    widget.close()
