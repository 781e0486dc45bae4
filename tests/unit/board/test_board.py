"""The pure part of a board: which runs are meant, rows, counts, order, the estimate, html and text."""

from __future__ import annotations

import re
from typing import Any

import pandas
import pytest

from puffle_jupyter import InvalidSetting, Run
from puffle_jupyter.board.estimate import seconds_left
from puffle_jupyter.board.first_line import first_line
from puffle_jupyter.board.html import BUDGET, frozen_html, table_html
from puffle_jupyter.board.ids import meant_runs, words_meant
from puffle_jupyter.board.rows import Counts, Row, Stage
from puffle_jupyter.board.selection import PAGE, Order, Selection, Wanted
from puffle_jupyter.board.text import board_text
from puffle_jupyter.render.html.run import folded_body
from puffle_jupyter.render.limits import size_of
from puffle_jupyter.render.words import label_of_status
from puffle_jupyter.run_data import RunStatus


def row(number: int, stage: Stage = Stage.COMPLETED, **more: Any) -> Row:
    status = RunStatus.read(stage.value)
    return Row(f"run_{number}", more.pop("label", ""), label_of_status(status, stage.value), stage, **more)


def test_a_whole_frame_is_its_column_of_run_ids() -> None:
    """And not the names of its columns; which one is not guessed."""
    frame = pandas.DataFrame({"company": ["a", "b"], "Run_ID": ["run_a", None]})
    meant = meant_runs(frame)
    assert (meant.run_ids, meant.empty) == (("run_a",), 1)
    assert meant_runs(pandas.DataFrame({"x": ["run_b"]})).run_ids == ("run_b",)
    with pytest.raises(InvalidSetting, match=r"Which column has the run ids\? .* among 'a', 'b'\."):
        meant_runs(pandas.DataFrame({"a": ["run_a"], "b": ["run_b"]}))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["run_a", "run_b"], ("run_a", "run_b")),
        (["run_a, run_b;run_c\n\trun_d"], ("run_a", "run_b", "run_c", "run_d")),
        (["https://app.puffle.example/chat/run_a?x=1#y", "http://h.example/run_b/"], ("run_a", "run_b")),
        (["[\"run_a\", 'run_b']"], ("run_a", "run_b")),
        ([None, float("nan"), "", "run_a"], ("run_a",)),
    ],
)
def test_what_is_clear_is_accepted(given: list[Any], found: tuple[str, ...]) -> None:
    """Commas, addresses that end in an id, quotes, and what is missing in a column."""
    meant = meant_runs(given)
    assert meant.run_ids == found
    assert meant.refused == ()


def test_the_rest_is_named() -> None:
    """What was given twice, what is no run id, and how many were empty; a bad one keeps no other back."""
    given = [*(f"run_{number}" for number in range(99)), "abc\x1b[2J", "run_3", None, "https://x.example/y"]
    meant = meant_runs(given)
    assert len(meant.run_ids) == 99
    assert meant.twice == ("run_3",)
    said = " ".join(meant.remarks())
    assert "watched once: run_3." in said
    assert "abc\\u001b[2J, https://x.example/y." in said
    assert "1 empty value left out" in said


def test_a_quoted_argument_of_a_line_is_one_id() -> None:
    """Commas are between ids; a space in quotes is a mistake that is to be seen whole."""
    assert words_meant(["run_a,run_b;", "'run_c d'", "https://x.example/run_e"]) == [
        *("run_a", "run_b", "run_c d", "run_e")
    ]


def test_counts_say_all_of_it() -> None:
    """Each run is in one count, and the sum is that of the runs."""
    stages = [Stage.COMPLETED] * 3 + [Stage.FAILED, Stage.CANCELLED, Stage.RUNNING, Stage.QUEUED]
    counts = Counts.by(stages, 20.0)
    assert (counts.title, counts.words()) == (
        "7 runs",
        "5 ended (1 failed, 1 cancelled) · 1 running · 1 queued · about 20 s left",
    )
    assert Counts.by([Stage.COMPLETED]).is_final


@pytest.mark.parametrize(
    ("ended", "unfinished", "now", "left"),
    [([], 5, 10.0, None), ([10.0], 5, 10.0, None), ([10.0, 20.0], 4, 20.0, 40.0), ([1.0, 2.0], 0, 9.0, None)],
)
def test_the_estimate_is_from_what_was_seen(
    ended: list[float], unfinished: int, now: float, left: float | None
) -> None:
    """None from one end, none without anything left; else as fast as so far."""
    assert seconds_left(0.0, ended, unfinished, now) == left


