"""`ClusterClient`: Puffle's API over the workers of a cluster, each with its own key."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from ..client.client import AsyncPuffleClient
from ..client.options import DEFAULT_DEADLINE
from ..client.start import StartedRun, check_message, unconfirmed
from ..errors import ConnectionFailed, InvalidSetting, PuffleError
from ..json_value import JsonValue
from ..run import Run
from ..run_data import check_run_id
from .cluster import Cluster, NoWorker
from .on_worker import run_from_here, start_from_here

_ON_THE_WAY = 30.0  # seconds for which a worker may take longer than its own request
_LOST = "the worker was lost, or the way to it"


class ClusterClient(AsyncPuffleClient):
    """An `AsyncPuffleClient` that has no key: workers send its requests, and cut their key from the answers.

    Each request is carried out once, by one worker. Whoever asks keeps the pace, the pauses and the notes,
    so there is one of each for the whole cluster.

    Args:
        cluster: the workers.
        base_url: where they send to.
    """

    def __init__(self, cluster: Cluster, base_url: str) -> None:
        self._cluster = cluster
        self._address = base_url

    @property
    def base_url(self) -> str:
        """Where the workers send to."""
        return self._address

    async def get_run(self, run_id: str) -> Run:
        """See `AsyncPuffleClient.get_run`; a worker that is lost is a `ConnectionFailed`."""
        check_run_id(run_id)
        try:
            async with asyncio.timeout(DEFAULT_DEADLINE + _ON_THE_WAY):
                answer = await self._cluster.on_a_worker(run_from_here, run_id, self._address)
        except Exception as error:
            raise _not_reached(error) from None
        if isinstance(answer, PuffleError):
            raise answer
        return answer

    async def start_chat(
        self,
        message: str,
        *,
        history: Iterable[Mapping[str, str]] | None = None,
        conversation_id: str | None = None,
    ) -> StartedRun:
        """See `AsyncPuffleClient.start_chat`; new conversations alone.

        Raises:
            StartNotConfirmed: the worker was lost, or its answer: the chat may have started.
        """
        if history is not None or conversation_id is not None:
            raise InvalidSetting("Workers begin new conversations alone. Nothing was sent.")
        check_message(message)
        try:
            async with asyncio.timeout(DEFAULT_DEADLINE + _ON_THE_WAY):
                answer = await self._cluster.on_a_worker(
                    start_from_here, message, self._address, is_careful=True
                )
        except NoWorker as error:
            raise _not_reached(error) from None
        except Exception as error:
            raise unconfirmed(f"No answer from a worker ({type(error).__name__}: {_LOST})", None) from None
        if isinstance(answer, PuffleError):
            raise answer
        return answer

    def stream_chat(self, *arguments: Any, **options: Any) -> NoReturn:
        """Streams end with their connection: not over workers.

        Raises:
            InvalidSetting
        """
        raise InvalidSetting("A cluster streams no answers: ask with a client of Puffle. Nothing was sent.")

    async def open_answer(self, *arguments: Any, **options: Any) -> NoReturn:
        """See `stream_chat`."""
        self.stream_chat()

    def without_key_in(self, value: JsonValue) -> JsonValue:
        """``value``: the worker that received it has cut its key out."""
        return value

    def without_key(self, text: str) -> str:
        """``text``: the worker that received it has cut its key out."""
        return text

    async def aclose(self) -> None:
        """Nothing is open here."""


def _not_reached(error: Exception) -> ConnectionFailed:
    why = "the cluster has no worker" if isinstance(error, NoWorker) else f"{type(error).__name__}: {_LOST}"
    failed = ConnectionFailed(f"Puffle was not reached over the cluster: {why}.")
    failed.short = "no worker" if isinstance(error, NoWorker) else "a worker was lost"
    return failed


def client_over(dask_client: Any) -> ClusterClient:
    """The one client of a cluster: all that is asked over it shares one budget.

    Raises:
        MissingExtra, InvalidSetting, NotSent: see `Cluster`.
    """
    cluster = Cluster.of(dask_client)
    base_url = cluster.base_url()
    known = _clients.get((cluster.name, base_url))
    if known is None:
        known = _clients[cluster.name, base_url] = ClusterClient(cluster, base_url)
    return known


_clients: weakref.WeakValueDictionary[tuple[str, str], ClusterClient] = weakref.WeakValueDictionary()
