"""What a watch offers of its run: the members of `Run`, once the run has ended."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from ..render.detail import HtmlDetail, MarkdownDetail
from ..run import Run
from ..tables.table import Tables
from ..transcript.kinds import OnlyWord
from ..transcript.model import Transcript
from ..transcript.search import Match, ToolCalls


class RunMembers(ABC):
    """The members of `Run`, taken from the run that a watch saw the end of.

    None of them waits: before the end each raises `RunNotEnded`.
    """

    @abstractmethod
    def _ended_run(self) -> Run:
        """The run after its end.

        Raises:
            RunNotEnded: the run has not ended, as far as the watch knows.
        """

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError(
            "A RunWatch cannot be sent to another process: it watches in this one. "
            "Send watch.run_id and watch it there, or send watch.run once the run has ended."
        )

    @property
    def text(self) -> str | None:
        """The final answer as sent; None unless completed. See `Run.text`."""
        return self._ended_run().text

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as sent, decoded. See `Run.messages`."""
        return self._ended_run().messages

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """The ``toolCalls`` as sent, decoded. See `Run.tool_calls`."""
        return self._ended_run().tool_calls

    @property
    def error(self) -> str | None:
        """What went wrong in the run, as text; None unless failed. See `Run.error`."""
        return self._ended_run().error

    @property
    def raw(self) -> dict[str, Any]:
        """The whole answer as sent, decoded. See `Run.raw`."""
        return self._ended_run().raw

    @property
    def transcript(self) -> Transcript:
        """Messages, tool calls joined with their results, and the ledger. See `Run.transcript`."""
        return self._ended_run().transcript

    @property
    def calls(self) -> ToolCalls:
        """Every tool call with its result, in order. See `Run.calls`."""
        return self._ended_run().calls

    @property
    def tables(self) -> Tables:
        """Every table of the run, by name. See `Run.tables`."""
        return self._ended_run().tables

    def grep(self, wanted: str | re.Pattern[str], only: OnlyWord = "everything") -> list[Match]:
        """Every line of the transcript that holds ``wanted``. See `Run.grep`."""
        return self._ended_run().grep(wanted, only)

    def to_frame(self) -> Any:
        """A pandas DataFrame with one row for each message and tool call. See `Run.to_frame`."""
        return self._ended_run().to_frame()

    def to_html(self, detail: HtmlDetail = "full", id_prefix: str = "") -> str:
        """A standalone HTML page with the whole run, or a part of it. See `Run.to_html`."""
        return self._ended_run().to_html(detail, id_prefix)

    def to_markdown(self, detail: MarkdownDetail = "full") -> str:
        """The transcript as Markdown, or a part of it. See `Run.to_markdown`."""
        return self._ended_run().to_markdown(detail)

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> Path:
        """Write the run to a file; its name says how. See `Run.save`."""
        return self._ended_run().save(path, overwrite)

    def to_text(self) -> str:
        """The whole transcript as plain text. See `Run.to_text`."""
        return self._ended_run().to_text()

    def to_dict(self) -> dict[str, Any]:
        """The whole answer, ready for ``json.dump``. See `Run.to_dict`."""
        return self._ended_run().to_dict()

    def explore(self) -> None:
        """Display the run with expand all, collapse all and find. See `Run.explore`."""
        self._ended_run().explore()
