"""Where the key could come to light in a process: each place that is looked into, and what it holds."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import pickle
import re
import ssl
from collections.abc import Iterable, Iterator, Sequence

from IPython.core import ultratb

from puffle_jupyter import AsyncPuffleClient, PuffleError, Run
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.tables.run_csv import run_csv
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.snapshot import WatchSnapshot

from .echo_kinds import ECHO_KINDS, ENDS_WITH_ECHO
from .exchange import Kind
from .figure import Figure, Size
from .kinds import KINDS
from .plans import QUEUED, Plan
from .runs import KEY, SkippedTime, client_for
from .server import FaultyPuffle

SECRET = KEY.removeprefix("pk_live_")
PARTS = (SECRET[:8], SECRET[8:-8], SECRET[-8:])
"""Any of them is a leak; `pk_live_` is public."""

ALL_KINDS = (*KINDS.values(), *ECHO_KINDS, *ENDS_WITH_ECHO)
XMODES = ("Plain", "Context", "Verbose", "Minimal", "Docs")
"""The five ways of ``%xmode``."""

Place = tuple[str, str]
"""What was looked into, and the text found there."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_AT_ONCE = 10


def leaks_in(text: str | bytes) -> list[str]:
    """The parts of the key that ``text`` holds."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return [part for part in PARTS if part in shown]


def measure(size: Size) -> list[Figure]:
    looked_into, found = sweep()
    return [
        Figure(
            f"the key, {looked_into} texts of {len(ALL_KINDS)} kinds with echo: occurrences",
            str(len(found)),
            "0",
            looked_into > 0 and not found,
            found,
        )
    ]


def sweep(kinds: Sequence[Kind] = ALL_KINDS) -> tuple[int, list[str]]:
    """How many texts were looked into, and the names of those that hold a part of the key."""
    looked_into, found = 0, []
    for name, text in places(kinds):
        looked_into += 1
        found += [name] if leaks_in(text) else []
    return looked_into, found


def places(kinds: Sequence[Kind] = ALL_KINDS) -> Iterator[Place]:
    """Every text that watching and asking leaves behind, with a server that echoes."""
    with _listening() as said:
        watched, errors = result_of(poll_loop.submit(_watch_all(kinds)))
    yield from watched
    yield from said.items()
    yield from _tracebacks(errors)


@contextlib.contextmanager
def _listening() -> Iterator[dict[str, str]]:
    """What is printed meanwhile, and what every logger says at DEBUG."""
    said: dict[str, str] = {}
    printed, complained, logged = io.StringIO(), io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(logged)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
            yield said
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert "HTTP Request: GET" in logged.getvalue(), "the HTTP library's own log was not heard"
    said.update(
        {"stdout": printed.getvalue(), "stderr": complained.getvalue(), "DEBUG logs": logged.getvalue()}
    )


async def _watch_all(kinds: Iterable[Kind]) -> tuple[list[Place], list[tuple[str, PuffleError]]]:
    found: list[Place] = []
    errors: list[tuple[str, PuffleError]] = []
    tls = ssl.create_default_context()
    waiting = iter(kinds)

    async def work() -> None:
        for kind in waiting:
            found.extend(await _watch(kind, tls))
            if not kind.is_slow and not kind.is_refusal:
                errors.extend([(kind.name, error)] if (error := await error_of(kind, tls)) else [])

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return found, errors


async def _watch(kind: Kind, tls: ssl.SSLContext) -> list[Place]:
    """What a watch of a run that meets ``kind`` twice shows of itself."""
    plan = Plan("run_echo", (QUEUED, kind, kind), "completed")
    snapshots: list[WatchSnapshot] = []
    async with FaultyPuffle(plan, echoes=True) as puffle, client_for(puffle.base_url, tls) as client:
        time = SkippedTime(puffle)
        watch = watch_by_polling(plan.run_id, client, interval=1.0, clock=time.clock, sleep=time.sleep)
        watch.observe(snapshots.append)
        with contextlib.suppress(PuffleError):
            await watch
        shown = [
            (f"{kind}: {name}", text)
            for name, text in [
                ("snapshots", repr(snapshots)),
                ("repr of watch and client", f"{watch!r} {client!r}"),
                ("vars of watch and client", f"{vars(watch)} {vars(client)} {vars(client._account)}"),
                ("connections", repr([vars(open_) for open_ in client._open.values()])),
                ("pickled client", _pickled(client)),
            ]
        ]
    runs = [snapshot.run for snapshot in snapshots if snapshot.run is not None]
    return shown + [(f"{kind}: {name}", text) for run in runs for name, text in of_run(run)]


def of_run(run: Run) -> list[Place]:
    """Everything that a run can be turned into."""
    return [
        ("repr of run", repr(run)),
        ("vars of run", repr(vars(run))),
        ("pickled run", _pickled(run)),
        ("dict", json.dumps(run.to_dict())),
        ("HTML", run.to_html()),
        ("Markdown", run.to_markdown()),
        ("text", run.to_text()),
        ("compact Markdown", run.to_markdown("compact")),
        ("CSV", run_csv(run).encoded().decode()),
        ("tables", repr([(table.rows, table.to_text()) for table in run.tables])),
        ("transcript", repr(run.transcript)),
        ("error", str(run.error)),
    ]


def _pickled(thing: object) -> str:
    try:
        return repr(pickle.dumps(thing))
    except Exception as refusal:
        return repr(refusal)


async def error_of(kind: Kind, tls: ssl.SSLContext | None = None) -> PuffleError | None:
    """What comes of one request that is answered so."""
    plan = Plan("run_echo", (kind,), "completed")
    async with FaultyPuffle(plan, echoes=True) as puffle, client_for(puffle.base_url, tls) as client:
        return await _error_of(client)


async def _error_of(client: AsyncPuffleClient) -> PuffleError | None:
    try:
        await client.get_run("run_echo")
    except PuffleError as error:
        return error
    return None


def _raised_during(error: BaseException) -> Iterator[BaseException]:
    """What a debugger, a logger, or a package that pickles tracebacks finds behind ``error``."""
    for behind in (error.__context__, error.__cause__):
        if behind is not None:
            yield behind
            yield from _raised_during(behind)


def _all_of(error: BaseException) -> str:
    return f"{error} {error!r} {vars(error)}"


def _tracebacks(errors: list[tuple[str, PuffleError]]) -> Iterator[Place]:
    """Each error as IPython shows it, in its five ways; Verbose shows the locals of every frame."""
    by_words = {str(error): (name, error) for name, error in errors}
    formatters = {mode: ultratb.FormattedTB(mode=mode) for mode in XMODES}
    for name, error in by_words.values():
        yield f"{name}: str, repr, pickle", f"{error} {error!r} {vars(error)} {_pickled(error)}"
        yield f"{name}: what it was raised during", " ".join(map(_all_of, _raised_during(error)))
        for mode, formatter in formatters.items():
            text = formatter.text(type(error), error, error.__traceback__)
            assert type(error).__name__ in text
            yield f"{name}: traceback, {mode}", _COLOUR.sub("", text)
