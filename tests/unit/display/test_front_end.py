"""A front end is told from facts of its request, as these were recorded in each of them."""

from __future__ import annotations

from typing import Any

import pytest

from puffle_jupyter.display.front_end import FrontEnd, front_end_of_request

UUID = "5f0c2a52-2c0f-4c0b-9a5e-4a3a8a1d3f10"
SESSION = "451d6f0f-32f5fcf818988df920a4ff63"


def request(
    message: str, session: str, *, allow_stdin: bool = True, metadata: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An ``execute_request`` as a kernel gets it, with the facts that were recorded."""
    return {
        "header": {"msg_id": message, "session": session, "msg_type": "execute_request"},
        "metadata": metadata or {},
        "content": {"code": "%puffle_wait run_abc", "allow_stdin": allow_stdin},
    }


JUPYTERLAB = request(
    UUID, UUID, metadata={"deletedCells": [], "recordTiming": True, "cellId": UUID, "trusted": True}
)
CONSOLE = request(f"{SESSION}_10518_3", SESSION)
QTCONSOLE = request("e99c6551-a890af227f7f77631ba49af2_10998_3", "e99c6551-a890af227f7f77631ba49af2")
EUPORIE = request("3bc01deb-93edb2ee48ab14fd04fcdc8f_10635_5", "3bc01deb-93edb2ee48ab14fd04fcdc8f")
NBCLIENT = request(f"{SESSION}_411_4", SESSION, allow_stdin=False)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (JUPYTERLAB, FrontEnd.LIVE),
        (CONSOLE, FrontEnd.APPENDING),
        (QTCONSOLE, FrontEnd.APPENDING),
        (EUPORIE, FrontEnd.APPENDING),
        (NBCLIENT, FrontEnd.HEADLESS),
        ({**CONSOLE, "metadata": {"cellId": UUID}}, FrontEnd.LIVE),
        (request(UUID, UUID), FrontEnd.LIVE),
        (request(f"{SESSION}_x_3", SESSION), FrontEnd.LIVE),
        (request("_1_2", ""), FrontEnd.LIVE),
        ({}, FrontEnd.LIVE),
        ({"header": None, "metadata": [], "content": "?"}, FrontEnd.LIVE),
    ],
)
def test_front_end_of_a_request(sent: dict[str, Any], expected: FrontEnd) -> None:
    """A session's message id, input allowed and no cell named: a client that cannot change an output."""
    assert front_end_of_request(sent) is expected


def test_the_cell_of_a_client_without_updates_waits() -> None:
    """What comes after its cell would not be shown there."""
    assert FrontEnd.APPENDING.blocks
    assert FrontEnd.APPENDING.is_notebook
