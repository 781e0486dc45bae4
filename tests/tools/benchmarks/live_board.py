"""How long a live board of a thousand runs takes to open in JupyterLab, in Chromium.

From the moment at which the cell is run until the first page of rows is laid out: making the watches, the
comms, drawing. Once as the first cell of a kernel, with all that is imported then, and once more.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.chromium import running_chromium
from tests.support.lab import Lab, Notebook, open_notebook, running_lab

from .board_server import RUNS
from .figure import Figure

OPENS_WITHIN, FIRST_WITHIN = 1.0, 2.0
_STOPPED = 3_000
"""Milliseconds in which a thousand watches that were stopped are done with."""
_SHOWN = """index => new Promise(resolve => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    const start = performance.now();
    window.jupyterapp.commands.execute('notebook:run-cell');
    const rows = `.jp-Notebook .jp-Cell[data-windowed-list-index='${index}'] tbody tr`;
    const look = () => {
        if (document.querySelectorAll(rows).length < 50) return requestAnimationFrame(look);
        requestAnimationFrame(() => requestAnimationFrame(() => {
            document.body.getBoundingClientRect();
            resolve(performance.now() - start);
        }));
    };
    look();
})"""
_CELLS = [
    f"%load_ext puffle_jupyter\nids = [f'run_{{number}}' for number in range(2 * {RUNS})]\n"
    f"first, others = ids[:{RUNS}], ids[{RUNS}:]",
    "board = %puffle_wait --from first --interval 1.5",
    "board.stop()",
    "board = %puffle_wait --from others --interval 1.5",
]


def measure(address: str, times: int) -> list[Figure]:
    """The figures, of so many kernels that watch the runs at ``address``."""
    with (
        tempfile.TemporaryDirectory(prefix="puffle-benchmark-") as folder,
        running_chromium() as browser,
        running_lab(Path(folder), PUFFLE_BASE_URL=address, PUFFLE_API_KEY="pk_demo_0123456789") as lab,
    ):
        taken = [_opened(lab, browser, f"board-{number}.ipynb") for number in range(times)]
    what = f"opening a live board of {RUNS:,} runs in JupyterLab"
    return [
        Figure(f"{what} / {OPENS_WITHIN:g} s", [again / OPENS_WITHIN for _, again in taken], 1),
        Figure(
            f"the same as the first cell of a kernel, with imports / {FIRST_WITHIN:g} s",
            [first / FIRST_WITHIN for first, _ in taken],
            1,
        ),
    ]


def _opened(lab: Lab, browser: Browser, name: str) -> tuple[float, float]:
    """Seconds of the first board of a kernel, and of another one."""
    with open_notebook(lab, browser, _CELLS, name) as notebook:
        notebook.wait_for_kernel()
        notebook.run(0)
        first = _seconds(notebook, 1)
        notebook.run(2)
        notebook.expect_text(1, "not watched any more")
        notebook.page.wait_for_timeout(_STOPPED)
        return first, _seconds(notebook, 3)


def _seconds(notebook: Notebook, index: int) -> float:
    return float(notebook.page.evaluate(_SHOWN, index)) / 1_000
