"""`RunWidget` in VS Code's own widget bundle, live and ended, on what VS Code puts behind widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.kernel import Kernel, running_kernel
from tests.support.vscode import Background, WidgetPage

pytestmark = pytest.mark.browser
LOAD = "from ipywidgets import VBox\nfrom puffle_jupyter import RunWidget"
LIVE = "live = RunWidget('run_slow', interval=0.2)\nlive"
ENDED = "ended = VBox([RunWidget('run_abc', interval=0.2)])\nended.children[0].watch.wait()\nended"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("kernel")
    with (
        EmbeddedPuffle(time_scale=5) as puffle,
        running_kernel(folder, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url) as kernel,
    ):
        kernel.run(LOAD)
        yield kernel


@pytest.fixture(params=list(Background), ids=lambda background: background.value)
def shown(
    request: pytest.FixtureRequest, browser: Browser, widget_bundle: str, kernel: Kernel
) -> Iterator[WidgetPage]:
    page = browser.new_page(viewport={"width": 900, "height": 900}, color_scheme="dark")
    try:
        shown = WidgetPage(page, kernel)
        shown.open(widget_bundle, request.param)
        yield shown
        assert shown.errors == []
    finally:
        page.close()


def wait_for(shown: WidgetPage, what: str | Callable[[], bool]) -> None:
    """Exchange messages until the page shows a text, or something holds."""

    def is_there() -> bool:
        shown.exchange()
        return what() if callable(what) else what in shown.output.inner_text()

    shown.kernel.listen(is_there, timeout=20, what=str(what))


def test_a_live_run_is_drawn_and_its_button_stops_watching(shown: WidgetPage) -> None:
    """The badge moves, each text can be read, and a click reaches the watch."""
    shown.draw(shown.kernel.run(LIVE))
    wait_for(shown, "running")
    assert shown.poor_contrasts() == []
    shown.page.get_by_role("button", name="Stop watching").click()
    wait_for(shown, "Stopped watching")
    assert shown.poor_contrasts() == []


def test_an_ended_run_is_drawn_whole(shown: WidgetPage) -> None:
    """Answer, transcript and controls are there, every fold open, and each text can be read."""
    shown.draw(shown.kernel.run(ENDED))
    wait_for(shown, "search_leads")
    folds = shown.output.locator("details[open]")
    before = folds.count()
    shown.page.get_by_role("button", name="Expand all").click()
    wait_for(shown, lambda: folds.count() > before)
    assert shown.poor_contrasts() == []
