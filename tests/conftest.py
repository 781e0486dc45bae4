"""What every test gets: nothing may be left behind, and a skipped browser is said loudly."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.lab import Lab

BROWSER_REQUIRED = os.environ.get("PUFFLE_REQUIRE_BROWSER") == "1"
_without_browser: list[str] = []
_why_no_browser: list[str] = []


# Started once and kept for the life of the process; what must not stay is work on them.
SHARED_LOOPS = {
    "puffle-watch": ("puffle_jupyter.background.loop", "poll_loop"),
    "puffle-view": ("puffle_jupyter.display.subscription", "view_loop"),
    "puffle-callback": ("puffle_jupyter.background.loop", "callback_loop"),
}


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C be one: what a shell starts in the background ignores SIGINT, and so does all it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _keep_state_apart()
    if "PUFFLE_TEST_TRANSPORT" in os.environ:
        from tests.tools.transports import from_environment

        from_environment()


# Unit tests that reach no other lines than the rest, and take long under coverage.
SLOW_UNDER_COVERAGE = (
    *("test_docs.py", "test_imports.py", "test_packaging.py"),
    *("demo/test_contract.py", "transcript/test_completeness.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With ``--cov``, measure the unit tests, but those of costs, which a tracer would change."""
    units = Path(__file__).parent / "unit"
    slow = {units / name for name in SLOW_UNDER_COVERAGE}
    for item in items:
        is_unit = item.path.is_relative_to(units) and item.path not in slow
        if not is_unit or item.get_closest_marker("cost"):
            item.add_marker(pytest.mark.no_cover)


def _keep_state_apart() -> None:
    """Notes of messages that tests send go to a folder of this run, also in the kernels it starts."""
    folder = tempfile.mkdtemp(prefix="puffle-state-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["XDG_STATE_HOME"] = folder


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """Fail the test that leaves a thread, a task, a live watch, a key or a changed environment behind."""
    alive, settings = _alive(), _settings()
    yield
    deadline = time.monotonic() + 2  # what was told to stop may need a moment to do so
    while (left := _alive() - alive) and time.monotonic() < deadline:
        time.sleep(0.01)
    found = [repr(thing) for thing in left]
    if (now := _settings()) != settings:
        found += [f"a changed {name}" for name in now if now[name] != settings.get(name)]
        found += [f"a missing {name}" for name in settings.keys() - now.keys()]
    assert not found, "left behind: " + "; ".join(found)


def _alive() -> set[Any]:
    """Our threads but the shared ones, the tasks on those, and the watches that still poll."""
    threads = {thread for thread in threading.enumerate() if thread.name.startswith("puffle")}
    tasks = [task for module, name in SHARED_LOOPS.values() for task in _tasks(_loaded(module, name))]
    registry = _loaded("puffle_jupyter.watching.registry", "registry")
    watches = registry.live() if registry else []
    return {*(thread for thread in threads if thread.name not in SHARED_LOOPS), *tasks, *watches}


def _tasks(loop: Any) -> list[Any]:
    return [task for task in loop.tasks() if not task.done()] if loop is not None and loop.running else []


def _settings() -> dict[str, object]:
    settings: dict[str, object] = {
        name: value for name, value in os.environ.items() if name.startswith("PUFFLE")
    }
    session = _loaded("puffle_jupyter.client.credentials", "session")
    for name in ("api_key", "base_url", "refusal", "demo"):
        if getattr(session, name, None) is not None:
            settings[f"session.{name}"] = getattr(session, name)
    return settings


def _loaded(module: str, name: str) -> Any:
    """The name of a module that is imported already; else None: importing it here would hide its cost."""
    return getattr(sys.modules.get(module), name, None)


def miss_browser(why: str) -> NoReturn:
    """Skip for want of a Chromium, loudly; fail when ``PUFFLE_REQUIRE_BROWSER=1``."""
    if BROWSER_REQUIRED:
        pytest.fail(f"PUFFLE_REQUIRE_BROWSER=1, and {why}", pytrace=False)
    _why_no_browser.append(why)
    pytest.skip(why)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and "browser" in report.keywords:
        _without_browser.append(report.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _without_browser:
        terminalreporter.section("NOT TESTED: JupyterLab in a browser", red=True, bold=True)
        for why in dict.fromkeys(_why_no_browser):
            terminalreporter.line(why, red=True)
        for node in _without_browser:
            terminalreporter.line(f"  not run: {node}", red=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium. Playwright's loop occupies this thread, so no longer than a module's tests need it."""
    from tests.support.chromium import NoChromium, running_chromium

    try:
        with running_chromium() as browser:
            yield browser
    except NoChromium as reason:
        miss_browser(str(reason))


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Jupyter server that serves JupyterLab and Notebook 7."""
    from tests.support.lab import running_lab

    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def widget_bundle() -> str:
    """The script that draws widgets in VS Code. npm brings it once, into a cache of this user."""
    from tests.support.npm import NoPackage
    from tests.support.vscode import BUNDLE

    try:
        return BUNDLE.read("dist/ipywidgets.js")
    except NoPackage as reason:
        miss_browser(str(reason))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own; the file in which notes of messages are kept there."""
    from puffle_jupyter.asking.place import notes_file

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert notes_file().is_relative_to(tmp_path)
    return notes_file()


@pytest.fixture
def background() -> Iterator[None]:
    """For tests that watch: whatever they started is stopped, and the session is as before."""
    from puffle_jupyter.background.loop import callback_loop, poll_loop
    from puffle_jupyter.client.credentials import Session, session
    from puffle_jupyter.display.subscription import view_loop
    from puffle_jupyter.watching.registry import registry

    yield
    registry.stop()
    poll_loop.stop()
    view_loop.stop()
    callback_loop.stop()
    vars(session).update(vars(Session()))
