"""Which kind of front end this is: decided for each call, from facts of the request, not from product names.

What was measured, by reading `Kernel.get_parent()` in each of them (versions in docs/front-ends.md):

=================================  ===========  =================  ==========================================
front end                          allow_stdin  metadata.cellId    header.msg_id
=================================  ===========  =================  ==========================================
JupyterLab, Notebook 7, VS Code    True         present            a UUID
nbclient (nbconvert, papermill)    False        absent             ``{session}_{process id}_{number}``
jupyter-server-documents           False        absent             ``{session}_{process id}_{number}``
jupyter console, qtconsole,        True         absent             ``{session}_{process id}_{number}``
euporie, jupyter-server-nbmodel
=================================  ===========  =================  ==========================================

A message id of the last form is made by ``jupyter_client.session.Session``. A client that uses it, lets the
cell ask for input and names no cell has no document whose outputs it could update.
"""

from __future__ import annotations

import enum
import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from ..settings import current_settings

_NUMBERS_OF_SESSION = re.compile(r"_\d+_\d+")
"""What ``jupyter_client.session.Session`` puts after its own id in a message id: process id and count."""


class FrontEnd(enum.Enum):
    """Where output goes, by what can be done with it there."""

    LIVE = "live notebook"
    """JupyterLab, Notebook 7, VS Code: widgets and display updates, also after the cell ended."""
    HEADLESS = "headless notebook"
    """nbclient (nbconvert, papermill, jupyter execute): keeps only what arrives while the cell runs."""
    APPENDING = "client without updates"
    """jupyter console, qtconsole, euporie, jupyter-server-nbmodel: new outputs only; never changes one."""
    COLAB = "Colab"
    """Shows updates only while the cell runs, and no classic widgets without an extra step."""
    TERMINAL = "terminal"
    """IPython with prompt_toolkit: a bottom toolbar that can be redrawn under the prompt."""
    SIMPLE = "simple prompt"
    """IPython without prompt_toolkit, or on a dumb terminal: lines, and none while a person types."""
    SCRIPT = "script"
    """IPython with ``-c``, a file, or its input from a pipe: it ends when there is nothing left to run."""
    MARIMO = "marimo"
    """No IPython: shows the html that a cell puts out, and changes nothing after the cell."""
    PLAIN = "plain text"
    """Anything else: lines, one after the other."""

    @property
    def blocks(self) -> bool:
        """Whether ``block = "auto"`` waits here: what comes after the cell would not be shown."""
        return self in (FrontEnd.HEADLESS, FrontEnd.APPENDING, FrontEnd.COLAB, FrontEnd.SCRIPT)

    @property
    def has_person(self) -> bool:
        """Whether somebody may click or type there after the cell."""
        return self not in (FrontEnd.HEADLESS, FrontEnd.SCRIPT)

    @property
    def saves_links(self) -> bool:
        """Whether a click on a link that holds a file (a ``data:`` address) saves it there.

        Tried in JupyterLab and Notebook 7; VS Code has code for it. Colab was not tried, see
        docs/front-ends.md. Of others it is not known.
        """
        return self is FrontEnd.LIVE

    @property
    def is_notebook(self) -> bool:
        """Whether a kernel sends it html; `APPENDING` may show its text."""
        return self in (FrontEnd.LIVE, FrontEnd.HEADLESS, FrontEnd.APPENDING, FrontEnd.COLAB)


def current_shell() -> Any:
    """The running InteractiveShell, or None."""
    from IPython.core.getipython import get_ipython

    return get_ipython()  # type: ignore[no-untyped-call,unused-ignore]


def front_end_of(shell: Any) -> FrontEnd:
    """The front end that the running cell of ``shell`` (an InteractiveShell, or None) came from."""
    if shell is None:
        return FrontEnd.MARIMO if _is_marimo() else FrontEnd.PLAIN
    if getattr(shell, "kernel", None) is not None:
        if "google.colab" in sys.modules:
            return FrontEnd.COLAB
        if current_settings.now.updates is not None:
            return FrontEnd.LIVE if current_settings.now.updates else FrontEnd.APPENDING
        return front_end_of_request(_request(shell.kernel))
    if not hasattr(shell, "simple_prompt"):
        return FrontEnd.PLAIN
    if not _is_typed_into(shell):
        return FrontEnd.SCRIPT
    can_redraw = getattr(shell, "pt_app", None) is not None and not _is_dumb()
    return FrontEnd.TERMINAL if can_redraw else FrontEnd.SIMPLE


def _is_marimo() -> bool:
    """Whether a cell of marimo runs; marimo is imported then, and not imported here."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())


def _is_typed_into(shell: Any) -> bool:
    """Whether a person types there. ``interact`` is False with ``-c`` or a file and without ``-i``."""
    is_asked = getattr(getattr(shell, "parent", None), "interact", True)
    return bool(is_asked) and sys.stdin is not None and sys.stdin.isatty()


def _is_dumb() -> bool:
    # What prompt_toolkit asks too: it shows no toolbar there.
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def front_end_of_request(request: Mapping[str, Any]) -> FrontEnd:
    """The front end that sent ``request``, an ``execute_request`` as a kernel got it; see the module's table.

    A request with facts that are missing or new is taken for one of a live notebook.
    """
    header, metadata, content = (_mapping(request.get(name)) for name in ("header", "metadata", "content"))
    if not content.get("allow_stdin", True):
        return FrontEnd.HEADLESS
    message, session = str(header.get("msg_id", "")), str(header.get("session", ""))
    has_session = bool(session) and message.startswith(session)
    is_of_session = has_session and _NUMBERS_OF_SESSION.fullmatch(message[len(session) :]) is not None
    return FrontEnd.APPENDING if is_of_session and "cellId" not in metadata else FrontEnd.LIVE


def _request(kernel: Any) -> Mapping[str, Any]:
    """The request that ``kernel`` serves now; {} when it does not say."""
    try:
        return _mapping(kernel.get_parent())
    except (AttributeError, LookupError, TypeError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
