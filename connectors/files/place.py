"""Where files lie: a folder of this machine, or (``sftp.py``) of another one. Whole files appear and vanish by renaming only.

Paths are texts with "/". What goes wrong with a file is an OSError; a machine that cannot be reached is a ConnectorError.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from connectors.errors import ConfigurationError

READ_BYTES = 64_000_000
"""Manifests and acknowledgements may be so large."""

_allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a folder; ``modified_at`` is the instant in seconds by that machine's clock."""

    name: str
    size: int
    modified_at: float


class Place(Protocol):
    """What a drop folder needs of the machine it lies on."""

    async def entries(self, folder: str) -> list[Entry]:
        """The plain files of a folder; none where there is no such folder."""
        ...

    def is_settled(self, folder: str, entry: Entry) -> bool:
        """Whether the file has not changed for a while, as far as can be told by looking."""
        ...

    async def local(self, folder: str, entry: Entry) -> Path:
        """The file, or a copy of it, to be read here."""
        ...

    async def read(self, path: str) -> bytes: ...

    async def write(self, path: str, content: bytes | Path) -> None:
        """Write a file of this name in place, from memory or from a file of ours; nobody must look at it yet."""
        ...

    async def rename(self, old: str, new: str, *, is_new: bool = False) -> None:
        """Rename within the place, over what is there unless ``is_new``, which raises FileExistsError."""
        ...

    async def remove(self, path: str) -> None: ...

    async def prepare(self, folder: str) -> None:
        """Make the folder and those above it where they are missing."""
        ...

    async def aclose(self) -> None: ...


async def put(place: Place, path: str, content: bytes | Path, *, is_new: bool = False) -> None:
    """A whole file at once: whoever looks sees all of it or nothing."""
    folder, name = posixpath.split(path)
    part = posixpath.join(folder, f".{name}.{uuid4().hex[:8]}.part")
    await place.write(part, content)
    try:
        await place.rename(part, path, is_new=is_new)
    except FileExistsError:
        await place.remove(part)
        raise


async def put_aside(place: Place, path: str) -> None:
    """Remove a file that may not be there."""
    with suppress(FileNotFoundError):
        await place.remove(path)


@dataclass(frozen=True)
class LocalPlace:
    """Folders of this machine, by its clock."""

    settled_after_s: float = 2.0
    clock: Callable[[], float] = time.time

    async def entries(self, folder: str) -> list[Entry]:
        return await asyncio.to_thread(_listed, folder)

    def is_settled(self, folder: str, entry: Entry) -> bool:
        return self.clock() - entry.modified_at >= self.settled_after_s

    async def local(self, folder: str, entry: Entry) -> Path:
        return Path(folder) / entry.name

    async def read(self, path: str) -> bytes:
        return await asyncio.to_thread(_read, path)

    async def write(self, path: str, content: bytes | Path) -> None:
        await asyncio.to_thread(_write, path, content)

    async def rename(self, old: str, new: str, *, is_new: bool = False) -> None:
        await asyncio.to_thread(_rename, old, new, is_new)

    async def remove(self, path: str) -> None:
        await asyncio.to_thread(os.unlink, path)

    async def prepare(self, folder: str) -> None:
        await asyncio.to_thread(os.makedirs, folder, exist_ok=True)

    async def aclose(self) -> None:
        return None


def _listed(folder: str) -> list[Entry]:
    found: list[Entry] = []
    with suppress(FileNotFoundError), os.scandir(folder) as listed:
        for one in listed:
            with suppress(FileNotFoundError):  # moved away meanwhile
                if one.is_file(follow_symlinks=False):  # a link would lead out of the folder
                    about = one.stat(follow_symlinks=False)
                    found.append(Entry(one.name, about.st_size, about.st_mtime))
    return found


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(READ_BYTES)


def _write(path: str, content: bytes | Path) -> None:
    with open(path, "wb") as file:
        if isinstance(content, Path):
            with content.open("rb") as source:
                shutil.copyfileobj(source, file)
        else:
            file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _rename(old: str, new: str, is_new: bool) -> None:
    if is_new:
        os.link(old, new)
        os.unlink(old)
    else:
        os.replace(old, new)
    if os.name == "posix":
        _keep(os.path.dirname(new) or ".")


def _keep(folder: str) -> None:
    """A name is durable once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def allow(patterns: str) -> None:
    """Say in which folders of this machine documents may have files read, moved and written: whole paths with wildcards, by commas."""
    global _allowed
    _allowed = tuple(filter(None, (one.strip().rstrip("/") for one in patterns.split(","))))


def need_allowed(folder: str, file: str, key: str, *, is_changed: bool) -> None:
    """Raises ConfigurationError unless the operator has named the folder. Where none is named files are read only.

    >>> allow("/data/*")
    >>> need_allowed("/data/crm/in", "a", "folder", is_changed=True)
    >>> need_allowed("/data/../etc", "a", "folder", is_changed=False)
    Traceback (most recent call last):
        ...
    connectors.errors.ConfigurationError: a: folder: HUB_FOLDERS does not name /data/../etc; whoever runs the hub says there where documents may have files read and written
    >>> allow("")
    >>> need_allowed("/etc", "a", "folder", is_changed=False)
    """
    if not _allowed and not is_changed:
        return
    place = Path(folder).resolve()
    if not any(fnmatchcase(str(one), pattern) for one in (place, *place.parents) for pattern in _allowed):
        raise ConfigurationError(
            f"{file}: {key}: HUB_FOLDERS does not name {folder}; whoever runs the hub says there where documents may have files read and written"
        )
