"""Everybody can read it: axe-core, contrast, keyboard, announcements, colour, motion, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from puffle_jupyter.demo.app import run_body
from puffle_jupyter.demo.runs import SCRIPTED_RUNS
from puffle_jupyter.display.badge import live_clock, live_status
from puffle_jupyter.display.snapshot import snapshot_fragment
from puffle_jupyter.render.html import run as html
from puffle_jupyter.render.words import LABEL_BY_CALL_STATE, label_of_status
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.watching.snapshot import RetryState, WatchPhase, WatchSnapshot
from tests.support.axe import violations
from tests.support.kinds import kinds
from tests.support.lab import Lab, Notebook, open_demo, open_notebook
from tests.support.paths import SUPPORT

pytestmark = pytest.mark.browser
POOR_CONTRAST = (SUPPORT / "contrast.js").read_text(encoding="utf-8")
OUTPUTS = ".jp-Cell-outputArea"
THEMES = ("light", "dark", "contrast")
TEXT_ELEMENTS = (
    *("h3", "h4", "h5", "p", "strong", "em", "del", "code", "a", "blockquote", "ol li", "ul li"),
    *("pre", "pre code", "pre code span", "th", "td", "td code", "summary", "b", "blockquote code"),
)
FENCES = "```python\nprint('five', 5)  # a comment\n```\n\n> quoted\n\n1. [a link](https://example.com)\n"
# Of the chips of a page, the checked one; from there the arrow keys go on.
STOPS = "summary, a[href], [tabindex='0'], input:checked"
PARTS = [
    {"type": "reasoning", "text": "Berlin first."},
    {"type": "text", "text": FENCES},
    {"type": "file", "filename": "leads.csv", "mediaType": "text/csv", "data": "YQ=="},
    {"type": "no-such-part", "value": 1},
]


def scripted(run_id: str, status: str = "completed") -> Run:
    """A run of the embedded Puffle as it ended."""
    return Run.from_dict(run_body(SCRIPTED_RUNS[run_id], status))


def with_every_part() -> Run:
    """run_abc with one more message, of parts that it has not."""
    answer = run_body(SCRIPTED_RUNS["run_abc"], "completed")
    answer["messages"] = [*answer["messages"], {"role": "assistant", "content": PARTS}]
    return Run.from_dict(answer)


RUNS = {"completed": with_every_part(), "failed": scripted("run_failed", "failed")}


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page in a person's preferred colours."""
    page = browser.new_page(color_scheme=request.param, viewport={"width": 900, "height": 700})
    yield page
    page.close()


@pytest.fixture(scope="module")
def finished(lab: Lab, browser: Browser) -> Iterator[Notebook]:
    """Cell 1 shows run_abc, ended; cell 2 a failed run, cell 3 a run that goes on."""
    cells = ("%puffle_wait run_abc", "%puffle_wait run_failed", "%puffle_wait run_slow")
    with open_demo(lab, browser, "accessible", *cells) as notebook:
        for index, text in ((1, "search_leads"), (2, "in a few minutes"), (3, "running")):
            notebook.run(index)
            notebook.expect_text(index, text)
        yield notebook


def unfold(page: Page) -> None:
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


@pytest.mark.kernel
@pytest.mark.parametrize("theme", THEMES)
def test_outputs_in_jupyterlab(finished: Notebook, theme: str) -> None:
    """axe finds nothing in our outputs, and every text stands out 4.5 to 1, folded and unfolded."""
    finished.theme(theme)
    found = []
    for index in (1, 2, 3):
        finished.output(index).scroll_into_view_if_needed()
        found += violations(finished.page, OUTPUTS)
        found += finished.output(index).evaluate(POOR_CONTRAST)
    unfold(finished.page)
    assert found + violations(finished.page, OUTPUTS) == []


@pytest.fixture(scope="module")
def every_kind(lab: Lab, browser: Browser) -> nbformat.NotebookNode:
    """A notebook saved with an output of every kind."""
    (lab.root / "kinds.html").write_text("".join(kinds().values()), encoding="utf-8")
    cell = "from IPython.display import HTML\nHTML(filename='kinds.html')"
    with open_demo(lab, browser, "kinds", cell) as notebook:
        notebook.run(1)
        return notebook.save()


@pytest.mark.kernel
@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "untrusted"])
def test_every_text_stands_out_from_what_is_behind_it(
    lab: Lab, browser: Browser, every_kind: nbformat.NotebookNode, trusted: bool
) -> None:
    """4.5 to 1 for each text of each kind of output, folded or not, in every theme: as it was run, and as
    somebody else opens it, when JupyterLab takes away what it does not let strangers say."""
    name = "kinds.ipynb" if trusted else "foreign-kinds.ipynb"
    if not trusted:
        every_kind.metadata["title"] = "sent by mail"  # which nobody signed
        nbformat.write(every_kind, lab.root / name)
    with open_notebook(lab, browser, None, name) as notebook:
        assert notebook.is_trusted is trusted
        shown = notebook.output(1).locator(".jp-OutputArea-output")
        for element in (*TEXT_ELEMENTS, *(["mark"] if trusted else [])):
            assert shown.locator(element).count(), element
        found = {}
        for theme in THEMES:
            notebook.theme(theme)
            found[theme] = shown.evaluate(POOR_CONTRAST)
        assert found == {theme: [] for theme in THEMES}


