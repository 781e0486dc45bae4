"""The magics in a real kernel, judged by the raw messages a front end would be sent."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.kernel import KERNEL_LOG, WIDGET_VIEW, Cell, Kernel, Message, running_kernel

pytestmark = pytest.mark.kernel
STATUS = re.compile(r"\b(queued|running|completed|failed|cancelled)\b", re.IGNORECASE)
SLEEP = "import time\nwhile not run.done: time.sleep(0.2)"
BUSY = "while not run.done: sum(range(1000))"


@pytest.fixture
def puffle() -> Iterator[EmbeddedPuffle]:
    """An embedded Puffle outside the kernel, at twice the speed: run_abc takes 2.5 s."""
    with EmbeddedPuffle(time_scale=2) as server:
        yield server


@pytest.fixture
def kernel(tmp_path: Path, puffle: EmbeddedPuffle) -> Iterator[Kernel]:
    """A kernel with the extension loaded, set to poll the embedded Puffle five times a second."""
    with running_kernel(tmp_path, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url) as kernel:
        kernel.run("%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.2")
        yield kernel


@pytest.fixture(scope="module")
def shared_puffle() -> Iterator[EmbeddedPuffle]:
    with EmbeddedPuffle() as server:
        yield server


@pytest.fixture(scope="module")
def shared_kernel(
    tmp_path_factory: pytest.TempPathFactory, shared_puffle: EmbeddedPuffle
) -> Iterator[Kernel]:
    """One kernel for what leaves no trace in it; a long run is being watched all the time."""
    folder = tmp_path_factory.mktemp("kernel")
    with running_kernel(folder, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=shared_puffle.base_url) as kernel:
        kernel.run(
            "%load_ext puffle_jupyter\nimport puffle_jupyter\nother = puffle_jupyter.watch('run_slow')"
        )
        yield kernel


def visible(fragment: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", fragment))


def badge_states(messages: list[Message]) -> list[str]:
    """The statuses the badge went through: short texts sent to a widget, repeats left out."""
    states: list[str] = []
    for message in messages:
        text = visible(str(message.widget_state.get("value", "")))
        found = STATUS.findall(text) if message.kind == "comm_msg" and len(text) < 200 else []
        states += [word.lower() for word in found if [word.lower()] != states[-1:]]
    return states


def updates(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.kind == "update_display_data"]


def wait_until_replaced(kernel: Kernel, start: int = 0, count: int = 1) -> list[Message]:
    """Wait until `count` outputs were replaced by self-contained ones; return those."""

    def final() -> list[Message]:
        return [message for message in updates(kernel.messages[start:]) if WIDGET_VIEW not in message.bundle]

    kernel.listen(lambda: len(final()) >= count, timeout=20, what="the finished transcript")
    return final()


@pytest.mark.parametrize("work", [SLEEP, BUSY], ids=["sleeping", "computing"])
def test_badge_moves_while_another_cell_works(kernel: Kernel, work: str) -> None:
    """The badge goes through running to completed while the kernel's own thread is taken."""
    kernel.run("run = %puffle_wait run_abc")
    assert "completed" not in badge_states(kernel.messages)  # the cell did not wait for the run
    working = kernel.run(work)
    assert badge_states(working.meanwhile)[-2:] == ["running", "completed"]
    assert [WIDGET_VIEW in message.bundle for message in updates(working.meanwhile)][-1] is False


def test_badge_moves_while_the_kernel_is_idle(kernel: Kernel) -> None:
    """With no cell running the badge goes on to completed, and nothing is printed or shown anew."""
    kernel.run("%puffle_wait run_abc")
    start = len(kernel.messages)
    wait_until_replaced(kernel, start)
    later = kernel.messages[start:]
    assert badge_states(later)[-2:] == ["running", "completed"]
    assert {message.kind for message in later} <= {"comm_msg", "comm_close", "update_display_data"}


