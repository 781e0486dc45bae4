"""`TranscriptWidget` without a front end: its controls do what their functions do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from puffle_jupyter import Run, TranscriptWidget
from puffle_jupyter.display.notebook import transcript_widget
from puffle_jupyter.display.notebook.close_widgets import open_widgets
from puffle_jupyter.render.html.found import search_run

pytestmark = pytest.mark.usefixtures("background")
RUN = Run.from_dict(
    {
        "runId": "run_a",
        "status": "completed",
        "text": "Two founders.",
        "messages": [
            {"role": "user", "content": "find <founders>"},
            {"role": "assistant", "content": "Acme"},
        ],
        "toolCalls": [{"toolName": "search_leads", "args": {"city": "Oldenburg"}}],
    }
)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Other tests count the widgets that are open: those of these tests are closed."""
    before = open_widgets()
    yield
    for widget in open_widgets():
        if widget not in before:
            widget.close()


def of_kind(widget: Any, kind: type) -> list[Any]:
    children = [widget, *(child for child in getattr(widget, "children", ()))]
    nested = [found for child in children[1:] for found in of_kind(child, kind)]
    return [*([widget] if isinstance(widget, kind) else []), *nested]


def shown(widget: TranscriptWidget) -> str:
    return "".join(html.value for html in of_kind(widget, ipywidgets.HTML))


def press(widget: TranscriptWidget, description: str) -> None:
    (button,) = [b for b in of_kind(widget, ipywidgets.Button) if b.description == description]
    button.click()


def test_expand_and_collapse_all() -> None:
    """The buttons open and close every fold."""
    widget = TranscriptWidget(RUN)
    before = shown(widget).count(" open>")
    press(widget, "Expand all")
    assert shown(widget).count(" open>") > before
    press(widget, "Collapse all")
    assert shown(widget).count(" open>") == before


def test_find_and_find_nothing_more() -> None:
    """The field shows what holds its text and says how often; emptied, it shows everything again."""
    widget = TranscriptWidget(RUN)
    everything = shown(widget)
    (field,) = of_kind(widget, ipywidgets.Text)
    field.value = "acme"
    assert "1 match" in shown(widget)
    assert "oldenburg" not in shown(widget).rpartition("<details")[0].lower()
    field.value = ""
    assert (
        shown(widget).replace('<span role="status" style="font-size:12px;opacity:.76"></span>', "")
        == everything
    )


def test_find_in_python() -> None:
    """`find` does what the field does and returns the count, also the second time."""
    widget = TranscriptWidget(RUN)
    assert [widget.find(text) for text in ("FOUNDERS", "FOUNDERS", "nobody", "")] == [2, 2, 0, 0]
    widget.find("nobody")
    assert "no match" in shown(widget)


def test_what_is_typed_is_only_text() -> None:
    """The text that is looked for is never part of the page."""
    widget = TranscriptWidget(RUN)
    widget.find("<img src=x onerror=alert(1)>")
    assert "<img" not in shown(widget)


def test_no_controls_without_a_run() -> None:
    """A widget that has no transcript yet offers nothing to expand or find."""
    widget = TranscriptWidget()
    controls = widget.children[0]
    assert controls.layout.display == "none"
    widget.find("x")
    assert "match" in shown(widget)
    widget.show_run(RUN)
    assert controls.layout.display != "none"
    widget.show_words("<p>x</p>")
    assert controls.layout.display == "none"


LEADS = Run.from_dict(
    {
        "runId": "run_b",
        "status": "completed",
        "messages": [{"role": "user", "content": f"lead {n}"} for n in range(3)],
        "toolCalls": [{"toolName": "enrich", "args": {"lead": 1}, "error": "lead lost"}],
    }
)


