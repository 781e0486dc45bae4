"""`RunBoard` and its views: waiting, ends, what a front end is sent, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import math
import threading
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from puffle_jupyter import InvalidRunId, InvalidSetting, Run, RunBoard, WaitTimeout
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.board.ids import meant_runs
from puffle_jupyter.board.labels import labels_of
from puffle_jupyter.board.rows import Counts, Stage
from puffle_jupyter.display.board_content import board_content
from puffle_jupyter.display.board_rows import stage_of
from puffle_jupyter.display.notebook import board_widget
from puffle_jupyter.display.notebook.board_controls import BoardControls
from puffle_jupyter.display.notebook.board_widget import BYTES_PER_SECOND, BoardWidget
from puffle_jupyter.display.notebook.close_widgets import open_widgets
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.running_puffle import Puffle, on_view_thread, until

pytestmark = pytest.mark.usefixtures("background")


def test_a_board_waits_for_all_and_names_those_that_failed() -> None:
    """Whatever a run comes to, the others go on; nothing is polled twice."""
    puffle = Puffle()
    puffle.end("run_a", "run_c")
    puffle.end("run_b", status="failed")
    done: list[RunBoard] = []
    told = threading.Event()

    def take(board: RunBoard) -> None:
        done.append(board)
        told.set()

    board = puffle.board("run_a,run_b run_a,run_c", on_done=take)
    assert board.wait(20) is board
    assert [watch.run_id for watch in board] == ["run_a", "run_b", "run_c"]
    assert [watch.run_id for watch in board.failed] == ["run_b"]
    assert board["run_c"].text == "Answer of run_c"
    assert told.wait(10)
    assert done == [board]
    assert "watched once: run_a" in board.to_text()
    assert len(puffle.requests) == 3


def test_many_watches_are_made_in_a_few_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one by one, each waiting for the thread that polls; a run that is watched keeps its watch."""
    puffle = Puffle()
    run_ids = [f"run_{number}" for number in range(120)]
    (known,) = puffle.board(run_ids[70:71])
    turns: list[object] = []
    call_soon = poll_loop.call_soon

    def counted(function: Callable[..., object], *arguments: object) -> None:
        turns.append(function)
        call_soon(function, *arguments)

    monkeypatch.setattr(poll_loop, "call_soon", counted)
    board = puffle.board(run_ids)
    assert len(turns) < 10
    assert [watch.run_id for watch in board] == run_ids
    assert board["run_70"] is known
    board.stop()
    board.wait(20)


def test_what_can_be_no_run_is_refused_before_anything_is_sent() -> None:
    """One line; an empty board is no error, and has ended."""
    puffle = Puffle()
    with pytest.raises(InvalidRunId, match=r"^none of these is a run id: abc, x\.$"):
        puffle.board(["abc", None, "x"])
    with pytest.raises(InvalidSetting, match="2 runs need as many labels, not 1"):
        puffle.board(["run_a", "run_b"], labels=["A"])
    empty = puffle.board([])
    assert (len(empty), empty.done, empty.wait().failed) == (0, True, [])
    assert puffle.requests == []


def test_a_wait_that_ends_too_early_says_how_many_go_on() -> None:
    """And they do."""
    puffle = Puffle()
    board = puffle.board(["run_a", "run_b"])
    with pytest.raises(WaitTimeout, match="2 of 2 runs did not end within"):
        board.wait(0.01)
    with pytest.raises(WaitTimeout):
        list(board.as_completed(timeout=0.01))
    puffle.end("run_b")
    ended = board.as_completed()
    assert next(ended).run_id == "run_b"
    puffle.end("run_a")
    assert [watch.run_id for watch in ended] == ["run_a"]


def test_who_awaits_a_board_gets_it() -> None:
    """Also from a loop of one's own."""
    puffle = Puffle()
    puffle.end("run_a", "run_b")
    board = puffle.board(["run_a", "run_b"])

    async def wait() -> RunBoard:
        return await board

    assert asyncio.run(wait()) is board
    assert board.done


def test_a_live_board_freezes_into_html_before_the_wait_ends(outputs: list[dict[str, Any]]) -> None:
    """Twelve comms at most while it is live, two when it is over, none when it is closed."""
    puffle = Puffle()
    before = len(open_widgets())
    board = puffle.board([f"run_{number}" for number in range(120)])
    widget = BoardWidget(board)
    widget.show()
    assert len(open_widgets()) - before == 12
    assert len(outputs) == 1
    puffle.end(*(watch.run_id for watch in board))
    board.wait(30)
    assert set(outputs[-1]) == {"text/html", "text/plain"}
    assert "120 runs" in outputs[-1]["text/html"]
    assert outputs[-1]["text/html"].count("<tr") == 122
    until(lambda: len(open_widgets()) - before == 2)
    assert "120 ended" in widget._body.get_state()["value"]
    widget.close()
    assert len(open_widgets()) == before


def test_clicks_choose_open_and_stop(outputs: list[dict[str, Any]]) -> None:
    """Handlers only take note; a transcript is rendered when its row is opened, and not before."""
    puffle = Puffle()
    puffle.end("run_1")
    board = puffle.board([f"run_{number}" for number in range(60)], labels=[f"L{n}" for n in range(60)])
    board["run_1"].wait(20)
    rendered: list[Run] = []
    widget = BoardWidget(board)
    widget.show()

    def render(run: Run) -> str:
        rendered.append(run)
        return "<p>whole</p>"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board_widget, "body_html", render)
        controls = widget._controls
        assert controls._pages is not None
        controls._pages.value = 1
        on_view_thread()
        assert widget._body.value.count("<tr") == 11
        assert "run_59" in widget._body.value
        controls._find.value = "l1"
        on_view_thread()
        assert widget._body.value.count("<tr") == 12  # L1, L10 to L19
        assert rendered == []
        controls._rows.value = "run_1"
        on_view_thread()
        assert "whole" in widget._transcript.value
        assert len(rendered) == 1
        controls._rows.value = "run_10"
        on_view_thread()
        assert "appears here when the run ends" in widget._transcript.value
    controls._stop.click()
    until(lambda: board["run_10"].done)
    assert not board["run_11"].done
    controls._rows.value = "none"
    on_view_thread()
    controls._stop.click()
    board.wait(20)
    assert "59 not watched any more" in outputs[-1]["text/plain"]


