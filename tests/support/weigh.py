"""What every view of a run costs: ``python -m tests.support.weigh`` reads names of bombs.

Each view is made in a forked child, whose memory and time are its own. It prints a line of JSON for each:
the bomb, the view, CPU seconds, and megabytes more than before.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable

from puffle_jupyter.display.snapshot import static_text
from puffle_jupyter.render.arrangement import EXPANDED, Search
from puffle_jupyter.render.html.found import found_html
from puffle_jupyter.render.html.run import arranged_body
from puffle_jupyter.render.terminal.layout import Layout
from puffle_jupyter.render.terminal.short_form import short_text
from puffle_jupyter.run import Run
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot

from .bombs import all_bombs

View = Callable[[Run], object]

VIEWS: dict[str, View] = {
    "output": lambda run: run._repr_html_(),
    "text of an output": lambda run: static_text(
        WatchSnapshot(run.run_id, WatchPhase.ENDED, run.status, run.status_text, run), ""
    ),
    "expanded": lambda run: arranged_body(run, EXPANDED),
    "found": lambda run: found_html(run, Search("1")).html,
    "page": lambda run: run.to_html(),
    "Markdown": lambda run: run.to_markdown(),
    "text": lambda run: run.to_text(),
    "short form": lambda run: short_text(run, run.run_id, Layout(100, True), ""),
    "grep": lambda run: run.grep("1"),
    "calls": lambda run: [(call.arguments, call.result, call.error) for call in run.calls],
    "messages": lambda run: (run.messages, run.tool_calls, run.error),
    "frame": lambda run: run.to_frame(),
}


def main() -> None:
    # What is imported late must not count.
    warm = Run.from_dict(
        {"runId": "run_a", "status": "completed", "text": "a", "messages": [], "toolCalls": []}
    )
    for view in VIEWS.values():
        view(warm)
    bombs = all_bombs()
    for name in sys.stdin.read().splitlines():
        body = bombs[name]()
        for kind, view in VIEWS.items():
            print(json.dumps([name, kind, *_weighed(view, body)]), flush=True)


def _weighed(view: View, body: bytes) -> tuple[float, float, str]:
    reader, writer = os.pipe()
    if not os.fork():
        os.close(reader)
        os.write(writer, json.dumps(_in_child(view, body)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.wait()
    seconds, megabytes, error = json.loads(said) if said else (0.0, 0.0, "the process died")
    return seconds, megabytes, error


def _in_child(view: View, body: bytes) -> tuple[float, float, str]:
    before, started, error = _peak(), time.process_time(), ""
    try:
        view(Run.from_json(body))
    except Exception as raised:
        error = repr(raised)[:200]
    return time.process_time() - started, (_peak() - before) / 1024, error


def _peak() -> float:
    """Kilobytes: the most that this process has had."""
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main()
