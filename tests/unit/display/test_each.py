"""`each` on real sockets: no row is paid twice and none is missing, whatever is lost, refused or stopped."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas
import pytest

from puffle_jupyter import (
    EachBoard,
    InvalidSetting,
    NotSent,
    RunStatus,
    StartNotConfirmed,
    Unauthorized,
    each,
)
from puffle_jupyter.asking import starter as starter_module
from puffle_jupyter.asking.starter import stop_starting
from puffle_jupyter.display import waiting
from puffle_jupyter.display.each_board import EachBoard as Board
from puffle_jupyter.watching.registry import registry
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.support.counting_puffle import CountingPuffle
from tests.support.scripted import client_for

pytestmark = pytest.mark.usefixtures("starts_end", "background", "state")
TEMPLATE = "Find the head of sales at {company}"


@pytest.fixture
def starts_end(background: None) -> Iterator[None]:
    yield
    stop_starting("the test is over", 10)


def frame(count: int) -> pandas.DataFrame:
    names = [f"Company {number}" for number in range(count)]
    return pandas.DataFrame({"company": names}, index=[f"c{number}" for number in range(count)])


def ask(rows: Any, client: Any, **more: Any) -> EachBoard:
    options: dict[str, Any] = {"per_minute": 60_000, "interval": 0.1, "confirm": True, **more}
    return each(rows, TEMPLATE, client=client, **options)


def until(holds: Callable[[], bool]) -> None:
    waiting_for = threading.Event()
    for _ in range(4_000):
        if holds():
            return
        waiting_for.wait(0.005)
    raise AssertionError("it did not happen")


def said(code: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(code, stream=httpx.ByteStream(json.dumps(body).encode()), headers=headers)


def phases(board: EachBoard) -> list[WatchPhase]:
    return [watch.snapshot.phase for watch in board]


def test_a_frame_comes_back_with_what_came_of_its_rows() -> None:
    """The same index; text and counts have nullable types; a column of one's own keeps its name."""
    rows = frame(3).assign(status="new")
    with CountingPuffle() as puffle:
        board = ask(rows, puffle.client(), at_once=2).wait(30)
        assert isinstance(board, Board)
        found = board.to_frame()
    assert list(found.index) == ["c0", "c1", "c2"]
    added = ["run_id", "puffle_status", "answer", "error", "calls", "rows"]
    assert list(found.columns) == ["company", "status", *added]
    assert list(found["status"]) == ["new"] * 3
    assert list(found["run_id"]) == [puffle.run_ids[TEMPLATE.format(company=one)] for one in rows["company"]]
    assert list(found["answer"]) == [f"Answer to: {TEMPLATE.format(company=one)}" for one in rows["company"]]
    assert [str(found[name].dtype) for name in ("answer", "calls", "rows")] == ["string", "Int64", "Int64"]
    assert puffle.most_under_way <= 2
    assert board["row_1"] is board[1] is board[found["run_id"].iloc[1]]


def test_what_is_lost_refused_and_broken_off_is_paid_once() -> None:
    """Two restarts, a tenth of the answers lost, 429 now and then: each row is paid, none twice."""
    rows = frame(60)
    with CountingPuffle(lost=0.1, limited=0.1) as puffle:
        for kept in (15, 35):
            board = ask(rows, puffle.client())
            until(lambda kept=kept: puffle.paid.total() >= kept)  # type: ignore[misc]
            board.stop()
            stop_starting("restarted", 10)
            registry.stop()
        board = ask(rows, puffle.client()).wait(60)
        assert puffle.refused > 0
        assert puffle.dropped > 0
    assert sorted(puffle.paid) == sorted(TEMPLATE.format(company=one) for one in rows["company"])
    assert set(puffle.paid.values()) == {1}
    unknown = phases(board).count(WatchPhase.NOT_CONFIRMED)
    assert unknown >= puffle.dropped  # of those that were under way at a restart the answer may be lost, too
    assert sum(watch.status is RunStatus.COMPLETED for watch in board) == 60 - unknown


def test_a_start_that_was_not_confirmed_is_settled_by_a_person() -> None:
    """It is shown, with its row and how to go on; it is sent again only when somebody says that it may be."""
    rows = frame(2)
    with CountingPuffle(lost=1.0) as puffle:
        client = puffle.client()
        board = ask(rows, client).wait(30)
        assert phases(board) == [WatchPhase.NOT_CONFIRMED] * 2
        with pytest.raises(StartNotConfirmed):
            board[0].wait()
        assert "Not known whether a run was started: row c0, row c1. Look in Puffle" in board.to_text()
        assert list(board.to_frame()["status"]) == ["start not confirmed"] * 2
        with pytest.raises(InvalidSetting, match="no such row"):
            board.settle("c7")
        puffle.lost = 0.0
        found = puffle.run_ids[TEMPLATE.format(company="Company 0")]
        board.settle("c0", found)
        board.settle("c1")
        assert "Not known" not in board.to_text()
        board = ask(rows, client).wait(30)
        assert board[0].run_id == found
        assert [watch.text for watch in board] == [
            f"Answer to: {TEMPLATE.format(company=c)}" for c in rows.company
        ]
        with pytest.raises(InvalidSetting, match="nothing to settle"):
            board.settle("c0")
    assert [puffle.paid[TEMPLATE.format(company=one)] for one in rows.company] == [1, 2]


