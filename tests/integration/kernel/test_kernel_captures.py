"""Runs that end, and watches that are shown, while something captures or redirects output: a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.kernel import WIDGET_VIEW, Cell, Kernel, Message, running_kernel

pytestmark = pytest.mark.kernel
UNTIL_IT_ENDED = "while not run.done: time.sleep(0.05)"
CAPTURED = "[(sorted(o.data), o.data['text/html'], o.data['text/plain']) for o in cap.outputs if o.data]"
OTHER_CELLS = {
    "%%capture": f"%%capture cap\n{UNTIL_IT_ENDED}",
    "capture_output": f"with capture_output() as cap:\n    {UNTIL_IT_ENDED}",
    "nested": f"with capture_output(), capture_output() as cap:\n    {UNTIL_IT_ENDED}",
    "in a thread": (
        "def capture():\n    global cap\n"
        "    with capture_output() as cap:\n        while not run.done: time.sleep(0.05)\n"
        "thread = threading.Thread(target=capture); thread.start(); thread.join()"
    ),
    "Output": f"cap = None\nwith ipywidgets.Output():\n    {UNTIL_IT_ENDED}",
    "redirect_stdout": f"cap = None\nwith contextlib.redirect_stdout(None):\n    {UNTIL_IT_ENDED}",
    "clear_output": f"cap = None\nclear_output(wait=True)\n{UNTIL_IT_ENDED}\nclear_output()",
    "hook": (
        "cap, held = None, []\nget_ipython().display_pub.register_hook(held.append)\n"
        f"{UNTIL_IT_ENDED}\nget_ipython().display_pub.unregister_hook(held.append);\nassert not held"
    ),
}


@pytest.fixture(scope="module")
def shared_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel"), PUFFLE_API_KEY=DEMO_KEY) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Iterator[Kernel]:
    """A kernel in which no run is known yet; each test has a Puffle of its own, where none has begun."""
    with EmbeddedPuffle(time_scale=2) as server:
        shared_kernel.run(
            "import contextlib, os, threading, time, ipywidgets\n"
            "from IPython.display import clear_output\nfrom IPython.utils.capture import capture_output\n"
            f"os.environ['PUFFLE_BASE_URL'] = {server.base_url!r}\n"
            "%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.1"
        )
        shared_kernel.messages.clear()
        yield shared_kernel
        shared_kernel.run("%unload_ext puffle_jupyter")


def last_update(kernel: Kernel, cell: Cell) -> Message:
    """The last update of the one output that ``cell`` showed."""
    (shown,) = cell.of_kind("display_data")
    updates = [m for m in kernel.seen("update_display_data") if m.display_id == shown.display_id]
    return updates[-1]


def wait_for_end(kernel: Kernel, cell: Cell) -> Message:
    """The update that leaves html and text alone in the output of ``cell``."""

    def is_final() -> bool:
        (shown,) = cell.of_kind("display_data")
        updates = [m for m in kernel.seen("update_display_data") if m.display_id == shown.display_id]
        return bool(updates) and WIDGET_VIEW not in updates[-1].bundle

    kernel.listen(is_final, timeout=20, what="the finished transcript")
    return last_update(kernel, cell)


def assert_finished(bundle: dict[str, Any]) -> None:
    assert bundle.keys() == {"text/html", "text/plain"}
    assert "search_leads" in bundle["text/html"]
    assert "search_leads" in bundle["text/plain"]


@pytest.mark.parametrize("other", OTHER_CELLS.values(), ids=OTHER_CELLS)
def test_a_run_that_ends_while_another_cell_captures(kernel: Kernel, other: str) -> None:
    """Its own output becomes the transcript, sent for its own cell, and the capture holds nothing of it."""
    watching = kernel.run("run = %puffle_wait run_abc")
    cell = kernel.run(other)
    final = wait_for_end(kernel, watching)
    assert_finished(final.bundle)
    assert final.parent == watching.identifier
    assert final in cell.meanwhile
    assert kernel.evaluate("cap and (cap.stdout, cap.stderr, cap.outputs)") in (None, ("", "", []))
    assert cell.said.strip() == ""
    kernel.run("clear_output()")


def test_a_run_that_ends_within_an_output_widget_of_its_own_cell(kernel: Kernel) -> None:
    """JupyterLab gives that widget what is sent for the cell, and it drops updates: one comes after it."""
    cell = kernel.run(
        f"run = %puffle_wait run_abc\nwith ipywidgets.Output():\n    {UNTIL_IT_ENDED}\nprint('left')"
    )
    names = {"comm_msg": "returned", "update_display_data": "final", "stream": "left"}
    kinds = [
        names[message.kind]
        for message in cell.messages
        if message.widget_state.get("msg_id") == ""
        or message.content.get("text", "").startswith("left")
        or (message.kind == "update_display_data" and WIDGET_VIEW not in message.bundle)
        if message.kind in names
    ]
    assert kinds == ["final", "returned", "final", "left"]
    assert_finished(last_update(kernel, cell).bundle)


@pytest.mark.parametrize(
    "code",
    [
        "%%capture cap\nrun = %puffle_wait run_abc",
        "%%capture cap\n%puffle_wait run_abc",
        "import puffle_jupyter\nwith capture_output() as cap:\n    puffle_jupyter.watch('run_abc').show()",
        "%%capture cap\nimport puffle_jupyter\nrun = puffle_jupyter.watch('run_abc', interval=0.1)\nrun",
        "%%capture cap\nimport puffle_jupyter\npuffle_jupyter.RunWidget('run_abc')",
        "with capture_output():\n    with capture_output() as cap:\n        run = %puffle_wait run_abc",
    ],
)
def test_a_watch_that_is_shown_under_a_capture(kernel: Kernel, code: str) -> None:
    """It is captured as html and text that say how to see it; nothing is shown, and no widget captured."""
    cell = kernel.run(code)
    ((types, html, text),) = kernel.evaluate(CAPTURED)
    assert types == ["text/html", "text/plain"]
    assert "watch.show()" in html
    assert "watch.show()" in text
    assert not kernel.displays()
    assert cell.said.strip() == ""


def test_a_capture_that_is_shown_after_the_end(kernel: Kernel) -> None:
    """The capture has got the end meanwhile, and showing it leaves the transcript in the cell."""
    kernel.run("%%capture cap\nrun = %puffle_wait run_abc")
    kernel.run(UNTIL_IT_ENDED)
    assert not kernel.displays()
    assert not kernel.seen("update_display_data")
    cell = kernel.run("cap.show()")
    assert_finished(last_update(kernel, cell).bundle)
    captured = kernel.evaluate(CAPTURED)
    assert len(captured) == 2
    assert "watch.show()" not in captured[1][1]


def test_a_watch_can_be_shown_after_its_capture(kernel: Kernel) -> None:
    """`watch.show()` shows it live, as the captured html says."""
    kernel.run("%%capture\nrun = %puffle_wait run_abc")
    cell = kernel.run("run.show()")
    (shown,) = cell.of_kind("display_data")
    assert WIDGET_VIEW in shown.bundle
    assert_finished(wait_for_end(kernel, cell).bundle)


def test_a_run_that_had_ended_is_captured_whole(kernel: Kernel) -> None:
    """There is nothing to wait for: the capture holds the transcript, `explore()` without a widget too."""
    kernel.run("run = %puffle_wait run_abc -b")
    for code in ("run.show()", "run.run.explore()"):
        kernel.run(f"with capture_output() as cap:\n    {code}")
        ((types, html, _),) = kernel.evaluate(CAPTURED)
        assert types == ["text/html", "text/plain"]
        assert "search_leads" in html
        assert "watch.show()" not in html


@pytest.mark.parametrize(
    "code", ["%%capture cap\nrun = %puffle_wait run_abc -b", "%%capture cap\n%puffle_wait run_abc"]
)
def test_a_captured_cell_that_waits_holds_the_transcript(kernel: Kernel, code: str) -> None:
    """Asked to block, or headless, a captured cell ends with its run, and its capture with the transcript."""
    kernel.run(code, allow_stdin="-b" in code)
    assert "search_leads" in kernel.evaluate(CAPTURED)[-1][1]
    assert not kernel.displays()
