"""A headless layout of runs and other widgets is one output: replaced once, by the end, and not too large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from puffle_jupyter import RunWatch, RunWidget
from puffle_jupyter.display.notebook import mixed_layout
from puffle_jupyter.display.notebook.layout_leaves import leaves_of
from puffle_jupyter.display.notebook.mixed_layout import MixedLayout
from puffle_jupyter.display.notebook.output import WIDGET_VIEW
from puffle_jupyter.watching.polled import watch_by_polling
from tests.support.scripted import ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")
LIMIT = 20.0


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every bundle that is displayed, and every one that replaces it, in order."""
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **_: bundles.append(bundle))
    monkeypatch.setattr("IPython.display.update_display", lambda bundle, **_: bundles.append(bundle))
    return bundles


@pytest.fixture
def watches() -> list[RunWatch]:
    """Two watches of runs that end as soon as they are asked about again."""
    runs = [("run_a", "Two founders."), ("run_b", "Three founders.")]
    scripts = [(told("running", run_id), told("completed", run_id, text=text)) for run_id, text in runs]
    clients = [ScriptedPuffle(*script).client() for script in scripts]
    return [
        watch_by_polling(run_id, client, interval=600)
        for (run_id, _), client in zip(runs, clients, strict=True)
    ]


@pytest.fixture
def box(watches: list[RunWatch]) -> Iterator[ipywidgets.HBox]:
    box = ipywidgets.HBox([RunWidget.of(watches[0]), ipywidgets.HTML("mine"), RunWidget.of(watches[1])])
    yield box
    for widget in (*box.children, box):
        widget.close()


def end(watch: RunWatch) -> None:
    while watch.snapshot.polls == 0:
        pass
    watch.extend(0.1, None)
    watch.wait(LIMIT)


def show(box: ipywidgets.HBox) -> None:
    MixedLayout(box, list(leaves_of(box, RunWidget)), RunWidget).show()


def test_it_is_replaced_once_when_its_last_run_has_ended(
    shown: list[dict[str, Any]], watches: list[RunWatch], box: ipywidgets.HBox
) -> None:
    """A runner that appends what should replace an output keeps two of them, and no more."""
    show(box)
    end(watches[0])
    assert len(shown) == 1
    end(watches[1])
    first, last = shown
    assert [sorted(bundle) for bundle in shown] == [[WIDGET_VIEW, "text/html", "text/plain"]] * 2
    assert "founders" not in first["text/plain"]
    for kind in ("text/html", "text/plain"):
        places = [last[kind].index(words) for words in ("Two founders.", "Here is a widget (HTML)", "Three")]
        assert places == sorted(places)


def test_a_run_for_which_there_is_no_room_is_its_badge(
    shown: list[dict[str, Any]],
    watches: list[RunWatch],
    box: ipywidgets.HBox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All runs of a layout share the size of one output."""
    for watch in watches:
        end(watch)
    show(box)
    (whole,) = shown
    size = sum(len(whole[kind].encode()) for kind in ("text/html", "text/plain"))
    monkeypatch.setattr(mixed_layout, "_ROOM", size - 1_000)
    show(box)
    assert "Two founders." in shown[1]["text/html"]
    assert "Three founders." not in shown[1]["text/html"]
    for kind in ("text/html", "text/plain"):
        assert "show the run by itself" in shown[1][kind].partition("run_b")[2]
