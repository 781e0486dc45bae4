"""A saved page in Chromium: its filter, other people's colours, and paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from puffle_jupyter import Run
from puffle_jupyter.demo.app import run_body
from puffle_jupyter.demo.runs import SCRIPTED_RUNS
from puffle_jupyter.render.html.style import PRINT
from tests.support.axe import violations
from tests.support.paths import SUPPORT
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called

pytestmark = pytest.mark.browser

POOR_CONTRAST = (SUPPORT / "contrast.js").read_text(encoding="utf-8")
WIDER = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth)"
# Dark labels and code with white text, which no printer that spares its ink would leave readable.
PALE = """[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.innerText.trim()
    && (getComputedStyle(e).color !== 'rgb(0, 0, 0)' || getComputedStyle(e).opacity !== '1'))
    .map(e => e.outerHTML.slice(0, 200))"""


def demo_run(run_id: str) -> str:
    return Run.from_dict(run_body(SCRIPTED_RUNS[run_id], "completed")).to_html()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of an ordinary window."""
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    yield page
    page.close()


def test_the_chips_show_one_kind_of_part(page: Page) -> None:
    """From the keyboard, however long the transcript: the four failed calls, how many are hidden, who spoke.
    A link leads to what the filter hides, and all comes back."""
    page.set_content(demo_run("run_long"))
    calls, status = page.locator(".puffle-call"), page.get_by_role("status")
    assert not calls.first.is_visible()
    page.get_by_role("radio", name="Everything 130").focus()
    page.keyboard.press("ArrowLeft")  # the last one, round the corner
    expect(page.get_by_role("radio", name="Errors 4")).to_be_checked()
    visible = [at for at, call in enumerate(calls.all()) if call.is_visible()]
    assert visible == [29, 58, 87, 116]
    assert status.inner_text().strip() == "Errors only: 126 of 130 parts are hidden."
    transcript = page.locator("details").filter(has=page.locator(".puffle-turn")).first
    assert "user\n" not in transcript.inner_text()
    assert transcript.inner_text().count("assistant\n") == 1
    page.evaluate("location.hash = 'call-30'")
    expect(page.locator("#call-30")).to_be_visible()
    assert not page.locator("#call-31").is_visible()
    assert "What the link led to is shown." in status.inner_text()
    page.evaluate("location.hash = 'message-0'")
    expect(page.locator("main p", has_text="Check all 118 accounts")).to_be_visible()
    page.get_by_role("radio", name="Everything 130").check()
    assert status.inner_text().strip() == ""
    assert page.locator("main p", has_text="I'll read the list").is_visible()


def test_without_a_style_sheet_there_are_no_chips(page: Page) -> None:
    """A host that strips it leaves a page to read, with no control that does nothing."""
    whole = demo_run("run_abc")
    page.set_content(whole[: whole.index("<style>")] + whole[whole.index("</style>") :].replace(PRINT, ""))
    assert page.get_by_role("heading", name="5 Berlin fintech founders").is_visible()
    assert page.get_by_role("radio").count() == 0
    assert "hidden" not in page.inner_text("main")


@pytest.mark.parametrize(
    "colours",
    [
        {"forced_colors": "active"},
        {"forced_colors": "active", "color_scheme": "dark"},
        {"contrast": "more"},
        {"contrast": "more", "color_scheme": "dark"},
    ],
    ids=lambda colours: " ".join(colours.values()),
)
def test_other_peoples_colours(page: Page, colours: dict[str, Any]) -> None:
    """Narrow and wide, filtered or not, axe finds nothing; no text is faded, and boxes have edges."""
    page.emulate_media(**colours)
    found: list[Any] = []
    for width, chip in ((400, "Errors 1"), (1600, "Everything 15")):
        page.set_viewport_size({"width": width, "height": 700})
        page.set_content(demo_run("run_abc"))
        page.get_by_role("radio", name=chip).check()
        found += violations(page) + page.evaluate(WIDER.replace("'main *'", "'main > div > *'"))
    found += page.locator("body").evaluate(POOR_CONTRAST)
    assert found == []
    faded = "[...document.querySelectorAll('main *')].filter(e => getComputedStyle(e).opacity !== '1').length"
    assert page.evaluate(faded) == 0
    said = page.locator("main p", has_text="Find fintech founders").locator("../..")
    edge, ground = said.evaluate("e => [getComputedStyle(e).borderTopColor, getComputedStyle(e).color]")
    assert edge == ground
    assert said.evaluate("e => getComputedStyle(e).borderTopWidth") == "1px"


def words(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def test_a_run_on_paper(page: Page) -> None:
    """run_abc: four sheets, each table once, no control, and black on white from a dark screen too."""
    page.emulate_media(media="print", color_scheme="dark")
    page.set_content(demo_run("run_abc"))
    assert page.evaluate(PALE) == []
    sheets = words(page.pdf(format="A4"))
    whole = "\n".join(sheets)
    assert len(sheets) <= 4
    assert whole.count("quittungsqualle.example") == 1
    assert "View as JSON" not in whole
    assert "show all" not in whole
    assert "Errors 1" not in whole
    assert "✓ completed" in whole
    assert "✗ web_search" in whole
    page.get_by_role("radio", name="Errors 1", include_hidden=True).evaluate(
        "button => { button.checked = true }"
    )
    filtered = "\n".join(words(page.pdf(format="A4")))
    assert "Errors only: 14 of 15 parts are hidden." in filtered
    assert "query_leads_db fields" not in filtered


def test_a_long_table_on_paper(page: Page) -> None:
    """Each sheet has the heads of its columns, and no row is on two."""
    notes = {f"notes{at}": "many words to wrap " * 6 for at in range(8)}
    rows = [{"name": f"Lead {at}", **notes} for at in range(30)]
    output = {"type": "json", "value": rows}
    messages = [called(ai_sdk_call("c1")), answered(ai_sdk_result("c1", output=output))]
    run = {"runId": "run_a", "status": "completed", "text": "Done", "messages": messages}
    page.set_content(Run.from_dict(run).to_html())
    first, *others = words(page.pdf(format="A4"))
    assert len(others) >= 2
    assert first.rstrip().endswith("wrap")
    heads = ["name", *notes, "Lead"]
    assert all(sheet.split()[: len(heads)] == heads for sheet in others)
    assert [f"Lead {at} many" in "".join((first, *others)) for at in range(30)] == [True] * 30
