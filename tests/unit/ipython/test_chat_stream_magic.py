"""%%puffle_chat --stream and %puffle_approvals in a real shell, against the embedded Puffle."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from puffle_jupyter import Conversation, InvalidSetting, NotSent, RunWatch, chat
from puffle_jupyter.asking.question import question_of
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.demo.story import Story
from puffle_jupyter.errors import ApprovalNeeded, NotPending, PuffleError
from puffle_jupyter.watching.registry import registry

pytestmark = pytest.mark.usefixtures("background", "state")

ASKS = "Remove the leads that no longer fit"


@pytest.fixture
def stories(monkeypatch: pytest.MonkeyPatch) -> list[Story]:
    """The stories of the embedded Puffles that were started."""
    made: list[Story] = []
    begin = Story.__init__

    def noted(self: Story, *arguments: Any) -> None:
        begin(self, *arguments)
        made.append(self)

    monkeypatch.setattr(Story, "__init__", noted)
    return made


@pytest.fixture
def puffle(
    stories: list[Story], shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddedPuffle]:
    """A fast one, which the shell asks."""
    with EmbeddedPuffle(time_scale=1e6) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        yield server


def run(shell: InteractiveShell, cell: str) -> RunWatch:
    """Run a cell that asks; its watch."""
    result = shell.run_cell(cell)
    assert result.success
    assert isinstance(result.result, RunWatch)
    return result.result


def paused(watch: RunWatch) -> str:
    """Wait until a call waits; its id."""
    while not watch.pending:
        assert not watch.done, watch.snapshot
    call_id = watch.pending[0].id
    assert call_id is not None
    return call_id


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%puffle_chat --stream --once x", "a stream has none: choose one"),
        ("%puffle_chat --stream -i 2 x", "--stream is not polled: leave out -i and -t"),
        ("%puffle_chat --stream -t 2 x", "--stream is not polled: leave out -i and -t"),
        ("%puffle_chat --stream", "The message is empty"),
        ("%puffle_approvals call_1", "%puffle_approvals takes no argument, not 'call_1'"),
    ],
)
def test_bad_input_is_one_line_and_no_request_of_a_stream(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    stories: list[Story],
    capsys: pytest.CaptureFixture[str],
    cell: str,
    words: str,
) -> None:
    """Refused before anything is sent or noted."""
    assert not shell.run_cell(cell).success
    captured = capsys.readouterr()
    (line,) = [line for line in (captured.out + captured.err).splitlines() if line.strip()]
    assert words in line
    assert stories[-1]._starts == 0


@pytest.mark.parametrize("option", [{"once": True}, {"interval": 1.0}, {"timeout": 5.0}])
def test_a_stream_has_no_options_of_polling(puffle: EmbeddedPuffle, option: dict[str, Any]) -> None:
    """Refused in code as in a cell, before anything is sent."""
    with pytest.raises(InvalidSetting, match="leave them out, or leave out stream"):
        chat("x", stream=True, **option)


def test_the_next_turn_goes_on_with_what_was_said(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """In the same conversation, streamed or not; both turns are counted."""
    first = run(shell, "%puffle_chat --stream Find bakers in Rome")
    assert "Find bakers in Rome" in first.result()
    second = run(shell, "%puffle_chat --stream And in Oslo?")
    second.wait()
    questions = [question_of(watch) for watch in (first, second)]
    assert [one.turn for one in questions if one] == [1, 2]
    assert len({one.conversation_id for one in questions if one}) == 1
    conversation = Conversation.of(second)
    assert conversation is not None
    said = [turn["content"][:20] for turn in conversation._turns.history()]
    assert said[0] == "Find bakers in Rome"
    assert said[2] == "And in Oslo?"
    assert len(said) == 4


def test_a_setting_streams_every_message_but_those_sent_once(
    shell: InteractiveShell, puffle: EmbeddedPuffle
) -> None:
    """`once` needs a run that can be shown again, so it is polled; `--no-stream` is for one message."""
    shell.run_cell("%config PuffleMagics.stream = True\n%config PuffleMagics.interval = 0.1")
    for cell, is_stream in (
        ("%puffle_chat a", True),
        ("%puffle_chat --no-stream b", False),
        ("%puffle_chat --once c", False),
    ):
        watch = run(shell, cell)
        watch.wait()
        assert watch.run_id.startswith("stream_") == is_stream
        assert watch.run_id in registry.run_ids() or is_stream


def test_a_streamed_message_is_noted_and_never_sent_again_by_once(
    shell: InteractiveShell, puffle: EmbeddedPuffle, state: Path
) -> None:
    """There is no run to show again, and the error says so."""
    watch = run(shell, "%puffle_chat --stream Find bakers")
    watch.wait()
    with sqlite3.connect(state) as database:
        ((status, noted_run),) = database.execute("SELECT state, run FROM notes").fetchall()
    database.close()
    assert (status, noted_run) == ("streamed", None)
    conversation = Conversation.of(watch)
    with pytest.raises(NotSent, match="its answer was streamed, so there is no run to show again"):
        chat("Find bakers", conversation=conversation, once=True)


def test_nothing_is_approved_by_running_a_cell_again(
    shell: InteractiveShell, puffle: EmbeddedPuffle, stories: list[Story]
) -> None:
    """A new run of the cell asks anew; what waits is decided by approve and deny alone, and once."""
    first = run(shell, f"%puffle_chat --no-block --stream {ASKS}")
    second = run(shell, f"%puffle_chat --no-block --stream {ASKS}")
    first_call, second_call = paused(first), paused(second)
    assert first_call != second_call
    with pytest.raises(NotPending):
        first.approve(second_call)
    second.deny(second_call, "not yet")
    assert "I removed nothing" in second.result()
    first.approve(first_call)
    assert "I removed **3 leads**" in first.result()
    with pytest.raises(NotPending, match="was approved by this notebook"):
        first.approve(first_call)
    assert [(one.call_id, one.approved) for one in stories[-1].waiting.decided] == [
        (second_call, False),
        (first_call, True),
    ]


def test_a_cell_that_waits_does_not_wait_for_a_decision(
    shell: InteractiveShell, puffle: EmbeddedPuffle, stories: list[Story]
) -> None:
    """What is busy takes no click: ApprovalNeeded names the call, nothing was decided, the watch goes on."""
    result = shell.run_cell(f"%puffle_chat --block --stream {ASKS}")
    assert isinstance(result.error_in_exec, ApprovalNeeded)
    assert "remove_rows (call 'call_02_remove_1') waits for your decision" in str(result.error_in_exec)
    assert stories[-1].waiting.decided == []
    (watch,) = [one for one in registry.live() if one.pending]
    with pytest.raises(ApprovalNeeded):
        watch.wait()
    watch.deny(watch.pending[0].id or "")
    assert "I removed nothing" in watch.result()


def test_the_inbox_names_every_call_that_waits(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its arguments and the Python that decides; without any it says so."""
    shell.run_cell("%puffle_approvals")
    assert "No tool call waits for a decision." in capsys.readouterr().out
    removing = run(shell, f"%puffle_chat --no-block --stream {ASKS}")
    sending = run(shell, "%puffle_chat --no-block --new --stream Send my invitation")
    paused(removing), paused(sending)
    capsys.readouterr()
    shell.run_cell("%puffle_approvals")
    said = capsys.readouterr().out
    assert "Puffle asks to run remove_rows" in said
    assert "Puffle asks to run send_campaign" in said
    assert "Tom Testfeld" in said
    assert "watch.approve('call_02_send_2')" in said
    for watch in (removing, sending):
        watch.stop()
        with pytest.raises(PuffleError):
            watch.wait()
