"""A notebook that two people have open: JupyterLab with jupyter-collaboration, two pages in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from tests.support.lab import LOAD, Application, Lab, Notebook, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.kernel]
NAME = "shared.ipynb"
CELLS = [LOAD, "watch = %puffle_wait run_abc", "other = %puffle_wait run_berlin"]
RUN_AGAIN = "If this does not change, run this cell again to see the run."


@contextmanager
def another_page(browser: Browser, lab: Lab) -> Iterator[Notebook]:
    """The notebook in the browser of somebody else."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    try:
        page = Notebook(lab, context.new_page(), NAME, Application.LAB)
        page.open()
        page.wait_for_kernel()
        yield page
    finally:
        context.close()


def test_a_second_page_is_honest_and_brings_the_end(lab: Lab, browser: Browser) -> None:
    """It counts nothing, says what to do when the running page is closed, and shows the end as it is told."""
    with open_notebook(lab, browser, CELLS, NAME) as first:
        first.wait_for_kernel()
        first.run(0)
        with another_page(browser, lab) as second:
            first.run(1)
            second.expect_text(1, re.compile(r"running\s+run_abc\s+as of \d\d:\d\d:\d\d"))
            assert not second.is_trusted  # which is why it shows html, and no widget
            first.page.close()  # in mid-run
            second.expect_text(1, RUN_AGAIN)
            second.run(1)
            second.expect_text(1, "search_leads")
            second.expect_no_text(1, RUN_AGAIN)
            with another_page(browser, lab) as third:
                second.run(2)
                second.expect_text(2, "completed")
                third.expect_text(2, "completed")
                third.expect_no_text(2, RUN_AGAIN)
