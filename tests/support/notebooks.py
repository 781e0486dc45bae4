"""Notebooks run as `jupyter execute` runs them, and made the same from one saving to the next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from .environment import KERNEL_NAME, TRANSPORT, clean_environment, connection_file, write_kernelspec

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_SENT = re.compile(r"sent on \d{4}-\d\d-\d\d at \d\d:\d\d UTC")
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def execute(
    notebook: nbformat.NotebookNode, folder: Path, *, timeout: int = 180, **environment: str
) -> nbformat.NotebookNode:
    """Run every cell of `notebook` in place, in a fresh kernel whose working directory is `folder`.

    `environment` is added to the kernel's otherwise clean one.

    As under ``jupyter execute``: standard input is not allowed, and an exception in a cell is raised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    specs = write_kernelspec(folder).parent
    manager = AsyncKernelManager(
        kernel_name=KERNEL_NAME,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)]),
        transport=TRANSPORT,
        connection_file=connection_file(),
    )
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=timeout,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.owns_km = True  # it also shuts the kernel down, as it does for one it made itself
    client.execute(env=clean_environment(folder, **environment))
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> Iterator[dict[str, Any]]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def without_volatile_parts(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop what changes at every saving: versions, unused widget states, random model ids, times."""
    metadata = notebook.metadata
    metadata["kernelspec"] = {"name": KERNEL_NAME, "display_name": "Python 3", "language": "python"}
    metadata["language_info"] = {"name": "python"}
    states = metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    used = reachable(states, [o["data"][WIDGET_VIEW]["model_id"] for o in outputs(notebook) if _is_widget(o)])
    if used:
        metadata["widgets"][WIDGET_STATE]["state"] = {name: states[name] for name in used}
    else:
        metadata.pop("widgets", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.get("metadata", {}).pop("execution", None)
        if "outputs" in cell:
            cell["outputs"] = _joined_streams(cell["outputs"])
    text = _SENT.sub("sent on 2026-03-01 at 09:30 UTC", json.dumps(notebook))
    for number, model in enumerate(used):
        text = text.replace(model, f"{number:032x}")
    return nbformat.from_dict(json.loads(text))


def _joined_streams(outputs: list[Any]) -> list[Any]:
    """Pieces of one stream as one output: how a text is cut up is a matter of time."""
    joined: list[Any] = []
    for output in outputs:
        if output["output_type"] == "stream" and joined and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _is_widget(output: dict[str, Any]) -> bool:
    return WIDGET_VIEW in output.get("data", {})


def reachable(states: dict[str, Any], roots: list[str]) -> list[str]:
    """The models the roots refer to, in the order they are met."""
    found: list[str] = []
    waiting = list(roots)
    while waiting:
        model = waiting.pop(0)
        if model in states and model not in found:
            found.append(model)
            waiting += re.findall(r"IPY_MODEL_([0-9a-f]{32})", json.dumps(states[model]))
    return found
