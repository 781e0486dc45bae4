"""Saving a run: the ending says how, whole or not at all, and never over another file unasked."""

from __future__ import annotations

import csv
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter import FileExists, InvalidExport, Run
from puffle_jupyter.new_file import write_file
from tests.support.kinds import RUN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("run.html", RUN.to_html()),
        ("run.MD", RUN.to_markdown()),
        ("run.txt", RUN.to_text()),
    ],
)
def test_the_ending_says_how(name: str, expected: str, tmp_path: Path) -> None:
    """The file holds what the method of that name gives, and its path comes back."""
    path = RUN.save(tmp_path / name)
    assert path == tmp_path / name
    assert path.read_bytes().decode("utf-8") == expected


def test_json_is_the_answer_as_sent(tmp_path: Path) -> None:
    """It can be read again, digits and all, however deep it is nested."""
    for score in ("1.10", "[" * 900 + "]" * 900):
        run = Run.from_json(f'{{"runId": "run_a", "status": "completed", "score": {score}}}')
        text = run.save(str(tmp_path / "run.json"), overwrite=True).read_text(encoding="utf-8")
        assert Run.from_json(text).body.compact() == run.body.compact()


def test_csv_is_the_rows_of_the_frame(tmp_path: Path) -> None:
    """A row for each message and call; nothing in it starts a formula."""
    run = Run.from_dict(
        {
            "runId": "run_a",
            "status": "completed",
            "text": "Done",
            "messages": [{"role": "user", "content": "=cmd()"}, {"role": "assistant", "content": "- a\n- b"}],
        }
    )
    with run.save(tmp_path / "run.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == list(run.to_frame().columns)
    assert [row["text"] for row in rows] == ["'=cmd()", "'- a\n'- b", "Done"]
    assert rows[1]["message"] == "1"


@pytest.mark.parametrize("name", ["run", "run.pdf", ".html", "run.html.gz"])
def test_an_ending_that_says_nothing_is_refused(name: str, tmp_path: Path) -> None:
    """Nothing is written, and the error has the endings there are."""
    with pytest.raises(InvalidExport, match=r"does not end in one of \.html, \.md, "):
        RUN.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["run.html", "run.md", "run.txt", "run.json", "run.csv"])
def test_a_file_is_kept_unless_told_otherwise(name: str, tmp_path: Path) -> None:
    """FileExists is a FileExistsError; with overwrite the file is replaced and keeps its permissions."""
    path = tmp_path / name
    path.write_text("mine", encoding="utf-8")
    path.chmod(0o640)
    with pytest.raises(FileExistsError, match="exists: pass overwrite=True") as refused:
        RUN.save(path)
    assert isinstance(refused.value, FileExists)
    assert path.read_text(encoding="utf-8") == "mine"
    RUN.save(path, overwrite=True)
    assert path.read_text(encoding="utf-8") != "mine"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_changes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs neither the old file nor leaves half of a new one."""
    path = tmp_path / "run.html"
    path.write_text("mine", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        RUN.save(path, overwrite=True)
    assert path.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="No space left"):
        RUN.save(tmp_path / "new.html")
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """What the link leads to is written, and the link stays one."""
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("{}", encoding="utf-8")
    try:
        link.symlink_to(target)
    except OSError:  # Windows without the right to make one
        return
    write_file(link, b"[1]", overwrite=True)
    assert link.is_symlink()
    assert json.loads(target.read_text(encoding="utf-8")) == [1]


@pytest.mark.parametrize("name", ["a" * 300, "a\0b.html", "\ud800.html", "~nobody-of-this-name/run.html"])
def test_a_name_that_no_file_can_have_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one of our errors, as every other, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidExport, match="can be no file"):
        write_file(name, b"x")
    assert list(tmp_path.iterdir()) == []
