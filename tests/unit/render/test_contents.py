"""The contents of a page: a line for each message that says something, and a link to it."""

from __future__ import annotations

from typing import Any

import pytest

from puffle_jupyter import Run
from puffle_jupyter.render.contents import FEWEST, contents_of
from puffle_jupyter.render.outline import outline_of
from tests.support.html_check import foreign_parts_of_page, read_page
from tests.support.payloads import SAMPLE
from tests.support.transcripts import ai_sdk_call, called


def a_run(*texts: str, text: str = "Done") -> Run:
    messages: list[Any] = [{"role": "user", "content": said} for said in texts]
    messages.insert(1, called(ai_sdk_call("c1")))
    return Run.from_dict({"runId": "run_a", "status": "completed", "text": text, "messages": messages})


def test_each_text_has_a_line_that_leads_to_its_message() -> None:
    """Its first line without Markdown's marks; a message of calls alone has none."""
    run = a_run(
        "\n## **Find** [leads](https://a.example) ##\nin Berlin", *(f"message {at}" for at in range(FEWEST))
    )
    entries, more = contents_of(outline_of(run))
    assert more == 0
    assert [(entry.words, entry.message) for entry in entries[:2]] == [
        ("user: Find leads", 0),
        ("user: message 0", 2),
    ]
    page = run.to_html()
    assert 'href="#message-2">user: message 0</a>' in page
    assert foreign_parts_of_page(page) == []


def test_a_short_transcript_and_a_notebook_have_none() -> None:
    """What is seen at a glance needs no contents; without ids there is nothing to link to."""
    assert "Contents" not in a_run("a", "b").to_html()
    long = a_run(*"abcdefghijklm")
    assert "Contents" in long.to_html()
    assert "Contents" not in long.to_html("calls") + long._repr_html_()


def test_the_contents_of_a_very_long_run_are_bounded() -> None:
    """300 lines, and the number of those that follow."""
    page = a_run(*(f"message {at}" for at in range(1_000))).to_html()
    assert "<li>700 more messages</li>" in page
    assert len([link for link in read_page(page).links if link.startswith("message-")]) == 300


@pytest.mark.parametrize("payload", SAMPLE)
def test_the_contents_of_a_hostile_run_are_harmless(payload: str) -> None:
    """A line is text, whatever the message begins with."""
    assert foreign_parts_of_page(a_run(*[payload] * 9).to_html()) == []


def test_no_half_of_a_key_is_in_the_contents() -> None:
    """A line is redacted before it is cut."""
    said = "x" * 70 + " pk_live_abcdefghijklmnopqrstuvwxyz"
    entries, _ = contents_of(outline_of(a_run(*[said] * 9)))
    assert not [entry for entry in entries if "pk_live_a" in entry.words]
