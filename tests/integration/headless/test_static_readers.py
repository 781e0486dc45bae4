"""A saved notebook in readers that run nothing: everything a run said is there, in the order it was said."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import nbformat
import nh3
import pytest
from nbconvert import HTMLExporter, MarkdownExporter
from playwright.sync_api import Browser, expect

from puffle_jupyter.demo.runs import RUNS
from puffle_jupyter.demo.transcripts import load_transcript
from puffle_jupyter.run import Run
from tests.support.chromium import FLAGS, find_chromium
from tests.support.environment import KERNEL_NAME
from tests.support.html_check import text_of
from tests.support.lab import Lab, open_notebook
from tests.support.notebooks import execute, outputs
from tests.support.said_in_order import cells_or_text, first_missing, pieces, squeezed

pytestmark = pytest.mark.kernel
# Of the hostile one, little is shown as it was sent.
SHAPES = [run_id for run_id in RUNS if run_id.startswith("run_shape_") and run_id != "run_shape_hostile"]
# The elements of GitHub's sanitiser (html-pipeline, SanitizationFilter) that the views could use; it keeps
# no style, class or id, and drops a style sheet with what is in it.
GITHUB = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "br", "b", "i", "strong", "em", "a", "pre", "code", "img", "div"),
    *("ins", "del", "sup", "sub", "p", "picture", "ol", "ul", "table", "thead", "tbody", "tfoot"),
    *("blockquote", "dl", "dt", "dd", "kbd", "q", "samp", "var", "hr", "ruby", "rt", "rp", "li", "tr", "td"),
    *("th", "s", "strike", "summary", "details", "caption", "figure", "figcaption", "abbr", "bdo", "cite"),
    *("dfn", "mark", "small", "source", "span", "time", "wbr"),
}
GITHUB_ATTRIBUTES = {"a": {"href"}, "details": {"open"}, "ol": {"start"}, "table": {"cellpadding"}}
# nbconvert's --sanitize-html shows these as they are written instead of dropping them.
SHOWN_TAGS = re.compile(r"</?(?:details|summary|p|thead|tbody|th|del|h[1-6]|hr|br|style|em)\b[^>]*>")
PARAGRAPH = "Plans cost $29 a seat or $49 with exports; *stars*, _lines_ and `ticks` stay. {at}\n\n"
CODE = "\n\n    indented = 1\n\n\n* no list\n\n![pixel](https://tracker.example/p.png)\n\n<b>no markup</b>"


def long_run() -> dict[str, Any]:
    """Long texts, a wide table of rows, wide code, blank lines in results: all that is folded or scrolled."""
    row = {f"column_{at}": f"a value of some length {at}" for at in range(15)}
    call = {"toolCallId": "c1", "toolName": "search_leads"}
    wide = "x = " + " + ".join(f"a_very_long_name_{at}" for at in range(60))
    messages = [
        {"role": "system", "content": "You find leads." + CODE},
        {"role": "user", "content": "".join(PARAGRAPH.format(at=at) for at in range(120))},
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "text": "Think first. " * 50},
                {"type": "text", "text": f"Look:\n\n```python\n{wide}\n\n\n# end\n```\n"},
                {"type": "tool-call", **call, "input": {"query": "fintech", "notes": CODE}},
                {"type": "tool-call", "toolCallId": "c2", "toolName": "read_page", "input": {"page": 2}},
            ],
        },
        {
            "role": "tool",
            "content": [
                {
                    "type": "tool-result",
                    **call,
                    "output": {"type": "json", "value": [{**row, "n": n} for n in range(60)]},
                },
                {
                    "type": "tool-result",
                    "toolCallId": "c2",
                    "toolName": "read_page",
                    "output": {
                        "type": "text",
                        "value": "first line" + CODE + "\n\nline\n" * 200 + "the last line",
                    },
                },
            ],
        },
        {"role": "assistant", "content": "Done: two prices, $29 and $49."},
    ]
    return {"runId": "run_long_texts", "status": "completed", "text": None, "messages": messages}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook that a kernel ran, with a run of every shape and one of long texts."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "long.json").write_text(json.dumps(long_run()), encoding="utf-8")
    sources = [
        "%load_ext puffle_jupyter\n%puffle_demo",
        *(f"%puffle_wait {run_id}" for run_id in SHAPES),
        "from puffle_jupyter import Run\nRun.from_json(open('long.json', 'rb').read())",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return execute(nbformat.v4.new_notebook(cells=cells), folder)


@pytest.fixture(scope="module")
def expected() -> list[str]:
    """Every piece of every run in the notebook."""
    return [*pieces_of_shapes(), *pieces(Run.from_dict(long_run()))]


def pieces_of_shapes() -> Iterator[str]:
    for run_id in SHAPES:
        yield from pieces(Run.from_dict({"runId": run_id, "status": "completed", **load_transcript(run_id)}))


def shown_as(saved: nbformat.NotebookNode, kind: str) -> Iterator[str]:
    """What the outputs hold of a MIME type."""
    return (output["data"][kind] for output in outputs(saved) if kind in output.get("data", {}))


def on_github(saved: nbformat.NotebookNode) -> str:
    """The outputs as GitHub shows them: no style sheet, no style, class or id."""
    shown = "\n".join(shown_as(saved, "text/html"))
    return nh3.clean(
        shown,
        tags=GITHUB,
        clean_content_tags={"script", "style"},
        attributes={"*": set(), **GITHUB_ATTRIBUTES},
        generic_attribute_prefixes=set(),
    )


def from_markdown(markdown: str) -> str:
    """The HTML that a Markdown renderer makes of it which lets HTML through."""
    import comrak

    options = comrak.RenderOptions()
    options.unsafe_ = True
    html: str = comrak.render_markdown(markdown, render_options=options)
    return html


@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_nbconvert_to_html(saved: nbformat.NotebookNode, expected: list[str], template: str) -> None:
    """The page of nbconvert, which nbviewer shows too, holds every run whole and in order."""
    page, _ = HTMLExporter(template_name=template).from_notebook_node(saved)
    assert first_missing(expected, text_of(page)) is None


def test_nbconvert_to_sanitised_html(saved: nbformat.NotebookNode, expected: list[str]) -> None:
    """`--sanitize-html` shows some tags as text, but nothing between them is lost or moved."""
    page, _ = HTMLExporter(sanitize_html=True).from_notebook_node(saved)
    assert first_missing(expected, SHOWN_TAGS.sub(" ", text_of(page))) is None


def test_nbconvert_to_markdown(saved: nbformat.NotebookNode, expected: list[str]) -> None:
    """Rendered Markdown holds the outputs unchanged: no text in them is taken for Markdown."""
    markdown, _ = MarkdownExporter().from_notebook_node(saved)
    page = from_markdown(markdown)
    assert first_missing(expected, text_of(page)) is None
    assert all(html in page for html in shown_as(saved, "text/html"))
    assert "<img" not in page


def test_the_text_beside_the_html(saved: nbformat.NotebookNode) -> None:
    """Readers that know no HTML show every watched run whole and in order."""
    assert first_missing(pieces_of_shapes(), "\n".join(shown_as(saved, "text/plain"))) is None


@pytest.mark.browser
def test_without_any_css(saved: nbformat.NotebookNode, expected: list[str], browser: Browser) -> None:
    """Where GitHub strips all CSS, every fold opens, nothing is hidden, and states are words."""
    page = browser.new_page()
    try:
        page.set_content(on_github(saved))
        assert page.locator("[style], [class], [id], style").count() == 0
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        shown = page.inner_text("body")
    finally:
        page.close()
    assert first_missing(expected, shown) is None
    assert shown.count("✓ completed") == len(SHAPES) + 1
    assert re.search(r"✗ \w+ .*failed", shown)
    assert "✓ search_leads" in shown


def words_of(pdf: bytes) -> str:
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.browser
def test_nbconvert_to_webpdf(
    saved: nbformat.NotebookNode, expected: list[str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On paper every fold is open and nothing is cut off, but for the raw JSON, which repeats it all."""
    from nbconvert import WebPDFExporter
    from playwright.async_api import BrowserType

    # The exporter starts Playwright's own Chromium and has no option for another.
    chromium = find_chromium(SimpleNamespace(chromium=browser.browser_type))  # type: ignore[arg-type]
    launch = functools.partialmethod(BrowserType.launch, executable_path=chromium)
    monkeypatch.setattr(BrowserType, "launch", launch)
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    pdf, _ = WebPDFExporter(browser_args=[*FLAGS, offline]).from_notebook_node(saved)
    shown = words_of(pdf)
    assert first_missing(expected, shown) is None
    assert shown.count("Raw JSON") == len(SHAPES) + 1
    assert '"runId"' not in shown


