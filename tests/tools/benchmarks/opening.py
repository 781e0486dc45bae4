"""How long a saved notebook with ten transcripts of 1 MB takes to open, beside the same bytes as plain text.

Real JupyterLab in Chromium, a new page each time, the two notebooks in turns. The time is the page's own:
from the start of the navigation until the last output stands in the document and is laid out.
"""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page

from puffle_jupyter.render.limits import size_of
from puffle_jupyter.run import Run
from tests.support.chromium import running_chromium
from tests.support.environment import KERNEL_NAME, clean_environment
from tests.support.lab import Application, Lab, running_lab

from .figure import Figure
from .rendering import completed_run

OUTPUTS = 10
SIZE = 1_000_000
"""Bytes of HTML of one output, at least."""

# Asked in every frame; then two frames more, for style, layout and paint.
_LAID_OUT = """count => new Promise(resolve => {
    const later = then => requestAnimationFrame(() => requestAnimationFrame(then));
    const look = () => {
        const shown = [...document.querySelectorAll('.jp-OutputArea-output')];
        const all = shown.length === count && shown.every(one => one.lastElementChild?.matches('div, pre'));
        if (!all) return requestAnimationFrame(look);
        later(() => { document.body.getBoundingClientRect(); resolve(performance.now()); });
    };
    look();
})"""


def measure(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, running_chromium() as browser:
        folder = Path(name)
        with running_lab(folder) as lab:
            return [_figure(lab, browser, folder, trusted, 2 if quick else 7) for trusted in (True, False)]


def _figure(lab: Lab, browser: Browser, folder: Path, trusted: bool, times: int) -> Figure:
    transcripts, plain = written(lab, folder, trusted=trusted)
    opened(lab, browser, plain)  # what the server reads once
    ratios = []
    for at in range(times):
        first, second = (transcripts, plain) if at % 2 else (plain, transcripts)
        taken = {first: opened(lab, browser, first), second: opened(lab, browser, second)}
        ratios.append(taken[transcripts] / taken[plain])
    whose = "trusted" if trusted else "not trusted"
    return Figure(f"opening ten transcripts of 1 MB, {whose} / the same bytes in <pre>", ratios, 1.3)


def written(lab: Lab, folder: Path, *, trusted: bool) -> list[str]:
    """The names of two notebooks: of transcripts, and of the same bytes as plain text."""
    transcript, text = outputs()
    names = []
    for kind, shown in (("transcripts", transcript), ("plain", text)):
        names.append(f"{kind}-{'trusted' if trusted else 'foreign'}.ipynb")
        output = nbformat.v4.new_output("display_data", {"text/html": shown, "text/plain": "a run"})
        cells = [
            nbformat.v4.new_code_cell(f"%puffle_wait run_{at}", outputs=[output], execution_count=at)
            for at in range(1, OUTPUTS + 1)
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {
            "name": KERNEL_NAME,
            "display_name": "Python 3",
            "language": "python",
        }
        notebook.metadata["trusted_by_its_reader"] = trusted  # a signature is of the content
        nbformat.write(notebook, lab.root / names[-1])
        if trusted:
            command = [sys.executable, "-m", "jupyter", "trust", str(lab.root / names[-1])]
            subprocess.run(command, env=clean_environment(folder), check=True, capture_output=True)
    return names


def outputs() -> tuple[str, str]:
    """The HTML of a transcript of `SIZE` bytes, and the same number of bytes of its text in ``<pre>``."""
    count, transcript = 100, ""
    while size_of(transcript) < SIZE:
        count += 20
        run = Run.from_json(completed_run(count))
        transcript = run._repr_html_()
    room = size_of(transcript) - size_of("<pre></pre>")
    text = html.escape(run.to_text()).encode() * 20
    shown = text[:room].decode(errors="ignore").rpartition("\n")[0]
    return transcript, f"<pre>{shown}{'.' * (room - size_of(shown))}</pre>"


def opened(lab: Lab, browser: Browser, name: str) -> float:
    """Milliseconds until everything in the notebook is laid out."""
    with _fresh_page(browser) as page:
        page.goto(lab.url(Application.LAB.path(name)), wait_until="commit")
        taken: float = page.evaluate(_LAID_OUT, OUTPUTS)
    lab.shut_down_kernel(name)
    return taken


@contextmanager
def _fresh_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()
