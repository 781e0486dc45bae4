"""What is closed at the end of its ``with`` block, whatever happened in it."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closes:
    """A base for what has a `close`."""

    def close(self) -> None:
        """Let go of what it holds."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
