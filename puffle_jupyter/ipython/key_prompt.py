"""Asking for the API key, where somebody can type it unseen."""

from __future__ import annotations

from typing import NoReturn

from IPython.core.error import UsageError


def ask_for_key() -> str:
    """The key as it was typed.

    Raises:
        UsageError: nobody can type here.
    """
    import getpass

    try:
        return getpass.getpass("Puffle API key: ")
    except Exception as error:
        if type(error).__name__ != "StdinNotImplementedError":
            raise
        _no_input()


def _no_input() -> NoReturn:
    raise UsageError(
        "%puffle_login cannot ask for the key here, where nobody can type: "
        "set PUFFLE_API_KEY in the environment instead."
    )
