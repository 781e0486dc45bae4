"""A watch offers what its run offers, once the run has ended, and never waits for it."""

from __future__ import annotations

import copy
import inspect
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter import PuffleError, Run, RunNotEnded, RunWatch, WatchStopped
from puffle_jupyter.watching.polled import watch_by_polling
from puffle_jupyter.watching.run_members import RunMembers
from tests.support.scripted import ScriptedClock, ScriptedPuffle, told

pytestmark = pytest.mark.usefixtures("background")

OF_RUN_ALONE = {"from_json", "from_dict", "body", "run_id", "status", "status_text"}
"""What makes a run, the bytes it is read from, and what a watch knows by itself before the end."""
ARGUMENTS: dict[str, tuple[Any, ...]] = {"grep": ("found",), "save": ("run.md", True)}
MEMBERS = sorted(name for name in vars(RunMembers) if not name.startswith("_"))
each_member = pytest.mark.parametrize("name", MEMBERS)


def members_of_run() -> set[str]:
    return {name for name in {*dir(Run), *Run.__dataclass_fields__} if not name.startswith("_")}


def value_of(owner: object, name: str) -> Any:
    value = getattr(owner, name)
    return value(*ARGUMENTS.get(name, ())) if callable(value) else value


def watched(puffle: ScriptedPuffle) -> RunWatch:
    clock = ScriptedClock()
    return watch_by_polling("run_a", puffle.client(), interval=1.5, clock=clock, sleep=clock.sleep)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a member saves is saved here."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def endless() -> Iterator[RunWatch]:
    """A watch of a run that never ends, on the real clock: its next poll is minutes away."""
    watch = watch_by_polling("run_a", ScriptedPuffle(told("running")).client(), interval=600)
    yield watch
    watch.stop()
    with pytest.raises(WatchStopped):
        watch.wait(5)


def test_a_watch_has_every_public_member_of_run() -> None:
    """Who adds a member to `Run` adds it to the watch, or says here why not."""
    assert set(MEMBERS) == members_of_run() - OF_RUN_ALONE


@each_member
def test_a_member_is_called_as_on_the_run(name: str) -> None:
    """The same arguments, and a property where the run has one."""
    ours, runs = inspect.getattr_static(RunWatch, name), inspect.getattr_static(Run, name, None)
    assert callable(ours) == callable(runs)
    if callable(ours):
        of_run = inspect.signature(getattr(Run, name), eval_str=True)
        assert inspect.signature(ours, eval_str=True) == of_run


@each_member
def test_after_the_end_a_member_is_the_runs(name: str) -> None:
    """What the watch gives is what its run gives."""
    watch = watched(ScriptedPuffle(told("completed", text="found 3 leads")))
    run = watch.wait()
    ours, runs = value_of(watch, name), value_of(run, name)
    assert ours.equals(runs) if name == "to_frame" else ours == runs


@each_member
def test_before_the_end_a_member_says_so_and_does_not_wait(name: str, endless: RunWatch) -> None:
    """A property that waits would hold up tab completion and every variable inspector."""
    with pytest.raises(RunNotEnded, match=r"^run_a has not ended \(.+\): wait with watch.wait\(\), or look"):
        value_of(endless, name)
    assert not endless.done


def test_the_error_names_the_last_status(endless: RunWatch) -> None:
    """It is how the user sees whether to wait."""
    answered = threading.Event()
    endless.observe(lambda snapshot: answered.set() if snapshot.polls else None)
    assert endless.snapshot.polls or answered.wait(5)
    with pytest.raises(RunNotEnded) as caught:
        _ = endless.text
    message = "run_a has not ended (running): wait with watch.wait(), or look at watch.status"
    assert str(caught.value) == message


def test_after_a_stopped_watch_the_error_says_that_it_stopped(endless: RunWatch) -> None:
    """Nobody is sent to wait for a watch that polls no more."""
    endless.stop()
    with pytest.raises(PuffleError):
        endless.wait()
    with pytest.raises(RunNotEnded, match=r"run_a was not watched to its end.*was stopped; .*Watch it again"):
        _ = endless.calls


def test_after_a_refusal_the_error_gives_the_reason() -> None:
    """A wrong key is the reason why there is no answer."""
    watch = watched(ScriptedPuffle((401, {"error": "Unauthorized"})))
    with pytest.raises(PuffleError) as reason:
        watch.wait()
    with pytest.raises(RunNotEnded) as caught:
        _ = watch.text
    assert str(reason.value) in str(caught.value)


def test_a_watch_cannot_be_sent_elsewhere(endless: RunWatch) -> None:
    """To another process goes its run id, or its run: the error says so."""
    for send in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match=r"watch\.run_id and watch it there, or send watch\.run once"):
            send(endless)
