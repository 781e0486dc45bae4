"""Real JupyterLab in a real Chromium: open a notebook, run cells, look, save, reload, reopen."""

from __future__ import annotations

import enum
import json
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import nbformat
from playwright.sync_api import Browser, Locator, Page, expect

from .environment import KERNEL_NAME, clean_environment

THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "contrast": "JupyterLab Dark High Contrast",
}
LOAD = "%load_ext puffle_jupyter\n%puffle_demo\n%config PuffleMagics.interval = 0.3"
_QUIET_SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "docmanager-extension/plugin": {"autosave": False},
}
_WIDGET = "app.shell.currentWidget"


class Application(enum.Enum):
    """What a person opens a notebook in; one server serves both."""

    LAB = "JupyterLab"
    NOTEBOOK = "Notebook 7"

    def path(self, name: str) -> str:
        """Where the server shows the notebook `name`; in JupyterLab with a workspace of its own."""
        if self is Application.NOTEBOOK:
            return f"/notebooks/{name}"
        return f"/lab/workspaces/{secrets.token_hex(4)}/tree/{name}"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab server. Notebooks live in `root`."""

    base: str
    token: str
    root: Path

    def url(self, path: str) -> str:
        return f"{self.base}{path}{'&' if '?' in path else '?'}token={self.token}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """Call the server's own REST API; the decoded JSON, None for an empty answer."""
        request = urllib.request.Request(self.url(path), method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            body = response.read()
        return json.loads(body) if body else None

    def write(self, name: str, cells: Sequence[str]) -> Path:
        """Write a fresh notebook with these code cells below `root`."""
        content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        content.metadata["kernelspec"] = {
            "name": KERNEL_NAME,
            "display_name": "Python 3",
            "language": "python",
        }
        path = self.root / name
        nbformat.write(content, path)
        return path

    def kernels_of(self, name: str) -> list[str]:
        sessions = self.ask("/api/sessions")
        return [session["id"] for session in sessions if session["path"] == name]

    def shut_down_kernel(self, name: str) -> None:
        """End the kernel of a notebook, as *Shut Down Kernel* does."""
        for session in self.kernels_of(name):
            self.ask(f"/api/sessions/{session}", "DELETE")


@contextmanager
def running_lab(folder: Path, **environment: str) -> Iterator[Lab]:
    """Start JupyterLab on a free loopback port; `environment` reaches its kernels."""
    root, settings = folder / "notebooks", folder / "jupyter" / "settings"
    root.mkdir(parents=True, exist_ok=True)
    for plugin, values in _QUIET_SETTINGS.items():
        target = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(values), encoding="utf-8")
    port, token = _free_port(), secrets.token_hex(16)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": str(root),
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "JupyterNotebookApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "LabApp.news_url": "",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    with open(folder / "jupyterlab.log", "wb") as log:
        process = subprocess.Popen(
            command,
            env=clean_environment(folder, **environment),
            cwd=root,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        lab = Lab(f"http://127.0.0.1:{port}", token, root)
        try:
            _wait_until_it_answers(lab, process, folder / "jupyterlab.log")
            yield lab
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(
    lab: Lab, process: subprocess.Popen[bytes], log: Path, timeout: float = 60
) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            lab.ask("/api/status")
            return
        except (URLError, ConnectionError, TimeoutError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


class Notebook:
    """One notebook open in one page. Commands go through JupyterLab's registry, as its menus do."""

    def __init__(self, lab: Lab, page: Page, name: str, application: Application) -> None:
        self.lab = lab
        self.application = application
        self.page = page
        self.name = name
        self.path = lab.root / name
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self) -> None:
        """Load the page (again); a running kernel is connected to."""
        self.page.goto(self.lab.url(self.application.path(self.name)))
        self._ready()

    def reload(self) -> None:
        self.page.reload()
        self._ready()

    def _ready(self) -> None:
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.context !== undefined", timeout=60_000
        )
        self.do(
            f"await {_WIDGET}.context.ready; await {_WIDGET}.sessionContext.ready; await {_WIDGET}.revealed"
        )
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def do(self, javascript: str) -> Any:
        """Run statements in the page with ``app`` bound to JupyterLab; what they ``return``."""
        return self.page.evaluate(f"async () => {{ const app = window.jupyterapp; {javascript} }}")

    def command(self, name: str, **arguments: object) -> Any:
        return self.do(f"await app.commands.execute({name!r}, {json.dumps(arguments)})")

    def theme(self, name: str) -> None:
        """Switch to one of `THEMES` and wait until it shows."""
        self.command("apputils:change-theme", theme=THEMES[name])
        self.page.wait_for_selector(f"body[data-jp-theme-name='{THEMES[name]}']", state="attached")

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            f"() => {{ const app = window.jupyterapp; "
            f"return {_WIDGET}.sessionContext.session?.kernel?.status === 'idle' }}",
            timeout=60_000,
        )

    def start(self, index: int) -> None:
        """Run the cell and return at once."""
        self.do(
            f"const notebook = {_WIDGET}.content; notebook.deselectAll(); notebook.activeCellIndex = {index};"
            "app.commands.execute('notebook:run-cell');"
        )

    def run(self, index: int, *, timeout: float = 30) -> None:
        """Run the cell and wait for its end."""
        self.start(index)
        self.wait_for_end(index, timeout=timeout)

    def is_running(self, index: int) -> bool:
        return self._prompt(index) == "[*]:"

    def wait_for_end(self, index: int, *, timeout: float = 30) -> None:
        expect(self.cell(index).locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]:"), timeout=timeout * 1000
        )

    def _prompt(self, index: int) -> str:
        return self.cell(index).locator(".jp-InputPrompt").inner_text().strip()

    def cell(self, index: int) -> Locator:
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-Cell-outputArea")

    def text(self, index: int) -> str:
        """What a person reads below the cell now."""
        return self.output(index).inner_text()

    def expect_text(self, index: int, text: str | re.Pattern[str], *, timeout: float = 30) -> None:
        expect(self.output(index)).to_contain_text(text, timeout=timeout * 1000)

    def expect_no_text(self, index: int, text: str | re.Pattern[str], *, timeout: float = 5) -> None:
        expect(self.output(index)).not_to_contain_text(text, timeout=timeout * 1000)

    def save(self) -> nbformat.NotebookNode:
        """Save, and return the file as it is on disk, validated."""
        self.command("docmanager:save")
        saved = nbformat.read(self.path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(saved)
        return saved

    def restart_and_run_all(self) -> None:
        """As the menu's *Restart Kernel and Run All Cells…*, its question answered with yes."""
        self.do("app.commands.execute('notebook:restart-run-all')")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        expect(self.page.locator(".jp-Dialog")).to_have_count(0)

    @property
    def is_trusted(self) -> bool:
        """Whether every code cell with outputs is trusted: else they are sanitised."""
        trusted: bool = self.do(
            f"return [...{_WIDGET}.content.model.cells].every(cell => cell.trusted || !cell.outputs?.length)"
        )
        return trusted

    def shut_down_kernel(self) -> None:
        self.lab.shut_down_kernel(self.name)

    def screenshot(self, path: Path, index: int | None = None) -> None:
        """A picture of the page, or of one cell."""
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.page if index is None else self.cell(index)).screenshot(path=path)


@contextmanager
def open_notebook(
    lab: Lab,
    browser: Browser,
    cells: Sequence[str] | None,
    name: str,
    *,
    application: Application = Application.LAB,
    width: int = 1200,
    height: int = 900,
) -> Iterator[Notebook]:
    """Open a notebook (a new one with `cells`, an existing one for None); its kernel is shut down after."""
    if cells is not None:
        lab.write(name, cells)
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    try:
        notebook = Notebook(lab, context.new_page(), name, application)
        notebook.open()
        yield notebook
    finally:
        context.close()
        lab.shut_down_kernel(name)


@contextmanager
def open_demo(
    lab: Lab, browser: Browser, name: str, *cells: str, application: Application = Application.LAB
) -> Iterator[Notebook]:
    """Open a new notebook whose cell 0 has started the extension and the embedded Puffle."""
    with open_notebook(lab, browser, [LOAD, *cells], f"{name}.ipynb", application=application) as notebook:
        notebook.wait_for_kernel()
        notebook.run(0)
        notebook.errors.clear()  # Notebook 7 has some of its own while it starts
        yield notebook