def test_many_runs_need_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    """The number is said, and nothing was sent; what was sent before does not count."""
    with CountingPuffle() as puffle:
        client = puffle.client()
        with pytest.raises(NotSent, match=r"21 runs would be started.*confirm=True"):
            ask(frame(21), client, confirm=False)
        assert each(frame(21), TEMPLATE, client=client, dry_run=True) is None
        printed = capsys.readouterr().out
        assert puffle.paid.total() == 0
        ask(frame(1), client, confirm=False).wait(30)
        ask(frame(21), client, confirm=False).wait(30)
        assert puffle.paid.total() == 21
    assert printed.splitlines() == [
        "row c0: Find the head of sales at Company 0",
        "row c1: Find the head of sales at Company 1",
        "row c2: Find the head of sales at Company 2",
        "… and 18 more rows",
        "Nothing was sent. 21 runs would be started, 10 at once and 30 a minute at most.",
    ]


def test_starts_keep_to_a_pause_that_puffle_asks_for() -> None:
    """After a 429 there is none for anybody until its Retry-After has passed, by the clock."""
    now, sent, lock = [1000.0], [], threading.RLock()
    codes = iter([200, 429])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            run_id = request.url.path.rpartition("/")[2]
            return said(200, {"runId": run_id, "status": "completed", "text": "yes"})
        with lock:
            sent.append(now[0])
            if next(codes, 200) == 429:
                return said(429, {"error": "no"}, {"retry-after": "90"})
            return said(200, {"runId": f"run_{len(sent)}", "status": "queued"})

    def sleep(seconds: float) -> None:
        threading.Event().wait(0.001)
        with lock:
            now[0] += seconds

    board = ask(frame(4), client_for(answer), per_minute=6, clock=lambda: now[0], sleep=sleep)
    assert [watch.wait(30).text for watch in board] == ["yes"] * 4
    assert len(sent) == 5
    assert sent[2] - sent[1] >= 90


def test_a_refused_key_ends_the_starts_and_a_refused_message_does_not() -> None:
    """What each row would be told is asked once; the rest is named, and was not sent."""
    refusals: dict[str, int] = {"Company 1": 400}
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            run_id = request.url.path.rpartition("/")[2]
            return said(200, {"runId": run_id, "status": "completed"})
        sent.append(request.content.decode())
        code = next((code for name, code in refusals.items() if name in sent[-1]), 200)
        return said(code, {"runId": f"run_{len(sent)}", "status": "queued"})

    client = client_for(answer)
    board = ask(frame(3), client).wait(30)
    assert phases(board) == [WatchPhase.ENDED, WatchPhase.NOT_STARTED, WatchPhase.ENDED]
    assert "(400)" in board.to_text()
    refusals = {"Company": 401}
    sent.clear()
    board = ask(frame(9), client, name="another", at_once=1).wait(30)
    assert phases(board) == [WatchPhase.NOT_STARTED] * 9
    assert len(sent) == 1
    with pytest.raises(Unauthorized):
        board[0].wait()
    assert "9 rows not started" in board.to_text()
    assert "Run the cell again to go on." in board.to_text()


def test_many_answers_lost_in_a_row_end_the_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes messages and never answers is not given all of them."""
    monkeypatch.setattr(starter_module, "MOST_LOST", 3)
    with CountingPuffle(lost=1.0) as puffle:
        board = ask(frame(30), puffle.client(), at_once=1).wait(30)
    assert puffle.paid.total() == 3
    assert phases(board).count(WatchPhase.NOT_STARTED) == 27
    assert "no answer came to 3 messages in a row" in board.to_text()


def test_ctrl_c_starts_no_more_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was started is watched on; how many were not started is said."""
    with CountingPuffle(polls=100_000) as puffle:
        board = ask(frame(9), puffle.client(), at_once=2)
        until(lambda: puffle.paid.total() == 2)
        until(lambda: phases(board).count(WatchPhase.WATCHING) == 2)

        def strike(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(waiting, "_failure", strike)
        with pytest.raises(
            KeyboardInterrupt, match=r"still watching run_\d, run_\d in .* 7 rows not started: run"
        ):
            board.wait()
        until(lambda: phases(board).count(WatchPhase.NOT_STARTED) == 7)
        assert phases(board).count(WatchPhase.WATCHING) == 2
        assert "7 rows not started (interrupted)" in board.to_text()
        board.stop()
        until(lambda: board.done)
    assert puffle.paid.total() == 2


def test_the_cell_run_again_while_it_still_starts_sends_nothing_twice() -> None:
    """Both boards show the same runs, and keep to one cap."""
    rows = frame(20)
    with CountingPuffle() as puffle:
        client = puffle.client()
        first, second = ask(rows, client, at_once=4), ask(rows, client, at_once=4)
        first.wait(30)
        second.wait(30)
        assert [one.run_id for one in first] == [one.run_id for one in second]
        assert puffle.most_under_way <= 4
    assert set(puffle.paid.values()) == {1}


def test_a_file_of_notes_that_cannot_be_used_sends_nothing(state: Path) -> None:
    """Where it cannot be known what was sent, nothing is."""
    state.parent.mkdir(parents=True)
    state.write_text("no database" * 100)
    with CountingPuffle() as puffle, pytest.raises(NotSent, match="cannot be looked up"):
        ask(frame(2), puffle.client())
    assert puffle.paid.total() == 0


def test_without_notes_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """This kernel still sends nothing twice."""
    monkeypatch.setenv("PUFFLE_NOTES", "false")
    with CountingPuffle() as puffle:
        client = puffle.client()
        ask(frame(2), client, name="without notes").wait(30)
        board = ask(frame(2), client, name="without notes").wait(30)
        assert "Notes are off" in board.to_text()
        assert "2 rows sent before, and not sent again." in board.to_text()
    assert puffle.paid.total() == 2
