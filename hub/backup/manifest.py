"""PostgreSQL's backup manifest: a checksum of every file of a base backup, checked here (pg_verifybackup 18.4 dies of some)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.errors import BackupError

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the backup as its manifest knows it."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files, and where a recovery begins: timeline and position in the log."""

    files: tuple[Listed, ...]
    timeline: int
    start_lsn: str


def manifest_of(data: Path) -> Manifest:
    """The manifest of a base backup. Raises :class:`BackupError` when it is missing or was changed."""
    try:
        text = (data / "backup_manifest").read_text()
        told: dict[str, Any] = json.loads(text)
    except (OSError, ValueError) as error:
        raise BackupError(f"{data / 'backup_manifest'} is missing or damaged") from error
    body = text[: text.rindex('"Manifest-Checksum"')]
    if hashlib.sha256(body.encode()).hexdigest() != told["Manifest-Checksum"]:
        raise BackupError(f"{data / 'backup_manifest'} was changed")
    files = tuple(Listed(_path(one), one["Size"], one["Checksum"]) for one in told["Files"])
    span = told["WAL-Ranges"][0]
    return Manifest(files, span["Timeline"], span["Start-LSN"])


def _path(told: dict[str, Any]) -> str:
    return told["Path"] if "Path" in told else bytes.fromhex(told["Encoded-Path"]).decode()


def check(data: Path, manifest: Manifest, beat: Callable[[float], None], into: Path | None = None) -> None:
    """Compare every file with its checksum, copying it into ``into`` on the way; ``beat`` is told the share done.

    Raises :class:`BackupError` that names the file which differs.
    """
    whole, done = sum(one.size_bytes for one in manifest.files) or 1, 0
    for one in manifest.files:
        _check_file(data, one, into)
        done += one.size_bytes
        beat(done / whole)


def _check_file(data: Path, one: Listed, into: Path | None) -> None:
    digest = hashlib.sha256()
    try:
        with (data / one.path).open("rb") as file, _target(one, into).open("wb") as copy:
            while piece := file.read(_PIECE):
                digest.update(piece)
                if into is not None:
                    copy.write(piece)
    except FileNotFoundError as error:
        raise BackupError(f"{data / one.path} is missing") from error
    if digest.hexdigest() != one.sha256:
        raise BackupError(f"{data / one.path} is damaged: it does not have the checksum its manifest says")


def _target(one: Listed, into: Path | None) -> Path:
    if into is None:
        return Path("/dev/null")
    target = into / one.path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return target