def test_output_is_replaced_by_what_a_file_can_hold(kernel: Kernel) -> None:
    """On completion the one output becomes html and text alone, under the display id it was shown with."""
    kernel.run("run = %puffle_wait run_abc")
    (shown,) = kernel.displays()
    assert {WIDGET_VIEW, "text/html", "text/plain"} <= shown.bundle.keys()
    final = wait_until_replaced(kernel)[-1]
    assert final.display_id == shown.display_id
    assert final.bundle.keys() == {"text/html", "text/plain"}
    assert final.content["metadata"] == {}
    assert "<details" in final.bundle["text/html"]
    assert "search_leads" in visible(final.bundle["text/html"])
    assert "search_leads" in final.bundle["text/plain"]


def test_widget_holds_the_transcript_before_the_output_is_replaced(kernel: Kernel) -> None:
    """A page that was reloaded in mid-run still has the widget: the end reaches it too, and first."""
    kernel.run("%puffle_wait run_abc")
    final = wait_until_replaced(kernel)[-1]
    in_widget = [
        number
        for number, message in enumerate(kernel.messages)
        if message.kind == "comm_msg" and "<details" in str(message.widget_state.get("value"))
    ]
    assert in_widget
    assert in_widget[0] < kernel.messages.index(final)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("%puffle_wait run_abc", 1),
        ("run = %puffle_wait run_abc", 1),
        ("run = %puffle_wait run_abc\nrun", 1),
        ("%puffle_wait run_abc;", 1),
        ("run_id = 'run_abc'\n%puffle_wait {run_id}", 1),
        ("run_id = 'run_abc'\n%puffle_wait $run_id", 1),
        ("%puffle_wait run_abc -q", 1),
        ("runs = %puffle_wait run_berlin run_paris", 2),
        ("%puffle_wait run_berlin run_paris", 2),
        ("%puffle_wait run_berlin\n%puffle_wait run_paris", 2),
        ("import puffle_jupyter; run = puffle_jupyter.watch('run_abc')", 0),
        ("import puffle_jupyter; run = puffle_jupyter.watch('run_abc'); run.show()", 1),
        ("import puffle_jupyter; puffle_jupyter.RunWidget('run_abc')", 1),
    ],
)
def test_one_view_per_run(kernel: Kernel, puffle: EmbeddedPuffle, code: str, count: int) -> None:
    """However it is written, each run is shown exactly once, and a plain watch not at all."""
    before = len(kernel.messages)
    cell = kernel.run(code)
    kernel.drain(0.3)
    assert len(kernel.displays(before)) == count
    assert cell.stdout == cell.stderr == ""


def test_later_cell_shows_the_watch_again(kernel: Kernel, puffle: EmbeddedPuffle) -> None:
    """Naming the watch in a later cell shows it there, without a second stream of polls."""
    kernel.run("%puffle_wait run_slow -i 0.5")
    before = puffle.requests["run_slow"]
    shown = len(kernel.messages)
    kernel.run("_")
    kernel.run("again = %puffle_wait run_slow -i 0.5\nagain is _")
    kernel.drain(2)
    assert len([m for m in kernel.displays(shown) if WIDGET_VIEW in m.bundle]) == 2
    assert puffle.requests["run_slow"] - before <= 6


def test_ended_run_costs_no_request(kernel: Kernel, puffle: EmbeddedPuffle) -> None:
    """A run that ended is shown again from memory."""
    kernel.run("%puffle_wait run_berlin --block")
    asked = puffle.requests["run_berlin"]
    before = len(kernel.messages)
    kernel.run("%puffle_wait run_berlin")
    kernel.drain(0.5)
    assert puffle.requests["run_berlin"] == asked
    bundles = [m.bundle for m in kernel.messages[before:] if m.bundle]
    assert "<details" in bundles[-1]["text/html"]
    assert WIDGET_VIEW not in bundles[-1]


def test_unchanged_run_sends_little(kernel: Kernel) -> None:
    """While only the clock moves, at most one small message a second is sent."""
    kernel.run("%puffle_wait run_slow -i 0.2")
    kernel.drain(4)  # past queued: running for a minute from here
    before = len(kernel.messages)
    kernel.drain(3)
    sent = kernel.messages[before:]
    assert {message.kind for message in sent} <= {"comm_msg"}
    assert len(sent) <= 4
    assert all(len(str(message.content)) < 1000 for message in sent)


