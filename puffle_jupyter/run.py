"""`Run`: what a user holds of a run, with everything that can be asked of it."""

from __future__ import annotations

import re
from typing import Any

from . import displayed
from .errors import RunCancelled, RunFailed
from .render import text
from .render.html import run as html
from .render.markdown import run as markdown
from .run_data import RunData, RunStatus
from .transcript import run_frame, search
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

    def grep(self, wanted: str | re.Pattern[str]) -> list[search.Match]:
        """Every line of the transcript that holds ``wanted``: text in any case, or a compiled pattern.

        >>> run.grep("acme")[0].place                      # doctest: +SKIP
        'search_leads result'
        """
        return search.grep(self, wanted)

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
        """Display it with expand all, collapse all and find; as plain html where no widget can be shown."""
        displayed.explore(self)

    def to_html(self) -> str:
        """A standalone HTML page with everything in it, light and dark."""
        return html.run_page(self)

    def to_markdown(self) -> str:
        """The whole transcript as Markdown."""
        return markdown.run_markdown(self)

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
