"""What is cut out of everything shown or exported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from puffle_jupyter import Run
from puffle_jupyter.view.redact import Personal, redact, redact_also


@pytest.fixture
def personal() -> Iterator[None]:
    redact_also(frozenset(Personal))
    yield
    redact_also(frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "mara@kontovogel.example",
        "mara.muster+x@mail.kontovogel.example",
        "+49 30 1234567",
        "+1 (555) 010-9999",
        "030 / 123 45 67",
        "(555) 010-9999",
        "555.010.9999",
    ],
)
@pytest.mark.usefixtures("personal")
def test_addresses_and_numbers_are_cut_out_when_asked_for(text: str) -> None:
    """Whatever stands around them."""
    assert redact(f"write to {text}, now").replace("[e-mail]", "").replace("[phone]", "") == "write to , now"


@pytest.mark.parametrize(
    "text",
    ["2026-11-23", "12:30", "run_4101", "€4.2 M", "1,340 people", "ids 4101 to 4108", "v1.10.100", "a @ b"],
)
@pytest.mark.usefixtures("personal")
def test_dates_ids_and_amounts_stay(text: str) -> None:
    """A transcript without its numbers would be no transcript."""
    assert redact(text) == text


def test_nothing_personal_is_cut_out_unless_asked_for() -> None:
    """Leads are what the agent was asked for."""
    assert redact("mara@kontovogel.example +49 30 1234567") == "mara@kontovogel.example +49 30 1234567"


@pytest.mark.usefixtures("personal")
def test_every_form_of_a_run_is_redacted() -> None:
    """Page, fragment, Markdown and text."""
    said = "mara@kontovogel.example pk_live_0123456789 +49 30 1234567"
    message = {"role": "assistant", "content": [{"type": "tool-call", "toolName": "x", "args": {"to": said}}]}
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": said, "messages": [message]})
    for form in (run.to_html(), run._repr_html_(), run.to_markdown(), run.to_text()):
        assert "kontovogel.example" not in form
        assert "0123456789" not in form
        assert "1234567" not in form