def test_rows_never_jump() -> None:
    """What is shown keeps its place, also when it is not wanted any more; new ones come at the end."""
    rows = [row(0, Stage.RUNNING), row(1, Stage.FAILED), row(2, Stage.RUNNING), row(3, Stage.QUEUED)]
    selection = Selection()
    selection.choose(Wanted(stage=Stage.RUNNING), rows)
    assert list(selection.numbers) == [0, 2]
    rows[0], rows[3], rows[1] = row(0), row(3, Stage.RUNNING), row(1, Stage.RUNNING)
    selection.extend(rows)
    assert list(selection.numbers) == [0, 2, 1, 3]
    selection.choose(Wanted(order=Order.UNFINISHED), rows)
    assert list(selection.numbers) == [1, 2, 3, 0]


def test_text_is_found_in_any_case() -> None:
    """In the label, the id, the state and the line."""
    rows = [row(0, label="Berlin"), row(1, line="nobody in BERLIN"), row(2, Stage.FAILED)]
    selection = Selection()
    selection.choose(Wanted("berlin"), rows)
    assert list(selection.numbers) == [0, 1]
    selection.choose(Wanted("FAIL"), rows)
    assert list(selection.numbers) == [2]


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ({"status": "completed", "text": "\n---\n## **5** founders `added`\nmore"}, "5 founders added"),
        ({"status": "completed", "text": "> [Acme](https://a.example) is hiring"}, "Acme is hiring"),
        ({"status": "completed", "text": {"leads": 5}}, '{"leads":5}'),
        ({"status": "completed", "text": "a\x1b[31mb"}, "a\\u001b[31mb"),
        ({"status": "failed", "error": {"message": "no\ncredit"}}, "no"),
        ({"status": "cancelled"}, ""),
        ({"status": "running"}, ""),
    ],
)
def test_the_first_line_says_something(answer: dict[str, Any], line: str) -> None:
    """Without the marks of Markdown, as one harmless line."""
    assert first_line(Run.from_dict({"runId": "run_a", **answer})).replace(": ", ":") == line


def test_nothing_untrusted_is_markup() -> None:
    """Label, state and line are text, in the table and in the frozen board."""
    evil = '<img src=x onerror="alert(1)">'
    one = row(0, label=evil, line=evil)
    frozen = frozen_html(Counts.by([one.stage]), [one], lambda *_: "<p>whole</p>", [evil])
    for shown in (table_html([one]), frozen):
        assert "<img" not in shown
        assert shown.count("&lt;img") >= 2


def big(run_id: str, size: int) -> Run:
    words = "word " * (size // 5)
    return Run.from_dict(
        {
            "runId": run_id,
            "status": "completed",
            "text": "short",
            "messages": [{"role": "assistant", "content": words}],
        }
    )


def test_a_frozen_board_of_a_thousand_stays_in_its_budget() -> None:
    """What does not fit is named, with how to see it; no transcript is shown in part; the text is small."""
    rows = [row(number, label="Find founders", calls=3, line="5 added") for number in range(1_000)]
    runs = {one.run_id: big(one.run_id, 20_000) for one in rows}
    counts = Counts.by(one.stage for one in rows)
    shown = frozen_html(counts, rows, lambda one, room: folded_body(runs[one.run_id], room))
    assert size_of(shown) <= 1.05 * BUDGET
    kept = shown.count(">Transcript</b>")
    assert 10 < kept < 1_000
    assert f"{1_000 - kept:,} transcripts not in this output, to keep it under 2 MB" in shown
    assert "%puffle_wait run_" in shown
    assert shown.count("<tr") == 1_000 + 2  # and two headings: a page of rows, and a fold with the others
    assert shown.index(f"{1_000 - PAGE} more runs") > shown.index("run_49<")
    assert size_of(board_text(counts, rows)) < 200_000


def test_a_small_run_after_a_large_one_is_shown() -> None:
    """The large one takes no room when it does not fit."""
    runs = {"run_0": big("run_0", 4_000_000), "run_1": big("run_1", 100)}
    rows = [row(0), row(1)]
    shown = frozen_html(
        Counts.by(r.stage for r in rows), rows, lambda o, room: folded_body(runs[o.run_id], room)
    )
    assert shown.count(">Transcript</b>") == 1
    assert "1 transcript not in this output" in shown
    assert re.search(r"To see one: %puffle_wait run_0\b", shown)
