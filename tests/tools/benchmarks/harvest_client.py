"""The process that harvests, for `harvest`: prints what that cost as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pandas

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.distributed import fetch_runs

_AT_ONCE = 32
_KEY = "pk_live_benchmark"


def ours(address: str, context: ssl.SSLContext, run_ids: list[str], folder: Path) -> int:
    """`fetch_runs`; how many rows its files have."""
    client = AsyncPuffleClient(_KEY, address, verify=context)
    return len(fetch_runs(run_ids, client, folder=folder, at_once=_AT_ONCE))


def peer(address: str, context: ssl.SSLContext, run_ids: list[str], folder: Path) -> int:
    """What people write: all answers gathered, one frame, one file; how many rows it has."""
    answers = asyncio.run(_gathered(address, context, run_ids))
    frame = pandas.DataFrame(
        {
            "run_id": [answer["runId"] for answer in answers],
            "status": [answer["status"] for answer in answers],
            "answer": [answer.get("text") for answer in answers],
            "messages": [len(answer.get("messages", ())) for answer in answers],
            "body": [json.dumps(answer) for answer in answers],
        }
    )
    frame.to_parquet(folder / "runs.parquet", compression="zstd")
    return len(frame)


async def _gathered(address: str, context: ssl.SSLContext, run_ids: list[str]) -> list[dict[str, Any]]:
    slots = asyncio.Semaphore(_AT_ONCE)  # without it the pool is quadratic in the requests that wait
    headers = {"Authorization": f"Bearer {_KEY}"}
    async with httpx.AsyncClient(headers=headers, verify=context, timeout=30) as client:

        async def answer(run_id: str) -> dict[str, Any]:
            async with slots:
                said = await client.get(f"{address}/api/agent/chat/{run_id}")
            body: dict[str, Any] = said.raise_for_status().json()
            return body

        return await asyncio.gather(*map(answer, run_ids))


HARVESTS = {"ours": ours, "peer": peer}


def main(who: str, address: str, authorities: str, runs: str, folder: str) -> None:
    """Harvest so many runs, after a few that import what is needed and open connections."""
    harvest = HARVESTS[who]
    context = ssl.create_default_context(cafile=authorities)
    harvest(address, context, [f"run_w{number}" for number in range(_AT_ONCE)], Path(folder))
    began, used = time.perf_counter(), time.process_time()
    found = harvest(address, context, [f"run_{number}" for number in range(int(runs))], Path(folder))
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    assert found == int(runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": peak, "runs": found}), flush=True)
    os._exit(0)  # the loops' threads have nothing to say any more


if __name__ == "__main__":
    main(*sys.argv[1:])
