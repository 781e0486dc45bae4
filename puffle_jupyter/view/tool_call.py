"""A tool call as one fold: name, arguments in a line, outcome; inside, everything that was said of it."""

from __future__ import annotations

import html

from ..json_value import InvalidJson, JsonKind, JsonValue
from ..transcript.model import ToolCall
from ..transcript.rows import Rows, find_rows
from . import style
from .digest import digest
from .escape import label
from .fold import Limits, details, small, text_block
from .style import Tone, pill
from .words import PILL_BY_CALL_STATE, call_title, count_words

_TABLE_ROWS = 25
_TABLE_COLUMNS = 16
_CELL_LIMIT = 120
_BOX = f"margin:6px 0;padding:4px 10px;border:1px solid {style.LINE};border-radius:8px"


def tool_call(call: ToolCall, limits: Limits) -> str:
    """One call with its result, as ``<details>``."""
    inside = [_small_print(_facts(call))] if _facts(call) else []
    if call.arguments_json is not None:
        inside.append(_section("arguments", json_block(call.arguments_json, limits)))
    if call.error_json is not None:
        inside.append(_section("error", json_block(call.error_json, limits), Tone.BAD))
    if call.result_json is not None:
        inside.append(_result(call.result_json, limits))
    elif call.error_json is None:
        inside.append(_small_print("no result was recorded"))
    if call.id:
        inside.append(_small_print(f"call id {label(call.id)}"))
    return (
        f'<details style="{_BOX}"><summary style="{style.SUMMARY}">{_summary(call)}</summary>'
        f"{''.join(inside)}</details>"
    )


def json_block(value: JsonValue, limits: Limits) -> str:
    """A JSON value for reading: a string as its text, anything else over several lines as it was sent."""
    return text_block(readable(value), limits)


def readable(value: JsonValue) -> str:
    """A string's own text (JSON inside a string is laid out too), or the value over several lines."""
    text = value.string
    if text is None:
        return value.pretty()
    if text[:1] in ("{", "["):
        try:
            return JsonValue.parse(text).pretty()
        except InvalidJson:
            return text
    return text if text.strip() else value.compact()


def _summary(call: ToolCall) -> str:
    shown = PILL_BY_CALL_STATE[call.state]
    name = f'<code style="{style.NAME};font-weight:600">{html.escape(call_title(call.name))}</code>'
    line = digest(call.arguments_json)
    said = html.escape(str(shown))
    quiet = f'<span style="{style.SMALL};white-space:nowrap">{said}</span>'
    outcome = quiet if shown.tone is Tone.GOOD else pill(said, shown.tone)
    return f"{name} {small(html.escape(line))} {outcome}" if line else f"{name} {outcome}"


def _facts(call: ToolCall) -> str:
    facts = [label(call.title)] if call.title else []
    facts += ["run by the model's provider"] if call.provider_executed else []
    facts += [label(note, 400) for note in call.notes]
    return " · ".join(facts)


def _small_print(content: str) -> str:
    return f'<p style="{style.SMALL};margin:6px 0">{content}</p>'


def _section(heading: str, content: str, tone: Tone | None = None) -> str:
    shown = pill(f"✗ {heading}", tone) if tone else small(heading)
    return f'<div style="margin:6px 0 0">{shown}{content}</div>'


def _result(value: JsonValue, limits: Limits) -> str:
    found = find_rows(value)
    if found is None:
        return _section("result", json_block(value, limits))
    folded = details(
        small(f"the same as JSON, {count_words(len(value.encoded), 'byte')}"), json_block(value, limits)
    )
    return _section(f"result · {_rows_words(found)}", rows_table(found) + folded)


def rows_table(found: Rows) -> str:
    """A table of rows; rows beyond a screenful in a fold of their own."""
    columns = found.columns[:_TABLE_COLUMNS]
    table = _table(columns, found.rows[:_TABLE_ROWS])
    if len(found.rows) > _TABLE_ROWS:
        rest = _table(columns, found.rows[_TABLE_ROWS:])
        table += details(small(f"show all {count_words(len(found.rows), 'row')}"), rest)
    return table


def _rows_words(found: Rows) -> str:
    said = [label(found.name)] if found.name else []
    said.append(count_words(len(found.rows), "row"))
    if len(found.columns) > _TABLE_COLUMNS:
        said.append(f"{_TABLE_COLUMNS} of {len(found.columns):,} columns shown, all of them in the JSON")
    said += [f"{label(key, 40)}: {label(value.compact(), 60)}" for key, value in found.beside[:6]]
    return " · ".join(said)


def _table(columns: tuple[str, ...], rows: tuple[dict[str, JsonValue], ...]) -> str:
    heads = "".join(
        f'<th style="{_cell_style(rows[0].get(column))};{style.QUIET}">{label(column, 60)}</th>'
        for column in columns
    )
    body = "".join(
        f'<tr style="{style.ROW}">{"".join(_cell(row.get(column)) for column in columns)}</tr>'
        for row in rows
    )
    return (
        f'{style.TABLE_START}<thead><tr style="background:none">{heads}</tr></thead>'
        f"<tbody>{body}</tbody>{style.TABLE_END}"
    )


def _cell(value: JsonValue | None) -> str:
    if value is None:
        return f'<td style="{style.CELL}"></td>'
    text = value.string
    shown = label(value.compact() if text is None else text, _CELL_LIMIT)
    return f'<td style="{_cell_style(value)}">{shown}</td>'


def _cell_style(value: JsonValue | None) -> str:
    is_number = value is not None and value.kind is JsonKind.NUMBER
    return style.CELL_NUMBER if is_number else style.CELL
