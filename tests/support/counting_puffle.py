"""A lean Puffle on a real socket that counts what was started: each message is paid when its POST arrives."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from puffle_jupyter import AsyncPuffleClient

KEY = "pk_live_0123456789abcdef"


class CountingPuffle:
    """Starts a run for every POST, and says so, or not.

    Args:
        lost: the share of POSTs that start a run whose answer is lost with the connection.
        limited: the share of POSTs that are answered 429, and start nothing.
        retry_after: seconds that a 429 asks for, as it is sent; "" sends no header.
        polls: polls that a run is running for.
        seed: of what is lost and limited.

    Attributes:
        paid: how often each message was taken.
        run_ids: the run that was started last for a message.
        most_under_way: the most runs that were started and not seen to end at the same time.
    """

    def __init__(
        self,
        *,
        lost: float = 0.0,
        limited: float = 0.0,
        retry_after: str = "0",
        polls: int = 1,
        seed: int = 1,
    ) -> None:
        self.paid: Counter[str] = Counter()
        self.run_ids: dict[str, str] = {}
        self.refused = 0
        self.dropped = 0
        self.most_under_way = 0
        self.lost, self.limited, self.retry_after, self.polls = lost, limited, retry_after, polls
        self._messages: dict[str, str] = {}
        self._left: dict[str, int] = {}
        self._random = random.Random(seed)
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"puffle": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="counting", daemon=True
        )

    @property
    def base_url(self) -> str:
        return "http://{}:{}".format(*self._server.server_address[:2])

    def client(self, **options: Any) -> AsyncPuffleClient:
        return AsyncPuffleClient(KEY, self.base_url, **options)

    def __enter__(self) -> CountingPuffle:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def start(self, message: str) -> tuple[int, dict[str, Any]] | None:
        """The answer to a POST; None where it is lost."""
        with self._lock:
            if self._random.random() < self.limited:
                self.refused += 1
                return 429, {"error": "Too many requests."}
            self.paid[message] += 1
            run_id = f"run_{len(self._messages)}"
            self._messages[run_id] = message
            self.run_ids[message] = run_id
            self._left[run_id] = self.polls
            self.most_under_way = max(self.most_under_way, len(self._left))
            if self._random.random() < self.lost:
                self.dropped += 1
                del self._left[run_id]  # nobody here will see its end
                return None
            return 200, {"runId": run_id, "status": "queued", "conversationId": None}

    def poll(self, run_id: str) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if run_id not in self._messages:
                return 404, {"error": "no such run"}
            if self._left.get(run_id, 0) > 0:
                self._left[run_id] -= 1
                return 200, {"runId": run_id, "status": "running"}
            self._left.pop(run_id, None)
            answer = f"Answer to: {self._messages[run_id]}"
            return 200, {"runId": run_id, "status": "completed", "text": answer}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Connections that the client closed are no news."""


class _Handler(BaseHTTPRequestHandler):
    puffle: CountingPuffle
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = self.puffle.start(json.loads(body)["message"])
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._answer(*answer)

    def do_GET(self) -> None:
        self._answer(*self.puffle.poll(self.path.rpartition("/")[2]))

    def _answer(self, code: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if code == 429 and self.puffle.retry_after:
            self.send_header("retry-after", self.puffle.retry_after)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
