"""Hostile texts in every place of a run, in real Chromium: nothing runs, is fetched or is foreign.

Without PUFFLE_CORPORA the texts are a short list of our own. With it a fixed sample of the corpora is
taken. With CI=true every text of the corpora visits the positions that every transcript has, and a larger
sample visits all the others; with PUFFLE_XSS=all every text visits every position, which takes minutes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as PlaywrightError

from puffle_jupyter.render.html import highlight, markdown
from puffle_jupyter.render.html import run as html
from puffle_jupyter.render.html.page import POLICY
from puffle_jupyter.render.html.style import PRINT
from puffle_jupyter.run import Run
from tests.support import hostile
from tests.support.paths import SUPPORT

EVERYTHING = os.environ.get("PUFFLE_XSS") == "all"
IN_CI = os.environ.get("CI") == "true"
# Of the corpora's 7,351 texts, one in so many.
STEP_NAMED = 1 if EVERYTHING or IN_CI else 40
STEP_EVERYWHERE = 1 if EVERYTHING else 20 if IN_CI else 40
BATCH = 16
CONTROL = 400
ADDRESS = "http://notebook.example/"
SCRIPTS = SUPPORT / "hostile.js"
# Every handler and every script that tries to run breaks this policy, whatever it goes on to do.
# Playwright itself needs eval; the empty icon keeps the browser from asking for one.
REPORTED = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-eval'; img-src data:; report-uri /"
)
EMPTY = '<!DOCTYPE html><link rel="icon" href="data:,"><title>x</title>'
ELEMENTS = (*markdown.TAGS, "div", "span", "b", "details", "summary", "main")
WITHOUT_POLICY = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
RAW = r"<details[^>]*><summary[^>]*><span[^>]*>Raw JSON.*?</details>"
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


def payloads(step: int) -> list[str]:
    return [*hostile.OWN, *hostile.corpora()[::step]]


def batches(places: hostile.Places, texts: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Fragments and pages of several turns at a time; the next ones are rendered meanwhile."""
    positions = places.positions

    def rendered(start: int) -> tuple[list[str], list[str]]:
        turns = range(start, min(start + BATCH, len(texts)))
        ats = [hostile.rotation(texts, turn, positions) for turn in turns]
        pages = [page for at in ats for page in places.pages(at)]
        # The page's own policy would hide what the markup lets through.
        return [places.fragment(at) for at in ats], [page.replace(WITHOUT_POLICY, "") for page in pages]

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(rendered, 0)
        for start in range(BATCH, len(texts) + BATCH, BATCH):
            batch = coming.result()
            coming = ahead.submit(rendered, start)
            yield batch


def everywhere(text: str) -> hostile.At:
    return lambda _: text


def allowed() -> dict[str, Any]:
    """What the view writes when nobody is hostile: its elements, its styles, its head."""
    rich = (
        "**b** *i*\n\n# a\n\n## b\n\n### c\n\n#### d\n\n- x\n\n1. y\n\n> z\n\n`c` [l](https://example.com)\n\n---\n\n"
        "```\ncode\n```\n\n| a | b | c | d |\n|---|:-|-:|:-:|\n| 1 | 2 | 3 | 4 |\n\n" + "long\n" * 2000
    )
    row = {"n": 1, "s": "x", "seen": "2026-01-15"}
    runs = [
        Run.from_dict({"runId": "run_a", "status": status, "text": text, "toolCalls": calls})
        for status in ("queued", "running", "completed", "failed", "cancelled", "odd")
        for text in (rich, rich.replace("a", "\u0627"), "| a |\n|-|\n" + "x|" * 600)
        for calls in ([{"toolName": "f", "args": {"a": [1] * 200}, "result": [row] * 60}], [])
    ]
    shown = [
        *(html.run_fragment(run) for run in runs),
        *(hostile.EVERYWHERE.fragment(everywhere(text)) for text in (rich, "x", "")),
        *hostile.EVERYWHERE.pages(lambda _: rich),
    ]
    styles = {
        style for text in shown for style in re.findall(r'<[a-z0-9]+(?: dir="[a-z]+")? style="([^"]*)"', text)
    }
    styles |= {style for text in shown for style in re.findall(r' style="([^"]*)"(?: [a-z]+="\w*")*>', text)}
    styles |= {f"color:{colour}" for colour in highlight.COLOURS.values()}
    styles.add("list-style:none")  # an item that is cut in two
    (head,) = re.findall(r"<head>(.*)</head>", html.run_page(runs[0]), re.DOTALL)
    head = re.sub("<title>.*</title>", "<title></title>", head.replace(WITHOUT_POLICY, ""))
    return {"elements": ELEMENTS, "styles": sorted(styles), "sheet": PRINT, "head": head}


@pytest.mark.parametrize("places", [hostile.EVERYWHERE, hostile.NAMED], ids=["everywhere", "named"])
def test_every_position_is_shown(places: hostile.Places) -> None:
    """A text in any of the positions reaches the reader outside the raw view, but for those named here."""
    marks = {name: f"mark{at}mark" for at, name in enumerate(places.positions)}
    shown = re.sub(RAW, "", places.fragment(marks.__getitem__), flags=re.DOTALL)
    assert len(marks) >= 12
    hidden = {name for name, mark in marks.items() if mark not in shown}
    assert hidden == SHOWN_AS_SOMETHING_ELSE & marks.keys()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("places", "step"),
    [(hostile.NAMED, STEP_NAMED), (hostile.EVERYWHERE, STEP_EVERYWHERE)],
    ids=["named", "everywhere"],
)
def test_hostile_texts_do_nothing(browser: Browser, places: hostile.Places, step: int) -> None:
    """Wherever they stand: no script runs, nothing is requested, no element or attribute is foreign."""
    texts, expected = payloads(step), allowed()
    with watched_page(browser) as (page, noticed):
        for fragments, pages in batches(places, texts):
            found = page.evaluate("given => examine(...given)", [fragments, pages, expected])
            assert found == []
            assert noticed == Noticed()
        assert page.url == ADDRESS
    print(f"{len(texts):,} texts in each of {len(places.positions)} positions")


@pytest.mark.browser
def test_the_same_texts_do_harm_when_raw(browser: Browser) -> None:
    """The detector works: as raw HTML the same texts run, fetch and are foreign, by dozens."""
    texts, expected, foreign = payloads(STEP_NAMED)[:CONTROL], allowed(), 0
    with watched_page(browser) as (page, noticed):
        for start in range(0, len(texts), BATCH):
            with suppress(PlaywrightError):  # some lead even the whole page away
                page.goto(ADDRESS)
                batch = texts[start : start + BATCH]
                foreign += page.evaluate("given => expose(...given)", [batch, expected])
                page.wait_for_timeout(50)
    ran = [said for said in noticed.said if said.startswith("a script called")]
    requests = [address for address in noticed.requests if address != ADDRESS]
    print(f"{len(texts):,} texts raw: {len(ran):,} scripts, {len(requests):,} requests, {foreign:,} foreign")
    assert len(ran) >= max(12, len(texts) // 6)
    assert len(requests) >= 12
    assert foreign >= len(texts) // 3
