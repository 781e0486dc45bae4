"""A server on loopback that gives one and the same answer to every request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class OneAnswer(ThreadingHTTPServer):
    """Answers every GET with `body` and `code`; `keys` are the Authorization headers it was sent."""

    daemon_threads = True

    def __init__(self, body: bytes, code: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body, self.code = body, code
        self.keys: list[str] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: OneAnswer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.keys.append(self.headers.get("Authorization", ""))
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Nothing: it would be printed into the test's output."""


@contextmanager
def answering(body: Any, code: int = 200) -> Iterator[OneAnswer]:
    """Serve ``body`` as JSON until the block is left."""
    server = OneAnswer(json.dumps(body).encode(), code)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
