"""Which text is the answer, what of a run is found, and what is never hidden: the same in every view."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from puffle_jupyter import Run
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.answer import answer_of
from puffle_jupyter.transcript.read import unmentioned_calls
from puffle_jupyter.transcript.readable import lines_of, readable, readable_lines
from tests.support.html_check import text_of
from tests.support.transcripts import ai_sdk_call, answered, called

VIEWS: dict[str, Callable[[Run], str]] = {
    "html": lambda run: text_of(run.to_html().partition("<main>")[2].rpartition("Raw JSON")[0]),
    "text": Run.to_text,
    "markdown": Run.to_markdown,
}
EVERY_VIEW = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


def run_of(**answer: Any) -> Run:
    return Run.from_dict({"runId": "run_a", "status": "completed", **answer})


def said(role: str, *texts: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text} for text in texts]}


# The answer


@pytest.mark.parametrize(
    ("messages", "index"),
    [
        ([said("user", "OK"), said("assistant", "OK")], 1),
        ([said("assistant", "OK"), said("assistant", "OK")], 1),
        ([said("user", "OK"), said("assistant", "No")], None),
        ([said("assistant", "OK"), said("assistant", "No")], None),
        ([said("assistant", " O", "K\n")], 0),
        ([said("assistant", "OK"), said("user", "OK")], 0),
        ([said("assistant", "OK", "and more")], None),
        ([said("assistant", "before", "OK")], 0),
        ([said("assistant", "before OK")], None),
        ([said("assistant", "OK<!-- PROFILE_DATA:x:END_PROFILE_DATA -->")], 0),
        ([], None),
    ],
)
def test_the_answer_is_the_text_of_the_last_assistant_message(messages: Any, index: int | None) -> None:
    """All its text parts together, and nobody else's words."""
    run = run_of(text="OK", messages=messages)
    assert answer_of(run, run.transcript).message == index
    assert answer_of(run_of(text="", messages=messages), run.transcript).message is None


STEPS: dict[str, dict[str, Any]] = {
    "ai_sdk_ui": {
        "id": "m",
        "role": "assistant",
        "parts": [
            {"type": "step-start"},
            {"type": "text", "text": "Let me look.", "state": "done"},
            {
                "type": "tool-search",
                "toolCallId": "c",
                "state": "output-available",
                "input": {"q": 1},
                "output": 2,
            },
            {"type": "step-start"},
            {"type": "text", "text": "Fine ", "state": "done"},
            {"type": "text", "text": "so\n", "state": "done"},
        ],
    },
    "ai_sdk": {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me look."},
            {"type": "tool-call", "toolCallId": "c", "toolName": "search", "input": {"q": 1}},
            {"type": "tool-result", "toolCallId": "c", "toolName": "search", "output": 2},
            {"type": "text", "text": "Fine so"},
        ],
    },
    "anthropic": {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me look."},
            {"type": "server_tool_use", "id": "c", "name": "search", "input": {"q": 1}},
            {"type": "web_search_tool_result", "tool_use_id": "c", "content": []},
            {"type": "text", "text": "Fine so"},
        ],
    },
    "openai": {
        "role": "assistant",
        "content": [{"type": "text", "text": "Let me look."}, {"type": "text", "text": "Fine so"}],
    },
    "openai_responses": {
        "type": "message",
        "role": "assistant",
        "content": [
            {"type": "output_text", "text": "Let me look.", "annotations": []},
            {"type": "output_text", "text": "Fine so", "annotations": []},
        ],
    },
}


@EVERY_VIEW
@pytest.mark.parametrize("name", STEPS)
def test_the_answer_of_a_message_with_several_steps_is_its_last_text(
    view: Callable[[Run], str], name: str
) -> None:
    """In every format: the last text is shown once, at the top; what was said before it stays there."""
    messages = [said("user", "Go"), STEPS[name]]
    run = run_of(text="Fine so", messages=messages)
    shown = " ".join(view(run).split())
    assert shown.count("Fine so") == 1
    assert shown.count("Let me look.") == 1
    assert shown.index("Fine so") < shown.index("Let me look.")
    assert "inal answer: shown at the top" in shown
    without = run_of(text="Other words", messages=messages)
    assert run.transcript.ledger == without.transcript.ledger
    assert "Fine" in view(without)


def test_the_search_the_frame_and_the_tables_have_the_answer_of_several_steps_once() -> None:
    """And what was said in the earlier steps."""
    pytest.importorskip("pandas")
    table = "| a |\n|---|\n| {} |\n"
    texts = [table.format("early"), table.format("late")]
    run = run_of(text=texts[1], messages=[said("assistant", *texts)])
    assert [match.place for match in run.grep("late")] == ["final text"]
    assert [match.place for match in run.grep("early")] == ["assistant text"]
    assert list(run.to_frame().kind) == ["message"]
    assert [table.name for table in run.tables] == ["answer", "assistant"]


