"""Nothing is out of reach in a narrow window: runs side by side in JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.lab import Lab, open_demo

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
IMPORTS = "from ipywidgets import HBox, VBox\nfrom puffle_jupyter import RunWidget\n"
CELLS = {
    "one output": "%puffle_wait run_abc",
    "one column": f"{IMPORTS}VBox([RunWidget('run_abc'), RunWidget('run_failed')])",
    "two columns": f"{IMPORTS}HBox([RunWidget('run_abc'), RunWidget('run_long')])",
    "three columns": f"{IMPORTS}HBox([RunWidget('run_abc'), RunWidget('run_long'), RunWidget('run_failed')])",
}
# What sticks out of the nearest element around it that does not let it be seen there: of those, every one
# but a table in the box that it scrolls in.
STICKS_OUT = """area => {
    for (const fold of area.querySelectorAll('details')) fold.open = true;
    const found = [];
    for (const element of area.querySelectorAll('*')) {
        const {right, width} = element.getBoundingClientRect();
        if (width < 2 || !element.checkVisibility()) continue;
        const isOpen = around => around !== area && getComputedStyle(around).overflowX === 'visible';
        let around = element.parentElement;
        while (isOpen(around)) around = around.parentElement;
        const isTableBox = around.firstElementChild?.tagName === 'TABLE' && around.tabIndex === 0;
        if (right > around.getBoundingClientRect().right + 1 && !isTableBox)
            found.push(`${element.outerHTML.slice(0, 120)} in ${around.className || around.tagName}`);
    }
    return found;
}"""
SCROLLS_TO_ITS_END = """table => {
    const box = table.parentElement, last = [...table.querySelectorAll('td')].at(-1);
    const isWider = box.scrollWidth > box.clientWidth;
    last.scrollIntoView({inline: 'end'});
    return isWider && last.getBoundingClientRect().right <= box.getBoundingClientRect().right + 1;
}"""
WIDTHS = "output => [...output.querySelectorAll('.widget-hbox > .widget-vbox')].map(e => e.clientWidth)"


@pytest.mark.parametrize("name", CELLS)
def test_nothing_sticks_out(lab: Lab, browser: Browser, name: str) -> None:
    """At 400 px, live, ended, folded and unfolded: only tables are wider, and scroll in their own box."""
    notebook_name = f"narrow-{name.replace(' ', '-')}"
    setting = "%config PuffleMagics.transcript = 'open'"
    with open_demo(lab, browser, notebook_name, setting, CELLS[name]) as notebook:
        notebook.command("application:toggle-left-area")
        notebook.page.set_viewport_size({"width": 400, "height": 800})
        notebook.run(1)
        notebook.run(2)
        notebook.expect_text(2, "running")
        output = notebook.output(2)
        assert output.evaluate(STICKS_OUT) == []
        columns = CELLS[name].count("RunWidget('")
        expect(output.get_by_text("Raw JSON")).to_have_count(max(columns, 1), timeout=30_000)
        assert output.evaluate(STICKS_OUT) == []
        assert output.locator("table").first.evaluate(SCROLLS_TO_ITS_END)
        if "columns" in name:
            widths = output.evaluate(WIDTHS)
            assert len(widths) == columns
            assert max(widths) - min(widths) <= 1
