"""Which calls wait for a decision: nothing is approved that nobody approved, and nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from puffle_jupyter.errors import InvalidSetting, NotPending, NotSent
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.model import ToolCall, ToolCallState
from puffle_jupyter.watching.approvals import Approvals, Decision

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def call(call_id: str, name: str = "remove_rows", **arguments: Any) -> ToolCall:
    """A call that waits."""
    value = JsonValue.parse(json.dumps(arguments).encode())
    return ToolCall(call_id, name, ToolCallState.AWAITING_APPROVAL, arguments_json=value)


def approvals(*calls: ToolCall) -> Approvals:
    """The approvals of a run that waits for ``calls``."""
    made = Approvals("run_a", lambda: NOON)
    made.pause(calls)
    return made


def test_a_decision_is_handed_over_once() -> None:
    """With its call, its reason and its time; the other call waits on."""
    first, second = call("call_1", ids=[1, 2]), call("call_2")
    made = approvals(first, second)
    decision = made.decide("call_1", approved=True, reason="they left")
    assert decision == Decision(first, True, "they left", NOON)
    assert str(decision) == "approved by this notebook on 2026-03-01 at 12:00:00 UTC: they left"
    assert made.waiting == (second,)
    assert made.take() is decision
    made.decide("call_2", approved=False)
    assert made.take() is made.decisions[1]
    assert made.take() is None
    assert [one.approved for one in made.decisions] == [True, False]


@pytest.mark.parametrize("reason", [5, b"no", ["no"], object(), "x" * 2_001])
def test_a_reason_that_cannot_be_kept_decides_nothing(reason: Any) -> None:
    """It is refused before anything is decided, and the call waits on."""
    made = approvals(call("call_1"))
    with pytest.raises(InvalidSetting, match="Nothing was decided"):
        made.decide("call_1", approved=True, reason=reason)
    assert made.decisions == ()
    assert len(made.waiting) == 1
    assert made.decide("call_1", approved=True, reason="\ud83d").approved


def test_calls_that_share_an_id_cannot_be_decided() -> None:
    """A decision names a call by its id alone: the other one would be approved unseen."""
    made = approvals(call("call_1", rows=3), call("call_2"), call("call_1", rows=4000))
    assert [one.id for one in made.waiting] == ["call_2"]
    with pytest.raises(NotPending):
        made.decide("call_1", approved=True)
    assert len(approvals(call("call_1", rows=3), call("call_1", rows=3)).waiting) == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("call_9", "No call call_9 of run_a waits for a decision. These do: call_1."),
        ("call_\u202e\n9", r"No call call_\u202e\n9 of run_a"),
        (None, "No call None of run_a waits: the id of a call is text, not NoneType."),
        (["call_1"], "the id of a call is text, not list"),
        (call("call_1"), "the id of a call is text, not ToolCall"),
    ],
)
def test_what_does_not_wait_is_named(wanted: Any, words: str) -> None:
    """With what does wait; nothing is decided."""
    made = approvals(call("call_1"))
    with pytest.raises(NotPending) as caught:
        made.decide(wanted, approved=True)
    assert words in str(caught.value)
    assert isinstance(caught.value, NotSent)
    assert made.decisions == ()
    assert len(made.waiting) == 1


def test_a_second_decision_is_refused_and_changes_nothing() -> None:
    """A double click, or a click after a decision by code."""
    made = approvals(call("call_1"))
    made.decide("call_1", approved=False)
    with pytest.raises(NotPending, match=r"was denied by this notebook .* It is decided once"):
        made.decide("call_1", approved=True)
    assert [one.approved for one in made.decisions] == [False]


def test_a_call_that_changed_since_it_was_shown_is_not_decided() -> None:
    """A view approves what a person saw: the same tool with the same arguments."""
    seen = call("call_1", rows=3)
    made = approvals(seen)
    made.pause([call("call_1", rows=3000)])
    with pytest.raises(NotPending, match="has changed since it was shown"):
        made.decide("call_1", approved=True, shown=seen)
    made.decide("call_1", approved=False, shown=call("call_1", rows=3000))


def test_puffle_cannot_ask_twice_for_one_decision() -> None:
    """A call that was decided and asks again is named, and never waits again."""
    first = call("call_1")
    made = approvals(first)
    made.decide("call_1", approved=True)
    assert made.pause([first]) == ()  # the decision was not sent yet
    assert made.take() is not None
    assert made.pause([first]) == (first,)
    assert made.waiting == ()


def test_a_decision_about_what_is_no_longer_asked_is_not_sent() -> None:
    """The run went on without it meanwhile."""
    made = approvals(call("call_1"), call("call_2"))
    made.decide("call_2", approved=True)
    made.pause([call("call_1")])
    made.decide("call_1", approved=False)
    assert made.take() is made.decisions[1]
    assert made.take() is None


def test_nothing_waits_after_the_end() -> None:
    """A click that comes late decides nothing."""
    made = approvals(call("call_1"))
    made.withdraw()
    with pytest.raises(NotPending, match="run_a is over"):
        made.decide("call_1", approved=True)


def test_a_decision_from_another_thread_wakes_the_run() -> None:
    """The buttons and the code of a cell are on other threads than the run."""
    made = approvals(call("call_1"))

    async def decided() -> Decision:
        waits = asyncio.ensure_future(made.next())
        await asyncio.sleep(0)
        threading.Thread(target=made.decide, args=("call_1",), kwargs={"approved": True}).start()
        return await asyncio.wait_for(waits, 30)

    assert asyncio.run(decided()).approved


class Interleavings(RuleBasedStateMachine):
    """Pauses, clicks on cards old and new, code, and requests that are lost, in any order."""

    IDS = ("call_1", "call_2", "call_3")

    def __init__(self) -> None:
        super().__init__()
        self.approvals = Approvals("run_a", lambda: NOON)
        self.cards: list[ToolCall] = []
        self.meant: dict[str, tuple[bool, ToolCall]] = {}
        self.sent: list[Decision] = []

    @rule(numbers=st.lists(st.sampled_from(IDS), unique=True), version=st.integers(0, 2))
    def pause(self, numbers: list[str], version: int) -> None:
        """Puffle asks, for the same calls again, for others, or for changed ones."""
        calls = [call(one, version=version) for one in numbers]
        self.approvals.pause(calls)
        self.cards += self.approvals.waiting

    @precondition(lambda self: self.cards)
    @rule(data=st.data(), approved=st.booleans())
    def click(self, data: Any, approved: bool) -> None:
        """A click on a card that is there now, or was there before."""
        card = data.draw(st.sampled_from(self.cards))
        self.decide(card, approved, shown=card)

    @rule(wanted=st.sampled_from(IDS), approved=st.booleans())
    def code(self, wanted: str, approved: bool) -> None:
        """A decision by code, about whatever waits under that id."""
        waiting = [one for one in self.approvals.waiting if one.id == wanted]
        self.decide(waiting[0] if waiting else call(wanted), approved, shown=None)

    def decide(self, about: ToolCall, approved: bool, shown: ToolCall | None) -> None:
        """Decide, and remember what the person meant."""
        assert about.id is not None
        waits = [one for one in self.approvals.waiting if one.id == about.id]
        is_that = bool(waits) and waits[0].arguments == about.arguments
        try:
            self.approvals.decide(about.id, approved=approved, shown=shown)
        except NotPending:
            assert not is_that
        else:
            assert is_that
            assert about.id not in self.meant
            self.meant[about.id] = (approved, about)

    @rule()
    def send(self) -> None:
        """The run takes the next decision; whether its request arrives makes no difference here."""
        if (decision := self.approvals.take()) is not None:
            self.sent.append(decision)

    @rule()
    def end(self) -> None:
        """The run is over."""
        self.approvals.withdraw()

    @invariant()
    def only_what_was_meant_is_sent_and_once(self) -> None:
        """Every decision that is sent is a person's, about what the person saw, and is sent once."""
        ids = [one.call.id for one in self.sent]
        assert len(ids) == len(set(ids))
        for decision in self.sent:
            assert decision.call.id is not None
            approved, about = self.meant[decision.call.id]
            assert decision.approved is approved
            assert decision.call.arguments == about.arguments


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=2_000 if os.environ.get("CI") else 300, stateful_step_count=12, deadline=None
)
