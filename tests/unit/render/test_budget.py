"""A notebook output has a size budget, and says exactly what it leaves out; a page has none."""

from __future__ import annotations

import re
from typing import Any

import pytest

from puffle_jupyter.display.snapshot import static_text
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.html_check import text_of


def completed(text: str | None = "done", **fields: Any) -> Run:
    answer = {"runId": "run_abc", "status": "completed", "text": text, **fields}
    return Run.from_dict({key: value for key, value in answer.items() if value is not None})


def ended(run: Run) -> WatchSnapshot:
    return WatchSnapshot("run_abc", WatchPhase.ENDED, RunStatus.COMPLETED, "completed", run, 3, 0.0, 31.0)


def test_an_output_stays_under_its_budget() -> None:
    """A big run fits a notebook output of 2 MB and says exactly how many messages it shows."""
    run = completed(messages=[{"role": "user", "content": f"message {n} " + "x " * 4000} for n in range(600)])
    shown = run._repr_html_()
    assert len(shown.encode()) < 2_000_000
    found = re.search(r"(\d+) of 600 messages shown", shown)
    assert found
    assert len(re.findall(r"message \d+ x", shown)) == int(found[1])


def test_one_text_stays_under_the_budget() -> None:
    """One text of 5 MB is cut in a notebook output with the exact numbers."""
    shown = completed("word " * 1_000_000)._repr_html_()
    assert len(shown.encode()) < 2_000_000
    assert "200,000 of 5,000,000 characters shown" in shown


BIG: dict[str, dict[str, Any]] = {
    "listed calls": {"toolCalls": [{"toolName": "f", "args": {}, "result": "y" * 100_000}] * 60},
    "a table as answer": {"text": "|a|b|c|\n|-|-|-|\n" + "|1|2|3|\n" * 28_000},
    "a big answer of code": {"text": "`a` " * 60_000},
    "a table as message": {"messages": [{"role": "user", "content": "|a|\n|-|\n" + "|1|\n" * 200_000}]},
    "control characters": {"text": "\x00\x01" * 200_000},
    "a message of many parts": {
        "messages": [{"role": "assistant", "content": [{"type": "text", "text": "x" * 100_000}] * 100}]
    },
}


@pytest.mark.parametrize("name", BIG)
def test_whatever_is_big_stays_under_the_budget(name: str) -> None:
    """Answers, messages and listed calls share one budget; what is missing is said, and the page has it."""
    run = completed(**{"text": None, **BIG[name]})
    shown = run._repr_html_()
    assert len(shown.encode()) + len(static_text(ended(run), "").encode()) < 2_000_000
    assert re.search(r"[\d,]+ of [\d,]+ (characters|messages|parts|tool calls) shown", text_of(shown))
    assert not re.search(r"[\d,]+ of [\d,]+ \w+ shown", text_of(run.to_html()))


def test_listed_calls_are_counted() -> None:
    """Calls beyond the budget are left out by whole calls, and their number is exact."""
    shown = completed(None, **BIG["listed calls"])._repr_html_()
    found = re.search(r"(\d+) of 60 tool calls shown", shown)
    assert found
    assert shown.count(">f</code>") == int(found[1])


def test_a_page_has_everything() -> None:
    """The standalone page leaves nothing out, however big."""
    contents = [f"message {n} " + "x " * 4000 for n in range(300)]
    page = completed(messages=[{"role": "user", "content": text} for text in contents]).to_html()
    assert "of 300 messages shown" not in page
    assert len(re.findall(r"message \d+ x", page)) >= 600