def test_several_ids_come_back_in_order(kernel: Kernel) -> None:
    """Several ids give a list of watches in the order they were asked for."""
    kernel.run("runs = %puffle_wait run_paris run_berlin -b")
    assert kernel.evaluate("[run.run_id for run in runs]") == ["run_paris", "run_berlin"]
    assert kernel.evaluate("[str(run.status) for run in runs]") == ["completed", "completed"]


def test_headless_cell_waits_by_itself(kernel: Kernel) -> None:
    """Where nobody sees later updates (nbclient sends allow_stdin=False) the cell ends with its run."""
    cell = kernel.run("run = %puffle_wait run_abc", allow_stdin=False)
    assert cell.took > 1.5
    final = updates(cell.messages)[-1]
    assert "search_leads" in final.bundle["text/plain"]
    assert not any(WIDGET_VIEW in message.bundle for message in kernel.messages)
    assert not kernel.seen("comm_open")


def test_headless_magics_of_one_cell_wait_together(kernel: Kernel) -> None:
    """Two runs in one cell: the second is watched before the first has ended, and the cell has both ends."""
    kernel.run("a = %puffle_wait run_abc\nb = %puffle_wait run_paris", allow_stdin=False)
    assert kernel.evaluate("(a.done, b.done)") == (True, True)
    assert kernel.evaluate("b.history[0].at < a.history[-1].at") is True


@pytest.mark.parametrize(
    "settings",
    [
        "run = %puffle_wait run_slow --no-block",
        "%config PuffleMagics.block = False\nrun = %puffle_wait run_slow",
        "%config PuffleMagics.block = False\n"
        "import puffle_jupyter; run = puffle_jupyter.RunWidget('run_slow').watch",
        "import os; os.environ['PUFFLE_BLOCK'] = 'false'\n"
        "import puffle_jupyter; run = puffle_jupyter.RunWidget('run_slow').watch",
    ],
)
def test_headless_wait_can_be_refused(kernel: Kernel, settings: str) -> None:
    """--no-block, %config and PUFFLE_BLOCK win over what the front end suggests, for widgets too."""
    kernel.run(settings, allow_stdin=False)
    assert kernel.evaluate("run.done") is False


def is_displayed(kernel: Kernel, start: int) -> bool:
    return bool(kernel.displays(start))


def interrupted(kernel: Kernel, code: str) -> Cell:
    """Interrupt a cell that waits; three tries to end within a second, for the machine may be busy."""
    for _ in range(3):
        before = len(kernel.messages)
        cell = kernel.start(code)
        kernel.listen(partial(is_displayed, kernel, before), timeout=10, what="the badge")
        kernel.drain(0.5)
        asked = time.monotonic()
        kernel.interrupt()
        kernel.finish(cell)
        if (took := time.monotonic() - asked) < 1:
            return cell
    raise AssertionError(f"{code!r} went on for {took:.1f} s after it was interrupted, and twice before")


def test_interrupt_ends_the_wait_and_not_the_watch(kernel: Kernel) -> None:
    """Ctrl-C ends a blocking wait within a second; the run is still seen to complete."""
    cell = interrupted(kernel, "%puffle_wait run_abc --block")
    assert "still watching run_abc" in cell.said
    assert "Traceback" not in cell.said
    wait_until_replaced(kernel)


def test_interrupt_ends_an_await_and_not_the_watch(kernel: Kernel) -> None:
    """Ctrl-C ends `await watch` within a second; the run is still seen to complete."""
    assert interrupted(kernel, "run = %puffle_wait run_abc\nawait run").error is not None
    wait_until_replaced(kernel)
    assert kernel.evaluate("str(run.status)") == "completed"


