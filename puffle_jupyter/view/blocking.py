"""Whether a cell waits for the runs it shows: the one home of that rule."""

from __future__ import annotations

import os
from typing import Any

from ..api.errors import InvalidSetting
from .frontend import FrontEnd

_WORDS: dict[str, bool | None] = {"auto": None, "true": True, "1": True, "false": False, "0": False}
_configured: bool | None = None


def configure_blocking(value: object) -> bool | str:
    """Take what ``%config PuffleMagics.block`` says, and return it in its usual form.

    Raises:
        InvalidSetting: neither "auto" nor true or false.
    """
    global _configured
    _configured = _read(value)
    return "auto" if _configured is None else _configured


def must_block(option: bool | None = None) -> bool | None:
    """Whether to wait: the option of a magic, else ``%config``, else the environment variable PUFFLE_BLOCK;
    None leaves it to the front end.

    Raises:
        InvalidSetting: PUFFLE_BLOCK is neither "auto" nor true or false.
    """
    for decided in (option, _configured):
        if decided is not None:
            return decided
    return _read(os.environ.get("PUFFLE_BLOCK") or "auto")


def waits_at_end_of_cell(front_end: FrontEnd, option: bool | None = None) -> bool:
    """Whether a cell of ``front_end`` that shows a run waits at its end until that run ended."""
    decided = must_block(option)
    if front_end.is_notebook or front_end is FrontEnd.SCRIPT:
        return front_end.blocks if decided is None else decided
    return False  # a prompt is what a person in a terminal waits for


def _read(value: Any) -> bool | None:
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise InvalidSetting(f'block must be "auto", True or False, not {ascii(value)[:60]}.')
    return _WORDS[word]