def test_a_board_sends_no_more_than_it_may(outputs: list[dict[str, Any]]) -> None:
    """Of a thousand runs that all change, one page in one message, and not before its bytes are paid for."""
    puffle = Puffle()
    now = [1000.0]
    board = puffle.board([f"run_{number}" for number in range(200)])
    widget = BoardWidget(board, clock=lambda: now[0])
    sent: list[Any] = []
    widget._body.observe(lambda change: sent.append(change["new"]), "value")
    widget._refresh()
    sent.clear()
    puffle.end(*(f"run_{number}" for number in range(0, 200, 2)))
    until(lambda: board["run_198"].done)
    for _ in range(100):
        now[0] += 0.1
        widget._tick()
    assert sent
    assert sum(len(value.encode()) for value in sent) <= 10.5 * BYTES_PER_SECOND + 60_000
    assert max(len(value.encode()) for value in sent) < 50_000
    widget.close()
    board.stop()
    board.wait(20)


def test_an_unfinished_board_is_saved_as_it_is(outputs: list[dict[str, Any]]) -> None:
    """One page of rows without times, what to do next, and no widget in a capture's html."""
    puffle = Puffle()
    board = puffle.board([f"run_{number}" for number in range(60)])
    as_html, as_text = board_content(board)
    assert as_html.count("<tr") == 51
    assert "10 more runs: board.show() shows them." in as_text
    assert "%puffle_wait --resume" in as_text
    assert "Time" not in as_html
    board.stop()
    board.wait(20)


def test_an_open_row_can_be_closed_from_every_page(outputs: list[dict[str, Any]]) -> None:
    """The list of rows goes on offering the row that is open, so that it can be left."""
    puffle = Puffle()
    run_ids = [f"run_{number}" for number in range(60)]
    board = puffle.board(run_ids)
    widget = BoardWidget(board)
    widget.show()
    controls = widget._controls
    assert controls._pages is not None
    controls._rows.value = "run_3"
    on_view_thread()
    controls._pages.value = 1
    on_view_thread()
    assert controls._rows.value == "run_3"
    controls._rows.value = "none"
    on_view_thread()
    assert widget._transcript.value == ""
    assert controls._stop.description == "Stop watching all"
    board.stop()
    board.wait(20)


def test_a_choice_counts_while_the_lists_change() -> None:
    """Only what the change of a list does to itself is no choice; a click comes on another thread."""
    chosen: list[str] = []

    class Board:
        def choose(self, text: str, stage: str, order: str) -> None:
            chosen.append(stage)

        def turn_to(self, page: int) -> None: ...
        def open_row(self, run_id: str) -> None:
            chosen.append(run_id)

        def press_stop(self) -> None: ...

    controls = BoardControls(Board(), has_pages=False)

    def click(_: Any) -> None:
        clicking = threading.Thread(target=lambda: controls._state.set_trait("value", "failed"))
        clicking.start()
        clicking.join()

    controls.offer(1, [(0, "run_0")])
    controls._rows.value = "run_0"
    chosen.clear()
    controls._rows.observe(click, "value")
    controls.offer(1, [(1, "run_1")])
    controls.close_all()
    assert chosen == ["failed"]


def test_what_is_left_of_a_board_keeps_no_run(outputs: list[dict[str, Any]]) -> None:
    """ipywidgets keeps the frozen widget for ever; the board and its runs go when nobody has them."""
    puffle = Puffle()
    puffle.end("run_a")
    board = puffle.board(["run_a"])
    BoardWidget(board).show()
    closed = BoardWidget(board)
    closed.show()
    closed.close()
    board.wait(20)
    on_view_thread()
    kept = weakref.ref(board)
    del board, closed
    until(lambda: gc.collect() >= 0 and kept() is None)


def test_a_run_that_puffle_does_not_know_is_called_so() -> None:
    """It never was watched, so it is not one that is not watched any more."""
    snapshot = WatchSnapshot("run_a", WatchPhase.MISSING)
    assert stage_of(snapshot) is Stage.NOT_FOUND
    counts = Counts.by([Stage.COMPLETED, Stage.NOT_FOUND])
    assert (counts.is_final, counts.words()) == (True, "1 ended · 1 not found")


def test_labels_belong_to_the_runs_in_the_order_in_which_they_were_given() -> None:
    """A streamed chat keeps its place among the runs; an empty cell of a column of labels is no label."""
    stream = SimpleNamespace(run_id="stream_3f2a91c4_2")
    meant = meant_runs([stream, "run_b", stream], streams=["stream_3f2a91c4_2"])
    assert meant.run_ids == ("stream_3f2a91c4_2", "run_b")
    assert meant.twice == ("stream_3f2a91c4_2",)
    assert labels_of([None, math.nan], meant.run_ids) == ["", ""]  # type: ignore[list-item]
    assert labels_of({"run_b": None}, meant.run_ids) == ["", ""]  # type: ignore[dict-item]