def test_stop_button_stops_watching(kernel: Kernel, puffle: EmbeddedPuffle) -> None:
    """After Stop watching no poll is sent, and the view says that the run goes on."""
    kernel.run("import puffle_jupyter; w = puffle_jupyter.RunWidget('run_slow', interval=0.2); display(w)")
    # One that was sent before the click may be counted after it.
    kernel.listen(lambda: puffle.requests["run_slow"] > 0, timeout=10, what="the first poll")
    kernel.run(
        "import ipywidgets\n"
        "def buttons(box):\n"
        "    for child in box.children:\n"
        "        yield from [child] if isinstance(child, ipywidgets.Button) else buttons(child) "
        "if hasattr(child, 'children') else []\n"
        "next(buttons(w)).click()"
    )
    said = "the run continues"
    kernel.listen(lambda: any(said in str(message.widget_state) for message in kernel.messages), timeout=10)
    kernel.drain(0.5)
    asked = puffle.requests["run_slow"]
    kernel.drain(1)
    assert puffle.requests["run_slow"] == asked
    assert kernel.evaluate("w.watch.done") is True


@pytest.mark.parametrize("run_id", ["run_failed", "run_cancelled"])
def test_check_fails_the_cell_of_a_run_that_did_not_complete(kernel: Kernel, run_id: str) -> None:
    """--check raises our error in one line; without it the cell is fine and the view tells."""
    assert kernel.run(f"%puffle_wait {run_id} -b").error is None
    cell = kernel.run(f"%puffle_wait {run_id} --check", ok=False)
    assert cell.error is not None
    assert cell.error.startswith({"run_failed": "RunFailed", "run_cancelled": "RunCancelled"}[run_id])
    assert len(cell.traceback.strip().splitlines()) == 1


def test_timeout_stops_watching_in_words(kernel: Kernel) -> None:
    """-t ends the watch, says so in the view, and does not fail the cell."""
    cell = kernel.run("run = %puffle_wait run_slow -t 1 -b")
    assert cell.took > 0.9
    assert kernel.evaluate("str(run.status)") != "completed"
    kernel.drain(0.3)
    assert "the run continues" in visible(updates(kernel.messages)[-1].bundle["text/html"])


def test_await_lets_the_loop_turn(kernel: Kernel) -> None:
    """`await watch` gives the Run while the notebook's other asyncio tasks go on."""
    kernel.run(
        "import asyncio, puffle_jupyter\nturns = []\n"
        "async def turn():\n    while True:\n        turns.append(1); await asyncio.sleep(0.05)\n"
        "task = asyncio.create_task(turn())\n"
        "run = await puffle_jupyter.watch('run_berlin', interval=0.2)\ntask.cancel();"
    )
    assert kernel.evaluate("type(run).__name__, str(run.status)") == ("Run", "completed")
    assert kernel.evaluate("len(turns)") > 10


def test_nested_wait_lets_the_loop_turn(kernel: Kernel) -> None:
    """--nested blocks the cell while the notebook's other asyncio tasks go on."""
    cell = kernel.run(
        "import asyncio, sys\nturns = []\n"
        "async def turn():\n    while True:\n        turns.append(1); await asyncio.sleep(0.05)\n"
        "task = asyncio.create_task(turn())\n"
        "await asyncio.sleep(0.1); before = len(turns)\n"
        "%puffle_wait run_berlin --nested\nduring = len(turns) - before; task.cancel();",
        ok=False,
    )
    if kernel.evaluate("__import__('sys').version_info >= (3, 14)"):
        assert "3.14" in cell.said
    else:
        assert cell.error is None
        assert kernel.evaluate("during") > 10


def test_widgets_live_in_other_layouts(kernel: Kernel) -> None:
    """RunWidget is a VBox with read-only, observable traits, usable inside an HBox."""
    kernel.run(
        "import ipywidgets, puffle_jupyter\n"
        "from puffle_jupyter import RunWidget\n"
        "pair = [RunWidget('run_berlin', interval=0.2), RunWidget('run_failed')]\n"
        "seen = []\npair[0].observe(lambda change: seen.append(change.new), 'status')\n"
        "display(ipywidgets.HBox(pair))\nfor widget in pair: widget.watch.wait()"
    )
    kernel.listen(lambda: kernel.evaluate("pair[0].status") == "completed", timeout=10)
    assert kernel.evaluate("seen[-2:]") == ["running", "completed"]
    assert kernel.evaluate("isinstance(pair[0], ipywidgets.VBox), pair[0].run_id") == (True, "run_berlin")
    assert kernel.evaluate("type(pair[0].run).__name__, pair[1].run.error is not None") == ("Run", True)
    for name in ("run_id", "status", "run"):
        assert kernel.run(f"pair[0].{name} = 'x'", ok=False).error is not None


