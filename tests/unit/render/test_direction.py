"""Text that is written from right to left stands on the right, with its bullets and its punctuation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from puffle_jupyter.render.arrangement import BRIEF
from puffle_jupyter.render.html.beginning import beginning
from puffle_jupyter.render.html.markdown import to_html
from puffle_jupyter.render.html.run import arranged_body
from puffle_jupyter.run import Run
from tests.support.html_check import foreign_parts
from tests.support.payloads import SAMPLE

ARABIC = "شركة جديدة هنا!"
ANSWER = f"""## {ARABIC}

{ARABIC}

- {ARABIC}
- {ARABIC}

1. {ARABIC}

   {ARABIC}

> {ARABIC}

| {ARABIC} | n |
|---|---|
| {ARABIC} | 34 |

```python
x = 1
```

In English.
"""


def test_blocks_take_the_direction_of_their_text() -> None:
    """Each block that begins on its own; what begins together with another one inherits it."""
    shown = to_html(ANSWER, highlighted=True)
    tags = re.findall(r"<(\w+)( dir=\"\w+\")?[^>]*>(?=\s*[^<\s])", shown)
    with_text = {(name, bool(direction)) for name, direction in tags if name not in ("span", "code")}
    assert ("p", True) in with_text
    assert ("h3", True) in with_text
    assert '<pre dir="ltr"' in shown
    for outer, inner in (("ul", "li"), ("blockquote", "p"), ("table", "th")):
        first = re.search(rf"<{outer} dir=\"auto\"[^>]*>\s*(?:<t(?:head|r)[^>]*>)*<{inner}\b([^>]*)>", shown)
        assert first is not None, outer
        assert "dir=" not in first[1]


@pytest.mark.parametrize("text", ["In English.", "日本語。", "- é\n- ü\n\n| a |\n|---|\n| ñ |"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """The attribute would be in every block of a long page, for nothing."""
    assert "dir=" not in to_html(text)


def test_json_and_cells() -> None:
    """A text of a tool and a cell have their own direction; JSON is read from left to right."""
    calls = [
        {"toolName": "a", "args": {}, "result": ARABIC},
        {"toolName": "b", "args": {}, "result": [{"name": ARABIC, "latin": "x"}]},
    ]
    page = Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": calls}).to_html()
    assert '<pre dir="auto" style' in page
    assert page.count('<td dir="auto"') == 1
    assert not re.search(r"<pre dir[^>]*>\s*[\[{]", page)


@pytest.mark.parametrize("payload", SAMPLE)
def test_nothing_foreign_survives_beside_it(payload: str) -> None:
    """The attribute is ours alone."""
    assert foreign_parts(to_html(f"{ARABIC}\n\n{payload}\n\n- {ARABIC}\n")) == []


def test_a_cut_list_keeps_its_direction() -> None:
    """Its second piece goes on in the same one."""
    shown = to_html("\n".join(f"- {ARABIC} {ARABIC * 20}" for _ in range(4)))
    _, rest = beginning(shown, 60)
    assert rest.startswith('<ul dir="auto"')
    assert foreign_parts(rest) == []


RIGHT = """element => {
    const box = element.getBoundingClientRect(), range = document.createRange();
    range.selectNodeContents(element);
    const text = range.getBoundingClientRect();
    return box.right - text.right < text.left - box.left;
}"""


@pytest.mark.browser
def test_a_browser_shows_it_on_the_right(browser: Browser) -> None:
    """Paragraphs, headings and items at the right edge, the mark of an item too; English at the left."""
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.set_content(f"<main>{to_html(ANSWER)}</main>")
    for selector in ("h3", "main > p:first-of-type", "ul li >> nth=0", "ul li >> nth=1", "blockquote p"):
        element = page.locator(selector).first
        assert element.evaluate("e => getComputedStyle(e).direction") == "rtl", selector
        assert element.evaluate(RIGHT), selector
    assert page.locator("table").evaluate("e => getComputedStyle(e).direction") == "rtl"
    for selector in ("pre", "main > p:last-of-type"):
        assert page.locator(selector).evaluate("e => getComputedStyle(e).direction") == "ltr"
    page.close()


def test_a_brief_answer_has_it_too() -> None:
    """As it stands when a run ends while a person works elsewhere."""
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": ANSWER})
    assert '<p dir="auto"' in arranged_body(run, BRIEF)
