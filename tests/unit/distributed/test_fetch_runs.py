"""`fetch_runs` from one process: files that are whole or not there, and asked for once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pandas
import pytest

import puffle_jupyter.distributed as distributed
from puffle_jupyter import (
    AsyncPuffleClient,
    CannotWaitHere,
    ConnectionFailed,
    InvalidSetting,
    MissingExtra,
    PuffleClient,
    Unauthorized,
    runs_frame,
)
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.distributed import Harvest, Part, fetch_runs, runs_file
from puffle_jupyter.distributed import answers as answers_module
from puffle_jupyter.distributed import fetch as fetch_module
from puffle_jupyter.distributed.budget import News, RequestLimits, Share, SharedBudget
from puffle_jupyter.distributed.lease import Renew
from puffle_jupyter.distributed.part_fetch import fetch_part
from puffle_jupyter.distributed.partitions import Partition, partitions_of
from puffle_jupyter.run_data import check_run_id
from puffle_jupyter.transcript.cache import ReadCache
from puffle_jupyter.watching.registry import registry
from tests.support.scripted import KEY, ScriptedClock, client_for, told

pytestmark = pytest.mark.usefixtures("background")
MESSAGES = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Anna."}]
IDS = [f"run_{number}" for number in range(25)]


class Puffle:
    """Answers for every run, as ``special`` says of some; counts what it was asked."""

    def __init__(self, **special: Any) -> None:
        self.special = special
        self.asked: Counter[str] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        run_id = request.url.path.rpartition("/")[2]
        self.asked[run_id] += 1
        code, body, *headers = self.special.get(run_id) or told("completed", run_id, text=f"of {run_id}")
        if isinstance(body, Exception):
            raise body
        content = httpx.ByteStream(json.dumps(body).encode())
        return httpx.Response(code, stream=content, headers=headers[0] if headers else None)

    def client(self) -> AsyncPuffleClient:
        return client_for(self)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_run_has_its_row_in_order_and_comes_back_whole(tmp_path: Path) -> None:
    """The columns and types of `runs_frame`, what is missing said, and each answer as it was sent."""
    puffle = Puffle(
        run_3=told("completed", "run_3", text="x", messages=MESSAGES), run_7=(404, {"error": "no"})
    )
    parts: list[Part] = []
    harvest = fetch_runs(
        IDS, puffle.client(), folder=tmp_path / "new", rows_per_file=10, on_part=parts.append
    )
    assert isinstance(harvest, Harvest)
    assert [len(harvest), harvest.unfinished, len(harvest.parts)] == [25, 0, 3]
    assert tuple(parts) == harvest.parts
    frame = harvest.to_frame()
    assert list(frame["run_id"]) == IDS
    assert frame["problem"].notna().sum() == 1
    assert "not found" in frame["problem"][7]
    runs = list(harvest.runs())
    assert [run.run_id for run in runs] == [one for one in IDS if one != "run_7"]
    assert runs[3].messages == MESSAGES
    expected = runs_frame(runs)
    pandas.testing.assert_frame_equal(
        frame.drop(columns="problem").drop(index=7).reset_index(drop=True), expected, check_dtype=True
    )
    pandas.testing.assert_frame_equal(pandas.read_parquet(harvest.paths).drop(columns="body"), frame)


def test_files_that_are_whole_are_not_fetched_again(tmp_path: Path) -> None:
    """The same call goes on: only the file that is missing, damaged or unfinished is asked for."""
    puffle = Puffle(run_12=told("running", "run_12"))
    first = fetch_runs(IDS, puffle.client(), folder=tmp_path, rows_per_file=5)
    assert (first.unfinished, "1 unfinished" in repr(first)) == (1, True)
    first.paths[0].unlink()
    first.paths[1].write_bytes(first.paths[1].read_bytes()[:-50])
    puffle.asked.clear()
    del puffle.special["run_12"]
    again = fetch_runs(IDS, puffle.client(), folder=tmp_path, rows_per_file=5)
    assert sorted(puffle.asked) == sorted(IDS[:15])
    assert [part.is_new for part in again.parts] == [True, True, True, False, False]
    assert list(again.to_frame()["run_id"]) == IDS
    assert again.unfinished == 0
    puffle.asked.clear()
    assert len(fetch_runs(PuffleRuns(IDS), puffle.client(), folder=tmp_path, rows_per_file=5)) == 25
    assert not puffle.asked


class PuffleRuns(list[str]):
    """A column of one's own."""


