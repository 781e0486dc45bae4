"""The badge of a run that nobody watches."""

from __future__ import annotations

import html

from ...run_data import RunData
from ..words import label_of_status
from .escape import label
from .style import NAME, status_label

_ID = f"{NAME};margin:0 6px 0 2px"


def run_badge(run: RunData) -> str:
    """The badge of a run that nobody watches: label and run id."""
    shown = label_of_status(run.status, run.status_text)
    return f"{status_label(html.escape(str(shown)), shown.severity)} {identifier(run.run_id)}"


def identifier(run_id: str) -> str:
    """A run's id, next to its badge."""
    return f'<code style="{_ID}">{label(run_id, 80)}</code>'
