"""%%puffle_chat in a real shell: which conversation, never twice, errors in one line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import MagicArgumentParser

from puffle_jupyter import RunWatch
from puffle_jupyter.asking.question import Question, question_of
from puffle_jupyter.demo import DEMO_KEY, DEMO_MEMBER_KEY, EmbeddedPuffle
from puffle_jupyter.demo.story import STARTS_PER_MINUTE
from puffle_jupyter.ipython.chat import ChatMagics
from puffle_jupyter.ipython.message import filled, keep_question_marks, split_line
from puffle_jupyter.watching.registry import registry

pytestmark = pytest.mark.usefixtures("background", "state")

UNKNOWN = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"


@pytest.fixture
def starts() -> list[str]:
    """The messages that the embedded Puffle took."""
    return []


@pytest.fixture
def puffle(
    shell: InteractiveShell, starts: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddedPuffle]:
    from puffle_jupyter.demo.story import Story

    start = Story.start

    def counted(self: Story, message: str, conversation_id: str | None) -> tuple[str, str]:
        starts.append(message)
        return start(self, message, conversation_id)

    monkeypatch.setattr(Story, "start", counted)
    with EmbeddedPuffle(time_scale=20) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        yield server


def asked(shell: InteractiveShell, cell: str) -> Question:
    """Run a cell that asks; what was asked."""
    result = shell.run_cell(cell)
    assert result.success
    assert isinstance(result.result, RunWatch)
    question = question_of(result.result)
    assert question is not None
    return question


def restart(shell: InteractiveShell) -> None:
    """What a new kernel knows of conversations: nothing."""
    shell.run_cell("%unload_ext puffle_jupyter")
    shell.run_cell("%load_ext puffle_jupyter")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%puffle_chat", "The message is empty"),
        ("%puffle_chat   ;", "The message is empty"),
        ("%puffle_chat --new", "The message is empty"),
        ("%%puffle_chat\n   \n\n", "The message is empty"),
        ("%%puffle_chat", "cell body is empty"),
        ("%%puffle_chat 1a\nx", "takes the name of a variable, not '1a'"),
        ("%%puffle_chat class\nx", "takes the name of a variable, not 'class'"),
        ("%%puffle_chat a.b\nx", "takes the name of a variable, not 'a.b'"),
        ("%%puffle_chat Find founders\nin Berlin", "takes the message from the lines below it"),
        ("%%puffle_chat --conversation abc\nx", "'abc' is not the id of a conversation"),
        ("%puffle_chat --conversation abc x", "'abc' is not the id of a conversation"),
        ("%puffle_chat --conversation {missing} x", "'{missing}' is not the id of a conversation"),
        (f"%puffle_chat --new --conversation {UNKNOWN} x", "choose one"),
        ("%puffle_chat --once --new x", "only once: choose one"),
        ("%%puffle_chat a --new --once\nx", "only once: choose one"),
        ("%puffle_chat --frobnicate x", "unrecognized arguments: --frobnicate"),
        ("%puffle_chat -i 0 x", "interval must be seconds of at least 0.1"),
        ("%puffle_chat --timeout=-1 x", "timeout must be seconds above 0"),
        ("%%puffle_chat -t nan\nx", "not 'nan'"),
        ("%puffle_chat -f who is {nobody}", "{nobody}, and there is no variable"),
        ("%%puffle_chat -f\nwho is {len(x)}", "fills in names, not expressions"),
        ("%%puffle_chat -f\nwho is {}", "there is no variable"),
        ("%%puffle_chat -f\na { b", "write {{ for { and }} for }"),
        ("x = 5\n%puffle_chat -f {x.nothing}", "cannot be filled in (AttributeError)"),
        ("x = ''\n%puffle_chat -f {x}", "The message is empty"),
        ("x = 'a\\nb'\n%puffle_chat --conversation $x text", "line break"),
        ("x = '\\ud800'\n%puffle_chat -f a {x}", "half of a character"),
        ("%%puffle_chat 'a\nx", "No closing quotation"),
    ],
)
def test_bad_input_is_one_line_and_no_request(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    starts: list[str],
    state: Path,
    capsys: pytest.CaptureFixture[str],
    cell: str,
    words: str,
) -> None:
    """One clear line naming what is wrong: nothing sent, nothing noted, nothing watched."""
    result = shell.run_cell(cell)
    captured = capsys.readouterr()
    lines = [line for line in (captured.out + captured.err).splitlines() if line.strip()]
    assert not result.success
    assert len(lines) == 1, lines
    assert words in lines[0]
    assert not starts
    assert not state.exists()
    assert not registry.live()


@pytest.mark.parametrize(
    ("change", "cell", "words"),
    [
        ({}, f"%puffle_chat --conversation {UNKNOWN} x", f"ConversationNotFound: Conversation {UNKNOWN}"),
        ({"PUFFLE_API_KEY": "pk_live_wrong"}, "%puffle_chat x", "Unauthorized: "),
        ({"PUFFLE_API_KEY": DEMO_MEMBER_KEY}, "%puffle_chat x", "admins only"),
        ({}, "%puffle_chat -f {long}", "MessageTooLarge: "),
        ({"PUFFLE_BASE_URL": "http://127.0.0.1:9"}, "%puffle_chat x", "ConnectionFailed: "),
        ({"PUFFLE_API_KEY": ""}, "%puffle_chat x", "No API key"),
    ],
)
def test_a_refusal_is_one_line(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, str],
    cell: str,
    words: str,
) -> None:
    """What Puffle says to it, by the class that `except` can name; nothing is watched."""
    shell.user_ns["long"] = "x" * 1_100_000
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    assert not shell.run_cell(cell).success
    captured = capsys.readouterr()
    (line,) = [line for line in (captured.out + captured.err).splitlines() if line.strip()]
    assert words in line
    assert not registry.live()


def test_a_limit_is_one_line_with_the_time(
    shell: InteractiveShell, puffle: EmbeddedPuffle, starts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """429: when to try again; nothing was started, and `--once` sends it then."""
    from puffle_jupyter import PuffleClient

    with PuffleClient(DEMO_KEY, puffle.base_url) as client:
        for _ in range(STARTS_PER_MINUTE):
            client.start_chat("x")
    assert not shell.run_cell("%puffle_chat --once late").success
    assert re.search(r"RateLimited: .* Try again in \d+ s\. Nothing was started\.", capsys.readouterr().out)
    assert "late" not in starts


def test_the_cell_is_the_message_as_it_stands(
    shell: InteractiveShell, puffle: EmbeddedPuffle, starts: list[str]
) -> None:
    """Braces, dollars, quotes, percent signs and indentation are text; blank lines around it are not."""
    cell = "\n  Find {x} $HOME 'it's\" 100 % <b>\n\n    --new # not a comment;\n"
    shell.user_ns["x"] = "never"
    assert asked(shell, f"%%puffle_chat leads\n{cell}").message == cell.strip("\n").rstrip()
    assert starts == [cell.strip("\n").rstrip()]
    assert isinstance(shell.user_ns["leads"], RunWatch)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%puffle_chat who is hiring in Berlin?", "who is hiring in Berlin?"),
        ("w = %puffle_chat who is hiring?", "who is hiring?"),
        ("%puffle_chat what now ?", "what now ?"),
        ("%puffle_chat really??", "really??"),
        ("%puffle_chat don't \"stop", "don't \"stop"),
        ("%puffle_chat issue #5 - {x} $x", "issue #5 - {x} $x"),
        ("%puffle_chat -q -i 1 --new two  spaces;", "two  spaces"),
        ("%puffle_chat --interval=1 x", "x"),
        ("%puffle_chat -- --new x", "--new x"),
        ("%puffle_chat - a list", "- a list"),
        ("%puffle_chat -5 % of them", "-5 % of them"),
        ("%puffle_chat -f Find {x} {{here}}", "Find five {here}"),
        ("%puffle_chat x --new", "x --new"),
    ],
)
def test_the_rest_of_the_line_is_the_message(
    shell: InteractiveShell, puffle: EmbeddedPuffle, starts: list[str], line: str, message: str
) -> None:
    """Options come first; a question may end in a question mark."""
    shell.user_ns["x"] = "five"
    assert shell.run_cell(line).success
    assert starts == [message]


def test_help_still_works(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """`%puffle_chat?` shows the help, with every option."""
    shell.run_cell("%puffle_chat?")
    shown = capsys.readouterr().out
    for word in ("%%puffle_chat", "--conversation UUID", "--once", "--format", "--interval"):
        assert word in shown


def test_the_next_message_goes_on(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """In the conversation of its name, or in the one without; --new begins another in its place."""
    first = asked(shell, "%puffle_chat one")
    named = asked(shell, "%%puffle_chat berlin\none")
    second = asked(shell, "%puffle_chat two")
    named_second = asked(shell, "%%puffle_chat berlin\ntwo")
    begun = asked(shell, "%puffle_chat --new three")
    after = asked(shell, "%puffle_chat four")
    assert [question.turn for question in (first, second, begun, after)] == [1, 2, 1, 2]
    assert [question.turn for question in (named, named_second)] == [1, 2]
    assert first.conversation_id == second.conversation_id
    assert begun.conversation_id == after.conversation_id
    assert len({one.conversation_id for one in (first, named, begun)}) == 3


def test_the_output_says_which_and_a_running_turn(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message, then "conversation …, turn 2 · sent while turn 1 still ran", then the badge."""
    asked(shell, "%puffle_chat one")
    capsys.readouterr()
    question = asked(shell, "%puffle_chat two")
    shown = capsys.readouterr().out
    head = f"◇ two\nconversation {question.conversation_id}, turn 2 · sent while turn 1 still ran\n"
    assert head in shown
    assert question.conversation.turn == 2
    assert re.match(r"○ (connecting|queued) · run_", shown.partition(head)[2])


