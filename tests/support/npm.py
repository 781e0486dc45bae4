"""Packages of npm that tests load in a browser: fetched once by npm itself, and held to a known hash."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 60  # npm tries again by itself for longer than that


class NoPackage(RuntimeError):
    """npm is missing or cannot be reached; the text says which."""


@dataclass(frozen=True)
class Package:
    """One version of a package, and the hash of its archive as npm's lock files write it: ``sha512-…``."""

    name: str
    version: str
    integrity: str

    def read(self, member: str) -> str:
        """The text of a file of the package; the archive is fetched when it is not in the cache yet.

        Raises:
            NoPackage: it is not in the cache, and npm cannot bring it.
            ValueError: the archive is not the one that is meant.
        """
        kept = _cache() / f"{self.name.strip('@').replace('/', '-')}-{self.version}.tgz"
        if not kept.is_file() or integrity_of(kept) != self.integrity:
            self._fetch(kept)
        with tarfile.open(kept) as archive:
            found = archive.extractfile(f"package/{member}")
            assert found is not None, f"{member} is no file"
            return found.read().decode("utf-8")

    def _fetch(self, place: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise NoPackage(f"no npm found, which brings {self.name} {self.version}")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            command = [npm, "pack", f"{self.name}@{self.version}", "--silent", "--pack-destination", folder]
            try:
                subprocess.run(
                    command, cwd=folder, timeout=_SECONDS, check=True, capture_output=True, text=True
                )
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                what = f"{self.name} {self.version}"
                raise NoPackage(f"npm did not bring {what}") from error
            (fetched,) = Path(folder).glob("*.tgz")
            if (found := integrity_of(fetched)) != self.integrity:
                raise ValueError(f"{self.name} {self.version} is {found}, expected {self.integrity}")
            fetched.replace(place)


def integrity_of(archive: Path) -> str:
    """The hash of a file, written as npm's lock files do."""
    digest = hashlib.sha512(archive.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode('ascii')}"


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "puffle-jupyter-tests"
