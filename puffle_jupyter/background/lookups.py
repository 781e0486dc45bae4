"""Looking host names up on daemon threads: few, however many ask, and none that can hold up an exit.

The default executor's threads are joined at exit, where a name server that does not answer would hold up the
end of the process. One thread for each question would be no better: a question that nobody answers may take
the system's resolver a minute, and every poll asks it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

MOST_THREADS = 8

_Question = tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]
_Receiver = Callable[[Any, OSError | None], None]


class LookUps:
    """Answers questions of ``getaddrinfo``, the same question of several askers once.

    Args:
        most_threads: how many questions are under way at a time; further ones wait for a thread.
    """

    def __init__(self, most_threads: int = MOST_THREADS) -> None:
        self._most_threads = most_threads
        self._lock = threading.RLock()
        self._threads = 0
        self._asked: dict[_Question, list[_Receiver]] = {}
        self._waiting: OrderedDict[_Question, None] = OrderedDict()

    def forget(self) -> None:
        """Start afresh in a forked child, where the threads do not exist and the lock may be held."""
        vars(self).update(vars(LookUps(self._most_threads)))

    async def ask(self, *arguments: Any, **options: Any) -> Any:
        """What ``socket.getaddrinfo`` returns for these arguments.

        Raises:
            OSError: what it raised, or that no thread can be started.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()

        def settle(found: Any, error: OSError | None) -> None:
            if answer.done():
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

        def receive(found: Any, error: OSError | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody asks any more
                loop.call_soon_threadsafe(settle, found, error)

        question: _Question = (arguments, tuple(sorted(options.items())))
        try:
            self._put(question, receive)
            return await answer
        except RuntimeError as error:
            raise OSError(f"no name can be looked up: {error}") from None
        finally:
            self._withdraw(question, receive)

    def _put(self, question: _Question, receive: _Receiver) -> None:
        with self._lock:
            receivers = self._asked.get(question)
            if receivers is not None:
                receivers.append(receive)
                return
            self._asked[question] = [receive]
            self._waiting[question] = None
            if self._threads >= self._most_threads:
                return
            thread = threading.Thread(target=self._work, name="name-lookup", daemon=True)
            thread.start()  # raises RuntimeError when the process is at its end, or out of threads
            self._threads += 1

    def _withdraw(self, question: _Question, receive: _Receiver) -> None:
        """Forget an asker; with the last one a question that no thread has taken yet."""
        with self._lock:
            receivers = self._asked.get(question, [])
            if receive in receivers:
                receivers.remove(receive)
            if not receivers and question in self._waiting:
                del self._waiting[question], self._asked[question]

    def _work(self) -> None:
        while (question := self._next()) is not None:
            arguments, options = question
            found, failure = None, None
            try:
                found = socket.getaddrinfo(*arguments, **dict(options))
            except OSError as error:
                failure = error
            except Exception as error:  # a host that cannot be encoded, for one
                failure = OSError(f"{type(error).__name__} while looking up a name")
            with self._lock:
                receivers = self._asked.pop(question)
            for receive in receivers:
                receive(found, failure)

    def _next(self) -> _Question | None:
        """The next question; None ends the thread, which is counted off in the same step."""
        with self._lock:
            if self._waiting:
                return self._waiting.popitem(last=False)[0]
            self._threads -= 1
            return None


look_ups = LookUps()
"""The look-ups of this process, whichever loop they are for."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=look_ups.forget)
