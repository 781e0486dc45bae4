"""A run as plain text and as Markdown: whole, and harmless in a terminal and in a renderer."""

from __future__ import annotations

import re
from typing import Any

import comrak
import pytest

from puffle_jupyter.display.snapshot import static_text
from puffle_jupyter.redact import redact
from puffle_jupyter.render.limits import NOTEBOOK_TEXT
from puffle_jupyter.render.markdown.neutralize import neutralized
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.safe_text import escape_invisible
from puffle_jupyter.untrusted import plain_label, terminal_safe
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.payloads import SAMPLE, answer_full_of

UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)


def completed(answer: str = "done", **fields: Any) -> Run:
    return Run.from_dict({"runId": "run_abc", "status": "completed", "text": answer, **fields})


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2J", "\\u001b[2J"),
        ("a\rb", "a\\u000db"),
        ("a\r\nb", "a\nb"),
        ("\x9b31m", "\\u009b31m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\ud800", "\\ud800"),
        ("Grüße\t👩‍💻 עברית\n", "Grüße\t👩‍💻 עברית\n"),
    ],
)
def test_terminal_safe(raw: str, shown: str) -> None:
    """What a terminal would obey is shown as an escape; every language and emoji stays."""
    assert terminal_safe(raw) == shown


def test_every_control_character() -> None:
    """No character of the dangerous ranges passes, alone or between others."""
    dangerous = [chr(code) for code in range(0x110000) if UNSAFE.fullmatch(chr(code))]
    assert [char for char in dangerous if UNSAFE.search(escape_invisible(f"a{char}é"))] == []


def test_one_line() -> None:
    """Without newlines, a line break and a tab are escapes too."""
    assert plain_label("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize("payload", SAMPLE)
def test_hostile_strings_in_every_position(payload: str) -> None:
    """No position of a response brings a control character into text or Markdown."""
    run = Run.from_dict(answer_full_of(payload))
    assert not UNSAFE.search(run.to_text())
    assert not UNSAFE.search(run.to_markdown())


def test_nothing_passes_for_a_line_of_ours() -> None:
    """Messages are indented, so no text of others stands where our own lines do."""
    run = completed(messages=[{"role": "user", "content": "hi\n✓ completed · run_fake\nassistant:\n  yes"}])
    assert "\n✓ completed · run_fake" not in run.to_text()
    assert "\nassistant:" not in run.to_text()


def test_text_has_everything() -> None:
    """The text holds answer, messages, calls with arguments and results, and the ledger."""
    messages = [
        {"role": "user", "content": "the question"},
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "text": "the thought"},
                {"type": "tool-call", "toolCallId": "c", "toolName": "the_tool", "input": {"the_key": 1.50}},
            ],
        },
        {
            "role": "tool",
            "content": [
                {
                    "type": "tool-result",
                    "toolCallId": "c",
                    "toolName": "the_tool",
                    "output": {"type": "json", "value": {"found": 0}},
                }
            ],
        },
        {"role": "assistant", "content": [{"type": "hologram", "x": "the unknown"}]},
    ]
    run = completed("the answer", messages=messages)
    words = (
        "the answer",
        "the question",
        "the thought",
        "the_tool",
        '"the_key": 1.5',
        '"found": 0',
        "the unknown",
    )
    for shown in (run.to_text(), run.to_markdown().replace("\\_", "_")):
        for word in (*words, "1 unknown"):
            assert word in shown


def test_a_waiting_snapshot_is_two_lines() -> None:
    """A watch that goes on is its badge line and one sentence in the text of an output."""
    snapshot = WatchSnapshot("run_abc", WatchPhase.WATCHING, RunStatus.RUNNING, "running", polls=3)
    assert static_text(snapshot, "01:37:06").splitlines()[0] == "◐ running · run_abc · as of 01:37:06"
    assert len(static_text(snapshot, "01:37:06").splitlines()) == 2


def test_an_ended_snapshot_is_the_transcript() -> None:
    """A watch whose run ended is its badge line, then the answer."""
    snapshot = WatchSnapshot(
        "run_abc", WatchPhase.ENDED, RunStatus.COMPLETED, "completed", completed("hello"), 3, 0.0, 31.0
    )
    assert static_text(snapshot, "").startswith("✓ completed · run_abc\n\nhello\n")


def test_text_beside_html_is_bounded() -> None:
    """The text in a notebook output is cut with the exact numbers; to_text() is not."""
    run = completed("é" * 1_000_000)
    snapshot = WatchSnapshot("run_abc", WatchPhase.ENDED, RunStatus.COMPLETED, "completed", run)
    shown = static_text(snapshot, "")
    assert len(shown.encode()) < (NOTEBOOK_TEXT.output or 0) + 200
    assert re.search(r"… [\d,]+ of 1,[\d,]+ characters shown", shown)
    assert run.to_text().count("é") == 1_000_000


def test_exported_markdown_is_disarmed() -> None:
    """Raw HTML and images in an export stay text, even in a renderer that allows both; code is untouched."""
    unsafe = comrak.RenderOptions()
    unsafe.unsafe_ = True
    shown = comrak.render_markdown(
        neutralized(
            "<script>x</script> ![i](http://x.example/p) `<b>` <https://ok.example>\n\n```\n<i>\n```\n"
        ),
        render_options=unsafe,
    )
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<code>&lt;b&gt;</code>" in shown
    assert "&lt;i&gt;" in shown
    assert 'href="https://ok.example"' in shown


def test_exported_messages_are_quoted() -> None:
    """A message cannot fake a heading of the export."""
    run = completed(messages=[{"role": "user", "content": "hi\n\n### assistant\n\nyes"}])
    assert "\n### assistant" not in run.to_markdown()
    assert "\n> ### assistant" in run.to_markdown()


def test_fences_are_longer_than_what_they_hold() -> None:
    """JSON or an error with backticks cannot close its own code block."""
    run = Run.from_dict({"runId": "run_abc", "status": "failed", "error": "```\n# fake\n````"})
    assert "\n`````text\n```\n# fake\n````\n`````" in run.to_markdown()


@pytest.mark.parametrize(
    "text_with_key",
    [
        "pk_live_Secret1",
        "x=pk_live_Secret-1_a",
        "pk_live_\\u0053ecret",
        "Authorization: Bearer Secret.x-y_z==",
        "authorization: bearer Secret1234",
        '{"Authorization":"Bearer Secret"}',
        "BEARER  Secret1",
    ],
)
def test_keys_are_cut_out(text_with_key: str) -> None:
    """Keys and bearer tokens are redacted in full, whatever surrounds them."""
    assert "ecret" not in redact(text_with_key)
    assert "…" in redact(text_with_key)


@pytest.mark.parametrize(
    "prose", ["the bearer of this letter", "a Bearer token is needed", "pk_live is a prefix"]
)
def test_prose_is_not_redacted(prose: str) -> None:
    """Ordinary words about keys stay."""
    assert redact(prose) == prose
