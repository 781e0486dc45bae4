"""Mistakes that a type checker must find: each line that says so, and no other. Checked, never run."""

from __future__ import annotations

from typing import assert_type

import puffle_jupyter
from puffle_jupyter import PuffleClient, Run, RunFailed, RunWatch, TranscriptWidget, WatchEvent, watch

print(puffle_jupyter.RunWach)  # wrong: attr-defined
PuffleClient(dedline=5)  # wrong: call-arg
PuffleClient(deadline="soon")  # wrong: arg-type
watch(5)  # wrong: arg-type
watch("run_a", intervall=5)  # wrong: call-arg
TranscriptWidget("run_a")  # wrong: arg-type
RunFailed("without a run")  # wrong: call-arg


def misuse(run: Run, watching: RunWatch, widget: TranscriptWidget, event: WatchEvent) -> None:
    print(run.texts)  # wrong: attr-defined
    run.error.upper()  # wrong: union-attr
    print(watching.run.text)  # wrong: union-attr
    assert_type(watching.wait(), str)  # wrong: assert-type
    widget.find(5)  # wrong: arg-type
    event.detail = "x"  # wrong: misc
    Run.from_json(5)  # wrong: arg-type
