"""Ask Puffle from a notebook and watch its runs: a live badge, then the whole transcript.

>>> %load_ext puffle_jupyter                           # doctest: +SKIP
>>> %puffle_chat Find fintech founders in Berlin       # doctest: +SKIP
>>> %puffle_wait run_abc                               # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .asking.conversation import Conversation, chat
    from .board.frames import calls_frame, messages_frame, runs_frame
    from .client.blocking_client import PuffleClient
    from .client.blocking_stream import BlockingChatStream
    from .client.chat_stream import ChatStream
    from .client.client import AsyncPuffleClient
    from .client.credentials import ApiKey
    from .client.start import StartedRun
    from .display.each import each
    from .display.each_board import EachBoard
    from .display.notebook.run_widget import RunWidget
    from .display.notebook.transcript_widget import TranscriptWidget
    from .display.run_board import RunBoard
    from .errors import (
        ApprovalNeeded,
        BadRequest,
        CannotWaitHere,
        ConnectionFailed,
        ConversationNotFound,
        FileExists,
        Forbidden,
        InvalidApiKey,
        InvalidConversationId,
        InvalidExport,
        InvalidMessage,
        InvalidRun,
        InvalidRunId,
        InvalidSearch,
        InvalidSetting,
        MessageTooLarge,
        MissingApiKey,
        MissingExtra,
        NoSuchTable,
        NoSuchToolCall,
        NotATable,
        NotPending,
        NotSent,
        PuffleError,
        RateLimited,
        ResponseError,
        RunCancelled,
        RunFailed,
        RunNotCompleted,
        RunNotEnded,
        RunNotFound,
        ServerError,
        StartNotConfirmed,
        StreamUnfinished,
        Unauthorized,
        UnexpectedStatus,
        UnreadableAnswer,
        WaitTimeout,
        WatchStopped,
    )
    from .run import Run
    from .run_data import RunStatus
    from .run_diff import RunDiff, RunDiffs, diff, diff_many
    from .tables.table import Table, Tables
    from .watching.history import WatchEvent, WatchEventKind
    from .watching.registry import watch
    from .watching.watch import RunWatch


__all__ = [
    "ApiKey",
    "ApprovalNeeded",
    "AsyncPuffleClient",
    "BadRequest",
    "BlockingChatStream",
    "CannotWaitHere",
    "ChatStream",
    "ConnectionFailed",
    "Conversation",
    "ConversationNotFound",
    "EachBoard",
    "FileExists",
    "Forbidden",
    "InvalidApiKey",
    "InvalidConversationId",
    "InvalidExport",
    "InvalidMessage",
    "InvalidRun",
    "InvalidRunId",
    "InvalidSearch",
    "InvalidSetting",
    "MessageTooLarge",
    "MissingApiKey",
    "MissingExtra",
    "NoSuchTable",
    "NoSuchToolCall",
    "NotATable",
    "NotPending",
    "NotSent",
    "PuffleClient",
    "PuffleError",
    "RateLimited",
    "ResponseError",
    "Run",
    "RunBoard",
    "RunCancelled",
    "RunDiff",
    "RunDiffs",
    "RunFailed",
    "RunNotCompleted",
    "RunNotEnded",
    "RunNotFound",
    "RunStatus",
    "RunWatch",
    "RunWidget",
    "ServerError",
    "StartNotConfirmed",
    "StartedRun",
    "StreamUnfinished",
    "Table",
    "Tables",
    "TranscriptWidget",
    "Unauthorized",
    "UnexpectedStatus",
    "UnreadableAnswer",
    "WaitTimeout",
    "WatchEvent",
    "WatchEventKind",
    "WatchStopped",
    "calls_frame",
    "chat",
    "diff",
    "diff_many",
    "each",
    "load_ipython_extension",
    "messages_frame",
    "runs_frame",
    "unload_ipython_extension",
    "watch",
]

# Loading the extension must cost nothing: what needs httpx, msgspec or ipywidgets is imported when
# its name is first used (PEP 562).
_HOMES = {
    "AsyncPuffleClient": "client.client",
    "PuffleClient": "client.blocking_client",
    "ApiKey": "client.credentials",
    "BlockingChatStream": "client.blocking_stream",
    "ChatStream": "client.chat_stream",
    "Conversation": "asking.conversation",
    "chat": "asking.conversation",
    "calls_frame": "board.frames",
    "messages_frame": "board.frames",
    "runs_frame": "board.frames",
    "StartedRun": "client.start",
    "Run": "run",
    "RunBoard": "display.run_board",
    "RunStatus": "run_data",
    "RunDiff": "run_diff",
    "RunDiffs": "run_diff",
    "diff": "run_diff",
    "diff_many": "run_diff",
    "Table": "tables.table",
    "Tables": "tables.table",
    "EachBoard": "display.each_board",
    "each": "display.each",
    "RunWidget": "display.notebook.run_widget",
    "TranscriptWidget": "display.notebook.transcript_widget",
    "WatchEvent": "watching.history",
    "WatchEventKind": "watching.history",
    "watch": "watching.registry",
    "RunWatch": "watching.watch",
}


if not TYPE_CHECKING:  # a type checker would take any name for `Any`, a misspelt one too

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = importlib.import_module(f".{_HOMES.get(name, 'errors')}", __name__)
        value = globals()[name] = getattr(home, name)
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext puffle_jupyter``: register the magics."""
    from .ipython.magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext puffle_jupyter``: stop every watch and take the magics away."""
    from .ipython.magics import unload

    unload(shell)
