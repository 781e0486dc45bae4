"""Which tables a run has: those of its answer, of what was said, and the rows of its calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from ..json_value import JsonValue
from ..render.words import call_title, count_words
from ..run_data import RunData
from ..transcript.answer import Answer, answer_of
from ..transcript.binary import without_base64
from ..transcript.model import TextPart, ToolCall, ToolCallPart, Transcript
from ..transcript.read import read, unmentioned_calls
from ..transcript.tables import READ_LIMIT, Rows, find_table
from ..untrusted import plain_label
from .markdown_tables import markdown_tables
from .result_rows import Result, result_of, rows_after, rows_of
from .table import Tables, named_tables

_Found: TypeAlias = tuple[str, str, Rows, Rows]
_OF_A_CALL = "result of "
_Results: TypeAlias = dict[int, Result | None]  # by the index of the call


def tables_of(run: RunData) -> Tables:
    """Every table of ``run``: those of the answer, the others in the order of the transcript, those of tools.

    A tool whose results give rows in two calls or more has a table of them all: ``all web_search``.
    """
    transcript = read(run.body)
    results = {call.index: result_of(call, READ_LIMIT) for call in transcript.tool_calls}
    joined = list(_tools(transcript.tool_calls, results))
    found = [*_found(run, transcript, results), *joined]
    tables = named_tables(found)
    names = tables.names[len(found) - len(joined) :]
    name_by_tool = {tool: name for (tool, *_), name in zip(joined, names, strict=True)}
    return Tables(
        replace(table, joined=name_by_tool.get(f"all {name}", "")) if place.startswith(_OF_A_CALL) else table
        for table, (name, place, *_) in zip(tables, found, strict=True)
    )


def answer_tables(run: RunData) -> Tables:
    """The tables of the final answer of ``run`` alone."""
    return named_tables(_answer(answer_of(run, read(run.body))))


def _found(run: RunData, transcript: Transcript, results: _Results) -> Iterator[_Found]:
    answer = answer_of(run, transcript)
    yield from _answer(answer)
    for at, message in enumerate(transcript.messages):
        for number, part in enumerate(message.parts):
            if isinstance(part, ToolCallPart):
                yield from _call(part.call, results)
            elif isinstance(part, TextPart) and not answer.is_said_by(at, number):
                role = plain_label(message.role) or "(no role)"
                yield from _said(part.text, role, f"{role} message, run.transcript.messages[{at}]")
    for call in unmentioned_calls(transcript.messages, transcript.tool_calls):
        yield from _call(call, results)


def _answer(answer: Answer) -> Iterator[_Found]:
    if answer.json is not None:
        yield from _rows(answer.json, "answer", "final answer")
    yield from _said(answer.text, "answer", "final answer")


def _call(call: ToolCall, results: _Results) -> Iterator[_Found]:
    result = results[call.index]
    if result is not None and not result.is_record:
        name = call_title(call.name)
        yield name, f"{_OF_A_CALL}{name}, run.calls[{call.index}]", result.sent, result.shown


def _tools(calls: Iterable[ToolCall], results: _Results) -> Iterator[_Found]:
    """Of each tool the rows of all its results, if more than one has any: where a row is from in ``call``."""
    by_tool: dict[str, dict[int, Result]] = {}
    for call in calls:
        result = results[call.index]
        if result is not None and result.sent.rows:
            by_tool.setdefault(call.name, {})[call.index] = result
    for tool, found in by_tool.items():
        if len(found) > 1:
            rows = [
                ({"call": JsonValue.of(index)}, *cells)
                for index, result in found.items()
                for cells in rows_of(result)
            ]
            sent = rows_after(["call"], ((ours, own) for ours, own, _ in rows))
            shown = rows_after(["call"], ((ours, own) for ours, _, own in rows))
            name = call_title(tool)
            yield f"all {name}", f"results of {name} in {count_words(len(found), 'call')}", sent, shown


def _rows(value: JsonValue, name: str, place: str) -> Iterator[_Found]:
    sent = find_table(value)
    if sent is not None:
        shown = without_base64(value)
        yield name, place, sent, sent if shown is value else find_table(shown) or sent


def _said(text: str, name: str, place: str) -> Iterator[_Found]:
    for table in markdown_tables(text):
        yield name, place, table, table
