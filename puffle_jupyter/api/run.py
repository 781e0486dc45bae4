"""A run as one answer of Puffle tells it (docs.puffle.ai, "Poll an agent chat run")."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..json_value import InvalidJson, JsonValue
from .errors import InvalidRunId, RunCancelled, RunFailed

if TYPE_CHECKING:
    from ..transcript.model import Transcript
    from ..transcript.search import Match, ToolCalls

# Trigger.dev ids are letters and digits after `run_`; `_` and `-` are let through for ids of a
# later format. Nothing else can be part of a URL path without changing its meaning.
_RUN_ID = re.compile(r"run_[A-Za-z0-9_-]{1,200}", re.ASCII)


class RunStatus(str, enum.Enum):
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

    def __str__(self) -> str:
        return self.value


_STATUS_BY_WORD = {status.value: status for status in RunStatus if status is not RunStatus.UNKNOWN}


def check_run_id(run_id: object) -> str:
    """Return ``run_id`` when it can be a run's id.

    The API refuses ids that do not start with ``run_`` (400); characters that would change the URL
    are refused here too, before anything is sent.

    Raises:
        InvalidRunId: it is not text, or not ``run_`` followed by letters, digits, ``_`` or ``-``.
    """
    if isinstance(run_id, str) and _RUN_ID.fullmatch(run_id):
        return run_id
    shown = ascii(run_id) if len(ascii(run_id)) <= 80 else ascii(run_id)[:79] + "…"
    raise InvalidRunId(
        f"{shown} is not a run id: it must be run_ followed by letters and digits, such as run_abc. "
        "Copy the runId that starting the agent chat returned."
    )


@dataclass(frozen=True, repr=False)
class Run:
    """One answer about a run: its status and, once it ended, what it said.

    Attributes:
        run_id: the run's id, ``run_…``.
        status: the status; `RunStatus.UNKNOWN` for a word the documentation does not know.
        status_text: the status exactly as sent.
        text: the final answer, Markdown; None unless completed.
        body: the whole answer as sent; what `messages`, `tool_calls`, `error` and `raw` are read from.
    """

    run_id: str
    status: RunStatus
    status_text: str
    text: str | None = None
    body: JsonValue = field(default_factory=lambda: JsonValue(b"{}"))

    @classmethod
    def from_json(cls, body: bytes | str | JsonValue) -> Run:
        """Read an answer of ``GET /api/agent/chat/{runId}``, from the wire or from a file.

        Raises:
            InvalidJson: not JSON, not an object, or without ``runId`` and ``status`` strings.
        """
        value = body if isinstance(body, JsonValue) else JsonValue.parse(body)
        members = value.members()
        run_id, status = (members[key].string if key in members else None for key in ("runId", "status"))
        if run_id is None or status is None:
            raise InvalidJson('not a run: "runId" and "status" must be strings')
        text = members["text"].string if "text" in members else None
        return cls(run_id, RunStatus.read(status), status, text, value)

    @classmethod
    def from_dict(cls, answer: dict[str, Any]) -> Run:
        """The same from a decoded answer, such as `to_dict` gives."""
        return cls.from_json(JsonValue.of(answer))

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
        return f"<Run {ascii(self.run_id)[1:-1]} {ascii(self.status_text)[1:-1][:40]}>"

    # What a run says and looks like belongs to `transcript` and `view`, which know runs; so these look
    # it up when called.

    @property
    def transcript(self) -> Transcript:
        """What the run said: messages of parts, tool calls joined with their results, and the ledger."""
        from ..transcript.read import read

        return read(self)

    @property
    def calls(self) -> ToolCalls:
        """Every tool call with its result, in order; ``run.calls["search_leads"]`` are those of one tool."""
        from ..transcript.search import ToolCalls

        return ToolCalls(self.transcript.tool_calls)

    def grep(self, wanted: str | re.Pattern[str]) -> list[Match]:
        """Every line of the transcript that holds ``wanted``: text in any case, or a compiled pattern.

        >>> run.grep("acme")[0].place                      # doctest: +SKIP
        'search_leads result'
        """
        from ..transcript.search import grep

        return grep(self.transcript, self.text, wanted)

    def to_frame(self) -> Any:
        """A pandas DataFrame with one row for each message and each tool call.

        Raises:
            ImportError: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        from ..transcript.frame import to_frame

        return to_frame(self.transcript)

    def _repr_html_(self) -> str:
        from ..view import html

        return html.run_fragment(self)

    def explore(self) -> None:
        """Display it with expand all, collapse all and find; as plain html where no widget can be shown."""
        from ..view.show import explore

        explore(self)

    def to_html(self) -> str:
        """A standalone HTML page with everything in it, light and dark."""
        from ..view import html

        return html.run_page(self)

    def to_markdown(self) -> str:
        """The whole transcript as Markdown."""
        from ..view import text

        return text.run_markdown(self)

    def to_text(self) -> str:
        """The whole transcript as plain text, safe to print in a terminal."""
        from ..view import text

        return text.run_text(self)


def check_completed(run: Run) -> None:
    """Raise unless ``run`` completed.

    Raises:
        RunFailed, RunCancelled
    """
    if run.status is RunStatus.FAILED:
        raise RunFailed(f"{run.run_id} failed: {run.error or 'Puffle gave no reason'}")
    if run.status is RunStatus.CANCELLED:
        raise RunCancelled(f"{run.run_id} was cancelled in Puffle before it completed.")
