"""What a finished view leaves: a box and its html, where a page may still show them; no copy of the run."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from puffle_jupyter import Run, RunWatch, RunWidget, TranscriptWidget, WatchStopped
from puffle_jupyter.background.loop import callback_loop
from puffle_jupyter.display.notebook import transcript_widget as explorer
from puffle_jupyter.display.notebook.close_widgets import LateHTML, close_left, open_widgets
from puffle_jupyter.display.notebook.output import WIDGET_VIEW
from puffle_jupyter.display.notebook.transcript_widget import end_exploring, explore
from puffle_jupyter.watching.polled import watch_by_polling
from tests.support.scripted import ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")
LIMIT = 20.0


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Every bundle that is displayed, and every one that replaces it, in order; no widget is left behind."""
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **_: bundles.append(bundle))
    monkeypatch.setattr("IPython.display.update_display", lambda bundle, **_: bundles.append(bundle))
    before = ids()
    yield bundles
    for widget in open_widgets():
        if widget.comm is not None and widget.model_id not in before:
            widget.close()


def ids() -> set[str]:
    return {widget.model_id for widget in open_widgets()}


def the_body(before: set[str]) -> LateHTML:
    """The one html that is left of what was shown since ``before``."""
    (body,) = (
        widget for widget in open_widgets() if isinstance(widget, LateHTML) and widget.model_id not in before
    )
    return body


def endless(run_id: str = "run_a") -> RunWatch:
    return watch_by_polling(run_id, ScriptedPuffle(told("running", run_id)).client(), interval=600)


def running(text: str = "Two founders.") -> tuple[RunWatch, Any]:
    """A watch of a run that ends with ``text`` as soon as it is asked about again, and what has that done."""
    puffle = ScriptedPuffle(told("running"), told("completed", text=text))
    watch = watch_by_polling("run_a", puffle.client(), interval=600)
    while watch.snapshot.polls == 0:
        pass

    def end() -> None:
        watch.extend(0.1, None)
        watch.wait(LIMIT)

    return watch, end


def test_a_hundred_and_twenty_finished_views_keep_two_comms_each(shown: list[dict[str, Any]]) -> None:
    """And none once all views are ended, as %unload_ext does."""
    before = ids()
    for number in range(120):
        watch = endless(f"run_{number}")
        RunWidget.of(watch, quiet=number % 2 == 0, passing=True).show()
        watch.stop()
        with pytest.raises(WatchStopped):
            watch.wait(LIMIT)
    assert set(shown[-1]) == {"text/html", "text/plain"}
    assert len(ids() - before) == 240
    close_left()
    assert ids() == before


def test_a_page_that_was_loaded_again_is_shown_the_end(
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The widget it shows has one child, which is sent the transcript and gives it again when asked."""
    sent: list[dict[str, Any]] = []
    watch, end = running()
    widget = RunWidget.of(watch)
    widget.show()
    monkeypatch.setattr(LateHTML, "_send", lambda self, message, buffers=None: sent.append(message["state"]))
    end()
    assert any("Two founders." in state.get("value", "") for state in sent)
    (body,) = widget.children
    assert widget.model_id == shown[0][WIDGET_VIEW]["model_id"]
    assert body.value == ""  # the kernel keeps no copy
    for state in (body.get_state(), body.get_state("value"), body.get_state(drop_defaults=True)):
        assert "Two founders." in state["value"]
    assert "value" not in body.get_state({"layout"})
    references = [widget.get_state()["layout"], body.get_state()["layout"], body.get_state()["style"]]
    assert references == [None] * 3  # nothing refers to a model that is closed


def test_a_finished_view_keeps_neither_watch_nor_run(shown: list[dict[str, Any]]) -> None:
    """A page that asks after the run is forgotten is told to run the cell again."""
    before = ids()
    watch, end = running()
    RunWidget.of(watch, passing=True).show()
    end()
    callback_loop.run(asyncio.sleep(0))  # observers of the trait `run`, if there were any, are notified
    gone = weakref.ref(watch), weakref.ref(watch.run)
    del watch, end
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    body = the_body(before)
    assert "Run the cell again" in body.get_state()["value"]
    assert len(ids() - before) == 2


def test_a_widget_of_the_users_keeps_its_traits(shown: list[dict[str, Any]]) -> None:
    """Shown by itself it becomes html like any other; watch, run and status can be asked for, and shown."""
    before = ids()
    watch, end = running()
    widget = RunWidget.of(watch)
    widget.show()
    end()
    assert (widget.watch, widget.run, widget.status) == (watch, watch.run, "completed")
    assert len(ids() - before) == 2
    widget.show()
    assert set(shown[-1]) == {"text/html", "text/plain"}
    widget.close()
    widget.close()
    assert ids() == before


@pytest.mark.parametrize("also_by_itself", [False, True])
def test_a_widget_in_a_layout_keeps_its_controls(shown: list[dict[str, Any]], also_by_itself: bool) -> None:
    """Its transcript can be expanded and searched after the end, also when it was shown by itself."""
    watch, end = running()
    widget = RunWidget.of(watch)
    box = ipywidgets.HBox([widget])
    if also_by_itself:
        widget.show()
    end()
    transcript = widget.children[1]
    assert isinstance(transcript, TranscriptWidget)
    assert transcript.find("founders") == 1
    assert all("Two founders." in bundle["text/html"] for bundle in shown[1:])
    widget.close()
    box.close()


def test_done_leaves_two_comms(shown: list[dict[str, Any]]) -> None:
    """`explore()` becomes html too, keeps no run, and %unload_ext closes what is left and what is open."""
    before = ids()
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": "Two founders."})
    explore(run)
    (done,) = explorer._explored
    done()
    assert set(shown[-1]) == {"text/html", "text/plain"}
    assert len(ids() - before) == 2
    body = the_body(before)
    assert "Two founders." in body.get_state()["value"]
    explore(run)
    del run, done
    end_exploring()
    gc.collect()
    assert "Run the cell again" in body.get_state()["value"]
    assert not explorer._explored
    assert len(ids() - before) == 4
    close_left()
    assert ids() == before