@pytest.mark.parametrize("ending", RUNS)
def test_standalone_page(page: Page, ending: str) -> None:
    """axe finds nothing in the page of a run, light and dark, folded and unfolded."""
    page.set_content(RUNS[ending].to_html())
    found = violations(page)
    unfold(page)
    found += violations(page)
    assert found + page.locator("body").evaluate(POOR_CONTRAST) == []


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_everything_is_reached_with_tab(page: Page) -> None:
    """Every fold, link and scrolling box takes the focus in the order they stand; Enter opens a fold."""
    page.set_content(RUNS["completed"].to_html())
    page.keyboard.press("Tab")
    first = page.locator("summary").first
    while not first.evaluate("element => element === document.activeElement"):
        page.keyboard.press("Tab")
    was_open = first.evaluate("summary => summary.parentElement.open")
    page.keyboard.press("Enter")
    assert first.evaluate("summary => summary.parentElement.open") is not was_open
    unfold(page)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.mouse.click(1, 1)
    wanted = page.locator(STOPS).count()
    reached = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "stops => [...document.querySelectorAll(stops)].indexOf(document.activeElement)", STOPS
            )
        )
    assert reached == list(range(wanted))
    scrolling = "e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'"
    assert page.evaluate(
        f"[...document.querySelectorAll('main *')].filter({scrolling}).every(e => e.tabIndex === 0)"
    )


def test_every_pill_says_in_words_what_its_colour_says() -> None:
    """Nothing is told by colour alone: each state has a word and a symbol that no other has."""
    labels = [label_of_status(status, status.value) for status in RunStatus]
    calls = list(LABEL_BY_CALL_STATE.values())
    for told in (labels, calls):
        assert len({label.word for label in told}) == len(told)
        assert all(label.symbol and label.word for label in told)


@pytest.mark.parametrize("ending", RUNS)
def test_nothing_moves(ending: str) -> None:
    """There is no motion to reduce: no animation, no transition, no blinking, nothing that plays."""
    shown = RUNS[ending].to_html() + html.run_fragment(RUNS[ending])
    assert not re.search(r"animation|transition|@keyframes|scroll-behavior|<(marquee|blink|video)", shown)


LONG_ERROR = "connection refused: https://puffle.example/" + "path/" * 40
IN_THE_WAY = "".join(
    f"<div>{shown(snapshot)}</div>"
    for snapshot in (
        WatchSnapshot("run_" + "x" * 60, WatchPhase.UNREACHABLE, failure=RetryState(LONG_ERROR, 0.0, 9.0)),
        WatchSnapshot("run_abc", WatchPhase.REFUSED, error=LONG_ERROR),
    )
    for shown in (
        live_status,
        lambda snapshot: live_clock(snapshot, 5.0),
        lambda snapshot: snapshot_fragment(snapshot, "01:37:06"),
    )
)
# As JupyterLab has it around an output, and ipywidgets around its HTML.
NARROW = (
    "<style>pre {{ word-break: break-all }}</style>"
    '<main style="width:284px;line-height:28px;overflow:auto">{}</main>'
)
TOO_WIDE = """main => [main, ...main.querySelectorAll('*')]
    .filter(one => one.scrollWidth > one.clientWidth && one.clientWidth > 1)
    .filter(one => getComputedStyle(one).display !== 'inline' && one.tabIndex !== 0)
    .map(one => one.outerHTML.slice(0, 150))"""


@pytest.mark.parametrize("page", ["light"], indirect=True)
@pytest.mark.parametrize("ending", [*RUNS, "in the way"])
def test_a_narrow_window_scrolls_only_tables(page: Page, ending: str) -> None:
    """400 px wide, no output is wider than its cell, folded or unfolded: a wide table scrolls in its box."""
    page.set_viewport_size({"width": 400, "height": 700})
    content = IN_THE_WAY if ending == "in the way" else html.run_fragment(RUNS[ending])
    page.set_content(NARROW.format(content))
    found = page.locator("main").evaluate(TOO_WIDE)
    unfold(page)
    assert found + page.locator("main").evaluate(TOO_WIDE) == []
    # A word that fits is never broken, whatever the page says of `pre`.
    assert page.evaluate(
        "[...document.querySelectorAll('pre')].every(e => getComputedStyle(e).wordBreak === 'normal')"
    )


@pytest.mark.parametrize("ending", RUNS)
def test_forced_colours(page: Page, ending: str) -> None:
    """Where a person's own colours are forced, labels keep an edge, and the focus its ring."""
    page.emulate_media(forced_colors="active")
    page.set_content(NARROW.format(html.run_fragment(RUNS[ending])))
    label = page.locator("main span").first
    edge, text, ground = label.evaluate(
        "e => { const s = getComputedStyle(e); "
        "return [s.borderTopStyle === 'solid' && s.borderTopColor, s.color, s.backgroundColor] }"
    )
    assert edge == text
    assert text != ground
    page.keyboard.press("Tab")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert page.evaluate("document.activeElement.tagName") != "BODY"
    assert ring not in ("none", "")
