"""Find, expand all and collapse all: pure functions from html of ours to html of ours."""

from __future__ import annotations

import re
import time

import pytest

from puffle_jupyter.errors import InvalidSearch
from puffle_jupyter.render.arrangement import COLLAPSED, EXPANDED, Search, around_matches
from puffle_jupyter.render.html import markdown
from puffle_jupyter.render.html.found import found_html
from puffle_jupyter.render.html.marks import MARK, TWIN, matches_in
from puffle_jupyter.render.html.marks import marked as marked_html
from puffle_jupyter.render.html.run import arranged_body
from puffle_jupyter.render.limits import Limits
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.kinds import Only
from tests.support.html_check import foreign_parts, text_of
from tests.support.payloads import SAMPLE, answer_full_of


def run_of(*messages: tuple[str, str], **answer: object) -> Run:
    said = [{"role": role, "content": text} for role, text in messages]
    return Run.from_dict({"runId": "run_a", "status": "completed", "messages": said, **answer})


def found(run: Run, wanted: str) -> tuple[str, int]:
    """The page, and how many matches were counted."""
    page = found_html(run, Search(wanted))
    return page.html, page.matches


def mark(wanted: str, shown: str) -> str:
    """One text, marked; as it is without a match."""
    return marked_html(shown, Limits(arrangement=around_matches(Search(wanted))))


def marked(shown: str) -> list[str]:
    return re.findall(rf"(?:{re.escape(MARK)}|{re.escape(TWIN)})(.*?)</mark>", shown)


def without_marks(shown: str) -> str:
    return shown.replace(MARK, "").replace(TWIN, "").replace("</mark>", "")


@pytest.mark.parametrize("wanted", ["acme", "ACME", "Acme"])
def test_any_case_is_found(wanted: str) -> None:
    """Every place is marked and counted, whatever the case."""
    shown = mark(wanted, "<p>Acme, acme and ACME</p>")
    assert matches_in(shown) == 3
    assert marked(shown) == ["Acme", "acme", "ACME"]


def test_a_word_across_emphasis_is_found() -> None:
    """What a reader sees as one word is one word; what stands in two blocks is not."""
    shown = mark("acme", "<p><strong>ac</strong>me</p>")
    assert marked(shown) == ["ac", "me"]
    assert matches_in(shown) == 1
    assert marked(mark("acme", "<p>ac</p><p>me</p>")) == []


def test_only_text_is_searched() -> None:
    """Tags, styles and addresses are no text, and an entity is the character it stands for."""
    shown = '<p style="margin:0"><a href="https://acme.example/">x &lt;b&gt; &amp;amp;</a></p>'
    assert mark("acme", shown) == shown
    assert mark("margin", shown) == shown
    assert mark("amp", shown).count(MARK) == 1
    assert f"{MARK}&lt;b&gt;</mark>" in mark("<b>", shown)


def test_a_pattern_is_only_text() -> None:
    """What is typed is no regular expression."""
    assert marked(mark("a.c", "<p>abc a.c</p>")) == ["a.c"]
    assert marked(mark("(", "<p>abc</p>")) == []


def folds(shown: str) -> dict[str, bool]:
    """Whether each fold is open, by the words of its summary."""
    found = re.findall(r"<details [^>]*?( open)?><summary[^>]*>(.*?)</summary>", shown, re.DOTALL)
    return {text_of(summary).strip(): bool(is_open) for is_open, summary in found}


def test_folds_around_a_match_are_open() -> None:
    """Every fold around it opens, every other one closes."""
    thought = {"type": "reasoning", "text": "acme?"}
    other = {"type": "reasoning", "text": "Someone else, at length."}
    said = [{"role": "assistant", "parts": [thought, other]}]
    run = Run.from_dict({"runId": "run_a", "status": "completed", "messages": said})
    shown = folds(found(run, "acme")[0])
    assert shown["reasoning, 5 characters"]
    assert not shown["reasoning, 24 characters"]


def call_run(result: object, **call: object) -> Run:
    """A run of one call with a result."""
    made = {"toolName": "search_leads", "args": {"city": "Oldenburg"}, "result": result, **call}
    return Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": [made]})


def test_a_match_in_a_table_and_in_its_json_is_one() -> None:
    """A value is shown as a table and as JSON: it is counted once, and its JSON stays closed."""
    run = call_run([{"name": "Acme"}, {"name": "Zeta"}])
    shown, count = found(run, "acme")
    assert count == 1
    assert not [summary for summary, is_open in folds(shown).items() if is_open and "JSON" in summary]
    assert found(run, "oldenburg")[1] == 1


def test_a_match_that_only_the_json_shows_opens_it() -> None:
    """What a cell has no room for is seen in the JSON."""
    shown, count = found(call_run([{"name": "x" * 200 + "acme"}]), "acme")
    assert count == 1
    assert [summary for summary, is_open in folds(shown).items() if is_open and "JSON" in summary]