def test_another_list_replaces_nothing(tmp_path: Path) -> None:
    """A harvest of other runs, or from another address, in the same folder has files of its own."""
    first = fetch_runs(IDS, Puffle().client(), folder=tmp_path)
    second = fetch_runs(IDS[:3], Puffle().client(), folder=tmp_path)
    there = AsyncPuffleClient(KEY, "https://other.example", transport=httpx.MockTransport(Puffle()))
    third = fetch_runs(IDS, there, folder=tmp_path)
    assert len({*first.paths, *second.paths, *third.paths}) == 3
    assert [len(first.to_frame()), len(second.to_frame())] == [25, 3]


@pytest.mark.parametrize("refusal", [(401, {"error": "no"}), (200, KeyboardInterrupt())])
def test_what_breaks_off_leaves_whole_files_alone(tmp_path: Path, refusal: Any) -> None:
    """A key that is refused, a Ctrl-C: what was fetched is there, of the rest there is no half."""
    puffle = Puffle()

    def stop(part: Part) -> None:
        if isinstance(refusal[1], BaseException):
            raise refusal[1]
        puffle.special["run_17"] = refusal

    with pytest.raises((Unauthorized, KeyboardInterrupt)):
        fetch_runs(IDS, puffle.client(), folder=tmp_path, rows_per_file=10, on_part=stop)
    assert [name[:10] for name in files(tmp_path)] == ["runs-00000"]
    puffle.special.clear()
    puffle.asked.clear()
    again = fetch_runs(IDS, puffle.client(), folder=tmp_path, rows_per_file=10)
    assert sorted(puffle.asked) == sorted(IDS[10:])
    assert len(again) == 25


def test_what_a_dead_worker_left_is_removed(tmp_path: Path) -> None:
    """The beginning of a file is not taken for one, and is gone when all files are there."""
    puffle = Puffle()
    (path,) = fetch_runs(IDS, puffle.client(), folder=tmp_path).paths
    path.rename(tmp_path / f".{path.stem}.0123.part")
    (tmp_path / ".other.part").touch()
    again = fetch_runs(IDS, puffle.client(), folder=tmp_path)
    assert again.parts[0].is_new
    assert files(tmp_path) == [".other.part", path.name]


def test_nothing_is_sent_in_the_pause_that_puffle_asks_for(tmp_path: Path) -> None:
    """After a 429 all requests wait for ``Retry-After``, and the run is asked for again: by a clock."""
    clock = ScriptedClock()
    sent: list[float] = []
    limited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(clock.now)
        run_id = request.url.path.rpartition("/")[2]
        if run_id == "run_5" and not limited:
            limited.append(clock.now)
            return httpx.Response(429, stream=httpx.ByteStream(b"{}"), headers={"retry-after": "7"})
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(told("completed", run_id)[1]).encode()))

    budget = SharedBudget(RequestLimits(at_once=1))

    async def renew(news: News) -> Share:
        return budget.renew("here", clock.now, news)

    (partition,) = partitions_of([check_run_id(one) for one in IDS], tmp_path, "https://puffle.example")
    client = client_for(answer)
    part = fetch_part(partition, client.get_run, renew, clock=clock, sleep=clock.sleep, chance=lambda: 0.0)
    assert (part.runs, part.unfinished, len(sent)) == (25, 0, 26)
    assert min(at for at in sent if at > limited[0]) >= limited[0] + 7


