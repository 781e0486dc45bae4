"""No lock hangs the thread that holds it: garbage is collected there, and finalizers take locks too."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import puffle_jupyter
from puffle_jupyter import RunWidget
from puffle_jupyter.background.lookups import LookUps
from puffle_jupyter.background.loop import BackgroundLoop
from puffle_jupyter.display.subscription import view_loop
from tests.support.scripted import ScriptedPuffle, told

PACKAGE = Path(puffle_jupyter.__file__).parent
# Each waiter makes its own, and nobody else waits for it.
PLAIN_LOCKS = {"background/future.py": 1}


def ends(function: Callable[[], object]) -> bool:
    """Whether ``function`` returns within five seconds, on a thread of its own."""
    thread = threading.Thread(target=function, name="test-locks", daemon=True)
    thread.start()
    thread.join(5)
    return not thread.is_alive()


def test_every_lock_is_reentrant() -> None:
    """No module makes a plain lock: a finalizer that runs under it would wait for its own thread."""
    found: dict[str, int] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        plain = sum(ast.unparse(call.func) in ("threading.Lock", "Lock", "queue.Queue") for call in calls)
        if plain:
            found[path.relative_to(PACKAGE).as_posix()] = plain
    assert found == PLAIN_LOCKS


@pytest.mark.usefixtures("background")
def test_closing_a_closed_widget_takes_no_lock() -> None:
    """ipywidgets closes a widget once more when it is collected, on whichever thread that happens."""
    client = ScriptedPuffle(told("running")).client()
    widget = RunWidget.of(puffle_jupyter.watch("run_a", client=client, interval=600))
    widget.close()
    with view_loop._lock, widget._watch._listeners._lock:
        assert ends(widget.close)


def test_a_loop_can_be_used_while_its_lock_is_held() -> None:
    """By the same thread: a finalizer that submits work during the start of the loop's thread."""
    loop, called = BackgroundLoop("puffle-locks-test"), threading.Event()

    def nested() -> None:
        with loop._lock:
            loop.call_soon(called.set)

    assert ends(nested)
    assert called.wait(5)
    assert ends(loop.stop)


def test_a_look_up_that_is_dropped_takes_its_own_lock_again() -> None:
    """A coroutine that is collected in the middle of another question withdraws its own."""
    look_ups = LookUps(most_threads=0)
    question = (("host.example", 443), ())

    def receive(found: object, error: object) -> None:
        raise AssertionError("nothing was looked up")

    look_ups._put(question, receive)

    def nested() -> None:
        with look_ups._lock:
            look_ups._withdraw(question, receive)

    assert ends(nested)
    assert not look_ups._waiting
