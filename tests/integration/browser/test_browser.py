"""The main job as a person sees it: real JupyterLab and Notebook 7 in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.support.lab import Application, Lab, Notebook, open_demo

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
SLEEP = "import time; time.sleep(8)"
BROKEN = "Error displaying widget"
TEN = (
    *("run_abc", "run_berlin", "run_paris", "run_madrid", "run_long", "run_flaky"),
    *("run_shape_ui_7", "run_shape_anthropic", "run_failed", "run_cancelled"),
)
STATUSES = ("queued", "running", "completed")


@pytest.fixture(params=list(Application), ids=lambda application: application.name.lower())
def application(request: pytest.FixtureRequest) -> Application:
    """Every test that asks for it runs in JupyterLab and in Notebook 7."""
    return cast(Application, request.param)


@pytest.fixture
def notebook(
    lab: Lab, browser: Browser, application: Application, request: pytest.FixtureRequest
) -> Iterator[Notebook]:
    """Cell 1 watches run_abc, cell 2 sleeps."""
    with open_demo(
        lab, browser, request.node.name, "%puffle_wait run_abc", SLEEP, application=application
    ) as notebook:
        yield notebook


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


def test_stop_button_works_by_click_and_from_the_keyboard(
    lab: Lab, browser: Browser, application: Application
) -> None:
    """Stop watching is reached with Tab, pressed with Space, and seen to stop; the run itself goes on."""
    cells = ("run = %puffle_wait run_slow", "run = %puffle_wait run_slow", "run.done")
    with open_demo(lab, browser, f"stop-{application.name}", *cells, application=application) as notebook:
        for index in (1, 2):
            notebook.run(index)
            button = notebook.output(index).get_by_role("button", name="Stop watching")
            expect(button).to_be_visible()
            if index == 1:
                button.click()
            else:
                reach(notebook, button)
                notebook.page.keyboard.press("Space")
            notebook.expect_text(index, "the run continues")
            expect(button).to_have_count(0)
            notebook.run(3)
            notebook.expect_text(3, "True")


def reach(notebook: Notebook, target: Locator, presses: int = 12) -> None:
    """Press Tab from the selected cell until the focus is on `target`."""
    notebook.do("app.commands.execute('notebook:enter-command-mode')")
    for _ in range(presses):
        notebook.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{presses} times Tab do not lead to it")


def test_a_view_of_the_output_shows_the_same(lab: Lab, browser: Browser) -> None:
    """*Create New View for Cell Output*, made in mid-run, follows the badge to the transcript."""
    with open_demo(lab, browser, "view", "%puffle_wait run_abc") as notebook:
        notebook.run(1)
        notebook.do("app.shell.currentWidget.content.activeCellIndex = 1")
        notebook.command("notebook:create-output-view")
        view = notebook.page.locator(".jp-LinkedOutputView")
        expect(view).to_contain_text("run_abc")
        expect(view.get_by_role("button", name="Stop watching")).to_be_visible()
        expect(view).to_contain_text("search_leads", timeout=30_000)
        expect(view).to_contain_text("completed")
        assert BROKEN not in view.inner_text()
        assert notebook.errors == []


def test_ten_watches_in_one_cell_restarted_twice(
    lab: Lab, browser: Browser, application: Application
) -> None:
    """Each place keeps its own badge and ends, after *Restart Kernel and Run All Cells* just the same."""
    # Two at a time: more would be one board.
    cell = "\n".join(f"%puffle_wait {one} {other}" for one, other in zip(TEN[::2], TEN[1::2], strict=True))
    endings = ["completed"] * 8 + ["failed", "cancelled"]
    with open_demo(lab, browser, f"ten-{application.name}", cell, application=application) as notebook:
        buttons = notebook.output(1).get_by_role("button", name="Stop watching")
        for _ in range(2):
            notebook.restart_and_run_all()
            expect(buttons.first).to_be_visible(timeout=30_000)
            notebook.wait_for_end(1)
            places = notebook.output(1).locator(".jp-OutputArea-child")
            expect(places).to_have_count(10)
            for place, ending in zip(places.all(), endings, strict=True):
                expect(place).to_contain_text(ending, timeout=30_000)
            expect(buttons).to_have_count(0)
            assert BROKEN not in notebook.text(1)
        assert notebook.errors == []
