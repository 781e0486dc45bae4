"""A run as one answer tells it."""

from __future__ import annotations

import dataclasses
import json

import pytest

from puffle_jupyter import InvalidRunId, Run, RunStatus
from puffle_jupyter.json_value import InvalidJson, JsonValue
from puffle_jupyter.run_data import check_run_id

BODY = (
    b'{"runId": "run_a", "status": "completed", "text": "Done", "extra": 1,'
    b' "messages": [{"role": "assistant", "content": "Done"}],'
    b' "toolCalls": [{"toolName": "add_rows", "args": {}}]}'
)


@pytest.mark.parametrize("run_id", ["run_abc", "run_1", "run_cm9x-Y_z"])
def test_a_run_id_is_taken(run_id: str) -> None:
    """run_ and letters, digits, - or _."""
    assert check_run_id(run_id) == run_id


@pytest.mark.parametrize(
    "run_id",
    [
        "",
        "abc",
        "run_",
        "run_a/b",
        "run_a?x",
        "run_..",
        "run_a b",
        "run_a\n",
        "run_a#",
        "RUN_a",
        "run_é",
        "run_a%2f",
        "run_" + "a" * 201,
        None,
        7,
        ["run_a"],
    ],
)
def test_anything_else_is_refused(run_id: object) -> None:
    """Whatever could change the URL, or is not text, never becomes a request."""
    with pytest.raises(InvalidRunId, match="is not a run id"):
        check_run_id(run_id)


def test_terminal_statuses_are_the_documented_three() -> None:
    """completed, failed, cancelled; nothing else ends a run."""
    terminal = {status for status in RunStatus if status.is_terminal}
    assert terminal == {RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED}


def test_a_run_gives_everything_the_answer_held() -> None:
    """No key is dropped, known or not."""
    run = Run.from_json(BODY)
    assert (run.run_id, run.status, run.text) == ("run_a", RunStatus.COMPLETED, "Done")
    assert run.messages == [{"role": "assistant", "content": "Done"}]
    assert run.tool_calls == [{"toolName": "add_rows", "args": {}}]
    assert run.raw == run.to_dict() == json.loads(BODY)
    assert Run.from_dict(run.to_dict()).raw == run.raw


def test_a_run_cannot_be_changed() -> None:
    """A fact stays as it was."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Run.from_json(BODY).text = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ('"boom"', "boom"),
        ('{"message": "boom", "name": "E"}', "boom"),
        ('{"type": "X", "raw": "r"}', '{"type":"X","raw":"r"}'),
        ("null", None),
        ('""', '""'),
    ],
)
def test_an_error_is_text_whatever_its_shape(error: str, text: str | None) -> None:
    """String or object: the reader sees the message, or all of it."""
    run = Run.from_json(f'{{"runId": "run_a", "status": "failed", "error": {error}}}')
    assert run.error == text


def test_numbers_keep_their_digits() -> None:
    """What the server sent is what is shown: 1.10 is not 1.1."""
    value = JsonValue.parse(b'{"score": 1.10, "id": 12345678901234567890123, "far": 1e400}')
    assert value.compact() == '{"score":1.10,"id":12345678901234567890123,"far":1e400}'


def test_lone_surrogates_are_scrubbed() -> None:
    """They kill the sanitiser and the kernel's messages."""
    run = Run.from_json(b'{"runId": "run_a", "status": "completed", "text": "a\\ud800b", "messages": []}')
    assert run.text == "a\ufffdb"


def test_a_number_too_long_for_python_comes_as_text() -> None:
    """Python refuses whole numbers of over 4,300 digits; a transcript must not."""
    assert JsonValue.parse(b'{"a": %s, "b": 2}' % (b"9" * 5000)).python() == {"a": "9" * 5000, "b": 2}


def test_nan_is_read_and_written_as_text() -> None:
    """Python servers send it, JSON has no word for it."""
    assert JsonValue.parse(b'{"a": NaN}').compact() == '{"a":"nan"}'


@pytest.mark.parametrize("body", [b"[" * 100_000 + b"]" * 100_000, b"{", b"\xff\xfe", b"", b"{]"])
def test_what_cannot_be_read_is_refused_in_one_way(body: bytes) -> None:
    """No RecursionError, no UnicodeDecodeError: InvalidJson."""
    with pytest.raises(InvalidJson):
        JsonValue.parse(body)
