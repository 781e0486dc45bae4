"""One line of a terminal that changes in place; plain lines where nothing can be redrawn."""

from __future__ import annotations

import shutil
from typing import TextIO


class StatusLine:
    """Shows a run's badge line.

    On a terminal the line is redrawn in place. Piped, a new line is printed when the state changes, so
    that a log holds one line a state.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._in_place = stream.isatty()
        self._length = 0
        self._state: object = None

    def show(self, line: str, state: object) -> None:
        """Show ``line``; ``state`` is what must change for a piped output to get it."""
        if self._in_place:
            line = line[: max(1, shutil.get_terminal_size().columns - 1)]  # a wrapped line cannot be redrawn
            self._stream.write("\r" + line.ljust(self._length))
            self._length = len(line)
        elif state != self._state:
            self._stream.write(line + "\n")
        self._state = state
        self._stream.flush()

    def close(self) -> None:
        """Leave the last line where it is."""
        if self._in_place and self._length:
            self._stream.write("\n")
            self._stream.flush()
            self._length = 0
