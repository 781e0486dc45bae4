"""From an HTTP answer to a Run or to the error that says what to do next."""

from __future__ import annotations

import json
import pickle

import pytest

from puffle_jupyter import (
    BadRequest,
    Forbidden,
    RateLimited,
    ResponseError,
    RunNotFound,
    RunStatus,
    ServerError,
    Unauthorized,
    UnexpectedStatus,
    UnreadableAnswer,
)
from puffle_jupyter.client.answer import Answer, read_run
from puffle_jupyter.demo.runs import NOT_FOUND
from puffle_jupyter.display.snapshot import badge_line
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot


def answer(code: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(code, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (400, BadRequest, "Check the id"),
        (401, Unauthorized, "%puffle_login"),
        (403, Forbidden, "not an admin"),
        (404, RunNotFound, "no run with this id for your key"),
        (408, ServerError, "Try again later"),
        (425, ServerError, "Try again later"),
        (429, RateLimited, "rate limit"),
        (500, ServerError, "Puffle answered 500"),
        (503, ServerError, "Puffle answered 503"),
        (302, UnexpectedStatus, "never followed"),
        (204, UnexpectedStatus, "base_url"),
        (418, UnexpectedStatus, "base_url"),
    ],
)
def test_every_status_code_has_its_error_and_its_advice(
    code: int, kind: type[ResponseError], words: str
) -> None:
    """The class says what happened, the message what to do next."""
    with pytest.raises(kind, match=words) as caught:
        read_run("run_a", answer(code))
    assert caught.value.status_code == code


@pytest.mark.parametrize(
    "body", [b'{"error": "No such thing"}', b'{"error": {"code": "x", "message": "No such thing"}}']
)
def test_the_servers_own_words_are_quoted(body: bytes) -> None:
    """Both documented error bodies are understood."""
    with pytest.raises(RunNotFound, match='Puffle says: "No such thing"'):
        read_run("run_a", answer(404, body))


@pytest.mark.parametrize(
    ("code", "body", "short"),
    [
        (503, b"", "Puffle answered 503"),
        (503, b'{"error": "maintenance"}', "Puffle answered 503"),
        (409, b"", "Puffle answered 409"),
        (302, b"", "unexpected answer 302"),
        (404, b"", "no run with this id for your key"),
        (404, b'{"error": "Run not found"}', 'no run with this id for your key ("Run not found")'),
        (200, b"<html>", "Puffle's answer cannot be read"),
    ],
)
def test_a_badge_gets_few_words(code: int, body: bytes, short: str) -> None:
    """What happened, without the advice for who asked once."""
    with pytest.raises(ResponseError) as caught:
        read_run("run_a", answer(code, body))
    assert caught.value.short == short


def test_the_demo_says_that_it_is_the_demo() -> None:
    """Whoever asks it for a run of their own reads so in the badge, and how to leave it."""
    with pytest.raises(RunNotFound) as caught:
        read_run("run_a", answer(404, json.dumps({"error": NOT_FOUND}).encode()))
    missing = WatchSnapshot("run_a", WatchPhase.MISSING, error=caught.value.short)
    line = badge_line(missing, 0.0)
    for words in ("? not found", "no run with this id for your key", "demo", "run_abc", "%puffle_demo stop"):
        assert words in line
    assert len(line) <= 125  # two lines of a badge at 400 px


def test_the_servers_words_cannot_write_to_the_terminal() -> None:
    """Control characters and line breaks of an error body do not survive."""
    with pytest.raises(ServerError) as caught:
        read_run("run_a", answer(500, b'{"error": "a\\u001b[2Jb\\nc\\u202ed"}'))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"runId": "run_a"}',
        b'{"status": "completed"}',
        b'{"runId": 1, "status": "queued"}',
        b'{"runId": "run_a", "status": null}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_success_that_is_no_run_is_unreadable(body: bytes) -> None:
    """A proxy's page or half a body is never taken for a run."""
    with pytest.raises(UnreadableAnswer):
        read_run("run_a", answer(200, body))


def test_another_runs_answer_is_not_taken() -> None:
    """The answer must be about the run that was asked for."""
    with pytest.raises(UnreadableAnswer, match="run_b"):
        read_run("run_a", answer(200, b'{"runId": "run_b", "status": "completed"}'))


def test_an_unknown_status_is_kept_as_it_came() -> None:
    """A word the documentation does not know is shown and is not terminal."""
    run = read_run("run_a", answer(200, b'{"runId": "run_a", "status": "EXECUTING"}'))
    assert (run.status, run.status_text, run.status.is_terminal) == (RunStatus.UNKNOWN, "EXECUTING", False)


def test_the_word_unknown_is_not_special_on_the_wire() -> None:
    """Our own word for a foreign status gives a server no way to say something else."""
    run = read_run("run_a", answer(200, b'{"runId": "run_a", "status": "unknown"}'))
    assert not run.status.is_terminal


def test_an_error_survives_a_pickle() -> None:
    """Errors cross process borders in pipelines."""
    error = RateLimited("slow down", status_code=429, retry_after=3)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.status_code, again.retry_after) == ("slow down", 429, 3)
