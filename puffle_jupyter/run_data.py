"""The facts of a run, as one answer of Puffle gives them (docs.puffle.ai, "Poll an agent chat run")."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import Any, NewType, Self

from .errors import InvalidRun, InvalidRunId
from .json_value import InvalidJson, JsonValue
from .untrusted import untrusted_words

# Trigger.dev ids are letters and digits after `run_`; `_` and `-` are let through for ids of a
# later format. Nothing else can be part of a URL path without changing its meaning.
_RUN_ID = re.compile(r"run_[A-Za-z0-9_-]{1,200}", re.ASCII)


RunId = NewType("RunId", str)
"""A text that was checked by `check_run_id`: it can be a run's id."""


class RunStatus(enum.StrEnum):
    """The documented statuses of a run, and one for every word the documentation does not know."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_terminal(self) -> bool:
        """Whether the run has ended. The one home of this rule."""
        return self in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)

    @classmethod
    def read(cls, word: str) -> RunStatus:
        """The status for a word of the wire; `UNKNOWN` for one the documentation does not know."""
        return _STATUS_BY_WORD.get(word, cls.UNKNOWN)


_STATUS_BY_WORD = {status.value: status for status in RunStatus if status is not RunStatus.UNKNOWN}


def check_run_id(run_id: object) -> RunId:
    """Return ``run_id`` when it can be a run's id.

    The API refuses ids that do not start with ``run_`` (400); characters that would change the URL
    are refused here too, before anything is sent.

    Raises:
        InvalidRunId: it is not text, or not ``run_`` followed by letters, digits, ``_`` or ``-``.
    """
    if isinstance(run_id, str) and _RUN_ID.fullmatch(run_id):
        return RunId(run_id)
    shown = ascii(run_id) if len(ascii(run_id)) <= 80 else ascii(run_id)[:79] + "…"
    raise InvalidRunId(
        f"{shown} is not a run id: it must be run_ followed by letters and digits, such as run_abc. "
        "Copy the runId that starting the agent chat returned."
    )


@dataclass(frozen=True, repr=False)
class RunData:
    """One answer about a run: its status and, once it ended, what it said.

    Attributes:
        run_id: the run's id, ``run_…``.
        status: the status; `RunStatus.UNKNOWN` for a word the documentation does not know.
        status_text: the status exactly as sent.
        text: the final answer as sent, Markdown, or its JSON when it is no string; None unless completed.
        body: the whole answer as sent; what `messages`, `tool_calls`, `error` and `raw` are read from.
    """

    run_id: str
    status: RunStatus
    status_text: str
    text: str | None = None
    body: JsonValue = field(default_factory=lambda: JsonValue(b"{}"))

    @classmethod
    def from_json(cls, body: bytes | str | JsonValue) -> Self:
        """Read an answer of ``GET /api/agent/chat/{runId}``, from the wire or from a file.

        Raises:
            InvalidRun: not JSON, not an object, or without ``runId`` and ``status`` strings.
        """
        value = body if isinstance(body, JsonValue) else _parsed(body)
        members = value.members()
        run_id, status = (members[key].string if key in members else None for key in ("runId", "status"))
        if run_id is None or status is None:
            raise InvalidRun('not a run: "runId" and "status" must be strings')
        return cls(run_id, RunStatus.read(status), status, _final_text(members.get("text")), value)

    @classmethod
    def from_dict(cls, answer: dict[str, Any]) -> Self:
        """The same from a decoded answer, such as `to_dict` gives.

        Raises:
            InvalidRun: it cannot be written as JSON, or is without ``runId`` and ``status`` strings.
        """
        try:
            value = JsonValue.of(answer)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidRun(f"not a run: it cannot be written as JSON ({type(error).__name__})") from None
        return cls.from_json(value)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as sent, decoded; an empty list unless completed."""
        return self._list("messages")

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """The ``toolCalls`` as sent, decoded; an empty list unless completed."""
        return self._list("toolCalls")

    @property
    def error(self) -> str | None:
        """What went wrong, as text; None unless failed."""
        value = self.body.members().get("error")
        if value is None or value.is_null:
            return None
        message = value.members().get("message")
        return next((text for text in (value.string, message and message.string) if text), value.compact())

    @property
    def raw(self) -> dict[str, Any]:
        """The whole answer as sent, decoded."""
        return dict(self.body.python())

    def to_dict(self) -> dict[str, Any]:
        """The whole answer, ready for ``json.dump``."""
        return self.raw

    def _list(self, key: str) -> list[dict[str, Any]]:
        value = self.body.members().get(key)
        return [] if value is None else [item.python() for item in value.items()]

    def __repr__(self) -> str:
        run_id, status = (ascii(untrusted_words(text, 40))[1:-1] for text in (self.run_id, self.status_text))
        return f"<{type(self).__name__} {run_id} {status}>"


def _final_text(value: JsonValue | None) -> str | None:
    if value is None or value.is_null:
        return None
    text = value.string
    return value.encoded.decode() if text is None else text


def _parsed(body: object) -> JsonValue:
    if not isinstance(body, bytes | str):
        raise InvalidRun(f"not a run: bytes, text or a JsonValue are needed, not {type(body).__name__}")
    try:
        return JsonValue.parse(body)
    except InvalidJson as error:
        raise InvalidRun(str(error)) from None