@pytest.mark.browser
def test_standalone_page_on_paper(browser: Browser) -> None:
    """A page printed from the browser is whole, in order and not cut off at its right edge; rows that are a
    table are printed once, as the table."""
    run = Run.from_dict(long_run())
    page = browser.new_page()
    try:
        page.set_content(run.to_html())
        page.set_viewport_size({"width": 700, "height": 900})
        page.emulate_media(media="print")
        wider = page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth)"
        )
        pdf = page.pdf(print_background=True)
    finally:
        page.close()
    shown = words_of(pdf)
    assert wider == []
    assert first_missing(pieces(run, cells_or_text), shown) is None
    assert squeezed(shown).count("avalueofsomelength14") == 60


@pytest.mark.browser
def test_prices_are_no_formulas(lab: Lab, browser: Browser) -> None:
    """JupyterLab sets what stands between two dollar signs as a formula, but not in a transcript."""
    shown = [Run.from_dict(long_run())._repr_html_(), "<p>A formula: $x^2$</p>"]
    cells = [
        nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", {"text/html": html})])
        for html in shown
    ]
    notebook_node = nbformat.v4.new_notebook(cells=cells)
    notebook_node.metadata["kernelspec"] = {"name": KERNEL_NAME, "display_name": "Python 3"}
    nbformat.write(notebook_node, lab.root / "prices.ipynb")
    with open_notebook(lab, browser, None, "prices.ipynb") as notebook:
        expect(notebook.output(1).locator("mjx-container")).to_have_count(1, timeout=30_000)
        assert notebook.output(0).locator("mjx-container").count() == 0
        assert "Plans cost $29 a seat or $49 with exports" in (notebook.output(0).text_content() or "")
