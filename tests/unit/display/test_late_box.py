"""A box whose comm is opened when something asks for its model id, and not before."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pytest

from puffle_jupyter.display.notebook.close_widgets import open_widgets
from puffle_jupyter.display.notebook.late_box import LateBox


class Column(LateBox):
    """A column that counts how often it is filled."""

    filled = 0

    def make_children(self) -> tuple[ipywidgets.Widget, ...]:
        self.filled += 1
        return (ipywidgets.Label("in it"),)


@pytest.fixture(autouse=True)
def opened() -> Iterator[list[str]]:
    """The ids of the widgets that were open before; those opened since are closed."""
    before = [widget.model_id for widget in open_widgets()]
    yield before
    for widget in open_widgets():
        if widget.model_id not in before:
            widget.close()


def since(before: list[str]) -> list[str]:
    return sorted(type(widget).__name__ for widget in open_widgets() if widget.model_id not in before)


def test_a_late_box_that_nothing_shows_opens_nothing(opened: list[str]) -> None:
    """Neither itself nor what would be in it, also when it is closed."""
    box = Column(is_late=True, layout={"width": "50%"})
    assert since(opened) == []
    box.close()
    assert box.children == ()
    assert (since(opened), box.filled) == ([], 0)


@pytest.mark.parametrize("layout", [{"width": "50%"}, None])
def test_a_late_box_opens_for_a_layout(opened: list[str], layout: dict[str, str] | None) -> None:
    """It is filled once, and has the layout that it was given."""
    box = Column(is_late=True, layout=layout)
    ipywidgets.HBox([box])
    assert since(opened).count("Column") == 1
    assert [child.value for child in box.children] == ["in it"]
    assert (box.layout.flex, box.layout.width) == ("1 1 0%", layout and "50%")
    assert box.filled == 1
    assert box.get_view_spec()["model_id"] == box.model_id


def test_what_is_in_a_late_box_can_be_changed_before_it_is_shown(opened: list[str]) -> None:
    """Its layout and its children are there for whoever asks; its own comm stays closed."""
    box = Column(is_late=True)
    box.layout.flex = "2"
    box.children = (*box.children, ipywidgets.Label("more"))
    assert "Column" not in since(opened)
    assert len(ipywidgets.HBox([box]).children[0].children) == 2
    assert box.get_state()["layout"] == f"IPY_MODEL_{box.layout.model_id}"
    assert (box.layout.flex, box.filled) == ("2", 1)


def test_a_box_that_is_not_late_is_open_at_once(opened: list[str]) -> None:
    """As every widget; a layout object that was given stays its maker's."""
    layout = ipywidgets.Layout(width="10px")
    box = Column(is_late=False, layout=layout)
    assert since(opened).count("Column") == 1
    assert (box.layout, box.has_own_layout, box.filled) == (layout, False, 1)
