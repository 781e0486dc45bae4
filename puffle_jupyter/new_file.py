"""Writing a file that somebody asked for: whole or not at all, and never over another one unasked."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from .errors import FileExists, InvalidExport


def write_file(path: str | os.PathLike[str], content: bytes, *, overwrite: bool = False) -> Path:
    """Write ``content`` to ``path`` in one step: nobody finds half of it there.

    Args:
        path: where to; ``~`` is the home folder. Its folder must exist.
        content: what the file is to hold.
        overwrite: replace a file that is there.

    Returns:
        The path of the file.

    Raises:
        FileExists: there is a file already, and ``overwrite`` is not set.
        InvalidExport: the folder does not exist, the path is a folder, or no file can be called so.
    """
    target = _target(path)
    if not target.parent.is_dir():
        raise InvalidExport(f"the folder {str(target.parent)!r} does not exist: make it, or name another one")
    if target.is_dir():
        raise InvalidExport(f"{str(target)!r} is a folder: name a file in it")
    if target.exists() and not overwrite:
        raise _exists(target)
    place = target.resolve()  # of a link, the file that it leads to
    beside = place.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
        _put(beside, place, target, overwrite)
    finally:
        beside.unlink(missing_ok=True)
    return target


def _target(path: str | os.PathLike[str]) -> Path:
    """The file that ``path`` names, which need not be there."""
    try:
        target = Path(path).expanduser()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            os.lstat(target)
    except (OSError, RuntimeError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        shown = ascii(os.fspath(path))[:80]
        raise InvalidExport(f"{shown} can be no file: {why.rstrip('.')}. Name another one") from None
    return target


def _put(beside: Path, place: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        if place.exists():
            shutil.copymode(place, beside)
        os.replace(beside, place)
        return
    try:
        place.open("xb").close()  # taken, so that no other program's file is replaced
    except FileExistsError:
        raise _exists(target) from None
    try:
        os.replace(beside, place)
    except BaseException:
        place.unlink()
        raise


def _exists(target: Path) -> FileExists:
    return FileExists(f"{str(target)!r} exists: pass overwrite=True to replace it, or name another file")
