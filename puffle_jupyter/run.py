"""`Run`: what a user holds of a run, with everything that can be asked of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import displayed
from .errors import InvalidExport, RunCancelled, RunFailed
from .new_file import write_file
from .render import text
from .render.detail import OF_HTML, Detail, HtmlDetail, MarkdownDetail, check_detail
from .render.html import run as html
from .render.markdown import run as markdown
from .run_data import RunData, RunStatus
from .tables.of_run import tables_of
from .tables.run_csv import run_csv
from .tables.table import Tables, write_csv
from .transcript import run_frame, search
from .transcript.kinds import OnlyWord, check_only
from .transcript.model import Transcript
from .transcript.read import read
from .untrusted import untrusted_words

_LONGEST_REASON = 2_000
"""Characters of a run's own error in the text of `RunFailed`; `Run.error` has all of it."""


class Run(RunData):
    """One answer about a run: its status and, once it ended, what it said.

    Attributes:
        run_id: the run's id, ``run_…``.
        status: the status; `RunStatus.UNKNOWN` for a word the documentation does not know.
        status_text: the status exactly as sent.
        text: the final answer as sent, Markdown, or its JSON when it is no string; None unless completed.
        body: the whole answer as sent; what `messages`, `tool_calls`, `error` and `raw` are read from.
    """

    @property
    def transcript(self) -> Transcript:
        """What the run said: messages of parts, tool calls joined with their results, and the ledger."""
        return read(self.body)

    @property
    def calls(self) -> search.ToolCalls:
        """Every tool call with its result, in order; ``run.calls["search_leads"]`` are those of one tool."""
        return search.ToolCalls(self.transcript.tool_calls)

    @property
    def tables(self) -> Tables:
        """Every table: rows of calls, Markdown tables of the answer and the messages, by name.

        >>> run.tables["search_leads"].to_csv("leads.csv")     # doctest: +SKIP
        PosixPath('leads.csv')
        """
        return tables_of(self)

    def grep(self, wanted: str | re.Pattern[str], only: OnlyWord = "everything") -> list[search.Match]:
        """Every line of the transcript that holds ``wanted``: text in any case, or a compiled pattern.

        Args:
            wanted: what is searched for.
            only: what is searched: ``"texts"``, ``"calls"``, ``"failed calls"`` or ``"reasoning"``.

        Raises:
            InvalidSearch: there is no such kind.

        >>> run.grep("acme")[0].place                      # doctest: +SKIP
        'search_leads result'
        """
        return search.grep(self, wanted, check_only(only))

    def to_frame(self) -> Any:
        """A pandas DataFrame with one row for each message and each tool call.

        The final text is a row of its own where the last message does not say it. Arguments, results and
        errors are JSON as sent. Times (UTC) and tokens are columns, filled where the messages have them. What
        is missing is ``pandas.NA``, of times ``pandas.NaT``.

        Raises:
            MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        return run_frame.to_frame(self)

    def _repr_html_(self) -> str:
        return html.run_fragment(self)

    def explore(self) -> None:
        """Display it with expand all, collapse all and find.

        It is plain html where no widget can be shown. In a terminal it is short: the answer, and a line for
        each call.
        """
        displayed.explore(self)

    def to_html(self, detail: HtmlDetail = "full", id_prefix: str = "") -> str:
        """A standalone HTML page, light and dark.

        Every message and call has an id: ``page.html#call-7`` opens what ``run.calls[7]`` is, and
        ``#message-3`` leads to ``run.transcript.messages[3]``.

        Args:
            detail: ``"full"`` is everything; ``"answer"`` the answer and a line of what was done; ``"calls"``
                these and all tool calls. What is left out is said.
            id_prefix: what every id begins with, so that two pages can be put into one.

        Raises:
            InvalidExport: there is no such detail, or no id can begin with the prefix.
        """
        return html.run_page(self, check_detail(detail, *OF_HTML), id_prefix)

    def to_markdown(self, detail: MarkdownDetail = "full") -> str:
        """The transcript as Markdown.

        Args:
            detail: as for `to_html`; and ``"compact"``, to be pasted into a chat: what was asked, the answer
                and a line for each call, all that others wrote in code blocks and labelled as data.

        Raises:
            InvalidExport: there is no such detail.
        """
        return markdown.run_markdown(self, check_detail(detail, *Detail))

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> Path:
        """Write the run to a file; its name says how.

        ``.html`` is `to_html`, ``.md`` `to_markdown`, ``.txt`` `to_text`, ``.json`` the answer as sent, and
        ``.csv`` the rows of `to_frame`, safe to open in a spreadsheet. For a table see `tables`.

        Args:
            path: where to; ``~`` is the home folder.
            overwrite: replace a file that is there.

        Returns:
            The path of the file.

        Raises:
            FileExists: there is a file already, and ``overwrite`` is not set.
            InvalidExport: the name ends in something else, or its folder does not exist.
        """
        if (ending := Path(path).suffix.lower()) == ".csv":
            return write_csv(path, run_csv(self), overwrite=overwrite)
        written: dict[str, Callable[[], str]] = {
            ".html": self.to_html,
            ".md": self.to_markdown,
            ".txt": self.to_text,
            ".json": self.body.document,
        }
        if ending not in written:
            known = ", ".join([*written, ".csv"])
            raise InvalidExport(
                f"{os.fspath(path)!r} does not end in one of {known}: the ending says how to save"
            )
        return write_file(path, written[ending]().encode(), overwrite=overwrite)

    def to_text(self) -> str:
        """The whole transcript as plain text, safe to print in a terminal."""
        return text.run_text(self)


def check_completed(run: Run) -> None:
    """Raise unless ``run`` completed.

    Raises:
        RunFailed, RunCancelled
    """
    if run.status is RunStatus.FAILED:
        reason = untrusted_words(run.error or "", _LONGEST_REASON) or "Puffle gave no reason"
        raise RunFailed(f"{run.run_id} failed: {reason}", run=run)
    if run.status is RunStatus.CANCELLED:
        raise RunCancelled(f"{run.run_id} was cancelled in Puffle before it completed.", run=run)