def test_next_and_previous_go_round() -> None:
    """Each step puts another place on top; after the last comes the first."""
    widget = TranscriptWidget(LEADS)
    widget.find("lead ")
    assert "place 1 of 4" in shown(widget)
    press(widget, "›")
    assert "place 2 of 4" in shown(widget)
    assert "1 place with 1 match before this one" in shown(widget)
    widget.find_previous()
    press(widget, "‹")
    assert "place 4 of 4" in shown(widget)
    widget.find_next()
    assert "place 1 of 4" in shown(widget)


def test_enter_goes_on() -> None:
    """Enter in the field, whose text is the same as before, goes to the next place."""
    widget = TranscriptWidget(LEADS)
    widget.find("lead ")
    (field,) = of_kind(widget, ipywidgets.Text)
    field._handle_custom_msg({"event": "submit"}, [])
    assert "place 2 of 4" in shown(widget)


def test_clear_shows_everything_again() -> None:
    """Text and kind are emptied, and nothing is said to be hidden."""
    widget = TranscriptWidget(LEADS)
    everything = widget.body.value
    widget.find("lost", only="failed calls")
    assert "3 messages hidden" in shown(widget)
    press(widget, "Clear")
    assert widget.body.value == everything
    assert widget.code == ""


@pytest.mark.parametrize(
    ("wanted", "only", "code"),
    [
        ("lead", "everything", "run.grep('lead')"),
        ("a'b", "texts", "run.grep(\"a'b\", only='texts')"),
        ("", "failed calls", "run.calls.failed"),
        ("", "calls", "run.calls"),
        ("", "reasoning", "run.grep('', only='reasoning')"),
    ],
)
def test_the_same_in_python(wanted: str, only: Any, code: str) -> None:
    """What is searched for is handed back as a line of Python that runs."""
    widget = TranscriptWidget(LEADS)
    widget.find(wanted, only)
    assert widget.code == code
    assert isinstance(eval(code, {"run": LEADS}), list | tuple)


def test_expanding_ends_a_search() -> None:
    """No step goes on in a page that no longer shows what was found."""
    widget = TranscriptWidget(LEADS)
    widget.find("lead ")
    widget.expand_all()
    expanded = widget.body.value
    widget.find_next()
    assert widget.body.value == expanded


def test_enter_searches_again_after_another_arrangement() -> None:
    """The text is still in the field: Enter finds it, though the field sends no new value."""
    widget = TranscriptWidget(LEADS)
    widget.find("lead ")
    widget.expand_all()
    (field,) = of_kind(widget, ipywidgets.Text)
    field._handle_custom_msg({"event": "submit"}, [])
    assert "place 1 of 4" in shown(widget)


def test_a_click_while_the_widget_is_closed_leaves_no_widget() -> None:
    """A click comes on another thread than a close: what it opens is closed too, or never made."""
    before = open_widgets()
    for _ in range(20):
        widget = TranscriptWidget(LEADS)
        clicks = threading.Event()

        def click(widget: TranscriptWidget = widget, clicks: threading.Event = clicks) -> None:
            for _ in range(3):
                widget._files.value = not widget._files.value
                widget.find("lead ")
                clicks.set()

        clicking = threading.Thread(target=click)
        clicking.start()
        assert clicks.wait(10)
        widget.close()
        clicking.join(10)
        widget.find("lost")
        widget._files.value = not widget._files.value
        widget.show_run(LEADS)
    never_shown = TranscriptWidget(LEADS)
    never_shown.close()
    never_shown.find("lead ")
    assert [one for one in open_widgets() if one not in before] == []


def test_a_step_searches_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is looked through once for a search, however many steps are taken; cleared, it is let go of."""
    searched: list[str] = []

    def counted(run: Run, search: Any) -> Any:
        searched.append(search.wanted)
        return search_run(run, search)

    monkeypatch.setattr(transcript_widget, "search_run", counted)
    widget = TranscriptWidget(LEADS)
    widget.find("lead ")
    widget.find_next()
    widget.find_previous()
    widget.find("lost")
    assert searched == ["lead ".strip(), "lost"]
    widget.find("")
    assert widget._searched is None
