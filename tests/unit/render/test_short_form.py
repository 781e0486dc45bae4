"""The short form of a run, which a terminal and a pipe print: of use, small, harmless, honest."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from rich.cells import cell_len

from puffle_jupyter.demo import STORIES
from puffle_jupyter.demo.transcripts import load_transcript
from puffle_jupyter.render.blocks import Call
from puffle_jupyter.render.html.markdown import to_html
from puffle_jupyter.render.outline import short_calls
from puffle_jupyter.render.terminal.layout import Layout
from puffle_jupyter.render.terminal.short_form import ANSWER_LINES, short_text
from puffle_jupyter.run import Run
from tests.support.html_check import text_of
from tests.support.payloads import SAMPLE, answer_full_of, corpus_payloads

HEAD = "✓ completed · run_abc · 31 s"
WHOLE = "All of it: print(watch.to_text())"
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
STYLE = re.compile(r"\x1b\[[\d;]*m")
ROWS = "| Name | Team |\n|:--|--:|\n| [Kontovogel](https://kontovogel.example) | 34 |\n"


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def completed(answer: Any = "done", **fields: Any) -> Run:
    return Run.from_dict({"runId": "run_abc", "status": "completed", "text": answer, **fields})


def demo_run(name: str) -> Run:
    return Run.from_dict({"runId": name, "status": "completed", **load_transcript(name)})


def short(run: Run, columns: int = 100, *, styled: bool = False) -> str:
    return short_text(run, HEAD, Layout(columns, styled), WHOLE)


def listed(*states: bool) -> Run:
    """A run of calls that succeeded or failed."""
    known = {"toolName": "tool", "input": {}}
    succeeded, failed = {"type": "tool-result", "output": 1}, {"type": "tool-error", "error": "no"}
    calls = [
        {**known, "toolCallId": str(at), **(succeeded if state else failed)}
        for at, state in enumerate(states)
    ]
    return completed(toolCalls=calls)


@pytest.mark.parametrize(("name", "most"), [("run_abc", 40), ("run_long", 60)])
@pytest.mark.parametrize("styled", [True, False])
def test_a_run_is_about_a_screenful(name: str, most: int, styled: bool) -> None:
    """At 100 columns the ordinary run takes 40 lines, the long one 60: the badge first, the way on last."""
    lines = short(demo_run(name), styled=styled).split("\n")
    assert len(lines) <= most
    assert lines[0] == HEAD
    assert lines[-1] == WHOLE


def test_the_answer_is_rendered() -> None:
    """Headings, tables, lists, quotations and code are laid out, and where links lead is said."""
    answer = (
        "## Leads\n\nSee [the **list**](https://app.example.com/l).\n\n"
        f"{ROWS}\n1. one\n2. two\n   - inner\n\n"
        "> said\n\n```python\nprint(1)\n```\n\n~~old~~<br>new [mail](mailto:a@b.example)"
    )
    assert short(completed(answer)).split("\n")[2:-2] == [
        "  ## Leads",
        "  See the list (https://app.example.com/l).",
        "",
        "  Name        Team",
        "  ────────────────",
        "  Kontovogel    34",
        "  Kontovogel: https://kontovogel.example",
        "",
        "  1. one",
        "  2. two",
        "     • inner",
        "",
        "  │ said",
        "",
        "    print(1)",
        "",
        "  ~~old~~<br>new mail (a@b.example)",
    ]


def test_nothing_of_the_answer_is_lost_in_it() -> None:
    """Raw html, images, markup of the library that lays it out, emoji codes: shown as they were sent."""
    answer = (
        "<founder> [bold]x[/bold] [link=https://evil.example]y[/link] :smile: ![alt](https://a.example/i.png)"
    )
    shown = " ".join(short(completed(answer)).split())
    for words in ("<founder>", "[bold]x[/bold]", "[link=", "]y[/link]", ":smile:", "https://a.example/i.png"):
        assert words in shown


@pytest.mark.parametrize("name", STORIES)
def test_every_word_of_an_answer_is_there_in_its_order(name: str) -> None:
    """What the page shows of an answer, a terminal shows too, when it is short enough."""
    run = demo_run("run_abc" if name in ("run_slow", "run_failed", "run_cancelled") else name)
    for paragraph in (run.text or "").split("\n\n"):
        shown = iter(short(completed(paragraph), 400))
        words = "".join(text_of(to_html(paragraph)).split())
        assert all(letter in shown for letter in words)


def test_a_cell_is_never_cut() -> None:
    """A word wider than its column goes on in the next line, and a table of very many columns is rows."""
    long_word = "q" * 90
    shown = short(completed(f"| a | b | c |\n|-|-|-|\n| {long_word} | {long_word} | end |\n"), 60)
    assert shown.count("q") == 180
    assert "…" not in shown
    wide = short(completed("|" + "a|" * 40 + "\n|" + "-|" * 40 + "\n|" + "b|" * 40), 60)
    assert [len(re.findall(rf"\b{cell}\b", wide)) for cell in "ab"] == [40, 40]


def test_one_line_a_call() -> None:
    """Mark, name, short arguments and what came of it; what did not succeed says why."""
    lines = short(demo_run("run_abc")).split("\n")
    calls = lines[lines.index("6 messages · 8 tool calls (1 failed)") + 1 : -1]
    assert len(calls) == 8
    assert re.fullmatch(r"✓ search_leads  query: \"fintech founders\" .*  8 rows", calls[1])
    assert re.fullmatch(r"✗ web_search  query: .*  failed: timed out after 20 s: .*", calls[4])


def test_every_failed_call_is_named_and_every_call_is_counted() -> None:
    """Of many calls the first, the last and those that failed have a line, the others a count."""
    run = demo_run("run_long")
    lines = short(run).split("\n")
    assert sum(line.startswith("✗ ") for line in lines) == 4
    named = sum(line.startswith(("✓ ", "✗ ")) for line in lines[1:])
    counted = sum(int(found[1]) for line in lines if (found := re.match(r"… ([\d,]+) calls?: ", line)))
    assert named + counted == len(run.calls) == 119


@pytest.mark.parametrize("count", [0, 1, 12, 13, 40, 400])
@pytest.mark.parametrize("failing", [1, 2, 7])
def test_the_short_form_of_calls_is_all_of_them_in_order(count: int, failing: int) -> None:
    """Whatever is named or counted, together it is every call once; its lines stay few."""
    calls = listed(*(at % failing != 0 for at in range(count))).transcript.tool_calls
    blocks = list(short_calls(calls))
    parts = [(block.call,) if isinstance(block, Call) else block.calls for block in blocks]
    assert list(itertools.chain(*parts)) == list(calls)
    assert len(blocks) <= 40


def test_calls_that_are_counted_say_how_many_failed() -> None:
    """Where very many failed, not each has a line, and the count says so."""
    assert re.search(r"… \d+ calls: .* \(\d+ failed\)", short(listed(*[False] * 100)))


def test_a_long_answer_says_that_it_goes_on() -> None:
    """What is cut is said, with the size of the whole; an answer of millions takes no longer."""
    shown = short(completed("word\n\n" * 500_000)).split("\n")
    assert len(shown) <= ANSWER_LINES + 6
    assert "… the answer goes on: 3,000,000 characters in all" in shown
    assert "goes on" not in short(completed("word\n\n" * 5))


def test_a_failed_run_says_why() -> None:
    """The error is below the sentence, indented, and cut with its size."""
    run = Run.from_dict({"runId": "run_abc", "status": "failed", "error": "quota\n" * 100})
    lines = short(run).split("\n")
    assert lines[2:4] == ["The run failed.", "  quota"]
    assert "… the error goes on: 600 characters in all" in lines


def test_an_answer_that_is_no_text_is_shown() -> None:
    """A final value that is JSON is laid out."""
    assert '    "found": 5' in short(completed({"found": 5}))


@pytest.mark.parametrize(
    "payload", [*SAMPLE, "&#27;[2J&#x202e;&#xE0041;&#7;", "[x](https://a.example/&#27;]8;;)"]
)
@pytest.mark.parametrize("styled", [True, False])
def test_hostile_strings_are_harmless(payload: str, styled: bool) -> None:
    """No position of a response brings a control into a terminal: only bold and colours of ours are there."""
    shown = short(Run.from_dict(answer_full_of(payload)), styled=styled)
    assert not UNSAFE.search(STYLE.sub("", shown) if styled else shown)


def test_the_corpora_are_harmless() -> None:
    """The same holds for every payload of the corpora, as an answer; a place of ours is none of them."""
    for payload in corpus_payloads():
        shown = short(completed(payload), styled=True)
        assert not UNSAFE.search(STYLE.sub("", shown))


FAKES = ("hi\n\n✓ completed", "hi<br>✓", "hi&#10;✓", "    ✓", "hi\\\n✓", "| a |\n|-|\n| ✓ |")


@pytest.mark.parametrize("answer", FAKES)
def test_an_answer_cannot_pass_for_a_line_of_ours(answer: str) -> None:
    """It is indented, whatever breaks its lines."""
    assert not any(line.startswith("✓") for line in short(completed(answer)).split("\n")[1:])


def test_a_hostile_address_is_no_link() -> None:
    """Nothing is a hyperlink of the terminal; a link that misleads says where it leads."""
    shown = short(completed("[app.puffle.ai](https://evil.example) [x](javascript:alert(1))"), styled=True)
    assert "\x1b]" not in shown
    assert "leads to evil.example" in " ".join(STYLE.sub("", shown).split())
    assert "javascript" not in shown


def test_plain_text_has_no_styles() -> None:
    """A pipe gets no escape; a terminal that asks for no colour gets none."""
    assert "\x1b" not in short(demo_run("run_abc"))
    assert STYLE.search(short(demo_run("run_abc"), styled=True))


def test_no_colour_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves bold and underlined text, a dumb terminal nothing."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in short(demo_run("run_abc"), styled=True)
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in short(demo_run("run_abc"), styled=True)


@pytest.mark.parametrize("columns", [20, 40, 80, 100, 160])
def test_lines_fit_the_terminal(columns: int) -> None:
    """No line is wider than the terminal, also where characters take two columns."""
    wide = "日本語テキスト" * 20
    runs = [
        demo_run("run_abc"),
        completed(f"{wide}\n\n- {wide}\n\n```\n{wide}\n```\n\n| a | b |\n|-|-|\n| {wide} | x |"),
    ]
    for run in runs:
        lines = short_text(run, "✓ completed", Layout(columns, False), "all").split("\n")
        assert max(map(cell_len, lines)) <= columns


DEEP = {
    "stars": "*" * 20_000,
    "emphasis": "*a **b " * 1_400 + "c** d*" * 1_400,
    "quotes": "> " * 400 + "x",
    "lists": "- " * 400 + "x",
    "brackets": "[" * 20_000,
    "cells": "|" + "a|" * 9_000 + "\n|" + "-|" * 9_000,
    "strikes": "~~a " * 2_000 + "~~ " * 2_000,
}


@pytest.mark.parametrize("answer", DEEP.values(), ids=DEEP)
def test_what_nests_too_deep_is_shown_as_text(answer: str) -> None:
    """No answer is too deep or too wide to be printed."""
    assert len(short(completed(answer)).split("\n")) <= ANSWER_LINES + 8
