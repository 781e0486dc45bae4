"""The beginning of an answer: it fits, nothing of the answer is lost, and both pieces are whole html."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from puffle_jupyter.render.arrangement import BRIEF
from puffle_jupyter.render.html import markdown, style
from puffle_jupyter.render.html import run as html
from puffle_jupyter.render.html.beginning import beginning, rows_in_beginning
from puffle_jupyter.run import Run
from tests.support.html_check import foreign_parts, text_of
from tests.support.kinds import FAILED, MARKDOWN

SENTENCE = "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour. "
LONG = {
    "every kind": MARKDOWN,
    "paragraphs": f"{SENTENCE * 3}\n\n" * 20,
    "one paragraph": SENTENCE * 100,
    "no spaces": "x" * 5_000,
    "wide characters": "日本語の長い文章。" * 300,
    "emphasis": "**bold and *both* and** [a link](https://example.com) " * 80,
    "entities": "<b> & 'x' " * 300,
    "a table of 30 rows": "| a | b | c |\n|--|--|--|\n" + "| x | y `z` | **1** |\n" * 30,
    "a table of long cells": "| a | b |\n|--|--|\n" + f"| {SENTENCE * 3} | {SENTENCE} |\n" * 10,
    "one long cell": f"| a |\n|--|\n| {SENTENCE * 60} |\n| b |\n",
    "many columns": f"|{'a wide heading|' * 30}\n|{'--|' * 30}\n" + f"|{'a cell|' * 30}\n" * 10,
    "code": "```python\n" + "def f(x):\n\n    return [x, 'y']\n\n\n" * 20 + "```",
    "long lines of code": "```\n" + "x = 1; " * 400 + "\n```",
    "headings": "# One\n\n## Two\n\n### Three\n\n" * 12,
    "a list": "".join(f"{at}. {SENTENCE}\n" for at in range(7, 40)),
    "a loose list": "".join(f"- {SENTENCE}\n\n  {SENTENCE}\n\n" for _ in range(20)),
    "a nested list": "- a\n  - b\n    1. c\n    2. d\n" * 20,
    "a quotation": f"> {SENTENCE}\n>\n" * 20,
    "rules": "a\n\n---\n\n" * 40,
    "line breaks": "a  \n" * 60,
}
HEIGHT = 150.0


def rendered(text: str) -> str:
    return markdown.to_html(text, highlighted=True)


def tags_of(shown: str) -> list[str]:
    return re.findall(r"</?[a-z0-9]+", shown)


def is_balanced(shown: str) -> bool:
    opened: list[str] = []
    for tag in tags_of(shown):
        if tag.startswith("</"):
            if not opened or opened.pop() != tag[2:]:
                return False
        elif tag not in ("<br", "<hr"):
            opened.append(tag[1:])
    return not opened


def heads_of(shown: str) -> list[str]:
    return re.findall(r"<thead>.*?</thead>", shown, re.DOTALL)


def joined(whole: str, shown: str, rest: str) -> str:
    """The text of both pieces, without the heading that a table goes on with, and without white space."""
    if len(heads_of(shown + rest)) > len(heads_of(whole)):
        assert heads_of(rest)[0] == heads_of(shown)[-1]
        rest = rest.replace(heads_of(rest)[0], "", 1)
    return without_spaces(text_of(shown + rest))


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", LONG)
def test_nothing_is_lost(name: str) -> None:
    """The two pieces hold every character once, and each is balanced html with nothing foreign in it."""
    whole = rendered(LONG[name])
    shown, rest = beginning(whole, HEIGHT)
    assert rest
    assert shown
    assert joined(whole, shown, rest) == without_spaces(text_of(whole))
    assert is_balanced(shown)
    assert is_balanced(rest)
    assert foreign_parts(shown + rest) == []


@given(st.lists(st.sampled_from([*LONG.values(), SENTENCE, "a\n\n", "# b\n\n"])), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_of_any_mixture(texts: list[str], height: int) -> None:
    """The same for any texts one after the other, cut at any height."""
    whole = rendered("\n\n".join(texts))
    shown, rest = beginning(whole, height)
    assert joined(whole, shown, rest) == without_spaces(text_of(whole))
    assert is_balanced(shown)
    assert is_balanced(rest)


def test_what_fits_is_not_cut() -> None:
    """A short answer is left as it is."""
    whole = rendered("# Two\n\nfounders")
    assert beginning(whole, HEIGHT) == (whole, "")


def test_a_list_goes_on_with_its_next_number() -> None:
    """The second piece of an ordered list starts where the first ended."""
    shown, rest = beginning(rendered(LONG["a list"]), HEIGHT)
    items = shown.count("<li ")
    assert items > 2
    assert rest.startswith("<ol")
    assert f'start="{7 + items}"' in rest


def test_an_item_goes_on_without_a_second_number() -> None:
    """An item that is cut in two is still one item."""
    _, rest = beginning(rendered(f"1. {SENTENCE * 30}\n2. b"), HEIGHT)
    assert re.match(r'<ol[^>]* start="1"><li style="list-style:none">', rest)


def test_a_table_has_its_heading_again() -> None:
    """Both pieces of a table are tables that can be read."""
    shown, rest = beginning(rendered(LONG["a table of 30 rows"]), HEIGHT)
    assert [piece.count("<thead>") for piece in (shown, rest)] == [1, 1]
    assert shown.count("<tr") + rest.count("<tr") == 30 + 2


def test_a_cut_table_says_how_many_rows_are_above() -> None:
    """A reader of a closed answer does not take the rows above for all; without a cut nothing is said."""
    text = f"| a |\n|--|\n| x |\n\n{LONG['a table of 30 rows']}"
    brief = html.arranged_body(Run.from_dict({"runId": "run_a", "status": "completed", "text": text}), BRIEF)
    shown = brief.partition("<summary")[0].count("<tr") - 2 - 1
    assert shown > 0
    assert f"show all {len(text)} characters · {shown} of 30 rows above<" in brief
    assert rows_in_beginning(rendered("a\n\n" * 9 + LONG["a table of 30 rows"]), HEIGHT) is None


def test_a_heading_is_not_left_alone() -> None:
    """What a heading announces stands with it."""
    text = f"{SENTENCE * 4}\n\n## Next\n\n{SENTENCE * 9}"
    for height in range(60, 200, 5):
        shown, rest = beginning(rendered(text), height)
        assert not shown.rstrip().endswith("</h3>"), height
        assert rest, height


def test_a_piece_of_code_does_not_begin_with_a_line_break() -> None:
    """Html drops a line break at the beginning of a `pre`, so none may stand there."""
    _, rest = beginning(rendered(LONG["code"]), HEIGHT)
    assert not re.match(r"<pre[^>]*>(<code[^>]*>)?(\n|&#10;)", rest)


PAGE = (
    "<style>body {{ font: 14px system-ui, sans-serif; margin: 0 }} </style>"
    '<main style="width:{}px;display:flow-root">{}</main>'
)
GROWTH = 320
BADGE = 20
"""Pixels of the lowest line that a badge takes while a run goes on."""


def completed(text: str) -> Run:
    calls = [{"toolName": f"tool {at}", "args": {"n": at}, "result": at} for at in range(60)]
    said = [{"role": "user", "content": SENTENCE}, {"role": "assistant", "content": text}] * 30
    return Run.from_dict(
        {"runId": "run_a", "status": "completed", "text": text, "messages": said, "toolCalls": calls}
    )


def failed(text: str, error: str) -> Run:
    return Run.from_dict({"runId": "run_a", "status": "failed", "text": text, "error": error})


RUNS = {
    **{name: completed(text) for name, text in LONG.items()},
    "short": completed("Two founders."),
    "failed": FAILED,
    "long error": failed("", f"{SENTENCE}\n" * 60),
    "long error and answer": failed(MARKDOWN, f"{SENTENCE}\n\n" * 60),
    "too long for Markdown": completed("word\n" * 200_000),
}


@pytest.mark.browser
@pytest.mark.parametrize("width", [832, 600, 1400])
def test_no_run_grows_more_than_it_may(browser: Browser, width: int) -> None:
    """Whatever the answer, the brief form of an ended run is 320 px higher than a badge at most."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    heights = {}
    for name, run in RUNS.items():
        page.set_content(PAGE.format(width, html.arranged_body(run, BRIEF)))
        heights[name] = page.locator("main").bounding_box()["height"] + BADGE  # type: ignore[index]
    page.close()
    print({name: round(height) for name, height in heights.items()})
    assert {name: height for name, height in heights.items() if height > GROWTH} == {}


