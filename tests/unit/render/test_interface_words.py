"""The words of a view's counts: short, and true where something is left out."""

from __future__ import annotations

import pytest

from puffle_jupyter import Run
from puffle_jupyter.render.arrangement import Search
from puffle_jupyter.render.html.found import found_html
from puffle_jupyter.render.words import size_words


def run_of(messages: list[dict[str, object]]) -> Run:
    return Run.from_dict({"runId": "run_a", "status": "completed", "text": "done", "messages": messages})


def test_messages_that_only_carry_results_are_not_counted() -> None:
    """The heading counts what a reader sees: messages, tool calls, and how many of those failed."""
    call = {"type": "tool-call", "toolCallId": "c1", "toolName": "search", "input": {}}
    output = {"type": "error-text", "value": "no"}
    result = {"type": "tool-result", "toolCallId": "c1", "toolName": "search", "output": output}
    shown = run_of(
        [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": [call]},
            {"role": "tool", "content": [result]},
        ]
    ).to_html()
    assert "2 messages · 1 tool call (1 failed)" in shown


def test_nothing_left_out_is_said_only_where_it_is_true() -> None:
    """A notebook output that had no room for everything does not say that nothing is left out."""
    run = run_of([{"role": "user", "content": f"{number} " + "word " * 50_000} for number in range(20)])
    assert "Nothing left out: 20 shown, 0 folded" in run.to_html()
    assert "Nothing left out" not in run._repr_html_()
    assert "In the whole run: 20 shown, 0 folded" in run._repr_html_()
    found = run_of([{"role": "user", "content": word} for word in ("one", "two")])
    assert "Nothing left out" not in found_html(found, Search("one")).html


def test_unknown_parts_are_counted_when_there_are_some() -> None:
    """ "unknown" is a word only of runs that hold something unknown."""
    assert "unknown" not in run_of([{"role": "user", "content": "hello"}]).to_text()
    odd = run_of([{"role": "user", "content": [{"type": "odd"}]}])
    assert "0 shown, 0 folded, 1 unknown" in odd.to_text()


@pytest.mark.parametrize(
    ("size", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (13_200, "13 KB"), (999_499, "999 KB"), (3_640_000, "3.6 MB")],
)
def test_sizes_are_short(size: int, said: str) -> None:
    """A size is said as a person says it."""
    assert size_words(size) == said
