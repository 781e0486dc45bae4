"""A real kernel, read from its raw messages: what a front end is sent, in the order it is sent."""

from __future__ import annotations

import ast
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from .environment import KERNEL_NAME, TRANSPORT, clean_environment, connection_file, write_kernelspec

Metadata = dict[str, Any]

KERNEL_LOG = "kernel.log"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Quiet(AssertionError):
    """The kernel did not say the awaited thing in time."""


@dataclass(frozen=True)
class Message:
    """One iopub message; `sent` is the kernel's clock in seconds since the epoch."""

    kind: str
    content: dict[str, Any]
    parent: str | None
    sent: float

    @property
    def bundle(self) -> dict[str, Any]:
        """The MIME bundle of a display message, {} for any other."""
        data = self.content.get("data", {})
        return data if self.kind in ("display_data", "update_display_data", "execute_result") else {}

    @property
    def display_id(self) -> str | None:
        identifier = self.content.get("transient", {}).get("display_id")
        return identifier if isinstance(identifier, str) else None

    @property
    def widget_state(self) -> dict[str, Any]:
        """The traits a comm message carries, {} when it carries none."""
        data = self.content.get("data", {}) if self.kind in ("comm_open", "comm_msg") else {}
        state = data.get("state", {})
        return state if isinstance(state, dict) else {}


@dataclass
class Cell:
    """One execute request, and what has been heard of it so far."""

    identifier: str
    kernel: Kernel = field(repr=False)

    @property
    def messages(self) -> list[Message]:
        return [message for message in self.kernel.messages if message.parent == self.identifier]

    def of_kind(self, *kinds: str) -> list[Message]:
        return [message for message in self.messages if message.kind in kinds]

    @property
    def done(self) -> bool:
        return self.busy_at is not None and any(
            m.content["execution_state"] == "idle" for m in self.of_kind("status")
        )

    @property
    def busy_at(self) -> int | None:
        return self._index_of_state("busy")

    def _index_of_state(self, state: str) -> int | None:
        for index, message in enumerate(self.kernel.messages):
            if message.parent == self.identifier and message.content.get("execution_state") == state:
                return index
        return None

    @property
    def meanwhile(self) -> list[Message]:
        """Everything the kernel sent, for whatever cell, between this cell's start and its end (or now)."""
        start, end = self._index_of_state("busy"), self._index_of_state("idle")
        return [] if start is None else self.kernel.messages[start:end]

    @property
    def stdout(self) -> str:
        return "".join(m.content["text"] for m in self.of_kind("stream") if m.content["name"] == "stdout")

    @property
    def stderr(self) -> str:
        return "".join(m.content["text"] for m in self.of_kind("stream") if m.content["name"] == "stderr")

    @property
    def error(self) -> str | None:
        """``Name: value`` of the exception the cell ended with, None when it ended well."""
        for message in self.of_kind("error"):
            return f"{message.content['ename']}: {message.content['evalue']}"
        return None

    @property
    def traceback(self) -> str:
        return "\n".join(line for message in self.of_kind("error") for line in message.content["traceback"])

    @property
    def said(self) -> str:
        """All a person would read below the cell: streams, traceback and plain texts."""
        texts = [str(m.bundle.get("text/plain", "")) for m in self.of_kind("display_data", "execute_result")]
        return "\n".join([self.stdout, self.stderr, self.traceback, *texts])

    @property
    def took(self) -> float:
        """Seconds between the kernel's *busy* and *idle* for this cell."""
        states = self.of_kind("status")
        return states[-1].sent - states[0].sent


@dataclass
class Kernel:
    """A running kernel. Messages are collected in `messages` whenever something below waits."""

    manager: KernelManager
    client: BlockingKernelClient
    messages: list[Message] = field(default_factory=list)

    def start(self, code: str, *, allow_stdin: bool = True, metadata: Metadata | None = None) -> Cell:
        """Send a cell as JupyterLab does and return at once.

        Args:
            allow_stdin: True in front ends, False under nbclient.
            metadata: of the request; None is what JupyterLab sends, {} what jupyter console does.
        """
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": allow_stdin,
            # After an error older kernels drop what arrives a moment later, unless the cell says not to.
            "stop_on_error": False,
        }
        metadata = {"cellId": str(uuid.uuid4())} if metadata is None else metadata
        request = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(request)
        return Cell(request["header"]["msg_id"], self)

    def run(
        self,
        code: str,
        *,
        allow_stdin: bool = True,
        metadata: Metadata | None = None,
        timeout: float = 30,
        ok: bool = True,
    ) -> Cell:
        """Send a cell and wait for its end; with `ok` an exception in it fails the test."""
        cell = self.finish(self.start(code, allow_stdin=allow_stdin, metadata=metadata), timeout=timeout)
        assert not ok or cell.error is None, f"{code!r} ended with {cell.error}\n{cell.traceback}"
        return cell

    def finish(self, cell: Cell, *, timeout: float = 30) -> Cell:
        self.listen(lambda: cell.done, timeout=timeout, what="the end of the cell")
        return cell

    def evaluate(self, expression: str, *, timeout: float = 30) -> Any:
        """The value of a Python expression whose repr is a literal."""
        cell = self.run(f"print('\\x02' + repr(({expression})) + '\\x03')", timeout=timeout)
        literal = cell.stdout.split("\x02")[1].split("\x03")[0]
        return ast.literal_eval(literal)

    def listen(self, until: Callable[[], bool], *, timeout: float, what: str = "it") -> None:
        """Collect messages until `until()` holds; `Quiet` after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not until():
            left = deadline - time.monotonic()
            if left <= 0:
                tail = "\n".join(f"  {m.kind} {str(m.content)[:160]}" for m in self.messages[-12:])
                raise Quiet(f"waited {timeout} s for {what}; the last messages were\n{tail}")
            self._read(min(left, 0.25))

    def drain(self, seconds: float) -> None:
        """Collect whatever comes within `seconds`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read(min(left, 0.25))

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def seen(self, kind: str, start: int = 0) -> list[Message]:
        return [message for message in self.messages[start:] if message.kind == kind]

    def displays(self, start: int = 0) -> list[Message]:
        """Every message that makes a front end show a *new* output."""
        return [m for m in self.messages[start:] if m.kind in ("display_data", "execute_result")]

    def traits(self, name: str, start: int = 0) -> list[Any]:
        """The successive values of the widget trait `name` that were sent, of all widgets together."""
        return [m.widget_state[name] for m in self.messages[start:] if name in m.widget_state]

    def _read(self, timeout: float) -> None:
        try:
            raw = self.client.get_iopub_msg(timeout=timeout)
        except Empty:
            return
        parent = (raw.get("parent_header") or {}).get("msg_id")
        sent = raw["header"]["date"].timestamp()
        self.messages.append(Message(raw["header"]["msg_type"], raw["content"], parent, sent))


@contextmanager
def running_kernel(folder: Path, *, python: str = sys.executable, **environment: str) -> Iterator[Kernel]:
    """Start a kernel of `python` in `folder`, in a clean environment plus `environment`; end it after.

    What its process writes by itself, past any cell, goes to the file `KERNEL_LOG` in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    specs = write_kernelspec(folder, python).parent
    manager = KernelManager(
        kernel_name=KERNEL_NAME,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)]),
        transport=TRANSPORT,
        connection_file=connection_file(),
    )
    with open(folder / KERNEL_LOG, "wb") as log:
        manager.start_kernel(
            env=clean_environment(folder, **environment), cwd=str(folder), stdout=log, stderr=log
        )
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
