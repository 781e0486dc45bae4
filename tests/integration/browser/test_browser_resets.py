"""The html of a run where the host took away what a browser does by itself: looks in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from puffle_jupyter import Run
from puffle_jupyter.render.html.style import PRINT

pytestmark = pytest.mark.browser

ANSWER = """# Highest

Text with **bold**, *italic* and `code`.

## Second

### Third

- a
  - in it
- b

1. one
2. two

Between.

7. seven

> quoted

| name | rows |
|---|--:|
| **Ada** | 3 |

```
fenced
```

---
"""
CALLS = [
    {
        "toolCallId": "1",
        "toolName": "query_sheet",
        "args": {"id": 1},
        "result": [{"name": "Ada", "score": 3}],
    },
    {"toolCallId": "2", "toolName": "search", "args": {}, "result": "none"},
]
MESSAGES = [
    {"role": "user", "content": "Find **founders**"},
    {
        "role": "assistant",
        "content": [
            {"type": "reasoning", "text": "Where to look"},
            {"type": "tool-call", "toolCallId": "1", "toolName": "query_sheet", "input": {"id": 1}},
            {"type": "tool-call", "toolCallId": "2", "toolName": "search", "input": {}},
        ],
    },
]
EVERYTHING = "*{margin:0;padding:0;list-style:none;border:0;font:inherit}"
GITHUB = """
*{box-sizing:border-box} body{font:16px/1.5 system-ui;word-wrap:break-word}
ul,ol{padding-left:0;margin-top:0;margin-bottom:0;list-style:none} li{list-style:none} li+li{margin-top:.25em}
table{border-spacing:0;border-collapse:collapse;display:block;max-width:100%;overflow:auto} td,th{padding:0}
p,blockquote,dl,table,pre,details{margin-top:0;margin-bottom:10px}
h1,h2,h3,h4,h5,h6{font-size:inherit;font-weight:inherit;line-height:1.25} b,strong,th{font-weight:inherit}
code,pre{font-family:inherit;font-size:85%} hr{height:.25em;padding:0;margin:24px 0;border:0}
summary{list-style:none}
"""
FRAMES = {
    "everything": f"<!doctype html><style>{EVERYTHING}</style><body>SHOWN",
    "github": f"<!doctype html><style>{GITHUB}</style><body>SHOWN",
    # Without a doctype, in the table of a layout, and with every style sheet dropped.
    "mail": '<body><table width="700"><tr><td><font face="Georgia" size="2">SHOWN</font></td></tr></table>',
}


def page_in(frame: str) -> str:
    """A run, of every kind of element, as the html of a host."""
    answer = {"runId": "run_a", "status": "completed", "text": ANSWER, "messages": MESSAGES}
    shown = Run.from_dict({**answer, "toolCalls": CALLS})._repr_html_()
    return FRAMES[frame].replace("SHOWN", shown.replace(PRINT, "") if frame == "mail" else shown)


@pytest.fixture(params=list(FRAMES))
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 900, "height": 1400})
    page.set_content(page_in(request.param))
    yield page
    page.close()


def look(place: Locator, name: str) -> str:
    """The computed value of a property."""
    value: str = place.first.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return value


def pixels(place: Locator, name: str) -> float:
    return float(look(place, name).removesuffix("px"))


def test_lists_have_marks_and_are_indented(page: Page) -> None:
    """Each list its own, and what is in a list another."""
    marks = [look(item, "listStyleType") for item in page.locator("li").all()]
    assert marks == ["disc", "circle", "disc", "decimal", "decimal", "decimal"]
    assert [pixels(found, "paddingLeft") for found in page.locator("ul,ol").all()] == [22] * 4
    assert page.locator("ol").last.get_attribute("start") == "7"


def test_folds_have_a_mark_that_turns(page: Page) -> None:
    """Closed and open look different, whatever the host says of lists."""
    closed = page.locator("details:not([open]) > summary")
    assert {look(fold, "listStyleType") for fold in closed.all()} == {"disclosure-closed"}
    assert {look(fold, "display") for fold in closed.all()} == {"list-item"}
    opened = page.locator("details[open] > summary")
    assert {look(fold, "listStyleType") for fold in opened.all()} == {"disclosure-open"}


def test_tables_have_room_and_lines(page: Page) -> None:
    """Those of the answer and those of calls: padding in each cell, a line over each row, bold headings."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    ours = page.locator("div > table")
    assert ours.count() == 3
    for cell in ours.locator("td,th").all():
        assert look(cell, "padding") == "5px"
    for row in ours.locator("tbody tr").all():
        assert (look(row, "borderTopWidth"), look(row, "borderTopStyle")) == ("1px", "solid")
    assert {look(cell, "fontWeight") for cell in ours.locator("th").all()} == {"700"}
    assert {look(cell, "textAlign") for cell in ours.locator("td:last-child").all()} == {"right", "left"}


def test_words_keep_their_weight_slope_and_letters(page: Page) -> None:
    """Bold, italic and code can be told from what is around them."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert {look(words, "fontWeight") for words in page.locator("strong").all()} == {"700"}
    assert all(int(look(words, "fontWeight")) >= 600 for words in page.locator("b").all())
    assert look(page.locator("em"), "fontStyle") == "italic"
    for code in page.locator("code,pre").all():
        assert "monospace" in look(code, "fontFamily")
    assert look(page.locator("pre code"), "fontSize") == "12px"
    assert look(page.locator("summary code"), "fontWeight") == "600"


def test_blocks_have_their_sizes_and_distances(page: Page) -> None:
    """Headings by level, and room between what follows each other."""
    assert [pixels(page.locator(name), "fontSize") for name in ("h3", "h4", "h5", "p")] == [16, 15, 14, 14]
    assert {look(page.locator(name), "fontWeight") for name in ("h3", "h4", "h5")} == {"600"}
    assert pixels(page.locator("h3"), "marginBottom") == 6
    assert pixels(page.locator("p"), "marginBottom") == 8
    assert pixels(page.locator("blockquote"), "borderLeftWidth") == 3
    assert pixels(page.locator("blockquote"), "paddingLeft") == 12
    assert pixels(page.locator("hr"), "borderTopWidth") == 1
    assert [pixels(page.locator("pre"), side) for side in ("paddingLeft", "paddingTop")] == [10, 8]
    assert page.locator("h3").bounding_box() is not None
