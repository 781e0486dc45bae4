"""Answers of less than a megabyte that are made to take a view minutes or gigabytes, by name.

Each is the body of a completed run as bytes, or of a failed one. What is as deep as JSON can be read is
as deep as this Python reads it: 1,000 levels on Python 3.11, several thousand on 3.13.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable

from puffle_jupyter.json_value import InvalidJson, JsonValue

Bomb = Callable[[], bytes]

SIZE = 400_000
LIMIT = 1_000_000


@functools.cache
def deepest(opening: str = "[", closing: str = "]") -> int:
    """How many levels can be read here, with room for the answer around them."""
    readable, unreadable = 1, 100_000
    while unreadable - readable > 1:
        levels = (readable + unreadable) // 2
        try:
            JsonValue.parse(opening * levels + ("1" if closing == "}" else "") + closing * levels)
            readable = levels
        except InvalidJson:
            unreadable = levels
    return readable - 20


def _answer(**fields: str) -> bytes:
    """A completed run whose ``fields`` are JSON already."""
    known = {"runId": '"run_a"', "status": '"completed"', **fields}
    return ("{" + ",".join(f'"{key}":{value}' for key, value in known.items()) + "}").encode()


def _message(parts: str) -> str:
    return f'[{{"role":"assistant","content":{parts}}}]'


def _call(arguments: str = "{}", result: str = "1") -> str:
    return f'[{{"toolName":"f","args":{arguments},"result":{result}}}]'


PLACES: dict[str, Callable[[str], bytes]] = {
    "as a result": lambda value: _answer(toolCalls=_call(result=value)),
    "as arguments": lambda value: _answer(toolCalls=_call(arguments=value)),
    "as an unknown part": lambda value: _answer(messages=_message(f"[{value}]")),
    "as a message": lambda value: _answer(messages=f"[{value}]"),
    "as data": lambda value: _answer(
        messages=f'[{{"id":"m","role":"assistant","parts":[{{"type":"data-x","data":{value}}}]}}]'
    ),
    "beside the rest": lambda value: _answer(text='"Done."', extra=value),
    "as the error": lambda value: _answer(status='"failed"', error=value),
}


def _comb(levels: int) -> str:
    """Every level holds as many items as there is room for: depth times width is the most it can be."""
    items = "1," * max(1, SIZE // levels // 4)
    return f"[{items}" * levels + "1" + "]" * levels


def _object_comb(levels: int) -> str:
    items = '"a":1,' * max(1, SIZE // levels // 10)
    return ("{" + items + '"b":') * levels + "1" + "}" * levels


def _in_strings(times: int) -> str:
    """JSON in a string in a JSON string ..., which doubles the backslashes each time."""
    value = "[" * 300 + "1," * 20_000 + "1" + "]" * 300
    for _ in range(times):
        value = json.dumps([value])
    return json.dumps(value)


def _table(rows: int, columns: int) -> str:
    row = {f"column {at}": f"v{at}" for at in range(columns)}
    short = {f"c{at}": at for at in range(columns)}
    one = json.dumps(row if columns < 100 else short, separators=(",", ":"))
    return "[" + ",".join([one] * rows) + "]"


def _then_a_message(result: str) -> bytes:
    call = '{"type":"tool-call","toolCallId":"c","toolName":"f","input":{}}'
    answered = f'{{"type":"tool-result","toolCallId":"c","toolName":"f","output":{result}}}'
    return _answer(
        messages=f'[{{"role":"assistant","content":[{call}]}},{{"role":"tool","content":[{answered}]}},'
        '{"role":"assistant","content":"the last words"}]'
    )


VALUES: dict[str, Callable[[], str]] = {
    "deep and wide": lambda: "[" * 900 + "1," * 200_000 + "1" + "]" * 900,
    "deep arrays": lambda: "[" * deepest() + "]" * deepest(),
    "deep objects": lambda: '{"a":' * deepest('{"a":', "}") + "1" + "}" * deepest('{"a":', "}"),
    "58 kB as deep as can be": lambda: "[" * deepest() + "1," * (29_000 - deepest()) + "1" + "]" * deepest(),
    "comb of arrays": lambda: _comb(deepest()),
    "comb of 100 levels": lambda: _comb(100),
    "comb of objects": lambda: _object_comb(deepest('{"a":', "}")),
    "many deep ones": lambda: "[" + ",".join(["[" * 400 + "]" * 400] * 800) + "]",
    "empty arrays": lambda: "[" + ",".join(["[]"] * 300_000) + "]",
    "numbers": lambda: "[" + ",".join("7" * 400_000) + "]",
    "JSON in strings": lambda: _in_strings(2),
    "deep JSON in a string": lambda: json.dumps("[" * 900 + "1," * 200_000 + "1" + "]" * 900),
    "one long number": lambda: "7" * 900_000,
    "long numbers": lambda: "[" + ",".join(["7" * 5_000] * 150) + "]",
    "huge exponents": lambda: "[" + ",".join(["1e999999"] * 90_000) + "]",
    "no numbers": lambda: "[" + ",".join(["NaN", "-Infinity"] * 60_000) + "]",
    "one key": lambda: "{" + ",".join(['"a":1'] * 150_000) + "}",
    "many keys": lambda: "{" + ",".join(f'"k{at}":{at}' for at in range(55_000)) + "}",
    "quotes": lambda: json.dumps('"' * 400_000),
    "backslashes": lambda: json.dumps("\\" * 400_000),
    "short strings": lambda: "[" + ",".join(['""'] * 300_000) + "]",
    "a tall table": lambda: _table(3_000, 12),
    "a wide table": lambda: _table(200, 450),
    "a table of one column": lambda: "[" + ",".join(['{"a":1}'] * 110_000) + "]",
    "a table without a shared column": lambda: "[" + ",".join(f'{{"k{at}":1}}' for at in range(60_000)) + "]",
}

TEXTS: dict[str, Callable[[], str]] = {
    "no-break spaces": lambda: "\xa0" * 480_000,
    "wide characters": lambda: "漢" * 320_000,
    "emoji": lambda: "😀" * 240_000,
    "combining marks": lambda: "\u0301" * 480_000,
    "escape characters": lambda: "\x1b" * 160_000,
    "zero-width spaces": lambda: "\u200b" * 300_000,
    "byte order marks and letters": lambda: "\ufeffa" * 200_000,
    "blank lines": lambda: "\n" * 480_000,
    "lines of one character": lambda: "a\n" * 240_000,
    "blank lines with spaces": lambda: " \n" * 240_000,
    "carriage returns": lambda: "\r" * 400_000,
    "one long line": lambda: "a" * 950_000,
    "words": lambda: "a " * 470_000,
    "tags": lambda: "<b>" * 300_000,
    "ampersands": lambda: "&" * 900_000,
    "nested lists": lambda: "".join("  " * depth + "- a\n" for depth in range(49)) * 180,
    "quotes in quotes": lambda: ("> " * 49 + "a\n\n") * 4_500,
    "emphasis": lambda: "*a **b " * 68_000,
    "emphasis never closed": lambda: "**a" * 160_000,
    "links": lambda: "[a](b) " * 68_000,
    "links in links": lambda: "[" * 240_000 + "](b)" * 60_000,
    "web addresses": lambda: "https://a.co " * 38_000,
    "list items": lambda: "- a\n" * 120_000,
    "headings": lambda: "# a\n" * 120_000,
    "rules": lambda: "---\n\n" * 90_000,
    "code spans": lambda: "`a` " * 120_000,
    "fences": lambda: "```\na\n```\n" * 45_000,
    "task lists": lambda: "- [ ] a\n" * 60_000,
    "table cells": lambda: "|a|b|\n|-|-|\n" + "|c|d|\n" * 80_000,
    "small tables": lambda: "|a|b|\n|-|-|\n|c|d|\n\n" * 24_000,
    "keys": lambda: "pk_live_a " * 90_000,
    "bearers": lambda: "Bearer abcd " * 75_000,
    "at signs": lambda: "a@b.co\n" * 68_000,
    "images": lambda: "![a](b)\n" * 60_000,
    "profile data": lambda: "<!-- PROFILE_DATA:" * 50_000,
}


def _text_places(text: str) -> dict[str, bytes]:
    """``text`` in the places where a text can be; ASCII only where that is shorter."""
    said = json.dumps(text, ensure_ascii=False)
    return {
        "as the answer": _answer(text=said),
        "as a message": _answer(messages=_message(f'[{{"type":"text","text":{said}}}]')),
        "as a result": _answer(toolCalls=_call(result=said)),
        "as the error": _answer(status='"failed"', error=said),
        "as names": _answer(messages=f'[{{"role":{said},"content":[{{"type":"text","text":"a"}}]}}]'),
    }


MANY: dict[str, Bomb] = {
    "messages": lambda: _answer(messages="[" + ",".join(['{"content":"a"}'] * 55_000) + "]"),
    "empty messages": lambda: _answer(messages="[" + ",".join(["{}"] * 330_000) + "]"),
    "messages with a role": lambda: _answer(
        messages="[" + ",".join(['{"role":"user","content":"a"}'] * 32_000) + "]"
    ),
    "parts": lambda: _answer(
        messages=_message("[" + ",".join(['{"type":"text","text":"a"}'] * 35_000) + "]")
    ),
    "unknown parts": lambda: _answer(messages=_message("[" + ",".join(["1"] * 450_000) + "]")),
    "calls": lambda: _answer(toolCalls="[" + ",".join(['{"toolName":"f","args":{}}'] * 35_000) + "]"),
    "unread calls": lambda: _answer(toolCalls="[" + ",".join(["1"] * 450_000) + "]"),
    "calls in a message": lambda: _answer(
        messages=_message("[" + ",".join(['{"type":"tool-call","toolName":"f"}'] * 27_000) + "]")
    ),
    "results without a call": lambda: _answer(
        messages='[{"role":"tool","content":['
        + ",".join(['{"type":"tool-result","toolName":"f"}'] * 25_000)
        + "]}]"
    ),
    "deep results": lambda: _answer(
        toolCalls="[" + ",".join([_call(result="[" * 90 + "1,1" + "]" * 90)[1:-1]] * 4_300) + "]"
    ),
    "sources": lambda: _answer(
        messages='[{"id":"m","role":"assistant","parts":['
        + ",".join(['{"type":"source-url","url":"https://a.co"}'] * 20_000)
        + "]}]"
    ),
}


def all_bombs() -> dict[str, Bomb]:
    """Every bomb by its name."""
    found: dict[str, Bomb] = {}
    for name, value in VALUES.items():
        for place, put in PLACES.items():
            found[f"{name}, {place}"] = functools.partial(lambda put, value: put(value()), put, value)
        found[f"{name}, before a message"] = functools.partial(lambda value: _then_a_message(value()), value)
    for name, text in TEXTS.items():
        for place in _text_places(""):
            found[f"{name}, {place}"] = functools.partial(
                lambda text, place: _text_places(text())[place], text, place
            )
    return {**found, **{f"many {name}": bomb for name, bomb in MANY.items()}}
