"""One clear line for everything that goes wrong in a magic: no traceback of ours."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from IPython.core.error import UsageError

from ..printing import encodable, say

F = TypeVar("F", bound=Callable[..., Any])


class HelpAsked(Exception):
    """A magic is not to do anything but print this help."""


_KEY_WAYS = " Or run %puffle_login. To try it without an account, run %puffle_demo."


def in_one_line(magic: F) -> F:
    """Make ``magic`` report `PuffleError` and interrupts in one line.

    What is refused before anything is sent becomes IPython's own `UsageError`; what happens later keeps
    its class, so that ``except RunFailed`` works, and shows as its one line.
    """

    @functools.wraps(magic)
    def reporting(*arguments: Any) -> Any:
        try:
            return magic(*arguments)
        except HelpAsked as help_text:
            say(str(help_text))
            return None
        except KeyboardInterrupt as interrupt:
            raise _without_traceback(interrupt) from None
        except Exception as error:
            # Imported here: the tree must not be loaded with the extension.
            from ..errors import MissingApiKey, NotSent, PuffleError

            if isinstance(error, MissingApiKey):
                raise UsageError(f"{error}{_KEY_WAYS}") from None
            if isinstance(error, NotSent):
                raise UsageError(str(error)) from None
            if isinstance(error, PuffleError):
                raise _without_traceback(error) from None
            raise

    return reporting  # type: ignore[return-value]


def _without_traceback(error: BaseException) -> BaseException:
    """``error``, shown by IPython as one line: `_render_traceback_` is its documented hook."""

    def one_line() -> list[str]:
        return [encodable(f"{type(error).__name__}: {error}", sys.stdout)]

    error._render_traceback_ = one_line  # type: ignore[attr-defined]
    return error
