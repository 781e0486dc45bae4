"""An error that leaves the client holds nothing of what it was raised during.

The exceptions of HTTP libraries quote what came over the wire, which may be the key, and what a proxy is
called with. ``raise … from None`` only hides them: they stay in ``__context__``, where a debugger, a logger
or a package that pickles tracebacks (tblib, which dask installs) finds them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..errors import PuffleError


@contextlib.contextmanager
def without_context() -> Iterator[None]:
    """Let errors of ours pass without ``__context__`` and ``__cause__``."""
    try:
        yield
    except PuffleError as error:
        error.__cause__ = error.__context__ = None
        raise
