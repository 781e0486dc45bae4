"""The short form of a run: the answer, one line a call, and how to see the rest. For a terminal and a pipe.

Untrusted text of more than a line is indented below a line of ours, so it cannot pass for one.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from ...redact import redact
from ...run_data import RunData
from ...safe_text import escape_invisible
from ...transcript.answer import Answer
from ...transcript.model import ToolCall
from ...transcript.readable import readable
from ...untrusted import terminal_safe
from ..arguments_summary import summarize_arguments
from ..blocks import Call, FurtherCalls
from ..html.style import Severity
from ..outcome import outcome_words, result_table
from ..outline import Outline, outline_of, short_calls
from ..words import (
    LABEL_BY_CALL_STATE,
    call_title,
    calls_title,
    count_words,
    failed_words,
    size_words,
    state_words,
    transcript_words,
)
from .layout import Layout, Line, at_most, console_for, indented, lines_of, written
from .markdown import markdown_lines

ANSWER_LINES = 24
"""Of an answer: with its badge and the calls of an ordinary run about a screenful."""

_ERROR_LINES = 12
_ANSWER_LIMIT = 20_000
"""Characters of an answer that are laid out: more than its lines can show."""
_JSON_LIMIT = 100_000
_WIDEST_CALL = 100
"""Columns of a call's line: in a wide window the outcome stays near to its call."""
_STYLES = {
    Severity.GOOD: "green",
    Severity.BAD: "bold red",
    Severity.CAUTION: "yellow",
    Severity.UNKNOWN: "magenta",
}


def short_text(run: RunData, head: str, layout: Layout, whole: str) -> str:
    """The short form of ``run``.

    Args:
        run: a run that has ended.
        head: the first line.
        layout: of its lines.
        whole: the last line, which says how to see everything.
    """
    console = console_for(layout)
    return written(_ShortForm(run, console).lines(head, whole), console)


class _ShortForm:
    def __init__(self, run: RunData, console: Console) -> None:
        self._outline: Outline = outline_of(run)
        self._console = console
        self._columns = console.width

    def lines(self, head: str, whole: str) -> Iterator[Line]:
        outline = self._outline
        yield from self._said(head)
        if outline.sentence:
            yield from self._said("", outline.sentence)
        if outline.error:
            yield from self._error(outline.error)
        yield from self._answer(outline.answer)
        calls = outline.transcript.tool_calls
        yield []
        if calls or outline.message_count:
            yield from self._said(transcript_words(outline.message_count, calls))
        for block in short_calls(calls):
            yield from self._call(block)
        yield from self._said(whole)

    def _said(self, *lines: str, style: str = "") -> Iterator[Line]:
        for line in lines:
            yield from lines_of(Text(line, style, overflow="fold"), self._console, self._columns)

    def _error(self, error: str) -> Iterator[Line]:
        more = f"… the error goes on: {count_words(len(error), 'character')} in all"
        yield from self._some(self._plain(_beginning(error)), _ERROR_LINES, more)

    def _answer(self, answer: Answer) -> Iterator[Line]:
        if answer.text.strip():
            more = f"… the answer goes on: {count_words(len(answer.text), 'character')} in all"
            lines = markdown_lines(_beginning(answer.text), self._console, self._columns - 2)
            yield []
            yield from self._some(lines, ANSWER_LINES, more)
        if (value := answer.json) is not None:
            size = len(value.encoded)
            yield from self._said("", f"The final text is not a string, but JSON of {size_words(size)}.")
            if size <= _JSON_LIMIT:
                lines = self._plain(terminal_safe(readable(value)))
                yield from self._some(lines, ANSWER_LINES, "… the JSON goes on")
        if answer.state:
            yield from self._said("", state_words(answer.state))

    def _plain(self, text: str) -> Iterator[Line]:
        return lines_of(Text(text.strip("\n"), overflow="fold"), self._console, self._columns - 2)

    def _some(self, lines: Iterator[Line], count: int, more: str) -> Iterator[Line]:
        shown = indented(lines, Text("  "), "  ", self._console)
        return at_most(shown, count, self._said(more, style="dim"))

    def _call(self, block: Call | FurtherCalls) -> Iterator[Line]:
        if isinstance(block, Call):
            line = _call_line(block.call, min(self._columns, _WIDEST_CALL))
        else:
            failed = failed_words(block.calls)
            line = Text(f"… {calls_title(block.calls)}{f' ({failed})' if failed else ''}", "dim")
            line.truncate(self._columns, overflow="ellipsis")
        yield list(line.render(self._console))


def _call_line(call: ToolCall, columns: int) -> Text:
    """Mark, name, short arguments, and at the right what came of it."""
    label = LABEL_BY_CALL_STATE[call.state]
    style = _STYLES.get(label.severity, "dim")
    outcome = Text(outcome_words(call, result_table(call)), "" if style == "green" else style)
    outcome.truncate(columns // 2, overflow="ellipsis")
    line = Text.assemble((label.symbol, style), " ", (call_title(call.name), "bold"))
    if arguments := summarize_arguments(call.arguments_json):
        line.append(f"  {arguments}", "dim")
    room = columns - outcome.cell_len - 2 if outcome else columns
    line.truncate(room, overflow="ellipsis", pad=bool(outcome))
    return Text.assemble(line, "  ", outcome) if outcome else line


def _beginning(text: str) -> str:
    """As much of ``text`` as is laid out, in whole lines; escaped and redacted before it is cut."""
    text = redact(escape_invisible(text))
    if len(text) <= _ANSWER_LIMIT:
        return text
    return text[: text.rfind("\n", 0, _ANSWER_LIMIT) if "\n" in text[:_ANSWER_LIMIT] else _ANSWER_LIMIT]
