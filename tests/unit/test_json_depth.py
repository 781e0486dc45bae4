"""JSON of any depth is read and laid out whole, from any stack, and never grows beyond reason."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter import json_depth
from puffle_jupyter.json_value import InvalidJson, JsonKind, JsonValue
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.readable import unescaped
from tests.support.bombs import deepest

T = TypeVar("T")
GROWTH = 12
TOO_DEEP = "(nested deeply: what is below level 8 is on one line)"

_ODD = ["\\", '"', "\ud800", "\udfff\ud800", "😀", "[", '{"a":[', "NaN", "Infinity", "],", '\\"', "\x00"]
_SURROGATES = st.lists(st.sampled_from(["\\", '"', "\ud83d", "\ude00", "ud83d", "ude00", "NaN"]), max_size=6)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(_ODD),
    _SURROGATES.map("".join),
)
VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner), max_leaves=30
)


def with_little_stack(function: Callable[[], T], frames: int = 120) -> T:
    """What ``function`` returns when it is called where so many more calls are possible."""

    def at_depth(levels: int) -> T:
        return function() if levels == 0 else at_depth(levels - 1)

    def levels_left(levels: int = 0) -> int:
        try:
            return levels_left(levels + 1)
        except RecursionError:
            return levels

    return at_depth(levels_left() - frames)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_python_writes_is_read(value: Any, ascii_only: bool, indent: int | None) -> None:
    """As ``json.loads`` reads it, but for lone surrogates and what is no finite number."""
    written = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "replace")
    assert JsonValue.parse(written).python() == _scrubbed(json.loads(written))


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from([None, 1]))
def test_reading_without_recursion_is_reading(value: Any, indent: int | None) -> None:
    """Objects, children and layouts are those that the recursive readers give."""
    read = JsonValue.parse(json.dumps(value, indent=indent).encode())
    assert json_depth.python(read.encoded) == read.python()
    children = [JsonValue(child) for child in json_depth.children(read.encoded)]
    if read.kind is JsonKind.ARRAY:
        assert children == read.items()
    elif read.kind is JsonKind.OBJECT:
        assert dict(zip([key.string for key in children[::2]], children[1::2], strict=True)) == read.members()
    for levels in (0, 1, 8):
        assert json.loads(json_depth.first_levels(read.encoded, levels)) == read.python()
    assert json.loads(unescaped(read.pretty())) == read.python()


def test_first_levels_look_like_any_others() -> None:
    """Above the level where it ends, the layout is the usual one, down to its numbers."""
    sent = b'{"a":[1.10,{"b":[]}],"c":{}}'
    assert json_depth.first_levels(sent) == JsonValue(sent).pretty().encode()
    assert json_depth.first_levels(sent, 2) == b'{\n  "a": [\n    1.10,\n    {"b":[]}\n  ],\n  "c": {}\n}'


@pytest.mark.parametrize(
    "sent",
    [
        "[" * 900 + "1," * 200_000 + "1" + "]" * 900,
        "[" * 900 + '"]",' * 100_000 + "1" + "]" * 900,
        '{"}]":' * 400 + '"\\"]\\\\"' + "}" * 400,
        "[" + ",".join(["[" * 400 + "]" * 400] * 500) + "]",
    ],
)
def test_a_layout_never_grows_beyond_reason(sent: str) -> None:
    """What is nested deeply stays on one line below its first levels, and says so in one sentence."""
    text = JsonValue.parse(sent).pretty()
    assert len(text) < GROWTH * len(sent)
    assert "".join(text.removeprefix(TOO_DEEP).split()) == sent
    call = {"toolName": "f", "result": JsonValue.parse(sent).python()}
    run = Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": [call]})
    for shown in (run.to_text(), run.to_markdown(), run.to_html()):
        assert TOO_DEEP in shown


@pytest.mark.parametrize(
    "sent",
    [
        "[" * 20 + "]" * 20,
        json.dumps({"leads": [{"name": f"Lead [{n}]", "tags": ["}", {"x": [n]}]} for n in range(999)]}),
        json.dumps([[[[[1.5, 2.5]] * 9] * 9] * 9]),
    ],
)
def test_ordinary_json_is_laid_out_whole(sent: str) -> None:
    """Brackets in strings count for nothing, and neither do many levels of little."""
    assert JsonValue.parse(sent).pretty() == json.dumps(json.loads(sent), indent=2)


VIEWS: dict[str, Callable[[Run], object]] = {
    "page": Run.to_html,
    "output": Run._repr_html_,
    "text": Run.to_text,
    "Markdown": Run.to_markdown,
    "grep": lambda run: run.grep("needle"),
    "frame": Run.to_frame,
    "objects": lambda run: [(call.arguments, call.result) for call in run.calls],
    "raw": lambda run: (run.raw, run.messages, run.tool_calls),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("frames", [None, 120])
def test_every_view_reads_what_the_parser_reads(name: str, frames: int | None) -> None:
    """Nested just as deeply as can be parsed, also where the caller's stack has little room left."""
    run = _deepest_run()
    VIEWS[name](run)
    if frames is not None:
        with_little_stack(lambda: VIEWS[name](run), frames)


def test_one_surrogate_costs_no_decoding() -> None:
    """Half a pair somewhere in 5 MB is replaced where it is: the poll thread is not held up for it."""
    message = {"role": "user", "content": [{"type": "text", "text": "é hello. 😀\n"}] * 3}
    whole = json.dumps({"messages": [message] * 20_000}).encode()
    half = whole.replace(b"hello", rb"hell\ud800", 1)
    assert JsonValue.parse(half).encoded == whole.replace(b"hello", rb"hell\ufffd", 1)
    plain = min(_seconds(lambda: JsonValue.parse(whole)) for _ in range(3))
    scrubbing = min(_seconds(lambda: JsonValue.parse(half)) for _ in range(3)) - plain
    decoding = min(_seconds(lambda: json.dumps(json.loads(half))) for _ in range(3))
    assert scrubbing < decoding / 3


def _deepest_run() -> Run:
    """A run with a value in every place that is nested as deeply as the parser takes from here."""
    for levels in range(deepest('{"a":', "}") + 20, 0, -1):
        array, nested = "[" * levels + '"needle"' + "]" * levels, '{"a":' * levels + "1" + "}" * levels
        calls = [("f", nested, array), ("f", array, nested)]
        listed = ",".join('{{"toolName":"{}","args":{},"result":{}}}'.format(*call) for call in calls)
        messages = f'{array},{{"role":"user","content":[{nested}]}}'
        body = f'{{"runId":"run_a","status":"completed","messages":[{messages}],"toolCalls":[{listed}]}}'
        try:
            return Run.from_json(body)
        except InvalidJson:
            continue
    raise AssertionError("no run can be read")


def _seconds(function: Callable[[], object]) -> float:
    started = time.thread_time()
    function()
    return time.thread_time() - started


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
