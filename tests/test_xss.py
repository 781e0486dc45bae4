"""Hostile texts in every place of a run, in real Chromium: nothing runs, is fetched or is foreign.

Without PUFFLE_CORPORA the texts are a short list of our own. With it a fixed sample of the corpora is
taken: every 40th, every 10th with CI=true, all of them with PUFFLE_XSS=all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import miss_browser
from harness import hostile
from harness.chromium import NoChromium, running_chromium
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as PlaywrightError

from puffle_jupyter.api.run import Run
from puffle_jupyter.view import html, markdown
from puffle_jupyter.view.page import POLICY

EVERYTHING = os.environ.get("PUFFLE_XSS") == "all"
# All 7,351 texts in every position take about a quarter of an hour.
SAMPLE_STEP = 10 if os.environ.get("CI") == "true" else 40
BATCH = 16
ADDRESS = "http://notebook.example/"
SCRIPTS = Path(__file__).parent / "harness" / "hostile.js"
# Every handler and every script that tries to run breaks this policy, whatever it goes on to do.
# Playwright itself needs eval; the empty icon keeps the browser from asking for one.
REPORTED = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-eval'; img-src data:; report-uri /"
)
EMPTY = '<!DOCTYPE html><link rel="icon" href="data:,"><title>x</title>'
ELEMENTS = (*markdown.TAGS, "div", "span", "b", "details", "summary", "main")
WITHOUT_POLICY = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
POSITIONS = hostile.positions()
ORDER = {name: at for at, name in enumerate(POSITIONS)}
SHOWN_AS_SOMETHING_ELSE = {
    "message id",  # an id of a message is of no use to a reader
    "link target",  # what is no address leaves the words alone
    "link target in brackets",
    "link reference",
    "link title",
    "code fence info",
    "file url",  # what is no URL is data, and data is counted
    "image",
    "attachment url",
    "key of the answer",
    "value of the answer",
}


@dataclass
class Noticed:
    """What a page did that the view must never do."""

    said: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.said) + len(self.requests)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with running_chromium() as browser:
            yield browser
    except NoChromium as reason:
        miss_browser(str(reason))


@contextmanager
def watched_page(browser: Browser) -> Iterator[tuple[Page, Noticed]]:
    """An empty page, served from nowhere, and what is noticed of it from then on."""
    context = browser.new_context()
    context.add_init_script(path=SCRIPTS)
    noticed = Noticed()
    page = context.new_page()

    def answer(route: Route) -> None:
        if route.request.url == ADDRESS and route.request.method == "GET":
            headers = {"Content-Security-Policy-Report-Only": REPORTED}
            route.fulfill(body=EMPTY, content_type="text/html", headers=headers)
        else:
            route.abort()

    context.route("**/*", answer)
    page.goto(ADDRESS)
    context.on("request", lambda request: noticed.requests.append(request.url[:200]))
    context.on("page", lambda opened: noticed.said.append(f"another page: {opened.url[:200]}"))
    page.on("console", lambda message: noticed.said.append(message.text[:200]))
    page.on("pageerror", lambda error: noticed.said.append(str(error)[:200]))
    page.on("download", lambda download: noticed.said.append(f"a download: {download.url[:200]}"))
    try:
        yield page, noticed
    finally:
        context.close()


def payloads() -> list[str]:
    found = hostile.corpora()
    return [*hostile.OWN, *(found if EVERYTHING else found[::SAMPLE_STEP])]


def batches() -> Iterator[tuple[list[str], list[str]]]:
    """Fragments and pages of several turns at a time; the next ones are rendered meanwhile."""
    texts = payloads()
    starts = range(0, len(texts), BATCH)

    def rendered(start: int) -> tuple[list[str], list[str]]:
        turns = [hostile.rotation(texts, at, ORDER) for at in range(start, min(start + BATCH, len(texts)))]
        pages = [page for turn in turns for page in hostile.pages(turn)]
        # The page's own policy would hide what the markup lets through.
        return [hostile.fragment(turn) for turn in turns], [p.replace(WITHOUT_POLICY, "") for p in pages]

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(rendered, 0)
        for start in starts:
            batch = coming.result()
            if start + BATCH < len(texts):
                coming = ahead.submit(rendered, start + BATCH)
            yield batch


def allowed() -> dict[str, Any]:
    """What the view writes when nobody is hostile: its elements, its styles, its head."""
    rich = (
        "# a\n\n## b\n\n### c\n\n#### d\n\n- x\n\n1. y\n\n> z\n\n`c` [l](https://example.com)\n\n---\n\n"
        "```\ncode\n```\n\n| a | b | c | d |\n|---|:-|-:|:-:|\n| 1 | 2 | 3 | 4 |\n\n" + "long\n" * 2000
    )
    runs = [
        Run.from_dict({"runId": "run_a", "status": status, "text": text, "toolCalls": calls})
        for status in ("queued", "running", "completed", "failed", "cancelled", "odd")
        for text in (rich, "| a |\n|-|\n" + "x|" * 600)
        for calls in ([{"toolName": "f", "args": {"a": [1] * 200}, "result": [{"n": 1, "s": "x"}] * 60}], [])
    ]
    shown = [
        *(html.run_fragment(run) for run in runs),
        *(hostile.fragment(lambda _, text=text: text) for text in (rich, "x", "")),
        *(hostile.pages(lambda _: rich)),
    ]
    styles = {style for text in shown for style in re.findall(r'<[a-z0-9]+ style="([^"]*)"', text)}
    styles |= {style for text in shown for style in re.findall(r' style="([^"]*)"(?: [a-z]+="\w*")*>', text)}
    (head,) = re.findall(r"<head>(.*)</head>", html.run_page(runs[0]), re.DOTALL)
    head = re.sub("<title>.*</title>", "<title></title>", head.replace(WITHOUT_POLICY, ""))
    return {"elements": ELEMENTS, "styles": sorted(styles), "head": head}


def test_every_position_is_shown() -> None:
    """A text in any of the positions reaches the reader outside the raw view, but for those named here."""
    marks = {name: f"mark{at}mark" for name, at in ORDER.items()}
    shown = hostile.fragment(marks.__getitem__)
    shown = re.sub(
        r"<details[^>]*><summary[^>]*><span[^>]*>raw JSON.*?</details>", "", shown, flags=re.DOTALL
    )
    assert len(POSITIONS) >= 12
    assert {name for name, mark in marks.items() if mark not in shown} == SHOWN_AS_SOMETHING_ELSE


@pytest.mark.browser
def test_hostile_texts_do_nothing(browser: Browser) -> None:
    """Wherever they stand: no script runs, nothing is requested, no element or attribute is foreign."""
    expected = allowed()
    with watched_page(browser) as (page, noticed):
        for fragments, pages in batches():
            found = page.evaluate("given => examine(...given)", [fragments, pages, expected])
            assert found == []
            assert noticed == Noticed()
        assert page.url == ADDRESS


@pytest.mark.browser
def test_the_same_texts_do_harm_when_raw(browser: Browser) -> None:
    """The detector works: as raw HTML the same texts run scripts and ask for addresses, by dozens."""
    texts = payloads()
    with watched_page(browser) as (page, noticed):
        for start in range(0, min(len(texts), 200), 20):
            with suppress(PlaywrightError):  # some lead even the whole page away
                page.goto(ADDRESS)
                page.evaluate("texts => expose(texts)", texts[start : start + 20])
                page.wait_for_timeout(50)
        ran = [said for said in noticed.said if said.startswith("a script called")]
        requests = [address for address in noticed.requests if address != ADDRESS]
    assert len(ran) >= 24
    assert len(requests) >= 6
