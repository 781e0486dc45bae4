"""What one watch learns from a 429, all watches of the account keep to."""

from __future__ import annotations

import math


class AccountPause:
    """The time before which Puffle does not want to be asked by anybody with this key.

    It is used on the poll thread alone. Times are seconds of the watches' clock.
    """

    def __init__(self) -> None:
        self.until = -math.inf

    def learn(self, until: float) -> None:
        """Puffle asked one of the watches for no request before ``until``."""
        self.until = max(self.until, until)
