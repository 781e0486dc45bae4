"""The magics in a real shell without a kernel: parsing, waiting, errors in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from puffle_jupyter import RunWatch, Unauthorized
from puffle_jupyter.background.responsive import responsive_rendering
from puffle_jupyter.client.address import Address
from puffle_jupyter.client.credentials import DEFAULT_BASE_URL, Account, ApiKey, session
from puffle_jupyter.demo import EmbeddedPuffle
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.registry import registry
from tests.support.scripted import ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")


@pytest.fixture
def puffle(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPuffle]:
    from puffle_jupyter.demo import DEMO_KEY

    with EmbeddedPuffle(time_scale=20) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        yield server


def run(shell: InteractiveShell, cell: str) -> Any:
    return shell.run_cell(cell)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%puffle_wait", "needs a run id"),
        ("%puffle_wait abc", "'abc' is not a run id"),
        ("%puffle_wait run_", "'run_' is not a run id"),
        ("%puffle_wait run_a/b", "'run_a/b' is not a run id"),
        ("%puffle_wait run_a?x=1", "'run_a?x=1' is not a run id"),
        ("%puffle_wait run_..", "'run_..' is not a run id"),
        ("%puffle_wait run_abc abc", "'abc' is not a run id"),
        ("x = 'run_a\\nrun_b'\n%puffle_wait {x}", "line break"),
        ("x = 'run_a b'\n%puffle_wait $x", "'b' is not a run id"),
        ("%puffle_wait {missing}", "is not a run id"),
        ("%puffle_wait run_abc -i 0", "interval must be seconds of at least 0.1, not '0'"),
        ("%puffle_wait run_abc -i -1", "not '-1'"),
        ("%puffle_wait run_abc -i nan", "not 'nan'"),
        ("%puffle_wait run_abc -i x", "not 'x'"),
        ("%puffle_wait run_abc --timeout 0", "timeout must be seconds above 0, not '0'"),
        ("%puffle_wait -i run_abc", "-i needs seconds before the run id: %puffle_wait -i 5 run_abc"),
        ("%puffle_wait --timeout run_abc", "-t needs seconds before the run id: %puffle_wait -t 5 run_abc"),
        (
            "%puffle_wait run_abc --intervall 5",
            "unrecognized arguments: --intervall 5; did you mean --interval?",
        ),
        ("%puffle_wait run_abc --tiemout=5", "--tiemout=5; did you mean --timeout?"),
        ("%puffle_wait run_abc --frobnicate", "unrecognized arguments: --frobnicate"),
        ("%puffle_wait 'run_abc", "No closing quotation"),
        ("%puffle_demo restart", "takes start, stop or runs, not 'restart'"),
        ("%puffle_login pk_live_0123456789", "takes no argument"),
    ],
)
def test_bad_input_is_one_line_and_no_request(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str], cell: str, words: str
) -> None:
    """One clear line naming what is wrong: no traceback of ours, nothing sent, nothing watched."""
    result = run(shell, cell)
    captured = capsys.readouterr()
    lines = [line for line in (captured.out + captured.err).splitlines() if line.strip()]
    assert not result.success
    assert len(lines) == 1, lines
    assert words in lines[0]
    assert "0123456789" not in lines[0]
    assert not puffle.requests
    assert not registry.live()


def test_without_a_key_the_magic_says_what_to_do(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, with every way to give a key."""
    assert not run(shell, "%puffle_wait run_abc").success
    captured = capsys.readouterr()
    for way in ("%puffle_login", "PUFFLE_API_KEY", "%puffle_demo"):
        assert way in captured.err
    assert "Traceback" not in captured.out + captured.err


