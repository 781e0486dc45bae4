"""The CPU of one poll after another over a transport, for `transports`: prints seconds for each."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import time

from puffle_jupyter import AsyncPuffleClient
from tests.tools.transports import use_transport

_WARM_UP = 20


async def seconds_of_a_poll(address: str, authorities: str, polls: int) -> float:
    """Seconds of CPU, of all threads of this process."""
    context = ssl.create_default_context(cafile=authorities)
    async with AsyncPuffleClient("pk_live_benchmark", address, verify=context) as client:
        for _ in range(_WARM_UP):
            await client.get_run("run_1")
        used = time.process_time()
        for _ in range(polls):
            await client.get_run("run_1")
        return (time.process_time() - used) / polls


if __name__ == "__main__":
    transport, address, authorities, polls = sys.argv[1:]
    use_transport(transport)
    print(asyncio.run(seconds_of_a_poll(address, authorities, int(polls))), flush=True)
    os._exit(0)
