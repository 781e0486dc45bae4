"""Find, expand all and collapse all: pure functions from html of ours to html of ours."""

from __future__ import annotations

import re

import pytest

from puffle_jupyter.render.html import markdown
from puffle_jupyter.render.html.find import COLLAPSED, EXPANDED, MARK, Finder, collapsed, expanded
from puffle_jupyter.render.html.run import arranged_body
from puffle_jupyter.run import Run
from tests.support.html_check import foreign_parts, text_of
from tests.support.payloads import SAMPLE, answer_full_of

FOLD = '<details style="margin:0"><summary style="cursor:pointer">{}</summary>{}</details>'


def run_of(*messages: tuple[str, str], **answer: object) -> Run:
    said = [{"role": role, "content": text} for role, text in messages]
    return Run.from_dict({"runId": "run_a", "status": "completed", "messages": said, **answer})


def found(run: Run, wanted: str) -> tuple[str, int]:
    """The readable part of the page (no raw fold), and how many matches were counted."""
    finder = Finder(wanted)
    page = arranged_body(run, finder.arrangement)
    return page.rpartition("<details")[0], finder.count


def marked(shown: str) -> list[str]:
    return re.findall(rf"{re.escape(MARK)}(.*?)</mark>", shown)


@pytest.mark.parametrize("wanted", ["acme", "ACME", "Acme"])
def test_any_case_is_found(wanted: str) -> None:
    """Every place is marked and counted, whatever the case."""
    shown = Finder(wanted).mark("<p>Acme, acme and ACME</p>")
    assert marked(shown) == ["Acme", "acme", "ACME"]


def test_a_word_across_emphasis_is_found() -> None:
    """What a reader sees as one word is one word; what stands in two blocks is not."""
    assert marked(Finder("acme").mark("<p><strong>ac</strong>me</p>")) == ["ac", "me"]
    assert Finder("acme").mark("<p>ac</p><p>me</p>") == ""


def test_only_text_is_searched() -> None:
    """Tags, styles and addresses are no text, and an entity is the character it stands for."""
    shown = '<p style="margin:0"><a href="https://acme.example/">x &lt;b&gt; &amp;amp;</a></p>'
    assert Finder("acme").mark(shown) == ""
    assert Finder("margin").mark(shown) == ""
    assert Finder("amp").mark(shown).count(MARK) == 1
    assert f"{MARK}&lt;b&gt;</mark>" in Finder("<b>").mark(shown)


def test_a_pattern_is_only_text() -> None:
    """What is typed is no regular expression."""
    assert marked(Finder("a.c").mark("<p>abc a.c</p>")) == ["a.c"]
    assert Finder("(").mark("<p>abc</p>") == ""


def test_folds_around_a_match_are_open() -> None:
    """Every fold around it opens, every other one closes."""
    inner, other = FOLD.format("inner", "acme"), expanded(FOLD.format("other", "x"))
    shown = Finder("acme").mark(FOLD.format("outer", inner + other))
    assert re.findall(r'<details style="margin:0"( open)?><summary[^>]*>(\w+)', shown) == [
        (" open", "outer"),
        (" open", "inner"),
        ("", "other"),
    ]


def test_only_what_holds_it_is_left() -> None:
    """Messages without a match are left out, the fold around the rest is open, the count is exact."""
    run = run_of(*[("user", f"lead {n}") for n in range(60)], text="No lead of that name")
    shown, count = found(run, "lead 7")
    assert count == 1
    assert "lead 8" not in text_of(shown)
    assert '<details style="margin:14px 0 8px" open>' in shown


def test_calls_are_found_by_name_argument_and_result() -> None:
    """A tool call that no message mentions is found by all that it shows."""
    call = {"toolName": "search_leads", "args": {"city": "Oldenburg"}, "result": "Zeta"}
    run = Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": [call, {"toolName": "x"}]})
    for wanted in ("search_leads", "oldenburg", "zeta"):
        shown, count = found(run, wanted)
        assert count >= 1
        assert ">x</code>" not in shown


def test_the_raw_fold_is_not_searched() -> None:
    """All of it stands above already, so a match is not counted twice."""
    assert found(run_of(("user", "acme")), "acme")[1] == 1
    assert found(run_of(("user", "acme")), "runId")[1] == 0


def test_expanding_opens_all_but_the_raw_fold() -> None:
    """Expand all opens every fold of the transcript; collapse all closes what is in it."""
    run = Run.from_dict(answer_full_of("x"))
    opened, closed = arranged_body(run, EXPANDED), arranged_body(run, COLLAPSED)
    folds = opened.count("<details")
    assert folds > 3
    assert opened.count(" open>") == folds - 1
    assert closed.count(" open>") == 1  # the transcript itself stays in sight
    assert collapsed(expanded(closed)) == collapsed(closed)


@pytest.mark.parametrize("payload", SAMPLE)
def test_nothing_foreign_comes_in(payload: str) -> None:
    """Marks and open folds are all that changes, whatever the run holds and whatever is looked for."""
    run = Run.from_dict(answer_full_of(payload))
    assert foreign_parts(arranged_body(run, EXPANDED)) == []
    for wanted in (payload.strip() or "x", "a", "<", "&", "style"):
        shown = arranged_body(run, Finder(wanted).arrangement)
        assert foreign_parts(shown.replace(MARK, "").replace("</mark>", "")) == []


def test_marks_change_no_text() -> None:
    """With the marks taken away a message reads as before, entities and emphasis included."""
    said = markdown.to_html('**ac**me &amp; `acme` | <acme> "acme"')
    shown = Finder("acme").mark(said)
    assert shown.count(MARK) == 5
    assert text_of(shown.replace(MARK, "").replace("</mark>", "")) == text_of(said)