def test_result_is_the_text(kernel: Kernel) -> None:
    """watch.result() is the agent's final answer, and says why there is none."""
    kernel.run("done = %puffle_wait run_berlin\nfailed = %puffle_wait run_failed")
    assert kernel.evaluate("done.result() == done.run.text and len(done.result()) > 20") is True
    assert "RunFailed" in str(kernel.run("failed.result()", ok=False).error)


BAD_LINES = {
    "%puffle_wait": "needs a run id",
    "%puffle_wait abc": "'abc'",
    "%puffle_wait run_": "'run_'",
    "%puffle_wait run_a/b": "'run_a/b'",
    "%puffle_wait run_a?x": "'run_a?x'",
    "%puffle_wait run_..": "'run_..'",
    "%puffle_wait run_a/../run_b": "'run_a/../run_b'",
    "%puffle_wait 'run_a b'": "run_a b",
    "%puffle_wait run_abc abc": "'abc'",
    "run_id = 'run_a\\nrun_b'\n%puffle_wait {run_id}": "line break",
    "run_id = 'run_a\\x1b[31m'\n%puffle_wait {run_id}": "\\x1b",
    "%puffle_wait run_abc -i 0": "0",
    "%puffle_wait run_abc -i -1": "-1",
    "%puffle_wait run_abc -i nan": "nan",
    "%puffle_wait run_abc -i inf": "inf",
    "%puffle_wait run_abc -i x": "x",
    "%puffle_wait run_abc -i": "-i",
    "%puffle_wait run_abc -t 0": "0",
    "%puffle_wait run_abc -t soon": "soon",
    "%puffle_wait run_abc --token pk_live_x": "--token",
    "%puffle_wait run_abc --frobnicate": "--frobnicate",
    "%puffle_wait 'run_abc": "run_abc",
    "%puffle_demo dance": "dance",
    "%puffle_login pk_live_x": "takes no argument",
}


def assert_one_clear_line(cell: Cell, names: str) -> None:
    """One line (options may be listed before it), which names what was wrong; no traceback."""
    lines = [line for line in cell.said.splitlines() if line.strip()]
    assert "Traceback" not in cell.said
    assert "site-packages" not in cell.said
    assert len(lines) == 1, cell.said
    assert names in lines[0]


@pytest.mark.parametrize("code", BAD_LINES, ids=lambda code: code.splitlines()[-1])
def test_bad_line_gets_one_clear_line(
    shared_kernel: Kernel, shared_puffle: EmbeddedPuffle, code: str
) -> None:
    """A bad line names what is wrong, shows no traceback, sends nothing, and leaves other watches alone."""
    asked = {run: count for run, count in shared_puffle.requests.items() if run != "run_slow"}
    cell = shared_kernel.run(code, ok=False)
    assert_one_clear_line(cell, BAD_LINES[code])
    assert not shared_kernel.displays(shared_kernel.messages.index(cell.messages[0]))
    assert {run: count for run, count in shared_puffle.requests.items() if run != "run_slow"} == asked
    assert shared_kernel.evaluate("other.done") is False