@given(texts=st.lists(st.text(" ab\n", max_size=3), max_size=6), answer=st.text(" ab\n", max_size=5))
def test_the_answer_is_the_longest_end_that_says_it(texts: list[str], answer: str) -> None:
    """Whole parts, but for white space around them; never a part that says something else too."""
    run = run_of(text=answer, messages=[said("assistant", *texts)])
    found = answer_of(run, run.transcript)
    read = [
        part.text for message in run.transcript.messages for part in message.parts if hasattr(part, "text")
    ]
    ends = [at for at in range(len(read)) if "".join(read[at:]).strip() == answer.strip()]
    expected = frozenset(range(ends[0], len(read))) if ends and answer.strip() else frozenset()
    assert found.parts == expected
    assert (found.message is None) == (not expected)


@EVERY_VIEW
def test_no_other_words_are_replaced_by_the_answer(view: Callable[[Run], str]) -> None:
    """The user's OK stays the user's, and only the assistant's points at the answer."""
    shown = view(run_of(text="Fine so", messages=[said("user", "Fine so"), said("assistant", "Fine so")]))
    assert shown.count("Fine so") == 2
    assert shown.lower().count("final answer: shown at the top") == 1


def test_the_search_and_the_frame_report_the_answer_once() -> None:
    """Where the last message says it, and where no message does."""
    pytest.importorskip("pandas")
    both = run_of(text="Fine so", messages=[said("user", "Fine so"), said("assistant", "Fine so")])
    assert [match.place for match in both.grep("fine")] == ["final text", "user text"]
    assert list(both.to_frame().text) == ["Fine so", "Fine so"]
    alone = run_of(text="Fine so", messages=[said("user", "Go")])
    assert list(alone.to_frame().kind) == ["message", "final text"]
    assert list(alone.to_frame().text) == ["Go", "Fine so"]


# A text that is no string


@EVERY_VIEW
@pytest.mark.parametrize("text", ['{"leads": 1.10}', "1.10", "[1.10]", "false", "{}", "0", "[]"])
def test_a_text_that_is_no_string_is_shown(view: Callable[[Run], str], text: str) -> None:
    """As JSON, with its numbers as sent, and saying what it is."""
    run = Run.from_json(f'{{"runId": "run_a", "status": "completed", "text": {text}}}')
    shown = view(run)
    assert "completed without a final text" not in shown
    assert "inal text is not a string" in shown
    assert "".join(text.split()) in "".join(shown.split())
    assert run.text == text
    if "1.10" in text:
        assert [match.place for match in run.grep("1.10")] == ["final text"]


@EVERY_VIEW
@pytest.mark.parametrize("text", ["null", '""', '" "', '"<!-- PROFILE_DATA:x:END_PROFILE_DATA -->"'])
def test_a_run_without_words_says_so(view: Callable[[Run], str], text: str) -> None:
    """None, empty, or nothing but internal state."""
    run = Run.from_json(f'{{"runId": "run_a", "status": "completed", "text": {text}}}')
    assert "completed without a final text" in view(run)


# The search


BODY = """{"runId": "run_a", "status": "completed", "text": "Done", "messages": [
  {"role": "developer", "content": "Be brief"},
  {"role": "assistant", "content": [
    {"type": "reasoning", "text": "Thinking hard"},
    {"type": "file", "filename": "leads.csv", "mediaType": "text/csv", "data": "aGk="},
    {"type": "source", "title": "The Gazette", "url": "https://gazette.example/1"},
    {"type": "refusal", "refusal": "I will not"},
    {"type": "data-chart", "data": {"bars": 2.50}},
    {"type": "odd", "words": "M\\u00fcnzmeise \\ud83d\\ude00"},
    {"type": "tool-call", "toolCallId": "c_77", "toolName": "f", "input": {"score": 1.10}},
    {"type": "tool-approval-request", "approvalId": "a", "toolCallId": "c_77"}]},
  {"role": "tool", "content": [
    {"type": "tool-result", "toolCallId": "c_77", "toolName": "g", "result": "{\\"far\\": 1e400}"}]}]}"""


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("developer", "developer role"),
        ("thinking", "assistant reasoning"),
        ("leads.csv", "assistant file"),
        ("text/csv", "assistant file"),
        ("gazette.example", "assistant source"),
        ("The Gazette", "assistant source"),
        ("I will not", "assistant note"),
        ("refusal", "assistant note"),
        ("2.50", "assistant data"),
        ("münzmeise 😀", "assistant unknown part"),
        ("1.10", "f arguments"),
        ('"far": 1e400', "f result"),
        ("c_77", "f call"),
        ("names another tool: g", "f notes"),
        ("approval requested", "f notes"),
    ],
)
def test_the_search_finds_what_the_page_shows(wanted: str, place: str) -> None:
    """Numbers as sent, JSON in strings opened, letters behind escapes, names, notes, sources, roles."""
    run = Run.from_json(BODY)
    assert place in [match.place for match in run.grep(wanted)]
    assert wanted.lower() in VIEWS["html"](run).lower()


