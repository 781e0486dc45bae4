"""What is cut out of everything shown or exported."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator

import pytest

from puffle_jupyter import Run
from puffle_jupyter.redact import redact
from puffle_jupyter.safe_text import escape_invisible
from puffle_jupyter.settings import Personal, current_settings
from puffle_jupyter.tables.run_csv import run_csv


def as_entities(text: str, form: str = "&#{};") -> str:
    return "".join(form.format(ord(character)) for character in text)


def every_form(run: Run) -> list[str]:
    """All that a run can be shown or exported as, but for the answer as it was sent."""
    whole = [run.to_html(), run._repr_html_(), run.to_markdown(), run.to_text()]
    parts = [run.to_html("answer"), run.to_html("calls"), run.to_markdown("compact")]
    return [*whole, *parts, run_csv(run).encoded().decode(), run.tables._repr_html_()]


KEYS = [
    "pk\\_live\\_a1B2c3",
    "pk\\\\_live\\\\_a1B2c3",
    "pk&#95;live&#x5F;a1B2c3",
    "pk&lowbar;live&UnderBar;a1B2c3",
    "\\u0070k_live_a1B2c3",
    "\\\\u0070k\\\\u005flive_a1B2c3",
    "pk%5Flive%5fa1B2c3",
    "pk%255Flive_a1B2c3",
    as_entities("pk_live_a1B2c3"),
    as_entities("pk_live_a1B2c3", "&#x{:X};"),
    as_entities("pk_live_a1B2c3", "\\u{:04x}"),
    "pk_live_a1\\u0042\\u0032c3",
    "p\u00adk_live_a1B2c3",
    "pk_l\u200bive_a1B2c3",
    "pk_live_a1\u200dB2c3",
    "pk_l&shy;ive&#8203;_a1B2c3",
    escape_invisible("pk_l\u200bi\u202evE_".lower() + "a1\U000e0041B2c3"),
    "pk_live_**a1**B2c3",
]
TOKENS = [
    "Bearer a1.B2c3-d4",
    "\\nBearer a1.B2c3-d4",
    "B&#101;arer a1.B2c3-d4",
    "\\u0042earer a1.B2c3-d4",
    "%42earer%20a1.B2c3-d4",
    "Bearer\\ta1.B2c3-d4",
    "Bearer&#32;a1\\.B2c3-d4",
    "Bearer `a1.B2c3-d4",
    "Bearer a1\\/B2c3-d4",
    "Be\u00adarer a1.B2c3-d4",
]
ADDRESSES = [
    "a\\@b2c3.example",
    "a&#64;b2c3.example",
    "a&commat;b2c3&period;example",
    "a@b2c3\\.example",
    "a\\u0040b2c3.example",
    "a\\\\u0040b2c3.example",
    "a%40b2c3.example",
    "a\\_x\u00ad@b2c3.example",
    "\\na@b2c3.example",
    "m\\u00fcller@b2c3.example",
    as_entities("a@b2c3.example"),
]
NUMBERS = [
    "\\+49 30 1234567",
    "&#43;49 30 1234567",
    "+49&nbsp;30 1234567",
    "+49\\u002030\\u00201234567",
    "%2B49%2030%201234567",
    "+49 30 123\u00ad4567",
    "+49\u00a030\u00a01234567",
    "\\(555\\) 010\\-9999",
    "555\\.010\\.9999",
    "\\n+49 30 1234567",
    "030\u20111234567",
]


@pytest.fixture
def personal() -> Iterator[None]:
    current_settings.change(redact=frozenset(Personal))
    yield
    current_settings.reset(["redact"])


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


@pytest.mark.parametrize("written", KEYS)
def test_keys_are_found_however_they_are_written(written: str) -> None:
    """Escaped for Markdown, HTML, JSON (in JSON) or an address, or with something invisible in it."""
    assert redact(f"x {written} y").replace("*", "") == "x pk_live_… y"


@pytest.mark.parametrize("written", TOKENS)
def test_tokens_are_found_however_they_are_written(written: str) -> None:
    """The same for bearer tokens; the word before stays as it was written."""
    shown = redact(f"x {written} y")
    assert "B2c3" not in shown
    assert shown.endswith("… y")


@pytest.mark.parametrize(
    ("written", "shown"),
    [*((text, "[e-mail]") for text in ADDRESSES), *((text, "[phone]") for text in NUMBERS)],
)
@pytest.mark.usefixtures("personal")
def test_people_are_found_however_they_are_written(written: str, shown: str) -> None:
    """The same for addresses and numbers of people."""
    assert redact(f"x {written} y").replace("\\n", "") == f"x {shown} y"


@pytest.mark.parametrize("written", [*KEYS, *TOKENS, *ADDRESSES])
@pytest.mark.parametrize("place", ["text", "argument", "JSON in a text", "role", "error", "code"])
@pytest.mark.usefixtures("personal")
def test_no_view_shows_what_is_escaped(written: str, place: str) -> None:
    """Page, output, Markdown and text, wherever it stands, and as the page would be read."""
    arguments = {"a": written} if place == "argument" else {}
    result = json.dumps({"a": written}) if place == "JSON in a text" else 1
    said = {"text": written, "code": f"```\n{written}\n```"}.get(place, "x")
    call = {"type": "tool-call", "toolCallId": "c", "toolName": "x", "input": arguments}
    answer = {"type": "tool-result", "toolCallId": "c", "toolName": "x", "output": result}
    role = written if place == "role" else "assistant"
    messages = [
        {"role": role, "content": [{"type": "text", "text": f"{said} z"}, call]},
        {"role": "tool", "content": [answer]},
    ]
    error = written if place == "error" else None
    run = Run.from_dict(
        {"runId": "r", "status": "failed", "text": said, "error": error, "messages": messages}
    )
    for form in every_form(run):
        readable = re.sub("<[^>]*>", "", html.unescape(form)).lower()
        assert "b2c3" not in readable.replace("\\u0042\\u0032", "b2")


@pytest.mark.parametrize(
    "text",
    [
        "5 % of \\_x &lt;b> \\u003c R&D a%20b",
        "&#95; \\_ %5F \\u0070",
        "C:\\new\\_x \\@",
        "naïve\u00adly ❤️",
        "Bearer of the \\_ ring",
    ],
)
def test_what_is_escaped_and_no_secret_stays_as_written(text: str) -> None:
    """Redaction resolves nothing but what it cuts out."""
    assert redact(text) == text


@pytest.mark.cost
@pytest.mark.usefixtures("personal")
def test_redaction_ends() -> None:
    """Text made to be slow is redacted in time that grows with its length."""
    pieces = [
        "\\",
        "\\\\u",
        "%25",
        "&#0",
        "&amp",
        "pk_live_*",
        "Bearer\\t",
        "Bearer `",
        "a@",
        "a.",
        "+1 ",
        "(0",
        "\u00ad",
        "pk\\_live\\_",
    ]
    for piece in pieces:
        started = time.process_time()
        redact(piece * 100_000)
        assert time.process_time() - started < 3.0, piece


@pytest.mark.usefixtures("personal")
def test_every_form_of_a_run_is_redacted() -> None:
    """Page, fragment, Markdown, text, those of less detail, and the rows in a CSV file."""
    said = "mara@kontovogel.example pk_live_0123456789 +49 30 1234567"
    message = {"role": "assistant", "content": [{"type": "tool-call", "toolName": "x", "args": {"to": said}}]}
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": said, "messages": [message]})
    for form in every_form(run):
        assert "kontovogel.example" not in form
        assert "0123456789" not in form
        assert "1234567" not in form


@pytest.mark.parametrize("hidden", [0x8, 0xB, 0xC, 0x1B, 0x7F, 0xAD, 0x61C])
@pytest.mark.parametrize("form", ["\\u{:04x}", "\\\\u{:04X}", "&#{};", "&#x{:X};", "&#00{};"])
def test_what_is_between_the_letters_of_a_key_hides_it_not(hidden: int, form: str) -> None:
    """However it is spelled: invisible characters are looked through wherever a reader would not see them."""
    spelled = form.format(hidden)
    for text in (f"pk_live{spelled}_0123abcd", f"Bea{spelled}rer 0123abcd", "pk_li\\ud800ve_0123abcd"):
        assert "0123abcd" not in redact(escape_invisible(text)), text