@pytest.mark.browser
def test_the_beginning_fills_its_box_and_does_not_scroll(browser: Browser) -> None:
    """In an ordinary window the height is estimated well: nothing scrolls but what no cut can shorten."""
    page = browser.new_page(viewport={"width": 832, "height": 900})
    scrolling, low = [], []
    for name, run in RUNS.items():
        page.set_content(PAGE.format(832, html.arranged_body(run, BRIEF)))
        box = page.locator(f'[style="{style.BRIEF}"]')
        shown, needed = box.evaluate("box => [box.clientHeight, box.scrollHeight]")
        if needed > shown:
            scrolling.append(name)
        if shown < 60 and "show all" in page.inner_text("main"):
            low.append(name)
    page.close()
    assert scrolling == ["one long cell"]
    assert low == []


@pytest.mark.browser
def test_in_a_narrow_window_nothing_is_hidden_by_a_scroll_bar(browser: Browser) -> None:
    """At 400 px the text that an ordinary window has room for is there to read, with the fold below it."""
    page = browser.new_page(viewport={"width": 400, "height": 900})
    scrolling = []
    for name, run in (RUNS | {"seven lines": completed(SENTENCE[:90] * 7)}).items():
        page.set_content(PAGE.format(400, html.arranged_body(run, BRIEF)))
        shown, needed = page.locator(f'[style="{style.BRIEF}"]').evaluate(
            "box => [box.clientHeight, box.scrollHeight]"
        )
        scrolling += [name] if needed > shown else []
    page.close()
    assert scrolling == ["one long cell"]