@pytest.mark.parametrize(
    "setting",
    [
        "interval = 0",
        "interval = 'x'",
        "timeout = -1",
        "block = 'maybe'",
        "base_url = 'http://puffle.example'",
        "base_url = 'nowhere'",
    ],
)
def test_bad_config_is_refused_and_changes_nothing(shared_kernel: Kernel, setting: str) -> None:
    """%config PuffleMagics refuses a bad value in words and keeps the old one."""
    name = setting.split()[0]
    get = f"repr(next(c for c in get_ipython().configurables if type(c).__name__ == 'PuffleMagics').{name})"
    before = shared_kernel.evaluate(get)
    try:
        cell = shared_kernel.run(f"%config PuffleMagics.{setting}", ok=False)
        assert_one_clear_line(cell, name)
        assert shared_kernel.evaluate(get) == before
    finally:
        # After a refused address nothing is sent until one is accepted.
        shared_kernel.run("%config PuffleMagics.base_url = None")


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (None, "No API key"),
        ("", "No API key"),
        ("pk_live_secret\nX-Evil: 1", "API key"),
        ("pk_live_ключ", "API key"),
    ],
    ids=["unset", "empty", "newline", "not ASCII"],
)
def test_bad_key_gets_one_clear_line(
    shared_kernel: Kernel, shared_puffle: EmbeddedPuffle, key: str | None, names: str
) -> None:
    """Without a usable key nothing is sent, one line says what to do, and no part of the key is shown."""
    shared_kernel.run("import os; kept = os.environ.pop('PUFFLE_API_KEY')")
    try:
        if key is not None:
            shared_kernel.run(f"os.environ['PUFFLE_API_KEY'] = {key!r}")
        asked = shared_puffle.requests["run_abc"]
        cell = shared_kernel.run("%puffle_wait run_abc", ok=False)
        assert_one_clear_line(cell, names)
        assert not key or key[8:12] not in cell.said
        assert shared_puffle.requests["run_abc"] == asked
    finally:
        shared_kernel.run("os.environ['PUFFLE_API_KEY'] = kept")


def test_login_without_a_person_says_so(shared_kernel: Kernel) -> None:
    """%puffle_login in a headless notebook ends in one line, not in a wait for input."""
    cell = shared_kernel.run("%puffle_login", allow_stdin=False, ok=False)
    assert_one_clear_line(cell, "PUFFLE_API_KEY")


def test_key_is_asked_for_without_echo(tmp_path: Path, puffle: EmbeddedPuffle) -> None:
    """%puffle_login asks as for a password, the key works, and appears in no message and no history."""
    with running_kernel(tmp_path, PUFFLE_BASE_URL=puffle.base_url) as kernel:
        kernel.run("%load_ext puffle_jupyter")
        cell = kernel.start("%puffle_login")
        asked = kernel.client.get_stdin_msg(timeout=10)
        assert asked["content"]["password"] is True
        kernel.client.input(DEMO_KEY)
        kernel.finish(cell)
        kernel.run("run = %puffle_wait run_berlin -b -i 0.2")
        assert kernel.evaluate("str(run.status)") == "completed"
        kernel.run("%history\nrun\nrun.client")
        assert DEMO_KEY not in repr(kernel.messages)


def test_key_never_shows_in_a_verbose_traceback(kernel: Kernel) -> None:
    """%xmode Verbose prints the locals of every frame; the key is not among them."""
    kernel.run("%xmode Verbose\nimport puffle_jupyter\nclient = puffle_jupyter.PuffleClient()")
    cell = kernel.run("client.get_run('run_unknown')", ok=False)
    assert "RunNotFound" in str(cell.error)
    assert DEMO_KEY not in repr(kernel.messages)
    kernel.run("client.close()")


def test_help_is_good_help(shared_kernel: Kernel) -> None:
    """%puffle_wait? names every option and shows an example."""
    shared_kernel.client.execute("%puffle_wait?", allow_stdin=False)
    reply = shared_kernel.client.get_shell_msg(timeout=10)
    while not reply["content"].get("payload"):
        reply = shared_kernel.client.get_shell_msg(timeout=10)
    text = reply["content"]["payload"][0]["data"]["text/plain"]
    for word in (
        "--interval",
        "--timeout",
        "--block",
        "--no-block",
        "--check",
        "--nested",
        "--quiet",
        "RUN_ID",
    ):
        assert word in text
    assert "%puffle_wait run_abc" in text


