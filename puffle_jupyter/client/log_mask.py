"""The HTTP libraries log what servers send, headers included: an echoed key is cut out there too."""

from __future__ import annotations

import logging
import weakref

from .credentials import ApiKey

LOGGERS = (
    "httpx",
    "aiohttp.client",
    "aiohttp.internal",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


class LogMask(logging.Filter):
    """Cuts keys from log records, and lets every record pass."""

    def __init__(self) -> None:
        super().__init__()
        # By identity: in a set of keys an equal one would not be added, and be missed once the first is gone.
        self._keys: weakref.WeakValueDictionary[int, ApiKey] = weakref.WeakValueDictionary()

    def hide(self, key: ApiKey) -> None:
        """Cut ``key`` from whatever the HTTP libraries log from now on. May be called again."""
        self._keys[id(key)] = key
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self)  # adds it once

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace keys in ``record``; every record is kept."""
        said = record.getMessage()
        masked = said
        for key in list(self._keys.values()):
            masked = key.cut_from(masked)
        if masked != said:
            record.msg, record.args = masked, ()
        return True


log_mask = LogMask()
