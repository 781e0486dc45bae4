"""What a worker does. The key is the worker's own: found where it runs, and never sent to or from it.

Errors of ours are returned, not raised: dask would write what was asked for into the worker's log.
"""

from __future__ import annotations

import asyncio

from ..background.loop import poll_loop
from ..client.client import AsyncPuffleClient
from ..client.credentials import Account
from ..client.start import StartedRun
from ..errors import InvalidSetting, PuffleError
from ..run import Run
from ..watching.registry import registry


def client_here(base_url: str | None = None) -> AsyncPuffleClient:
    """The client of this worker's account, one for all that the worker does.

    Args:
        base_url: where it is meant to send to: a worker may have come after all were asked. None is anywhere.

    Raises:
        MissingApiKey, InvalidApiKey, InvalidSetting
    """
    client = registry.client_for(Account.find())
    if base_url not in (None, client.base_url):
        raise InvalidSetting(f"A worker sends to {client.base_url}, not to {base_url}.")
    return client


def address_here() -> str | PuffleError:
    """Where this worker sends to; an error when it has no key."""
    try:
        return client_here().base_url
    except PuffleError as error:
        return error.with_traceback(None)


async def run_from_here(run_id: str, base_url: str) -> Run | PuffleError:
    """Ask for a run once."""
    try:
        return await asyncio.wrap_future(poll_loop.submit(client_here(base_url).get_run(run_id)))
    except PuffleError as error:
        return error.with_traceback(None)


async def start_from_here(message: str, base_url: str) -> StartedRun | PuffleError:
    """Start a chat, by one request, at the address that the message is noted for."""
    try:
        return await asyncio.wrap_future(poll_loop.submit(client_here(base_url).start_chat(message)))
    except PuffleError as error:
        return error.with_traceback(None)
