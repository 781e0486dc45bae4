"""A difference as html, text, Markdown and a frame: what it says, that nothing is live, how large it is."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from puffle_jupyter import InvalidSetting, Run, RunDiff, RunNotEnded, diff, diff_many
from puffle_jupyter.comparing.align import Effort
from puffle_jupyter.comparing.compare import Comparison
from puffle_jupyter.demo.transcripts import load_transcript
from puffle_jupyter.errors import InvalidRun
from puffle_jupyter.render import diff_many as render_diff_many
from puffle_jupyter.render.diff_blocks import DiffOutline
from puffle_jupyter.render.diff_outline import outline_of_diff
from puffle_jupyter.render.html.page import POLICY
from puffle_jupyter.render.limits import size_of
from puffle_jupyter.untrusted import terminal_safe
from tests.support import hostile
from tests.support.engines import ENGINES, live_parts
from tests.support.html_check import foreign_parts, foreign_parts_of_page, text_of
from tests.support.run_pairs import Call, pair_of, run_of

STEP_OF_CORPORA = 61
TURNS = 24
LIMIT = 2_000_000
ROWS = [{"leadId": f"ld_{at}", "name": "x" * 100, "fit": at} for at in range(9000)]
VIEWS: list[Callable[[RunDiff], str]] = [
    lambda found: text_of(found._repr_html_()),
    lambda found: text_of(found.to_html().partition("<main>")[2].replace("<h1>Puffle</h1>", "")),
    lambda found: re.sub(r"&#(\d+);", lambda number: chr(int(number[1])), found.to_markdown()),
    RunDiff.to_text,
]


def recorded(name: str) -> Run:
    return Run.from_dict({"runId": name, "status": "completed", **load_transcript(name)})


def call(name: str, result: Any = 1, **arguments: Any) -> Call:
    return {"toolName": name, "args": arguments, "result": result}


def between(before: list[Call], after: list[Call], **said: str) -> RunDiff:
    return diff(run_of("a", before), run_of("b", after, **said))


@pytest.fixture(scope="module")
def realistic() -> RunDiff:
    return diff(recorded("run_abc"), recorded("run_abc_again"))


@pytest.mark.parametrize("view", VIEWS, ids=["html", "page", "markdown", "text"])
def test_every_view_says_what_differs(realistic: RunDiff, view: Callable[[RunDiff], str]) -> None:
    """The sentence, each kind of call, each row gained, lost or changed, each text: wherever it is read."""
    shown = view(realistic)
    assert realistic.sentence in shown
    for said in ("changed", "moved", "retried", "arguments.leadIds[8]", "calls[5] → calls[6]"):
        assert said in shown
    for rows in realistic.rows:
        for row in (*rows.gained, *rows.lost, *(one.before for one in rows.changed)):
            key = row[rows.key or ""].string
            assert key is not None
            assert key in shown
    for word in ("Tresortukan", "Depotdachs", "nine", "Series B"):
        assert word in shown
    assert "Not compared" in shown


def test_what_is_gone_and_new_reads_without_colours(realistic: RunDiff) -> None:
    """Crossed out and underlined by elements of html and marks of text, not by a colour alone."""
    html = realistic._repr_html_()
    assert re.search(r"<del [^>]*>8</del><ins [^>]*>9</ins> people", html)
    assert "**[-8-]{+9+} people**" in realistic.to_text()
    assert "~~8~~**9** people" in realistic.to_markdown()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            [call("f", n=1)],
            [call("f", n=2)],
            "first differ at the 1st call: f is called with n 1 in run_a and 2 in run_b.",
        ),
        ([call("f")], [{**call("f"), "error": "e"}], "f succeeded in run_a and failed in run_b."),
        ([call("f", [{"id": 1}])], [call("f", [{"id": 2}])], "f returned other rows."),
        ([call("f", {"a": 1})], [call("f", {"a": 2})], "f has result.a 1 in run_a and 2 in run_b."),
        (
            [call("f")],
            [call("f"), call("g")],
            "first differ at the 2nd call: run_b calls g there, which run_a does not.",
        ),
        ([call("g")], [], "run_a calls g there, which run_b does not."),
        ([call("f")], [call("g")], "run_a calls f there and run_b calls g."),
        (
            [call("f"), call("g")],
            [call("g"), call("f")],
            "the order differs, run_a calls f there and run_b calls g.",
        ),
        ([call("f")], [{**call("f"), "error": "e"}, call("f")], "f failed and was called again in run_b."),
        ([{**call("f"), "error": "e"}, call("f")], [call("f")], "f failed and was called again in run_a."),
        ([call("f")] * 12, [*[call("f")] * 11, call("g")], "first differ at the 12th call"),
    ],
)
def test_where_they_part_in_a_sentence(before: list[Call], after: list[Call], said: str) -> None:
    """Which call it is, what differs in it, and in which run."""
    assert said in between(before, after).sentence


def test_what_differs_but_calls_in_a_sentence() -> None:
    """The status, the answer, the question; and that nothing does."""
    made = [call("f")]
    first = run_of("a", made)
    asked = Run.from_dict(
        {**first.to_dict(), "runId": "run_c", "messages": [{"role": "user", "content": "x"}]}
    )
    assert between(made, made, text="Other.").sentence.endswith("differ in the answer.")
    assert between(made, made, status="cancelled").sentence.endswith(
        "run_a is completed and run_b is cancelled."
    )
    assert diff(first, asked).sentence == "run_a and run_c were not asked the same."
    nothing = diff(first, first)
    assert nothing.is_empty
    assert "the first run and the second run do not differ" in nothing.sentence
    assert nothing.to_frame().empty
    assert all(one.is_same for one in nothing.rows)


def hostile_pairs() -> list[RunDiff]:
    """Two runs with other hostile texts in every place, so that each text is shown as a change."""
    texts = [*hostile.OWN, *hostile.corpora()[::STEP_OF_CORPORA]]
    places = hostile.EVERYWHERE
    found = []
    for turn in range(0, len(texts), max(1, len(texts) // TURNS)):
        at, other = (hostile.rotation(texts, turn + by, places.positions) for by in (0, 7))
        found += [diff(build(at), build(other)) for build in places.runs]
    return found


def test_no_text_is_live_in_any_view() -> None:
    """Hostile texts as what changed, in names, arguments, results, rows, answers: shown, and nothing more."""
    for found in hostile_pairs():
        assert [part for part in foreign_parts(found._repr_html_()) if part != "<ins>"] == []
        page = found.to_html()
        assert POLICY in page
        assert [part for part in foreign_parts_of_page(page) if part != "<ins>"] == []
        assert "\n\n" not in found._repr_html_()  # in Markdown a blank line would end the block of html
        markdown, text = found.to_markdown(), found.to_text()
        assert [name for name, render in ENGINES.items() if live_parts(render(markdown))] == []
        assert terminal_safe(text) == text
        assert found.sentence == " ".join(found.sentence.splitlines())


def test_no_key_is_in_any_view() -> None:
    """A token that differs is cut out before words are compared: half of it would not be known as one."""
    before, after = "Use Bearer abcd1234efgh now", "Use Bearer wxyz9876efgh now"
    found = between(
        [call("f", key=before, note=before * 5)], [call("f", key=after, note=after * 5)], text=after
    )
    for view in VIEWS:
        shown = view(found)
        assert "abcd1234" not in shown
        assert "wxyz9876" not in shown
    assert "abcd1234" not in found.sentence


def test_a_text_that_differs_only_in_a_key_says_so() -> None:
    """What is cut out may differ: then no word does, and the view does not pretend to show one."""
    found = diff(run_of("a", [], text="Bearer abcd1234"), run_of("b", [], text="Bearer wxyz9876"))
    assert not found.is_empty
    assert "only in spaces, or in what is cut out" in found.to_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([call("f", ROWS)], [call("f", [])]),
        ([call("f", ROWS)], [call("f", [{**row, "fit": -1} for row in ROWS])]),
        ([call("f", n=at, text="x " * 200) for at in range(3000)], [call("f", n=-1)] * 3000),
        ([call("f", text="word " * 200_000)], [call("f", text="other " * 200_000)]),
    ],
    ids=["rows lost", "rows changed", "calls", "one argument"],
)
def test_an_output_is_under_2_mb_and_says_what_it_leaves_out(before: list[Call], after: list[Call]) -> None:
    """However much differs; what is left out is in the page."""
    found = between(before, after)
    html = found._repr_html_()
    printed: list[str] = []
    found._repr_pretty_(type("Printer", (), {"text": lambda _, text: printed.append(text)})(), False)
    assert len(html.encode()) + len(printed[0].encode()) < LIMIT
    assert foreign_parts(html) == []
    if len(html) > 100_000:
        assert "diff.to_html()" in text_of(html)
        assert len(found.to_html()) > len(html)


def test_of_texts_that_are_too_long_both_begin() -> None:
    """A notebook shows the beginning of what is gone and of what is new, and says how much it leaves out."""
    found = diff(run_of("a", [], text="old " * 200_000), run_of("b", [], text="new " * 200_000))
    html = found._repr_html_()
    assert len(html) < LIMIT // 2
    shown = text_of(html)
    assert min(shown.count("old"), shown.count("new")) > 10_000
    assert re.search(r"1,[\d,]+ characters left out here; diff.to_html\(\) has all of it", shown)
    assert text_of(found.to_html().partition("<main>")[2]).count("new ") == 200_000


def test_many_runs_beside_one() -> None:
    """A line a run, which says how much differs and where it parts; each difference below, folded."""
    pair, other = pair_of(1), pair_of(2)
    found = diff_many(pair.before, [pair.after, other.after, pair.before])
    assert [one.is_empty for one in found] == [False, False, True]
    for shown in (text_of(found._repr_html_()), found.to_text()):
        assert "3 runs beside run_a: 1 the same, 2 not." in shown
        assert all(one.sentence in shown for one in found)
    assert found.to_markdown().count("\n| run_b | ") == 2
    assert foreign_parts(found._repr_html_()) == []
    assert foreign_parts_of_page(found.to_html()) == []
    frame = found.to_frame()
    assert list(frame["is_same"]) == [False, False, True]
    assert found[:1][0] is found[0]
    assert diff_many(pair.before, []).to_text() == ""


def test_frame_has_a_row_for_each_difference(realistic: RunDiff) -> None:
    """Each changed value, each row, each text: with its place in both runs, as it was sent."""
    frame = realistic.to_frame()
    counts = frame.groupby(["part", "change"]).size().to_dict()
    assert counts["row", "gained"] == sum(len(one.gained) for one in realistic.rows)
    assert counts["row", "lost"] == sum(len(one.lost) for one in realistic.rows)
    assert counts["text", "changed"] == len(realistic.text)
    assert counts["call", "retried"] == 1
    moved = frame[frame["change"] == "moved"].iloc[0]
    assert (moved["before_call"], moved["after_call"]) == (3, 2)
    assert "76" in set(frame["before"])


class Watching:
    """What has a run, as a watch has."""

    run_id = "run_w"

    def __init__(self, run: Run | None) -> None:
        self._run = run

    @property
    def run(self) -> Run | None:
        return self._run


def test_a_watch_is_taken_for_its_run() -> None:
    """A watch that saw nothing yet, and what is no run, are refused in a line."""
    run = run_of("a", [])
    assert diff(Watching(run), run).is_empty
    with pytest.raises(RunNotEnded, match="nothing is known of run_w yet"):
        diff(run, Watching(None))
    with pytest.raises(InvalidRun, match="not a run: a Run or a RunWatch is needed, not str"):
        diff(run, "run_a")  # type: ignore[arg-type]


def test_many_differences_cost_no_more_than_one_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is drawn shares one effort, and what an output has no room for is never laid out."""
    words = random.Random(1)

    def run(number: int) -> Run:
        said = [" ".join(words.choice("abcdefgh") for _ in range(900)) for _ in range(40)]
        messages = [{"role": "assistant", "content": text} for text in said]
        return Run.from_dict(
            {"runId": f"run_{number}", "status": "completed", "text": said[0], "messages": messages}
        )

    runs = [run(number) for number in range(30)]
    efforts: list[Effort] = []

    def outline(comparison: Comparison, effort: Effort) -> DiffOutline:
        given = effort.left
        made = outline_of_diff(comparison, effort)
        efforts.append(Effort(given - effort.left))
        return made

    monkeypatch.setattr(render_diff_many, "outline_of_diff", outline)
    found = diff_many(runs[0], runs[1:])
    assert len(found.to_text().splitlines()) > 29
    assert efforts == []
    found.to_markdown()
    assert len(efforts) == 29
    whole = Effort().left
    assert sum(one.left for one in efforts) <= 1.5 * whole
    assert all(one.left for one in efforts[:3])
    efforts.clear()
    shown = found._repr_html_()
    assert size_of(shown) < 2_000_000
    assert len(efforts) < 29
    assert f"{len(efforts) - 1} of 29 differences shown" in shown


def test_a_key_that_no_table_has_is_refused() -> None:
    """With the columns there are; of many runs one must have it. Where there are no tables it is no error."""
    runs = [recorded("run_abc"), recorded("run_abc_again")]
    with pytest.raises(InvalidSetting, match=r"has a column 'nokey'; there are .*leadId"):
        diff(*runs, key="nokey")
    with pytest.raises(InvalidSetting, match="'nokey'"):
        diff_many(runs[0], runs[1:], key="nokey")
    assert not diff_many(runs[0], runs[1:], key="leadId")[0].is_empty
    assert diff(run_of("run_a", []), run_of("run_b", []), key="nokey").is_empty
