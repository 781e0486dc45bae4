"""Calls that follow each other are one group, whichever messages they came in."""

from __future__ import annotations

import re

import pytest

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.render.arrangement import Search
from puffle_jupyter.render.html.found import found_html
from puffle_jupyter.render.html.run import run_body
from puffle_jupyter.render.limits import NOTEBOOK
from puffle_jupyter.render.words import calls_title
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import ToolCall, ToolCallState
from tests.support.html_check import text_of

TITLE = re.compile(r"(\d+ calls?: [\w, ×]+?)(?=</span>)")
MANY_CALLS = 200


def step(
    number: int, *, text: str = "", name: str = "web_search", fails: bool = False
) -> list[dict[str, object]]:
    """One step of an agent: a message that calls a tool, and one with its result."""
    call = {"type": "tool-call", "toolCallId": f"call_{number}", "toolName": name, "input": {"n": number}}
    output = {"type": "error-text" if fails else "text", "value": f"result {number}"}
    result = {"type": "tool-result", "toolCallId": f"call_{number}", "toolName": name, "output": output}
    said = [{"type": "text", "text": text}] if text else []
    return [{"role": "assistant", "content": [*said, call]}, {"role": "tool", "content": [result]}]


def run_of(*steps: list[dict[str, object]]) -> Run:
    """A completed run of these steps, which does not say its answer in a message."""
    messages = [message for one in steps for message in one]
    body = {"runId": "run_a", "status": "completed", "text": "Found.", "messages": messages, "toolCalls": []}
    return Run.from_dict(body)


def titles(run: Run) -> list[str]:
    """The titles of the groups in the html of ``run``."""
    return TITLE.findall(run_body(run, NOTEBOOK))


def test_calls_of_several_messages_are_one_group() -> None:
    """Messages that only call a tool are one group with the call before them."""
    run = run_of(step(1, text="First.", name="query_sheet"), step(2), step(3, fails=True))
    assert titles(run) == ["3 calls: query_sheet, 2 × web_search"]
    assert "(1 failed)</b></summary>" in run_body(run, NOTEBOOK)


def test_prose_is_in_no_group() -> None:
    """What the agent says is never folded away with its calls: a new group begins after it."""
    run = run_of(step(1), step(2), step(3, text="Now the others."), step(4))
    shown = run_body(run, NOTEBOOK)
    assert titles(run) == ["2 calls: web_search"] * 2
    groups = re.findall(r"<details [^>]*overflow:hidden.*?</details></details>", shown, re.DOTALL)
    assert "Now the others." in shown
    assert not any("Now the others." in group for group in groups)


def test_one_call_is_no_group() -> None:
    """A group of one would be one more fold around it."""
    assert titles(run_of(step(1, text="One."))) == []


def test_every_call_of_a_group_is_there() -> None:
    """A long group is closed, and holds each call with its result."""
    run = run_of(*(step(number) for number in range(MANY_CALLS)))
    shown = text_of(run_body(run, NOTEBOOK))
    assert titles(run) == [f"{MANY_CALLS} calls: web_search"]
    assert all(f"result {number}" in shown for number in (0, 99, MANY_CALLS - 1))
    assert "Nothing left out" in shown


def test_a_search_shows_single_calls() -> None:
    """Who searches gets the calls that hold the text, not the group around them."""
    run = run_of(*(step(number) for number in range(MANY_CALLS)))
    found = found_html(run, Search("result 77")).html
    shown = found.partition("Raw JSON")[0]
    assert "call_77" in shown
    assert "call_78" not in shown


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["a", "b", "a"], "3 calls: 2 × a, b"),
        (["a", "a"], "2 calls: a"),
        (list("abcdefgh"), "8 calls: a, b, c, d, e, f, 2 more"),
        (["x" * 60, "\x1b"], f"2 calls: {'x' * 39}…, \\u001b"),
    ],
)
def test_the_title_of_a_group(names: list[str], title: str) -> None:
    """Tools in the order of their first call, each counted; names are cut and harmless."""
    none = JsonValue.of(None)
    calls = [ToolCall(None, name, ToolCallState.SUCCEEDED, result_json=none) for name in names]
    assert calls_title(calls) == title


def test_the_start_of_a_step_is_no_line() -> None:
    """It is counted, and in the raw JSON; in no view it stands between what was said, nor parts calls."""
    calls = [
        {"type": "tool-f", "toolCallId": f"c{at}", "state": "output-available", "input": {}, "output": at}
        for at in range(2)
    ]
    mark = {"type": "step-start"}
    parts = [mark, {"type": "text", "text": "Hello"}, mark, calls[0], mark, calls[1]]
    run = Run.from_dict(
        {"runId": "run_a", "status": "completed", "messages": [{"role": "assistant", "parts": parts}]}
    )
    page = run.to_html()
    shown, raw = page.split("Raw JSON (")
    assert "step" not in text_of(shown.partition("<body")[2])
    assert raw.count("step-start") == 3
    assert "2 calls: f" in shown
    assert "Nothing left out: 3 shown, 3 folded" in page
    assert run.transcript.ledger.received == 6
    assert not any("step" in text for text in (run.to_text(), run.to_markdown("calls")))
    assert run.grep("step starts") == []


def test_a_step_that_says_more_is_shown() -> None:
    """Only the bare mark is passed over."""
    parts = [{"type": "step-start", "id": 7}, {"type": "text", "text": "Hello"}]
    messages = [{"role": "assistant", "parts": parts}]
    run = Run.from_dict({"runId": "run_a", "status": "completed", "messages": messages})
    assert "a new step starts" in run.to_text()
