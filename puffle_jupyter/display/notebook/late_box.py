"""A box whose comm is opened late: when something shows it, and not when it is made.

nbclient keeps the models of every comm that was ever opened, and saves them in the notebook, also those of a
widget that was shown as html alone. A box that is late has none until something asks for its model id, as a
layout does that holds it. Its children and its layout are widgets of their own, so they are made late, too.
"""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from .close_widgets import optional
from .shrinking import column_layout


class LateBox(ipywidgets.VBox):  # type: ignore[misc]
    """A column, late or at once. Its class says in `make_children` what is in it.

    Args:
        is_late: make comm, children and layout when they are first asked for.
        arguments: those of a box; its layout shares a row's width, see `column_layout`.
    """

    layout = optional(ipywidgets.VBox.layout)
    _is_late = False
    _is_closed = False

    def __init__(self, *, is_late: bool, **arguments: Any) -> None:
        self._is_late = is_late
        self._given_layout = column_layout(arguments).pop("layout")
        arguments.pop("layout", None)
        # Not by way of `Box`, which sets the children to ().
        super(ipywidgets.Box, self).__init__(**arguments)

    def make_children(self) -> tuple[ipywidgets.Widget, ...]:
        """What is in the box; called once."""
        raise NotImplementedError

    @property
    def has_own_layout(self) -> bool:
        """Whether the layout was made for this box; others may use one that was given."""
        return not isinstance(self._given_layout, ipywidgets.Layout)

    @property
    def model_id(self) -> Any:
        """Its comm's id; the comm is opened now if it was late."""
        if self._is_late:
            self._is_late = False
            self.open()
        return super().model_id

    def get_view_spec(self) -> Any:
        """What shows this box; see `model_id`."""
        _ = self.model_id
        return super().get_view_spec()

    def open(self) -> None:
        """Open the comm, unless it is late."""
        if not self._is_late:
            super().open()

    def close(self) -> None:
        """Close the comm, for good."""
        super().close()
        self._is_late = False
        self._is_closed = True

    @traitlets.default("children")
    def _first_children(self) -> tuple[ipywidgets.Widget, ...]:
        return () if self._is_closed else self.make_children()

    @traitlets.default("layout")
    def _first_layout(self) -> Any:
        return ipywidgets.Layout(**self._given_layout) if self.has_own_layout else self._given_layout
