"""``%puffle_demo``: the embedded Puffle in this kernel, and the session it takes over meanwhile."""

from __future__ import annotations

from typing import Any

from ..printing import say


class Demo:
    """An embedded Puffle that the session speaks to while it runs."""

    def __init__(self) -> None:
        self._server: Any = None
        self._account: Any = None

    @property
    def running(self) -> bool:
        """Whether it was started, and not stopped."""
        return self._server is not None

    def start(self) -> None:
        """Start it, unless it runs; send the session's requests there; say what to type next."""
        from ..client.address import Address
        from ..client.credentials import Account, ApiKey, session
        from ..demo import DEMO_KEY, EmbeddedPuffle

        if not self.running:
            server = EmbeddedPuffle()
            server.start()
            self._server, self._account = server, Account(Address.parse(server.base_url), ApiKey(DEMO_KEY))
        session.enter_demo(self._account)
        # Without its address, which differs at each start: a notebook saved twice shall be the same.
        say("Embedded Puffle started. Try: %puffle_chat Find fintech founders in Berlin")
        say("or: %puffle_wait run_abc. All its runs: %puffle_demo runs")

    def say_runs(self) -> None:
        """Name the runs there are: those with states, one to compare, one for each format."""
        from ..demo import RUNS, STORIES
        from ..demo.runs import AGAIN

        stories = {**STORIES, **AGAIN}
        width = max(map(len, stories))
        say("Runs to watch, such as %puffle_wait run_abc:\n")
        say("\n".join(f"  {run_id:<{width}}  {story}" for run_id, story in stories.items()))
        ended = len(RUNS) - len(STORIES)
        say(f"\nand {ended} that have ended, one for each format: type run_shape_ and press Tab")
        say("To compare: %puffle_wait -b run_abc, then %puffle_diff run_abc run_abc_again")

    def stop(self) -> None:
        """Stop it and the watches of its runs; the session's own account is as it was, or was changed."""
        from ..client.credentials import session
        from ..watching.registry import registry

        if not self.running:
            return
        for watch in registry.live():
            if watch.client.base_url == self._server.base_url:
                watch.stop()
        self._server.stop()
        session.leave_demo(self._account)
        self._server = self._account = None
