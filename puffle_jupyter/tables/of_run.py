"""Which tables a run has: those of its answer, of what was said, and the rows of its calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..json_value import JsonValue
from ..render.words import call_title
from ..run_data import RunData
from ..transcript.answer import Answer, answer_of
from ..transcript.binary import without_base64
from ..transcript.model import TextPart, ToolCall, ToolCallPart
from ..transcript.read import read, unmentioned_calls
from ..transcript.tables import Rows, find_table
from ..untrusted import plain_label
from .markdown_tables import markdown_tables
from .table import Tables, named_tables

_Found: TypeAlias = tuple[str, str, Rows, Rows]


def tables_of(run: RunData) -> Tables:
    """Every table of ``run``: those of the answer, then the others in the order of the transcript."""
    return named_tables(_found(run))


def answer_tables(run: RunData) -> Tables:
    """The tables of the final answer of ``run`` alone."""
    return named_tables(_answer(answer_of(run, read(run.body))))


def _found(run: RunData) -> Iterator[_Found]:
    transcript = read(run.body)
    answer = answer_of(run, transcript)
    yield from _answer(answer)
    for at, message in enumerate(transcript.messages):
        for number, part in enumerate(message.parts):
            if isinstance(part, ToolCallPart):
                yield from _call(part.call)
            elif isinstance(part, TextPart) and not answer.is_said_by(at, number):
                role = plain_label(message.role) or "(no role)"
                yield from _said(part.text, role, f"{role} message, run.transcript.messages[{at}]")
    for call in unmentioned_calls(transcript.messages, transcript.tool_calls):
        yield from _call(call)


def _answer(answer: Answer) -> Iterator[_Found]:
    if answer.json is not None:
        yield from _rows(answer.json, "answer", "final answer")
    yield from _said(answer.text, "answer", "final answer")


def _call(call: ToolCall) -> Iterator[_Found]:
    if call.result_json is not None:
        name = call_title(call.name)
        yield from _rows(call.result_json, name, f"result of {name}, run.calls[{call.index}]")


def _rows(value: JsonValue, name: str, place: str) -> Iterator[_Found]:
    sent = find_table(value)
    if sent is not None:
        shown = without_base64(value)
        yield name, place, sent, sent if shown is value else find_table(shown) or sent


def _said(text: str, name: str, place: str) -> Iterator[_Found]:
    for table in markdown_tables(text):
        yield name, place, table, table
