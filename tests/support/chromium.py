"""Finding a Chromium, or saying plainly that there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class NoChromium(RuntimeError):
    """No Chromium on this machine; the text says how to get one."""


def find_chromium(playwright: Playwright) -> str:
    """The path of a Chromium: ``PUFFLE_CHROMIUM``, else one on the PATH, else Playwright's own."""
    named = os.environ.get("PUFFLE_CHROMIUM")
    if named:
        if Path(named).is_file():
            return named
        raise NoChromium(f"PUFFLE_CHROMIUM names {named!r}, and there is no such file")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    if own and Path(own).is_file():
        return own
    raise NoChromium(
        "no Chromium found: `apt-get install chromium`, or `python -m playwright install chromium`, "
        "or set PUFFLE_CHROMIUM to the path of one"
    )


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start a headless Chromium. Playwright's loop occupies the calling thread meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