@pytest.mark.parametrize("name", [name for name in RUNS if name != "too long for Markdown"])
def test_a_brief_run_has_everything(name: str) -> None:
    """The whole answer and error are there, the exact size is said, and every fold is closed."""
    run = RUNS[name]
    brief = html.arranged_body(run, BRIEF)
    assert "<details" in brief
    assert " open>" not in brief
    size = len(run.text or "") + len(run.error or "")
    if name not in ("short", "failed"):
        assert f"show all {size:,} characters" in brief
    before = brief.partition(">Transcript</b>")[0]
    before = re.sub(
        r"show all [\d,]+ characters( · 1 of 2 rows above)?|<thead>.*?</thead>", "", before, flags=re.DOTALL
    )
    for end in (text_of(rendered(run.text or ""))[-100:], (run.error or "")[-100:]):
        assert without_spaces(end) in without_spaces(text_of(before))


@pytest.mark.browser
def test_on_paper_the_box_is_as_high_as_its_content(browser: Browser) -> None:
    """What scrolls on a screen is cut off on paper, so there the box has no height of its own."""
    page = browser.new_page(viewport={"width": 832, "height": 900})
    page.set_content(PAGE.format(832, html.arranged_body(RUNS["one long cell"], BRIEF)))
    box = page.locator(f'[style="{style.BRIEF}"]')
    fits = "box => box.scrollHeight <= box.clientHeight"
    assert not box.evaluate(fits)
    page.emulate_media(media="print")
    assert box.evaluate(fits)
    page.close()


def test_a_reader_that_drops_functions_still_has_a_height() -> None:
    """JupyterLab's sanitiser of an untrusted notebook drops ``max()``: a plain height stands before it."""
    declared = [one.partition(":") for one in style.BRIEF.split(";")]
    kept = {name: value for name, _, value in declared if "(" not in value}
    assert kept["max-height"] == f"{style.BRIEF_PIXELS}px"
