"""`each` over a cluster: the workers send, this process decides, so one pace and one note hold for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, overload

from ..display import each as rows_each
from ..display.each_board import EachBoard
from ..display.run_board import RunBoard
from .cluster_client import client_over

if TYPE_CHECKING:
    import distributed


@overload
def each(
    rows: Any,
    template: str,
    *,
    client: distributed.Client,
    dry_run: Literal[True],
    name: str = "",
    key: str | None = None,
    confirm: bool = False,
    at_once: int = 10,
    per_minute: float = 30.0,
    interval: float | None = None,
    timeout: float | None = None,
    on_done: Callable[[RunBoard], object] | None = None,
) -> None: ...
@overload
def each(
    rows: Any,
    template: str,
    *,
    client: distributed.Client,
    dry_run: Literal[False] = False,
    name: str = "",
    key: str | None = None,
    confirm: bool = False,
    at_once: int = 10,
    per_minute: float = 30.0,
    interval: float | None = None,
    timeout: float | None = None,
    on_done: Callable[[RunBoard], object] | None = None,
) -> EachBoard: ...
def each(
    rows: Any, template: str, *, client: distributed.Client, dry_run: bool = False, **options: Any
) -> EachBoard | None:
    """Ask Puffle one question for each row, as `puffle_jupyter.each` does, over the workers of a cluster.

    The workers send the messages and ask for the runs, each with the key of its own environment; this process
    needs none. It keeps the notes, the pace and the pauses, so one budget holds for the whole cluster, and a
    message is noted here before a worker gets it. A worker that dies while it sends leaves its row
    unconfirmed: the message is given to no other worker, and not sent again by itself.

    Args:
        rows: a DataFrame, or a list of dicts.
        template: the message, with ``{column}`` for what differs.
        client: a ``dask.distributed.Client``.
        dry_run: print the first three messages and how many there are, and send nothing.
        options: those of `puffle_jupyter.each`.

    Returns:
        The board; None with ``dry_run``.

    Raises:
        MissingExtra: the extra ``puffle_jupyter[distributed]`` is not installed.
        NotSent: the cluster has no worker, or one has no key; and all that `puffle_jupyter.each` raises.

    >>> board = each(frame, "Who leads sales at {company}?", client=distributed.Client())   # doctest: +SKIP
    >>> fetch_runs(board.wait(), client, folder="answers")
    """
    over = client_over(client)
    board: EachBoard | None = rows_each.each(rows, template, client=over, dry_run=dry_run, **options)  # type: ignore[call-overload]
    return board
