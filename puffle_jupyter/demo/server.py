"""`EmbeddedPuffle`: the server's life, in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING

from ..errors import MissingExtra
from .story import Clock, Story

if TYPE_CHECKING:
    import uvicorn

DEMO_KEY = "pk_live_demo_embedded_puffle"
"""The key the embedded Puffle lets in. It opens nothing else."""

DEMO_MEMBER_KEY = "pk_live_demo_not_an_admin"
"""A key it knows whose owner is not an admin: 403."""

_START_SECONDS = 10.0
_STOP_SECONDS = 5.0


class EmbeddedPuffle:
    """A Puffle of one's own: the documented HTTP contract, scripted runs, on a free port of 127.0.0.1.

    Every start begins all runs anew; each then follows the clock from its first poll.

    Args:
        port: the port to listen on; 0 takes a free one.
        clock: monotonic seconds; what tests move by hand.
        time_scale: how much faster than the clock the runs go.
        latency: seconds before every answer.

    Attributes:
        requests: GET requests received since the start, counted by run id.
        started: runs that were started since then, counted by message.

    >>> puffle = EmbeddedPuffle()
    >>> puffle.start()                                 # doctest: +SKIP
    'http://127.0.0.1:40123'
    >>> puffle.stop()
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Clock = time.monotonic,
        time_scale: float = 1.0,
        latency: float = 0.0,
    ) -> None:
        self.requests: Counter[str] = Counter()
        self.started: Counter[str] = Counter()
        self._port = port
        self._clock = clock
        self._time_scale = time_scale
        self._latency = latency
        self._lock = threading.RLock()
        self._base_url: str | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the server answers."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:PORT``.

        Raises:
            RuntimeError: the server is not running.
        """
        base_url = self._base_url
        if base_url is None or not self.running:
            raise RuntimeError("the embedded Puffle is not running: call start() first")
        return base_url

    def start(self) -> str:
        """Start the server, unless it runs already; returns its base address.

        Raises:
            MissingExtra: Starlette or uvicorn is not installed.
            OSError: the port is taken.
        """
        with self._lock:
            if not self.running:
                self._launch()
        return self.base_url

    def stop(self) -> None:
        """Stop the server within a second. Requests under way are dropped. May be called again."""
        with self._lock:
            server, thread = self._server, self._thread
            self._server = self._thread = self._base_url = None
            if server is not None and thread is not None:
                server.should_exit = True
                thread.join(_STOP_SECONDS)

    def __enter__(self) -> EmbeddedPuffle:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        try:
            from . import app, serving
        except ImportError as error:
            raise MissingExtra(
                f"the embedded Puffle needs the extra: pip install 'puffle_jupyter[demo]' ({error})"
            ) from None
        self.requests.clear()
        self.started.clear()
        connections = serving.OpenConnections()
        story = Story(self._clock, self._time_scale, self.requests, self.started)
        application = app.make_app(story, DEMO_KEY, DEMO_MEMBER_KEY, connections.drop, self._latency)
        listener = socket.create_server(("127.0.0.1", self._port))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started = threading.Event()
        server = serving.make_server(application, connections, started.set)

        def serve() -> None:
            # A loop of its own, not asyncio.run: that is replaced while nest_asyncio is applied.
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(serving.serve(server, listener, connections))
            finally:
                loop.close()
                listener.close()

        self._thread = threading.Thread(target=serve, name="puffle-demo", daemon=True)
        self._thread.start()
        if not started.wait(_START_SECONDS):
            raise RuntimeError("the embedded Puffle did not start")
        self._server, self._base_url = server, base_url
