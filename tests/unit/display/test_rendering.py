"""The end of a displayed run is read once and rendered once, however many outputs show it."""

from __future__ import annotations

import gc
import time
import weakref
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from puffle_jupyter import Run, RunWidget, TranscriptWidget
from puffle_jupyter.display import rendering
from puffle_jupyter.display.notebook.close_widgets import open_widgets
from puffle_jupyter.render import text_output
from puffle_jupyter.transcript import read as reading
from puffle_jupyter.watching.polled import watch_by_polling
from tests.support.scripted import ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")
LIMIT = 20.0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often something is read, and how often rendered as html and as text; nothing is displayed."""
    count: Counter[str] = Counter()

    def counting(module: Any, name: str) -> None:
        function = getattr(module, name)

        def call(*args: Any, **options: Any) -> Any:
            count[name] += 1
            return function(*args, **options)

        monkeypatch.setattr(module, name, call)

    counting(reading, "_read")
    counting(rendering, "run_body")
    counting(text_output, "run_output")
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    monkeypatch.setattr("IPython.display.update_display", lambda *_, **__: None)
    before = {widget.model_id for widget in open_widgets()}
    yield count
    for widget in open_widgets():
        if widget.comm is not None and widget.model_id not in before:
            widget.close()


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_one_end_is_read_once_and_rendered_once(outputs: int, counted: Counter[str]) -> None:
    """One widget, in a layout or in 1, 2 or 3 outputs, and one page that is loaded again."""
    text = f"One of {outputs} outputs, {time.monotonic()}"
    watch = watch_by_polling(
        "run_a", ScriptedPuffle(told("running"), told("completed", text=text)).client(), interval=0.1
    )
    widget = RunWidget.of(watch)
    for _ in range(outputs):
        widget.show()
    watch.wait(LIMIT)
    other = RunWidget.of(watch)  # shown in a layout, after the end
    other._subscription.wait_until_caught_up()  # type: ignore[union-attr]
    assert text in other.children[1].body.value
    assert counted == {"_read": 1, "run_body": 1, "run_output": 1}


def test_expand_all_reads_nothing_again(counted: Counter[str]) -> None:
    """A click renders what is known; it does not read the run again."""
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": f"once {time.monotonic()}"})
    widget = TranscriptWidget(run)
    widget.expand_all()
    widget.collapse_all()
    assert (run.transcript, counted["_read"]) == (run.transcript, 1)


def test_renderings_are_bounded_and_go_with_their_run() -> None:
    """So many renderings are kept and no more, and none of them keeps a run alive."""
    made: list[str] = []
    cache = rendering.RenderingCache(kept=2)
    runs = [Run.from_dict({"runId": f"run_{n}", "status": "completed", "text": "x"}) for n in range(3)]

    def get(run: Run) -> str:
        return cache.get(run, "html", lambda: made.append(run.run_id) or run.run_id)  # type: ignore[func-returns-value]

    assert [get(run) for run in runs] == [get(runs[0]), "run_1", "run_2"]
    assert made == ["run_0", "run_1", "run_2", "run_0"]
    gone = weakref.ref(runs.pop())
    gc.collect()
    assert gone() is None
    assert len(cache._known) == 1
