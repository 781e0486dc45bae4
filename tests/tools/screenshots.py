"""Make README's pictures, from real JupyterLab: ``python -m tests.tools.screenshots``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.chromium import running_chromium
from tests.support.lab import Notebook, open_notebook, running_lab
from tests.support.paths import NOTEBOOKS

IMAGES = NOTEBOOKS / "images"
CELLS = [
    "%load_ext puffle_jupyter",
    "watch = %puffle_wait run_abc",
    "import time\n\ntime.sleep(8)  # the kernel is busy here; the badge above moves on",
]


def take(notebook: Notebook, name: str) -> None:
    path = IMAGES / f"{name}.png"
    notebook.page.locator(".jp-NotebookPanel-notebook").screenshot(path=path)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def pictures_in(notebook: Notebook, theme: str) -> None:
    """The badge while the next cell sleeps, the answer unfolded, and a tool call opened in the transcript."""
    notebook.wait_for_kernel()
    notebook.command("application:toggle-left-area")
    notebook.theme(theme)
    notebook.run(0)
    notebook.page.set_viewport_size({"width": 1000, "height": 400})
    notebook.start(1)
    notebook.start(2)
    notebook.expect_text(1, "running")
    take(notebook, f"running-{theme}")
    notebook.expect_text(1, "completed")
    notebook.wait_for_end(2)
    notebook.page.set_viewport_size({"width": 1000, "height": 760})
    notebook.output(1).locator("summary", has_text="show all").first.click()
    notebook.cell(0).scroll_into_view_if_needed()
    take(notebook, f"quickstart-{theme}")
    notebook.output(1).locator("summary", has_text="Transcript").first.click()
    call = notebook.output(1).locator("summary:has(code)", has_text="search_leads").first
    call.click()
    call.evaluate("summary => summary.parentElement.previousElementSibling.scrollIntoView({block: 'start'})")
    take(notebook, f"tool-call-{theme}")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        for theme in ("light", "dark"):
            with (
                EmbeddedPuffle() as puffle,
                running_lab(
                    Path(folder) / theme, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url
                ) as lab,
                open_notebook(lab, browser, CELLS, "watch a run.ipynb") as notebook,
            ):
                pictures_in(notebook, theme)


if __name__ == "__main__":
    main()
