"""Every check of this repository, a session each: ``.venv/bin/python -m nox --list``.

Sessions run in the environment that nox was started from: the extra ``test``, as README installs it.
`.ci/run` makes that environment anew and calls the same sessions, so each check has one home. What comes
after ``--`` is handed on.
"""

from __future__ import annotations

import os
import sys
import tempfile
import venv
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.stop_on_first_error = False


def python(session: nox.Session, *arguments: str, **environment: str) -> None:
    """Run this very Python, so that ``.venv/bin`` need not be on the PATH."""
    session.run(sys.executable, *arguments, env=environment or None)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, or those named after --."""
    python(session, "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    python(session, "-m", "ruff", "check", ".")
    python(session, "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy over the package, the tests and the tools."""
    python(session, "-m", "mypy", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The tests in real JupyterLab; a Chromium that is missing is a failure here."""
    python(session, "-m", "pytest", "-m", "browser", *session.posargs, PUFFLE_REQUIRE_BROWSER="1")


@nox.session
def coverage(session: nox.Session) -> None:
    """The unit tests, and the lines of the package that none of them reaches; see tests/conftest.py."""
    python(session, "-m", "pytest", "-q", "tests/unit", "--cov", *session.posargs)


@nox.session
def stacks(session: nox.Session) -> None:
    """Kernel and terminal tests on the oldest to the newest Jupyter, each in a venv of its own."""
    python(session, ".ci/matrix.py", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Print what the extension costs; --quick for a first look."""
    python(session, "-m", "tests.tools.benchmarks", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it without extras into a new venv, and load the extension there."""
    check = Path(__file__).parent / ".ci" / "check_wheel.py"
    with tempfile.TemporaryDirectory() as folder:
        python(session, "-m", "build", "--wheel", "--outdir", f"{folder}/dist", ".")
        venv.create(f"{folder}/venv", with_pip=True)
        inside = f"{folder}/venv/{'Scripts' if os.name == 'nt' else 'bin'}/python"
        (built,) = Path(folder, "dist").glob("*.whl")
        session.run(inside, "-m", "pip", "install", "--quiet", str(built), external=True)
        with session.chdir(folder):  # elsewhere than here, where the checkout would be imported
            session.run(inside, "-X", "dev", str(check), external=True)
