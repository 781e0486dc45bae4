"""``python -m puffle_jupyter.demo``: the main job in one go, on the embedded Puffle."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .. import PuffleError
from ..printing import encodable, say
from .lab import open_lab
from .runs import RUNS
from .server import DEMO_KEY, EmbeddedPuffle
from .status_line import StatusLine

POLL_SECONDS = 0.5
"""Shorter than the documented 1 to 2 s: the server is this process."""

REDRAW_SECONDS = 0.2

_NEXT_STEPS = """
Open that page in a browser. Next, the same in a notebook, with JupyterLab on the quickstart:

  {python} -m puffle_jupyter.demo --lab

or in any notebook, or in IPython:

  %load_ext puffle_jupyter
  %puffle_demo
  %puffle_wait run_abc"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # argparse, too, prints names of files and of runs
    parser = make_parser()
    options, for_lab = parser.parse_known_args(arguments)
    if for_lab and not options.lab:
        parser.error(f"unrecognized arguments: {' '.join(for_lab)}")
    try:
        if options.lab:
            return open_lab(for_lab)
        if options.serve:
            return serve(options.port)
        return wait_on(options.run_id, options.output or Path(f"puffle-{options.run_id}.html"))
    except (PuffleError, OSError) as error:
        print(f"puffle_jupyter.demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def next_steps(python: str) -> str:
    """What is printed last: what to open, and what to type next.

    Args:
        python: the path of this interpreter, which an environment that is not activated does not find.
    """
    try:
        below = Path(python).relative_to(Path.cwd())
    except (OSError, ValueError):
        return _NEXT_STEPS.format(python=shlex.quote(python))
    return _NEXT_STEPS.format(python=shlex.quote(str(below)))


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m puffle_jupyter.demo",
        description="Starts an embedded Puffle, waits on one of its runs, and writes the transcript as HTML.",
        epilog="The runs:\n" + runs_table(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "run_id", nargs="?", default="run_abc", choices=RUNS, metavar="RUN_ID", help="default: %(default)s"
    )
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help="the HTML file; default: puffle-RUN_ID.html, here"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--serve", action="store_true", help="only serve, until Ctrl-C")
    instead.add_argument(
        "--lab",
        action="store_true",
        help="open JupyterLab on the quickstart; further options are JupyterLab's",
    )
    parser.add_argument("--port", type=port_number, default=0, help="with --serve; default: a free one")
    return parser


def port_number(word: str) -> int:
    """Read a port: 0 to 65535."""
    if not word.isascii() or not word.isdigit() or int(word) > 65535:
        raise argparse.ArgumentTypeError(f"{word!r} is not a port: 0 to 65535, where 0 takes a free one")
    return int(word)


def runs_table() -> str:
    """The runs to try, a line each."""
    width = max(map(len, RUNS))
    return "\n".join(f"  {run_id:<{width}}  {description}" for run_id, description in RUNS.items())


def wait_on(run_id: str, output: Path) -> int:
    """Wait on a run with a live badge line, write its transcript; 0 when the run completed."""
    # What only this path needs is imported here: --serve and --lab work without a view.
    from .. import PuffleClient, RunStatus, WaitTimeout, watch
    from ..display.snapshot import badge_line

    with EmbeddedPuffle() as puffle, PuffleClient(DEMO_KEY, puffle.base_url) as client:
        say(f"Embedded Puffle at {puffle.base_url}. Waiting on {run_id}: {RUNS[run_id]}.")
        watching = watch(run_id, client=client, interval=POLL_SECONDS)
        line = StatusLine(sys.stdout or io.StringIO())  # pythonw has none
        try:
            while not watching.done:
                snapshot = watching.snapshot
                badge = encodable(badge_line(snapshot, watching.clock()), sys.stdout)
                line.show(badge, (snapshot.phase, snapshot.status_text))
                with contextlib.suppress(WaitTimeout):
                    watching.wait(REDRAW_SECONDS)
            run = watching.wait()
            snapshot = watching.snapshot
            badge = encodable(badge_line(snapshot, watching.clock()), sys.stdout)
            line.show(badge, (snapshot.phase, snapshot.status_text))
        finally:
            line.close()
            watching.stop()
    output.write_text(run.to_html(), encoding="utf-8")
    say(f"Transcript: {output.resolve()}\n{next_steps(sys.executable)}")
    return 0 if run.status is RunStatus.COMPLETED else 1


def serve(port: int) -> int:
    """Serve until Ctrl-C or a termination signal."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    puffle = EmbeddedPuffle(port=port)
    try:
        base_url = puffle.start()
    except OSError as error:
        raise OSError(f"cannot listen on port {port}: {error.strerror}. Choose another --port.") from None
    word = "set" if os.name == "nt" else "export"
    say(f"Embedded Puffle at {base_url}; Ctrl-C stops it. In another terminal:\n")
    say(f"  {word} PUFFLE_BASE_URL={base_url}\n  {word} PUFFLE_API_KEY={DEMO_KEY}\n")
    say(f"Its runs, each of which begins at its first poll:\n{runs_table()}")
    with puffle, contextlib.suppress(KeyboardInterrupt):
        while not ending.wait(1.0):  # a wait without end cannot be interrupted on Windows
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
