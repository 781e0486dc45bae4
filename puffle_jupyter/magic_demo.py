"""``%puffle_demo``: the embedded Puffle in this kernel, and the session it takes over meanwhile."""

from __future__ import annotations

from typing import Any


class Demo:
    """An embedded Puffle that the session speaks to while it runs."""

    def __init__(self) -> None:
        self._server: Any = None
        self._before: tuple[Any, Any] = (None, None)

    @property
    def running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        """Start it, unless it runs; send the session's requests there; name the runs there are."""
        from .api.credentials import ApiKey, session
        from .demo import DEMO_KEY, STORIES, EmbeddedPuffle

        if not self.running:
            server = EmbeddedPuffle()
            server.start()
            self._server, self._before = server, (session.base_url, session.api_key)
        session.base_url = self._server.base_url
        session.api_key = ApiKey(DEMO_KEY)
        width = max(len(run_id) for run_id in STORIES)
        # Without its address, which differs at each start: a notebook saved twice shall be the same.
        print("Embedded Puffle started, in this kernel. Runs to watch, such as %puffle_wait run_abc:\n")
        print("\n".join(f"  {run_id:<{width}}  {story}" for run_id, story in STORIES.items()))

    def stop(self) -> None:
        """Stop it and the watches of its runs, and give the session back."""
        from .api.credentials import session
        from .watching.registry import registry

        if not self.running:
            return
        for watch in registry.live():
            if watch.client.base_url == self._server.base_url:
                watch.stop()
        self._server.stop()
        self._server = None
        session.base_url, session.api_key = self._before