def test_a_key_with_a_line_break_is_refused_without_echo(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the environment is checked before any request too."""
    monkeypatch.setenv("PUFFLE_API_KEY", "pk_live_01\n23456789")
    assert not run(shell, "%puffle_wait run_abc").success
    captured = capsys.readouterr()
    assert "line break" in captured.err
    assert "23456789" not in captured.out + captured.err


def test_the_magic_returns_a_watch_at_once(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """`run = %puffle_wait x`; a trailing semicolon and both ways of expansion work."""
    run(shell, "x = 'run_slow'")
    for cell in ("w = %puffle_wait {x};", "w = %puffle_wait $x", "w = %puffle_wait run_slow -q"):
        assert run(shell, cell).success
        assert isinstance(shell.user_ns["w"], RunWatch)
    assert len(registry.live()) == 1


def test_several_ids_give_a_list_in_order(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """In the order they were given."""
    assert run(shell, "w = %puffle_wait run_berlin run_abc run_paris").success
    assert [watch.run_id for watch in shell.user_ns["w"]] == ["run_berlin", "run_abc", "run_paris"]


def test_blocking_waits_for_the_end(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """-b returns when the run ended, and prints its text where nothing can be redrawn."""
    assert run(shell, "w = %puffle_wait run_abc -b -i 0.1").success
    assert shell.user_ns["w"].done
    assert "completed" in capsys.readouterr().out


def test_check_raises_for_a_run_that_did_not_complete(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with the run's own error, of the class that `except` can name."""
    result = run(shell, "%puffle_wait run_failed --check -i 0.1")
    assert type(result.error_in_exec).__name__ == "RunFailed"
    captured = capsys.readouterr()
    assert "RunFailed: run_failed failed:" in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err
    assert run(shell, "%puffle_wait run_failed -b").success


def test_check_names_every_run_that_did_not_complete(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of several, the error is the first one's, and says which others; what it is for one run stays."""
    result = run(shell, "%puffle_wait run_berlin run_failed run_cancelled --check -q -i 0.1")
    assert type(result.error_in_exec).__name__ == "RunFailed"
    assert str(result.error_in_exec).endswith("Not completed either: run_cancelled (cancelled).")
    assert result.error_in_exec.run.run_id == "run_failed"
    printed = capsys.readouterr().out
    for line in ("✓ completed · run_berlin", "✗ failed · run_failed", "⊘ cancelled · run_cancelled"):
        assert printed.count(line) == 1
    alone = run(shell, "%puffle_wait run_failed --check -q").error_in_exec
    assert "run_cancelled" not in str(alone)


def test_the_end_is_printed_in_short_or_whole(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer and a line a call, once; with -v everything; with -q the badge alone, and not both."""
    assert run(shell, "w = %puffle_wait run_abc -b -i 0.1").success
    printed = capsys.readouterr().out
    assert printed.count("completed · run_abc") == 1
    assert len(printed.splitlines()) <= 44
    assert "All of it: %puffle_wait run_abc -v, or print(watch.to_text())" in printed
    assert run(shell, "w = %puffle_wait run_abc -b -v").success
    assert "Nothing left out: " in capsys.readouterr().out
    assert run(shell, "w = %puffle_wait run_abc -q").success
    assert capsys.readouterr().out.count("\n") == 1
    assert not run(shell, "%puffle_wait run_abc -q -v").success
    assert "choose one" in capsys.readouterr().err


def test_a_script_is_told_of_no_magics_and_no_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """Without IPython the way on is Python."""
    puffle = ScriptedPuffle(told("completed", text="Hello"))
    watch = watch_by_polling("run_a", puffle.client(), interval=1.5)
    watch.wait()
    watch.show()
    assert capsys.readouterr().out.endswith("All of it: print(watch.to_text())\n")
    refused = watch_by_polling("run_a", ScriptedPuffle((401, b"")).client(), interval=1.5)
    with pytest.raises(Unauthorized):
        refused.wait()
    refused.show()
    assert capsys.readouterr().out.endswith('\nPut that right, then: watch("run_a")\n')


@pytest.mark.parametrize("magic", ["%puffle_wait", "%puffle_chat", "%%puffle_chat"])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_printed_and_nothing_else_is_done(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    capsys: pytest.CaptureFixture[str],
    magic: str,
    option: str,
) -> None:
    """Usage, examples and every option; no request, no error."""
    cell = f"{magic} {option}" + ("\nFind founders" if magic.startswith("%%") else "")
    assert run(shell, cell).success
    printed = capsys.readouterr().out
    assert printed.startswith(f"%{magic.lstrip('%')} [")
    for word in ("Examples:", "--interval S", "--verbose"):
        assert word in printed
    assert not puffle.requests


def test_config_changes_the_defaults_and_refuses_nonsense(
    shell: InteractiveShell, puffle: EmbeddedPuffle, caplog: pytest.LogCaptureFixture
) -> None:
    """%config PuffleMagics takes what %puffle_wait takes, and says so of the rest."""
    run(shell, "%config PuffleMagics.block = True")
    run(shell, "w = %puffle_wait run_abc -i 0.1")
    assert shell.user_ns["w"].done
    for setting in (
        *("interval = 0", "timeout = -1", "block = 'perhaps'"),
        *("base_url = 'http://evil.example'", "base_url = 5", "redact = 5", "responsive = 'auto'"),
    ):
        run(shell, f"%config PuffleMagics.{setting}")
        assert caplog.messages[-1].startswith(setting.split()[0])
    run(shell, "%config PuffleMagics.base_url = 'https://puffle.example'")
    assert session.base_url == "https://puffle.example"


def test_config_leaves_the_interpreter_alone(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """`responsive = False` holds until the extension is unloaded."""
    run(shell, "%config PuffleMagics.responsive = False")
    before = sys.getswitchinterval()
    with responsive_rendering():
        assert sys.getswitchinterval() == before
    run(shell, "%unload_ext puffle_jupyter")
    with responsive_rendering():
        assert sys.getswitchinterval() < before


@pytest.mark.parametrize(
    ("setting", "kept"), [("interval = True", "1.5"), ("base_url = 'http://evil.example'", "None")]
)
def test_a_refused_setting_does_not_keep_the_extension_out(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    kept: str,
) -> None:
    """IPython keeps what was refused: loaded again, the magics have the default, say so, and send nothing."""
    run(shell, f"%config PuffleMagics.{setting}")
    run(shell, "%unload_ext puffle_jupyter")
    assert run(shell, "%load_ext puffle_jupyter").success
    name = setting.split(" = ")[0]
    assert "A setting of PuffleMagics is left at its default. " in capsys.readouterr().out
    assert str(run(shell, f"%config PuffleMagics.{name}").result) == kept
    sends = run(shell, "w = %puffle_wait run_slow").success
    assert sends == (name != "base_url")


REFUSED_ADDRESSES = [
    "base_url = 'http://preview.example'",
    "base_url = 'preview.example'",
    "base_url = 'https://user:pass@preview.example'",
    "base_url = ''",
    "base_url = 5",
    "base_url = b'http://preview.example'",
    "base_ulr = 'https://preview.example'",
]
SENDS = {
    "the magic": "%puffle_wait run_abc",
    "watch": "puffle_jupyter.watch('run_abc')",
    "a client": "puffle_jupyter.PuffleClient().get_run('run_abc')",
    "a widget": "puffle_jupyter.RunWidget('run_abc')",
}


@pytest.mark.parametrize("setting", REFUSED_ADDRESSES)
@pytest.mark.parametrize("send", SENDS)
def test_after_a_refused_address_nothing_is_sent(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    setting: str,
    send: str,
) -> None:
    """%config prints an error and the cell goes on: its next line must not send the key to the old host."""
    result = run(shell, f"import puffle_jupyter\n%config PuffleMagics.{setting}\n{SENDS[send]}")
    said = str(result.error_in_exec)
    assert "Nothing is sent, because base_url was refused" in said
    assert "user:pass" not in said
    assert not run(shell, SENDS[send]).success  # in the next cell neither: "Run all" goes on too
    assert not puffle.requests
    assert not registry.live()


@pytest.mark.parametrize("again", ["%config PuffleMagics.base_url = None", "%puffle_demo"])
def test_an_address_that_is_accepted_ends_the_refusal(
    shell: InteractiveShell, puffle: EmbeddedPuffle, again: str
) -> None:
    """The same value as before the refusal, which is no change for traitlets, is a choice too."""
    run(shell, "%config PuffleMagics.base_url = 'http://preview.example'")
    assert run(shell, f"{again}\nw = %puffle_wait run_slow").success


def test_an_explicit_address_is_not_touched_by_a_refusal(
    shell: InteractiveShell, puffle: EmbeddedPuffle
) -> None:
    """Who names the address in the call did not ask for another."""
    shell.user_ns["address"] = puffle.base_url
    run(shell, "import puffle_jupyter\n%config PuffleMagics.base_url = 'http://preview.example'")
    assert run(shell, "puffle_jupyter.PuffleClient(None, address).get_run('run_abc')").success


def test_other_settings_refuse_nothing_but_themselves(
    shell: InteractiveShell, puffle: EmbeddedPuffle, caplog: pytest.LogCaptureFixture
) -> None:
    """They change no host; a name that does not exist is an error, not a warning."""
    for setting in ("interval = 0", "block = 'perhaps'", "redact = 'names'", "intervall = 2"):
        run(shell, f"%config PuffleMagics.{setting}")
    assert "PuffleMagics has no setting 'intervall'" in caplog.messages[-1]
    assert run(shell, "w = %puffle_wait run_slow").success


@pytest.mark.parametrize("before", ["None", "'https://before.example'"])
@pytest.mark.parametrize("chosen", ["'https://chosen.example'", "'https://before.example'", "None"])
def test_an_address_set_during_the_demo_outlives_it(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, before: str, chosen: str
) -> None:
    """The last choice counts, during the demo and after; the demo's key goes nowhere else."""
    monkeypatch.setenv("PUFFLE_API_KEY", "pk_live_0123456789")
    run(shell, f"%config PuffleMagics.base_url = {before}")
    run(shell, "%puffle_demo")
    demo = Account.find()
    assert demo.base_url.startswith("http://127.0.0.1:")
    run(shell, f"%config PuffleMagics.base_url = {chosen}")
    wanted = Account(Address.parse(eval(chosen) or DEFAULT_BASE_URL), ApiKey("pk_live_0123456789"))
    assert Account.find() == wanted
    run(shell, "%puffle_demo")
    assert Account.find() == demo
    run(shell, "%puffle_demo stop")
    assert Account.find() == wanted


def test_an_address_refused_during_the_demo_leaves_the_demo(shell: InteractiveShell) -> None:
    """The demo is another host than the one that was asked for."""
    run(shell, "%puffle_demo")
    result = run(shell, "%config PuffleMagics.base_url = 'http://preview.example'\n%puffle_wait run_abc")
    assert not result.success
    run(shell, "%puffle_demo stop")
    assert session.refusal is not None


def test_the_environment_can_make_it_block(
    shell: InteractiveShell, puffle: EmbeddedPuffle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PUFFLE_BLOCK, unless an option or %config says otherwise."""
    monkeypatch.setenv("PUFFLE_BLOCK", "true")
    run(shell, "w = %puffle_wait run_abc -i 0.1")
    assert shell.user_ns["w"].done
    run(shell, "w = %puffle_wait run_slow --no-block")
    assert not shell.user_ns["w"].done


def test_login_keeps_the_key_for_the_kernel(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for without echo and printed nowhere."""
    monkeypatch.setattr("getpass.getpass", lambda prompt: "pk_live_0123456789")
    assert run(shell, "%puffle_login").success
    assert session.api_key is not None
    captured = capsys.readouterr()
    assert "0123456789" not in captured.out + captured.err


def test_login_says_when_the_text_is_no_usual_key(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be any text of the clipboard: a warning that does not show it, and the key is kept."""
    monkeypatch.setattr("getpass.getpass", lambda prompt: "hunter2")
    assert run(shell, "%puffle_login").success
    assert session.api_key is not None
    captured = capsys.readouterr()
    assert "it does not look like a Puffle key (pk_live_…)." in captured.out
    assert "hunter2" not in captured.out + captured.err


def test_the_demo_starts_says_its_runs_and_stops(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """No account needed; stopping it puts the settings back."""
    assert run(shell, "%puffle_demo").success
    said = capsys.readouterr().out
    assert "run_abc" in said
    assert "run_madrid" not in said  # a notebook need not begin with a list
    assert run(shell, "%puffle_demo runs").success
    listed = capsys.readouterr().out
    assert listed.split().count("run_madrid") == 1
    assert "  run_abc_again  the task of run_abc" in listed
    assert "%puffle_diff run_abc run_abc_again" in listed
    assert run(shell, "w = %puffle_wait run_slow").success
    assert run(shell, "%puffle_demo stop").success
    assert session.base_url is None
    assert session.api_key is None
    assert not run(shell, "%puffle_wait run_abc").success


def test_unloading_takes_everything_away(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """No magic, no watch and no setting stays; loading again works."""
    run(shell, "%puffle_wait run_slow")
    run(shell, "%unload_ext puffle_jupyter")
    assert not registry.live()
    assert "puffle_wait" not in shell.magics_manager.magics["line"]
    assert run(shell, "%load_ext puffle_jupyter").success
    assert run(shell, "%reload_ext puffle_jupyter").success
    assert run(shell, "w = %puffle_wait run_slow").success


def test_the_help_says_how_to_use_it(shell: InteractiveShell) -> None:
    """%puffle_wait? shows usage, options and examples."""
    text = shell.magics_manager.magics["line"]["puffle_wait"].__doc__
    for word in ("RUN_ID", "--interval", "--check", "watch = %puffle_wait run_abc"):
        assert word in text


def test_a_comment_at_the_end_of_the_line_is_dropped(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """IPython passes comments on to line magics; people copy them from a README."""
    assert run(shell, "w = %puffle_wait run_slow   # shows the live view").success
    assert run(shell, "%puffle_wait run_slow;  # and again").success
    assert run(shell, "%puffle_demo stop # it").success


def test_an_id_given_twice_is_shown_once_and_returned_twice(
    shell: InteractiveShell, puffle: EmbeddedPuffle
) -> None:
    """One entry an argument, so that unpacking works."""
    assert run(shell, "a, b = %puffle_wait run_slow run_slow").success
    assert shell.user_ns["a"] is shell.user_ns["b"]


def test_login_leaves_the_demo(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is for Puffle: it is neither sent to the embedded one nor lost when that stops."""
    monkeypatch.setattr("getpass.getpass", lambda prompt: "pk_live_0123456789")
    run(shell, "%puffle_demo")
    run(shell, "%puffle_login")
    assert session.base_url is None
    assert session.api_key is not None
    run(shell, "%puffle_demo stop")
    assert session.api_key is not None
