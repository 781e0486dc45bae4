"""The settings of this kernel, in one object: what ``%config PuffleMagics`` and `%unload_ext` change.

The address and the key are not here: see `client.credentials`. The interval and the timeout of a watch are
arguments of the watch.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any


class Personal(enum.Enum):
    """What is removed from views and exports only when the user asks for it."""

    EMAILS = "emails"
    PHONES = "phones"


class TranscriptSetting(enum.Enum):
    """How much of an ended run an output shows unfolded."""

    AUTO = "auto"
    """Closed where a run ends while the person is elsewhere, open everywhere else."""
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Settings:
    """Values that hold for everything that is shown from now on.

    Attributes:
        block: whether a cell waits for the runs it shows; None leaves it to the front end.
        updates: whether the front end can change an output; None leaves it to the facts of the request.
        transcript: how much of an ended run is unfolded.
        redact: personal data to remove, besides keys.
        notes: whether a message is noted in a file before it is sent; None takes PUFFLE_NOTES, else yes.
        responsive: whether rendering may change the interpreter's settings, see `responsive_rendering`.
    """

    block: bool | None = None
    updates: bool | None = None
    transcript: TranscriptSetting = TranscriptSetting.AUTO
    redact: frozenset[Personal] = frozenset()
    notes: bool | None = None
    responsive: bool = True


class CurrentSettings:
    """The settings of this process. `now` is read at each use, by any thread.

    Attributes:
        now: the values; replaced as a whole, so a reader never sees half a change.
    """

    def __init__(self) -> None:
        self.now = Settings()

    def change(self, **values: Any) -> None:
        """Replace the named values, see `Settings`."""
        self.now = replace(self.now, **values)

    def reset(self, names: Iterable[str] | None = None) -> None:
        """Give the named values, or all, their defaults."""
        defaults = Settings()
        chosen = [field.name for field in fields(Settings)] if names is None else names
        self.change(**{name: getattr(defaults, name) for name in chosen})

    @contextmanager
    def changed(self, **values: Any) -> Iterator[None]:
        """`change` within a ``with`` block."""
        before = self.now
        self.change(**values)
        try:
            yield
        finally:
            self.now = before


current_settings = CurrentSettings()
