"""Whether a cell waits for the runs it shows: the one home of that rule."""

from __future__ import annotations

import os

from ..read_settings import read_choice
from ..settings import current_settings
from .front_end import FrontEnd


def must_block(option: bool | None = None) -> bool | None:
    """Whether to wait; None leaves it to the front end.

    The option of a magic decides, else ``%config``, else the environment variable PUFFLE_BLOCK.

    Raises:
        InvalidSetting: PUFFLE_BLOCK is neither "auto" nor true or false.
    """
    for decided in (option, current_settings.now.block):
        if decided is not None:
            return decided
    return read_choice("PUFFLE_BLOCK", os.environ.get("PUFFLE_BLOCK") or "auto")


def waits_at_end_of_cell(front_end: FrontEnd, option: bool | None = None) -> bool:
    """Whether a cell of ``front_end`` that shows a run waits at its end until that run ended."""
    decided = must_block(option)
    if front_end.is_notebook or front_end is FrontEnd.SCRIPT:
        return front_end.blocks if decided is None else decided
    return False  # a prompt is what a person in a terminal waits for
