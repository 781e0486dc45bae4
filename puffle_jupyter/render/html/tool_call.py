"""A tool call as one fold: mark, name, arguments in a line, outcome; inside, all that was said of it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace

from ...json_value import JsonKind, JsonValue
from ...safe_text import shortened
from ...transcript.model import ToolCall
from ...transcript.readable import readable
from ...transcript.tables import Rows
from ..arguments_summary import cell_text, short_members, summarize_arguments
from ..limits import EVERYTHING, Limits, series
from ..outcome import outcome_words, result_table
from ..words import LABEL_BY_CALL_STATE, call_title, count_words, size_words
from . import style
from .anchors import NO_IDS, Anchors
from .direction import auto
from .escape import label
from .fold import details, left_out, small, text_block
from .link import link
from .marks import has_match, is_open_fold, marked
from .part_classes import of_call, twin
from .style import Severity, status_label

_TABLE_ROWS = 25
TABLE_COLUMNS = 16
_CELL_LIMIT = 120
_DATE = re.compile(rb'"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"')
_LINKED = ("http://", "https://", "mailto:")
_VALUE_LIMIT = 300
_LINE_LIMIT = 84  # leaves room for the outcome on the same line
_BOX = f"margin:6px 0 8px;border:1px solid {style.LINE};border-radius:8px"
# The outcome floats to the right of the last line of the arguments, or below them where there is no room.
_SUMMARY = f"{style.SUMMARY};padding:5px 10px;overflow:hidden"
_MARK = "display:inline-block;min-width:1.5em;text-align:center"
_OUTCOME = f"float:right;margin-left:16px;{style.SMALL}"
_FAILURE = "float:right;margin-left:16px;font-size:12px;font-weight:600"
_INSIDE = "padding:0 12px 8px 4%"
_KEY = f"{style.CELL};white-space:nowrap;{style.QUIET}"


def tool_call(call: ToolCall, limits: Limits, box: str = _BOX, anchors: Anchors = NO_IDS) -> str:
    """One call with its result, as ``<details>``; ``box`` is its style."""
    table = result_table(call)
    inside = [_small_print(marked(facts, limits))] if (facts := _facts(call)) else []
    if call.arguments_json is not None:
        inside.append(_section("arguments", arguments(call.arguments_json, limits, anchors)))
    if call.error_json is not None:
        inside.append(_section("error", json_block(call.error_json, limits)))
    if call.result_json is not None:
        inside.append(_result(call.result_json, table, limits, anchors))
    elif call.error_json is None:
        inside.append(_small_print("no result was recorded"))
    inside.append(_small_print(_names_of(call, limits)))
    content = "".join(inside)
    opened = " open" if is_open_fold(content, limits, is_open=False) else ""
    return (
        f'<details{of_call(call, anchors)} style="{box}"{opened}><summary style="{_SUMMARY}">'
        f"{_summary(call, outcome_words(call, table), limits)}</summary>"
        f"<div {anchors.in_call(call, _INSIDE)}>{content}</div></details>"
    )


def json_block(value: JsonValue, limits: Limits) -> str:
    """A JSON value for reading: a string as its text, anything else over several lines as it was sent."""
    return text_block(readable(value), limits)


def arguments(value: JsonValue, limits: Limits, anchors: Anchors = NO_IDS) -> str:
    """Arguments as a table of keys and values, their JSON in a fold; only as JSON where a value is long."""
    pairs = short_members(value)
    if not pairs:
        return json_block(value, limits)
    rows = "".join(
        f'<tr style="{style.ROW}"><td style="{_KEY}">{label(key, 60)}</td>'
        f'<td style="{style.CELL}">{label(cell_text(member), _VALUE_LIMIT)}</td></tr>'
        for key, member in pairs
    )
    table = marked(f"{style.TABLE_START}<tbody>{rows}</tbody>{style.TABLE_END}", limits)
    return table + twin(_as_json(value, limits, table), anchors)


def _as_json(value: JsonValue, limits: Limits, table: str) -> str:
    """The JSON of what ``table`` shows."""
    said = small(f"View as JSON ({size_words(len(value.encoded))})")
    return details(said, json_block(value, limits.without_marks() if has_match(table) else limits), limits)


def _summary(call: ToolCall, outcome: str, limits: Limits) -> str:
    shown = LABEL_BY_CALL_STATE[call.state]
    is_good = shown.severity is Severity.GOOD
    mark = shown.symbol if is_good else status_label(shown.symbol, shown.severity)
    title = marked(html.escape(call_title(call.name)), limits)
    name = f'<code style="{style.NAME};font-weight:600">{title}</code>'
    line = html.escape(shortened(summarize_arguments(call.arguments_json), _LINE_LIMIT))
    pieces = [f'<span style="{_MARK}">{mark}</span>', name]
    pieces += [small(marked(line, limits, is_twin=True))] if line else []
    pieces += (
        [f'<span style="{_OUTCOME if is_good else _FAILURE}">{html.escape(outcome)}</span>']
        if outcome
        else []
    )
    return " ".join(pieces)


def _facts(call: ToolCall) -> str:
    facts = [label(call.title)] if call.title else []
    facts += ["run by the model's provider"] if call.provider_executed else []
    facts += [label(note, 400) for note in call.notes]
    return " · ".join(facts)


def _names_of(call: ToolCall, limits: Limits) -> str:
    """How to find the call from Python, and the id it was sent with."""
    place = f"run.calls[{call.index}]"
    return f"{place} · call id {marked(label(call.id), limits)}" if call.id else place


def _small_print(content: str) -> str:
    return f'<p style="{style.SMALL};margin:6px 0">{content}</p>'


def _section(heading: str, content: str) -> str:
    return f'<div style="margin:8px 0 0"><div style="{style.HEADING}">{heading}</div>{content}</div>'


def _result(value: JsonValue, table: Rows | None, limits: Limits, anchors: Anchors) -> str:
    if table is not None and table.rows:
        shown = rows_table(table, limits)
        said = marked(_rows_words(table), limits, is_twin=True)
        json = _as_json(value, limits, shown)
        return _section(f"result · {said}", shown + (twin(json, anchors) if _is_whole(table) else json))
    said = "" if table is None or table.name is None else f" · {label(table.name, 40)} · 0 rows"
    return _section(f"result{said}", json_block(value, limits))


def rows_table(found: Rows, limits: Limits = EVERYTHING) -> str:
    """A table of the rows that there is room for; those beyond a screenful in a fold of their own."""
    columns = found.columns[:TABLE_COLUMNS]
    room = replace(limits, output=limits.block)
    rows = list(series(found.rows, lambda row, _: _row(row, columns), room))
    heads = [_head(column, found.rows[:_TABLE_ROWS]) for column in columns]
    table = marked(_table(heads, rows[:_TABLE_ROWS]), limits)
    if rest := rows[_TABLE_ROWS:]:
        said = f"show all {count_words(len(found.rows), 'row')}"
        if len(rows) < len(found.rows):
            said = f"show {len(rows):,} of {count_words(len(found.rows), 'row')}"
        table += details(small(said), marked(_table(heads, rest), limits), limits)
    return table + left_out(len(rows), len(found.rows), "row", limits)


def _rows_words(found: Rows) -> str:
    said = [label(found.name)] if found.name else []
    said.append(count_words(len(found.rows), "row"))
    if len(found.columns) > TABLE_COLUMNS:
        said.append(f"{TABLE_COLUMNS} of {len(found.columns):,} columns shown, all of them in the JSON")
    said += [f"{label(key, 40)}: {label(value.compact(), 60)}" for key, value in found.beside[:6]]
    return " · ".join(said)


def _is_whole(found: Rows) -> bool:
    """Whether a table without limits says all that is in ``found``."""
    cells = (value for row in found.rows for value in row.values())
    is_cut = any(len(value.encoded) > _CELL_LIMIT for value in cells)
    return not (is_cut or found.beside or len(found.columns) > TABLE_COLUMNS)


def _head(column: str, rows: Sequence[dict[str, JsonValue]]) -> str:
    """A heading, aligned as the first cell below it that says something."""
    cells = (row[column] for row in rows if column in row)
    aligned = _cell_style(next((cell for cell in cells if not cell.is_null), None))
    return f'<th style="{aligned};{style.BOLD};{style.QUIET}">{label(column, 60)}</th>'


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    return (
        f'{style.TABLE_START}<thead><tr style="background:none">{"".join(heads)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>{style.TABLE_END}"
    )


def _row(row: dict[str, JsonValue], columns: tuple[str, ...]) -> str:
    return f'<tr style="{style.ROW}">{"".join(_cell(row.get(column)) for column in columns)}</tr>'


def _cell(value: JsonValue | None) -> str:
    if value is None:
        return "<td></td>"
    text = cell_text(value)
    shown = link(text, text, _CELL_LIMIT) if text.startswith(_LINKED) else label(text, _CELL_LIMIT)
    return f'<td{auto(text)} style="{_cell_style(value)}">{shown}</td>'


def _cell_style(value: JsonValue | None) -> str:
    if value is None:
        return style.CELL
    if value.kind is JsonKind.NUMBER:
        return style.CELL_NUMBER
    return style.CELL_DATE if _DATE.fullmatch(value.encoded) else style.CELL