def test_an_account_that_must_wait_waits_here_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a watch learned from a 429 holds for a fetch by the same client, and the reverse."""
    client = Puffle().client()
    pause = registry.pause_of(client)
    pause.learn(time.monotonic() + 60)
    shares: list[Share] = []

    def fetch(partition: Partition, get_run: object, renew: Renew, **_: object) -> Part:
        shares.append(poll_loop.run(renew(News(pause=90))))  # type: ignore[arg-type]
        return Part(partition.path, 25, 0, True)

    monkeypatch.setattr(fetch_module, "fetch_part", fetch)
    fetch_runs(IDS, client, folder=tmp_path)
    assert 80 < shares[0].pause <= 90
    assert pause.until - time.monotonic() > 80


def test_a_puffle_that_is_not_reached_ends_the_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs in a row without a connection end it; a few are rows without an answer, asked for again."""
    monkeypatch.setattr(answers_module, "MOST_FAILURES", 1)
    down = {run_id: (0, httpx.ConnectError("down")) for run_id in IDS}
    with pytest.raises(ConnectionFailed):
        fetch_runs(IDS, Puffle(**down).client(), folder=tmp_path)
    assert files(tmp_path) == []
    puffle = Puffle(run_4=(0, httpx.ConnectError("down")), run_6=(503, {"error": "later"}))
    harvest = fetch_runs(IDS, puffle.client(), folder=tmp_path)
    assert harvest.unfinished == 2
    assert list(harvest.to_frame()["problem"].dropna().index) == [4, 6]


def test_a_key_that_is_echoed_is_in_no_file(tmp_path: Path) -> None:
    """Neither in an answer nor in the words of an error."""
    puffle = Puffle(
        run_1=told("completed", "run_1", text=f"it is {KEY}"), run_2=(404, {"error": f"not for {KEY}"})
    )
    harvest = fetch_runs(IDS, puffle.client(), folder=tmp_path)
    assert "pk_…" in harvest.to_frame()["answer"][1]
    said = harvest.to_frame().to_json() + "".join(run.body.compact() for run in harvest.runs())
    assert KEY not in said


def test_ids_are_read_as_everywhere(tmp_path: Path) -> None:
    """A text of several, one twice, one that is none: said, and the others go on."""
    client = PuffleClient(KEY, transport=httpx.MockTransport(Puffle()))
    harvest = fetch_runs("run_a, run_b run_a nonsense", client, folder=tmp_path)
    assert list(harvest.to_frame()["run_id"]) == ["run_a", "run_b"]
    assert harvest.remarks == (
        "Given more than once, and fetched once: run_a.",
        "Not fetched, since it is no run id: nonsense.",
    )


