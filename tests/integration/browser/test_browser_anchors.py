"""In Chromium: a link to a call opens its folds, from outside the page and on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from puffle_jupyter import Run
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called

pytestmark = pytest.mark.browser

BAD = {"type": "error-text", "value": "timed out"}
GOOD = {"type": "text", "value": "ok"}
# Many messages close the fold around the transcript, many calls in a row that of their group.
MANY = [{"role": role, "content": f"message {at}"} for at in range(30) for role in ("user", "assistant")]
CALLS = [(f"c{at}", BAD if at == 17 else GOOD) for at in range(30)]
RUN = Run.from_dict(
    {
        "runId": "run_a",
        "status": "completed",
        "text": "Done",
        "messages": [
            *MANY,
            called(*(ai_sdk_call(id, "web_search") for id, _ in CALLS)),
            answered(*(ai_sdk_result(id, "web_search", output=output) for id, output in CALLS)),
            {"role": "system", "content": "the last of all"},
        ],
    }
)
IN_VIEW = """id => {
    const box = document.getElementById(id).getBoundingClientRect();
    return box.top >= 0 && box.top < innerHeight;
}"""
FOLDS = """id => {
    const found = [];
    for (let at = document.getElementById(id); at; at = at.parentElement) {
        if (at.localName === 'details') found.push(at.open);
    }
    return found;
}"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Page:
    """An empty page of a window of ordinary size, and the run saved beside it."""
    RUN.save(tmp_path / "run_a.html")
    return browser.new_page(viewport={"width": 1000, "height": 700})


def folds(page: Page, id: str) -> list[bool]:
    return list(page.evaluate(FOLDS, id))


def test_a_link_to_a_call_opens_its_folds(page: Page, tmp_path: Path) -> None:
    """Transcript, group and the call itself, which is in view; the other calls stay closed."""
    address = (tmp_path / "run_a.html").as_uri()
    page.goto(address)
    assert folds(page, "call-17") == [False, False, False]
    page.goto("about:blank")
    page.goto(f"{address}#call-17")
    assert folds(page, "call-17") == [True, True, True]
    assert page.evaluate(IN_VIEW, "call-17")
    assert folds(page, "call-16")[0] is False
    page.close()


def test_a_failure_is_two_clicks_away(page: Page, tmp_path: Path) -> None:
    """From the line under the answer to the one call that failed."""
    page.goto((tmp_path / "run_a.html").as_uri())
    page.get_by_role("link", name="run.calls[17]").click()
    assert page.url.endswith("#call-17")
    assert folds(page, "call-17") == [True, True, True]
    assert page.evaluate(IN_VIEW, "call-17")
    assert page.locator("#call-17").get_by_text("timed out").is_visible()
    page.close()


@pytest.mark.parametrize("id", ["message-40", "message-62"])
def test_a_link_to_a_message_opens_its_folds(page: Page, tmp_path: Path, id: str) -> None:
    """The transcript, and the fold that a system message is itself."""
    page.goto(f"{(tmp_path / 'run_a.html').as_uri()}#{id}")
    assert all(folds(page, id))
    assert page.evaluate(IN_VIEW, id)
    page.close()


def test_the_contents_are_not_printed(page: Page, tmp_path: Path) -> None:
    """On paper there is nothing to click."""
    page.goto((tmp_path / "run_a.html").as_uri())
    contents = page.locator("#contents")
    assert contents.is_visible()
    page.emulate_media(media="print")
    assert not contents.is_visible()
    page.close()
