"""The embedded Puffle: a real HTTP server on loopback with the documented contract and scripted runs.

>>> with EmbeddedPuffle() as puffle:                   # doctest: +SKIP
...     print(puffle.base_url, DEMO_KEY, *RUNS)

Importing this package needs nothing; starting the server needs the extra ``puffle_jupyter[demo]``.
"""

from __future__ import annotations

from ..errors import MissingExtra
from .runs import RUNS, STORIES
from .server import DEMO_KEY, DEMO_MEMBER_KEY, EmbeddedPuffle

__all__ = ["DEMO_KEY", "DEMO_MEMBER_KEY", "RUNS", "STORIES", "EmbeddedPuffle", "MissingExtra"]