@pytest.mark.parametrize(
    ("ids", "options", "words"),
    [
        ([], {}, "no run to fetch"),
        (["nonsense", None], {}, "Not fetched"),
        (None, {}, "run_ids"),
        (IDS, {"rows_per_file": 0}, "rows_per_file"),
        (IDS, {"at_once": 0}, "at_once"),
        (IDS, {"per_second": -1}, "per_second"),
        (IDS, {"folder": "a\0b"}, "folder"),
        (IDS, {"client": "localhost:8786"}, "dask.distributed.Client"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_sent(
    tmp_path: Path, ids: Any, options: dict[str, Any], words: str
) -> None:
    """One line names the argument."""
    puffle = Puffle()
    with pytest.raises(InvalidSetting, match=words):
        fetch_runs(ids, **{"client": puffle.client(), "folder": tmp_path, **options})
    assert not puffle.asked


def test_the_thread_of_the_requests_is_not_waited_on(tmp_path: Path) -> None:
    """A callback there would wait for itself."""

    async def call() -> None:
        fetch_runs(IDS, Puffle().client(), folder=tmp_path)

    with pytest.raises(CannotWaitHere):
        poll_loop.run(call())


@pytest.mark.parametrize("missing", ["pyarrow", "distributed"])
def test_a_package_that_is_missing_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """One line says what to install."""
    monkeypatch.setitem(sys.modules, missing, None)
    client: Any = Puffle().client() if missing == "pyarrow" else "a cluster"
    with pytest.raises(MissingExtra, match=r"puffle_jupyter\[distributed\]"):
        fetch_runs(IDS, client, folder=tmp_path)


def test_importing_it_imports_neither_dask_nor_pyarrow() -> None:
    """The package and its part for many machines are imported without what the extra brings."""
    code = "import sys, puffle_jupyter, puffle_jupyter.distributed; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"dask", "distributed", "pyarrow", "pandas"}.isdisjoint(done.stdout.split())


def test_large_answers_are_not_asked_for_far_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way and not written yet has a bound of bytes, by the size of the answers so far."""
    monkeypatch.setattr(answers_module, "_HELD_BYTES", 10_000)
    monkeypatch.setattr(answers_module, "_FIRST_GUESS", 2_500)
    under_way, most = 0, 0

    class Counting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            run_id = request.url.path.rpartition("/")[2]
            body = json.dumps(told("completed", run_id, text="x" * 2_000)[1]).encode()
            return httpx.Response(200, stream=httpx.ByteStream(body))

    client = AsyncPuffleClient(KEY, "https://puffle.example", transport=Counting())
    assert len(fetch_runs(IDS, client, folder=tmp_path)) == 25
    assert 1 < most <= 5


def test_no_transcript_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fetches 100,000 runs looks at few of them: their transcripts would fill the memory."""
    cache = ReadCache()
    monkeypatch.setattr(sys.modules["puffle_jupyter.transcript.read"], "_cache", cache)
    runs = [*fetch_runs(IDS, Puffle().client(), folder=tmp_path).runs()]
    assert [cache.get(run.body) for run in runs] == [None] * 25


def test_the_public_names_are_pinned() -> None:
    """Those that users were promised, each with a docstring, and no other."""
    assert distributed.__all__ == ["Harvest", "Part", "each", "fetch_runs"]
    assert all(getattr(distributed, name).__doc__ for name in distributed.__all__)


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full, or a folder that is gone: an error of ours, with the folder."""

    def gone(part: Part) -> None:
        for path in tmp_path.glob("there/*"):
            path.unlink()
        (tmp_path / "there").rmdir()

    with pytest.raises(InvalidSetting, match=r"there.*takes no file"):
        fetch_runs(IDS, Puffle().client(), folder=tmp_path / "there", rows_per_file=20, on_part=gone)


def test_whatever_text_is_sent_is_in_the_file(tmp_path: Path) -> None:
    """Half a character, a NUL, an emoji, an escape: what JSON can carry, a file can."""
    texts = ["\ud83d half", "a\0b", "\N{BLOWFISH} \u202e", '"\\']
    special = {one: told("completed", one, text=text) for one, text in zip(IDS, texts, strict=False)}
    harvest = fetch_runs(IDS[:4], Puffle(**special).client(), folder=tmp_path)
    assert len(harvest.to_frame()) == 4
    assert [run.text for run in harvest.runs()][1:] == texts[1:]


def test_runs_without_an_answer_are_counted(tmp_path: Path) -> None:
    """A harvest of runs that Puffle does not know is no success, also when its files are read again."""
    unknown = {run_id: (404, {"error": "no such run"}) for run_id in IDS[:20]}
    for _ in range(2):
        harvest = fetch_runs(IDS, Puffle(**unknown).client(), folder=tmp_path, rows_per_file=10)
        assert (harvest.problems, harvest.unfinished) == (20, 0)
        assert "20 without an answer" in repr(harvest)


def test_what_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    """Two may fetch the same runs at the same time, of this machine or of another one."""
    harvest = fetch_runs(IDS, Puffle().client(), folder=tmp_path)
    here, first = runs_file._this_machine(), harvest.paths[0]
    code = "import os; print(os.getpid())"
    dead = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    writers = [f"{here}-{os.getpid()}", f"{here}-{dead}", "0a1b2c3d-1", "0a1b2c3d-2"]
    beside = [first.with_name(f".{first.stem}.{one}-{'0' * 16}.part") for one in writers]
    for path in beside:
        path.touch()
    os.utime(beside[3], (0, 0))
    fetch_runs(IDS, Puffle().client(), folder=tmp_path)
    assert [path.exists() for path in beside] == [True, False, True, False]


@pytest.mark.parametrize("folder", ["", __file__])
def test_a_folder_that_is_none_is_refused(folder: str) -> None:
    """Not the working directory, and not a file."""
    with pytest.raises(InvalidSetting, match="folder cannot be"):
        fetch_runs(IDS, Puffle().client(), folder=folder)
