"""Runs that are asked for once, and not followed: to look at them as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..background.loop import poll_loop
from ..client.client import AsyncPuffleClient
from ..client.credentials import Account
from ..run import Run
from ..run_data import check_run_id
from .registry import registry


def fetch_runs(run_ids: Sequence[str]) -> list[Run]:
    """The runs of the kernel's account, ended or not; one that this kernel saw end costs no request.

    Nothing is started, and nothing is watched.

    Raises:
        InvalidRunId, MissingApiKey, InvalidApiKey: before anything is sent.
        ResponseError, ConnectionFailed: what became of the first that could not be had.
    """
    for run_id in run_ids:
        check_run_id(run_id)
    if not run_ids:
        return []
    client = registry.client_for(Account.find())
    known = {run_id: registry.ended_run(run_id, client) for run_id in run_ids}
    missing = [run_id for run_id, run in known.items() if run is None]
    if missing:
        known |= dict(zip(missing, poll_loop.run(_ask(client, missing)), strict=True))
    return [run for run_id in run_ids if (run := known[run_id]) is not None]


async def _ask(client: AsyncPuffleClient, run_ids: Sequence[str]) -> list[Run]:
    answers = await asyncio.gather(*map(client.get_run, run_ids), return_exceptions=True)
    runs = []
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
        runs.append(answer)
    return runs
