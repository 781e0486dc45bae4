"""One clear line for everything that goes wrong in a magic: no traceback of ours."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from IPython.core.error import UsageError

F = TypeVar("F", bound=Callable[..., Any])

_BAD_INPUT = ("InvalidRunId", "InvalidSetting", "MissingApiKey", "InvalidApiKey")


def in_one_line(magic: F) -> F:
    """Make ``magic`` report `PuffleError` and interrupts in one line.

    Bad input becomes IPython's own `UsageError`; what happens later keeps its class, so that
    ``except RunFailed`` works, and shows as its one line.
    """

    @functools.wraps(magic)
    def reporting(*arguments: Any) -> Any:
        try:
            return magic(*arguments)
        except KeyboardInterrupt as interrupt:
            raise _without_traceback(interrupt) from None
        except Exception as error:
            if not _is_ours(error):
                raise
            if type(error).__name__ in _BAD_INPUT:
                raise UsageError(str(error)) from None
            raise _without_traceback(error) from None

    return reporting  # type: ignore[return-value]


def _is_ours(error: Exception) -> bool:
    # Looked up by class names: importing the tree here would load it with the extension.
    return any(base.__name__ == "PuffleError" for base in type(error).__mro__)


def _without_traceback(error: BaseException) -> BaseException:
    """``error``, shown by IPython as one line: `_render_traceback_` is its documented hook."""
    error._render_traceback_ = lambda: [f"{type(error).__name__}: {error}"]  # type: ignore[attr-defined]
    return error
