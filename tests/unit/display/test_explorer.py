"""`TranscriptWidget` without a front end: its controls do what their functions do."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest

from puffle_jupyter import Run, TranscriptWidget

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
