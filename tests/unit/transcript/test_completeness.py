"""Nothing of a run is missing from its page: over recordings, corpora and JSON that nobody thought of."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.redact import redact
from puffle_jupyter.run import Run
from puffle_jupyter.safe_text import escape_invisible
from tests.support.html_check import text_of
from tests.support.payloads import SAMPLE, corpus_payloads
from tests.unit.transcript.test_transcript_corpora import as_ai_sdk, json_bodies, tau_bench
from tests.unit.transcript.test_transcript_properties import WIRE, leaf_strings
from tests.unit.transcript.test_transcript_recordings import EVERY_MODEL, EVERY_UI, model, ui

Answer = dict[str, Any]
NEEDS_CORPORA = pytest.mark.skipif("PUFFLE_CORPORA" not in os.environ, reason="PUFFLE_CORPORA is not set")


def answer_of(messages: Any, tool_calls: Any = None) -> Answer:
    answer = {"runId": "run_a", "status": "completed", "messages": messages, "toolCalls": tool_calls}
    return {key: value for key, value in answer.items() if value is not None}


def recorded() -> Iterator[tuple[str, Answer]]:
    for version, name in EVERY_MODEL:
        recording = model(version)[name]
        yield f"model {version} {name}", answer_of(recording["messages"], recording["toolCalls"])
    for version, name in EVERY_UI:
        messages = ui(version)[name]["messages"]
        # Version 4 writes the texts of its parts once more, in one piece, as content.
        messages = [{**m, "content": ""} if m.get("parts") and "content" in m else m for m in messages]
        yield f"ui {version} {name}", answer_of(messages)


def benchmarked() -> Iterator[tuple[str, Answer]]:
    for index, messages in enumerate(tau_bench()):
        yield f"tau-bench {index}", answer_of(messages)
        yield f"tau-bench {index} as AI SDK 5", answer_of(as_ai_sdk(messages, 5))


def raw_fold(page: str) -> str:
    """The text of the raw JSON fold, the last ``pre`` of a page."""
    return html.unescape(re.findall(r"<pre [^>]*>(.*?)</pre>", page.rpartition("Raw JSON")[2], re.DOTALL)[-1])


def without_raw_fold(page: str) -> str:
    """What a reader sees of a page with every fold open but the raw one, and without the words of folds."""
    shown = text_of(page.partition("<main>")[2].rpartition("Raw JSON")[0])
    return re.sub(r"show all [\d,]+ characters", "", shown)


def squeezed(text: str) -> str:
    """Letters and digits alone: Markdown's marks, JSON's escapes and the layout make no difference."""
    return "".join(char for char in text if char.isalnum())


VALUES = {"input", "args", "arguments", "output", "result", "value"}
CONTENT = VALUES | {"text", "content", "error", "errorText"}


def said(messages: Any) -> Iterator[str]:
    """Every line of every text, argument and result that a reader is meant to see."""

    def inside(value: Any, key: str, is_content: bool) -> Iterator[str]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from inside(item, name, is_content or name in CONTENT)
        elif isinstance(value, list):
            for item in value:
                yield from inside(item, key, is_content)
        elif isinstance(value, str) and key in CONTENT and is_content:
            yield value

    for text in inside(messages, "", False):
        yield from (re.sub(r"^\s*\d+[.)]\s", "", line) for line in text.splitlines())


def is_shown(line: str, page: str) -> bool:
    """Whether the line stands in ``page``, as it is or as JSON writes it inside a string."""
    escaped = re.sub(r"\\u[0-9a-f]{4}|\\[ntr]", "", json.dumps(line, ensure_ascii=False))
    return squeezed(line) in page or squeezed(escaped) in page


def missing(answer: Answer) -> list[str]:
    """Lines of texts, arguments and results that the page does not show outside its raw fold."""
    shown = without_raw_fold(Run.from_dict(answer).to_html())
    page = squeezed(re.sub(r"\\[ntr]", "", shown))
    return [line for line in said(answer["messages"]) if not is_shown(line, page)]


RECORDED = dict(recorded())
BENCHMARKED = dict(benchmarked())


@pytest.mark.parametrize("name", RECORDED)
def test_recordings_are_shown_whole(name: str) -> None:
    """Every text, argument and result the SDK wrote is readable, and the raw fold is the answer itself."""
    page = Run.from_dict(RECORDED[name]).to_html()
    assert missing(RECORDED[name]) == []
    assert json.loads(raw_fold(page)) == RECORDED[name]


@NEEDS_CORPORA
@pytest.mark.parametrize("name", BENCHMARKED)
def test_recorded_runs_are_shown_whole(name: str) -> None:
    """The same for runs of tau-bench, in the notebook's output too, which is never cut for them."""
    run = Run.from_dict(BENCHMARKED[name])
    assert missing(BENCHMARKED[name]) == []
    assert json.loads(raw_fold(run.to_html())) == BENCHMARKED[name]
    assert json.loads(raw_fold(run._repr_html_())) == BENCHMARKED[name]


@NEEDS_CORPORA
@pytest.mark.parametrize("path", [p for p in json_bodies() if p.stem.startswith("y_")], ids=lambda p: p.stem)
def test_valid_json_is_shown_whole(path: Path) -> None:
    """Any valid JSON as a message: the page holds it, character for character."""
    value = JsonValue.parse(path.read_bytes())
    body = b'{"runId":"run_a","status":"completed","messages":[' + value.encoded + b"]}"
    shown = json.loads(raw_fold(Run.from_json(body).to_html()))
    assert shown["messages"] == [value.python()]


@pytest.mark.parametrize("payload", [*SAMPLE, *corpus_payloads()[::25]])
def test_hostile_texts_are_shown_whole(payload: str) -> None:
    """Made harmless, not made away with: what was sent is in the page."""
    page = Run.from_dict(answer_of([{"role": "user", "content": payload}])).to_html()
    assert json.loads(raw_fold(page))["messages"][0]["content"] == redact(payload)


@settings(max_examples=150, deadline=None)
@given(messages=WIRE, tool_calls=WIRE, text=st.text(max_size=20))
def test_any_json_is_shown_whole(messages: Any, tool_calls: Any, text: str) -> None:
    """Arbitrary JSON: the view never raises, and no leaf string is missing from the page."""
    answer = {"runId": "run_a", "status": "completed", "messages": messages, "toolCalls": tool_calls}
    page = Run.from_dict({**answer, "text": text}).to_html()
    shown = set(leaf_strings(json.loads(raw_fold(page))))
    assert {escape_invisible(leaf) for leaf in leaf_strings(answer)} <= {
        escape_invisible(leaf) for leaf in shown
    }
