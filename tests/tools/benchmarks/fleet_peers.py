"""What a poll costs in the clients that people use, for `fleet`: prints seconds of CPU for each."""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from collections.abc import Callable

import httpx
import requests

_HEADERS = {"Authorization": "Bearer pk_live_benchmark"}
_WARM_UP = 20


def of_requests(address: str, authorities: str, polls: int) -> float:
    """A loop over one `requests.Session`, which keeps its connection."""
    with requests.Session() as session:
        session.headers.update(_HEADERS)

        def poll() -> None:
            session.get(address, timeout=10, verify=authorities).json()

        return _cpu_of(poll, polls)


def of_httpx(address: str, authorities: str, polls: int) -> float:
    """A loop over one `httpx.AsyncClient`, which keeps its connection."""
    return asyncio.run(_of_httpx(address, ssl.create_default_context(cafile=authorities), polls))


async def _of_httpx(address: str, context: ssl.SSLContext, polls: int) -> float:
    async with httpx.AsyncClient(headers=_HEADERS, verify=context) as client:
        for _ in range(_WARM_UP):
            (await client.get(address)).json()
        used = time.process_time()
        for _ in range(polls):
            (await client.get(address)).json()
        return (time.process_time() - used) / polls


def _cpu_of(poll: Callable[[], None], polls: int) -> float:
    for _ in range(_WARM_UP):
        poll()
    used = time.process_time()
    for _ in range(polls):
        poll()
    return (time.process_time() - used) / polls


PEERS = {"requests.Session": of_requests, "httpx.AsyncClient": of_httpx}

if __name__ == "__main__":
    peer, address, authorities, polls = sys.argv[1:]
    print(PEERS[peer](f"{address}/api/agent/chat/run_1", authorities, int(polls)))
