"""The filter of a page: its counts are those of the parts, and no agent can make a chip or a class."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from puffle_jupyter import Run
from tests.support.html_check import foreign_parts_of_page, read_page
from tests.support.payloads import SAMPLE, answer_full_of
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called
from tests.unit.transcript.test_completeness import RECORDED

KINDS = ("text", "call", "reasoning", "error")
CHIP = re.compile(r'value="([a-z]+)"(?: checked)?> [A-Z][a-z]+ ([\d,]+)</label>')
SAID = re.compile(r"([A-Z][a-z]+) only: ([\d,]+) of ([\d,]+) parts (?:is|are) hidden\.")
MESSAGES = [
    {"role": "user", "content": "Find leads"},
    {
        "role": "assistant",
        "content": [{"type": "reasoning", "text": "Berlin"}, {"type": "text", "text": "a"}],
    },
    called(ai_sdk_call("c1"), ai_sdk_call("c2"), ai_sdk_call("c3")),
    answered(
        ai_sdk_result("c1", output={"type": "text", "value": "ok"}),
        ai_sdk_result("c2", output={"type": "error-text", "value": "timed out"}),
    ),
    {"role": "assistant", "content": [{"type": "no-such-part"}], "error": "stopped"},
]


def page_of(*messages: Any) -> str:
    return Run.from_dict(
        {"runId": "run_a", "status": "completed", "text": "x", "messages": list(messages)}
    ).to_html()


def chips(page: str) -> dict[str, int]:
    return {value: int(count.replace(",", "")) for value, count in CHIP.findall(page)}


def test_each_chip_has_its_count_and_says_what_it_hides() -> None:
    """A call that failed is a call and an error; a message's own error is one; nothing is checked but all."""
    page = page_of(*MESSAGES)
    assert chips(page) == {"all": 8, "text": 2, "call": 3, "reasoning": 1, "error": 2}
    assert SAID.findall(page) == [
        ("Texts", "6", "8"),
        ("Calls", "5", "8"),
        ("Reasoning", "7", "8"),
        ("Errors", "6", "8"),
    ]
    assert re.findall(r'value="(\w+)" checked', page) == ["all"]


def test_the_counts_are_those_of_the_marked_parts() -> None:
    """In every recorded run: what a chip counts is what the style sheet shows and hides by its class."""
    offered = 0
    for name, answer in RECORDED.items():
        page = Run.from_dict(answer).to_html()
        assert foreign_parts_of_page(page) == [], name
        found = Counter(read_page(page).classes)
        shown = chips(page)
        offered += len(shown)
        total = shown.pop("all", None)
        assert shown == {kind: found[f"puffle-{kind}"] for kind in shown}, name
        errors_apart = page.count('class="puffle-error"')
        parts = [found[f"puffle-{kind}"] for kind in ("text", "call", "reasoning", "other")]
        assert total in (None, sum(parts) + errors_apart), name
    assert offered >= 20


def test_where_there_is_nothing_to_filter_there_are_no_chips() -> None:
    """A short transcript, one of a single kind, an answer alone; calls alone have all or the errors."""
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": "x", "messages": MESSAGES * 3})
    assert not chips(page_of(*MESSAGES[:3]))
    assert not chips(page_of(*[{"role": "user", "content": "hello"}] * 9))
    assert not chips(run.to_html("answer"))
    assert list(chips(run.to_html("calls"))) == ["all", "error"]


def test_the_style_sheet_has_a_rule_for_each_chip() -> None:
    """Each kind of part is hidden by the other chips, inside the test for `:has()` alone."""
    sheet = page_of(*MESSAGES).partition("<style>")[2].partition("</style>")[0]
    before, _, supported = sheet.partition("@supports selector(:has(a))")
    assert "puffle-" not in before
    for kind in KINDS:
        assert f"input[value={kind}]:checked) :is(" in supported
        assert f".puffle-only-{kind}" in supported


def test_a_prefix_keeps_the_chips_of_two_pages_apart() -> None:
    """Radio buttons of one name are one choice."""
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": "x", "messages": MESSAGES})
    assert set(re.findall(r'radio" name="([^"]*)"', run.to_html(id_prefix="a-"))) == {"a-show"}


def test_a_notebook_has_no_classes_and_no_chips() -> None:
    """A rule of the front end, or of another page around it, could take them for its own."""
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": "x", "messages": MESSAGES})
    shown = run._repr_html_()
    assert "timed out" in shown
    assert "puffle-" not in shown
    assert "<input" not in shown


@pytest.mark.parametrize(
    "payload",
    [
        *SAMPLE,
        '<div class="puffle-text">x</div>',
        '<input type="radio" name="show" value="error" checked>',
        '<p class="puffle-twin" hidden>x</p>',
        "```puffle-twin\nx\n```",
        "[x](#message-0){.puffle-text}",
    ],
)
def test_no_agent_text_makes_a_class_or_a_control(payload: str) -> None:
    """The classes and controls of a run full of it are those of a run full of a plain word."""
    page = read_page(Run.from_dict(answer_full_of(payload)).to_html())
    plain = read_page(Run.from_dict(answer_full_of("x" * 9)).to_html())
    assert page.problems == []
    assert page.elements.count("input") == plain.elements.count("input") > 0
    counted, expected = Counter(page.classes), Counter(plain.classes)
    assert counted["puffle-chips"] == expected["puffle-chips"] == 1
    assert counted["puffle-text"] == expected["puffle-text"]


@pytest.mark.parametrize(
    ("value", "is_twin"),
    [
        ([{"n": 1, "city": "Berlin"}], True),
        ([{"n": 1, "notes": "x" * 200}], False),
        ({"rows": [{"n": 1}], "total": 9}, False),
        ([{f"c{at}": at for at in range(17)}], False),
    ],
)
def test_paper_has_the_json_that_a_table_does_not_say(value: Any, is_twin: bool) -> None:
    """Only JSON whose table is whole, no cell of it cut, is marked as its twin."""
    output = {"type": "json", "value": value}
    page = page_of(called(ai_sdk_call("c1", input=["x"])), answered(ai_sdk_result("c1", output=output)))
    assert "View as JSON" in page
    assert ('class="puffle-twin"' in page) is is_twin
