"""Cards of calls that wait for approval: each is for one call, once, and shows all that it would do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from puffle_jupyter.display.notebook.approval_card import ApprovalCard
from puffle_jupyter.display.notebook.close_widgets import open_widgets
from puffle_jupyter.display.notebook.stream_panel import CARDS, StreamPanel
from puffle_jupyter.display.snapshot import snapshot_fragment, static_text, waiting_call_text
from puffle_jupyter.errors import NotPending
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.model import ToolCall, ToolCallState
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.support.answers import FINISH, PAUSED, Stream, StreamedWatch, text

pytestmark = pytest.mark.usefixtures("background")


@pytest.fixture
def paused() -> Iterator[StreamedWatch]:
    """A watch whose two calls wait."""
    rest = Stream(*text("Done."), FINISH, None)
    streamed = StreamedWatch(Stream(*PAUSED, None), Stream({"type": "start"}, FINISH, None), rest)
    streamed.until(lambda snapshot: len(snapshot.waiting) == 2)
    yield streamed
    streamed.end()


def card_of(streamed: StreamedWatch, number: int = 0) -> ApprovalCard:
    """A card for one of the calls that wait."""
    card = ApprovalCard()
    card.ask(streamed.watch, streamed.watch.pending[number])
    return card


def words_of(card: ApprovalCard) -> str:
    """What the card says, as text."""
    return re.sub(r"<[^>]*>", " ", card._html.value)


def test_a_card_shows_the_whole_call_before_anybody_decides(paused: StreamedWatch) -> None:
    """Tool, arguments and id, nothing of it in a fold but the same as JSON; nothing is decided."""
    card = card_of(paused)
    assert card.layout.display == ""
    assert "Puffle asks to run remove_rows" in words_of(card)
    assert re.search(r"rows\s+3", words_of(card))
    assert "call_1" in words_of(card)
    assert "nothing happens until you decide" in words_of(card)
    assert paused.sent == []
    card.close()


def test_deny_is_a_button_and_approve_a_box_to_tick(paused: StreamedWatch) -> None:
    """A box is not ticked by the key Enter; the reason goes with the decision."""
    first, second = card_of(paused), card_of(paused, 1)
    second._reason.value = " too many "
    second._deny.click()
    assert "send_campaign: denied by this notebook" in words_of(second)
    assert "too many" in words_of(second)
    first._approve.value = True
    assert "remove_rows: approved by this notebook" in words_of(first)
    assert [(one.call.id, one.approved, one.reason) for one in paused.watch.decisions] == [
        ("call_2", False, "too many"),
        ("call_1", True, None),
    ]
    for card in (first, second):
        card.close()


def test_a_card_decides_once_and_never_for_another_call(paused: StreamedWatch) -> None:
    """A second click, a tick that is taken back, a click after a decision by code: nothing more happens."""
    first, second = card_of(paused), card_of(paused, 1)
    paused.watch.deny("call_2")
    second._approve.value = True
    assert "was denied by this notebook" in words_of(second)
    first._approve.value = True
    first._approve.value = False
    first._approve.value = True
    first._deny.click()
    assert [(one.call.id, one.approved) for one in paused.watch.decisions] == [
        ("call_2", False),
        ("call_1", True),
    ]
    for card in (first, second):
        card.close()


def test_a_click_that_comes_after_the_end_approves_nothing(paused: StreamedWatch) -> None:
    """The watch was stopped meanwhile."""
    card = card_of(paused)
    paused.end()
    card._approve.value = True
    assert "stream_1 is over" in words_of(card)
    assert paused.sent == []
    with pytest.raises(NotPending):
        paused.watch.approve("call_1")
    card.close()


def test_a_panel_gives_each_call_a_card_of_its_own() -> None:
    """More calls than cards say how to decide without one; a card is never used again."""
    asked = [
        event
        for number in range(CARDS + 1)
        for event in (
            {**PAUSED[2], "toolCallId": f"c{number}"},
            {"type": "tool-approval-request", "approvalId": f"a{number}", "toolCallId": f"c{number}"},
        )
    ]
    streamed = StreamedWatch(Stream(*asked, FINISH, None), Stream({"type": "start"}))
    snapshot = streamed.until(lambda snapshot: len(snapshot.waiting) == CARDS + 1)
    panel = StreamPanel(streamed.watch)
    panel.show(snapshot)
    assert [card.call.id for card in panel._cards if card.call] == [f"c{number}" for number in range(CARDS)]
    assert f"watch.approve('c{CARDS}')" in re.sub(r"&#x27;|&#39;", "'", panel._others.value)
    panel._cards[0]._deny.click()
    panel.show(streamed.until(lambda snapshot: len(snapshot.waiting) == CARDS))
    assert panel._cards[0].call is not None
    assert panel._cards[0].call.id == "c0"
    assert f"c{CARDS}" in panel._others.value
    panel.close()
    streamed.end()


def test_a_panel_that_is_closed_leaves_no_widget() -> None:
    """Each widget is a comm that lives until it is closed."""
    before = set(open_widgets())
    streamed = StreamedWatch(Stream(*PAUSED, None))
    panel = StreamPanel(streamed.watch)
    panel.show(streamed.until(lambda snapshot: bool(snapshot.waiting)))
    assert set(open_widgets()) != before
    panel.close()
    panel.close()
    assert set(open_widgets()) == before
    streamed.end()


def test_a_panel_sends_only_what_changed() -> None:
    """While a text grows, what came before it is not sent again."""
    streamed = StreamedWatch(Stream(*text("First.")))
    streamed.send({"type": "text-start", "id": "1"}, {"type": "text-delta", "id": "1", "delta": "Sec"})
    first = streamed.until(lambda snapshot: snapshot.preview is not None and len(snapshot.preview.parts) == 2)
    panel = StreamPanel(streamed.watch)
    panel.show(first)
    changes: list[Any] = []
    panel._whole.observe(changes.append, "value")
    panel._growing.observe(changes.append, "value")
    streamed.send({"type": "text-delta", "id": "1", "delta": "ond"})
    panel.show(
        streamed.until(
            lambda snapshot: b"Second" in snapshot.preview.parts[-1].encoded if snapshot.preview else False
        )
    )
    assert [change["owner"] is panel._growing for change in changes] == [True]
    assert "First." in panel._whole.value
    assert "Second" in panel._growing.value
    panel.close()
    streamed.end()


def test_an_output_without_controls_says_how_to_decide(paused: StreamedWatch) -> None:
    """Html and text hold the whole call and the two lines of Python."""
    snapshot = paused.watch.snapshot
    assert snapshot.phase is WatchPhase.AWAITING_APPROVAL
    shown = snapshot_fragment(snapshot, "01:37:06")
    assert "waiting for you" in shown
    assert "remove_rows" in shown
    assert "watch.deny(&#x27;call_2&#x27;)" in shown
    said = static_text(snapshot, "01:37:06")
    assert "Puffle asks to run send_campaign" in said
    assert "watch.approve('call_1')" in said


@pytest.mark.parametrize("arrived", [[], text("Half an answer")])
def test_what_arrived_of_a_broken_answer_is_shown_as_unfinished(arrived: list[Any]) -> None:
    """Never as completed; and when nothing arrived, that is said."""
    streamed = StreamedWatch(Stream(*arrived, None))
    snapshot = streamed.until(lambda snapshot: snapshot.phase is WatchPhase.BROKEN_OFF)
    for shown in (snapshot_fragment(snapshot, "01:37:06"), static_text(snapshot, "01:37:06")):
        assert "broken off" in shown
        assert "completed" not in shown
        assert ("Half an answer" in shown) == bool(arrived)
        assert ("Unfinished" in shown) == bool(arrived)
        assert ("Nothing of the answer arrived" in shown) != bool(arrived)


def test_a_reason_that_is_too_long_is_said_and_decides_nothing(paused: StreamedWatch) -> None:
    """The call waits on, and the card can be used again."""
    card = card_of(paused)
    card._reason.value = "x" * 2_001
    card._approve.value = True
    assert "reason must have at most 2,000 characters" in words_of(card)
    assert (card._approve.value, paused.watch.decisions) == (False, ())
    card._reason.value = ""
    card._approve.value = True
    assert [decision.approved for decision in paused.watch.decisions] == [True]
    card.close()


def test_of_thousands_of_calls_that_wait_few_are_shown() -> None:
    """The others are counted, in every output: a page must stay one that can be opened."""
    events = [{**event, "toolCallId": f"call_{number}"} for number in range(500) for event in PAUSED[2:4]]
    streamed = StreamedWatch(Stream(*events, FINISH, None))
    try:
        snapshot = streamed.until(lambda snapshot: len(snapshot.waiting) == 500)
        panel = StreamPanel(streamed.watch)
        panel.show(snapshot)
        as_html, as_text = snapshot_fragment(snapshot, "12:00"), static_text(snapshot, "12:00")
        for said in (panel._others.value, as_html, as_text):
            assert said.count("Puffle asks to run") == 20
            assert re.search(r"and 4[78]\d more calls: watch\.pending", said)
        panel.close()
    finally:
        streamed.end()


def test_the_text_of_a_call_that_waits_is_bounded() -> None:
    """Arguments can have megabytes; what is left out is said."""
    words = JsonValue.of("x" * 1_000_000)
    call = ToolCall("c", "f", ToolCallState.AWAITING_APPROVAL, arguments_json=words)
    said = waiting_call_text(call, "decide")
    assert len(said) < 70_000
    assert said.endswith("… 940,000 more characters: watch.pending")
