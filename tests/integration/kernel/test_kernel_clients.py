"""Clients that never change an output: their cell waits, and the end is a new output."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.kernel import WIDGET_VIEW, Cell, Kernel, running_kernel

pytestmark = pytest.mark.kernel
CONSOLE: dict[str, object] = {}
"""What jupyter console, qtconsole, euporie and jupyter-server-nbmodel send as the metadata of a request."""


@pytest.fixture(scope="module")
def shared_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel"), PUFFLE_API_KEY=DEMO_KEY) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Iterator[Kernel]:
    """A kernel in which no run is known yet; each test has a Puffle of its own, where none has begun."""
    with EmbeddedPuffle(time_scale=2) as server:
        shared_kernel.run(
            f"import os; os.environ['PUFFLE_BASE_URL'] = {server.base_url!r}\n%load_ext puffle_jupyter\n"
            "%config PuffleMagics.updates = 'auto'"  # what %config said outlives the extension
        )
        shared_kernel.messages.clear()
        yield shared_kernel
        shared_kernel.run("%unload_ext puffle_jupyter")


def texts(cell: Cell) -> list[str]:
    return [message.bundle["text/plain"] for message in cell.of_kind("display_data")]


def has_displayed(kernel: Kernel, start: int) -> bool:
    return bool(kernel.displays(start))


@pytest.mark.parametrize("options", ["", " -b", " --check"])
def test_the_end_is_a_new_output(kernel: Kernel, options: str) -> None:
    """The state, then the transcript; no update and no widget, which some of these clients stop at."""
    cell = kernel.run(f"watch = %puffle_wait run_abc -i 0.2{options}", metadata=CONSOLE)
    first, *_, last = texts(cell)
    assert "waits for the end" in first
    assert "search_leads" in last
    assert cell.said.count("search_leads") == last.count("search_leads")
    assert not kernel.seen("update_display_data")
    assert not kernel.seen("comm_open")
    assert not any(WIDGET_VIEW in message.bundle for message in kernel.messages)


def test_an_ended_run_is_one_output(kernel: Kernel) -> None:
    """Nothing says that it waits when there is nothing to wait for."""
    kernel.run("watch = %puffle_wait run_abc -b -i 0.2", metadata=CONSOLE)
    (shown,) = texts(kernel.run("watch.show()", metadata=CONSOLE))
    assert "search_leads" in shown
    assert "waits" not in shown


def test_a_cell_that_does_not_wait_says_how_to_see_the_end(kernel: Kernel) -> None:
    """--no-block wins, and the output is honest about what it cannot show."""
    (shown,) = texts(kernel.run("watch = %puffle_wait run_slow --no-block", metadata=CONSOLE))
    assert "Run the cell again" in shown
    assert kernel.evaluate("watch.done") is False


def test_interrupting_it_detaches(kernel: Kernel) -> None:
    """The watch continues, and the cell that shows it again has the end."""
    for _ in range(3):  # the machine may be busy
        before = len(kernel.messages)
        cell = kernel.start("watch = %puffle_wait run_abc -i 0.2", metadata=CONSOLE)
        kernel.listen(partial(has_displayed, kernel, before), timeout=10, what="the state")
        kernel.drain(0.5)
        asked = time.monotonic()
        kernel.interrupt()
        kernel.finish(cell)
        if (took := time.monotonic() - asked) < 1:
            break
    assert took < 1
    assert "still watching run_abc" in cell.said
    assert "Traceback" not in cell.said
    again = kernel.run("watch.wait();", metadata=CONSOLE)
    assert kernel.evaluate("str(watch.status)") == "completed"
    assert not again.of_kind("update_display_data")


def test_config_decides_whether_outputs_can_change(kernel: Kernel) -> None:
    """A program that is not known is set right by hand, either way."""
    kernel.run("%config PuffleMagics.updates = False")
    cell = kernel.run("watch = %puffle_wait run_abc -i 0.2")
    assert len(texts(cell)) == 2
    assert not kernel.seen("update_display_data")
    kernel.run("%config PuffleMagics.updates = True")
    kernel.run("watch = %puffle_wait run_slow", metadata=CONSOLE)
    assert kernel.evaluate("watch.done") is False
    assert kernel.seen("comm_open")


LAYOUT = "import ipywidgets\nfrom puffle_jupyter import RunWidget\n"


def test_a_widget_there_is_no_widget(kernel: Kernel) -> None:
    """By itself it opens no comm; a layout is what its runs show, each with its end as a new output."""
    kernel.run(f"{LAYOUT}widget = RunWidget('run_berlin', interval=0.2)\nwidget", metadata=CONSOLE)
    assert not kernel.seen("comm_open")
    cell = kernel.run("ipywidgets.HBox([widget, RunWidget('run_failed')])", metadata=CONSOLE)
    shown = texts(cell)
    for run_id in ("run_berlin", "run_failed"):
        assert any(text.startswith(("✓ completed", "✗ failed")) and run_id in text for text in shown)
    mixed = texts(kernel.run("ipywidgets.VBox([ipywidgets.IntSlider(), widget])", metadata=CONSOLE))
    assert mixed[0].startswith("Here is a widget (IntSlider)")
    assert "run_berlin" in mixed[-1]
    assert not any(WIDGET_VIEW in message.bundle for message in kernel.messages)
    assert not kernel.seen("update_display_data")


def test_where_widgets_are_drawn_a_layout_stays_one(kernel: Kernel) -> None:
    """Also in a kernel whose cells a headless client ran before, and with a widget that was made there."""
    kernel.run(f"{LAYOUT}widget = RunWidget('run_berlin', interval=0.2)", allow_stdin=False)
    assert not kernel.seen("comm_open")
    cell = kernel.run("ipywidgets.HBox([widget])", metadata={"cellId": "1"})
    (shown,) = [message for message in cell.messages if WIDGET_VIEW in message.bundle]
    (state,) = [
        message.widget_state
        for message in kernel.seen("comm_open")
        if message.content["comm_id"] == shown.bundle[WIDGET_VIEW]["model_id"]
    ]
    assert len(state["children"]) == 1
    kernel.listen(
        lambda: any("Transcript" in str(value) for value in kernel.traits("value")),
        timeout=20,
        what="the ended run in its widget",
    )
