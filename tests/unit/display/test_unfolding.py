"""How much of an ended run is unfolded, in a real kernel: closed only where the person has gone on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from puffle_jupyter import InvalidSetting
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.display.unfolding import arrangement_of_ended
from puffle_jupyter.read_settings import read_transcript
from puffle_jupyter.render.arrangement import AS_IT_IS, BRIEF, Arrangement
from puffle_jupyter.settings import current_settings
from tests.support.kernel import WIDGET_VIEW, Kernel, Message, running_kernel

pytestmark = pytest.mark.kernel
REST = "show all 1,735 characters"
IN_LAYOUT = "from ipywidgets import HBox\nfrom puffle_jupyter import RunWidget\nHBox([RunWidget('run_abc')])"


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel with the extension loaded; run_abc takes 2.5 s from its first request."""
    with (
        EmbeddedPuffle(time_scale=2) as puffle,
        running_kernel(tmp_path, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url) as kernel,
    ):
        kernel.run("%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.2")
        yield kernel


def final_html(kernel: Kernel, start: int) -> str:
    """The html of the output that shows the ended run, once there is one."""

    def final() -> list[Message]:
        kinds = ("display_data", "update_display_data")
        found = [message for message in kernel.messages[start:] if message.kind in kinds]
        found = [message for message in found if WIDGET_VIEW not in message.bundle]
        return [message for message in found if "Raw JSON" in message.bundle.get("text/html", "")]

    kernel.listen(lambda: bool(final()), timeout=20, what="the ended run")
    return str(final()[-1].bundle["text/html"])


def widget_html(kernel: Kernel, start: int) -> str:
    """The html that a widget shows of the ended run."""

    def final() -> list[str]:
        return [value for value in kernel.traits("value", start) if "Raw JSON" in str(value)]

    kernel.listen(lambda: bool(final()), timeout=20, what="the ended run in its widget")
    return final()[-1]


def is_brief(shown: str) -> bool:
    """Whether the transcript is closed and the answer is cut; else neither is: there is no state between."""
    before, transcript, _ = shown.partition(">Transcript</b>")
    brief = (REST in shown, " open>" not in before, bool(transcript))
    assert brief in ((True, True, True), (False, False, True)), brief
    return brief[0]


def test_a_run_that_ends_while_the_person_is_elsewhere(kernel: Kernel) -> None:
    """Its output is brief, whether the kernel is idle or busy with another cell; shown again it is whole."""
    kernel.run("run = %puffle_wait run_abc")
    kernel.run("while not run.done: pass")
    assert is_brief(final_html(kernel, 0))
    for cell in ("run.show()", "%puffle_wait run_abc"):
        start = len(kernel.messages)
        kernel.run(cell)
        assert not is_brief(final_html(kernel, start)), cell


@pytest.mark.parametrize(
    "cell",
    [
        "%puffle_wait run_abc -b",
        "%puffle_wait run_abc --check",
        "run = %puffle_wait run_abc\nrun.result()",
        "%config PuffleMagics.block = True\n%puffle_wait run_abc",
    ],
    ids=["block", "check", "waiting in the cell", "waiting at its end"],
)
def test_a_cell_that_waits(kernel: Kernel, cell: str) -> None:
    """The person waits for just that: everything is open."""
    kernel.run(cell)
    assert not is_brief(final_html(kernel, 0))


def test_a_run_that_had_ended_before(kernel: Kernel) -> None:
    """The first poll finds it ended, though the cell is over by then: everything is open."""
    kernel.run(
        "from puffle_jupyter import PuffleClient\nclient = PuffleClient()\n"
        "while not client.get_run('run_abc').status.is_terminal: pass\nclient.close()"
    )
    start = len(kernel.messages)
    kernel.run("run = %puffle_wait run_abc")
    assert not is_brief(final_html(kernel, start))
    assert kernel.evaluate("run.snapshot.polls") == 1


def test_a_headless_run(kernel: Kernel) -> None:
    """Nobody types there: everything is open."""
    kernel.run("%puffle_wait run_abc", allow_stdin=False)
    assert not is_brief(final_html(kernel, 0))


def test_an_interrupted_wait_is_over(kernel: Kernel) -> None:
    """The watch goes on and the person too: what comes later is brief."""
    waiting = kernel.start("%puffle_wait run_abc -b")
    kernel.listen(lambda: "running" in str(kernel.traits("value")), timeout=20, what="the running badge")
    kernel.interrupt()
    kernel.finish(waiting)
    assert is_brief(final_html(kernel, 0))


def test_a_widget_in_a_layout(kernel: Kernel) -> None:
    """The same rule; emptied, its field for finding leaves it as it was."""
    kernel.run(f"{IN_LAYOUT}\nbox = _ = HBox([RunWidget('run_abc')])\nbox")
    assert is_brief(widget_html(kernel, 0))
    start = len(kernel.messages)
    kernel.run("box.children[0].children[1].find('founders')\nbox.children[0].children[1].find('')")
    assert is_brief(widget_html(kernel, start))


@pytest.mark.parametrize("setting", ["open", "closed"])
def test_the_setting_means_it_everywhere(kernel: Kernel, setting: str) -> None:
    """Elsewhere, in the cell that waits, shown again, in a layout, headless: as the setting says."""
    kernel.run(f"%config PuffleMagics.transcript = {setting!r}")
    kernel.run("run = %puffle_wait run_abc")
    found = [is_brief(final_html(kernel, 0))]
    for cell, headless in (("run.show()", False), ("%puffle_wait run_abc -b", False), ("run.show()", True)):
        start = len(kernel.messages)
        kernel.run(cell, allow_stdin=not headless)
        found.append(is_brief(final_html(kernel, start)))
    start = len(kernel.messages)
    kernel.run(IN_LAYOUT)
    found.append(is_brief(widget_html(kernel, start)))
    assert found == [setting == "closed"] * 5


def test_another_word_is_refused(kernel: Kernel) -> None:
    """%config keeps the old value and says what it takes; %unload_ext ends a setting."""
    refused = kernel.run("%config PuffleMagics.transcript = 'folded'", ok=False)
    assert 'transcript must be "auto", "open" or "closed", not \'folded\'' in refused.said
    kernel.run("%config PuffleMagics.transcript = 'closed'\n%unload_ext puffle_jupyter")
    setting = "__import__('puffle_jupyter.settings').settings.current_settings.now.transcript.value"
    assert kernel.evaluate(setting) == "auto"


@pytest.mark.parametrize(
    ("setting", "elsewhere", "here"),
    [("auto", BRIEF, AS_IT_IS), ("open", AS_IT_IS, AS_IT_IS), ("closed", BRIEF, BRIEF)],
)
def test_the_rule(setting: str, elsewhere: Arrangement, here: Arrangement) -> None:
    """Three settings, two places."""
    with current_settings.changed(transcript=read_transcript(setting)):
        assert arrangement_of_ended(person_is_elsewhere=True) is elsewhere
        assert arrangement_of_ended(person_is_elsewhere=False) is here


@pytest.mark.parametrize("value", ["Open", "", None, True, 1, ["open"]])
def test_what_is_no_setting(value: object) -> None:
    """The error says what it was and what is taken."""
    with pytest.raises(InvalidSetting, match='"auto", "open" or "closed", not'):
        read_transcript(value)
