"""Text made to be slow ends soon, wherever it stands in a run and however the run is shown.

The time is CPU time of this thread; a run alone stays below a second, and a busy machine is given three.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.render.html.markdown import to_html
from puffle_jupyter.render.html.markdown_limits import too_much
from puffle_jupyter.run import Run

SECONDS = 3.0
LONG = 200_000

SLOW = {
    "images": "![" * 20_000,
    "quotes": ">" * 20_000,
    "cells in a row": "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n",
    "rows without cells": "a|b\n-|-\n" + "a\n" * LONG,
    "a rule of spaces": "a|b\n-|-" + " " * LONG + "x",
    "ticks in a row": "a|b\n-|-\n" + "`" + "|`` `" * 400 + "".join("`" * n + " " for n in range(1, 900)),
    "rows in quotes": "> " * 40 + "a|b\n" + ("> " * 40 + "-|-\n") + ("> " * 40 + "1|2|3\n") * 3_000,
    "brackets": "[" * 100_000,
    "a line": "a" * 10_000_000,
    "mail addresses": "a@b.c " * 80_000,
    "mail links": "mailto:a@b.c " * 38_000,
    "brackets after an address": "www.a.b" + ")" * LONG,
    "entities in an address": "www.a.b" + "&a;" * LONG,
    "ticks": "`" * LONG,
    "runs of ticks": "".join("`" * length + " " for length in range(1, 990)),
    "waves": "~~" * 100_000,
    "emphasis": "*a **b " * 60_000,
    "underscores": "_a __b " * 60_000,
    "openings of links": "[a](" * 120_000,
    "angles": "<" * LONG,
    "nested lists": "".join("  " * depth + "- a\n" for depth in range(900)),
    "flat nested lists": ("1. " * 49 + "a\n") * 3_000,
    "blank lines": "\n" * 100_000,
    "one reference": "[a]: /" + "u" * 20_000 + "\n\n" + "[a]" * 150_000,
    "entities": "&amp" * 120_000,
    "numbers": "0" * LONG + " +1 " * 50_000,
    "bearers": "Bearer " * 100_000,
    "nested JSON": "[" * 400 + "]" * 400 + " " * 10,
    "JSON too deep": '{"a":' * 100_000,
}


def said(text: str) -> Run:
    message = {"role": "assistant", "content": [{"type": "text", "text": text}]}
    return Run.from_dict({"runId": "run_a", "status": "completed", "text": text[:50], "messages": [message]})


def returned(text: str) -> Run:
    call = {"toolName": "f", "args": {text[:300]: [[text[:3000]]]}, "result": text}
    return Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": [call]})


SHOWN: dict[str, Callable[[Run], str]] = {
    "in a notebook": Run._repr_html_,
    "as a page": Run.to_html,
    "as text": Run.to_text,
    "as Markdown": Run.to_markdown,
}


def seconds(function: Callable[[], object]) -> float:
    started = time.thread_time()
    function()
    return time.thread_time() - started


@pytest.mark.parametrize("how", SHOWN)
@pytest.mark.parametrize("name", SLOW)
def test_a_slow_text_ends_soon(name: str, how: str) -> None:
    """As a message and as all parts of a tool call, in every form a run is shown in."""
    for run in (said(SLOW[name]), returned(SLOW[name])):
        assert seconds(lambda run=run: SHOWN[how](run)) < SECONDS  # type: ignore[misc]


@pytest.mark.parametrize("how", SHOWN)
def test_an_endless_answer_ends_soon(how: str) -> None:
    """A message that is nested as deep as JSON can be read, and wide."""
    nested = "[" * 900 + "]" * 900
    body = f'{{"runId":"run_a","status":"completed","messages":[{nested},{",".join(["[[]]"] * 20_000)}]}}'
    run = Run.from_json(body)
    assert seconds(lambda: SHOWN[how](run)) < SECONDS


_TOKENS = (
    "! [ ] ( ) < > & # * _ ` `` ``` ~ | - + = \\ : @ . / a b 1 0 www. http:// mailto: a@b.c [a] [a]: ![a](b) "
    "&amp; <a <!-- pk_live_ Bearer"
)
TOKENS = st.lists(st.sampled_from([*_TOKENS.split(), " ", "  ", "\n", "\n\n", "\t"]), min_size=1, max_size=5)


@settings(max_examples=10, deadline=None)
@given(TOKENS)
def test_anything_repeated_ends_soon(tokens: list[str]) -> None:
    """Whatever is repeated up to the limit of what is rendered at all."""
    unit = "".join(tokens)
    text = unit * (480_000 // len(unit))
    assert seconds(lambda: to_html(text)) < SECONDS
    assert seconds(lambda: said(text).to_markdown()) < SECONDS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a " * 250_001, "longer than 500,000 characters"),
        ("> " * 51, "nested more than 50 levels"),
        ("|" * 501, "rows of more than 500 cells"),
        ("|a|b\n|-|-\n" + "a\n" * 60_000, "tables of more than 100,000 cells"),
        ("a@b.c " * 1_001, "lines of more than 1,000 e-mail addresses"),
        ("see http://" + "a" * 5_000, "addresses of more than 5,000 characters"),
    ],
)
def test_what_is_too_much_is_told(text: str, why: str) -> None:
    """Each limit says which one it is, and what stays within it is rendered."""
    assert why in too_much(text)
    assert why in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "a@b.c\n" * 5_000,
        "data:image/png;base64," + "A" * 20_000 + " and https://example.com",
        "\n\n".join(["|a|b|\n|-|-|\n" + "|c|d|\n" * 20] * 300),
        json.dumps(["word"] * 5_000),
    ],
)
def test_what_is_long_and_harmless_is_rendered(text: str) -> None:
    """The limits are for what nobody means: lists of addresses, data and many tables stay below them."""
    assert too_much(text) == ""
