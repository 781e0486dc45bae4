"""The main job as a person sees it: real JupyterLab, real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import miss_browser
from harness.chromium import NoChromium, running_chromium
from harness.lab import Lab, Notebook, open_notebook, running_lab
from harness.notebooks import WIDGET_VIEW, outputs
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
LOAD = "%load_ext puffle_jupyter\n%puffle_demo\n%config PuffleMagics.interval = 0.3"
SLEEP = "import time; time.sleep(8)"
BROKEN = "Error displaying widget"
# Lists the visible texts of an element whose contrast with what is behind them is below WCAG's 4.5 to 1.
POOR_CONTRAST = (Path(__file__).parent / "harness" / "contrast.js").read_text(encoding="utf-8")
STATUSES = ("queued", "running", "completed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with running_chromium() as browser:
            yield browser
    except NoChromium as reason:
        miss_browser(str(reason))


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def opened(lab: Lab, browser: Browser, request: pytest.FixtureRequest, *cells: str) -> Iterator[Notebook]:
    with open_notebook(lab, browser, [LOAD, *cells], f"{request.node.name}.ipynb") as notebook:
        notebook.wait_for_kernel()
        notebook.run(0)
        yield notebook


@pytest.fixture
def notebook(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """The extension and the embedded Puffle are started: cell 1 watches run_abc, cell 2 sleeps."""
    yield from opened(lab, browser, request, "%puffle_wait run_abc", SLEEP)


@pytest.fixture
def slow_notebook(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """The same with run_slow, which goes on for a minute."""
    yield from opened(lab, browser, request, "run = %puffle_wait run_slow", SLEEP, "run.done")


def record_texts(notebook: Notebook, index: int) -> None:
    """Have the page itself note every text the output shows, so that no short state is missed."""
    notebook.output(index).evaluate(
        """output => {
            window.seen = [];
            const note = () => {
                const text = output.innerText;
                if (text !== window.seen.at(-1)) window.seen.push(text);
            };
            new MutationObserver(note).observe(output, {childList: true, subtree: true, characterData: true});
            note();
        }"""
    )


def recorded_statuses(notebook: Notebook) -> list[str]:
    """The statuses in the first lines of the recorded texts, repeats left out."""
    found: list[str] = []
    for text in notebook.page.evaluate("window.seen"):
        match = re.search("|".join(STATUSES), text[:200], re.IGNORECASE)
        if match and [match.group().lower()] != found[-1:]:
            found.append(match.group().lower())
    return found


def test_badge_changes_in_place_while_another_cell_sleeps(notebook: Notebook) -> None:
    """Queued, running and completed are seen in the one output while time.sleep(8) holds the kernel."""
    notebook.start(1)
    record_texts(notebook, 1)
    notebook.start(2)
    notebook.expect_text(1, "completed")
    notebook.expect_text(1, "search_leads")
    assert notebook.is_running(2)
    assert recorded_statuses(notebook) == list(STATUSES)
    assert notebook.output(1).locator(".jp-OutputArea-child").count() == 1
    assert BROKEN not in notebook.text(1)
    assert notebook.errors == []


def test_tool_call_opens_on_click(notebook: Notebook) -> None:
    """A tool call shows its arguments and its result when its summary is clicked."""
    notebook.run(1)
    notebook.expect_text(1, "completed")
    summary = notebook.output(1).locator("summary", has_text="search_leads").first
    content = summary.locator("xpath=..").locator("pre").first
    expect(content).to_be_hidden()
    summary.click()
    expect(content).to_be_visible()
    expect(content).to_contain_text("fintech founders")


def test_stop_button_stops_watching(slow_notebook: Notebook) -> None:
    """Stop watching is seen to stop, and says that the run itself goes on."""
    slow_notebook.run(1)
    slow_notebook.expect_text(1, "running")
    slow_notebook.output(1).get_by_role("button", name="Stop watching").click()
    slow_notebook.expect_text(1, "goes on")
    expect(slow_notebook.output(1).get_by_role("button", name="Stop watching")).to_have_count(0)
    slow_notebook.run(3)
    slow_notebook.expect_text(3, "True")


def test_stop_button_works_from_the_keyboard(slow_notebook: Notebook) -> None:
    """The button is reached and pressed without a mouse."""
    slow_notebook.run(1)
    slow_notebook.expect_text(1, "running")
    button = slow_notebook.output(1).get_by_role("button", name="Stop watching")
    button.focus()
    slow_notebook.page.keyboard.press("Enter")
    slow_notebook.expect_text(1, "goes on")


def test_saved_notebook_is_read_without_a_kernel(notebook: Notebook) -> None:
    """The file holds the transcript and no widget; reopened with a dead kernel it reads the same."""
    notebook.run(1)
    notebook.expect_text(1, "search_leads")
    saved = notebook.save()
    datas = [output.get("data", {}) for output in outputs(saved)]
    assert not any(WIDGET_VIEW in data for data in datas)
    assert any("search_leads" in str(data.get("text/html")) for data in datas)
    assert any("search_leads" in str(data.get("text/plain")) for data in datas)
    before = notebook.text(1)
    notebook.shut_down_kernel()
    notebook.open()
    notebook.expect_text(1, "search_leads")
    assert BROKEN not in notebook.page.inner_text("body")
    assert notebook.text(1) == before


def test_page_reloaded_in_mid_run_sees_the_end(notebook: Notebook) -> None:
    """After a page reload the badge is there again, and the transcript arrives."""
    notebook.run(1)
    notebook.expect_text(1, "running")
    notebook.save()
    notebook.reload()
    notebook.expect_text(1, "search_leads")
    assert BROKEN not in notebook.text(1)


def test_many_runs_in_one_cell(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> None:
    """Several runs in one cell each keep their own place."""
    for notebook in opened(lab, browser, request, "%puffle_wait run_berlin run_failed run_cancelled"):
        notebook.run(1)
        notebook.expect_text(1, re.compile("completed.*failed.*cancelled", re.DOTALL | re.IGNORECASE))
        assert notebook.output(1).locator(".jp-OutputArea-child").count() == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_in_both_themes(
    lab: Lab, browser: Browser, request: pytest.FixtureRequest, theme: str, tmp_path: Path
) -> None:
    """Every visible text of the finished output stands out from what is behind it, 4.5 to 1 at least."""
    for notebook in opened(lab, browser, request, "%puffle_wait run_abc"):
        notebook.theme(theme)
        notebook.run(1)
        notebook.expect_text(1, "search_leads")
        notebook.screenshot(tmp_path / f"{theme}.png")
        poor = notebook.output(1).evaluate(POOR_CONTRAST)
        notebook.theme("light")
        assert poor == []