def test_a_saved_notebook_goes_on_after_a_restart(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """With the UUID that its output holds; the turns are counted on, and the conversation stays."""
    first = asked(shell, "%puffle_chat one")
    restart(shell)
    second = asked(shell, f"%puffle_chat --conversation {first.conversation_id} two")
    third = asked(shell, "%puffle_chat three")
    assert [second.turn, third.turn] == [2, 3]
    assert third.conversation_id == first.conversation_id
    shell.user_ns["uuid"] = first.conversation_id
    assert asked(shell, "%puffle_chat --conversation {uuid} four").turn == 4


NOTEBOOK = (
    "%%puffle_chat\nfirst",
    "%%puffle_chat\nsecond",
    "%%puffle_chat paris\nfirst",
    "%%puffle_chat paris\nthird",
    "%%puffle_chat --new\nother",
    "%%puffle_chat\nfourth",
)


@pytest.mark.parametrize("new_kernel", [False, True])
def test_run_all_sends_nothing_twice(
    shell: InteractiveShell, puffle: EmbeddedPuffle, starts: list[str], new_kernel: bool
) -> None:
    """With `once` as the setting: all cells again, in this kernel or in a new one, are the same runs."""
    shell.run_cell("%config PuffleMagics.once = True")
    before = [asked(shell, cell) for cell in NOTEBOOK]
    assert all("not sent" not in str(question.remarks) for question in before)
    if new_kernel:
        restart(shell)
        shell.run_cell("%config PuffleMagics.once = True")
    after = [asked(shell, cell) for cell in NOTEBOOK]
    assert len(starts) == len(NOTEBOOK)
    assert all("not sent again" in str(question.remarks) for question in after)
    assert [(q.turn, q.conversation_id) for q in after] == [(q.turn, q.conversation_id) for q in before]
    assert asked(shell, "%puffle_chat --no-once fourth").turn == 3
    assert len(starts) == len(NOTEBOOK) + 1


def test_once_is_the_option_of_a_cell_too(
    shell: InteractiveShell, puffle: EmbeddedPuffle, starts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The output says when it was sent, and shows the run of that message."""
    first = shell.run_cell("%puffle_chat --once -b -i 0.1 one").result
    capsys.readouterr()
    again = shell.run_cell("%puffle_chat --once one").result
    shown = capsys.readouterr().out
    assert again is first
    assert re.search(
        r"turn 1 · sent on \d{4}-\d\d-\d\d at \d\d:\d\d UTC, and not sent again: this is its run", shown
    )
    assert "completed" in shown
    assert starts == ["one"]
    shell.run_cell("%puffle_chat one")
    assert starts == ["one", "one"]


def test_without_once_a_cell_sends_each_time(
    shell: InteractiveShell, puffle: EmbeddedPuffle, starts: list[str]
) -> None:
    """A re-run is a choice."""
    for _ in range(2):
        asked(shell, "%puffle_chat one")
    assert starts == ["one", "one"]


def test_the_demo_and_the_own_account_have_conversations_apart(
    shell: InteractiveShell, puffle: EmbeddedPuffle
) -> None:
    """What is said to the embedded Puffle does not go on elsewhere, and the other way round."""
    own = asked(shell, "%puffle_chat one")
    shell.run_cell("%puffle_demo")
    assert asked(shell, "%puffle_chat two").turn == 1
    shell.run_cell("%puffle_demo stop")
    back = asked(shell, "%puffle_chat three")
    assert (back.turn, back.conversation_id) == (2, own.conversation_id)


def test_a_reload_keeps_the_conversations(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """%reload_ext is no restart; %unload_ext takes both kinds of the magic away."""
    asked(shell, "%puffle_chat one")
    shell.run_cell("%reload_ext puffle_jupyter")
    assert asked(shell, "%puffle_chat two").turn == 2
    shell.run_cell("%unload_ext puffle_jupyter")
    for kind in ("line", "cell"):
        assert "puffle_chat" not in shell.magics_manager.magics[kind]
    assert keep_question_marks not in shell.input_transformers_cleanup
    assert not [one for one in shell.configurables if isinstance(one, ChatMagics)]


def test_blocking_and_check_are_those_of_puffle_wait(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """-b waits and prints the transcript, --check raises for a run that did not complete."""
    result = shell.run_cell("%puffle_chat -b -i 0.1 Find fintech founders in Berlin")
    assert result.result.done
    assert "8 tool calls" in capsys.readouterr().out
    assert shell.run_cell("w = %puffle_chat --check -i 0.1 x").success
    assert shell.user_ns["w"].done


def test_settings_are_checked(
    shell: InteractiveShell, puffle: EmbeddedPuffle, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`once` and `notes` take what they can use; `notes = False` leaves no file."""
    for setting, words in (("once = 'auto'", "once must be True or False"), ("notes = 5", "notes must be")):
        shell.run_cell(f"%config PuffleMagics.{setting}")
        assert words in caplog.messages[-1]
    shell.run_cell("%config PuffleMagics.notes = False")
    asked(shell, "%puffle_chat one")
    assert not state.exists()
    shell.run_cell("%config PuffleMagics.notes = True")
    asked(shell, "%puffle_chat two")
    assert state.exists()


def test_ctrl_c_while_it_is_sent_is_one_line(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It says that the chat may have started; the conversation that was begun goes on."""
    from puffle_jupyter.background.future import Outcome

    waits = itertools.count()
    wait = Outcome.wait

    def interrupted(self: Outcome[Any], timeout: float | None = None) -> bool:
        done = wait(self, timeout)
        if next(waits) == 1:  # the first is of the thread that sends
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patched:
        patched.setattr(Outcome, "wait", interrupted)
        assert not shell.run_cell("%puffle_chat one").success
    said = capsys.readouterr()
    assert "the chat may have started" in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert asked(shell, "%puffle_chat two").turn == 2


def test_words_of_a_line() -> None:
    """Where the options end: property-like cases of the splitter alone."""
    parser: MagicArgumentParser = ChatMagics.puffle_chat.parser
    assert split_line(parser, "") == ("", "")
    assert split_line(parser, " -q  x -q ") == (" -q", "x -q")
    assert split_line(parser, "-i") == ("-i", "")
    assert split_line(parser, "--conversation -- x") == ("--conversation", "x")
    assert split_line(parser, "--new\tx") == ("--new", "x")


def test_filling_in_reaches_into_values() -> None:
    """`{lead.name}`, `{lead[key]}` and format specifications, as in Python."""
    values = {"lead": {"name": "Mara"}, "self": 1, "number": 2.345}
    assert filled("{lead[name]} {self} {number:.1f} {number!r}", values) == "Mara 1 2.3 2.345"


@pytest.mark.parametrize(
    "lines",
    [
        ["%%puffle_chat\n", "is that so?\n"],
        ["%puffle_chat?\n"],
        ["%puffle_chat ?\n"],
        ['help = """\n', "%puffle_chat who is it?\n", '"""\n'],
        ["print('?')\n"],
        ["%puffle_wait run_abc?\n"],
        [],
    ],
)
def test_other_question_marks_are_left_alone(lines: list[str]) -> None:
    """Of cells, of help, of other lines."""
    assert keep_question_marks(list(lines)) == lines
