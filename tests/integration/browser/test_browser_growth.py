"""When a run ends, the cell that a person works in stays where it is seen: JupyterLab and Notebook 7."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.lab import Application, Lab, Notebook, open_demo

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
LARGEST_GROWTH = 320
LARGEST_MOVE = 330
IMPORTS = "from ipywidgets import HBox, VBox\nfrom puffle_jupyter import RunWidget\n"
CELLS = {
    "run_abc": "%puffle_wait run_abc",
    "run_long": "%puffle_wait run_long",
    "in a column": f"{IMPORTS}VBox([RunWidget('run_abc')])",
    "side by side": f"{IMPORTS}HBox([RunWidget('run_abc'), RunWidget('run_long')])",
}
ENDED = {"side by side": 2}
both_applications = pytest.mark.parametrize(
    "application", list(Application), ids=lambda application: application.name.lower()
)


def record_sizes(notebook: Notebook) -> None:
    """Have the page itself note every place of cell 2 and every height of the output above."""
    notebook.output(1).evaluate(
        """output => {
            const cell = document.querySelector(".jp-Cell[data-windowed-list-index='2']");
            window.heights = []; window.places = []; window.hidden = 0;
            const note = () => {
                const {top, bottom} = cell.getBoundingClientRect();
                window.heights.push(output.getBoundingClientRect().height);
                window.places.push(top);
                if (top < 0 || bottom > window.innerHeight) window.hidden += 1;
            };
            note();
            new ResizeObserver(note).observe(output);
        }"""
    )


@both_applications
@pytest.mark.parametrize("name", CELLS)
def test_the_cell_one_works_in_stays_in_the_window(
    lab: Lab, browser: Browser, application: Application, name: str
) -> None:
    """While one types, an output above that ends grows by 320 px at most, and nothing typed goes astray."""
    notebook_name = f"grows-{application.name}-{name.replace(' ', '-')}"
    with open_demo(lab, browser, notebook_name, CELLS[name], "", application=application) as notebook:
        notebook.theme("light")
        notebook.run(1)
        notebook.expect_text(1, "running")
        editor = notebook.cell(2).locator(".cm-content")
        editor.click()
        record_sizes(notebook)
        typed = ""
        endings = notebook.output(1).get_by_text("Raw JSON")
        while endings.count() < ENDED.get(name, 1) and len(typed) < 300:
            notebook.page.keyboard.type("x = 1; ", delay=30)
            typed += "x = 1; "
        expect(endings).to_have_count(ENDED.get(name, 1))
        notebook.page.wait_for_timeout(500)  # for what the end replaces
        heights, places = notebook.page.evaluate("[window.heights, window.places]")
        print(f"{application.value}, {name}: +{max(heights) - min(heights):.0f} px")
        assert max(heights) - min(heights) <= LARGEST_GROWTH
        assert max(abs(place - places[0]) for place in places) <= LARGEST_MOVE
        assert notebook.page.evaluate("window.hidden") == 0
        assert editor.inner_text().strip() == typed.strip()
        assert editor.evaluate("editor => editor.contains(document.activeElement)")
        assert notebook.errors == []


@both_applications
def test_one_click_shows_all_of_the_answer(lab: Lab, browser: Browser, application: Application) -> None:
    """What does not fit stands in one fold that says how long the answer is; the transcript in another."""
    with open_demo(
        lab, browser, f"unfolds-{application.name}", CELLS["run_abc"], application=application
    ) as notebook:
        notebook.run(1)
        notebook.expect_text(1, "Raw JSON")
        output = notebook.output(1)
        end = output.locator("p", has_text="To run the same search again")
        call = output.locator("summary:has(code)", has_text="search_leads").first
        expect(end).to_be_hidden()
        expect(call).to_be_hidden()
        output.locator("summary", has_text="show all 1,735 characters").click()
        expect(end).to_be_visible()
        output.locator("summary", has_text="Transcript").click()
        expect(call).to_be_visible()
