"""The ids of a page: every message and call has one, no agent can make one, and a notebook has none."""

from __future__ import annotations

import re

import pytest

from puffle_jupyter import InvalidExport, Run
from tests.support.html_check import foreign_parts_of_page, read_page
from tests.support.kinds import RUN
from tests.support.payloads import SAMPLE, answer_full_of
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called
from tests.unit.transcript.test_completeness import RECORDED

ID = re.compile(r' id="([^"]*)"')
CALLING = [
    {"role": "user", "content": "Find leads"},
    called(ai_sdk_call("c1")),
    answered(ai_sdk_result("c1", output={"type": "text", "value": "ok"})),
    called(ai_sdk_call("c2")),
    answered(ai_sdk_result("c2", output={"type": "text", "value": "ok"})),
    {"role": "assistant", "content": "Done"},
]


def run_of(*messages: object) -> Run:
    return Run.from_dict({"runId": "run_a", "status": "completed", "text": "x", "messages": list(messages)})


def test_every_message_and_call_has_an_id() -> None:
    """Also messages that are shown as one with others, and calls that only the list tells of."""
    run = run_of(*CALLING)
    assert sorted(ID.findall(run.to_html())) == ["call-0", "call-1", *(f"message-{at}" for at in range(6))]
    assert ID.findall(RUN.to_html()) == [*(f"message-{at}" for at in range(5)), "call-0", "call-1"]
    assert ID.findall(RUN.to_html("calls")) == ["call-0", "call-1"]


def test_ids_of_recorded_runs_are_whole_and_unique() -> None:
    """As many calls as the transcript has; each id once, each link leads to one."""
    for name, answer in RECORDED.items():
        run = Run.from_dict(answer)
        page = run.to_html()
        assert foreign_parts_of_page(page) == [], name
        calls = [found for found in ID.findall(page) if found.startswith("call-")]
        assert sorted(calls) == sorted(f"call-{at}" for at in range(len(run.calls))), name
    assert sum(bool(Run.from_dict(answer).calls) for answer in RECORDED.values()) >= 10


def test_a_prefix_keeps_two_pages_apart() -> None:
    """Each id and each link on the page begins with it."""
    page = run_of(*CALLING).to_html(id_prefix="run_a-")
    assert {found[:6] for found in ID.findall(page)} == {"run_a-"}
    assert set(re.findall(r'href="#([^"]*)"', page)) == {"run_a-call-0"}


@pytest.mark.parametrize("prefix", ["1a", "-a", 'a"', "a b", "é", "a\n", "a" * 62, "<b>"])
def test_a_prefix_that_no_id_can_have_is_refused(prefix: str) -> None:
    """What would have to be escaped in a link or an attribute never gets there."""
    with pytest.raises(InvalidExport, match="cannot begin an id"):
        RUN.to_html(id_prefix=prefix)


def test_a_notebook_has_no_ids() -> None:
    """An id there could take the place of one that the front end looks for; the call is named for Python."""
    shown = run_of(*CALLING)._repr_html_()
    assert ID.findall(shown) == []
    assert "run.calls[1] · call id c2" in shown


@pytest.mark.parametrize(
    "payload",
    [*SAMPLE, "call-0", "[x](#call-0)", '<a id="call-0">x</a>', "# call-0", '<b id=message-0 name="call-0">'],
)
def test_no_agent_text_makes_an_id_or_a_link_to_one(payload: str) -> None:
    """The ids of a run full of it are those of a run full of a plain word."""
    page = Run.from_dict(answer_full_of(payload)).to_html()
    plain = Run.from_dict(answer_full_of("x" * 9)).to_html()
    assert foreign_parts_of_page(page) == []
    messages = [found for found in read_page(page).ids if found.startswith("message-")]
    assert messages == [found for found in read_page(plain).ids if found.startswith("message-")]
