"""%%puffle_chat in a real kernel, judged by the raw messages a front end would be sent."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.html_check import foreign_parts, text_of
from tests.support.kernel import WIDGET_VIEW, Cell, Kernel, Message, running_kernel

pytestmark = pytest.mark.kernel

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MESSAGE = "Find <b>founders</b>\n  in Rome"


@pytest.fixture
def puffle() -> Iterator[EmbeddedPuffle]:
    with EmbeddedPuffle(time_scale=4) as server:
        yield server


@pytest.fixture
def kernel(tmp_path: Path, puffle: EmbeddedPuffle) -> Iterator[Kernel]:
    with another_kernel(tmp_path, puffle) as kernel:
        yield kernel


@contextmanager
def another_kernel(folder: Path, puffle: EmbeddedPuffle) -> Iterator[Kernel]:
    """A kernel of the notebook ``folder/a.ipynb``, with the state of the user whose home is ``folder``."""
    with running_kernel(
        folder,
        PUFFLE_API_KEY=DEMO_KEY,
        PUFFLE_BASE_URL=puffle.base_url,
        JPY_SESSION_NAME=str(folder / "a.ipynb"),
    ) as kernel:
        kernel.run("%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.2")
        yield kernel


def shown_by(cell: Cell) -> list[Message]:
    return cell.of_kind("display_data")


def wait_for_end(kernel: Kernel) -> Message:
    """Wait until the output is replaced by html and text; return the message that does it."""

    def final() -> list[Message]:
        return [m for m in kernel.seen("update_display_data") if WIDGET_VIEW not in m.bundle]

    kernel.listen(lambda: bool(final()), timeout=20, what="the finished transcript")
    return final()[-1]


def test_the_message_is_above_the_badge(kernel: Kernel) -> None:
    """Two outputs: the message as html and text, which nothing changes, then the badge."""
    cell = kernel.run(f"%%puffle_chat leads\n{MESSAGE}")
    asked, badge = shown_by(cell)
    assert asked.bundle.keys() == {"text/html", "text/plain"}
    assert asked.display_id is None
    assert MESSAGE in text_of(asked.bundle["text/html"])
    assert foreign_parts(asked.bundle["text/html"]) == []
    (uuid,) = UUID.findall(asked.bundle["text/html"])
    assert f"conversation {uuid[:4]}…, turn 1" in text_of(asked.bundle["text/html"])
    assert asked.bundle["text/plain"] == f"◇ {MESSAGE}\nconversation {uuid}, turn 1"
    assert WIDGET_VIEW in badge.bundle
    final = wait_for_end(kernel)
    assert final.display_id == badge.display_id
    assert "I searched for “Find <b>founders</b> in Rome”" in final.bundle["text/plain"]
    assert kernel.evaluate("(type(leads).__name__, leads.status.value)") == ("RunWatch", "completed")


def test_the_cell_returns_at_once_and_the_next_goes_on(kernel: Kernel) -> None:
    """A turn while the last one runs: the same conversation, and it is said."""
    first = kernel.run("%%puffle_chat\none")
    second = kernel.run("w = %puffle_chat two, is that right?")
    assert first.took < 2
    texts = [shown_by(cell)[0].bundle["text/plain"] for cell in (first, second)]
    (uuid,) = set(UUID.findall(" ".join(texts)))
    assert texts[1] == f"◇ two, is that right?\nconversation {uuid}, turn 2 · sent while turn 1 still ran"
    assert not [message for message in first.messages if message.kind in ("stream", "error")]


def test_a_restart_and_run_all_send_nothing_twice(tmp_path: Path, puffle: EmbeddedPuffle) -> None:
    """Two kernels of one notebook, one after the other: the second shows the runs of the first."""
    cells = ["%config PuffleMagics.once = True", "%%puffle_chat a\nfirst", "%%puffle_chat a\nsecond"]
    texts: list[list[str]] = []
    for _ in range(2):
        with another_kernel(tmp_path, puffle) as kernel:
            ran = [kernel.run(code) for code in cells]
            texts.append([shown_by(cell)[0].bundle["text/plain"] for cell in ran[1:]])
            kernel.evaluate("a.result()[:1]")
            run_id = kernel.evaluate("a.run_id")
            assert puffle.requests[run_id] > 0
    assert len(puffle.requests) == 2
    assert all(after.startswith(before.partition(" · ")[0]) for before, after in zip(*texts, strict=True))
    assert all("not sent again: this is its run" in text for text in texts[1])


def test_a_kernel_that_is_killed_while_it_sends(tmp_path: Path) -> None:
    """The note was there before: with once the next kernel does not send it again, and says why."""
    with EmbeddedPuffle(latency=3) as puffle:
        with another_kernel(tmp_path, puffle) as kernel:
            cell = kernel.start("%%puffle_chat\nact")
            kernel.listen(lambda: cell.busy_at is not None, timeout=10, what="the cell")
            state = tmp_path / "state" / "puffle_jupyter" / "chats.sqlite3"
            deadline = time.monotonic() + 10
            while not (state.exists() and b"sending" in state.read_bytes()):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            kernel.manager.shutdown_kernel(now=True)
        with another_kernel(tmp_path, puffle) as kernel:
            cell = kernel.run("%%puffle_chat --once\nact", ok=False)
    assert cell.error is not None
    assert cell.error.startswith("StartNotConfirmed: This message was sent on")
    assert "It is not sent again, since once is set." in cell.error
    assert "Traceback" not in cell.said


def test_ctrl_c_while_it_is_sent(tmp_path: Path) -> None:
    """One line within a second; the answer is noted all the same, and once shows its run."""
    with EmbeddedPuffle(latency=2) as puffle, another_kernel(tmp_path, puffle) as kernel:
        cell = kernel.start("%%puffle_chat\nact")
        kernel.drain(1.0)
        began = time.monotonic()
        kernel.interrupt()
        kernel.finish(cell)
        assert time.monotonic() - began < 1.0
        assert cell.error is not None
        assert "the chat may have started" in cell.error
        assert "File " not in cell.traceback
        again = kernel.run("%%puffle_chat --once --no-block\nact")
        assert "turn 1 · sent on" in shown_by(again)[0].bundle["text/plain"]


def test_errors_are_one_line(kernel: Kernel, puffle: EmbeddedPuffle) -> None:
    """No traceback of ours: before the request and after it."""
    for code, words in (
        ("%%puffle_chat --conversation x\ny", "is not the id of a conversation"),
        ("%%puffle_chat --conversation 3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5\ny", "Nothing was started"),
        ("%%puffle_chat -f\n{nobody}", "there is no variable of this name"),
    ):
        cell = kernel.run(code, ok=False)
        said = [line for line in cell.said.splitlines() if line.strip()]
        assert len(said) == 1, said
        assert words in said[0]
    assert not puffle.requests


def test_a_client_that_never_changes_an_output(kernel: Kernel) -> None:
    """jupyter console: the message, the state, and the end as a new output; the cell waits."""
    cell = kernel.run("%%puffle_chat\none", metadata={})
    asked, _, end = shown_by(cell)
    assert asked.bundle["text/plain"].startswith("◇ one\n")
    assert "completed" in end.bundle["text/plain"]


def test_a_capture_holds_the_message_too(kernel: Kernel) -> None:
    """`%%capture` takes both outputs."""
    kernel.run("from IPython.utils.capture import capture_output")
    kernel.run(
        "with capture_output() as captured:\n    get_ipython().run_cell_magic('puffle_chat', '', 'one')"
    )
    assert kernel.evaluate("[o.data['text/plain'][:5] for o in captured.outputs][0]") == "◇ one"
    assert kernel.evaluate("len(captured.outputs)") == 2


def test_showing_it_again_shows_the_message_too(kernel: Kernel) -> None:
    """`watch.show()` and `chat()` as the last line of another cell; each shows once."""
    kernel.run("w = %puffle_chat one")
    for code in ("w.show()", "w", "import puffle_jupyter; puffle_jupyter.chat('two')"):
        cell = kernel.run(code)
        asked, *rest = shown_by(cell)
        assert asked.bundle["text/plain"].startswith("◇ ")
        assert len(rest) == 1