def test_the_search_finds_the_error_of_a_failed_run() -> None:
    """It is shown first, so it is found first."""
    run = Run.from_dict({"runId": "run_a", "status": "failed", "error": {"message": "no more\ncredit"}})
    assert [(match.place, match.line) for match in run.grep("credit")] == [("error", "credit")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(value=JSON, ascii=st.booleans(), spaced=st.booleans())
def test_the_search_reads_the_lines_of_the_page(value: Any, ascii: bool, spaced: bool) -> None:
    """The same lines, though they are not laid out for it; and they mean the same value."""
    body = json.dumps(value, ensure_ascii=ascii, indent=3 if spaced else None)
    sent = JsonValue.parse(body.encode("utf-8", "replace"))
    assert list(readable_lines(sent)) == lines_of(readable(sent))
    if sent.string is None:
        assert json.loads(readable(sent)) == json.loads(sent.encoded)


def test_the_search_does_not_indent() -> None:
    """Values nested deeply are searched in the room they take themselves."""
    depth = 900
    deep = "[" * depth + ",".join(["1"] * 20_000) + "]" * depth
    lines = list(readable_lines(JsonValue.parse(deep)))
    assert len(lines) == 20_000 + 2 * depth
    assert sum(map(len, lines)) < 2 * len(deep)


# Equal transcripts


@pytest.mark.parametrize(
    "again",
    [
        lambda run: pickle.loads(pickle.dumps(run.transcript)),
        lambda run: copy.copy(run.transcript),
        lambda run: copy.deepcopy(run.transcript),
        lambda run: run.transcript,
        lambda run: dataclasses.replace(
            run.transcript, tool_calls=tuple(dataclasses.replace(c) for c in run.transcript.tool_calls)
        ),
    ],
)
def test_equal_transcripts_give_equal_answers(again: Callable[[Run], Any]) -> None:
    """Nothing depends on which of two equal objects it is: calls alike stay two, each in its place."""
    twins = [{"type": "tool-call", "toolName": "f", "input": {}}] * 2
    run = run_of(messages=[called(*twins, ai_sdk_call("x"))], toolCalls=[{"toolName": "g", "args": {}}])
    transcript = again(run)
    assert transcript == run.transcript
    assert [call.name for call in unmentioned_calls(transcript.messages, transcript.tool_calls)] == ["g"]
    assert [call.index for call in transcript.tool_calls] == [0, 1, 2, 3]


# The agent's internal state

BLOCK = "<!-- PROFILE_DATA: hidden words :END_PROFILE_DATA -->"


@EVERY_VIEW
@pytest.mark.parametrize("where", ["message", "final text"])
def test_state_without_an_end_hides_nothing(view: Callable[[Run], str], where: str) -> None:
    """Cut off, or followed by a whole block: what is behind it is shown and found."""
    text = f"Before <!-- PROFILE_DATA: between {BLOCK} after"
    run = run_of(text=text) if where == "final text" else run_of(messages=[said("assistant", text)])
    for words in ("Before", "between", "after"):
        assert words in view(run)
        assert run.grep(words)


@EVERY_VIEW
@pytest.mark.parametrize("where", ["message", "final text"])
def test_state_is_named_with_its_size_and_found(view: Callable[[Run], str], where: str) -> None:
    """It is no text, but nothing is away without a word."""
    text = f"Hello{BLOCK} there"
    run = run_of(text=text) if where == "final text" else run_of(messages=[said("assistant", text)])
    shown = view(run)
    assert "Hello there" in shown
    assert f"internal state of the agent, {len(BLOCK)} characters" in shown
    assert ("hidden words" in shown) == (view is VIEWS["html"])
    assert [match.place.endswith("agent state") for match in run.grep("hidden words")] == [True]


def test_state_is_folded_in_the_page() -> None:
    """One click away."""
    page = run_of(messages=[said("assistant", f"Hello{BLOCK}")]).to_html()
    fold = page.rpartition("internal state of the agent")[0].rpartition("<details")[2]
    assert " open" not in fold
    assert run_of(messages=[said("assistant", f"Hello{BLOCK}")]).transcript.ledger.folded == 1


def test_many_beginnings_of_state_take_linear_time() -> None:
    """Half a megabyte of them is read at once."""
    text = "<!-- PROFILE_DATA:" * 30_000
    shown = run_of(messages=[said("assistant", text + ":END_PROFILE_DATA -->"), answered()]).transcript
    assert [part.raw.string is None for part in shown.messages[0].parts] == [True, True]
