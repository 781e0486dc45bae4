"""The way from an output in a cell's place to the front end, fixed when the output is shown.

``%%capture`` and `capture_output()` replace the shell's publisher for as long as a cell runs, for the whole
kernel. An update that looked the publisher up when it is sent would go into the capture of a cell that has
nothing to do with it, and the saved notebook would keep what was shown before.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from typing import Any

from ..front_end import FrontEnd, front_end_of

Bundle = dict[str, Any]


def is_captured(shell: Any) -> bool:
    """Whether what ``shell`` displays now goes into a capture, which may be shown later or never."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    return isinstance(getattr(shell, "display_pub", None), CapturingDisplayPublisher)


class Channel:
    """Sends the updates of an output through the publisher that showed it, from any thread.

    Args:
        shell: the shell that shows the output, within the cell that shows it; None when there is none.
        display_id: of the output.
    """

    def __init__(self, shell: Any, display_id: str) -> None:
        self._publisher: Any = getattr(shell, "display_pub", None)
        self._display_id = display_id
        self._header: dict[str, Any] = _parent_header(self._publisher) or {}
        # nbclient takes an update from the cell that runs now, wherever it was shown; a page takes it from
        # the cell that showed it.
        self._is_live = front_end_of(shell) is FrontEnd.LIVE
        self._lock = threading.RLock()
        self._held_back: Bundle | None = None

    def update(self, bundle: Bundle) -> None:
        """Replace what the output shows by ``bundle``."""
        if self._publisher is None:
            from IPython.display import update_display

            update_display(bundle, raw=True, display_id=self._display_id)  # type: ignore[no-untyped-call,unused-ignore]
        elif hasattr(self._publisher, "pub_socket"):
            self._send(bundle)
            if self._is_live:
                self._repeat_after_redirection(bundle)
        else:  # a capture, or a kernel that is not ipykernel
            transient = {"display_id": self._display_id}
            self._publisher.publish(data=bundle, metadata={}, transient=transient, update=True)

    def _send(self, bundle: Bundle) -> None:
        # Not `publish`: it flushes `sys.stdout`, which another cell may have replaced by anything, and calls
        # the hooks that were registered on this thread.
        transient = {"display_id": self._display_id}
        self._publisher.session.send(
            self._publisher.pub_socket,
            "update_display_data",
            {"data": bundle, "metadata": {}, "transient": transient},
            parent=self._header if self._is_live else self._running_header(),
            ident=self._publisher.topic,
        )

    def _running_header(self) -> dict[str, Any]:
        """The header of the request that the kernel serves now."""
        # In ipykernel 7 a thread inherits the header of the cell that started its work; an empty context
        # has none, and the publisher then gives the kernel's own.
        return contextvars.Context().run(_parent_header, self._publisher) or self._header

    def _repeat_after_redirection(self, bundle: Bundle) -> None:
        """Send ``bundle`` again when no `Output` widget takes what is sent to the output's own cell.

        JupyterLab passes such a widget everything for the cell within its ``with``, and the widget drops
        updates.
        """
        with self._lock:
            if self._held_back is not None:
                self._held_back = bundle
                return
            output = self._redirecting()
            if output is None:
                return
            self._held_back = bundle

        def look(_: object = None) -> None:
            if output.msg_id != self._header["msg_id"]:
                output.unobserve(look, "msg_id")
                self._send_held_back()

        output.observe(look, "msg_id")
        look()  # its ``with`` may have ended just now

    def _send_held_back(self) -> None:
        with self._lock:
            bundle, self._held_back = self._held_back, None
        if bundle is not None:
            self.update(bundle)

    def _redirecting(self) -> Any:
        """An `Output` widget that takes what is sent to the output's cell, or None."""
        if "msg_id" not in self._header or "ipywidgets" not in sys.modules:
            return None
        from ipywidgets import Output

        from .close_widgets import open_widgets

        outputs = (widget for widget in open_widgets() if isinstance(widget, Output))
        return next((output for output in outputs if output.msg_id == self._header["msg_id"]), None)


def _parent_header(publisher: Any) -> dict[str, Any] | None:
    try:
        return getattr(publisher, "parent_header", None)
    except LookupError:  # ipykernel 7.0 on a thread of one's own
        return None