def test_words_of_ours_are_not_found() -> None:
    """A search looks into what was said and sent, not into what we write around it."""
    for word in ("result", "arguments", "View as JSON", "call id"):
        assert found(call_run("Zeta"), word)[1] == 0


def kinds_run() -> Run:
    """A run with a text, a thought, a call and a failed call that all say acme."""
    found = {"type": "tool-web_search", "toolCallId": "c1", "state": "output-available", "output": "acme"}
    failed = {"type": "tool-enrich", "toolCallId": "c2", "state": "output-error", "errorText": "acme"}
    parts = [{"type": "text", "text": "acme"}, {"type": "reasoning", "text": "acme"}, found, failed]
    messages = [{"role": "assistant", "parts": parts}, {"role": "user", "content": "Zeta"}]
    body = {"runId": "run_a", "status": "completed", "text": "Done, acme.", "messages": messages}
    return Run.from_dict(body)


@pytest.mark.parametrize(
    ("only", "matches"),
    [(Only.EVERYTHING, 5), (Only.TEXTS, 2), (Only.CALLS, 2), (Only.FAILED_CALLS, 1), (Only.REASONING, 1)],
)
def test_a_search_may_be_narrowed(only: Only, matches: int) -> None:
    """Only parts of the kind are searched and shown, in the page as in `Run.grep`."""
    run = kinds_run()
    page = found_html(run, Search("acme", only))
    assert page.matches == matches
    assert len(run.grep("acme", only=only.value)) == matches
    assert ("enrich" in text_of(page.html)) is only.has_call(run.calls.failed[0])


def test_a_kind_alone_shows_all_of_it() -> None:
    """Without a text, what is of the kind is shown and the rest is counted as hidden."""
    page = found_html(kinds_run(), Search("", Only.FAILED_CALLS))
    assert (page.places, page.hidden) == (1, 1)
    assert "enrich" in text_of(page.html)
    assert "web_search" not in text_of(page.html)


def test_the_place_that_is_looked_at_is_on_top() -> None:
    """No script scrolls to it: those before it are left out, and that is said."""
    run = run_of(*[("user", f"lead {n}") for n in range(5)])
    page = found_html(run, Search("lead"), 2)
    assert page.matches == page.places == 5
    said = text_of(page.html)
    assert "2 places with 2 matches before this one" in said
    assert "lead 1" not in said
    assert "lead 2" in said


def test_an_unknown_kind_is_refused() -> None:
    """With the words that are known."""
    with pytest.raises(InvalidSearch, match='"failed calls"'):
        kinds_run().grep("acme", only="errors")  # type: ignore[arg-type]


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
    assert opened.replace(" open>", ">") == closed.replace(" open>", ">")


@pytest.mark.parametrize("payload", SAMPLE)
def test_nothing_foreign_comes_in(payload: str) -> None:
    """Marks and open folds are all that changes, whatever the run holds and whatever is looked for."""
    run = Run.from_dict(answer_full_of(payload))
    assert foreign_parts(arranged_body(run, EXPANDED)) == []
    for wanted in (payload.strip() or "x", "a", "<", "&", "style"):
        assert foreign_parts(without_marks(found_html(run, Search(wanted)).html)) == []


def test_marks_change_no_text() -> None:
    """With the marks taken away a message reads as before, entities and emphasis included."""
    said = markdown.to_html('**ac**me &amp; `acme` | <acme> "acme"')
    shown = mark("acme", said)
    assert len(marked(shown)) == 5
    assert matches_in(shown) == 4
    assert text_of(without_marks(shown)) == text_of(said)


@pytest.mark.cost
def test_many_matches_in_one_text_take_no_longer_each() -> None:
    """A text in thousands of pieces with thousands of matches: each piece looks at its own matches alone."""
    began = time.process_time()
    shown = mark("a", f"<p>{'<em>a</em> ' * 20_000}</p>")
    assert matches_in(shown) == 20_000
    assert time.process_time() - began < 5


def test_no_more_is_hidden_than_there_is() -> None:
    """A run without an answer hides none; an answer that a message says is counted with its message."""
    question = ("user", "acme?")
    assert found_html(run_of(question), Search("acme")).hidden == 0
    assert found_html(run_of(question, text="Nobody."), Search("acme")).hidden == 1
    answered = run_of(question, ("assistant", "Nobody."), text="Nobody.")
    assert found_html(answered, Search("acme")).hidden == 1


def test_every_place_has_a_match() -> None:
    """Where only a short line of arguments shows the text, as in "limit: 3", that is one match."""
    call = {
        "type": "tool-search",
        "toolCallId": "c",
        "state": "output-available",
        "input": {"limit": 3, "n": 1},
    }
    message = {"role": "assistant", "parts": [{**call, "output": 1}]}
    run = Run.from_dict({"runId": "run_a", "status": "completed", "messages": [message]})
    page = found_html(run, Search("limit:"))
    assert (page.places, page.matches) == (1, 1)