def test_extension_loads_unloads_and_reloads(kernel: Kernel, puffle: EmbeddedPuffle) -> None:
    """Unloading takes the magics and stops every watch; loading again works, twice is harmless."""
    kernel.run("run = %puffle_wait run_slow -i 0.2")
    kernel.run("%unload_ext puffle_jupyter")
    assert "not found" in kernel.run("%puffle_wait run_abc", ok=False).said
    kernel.listen(lambda: kernel.evaluate("run.done") is True, timeout=5)
    asked = puffle.requests["run_slow"]
    kernel.drain(0.8)
    assert puffle.requests["run_slow"] == asked
    kernel.run("%load_ext puffle_jupyter\n%load_ext puffle_jupyter\n%reload_ext puffle_jupyter")
    kernel.run("again = %puffle_wait run_berlin -b -i 0.2")
    assert kernel.evaluate("str(again.status)") == "completed"


def test_reload_keeps_what_is_live(kernel: Kernel, puffle: EmbeddedPuffle) -> None:
    """%reload_ext in the middle of a run loses no watch, and the magic shows the same one, once."""
    kernel.run("run = %puffle_wait run_slow -i 0.5\n%reload_ext puffle_jupyter")
    before = len(kernel.messages)
    kernel.run("again = %puffle_wait run_slow -i 0.5")
    asked = puffle.requests["run_slow"]
    kernel.drain(2)
    assert len(kernel.displays(before)) == 1
    assert kernel.evaluate("again is run, again.done") == (True, False)
    assert puffle.requests["run_slow"] - asked <= 6


def test_demo_needs_no_account(tmp_path: Path) -> None:
    """%puffle_demo starts a Puffle in the kernel, names its runs, and is left again without a trace."""
    with running_kernel(tmp_path) as kernel:
        kernel.run("%load_ext puffle_jupyter")
        said = kernel.run("%puffle_demo").said
        assert "run_abc" in said
        assert "127.0.0.1" not in said  # its port differs at each start, and a saved notebook shall not
        assert kernel.run("%puffle_demo").error is None
        kernel.run("run = %puffle_wait run_berlin -b -i 0.2")
        assert kernel.evaluate("str(run.status)") == "completed"
        kernel.run("slow = %puffle_wait run_slow")
        kernel.run("%puffle_demo stop")
        kernel.run("%puffle_demo stop")
        kernel.listen(lambda: kernel.evaluate("slow.done") is True, timeout=20)
        assert_one_clear_line(kernel.run("%puffle_wait run_abc", ok=False), "No API key")


def test_flaky_service_is_ridden_out(kernel: Kernel) -> None:
    """429 with Retry-After, 503 and dropped connections end no watch; the badge tells in words meanwhile."""
    before = len(kernel.messages)
    kernel.run("run = %puffle_wait run_flaky -b", timeout=60)
    assert kernel.evaluate("str(run.status)") == "completed"
    told = " ".join(visible(str(m.widget_state.get("value", ""))) for m in kernel.messages[before:]).lower()
    assert "rate limited" in told
    assert "unreachable" in told


def test_kernel_shuts_down_at_once_with_a_live_watch(kernel: Kernel, tmp_path: Path) -> None:
    """A live watch does not hold up the end of the kernel, which ends in peace."""
    kernel.run("%puffle_wait run_slow")
    started = time.monotonic()
    kernel.manager.shutdown_kernel(now=False)
    assert time.monotonic() - started < 3
    assert not kernel.manager.is_alive()
    log = (tmp_path / KERNEL_LOG).read_text(errors="replace")
    assert "Traceback" not in log
    assert "destroyed" not in log


@pytest.mark.parametrize(
    ("line", "expected"),
    [("%puffle_wait --no", "--no-block"), ("watch = %puffle_wait run_s", "run_slow")],
)
def test_tab_completes_a_line_of_the_magic(shared_kernel: Kernel, line: str, expected: str) -> None:
    """A front end's request for completions gets options, and the runs that this kernel knows."""
    asked = shared_kernel.client.complete(line, len(line))
    while (reply := shared_kernel.client.get_shell_msg(timeout=30))["parent_header"].get("msg_id") != asked:
        pass
    assert expected in reply["content"]["matches"]
