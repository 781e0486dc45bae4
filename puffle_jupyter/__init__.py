"""Watch Puffle agent chat runs from a notebook: a live badge, then the whole transcript.

>>> %load_ext puffle_jupyter                           # doctest: +SKIP
>>> %puffle_wait run_abc                               # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .api.client import AsyncPuffleClient, PuffleClient
    from .api.credentials import ApiKey
    from .api.errors import (
        BadRequest,
        ConnectionFailed,
        Forbidden,
        InvalidApiKey,
        InvalidRunId,
        InvalidSetting,
        MissingApiKey,
        PuffleError,
        RateLimited,
        ResponseError,
        RunCancelled,
        RunFailed,
        RunNotFound,
        ServerError,
        Unauthorized,
        UnexpectedStatus,
        UnreadableAnswer,
        WaitTimeout,
        WatchStopped,
    )
    from .api.run import Run, RunStatus
    from .view.widget import RunWidget
    from .watching.history import WatchEvent, WatchEventKind
    from .watching.registry import watch
    from .watching.watch import RunWatch

__version__ = "0.1.0"

__all__ = [
    "ApiKey",
    "AsyncPuffleClient",
    "BadRequest",
    "ConnectionFailed",
    "Forbidden",
    "InvalidApiKey",
    "InvalidRunId",
    "InvalidSetting",
    "MissingApiKey",
    "PuffleClient",
    "PuffleError",
    "RateLimited",
    "ResponseError",
    "Run",
    "RunCancelled",
    "RunFailed",
    "RunNotFound",
    "RunStatus",
    "RunWatch",
    "RunWidget",
    "ServerError",
    "TranscriptWidget",
    "Unauthorized",
    "UnexpectedStatus",
    "UnreadableAnswer",
    "WaitTimeout",
    "WatchEvent",
    "WatchEventKind",
    "WatchStopped",
    "load_ipython_extension",
    "unload_ipython_extension",
    "watch",
]

# Loading the extension must cost nothing: what needs httpx, msgspec or ipywidgets is imported when
# its name is first used (PEP 562).
_HOMES = {
    "AsyncPuffleClient": "api.client",
    "PuffleClient": "api.client",
    "ApiKey": "api.credentials",
    "Run": "api.run",
    "RunStatus": "api.run",
    "RunWidget": "view.widget",
    "TranscriptWidget": "view.explorer",
    "WatchEvent": "watching.history",
    "WatchEventKind": "watching.history",
    "watch": "watching.registry",
    "RunWatch": "watching.watch",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f".{_HOMES.get(name, 'api.errors')}", __name__)
    value = globals()[name] = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext puffle_jupyter``: register the magics."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext puffle_jupyter``: stop every watch and take the magics away."""
    from .magics import unload

    unload(shell)
