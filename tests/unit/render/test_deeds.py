"""What a run did, in one line under its answer: the same words in every view."""

from __future__ import annotations

import re
from typing import Any

import pytest

from puffle_jupyter import Run
from puffle_jupyter.render.arrangement import AS_IT_IS, BRIEF, Arrangement, Search
from puffle_jupyter.render.deeds import deeds_of
from puffle_jupyter.render.html.found import found_html
from puffle_jupyter.render.html.run import arranged_body
from tests.support.html_check import foreign_parts_of_page, text_of
from tests.support.payloads import SAMPLE
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called

ROWS = {"type": "json", "value": [{"n": 1}] * 8}
BAD = {"type": "error-text", "value": "timed out"}
GOOD = {"type": "text", "value": "ok"}
STEPS = [
    ("search_leads", ROWS),
    ("web_search", GOOD),
    ("web_search", BAD),
    ("web_search", GOOD),
    ("enrich", BAD),
    ("add_rows", GOOD),
]
LINE = "search_leads (8 rows) · 3 × web_search (1 failed) · enrich (failed: timed out) · add_rows"
FAILED = "2 of 6 calls failed: run.calls[2] web_search, run.calls[4] enrich"


def a_run(steps: Any = STEPS) -> Run:
    calls = [ai_sdk_call(f"c{at}", name) for at, (name, _) in enumerate(steps)]
    results = [ai_sdk_result(f"c{at}", name, output=output) for at, (name, output) in enumerate(steps)]
    messages = [called(*calls), answered(*results), {"role": "assistant", "content": "Done"}]
    return Run.from_dict({"runId": "run_a", "status": "completed", "text": "Done", "messages": messages})


def test_each_tool_is_named_once_with_what_came_of_it() -> None:
    """In the order of the first calls; rows of a single call, failures of several."""
    deeds = deeds_of(a_run().transcript.tool_calls)
    assert deeds.line() == LINE
    assert deeds.failed_line() == FAILED
    assert deeds.shown[1].outcome_call.index == 2


def test_every_view_says_it_under_the_answer() -> None:
    """Html, text and Markdown have the same words, before the transcript."""
    run = a_run()
    for shown in (text_of(run._repr_html_()), run.to_text()):
        assert shown.index("Done") < shown.index(LINE) < shown.index(FAILED) < shown.index("Transcript")
    markdown = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), run.to_markdown())
    assert markdown.index("Done") < markdown.index(LINE) < markdown.index(FAILED) < markdown.index("## Tr")


def test_without_calls_nothing_is_said() -> None:
    """A run that only talked has no empty line."""
    run = a_run([])
    assert "What it did" not in run.to_text() + run.to_markdown()
    assert deeds_of(()).line() == deeds_of(()).failed_line() == ""


def test_very_many_tools_and_failures_are_counted() -> None:
    """The line stays a line, and says how much more there is."""
    deeds = deeds_of(a_run([(f"tool_{at}", BAD) for at in range(30)]).transcript.tool_calls)
    assert deeds.line().endswith(" · 22 more tools")
    assert deeds.failed_line().startswith("30 of 30 calls failed: run.calls[0] tool_0, ")
    assert deeds.failed_line().endswith(", 18 more")


def test_what_is_listed_without_results_is_only_counted() -> None:
    """Puffle's list of calls most often has no results: nothing is said of those."""
    listed = [{"toolName": "f", "args": {}}] * 3
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": "x", "toolCalls": listed})
    assert deeds_of(run.transcript.tool_calls).line() == "3 × f"


def test_on_a_page_each_part_leads_to_its_call() -> None:
    """A tool to its first call, a failure to the call that failed; in a notebook there are no links."""
    run = a_run()
    page = run.to_html()
    for words, index in {
        "search_leads": 0,
        "8 rows": 0,
        "3 × web_search": 1,
        "1 failed": 2,
        "failed: timed out": 4,
        "run.calls[4]": 4,
    }.items():
        assert re.search(rf'<a [^>]*href="#call-{index}">{re.escape(words)}</a>', page), words
    assert foreign_parts_of_page(page) == []
    assert "href=" not in run._repr_html_()


def test_a_brief_output_has_one_line_of_it() -> None:
    """It stays as low as it was promised to be: the line does not wrap, and failures are in it alone."""
    shown = arranged_body(a_run(), BRIEF)
    assert re.search(r'<p style="[^"]*white-space:nowrap[^"]*">search_leads', shown)
    assert LINE in text_of(shown)
    assert FAILED not in text_of(shown)


def test_a_search_finds_nothing_in_it() -> None:
    """A hit is counted where it is."""
    assert "3 × web_search (1 failed) ·" not in text_of(found_html(a_run(), Search("web_search")).html)


@pytest.mark.parametrize("payload", SAMPLE)
def test_names_of_tools_are_harmless_in_it(payload: str) -> None:
    """A tool is named by the server: its name is one escaped line everywhere."""
    run = a_run([(payload, BAD), ("f", {"type": "error-text", "value": payload})])
    assert foreign_parts_of_page(run.to_html("answer")) == []  # no link leads to a call that is left out
    assert foreign_parts_of_page(run.to_html("calls")) == []
    line = deeds_of(run.transcript.tool_calls).line()
    assert "\n" not in line
    assert "\x1b" not in line


MANY = [("web_search", BAD if at in (7, 20) else GOOD) for at in range(24)]


@pytest.mark.parametrize("arrangement", [AS_IT_IS, BRIEF])
def test_of_many_calls_those_that_failed_are_in_one_fold(arrangement: Arrangement) -> None:
    """A notebook has no links to them: one fold has them, in a brief output within that of the transcript."""
    shown = arranged_body(a_run(MANY), arrangement)
    _, fold = re.split(r"<summary [^>]*><b [^>]*>2 of 24 calls failed</b></summary>", shown)
    assert [at for at in range(24) if f"run.calls[{at}] " in fold[: fold.index("24 calls: ")]] == [7, 20]
    assert ("Transcript" in text_of(shown.partition("2 of 24")[0])) is arrangement.is_brief


def test_a_page_links_to_the_failures_instead() -> None:
    """A link opens the folds around the call itself."""
    page = a_run(MANY).to_html()
    assert "<summary" not in page.partition("2 of 24 calls failed")[0][-60:]
    assert 'href="#call-7"' in page
