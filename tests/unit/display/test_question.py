"""What was asked, above the badge: escaped, of a bounded size, readable without a style."""

from __future__ import annotations

import pytest

from puffle_jupyter import Conversation
from puffle_jupyter.asking.question import Question
from puffle_jupyter.display.question import KEPT, SHOWN, question_html, question_text
from puffle_jupyter.settings import Personal, current_settings
from tests.support.html_check import foreign_parts, text_of
from tests.support.scripted import KEY

UUID = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"


def question(
    message: str, *, turn: int | None = 2, conversation_id: str | None = UUID, remarks: tuple[str, ...] = ()
) -> Question:
    return Question(message, Conversation(), conversation_id, turn, remarks)


def test_it_says_the_message_the_conversation_and_the_turn() -> None:
    """In html the id is short and whole once unfolded, as the option that goes on with it; in text whole."""
    asked = question("Find founders\n  in Berlin", remarks=("sent while turn 1 still ran",))
    html, text = question_html(asked), question_text(asked)
    assert "Find founders\n  in Berlin</pre>" in html
    assert "conversation 3f2a…, turn 2 · sent while turn 1 still ran" in text_of(html)
    assert f"%%puffle_chat --conversation {UUID}</code>" in html
    assert text == f"◇ Find founders\n  in Berlin\nconversation {UUID}, turn 2 · sent while turn 1 still ran"


def test_without_a_number_or_an_id() -> None:
    """A conversation of another day has turns that nobody counted; Puffle may name none."""
    assert f"conversation {UUID}" in question_text(question("x", turn=None)).splitlines()
    assert "turn" not in question_html(question("x", turn=None))
    assert "a conversation that Puffle did not name" in question_html(question("x", conversation_id=None))


@pytest.mark.parametrize(
    "message",
    [
        "<script>alert(1)</script>",
        "</pre><img src=x onerror=alert(1)>",
        "**bold** [a](javascript:x) $x$ `<b>`",
        "a\n\n\n<b>b</b>\n\n",
        "\x1b[2J\x9b31m\u202egpj.exe\u2066\U000e0041",
        f"my key is {KEY}",
        "&lt;b&gt; &amp;",
        "\r\nx\r\n",
    ],
)
def test_nothing_of_it_is_live(message: str) -> None:
    """It may be filled from untrusted data: shown as text, keys cut out, nothing a terminal obeys."""
    html, text = question_html(question(message)), question_text(question(message))
    assert foreign_parts(html) == []
    for said in (html, text):
        assert KEY not in said
        assert not set(said) & set("\x1b\x9b\u202e\u2066\r")
    assert "\n\n" not in html


def test_a_long_message_is_folded_and_bounded() -> None:
    """A beginning unfolded, the rest one click away, and never more than an output may hold."""
    middle, huge = question("x" * (SHOWN + 1)), question("y" * (KEPT * 5))
    assert "the whole message, 2,001 characters" in text_of(question_html(middle))
    assert "x" * (SHOWN + 1) in question_html(middle)
    assert "of which the first 100,000 are here" in question_html(huge)
    assert len(question_html(huge)) < KEPT * 1.1
    assert len(question_text(huge)) < SHOWN * 1.2
    assert "(500,000 characters)" in question_text(huge)


def test_personal_data_is_removed_where_that_is_asked_for() -> None:
    """As from every view: `redact`."""
    with current_settings.changed(redact=frozenset({Personal.EMAILS})):
        asked = question("Write to mara@kontovogel.example")
        assert "mara@" not in question_html(asked) + question_text(asked)
