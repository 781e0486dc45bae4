"""A Puffle in a process of its own, so that a busy kernel does not slow it; its run changes on command.

The run is the embedded Puffle's ``run_slow``: its clock stands still, and is set by hand. Before the server,
which speaks plain http, stands a door that speaks https, as Puffle itself does.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import trustme

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.paths import ROOT

RUN_ID = "run_slow"
SECONDS_INTO = {"queued": 0.0, "running": 30.0}
"""Where the clock stands while the run has each status; `RUN_ID` never ends."""


class ChangingPuffle:
    """The other process, as seen from here.

    Attributes:
        base_url: its address, https or plain http.
        environment: what a kernel needs to reach it, and to trust it.
    """

    def __init__(self, process: subprocess.Popen[str], authorities: Path | None) -> None:
        self._process = process
        addresses = dict(zip(("http", "https"), self._answer().split(), strict=True))
        self.base_url = addresses["https" if authorities else "http"]
        self.environment = {"PUFFLE_BASE_URL": self.base_url, "PUFFLE_API_KEY": DEMO_KEY}
        if authorities:
            # Read by httpx and by requests.
            self.environment |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authorities))

    def change_to(self, status: str) -> float:
        """Change the run's status; returns when that happened, in seconds since the epoch."""
        assert self._process.stdin is not None
        print(status, file=self._process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def changing_puffle(*, encrypted: bool = False) -> Iterator[ChangingPuffle]:
    """Start it; the run is queued when it is polled first."""
    with certificates_in() as (certificate, authorities):
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(certificate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with process:
            try:
                yield ChangingPuffle(process, authorities if encrypted else None)
            finally:
                process.terminate()


@contextmanager
def certificates_in() -> Iterator[tuple[Path, Path]]:
    """The files of `_certificates`, in a folder that is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="puffle-benchmark-") as folder:
        yield _certificates(Path(folder))


def _certificates(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, and the authorities one trusts: its own and all the usual ones.

    The usual ones must be there: reading them is what a new connection costs in life.
    """
    authority = trustme.CA()
    certificate, authorities = folder / "certificate.pem", folder / "authorities.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    authorities.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
    return certificate, authorities


def main() -> None:
    """Serve; each line of standard input is the run's new status, answered with the moment of the change."""
    clock = 0.0
    with EmbeddedPuffle(clock=lambda: clock) as embedded:
        print(embedded.base_url, _open_door(Path(sys.argv[1]), embedded.base_url), flush=True)
        for line in sys.stdin:
            clock = SECONDS_INTO[line.strip()]
            print(time.time(), flush=True)


def _open_door(certificate: Path, base_url: str) -> str:
    """Speak https before the server at ``base_url``; returns the address of the door."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    port = int(base_url.rpartition(":")[2])

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass_on(reader, behind_writer), _pass_on(behind_reader, writer))

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    door = asyncio.start_server(enter, "127.0.0.1", 0, ssl=context)
    listening = asyncio.run_coroutine_threadsafe(door, loop).result()
    return f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until either side closes, then close the other."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # the connection was cut: that is an end too
    finally:
        writer.close()


if __name__ == "__main__":
    main()
