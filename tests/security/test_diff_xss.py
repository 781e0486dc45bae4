"""Hostile texts as what differs between runs, in real Chromium: nothing runs, is fetched or is foreign."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from puffle_jupyter import RunDiff, diff, diff_many
from puffle_jupyter.run_diff import RunDiffs
from tests.security.test_xss import ADDRESS, WITHOUT_POLICY, Noticed, allowed, payloads, watched_page
from tests.support import hostile

STEP = 40
BATCH = 8
_MAIN = re.compile("<head>(.*)</head>", re.DOTALL)
_TITLE = re.compile("<title>.*?</title>", re.DOTALL)


def differences(texts: list[str], turn: int) -> list[RunDiff]:
    """Runs with other hostile texts in each place: each text is shown as something that is new or gone."""
    places = hostile.EVERYWHERE
    at, other = (hostile.rotation(texts, turn + by, places.positions) for by in (0, 5))
    return [diff(build(at), build(other)) for build in places.runs]


def page_of(found: RunDiff | RunDiffs) -> str:
    """The page without the policy, which would hide what the markup lets through."""
    return found.to_html().replace(WITHOUT_POLICY, "").replace("<h1>Puffle</h1>", "")


def allowed_in_differences() -> dict[str, Any]:
    """What the views write when nobody is hostile, those of a difference among them."""
    build = hostile.EVERYWHERE.runs[0]
    runs = [build(lambda name, by=by: f"{name} {by * 40}") for by in ("a b ", "c d ")]  # type: ignore[misc]
    shown = [diff(*runs)._repr_html_(), diff_many(runs[0], runs)._repr_html_()]
    expected = allowed()
    styles = {style for text in shown for style in re.findall(r' style="([^"]*)"', text)}
    (head,) = _MAIN.findall(page_of(diff(*runs)))
    return expected | {
        "elements": [*expected["elements"], "ins", "h1"],
        "styles": sorted({*expected["styles"], *styles}),
        "head": _TITLE.sub("<title></title>", head),
    }


@pytest.mark.browser
def test_hostile_differences_do_nothing(browser: Browser) -> None:
    """As a call, an argument, a row, a word or a name that differs: no script runs, nothing is requested."""
    texts, expected = payloads(STEP), allowed_in_differences()
    assert {"del", "ins"} <= set(expected["elements"])
    with watched_page(browser) as (page, noticed):
        for start in range(0, len(texts), len(texts) // BATCH):
            found = differences(texts, start)
            shown: list[RunDiff | RunDiffs] = [*found]
            shown.append(diff_many(found[0].before, [one.after for one in found]))
            fragments = [one._repr_html_() for one in shown]
            pages = [page_of(one) for one in shown]
            assert page.evaluate("given => examine(...given)", [fragments, pages, expected]) == []
            assert noticed == Noticed()
        assert page.url == ADDRESS
