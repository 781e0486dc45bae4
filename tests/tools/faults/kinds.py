"""Every kind of fault, by name."""

from __future__ import annotations

from .body_kinds import BODY_KINDS
from .connection_kinds import CONNECTION_KINDS
from .exchange import Kind
from .status_kinds import STATUS_KINDS

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*CONNECTION_KINDS, *BODY_KINDS, *STATUS_KINDS)}
SLOW_KINDS = [kind for kind in KINDS.values() if kind.is_slow]
