"""What came of a tool call, in a few words: ``8 rows``, ``failed: timed out after 20 s``."""

from __future__ import annotations

from ..safe_text import shortened
from ..transcript.binary import without_base64
from ..transcript.model import ToolCall, ToolCallState
from ..transcript.readable import readable_lines
from ..transcript.tables import Rows, find_table
from ..untrusted import plain_label
from .words import LABEL_BY_CALL_STATE, count_words

_REASON_LIMIT = 48
_READ_LIMIT = 100_000
"""Bytes of an error that is read for a few words of it."""


def result_table(call: ToolCall) -> Rows | None:
    """The table in the result of ``call``, also one without rows; None without one."""
    return None if call.result_json is None else find_table(without_base64(call.result_json))


def outcome_words(call: ToolCall, table: Rows | None) -> str:
    """One harmless line about what came of ``call``, not yet HTML; "" for a success without rows.

    Args:
        call: the call.
        table: see `result_table`.
    """
    if call.state is ToolCallState.SUCCEEDED:
        return "" if table is None else count_words(len(table.rows), "row")
    word = LABEL_BY_CALL_STATE[call.state].word
    reason = _reason(call) if call.state is ToolCallState.FAILED else ""
    return f"{word}: {reason}" if reason else word


def _reason(call: ToolCall) -> str:
    """The first line of the error that says something; of an object that has one, of its message."""
    error = call.error_json
    if error is None or len(error.encoded) > _READ_LIMIT:
        return ""
    message = error.members().get("message", error)
    text = message.string
    lines = readable_lines(message) if text is None else iter(text.split("\n"))
    reason = next(filter(None, (line.strip(' {}[]",') for line in lines)), "")
    return shortened(plain_label(reason.removeprefix(call.name).lstrip(" :")), _REASON_LIMIT)
