"""The errors: one tree, and no text of theirs that a terminal obeys or a saved notebook should not hold."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

import puffle_jupyter
from puffle_jupyter import (
    InvalidRun,
    MissingExtra,
    NoSuchToolCall,
    NotATable,
    NotSent,
    PuffleError,
    ResponseError,
    Run,
    RunCancelled,
    RunFailed,
    RunNotCompleted,
    StreamUnfinished,
    errors,
)
from puffle_jupyter.client.answer import Answer, read_run
from puffle_jupyter.json_value import InvalidJson
from puffle_jupyter.run import check_completed
from puffle_jupyter.watching.polled import watch_by_polling
from tests.support.notebooks import execute, outputs
from tests.support.one_answer import OneAnswer, answering
from tests.support.scripted import KEY, ScriptedPuffle, told
from tests.support.terminal import running_terminal

OTHER_KEY = "pk_live_somebodyelses0123456789"
CLIPBOARD = "\x1b]52;c;cm0gLXJmIH4=\x07"
SECRETS = f"{OTHER_KEY} Bearer abcdef0123456789"
HOSTILE = f"quota\n\x1b[2J{CLIPBOARD}\x9b31m\u202egpj.exe\u2066\U000e0041\r{SECRETS}\ud800"
HARMLESS_WORD = "quota"


def kinds_of_error() -> list[type[PuffleError]]:
    """Every class of the tree, the root too."""
    found = [errors.PuffleError]
    for kind in found:
        found += [below for below in kind.__subclasses__() if below.__module__ == errors.__name__]
    return list(dict.fromkeys(found))


def made(kind: type[PuffleError], message: str) -> PuffleError:
    if issubclass(kind, ResponseError):
        return kind(message, status_code=500)
    if issubclass(kind, RunNotCompleted):
        return kind(message, run=failed_run())
    if issubclass(kind, StreamUnfinished):
        return kind(message, transcript=failed_run().transcript)
    return kind(message)


def failed_run(error: object = HOSTILE, run_id: str = "run_a", status: str = "failed") -> Run:
    return Run.from_dict({"runId": run_id, "status": status, "error": error})


def assert_harmless(text: str) -> None:
    assert text.isprintable()
    assert OTHER_KEY[8:] not in text
    assert "abcdef0123456789" not in text


# What the server can put its words into, each as the error that comes of it.
def _http_error() -> None:
    read_run("run_a", Answer(500, {}, json.dumps({"error": {"message": HOSTILE}}).encode()))


def _another_run() -> None:
    read_run("run_a", Answer(200, {}, json.dumps({"runId": HOSTILE, "status": "running"}).encode()))


def _foreign_encoding() -> None:
    from puffle_jupyter.client.bounded_body import Body

    Body({"content-encoding": HOSTILE}, 1000)


def _no_such_call() -> None:
    calls = [{"toolName": HOSTILE, "args": {}}]
    Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": calls}).calls[HOSTILE + "x"]


def _no_table() -> None:
    calls = [{"toolName": HOSTILE, "args": {}}]
    Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": calls}).calls[0].to_frame()


ROUTES: dict[str, Callable[[], object]] = {
    "a run's error": lambda: check_completed(failed_run()),
    "a run's error object": lambda: check_completed(failed_run({"name": "Error", "message": HOSTILE})),
    "an error without a message": lambda: check_completed(failed_run({"name": HOSTILE, "stack": HOSTILE})),
    "the id of a failed run": lambda: check_completed(failed_run("x", run_id=HOSTILE)),
    "the id of a cancelled run": lambda: check_completed(failed_run("x", HOSTILE, "cancelled")),
    "an error body": _http_error,
    "the id of another run": _another_run,
    "a header": _foreign_encoding,
    "the name of a tool": _no_such_call,
    "the name of a tool without rows": _no_table,
}


@pytest.mark.parametrize("route", ROUTES)
def test_the_servers_words_are_harmless_in_every_error(route: str) -> None:
    """One printable line without a credential: as str, as repr and in a traceback."""
    with pytest.raises(PuffleError) as caught:
        ROUTES[route]()
    assert_harmless(str(caught.value))
    assert_harmless(repr(caught.value))
    last_line = traceback.format_exception_only(caught.value)[-1].removesuffix("\n")
    assert_harmless(last_line)


@pytest.mark.parametrize("kind", kinds_of_error())
def test_no_error_can_be_made_of_words_that_deceive(kind: type[PuffleError]) -> None:
    """The root of the tree does it, so that a new error cannot forget it; it keeps the readable words."""
    error = made(kind, HOSTILE)
    assert_harmless(str(error))
    assert HARMLESS_WORD in str(error)
    assert str(made(kind, str(error))) == str(error)


def test_a_long_reason_is_cut_and_kept_whole_in_the_run() -> None:
    """A traceback is no place for a megabyte."""
    with pytest.raises(RunFailed) as caught:
        check_completed(failed_run("word " * 200_000))
    assert len(str(caught.value)) < 2_100
    assert caught.value.run.error == "word " * 200_000


@pytest.mark.parametrize(("status", "kind"), [("failed", RunFailed), ("cancelled", RunCancelled)])
def test_how_a_run_ended_carries_the_run(background: None, status: str, kind: type[RunNotCompleted]) -> None:
    """Also when it was pickled or copied on its way: to another process, or out of a pool."""
    watch = watch_by_polling(
        "run_a", ScriptedPuffle(told(status, error="quota exceeded")).client(), interval=600
    )
    with pytest.raises(RunNotCompleted) as caught:
        watch.result()
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert type(error) is kind
        assert error.run_id == "run_a"
        assert error.run.error == "quota exceeded"
        assert str(error) == str(caught.value)


@pytest.mark.parametrize("kind", kinds_of_error())
def test_every_error_is_public_and_drawn_in_the_tree(kind: type[PuffleError]) -> None:
    """So that `except` can name it and a reader can find it; and it survives pickling."""
    assert getattr(puffle_jupyter, kind.__name__) is kind
    assert kind.__name__ in (errors.__doc__ or "")
    again = pickle.loads(pickle.dumps(made(kind, "words")))
    assert type(again) is kind
    assert str(again) == "words"


def test_the_tree_is_drawn_as_it_is() -> None:
    """Each class stands under its base, with the built-in that it also is."""
    depth_of: list[tuple[int, type[PuffleError]]] = []
    for line in (errors.__doc__ or "").splitlines()[2:]:
        if not line or line.startswith("Status codes"):
            continue
        name = line.lstrip("│├└─ ").split()[0]
        kind = getattr(errors, name)
        depth = (len(line) - len(line.lstrip("│├└─ "))) // 4
        above = [other for at, other in depth_of if at == depth - 1]
        if above:
            assert above[-1] in kind.__bases__, name
        built_in = [base.__name__ for base in kind.__bases__ if base.__module__ == "builtins"]
        if built_in and depth:
            assert f"({built_in[0]})" in line
        depth_of.append((depth, kind))
    assert {kind for _, kind in depth_of} == set(kinds_of_error())


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"runId": 1, "status": "x"}', b"[" * 100_000, b"\xff", "nonsense", 5, None, ["x"]],
)
def test_what_is_no_run_is_a_puffle_error(body: Any) -> None:
    """Of `Run.from_json` too; who caught InvalidJson or ValueError still does."""
    with pytest.raises(InvalidRun) as caught:
        Run.from_json(body)
    assert isinstance(caught.value, InvalidJson)
    assert isinstance(caught.value, ValueError)


def test_a_dict_that_is_no_run_is_a_puffle_error() -> None:
    """Neither what JSON cannot hold nor what holds itself comes out as another error."""
    round_about: dict[str, Any] = {"runId": "run_a", "status": "failed"}
    round_about["self"] = round_about
    for answer in (round_about, {"runId": "run_a", "status": "failed", "error": {1, 2}}, {}):
        with pytest.raises(InvalidRun):
            Run.from_dict(answer)


def test_what_python_calls_by_another_name_is_still_both() -> None:
    """`except PuffleError` catches all of it, and what caught the built-in error still does."""
    run = Run.from_dict(
        {"runId": "run_a", "status": "completed", "toolCalls": [{"toolName": "x", "args": {}}]}
    )
    with pytest.raises(NoSuchToolCall, match=r"^no call of 'y' in this run; it called: x$") as missing:
        run.calls["y"]
    assert isinstance(missing.value, KeyError)
    with pytest.raises(NotATable) as no_table:
        run.calls[0].to_frame()
    assert isinstance(no_table.value, ValueError)
    assert issubclass(MissingExtra, ImportError)


def test_refused_before_sending_has_one_base() -> None:
    """`except NotSent`: nothing was sent, so correcting the input is all there is to do."""
    for name in ("InvalidRunId", "InvalidSetting", "MissingApiKey", "InvalidApiKey"):
        assert issubclass(getattr(puffle_jupyter, name), NotSent)
    with pytest.raises(NotSent):
        puffle_jupyter.watch("not a run id")
    with pytest.raises(NotSent):
        puffle_jupyter.PuffleClient("a key", "https://puffle.example")


@pytest.fixture
def failing() -> Iterator[OneAnswer]:
    body = {"runId": "run_a", "status": "failed", "error": HOSTILE.removesuffix("\ud800")}
    with answering(body) as server:
        yield server


@pytest.mark.kernel
def test_the_terminal_obeys_no_failed_run(tmp_path: Path, failing: OneAnswer) -> None:
    """Tracebacks and --check in a real terminal: no escape sequence and no key of the run gets there."""
    with running_terminal(
        tmp_path, columns=200, PUFFLE_API_KEY=KEY, PUFFLE_BASE_URL=failing.base_url
    ) as terminal:
        terminal.run("%load_ext puffle_jupyter")
        terminal.run("run = %puffle_wait run_a -b -q")
        terminal.run("run.result()")
        assert "RunFailed: run_a failed: quota" in terminal.screen
        terminal.run("%xmode Verbose")
        terminal.run("run.result()")
        terminal.run("%puffle_wait run_a --check -q")
        terminal.run("try: run.result()\nexcept Exception as error: print(error)\n")
        assert terminal.raw.count("run_a failed: quota") >= 4
    for active in (CLIPBOARD, "\x1b]52", "\x9b", "\u202e", "\u2066", "\U000e0041", OTHER_KEY[8:]):
        assert active not in terminal.raw


@pytest.mark.kernel
def test_a_saved_notebook_holds_no_words_that_deceive(tmp_path: Path, failing: OneAnswer) -> None:
    """The error that ends a pipeline's notebook is saved in it."""
    cells = ["%load_ext puffle_jupyter", "%puffle_wait run_a --check -q"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(CellExecutionError):
        execute(notebook, tmp_path, PUFFLE_API_KEY=KEY, PUFFLE_BASE_URL=failing.base_url)
    said = [output for output in outputs(notebook) if output["output_type"] == "error"]
    assert [output["ename"] for output in said] == ["RunFailed"]
    for text in (said[0]["evalue"], *said[0]["traceback"]):
        assert_harmless(text)
