"""A run as a file of its own: one page, light and dark, that can neither run nor fetch anything."""

from __future__ import annotations

from ..._version import __version__
from ...run_data import RunData
from ..times import times_words
from .badge import run_badge
from .escape import label
from .fold import small
from .page_style import SHEET
from .style import PARAGRAPH

# No scripts, no network, no forms, no frames: whatever else went wrong, the browser stops it here.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def around(run: RunData) -> tuple[str, str]:
    """What comes before and after the run's finished fragment in a whole HTML document."""
    before = _start(f"{label(run.run_id, 80)} · Puffle run")
    before += f"<h1>Puffle run</h1>\n<h2>{run_badge(run)}</h2>\n"
    if times := times_words(run):
        before += f'<p style="{PARAGRAPH}">{small(label(times, 300))}</p>\n'
    return before, _end()


def whole_page(title: str, fragment: str) -> str:
    """A whole HTML document around ``fragment``; both are HTML already."""
    return f"{_start(title)}<h1>Puffle</h1>\n{fragment}{_end()}"


def _start(title: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{SHEET}</style>\n</head>\n<body>\n<main>\n"
    )


def _end() -> str:
    written = small(f"written by puffle_jupyter {__version__}")
    return f'\n<p style="{PARAGRAPH}">{written}</p>\n</main>\n</body>\n</html>\n'
