"""What a backup folder holds. One server, base backups under ``base/``, and the log of what changed under ``wal/``.

    backup.json                 which server all of this is of
    base/20261120T101503Z/      data/ (a whole cluster) and base.json
    wal/00000001/               segments of one timeline, era.json (when it began) and reach.json (how far it goes)

A new timeline begins with a restore. Everything is written under another name first, so what is there is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.errors import BackupError

SEGMENT_NAME = 24
"""Letters of a segment's name: eight each of timeline and of the two halves of its number."""


@dataclass(frozen=True, slots=True)
class Server:
    """Whose cluster is backed up, and what one must know to bring it up again."""

    system_identifier: str
    version_num: int
    database: str
    superuser: str
    segment_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Base:
    """One base backup: good for every moment from ``finished_at`` on, as far as the log goes."""

    name: str
    started_at: datetime
    finished_at: datetime
    timeline: int
    first_segment: str
    size_bytes: int
    server: Server


@dataclass(frozen=True, slots=True)
class Era:
    """The log of one timeline: it began then (at a restore to ``forked_at``), and holds all that was committed up to ``reaches``."""

    timeline: int
    began_at: datetime
    reaches: datetime
    forked_at: datetime | None = None


class Place:
    """A backup folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()

    def data(self, base: Base) -> Path:
        return self.path / "base" / base.name / "data"

    def wal(self, timeline: int) -> Path:
        return self.path / "wal" / f"{timeline:08X}"

    def lost(self, timeline: int) -> list[Path]:
        """Folders of a timeline's log that end where some was lost; the log goes on in :meth:`wal`, behind a gap."""
        return sorted((self.path / "wal").glob(f"{timeline:08X}.*"))

    def claim(self, server: Server) -> None:
        """Make the folder this server's. Raises :class:`BackupError` when it is another one's."""
        file = self.path / "backup.json"
        known = read(file)
        if known is not None and known["system_identifier"] != server.system_identifier:
            raise BackupError(f"{self.path} holds backups of another server; choose an empty folder")
        if known is None:
            if self.path.exists() and any(self.path.iterdir()):
                raise BackupError(f"{self.path} holds something else; choose an empty folder")
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(file, {"system_identifier": server.system_identifier, "form": 1})

    def bases(self) -> list[Base]:
        """The finished base backups, oldest first."""
        found = [read(file) for file in sorted((self.path / "base").glob("*/base.json"))]
        return [_base(one) for one in found if one is not None]

    def eras(self) -> list[Era]:
        """The timelines whose log is here, oldest first."""
        found = []
        for folder in sorted((self.path / "wal").glob("?" * 8)):
            era, reach = read(folder / "era.json"), read(folder / "reach.json")
            if era is not None:
                began, forked = instant(era["began_at"]), era.get("forked_at")
                found.append(Era(int(folder.name, 16), began, instant(reach["at"]) if reach else began, instant(forked) if forked else None))
        return sorted(found, key=lambda one: one.timeline)

    def begin_era(self, timeline: int, began_at: datetime, forked_at: datetime | None = None) -> None:
        """Say since when a timeline is written; what is known of it already stays."""
        folder = self.wal(timeline)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "era.json").exists():
            write(folder / "era.json", {"began_at": began_at.isoformat()} | ({"forked_at": forked_at.isoformat()} if forked_at else {}))


def _base(told: Mapping[str, Any]) -> Base:
    return Base(**{**told, "started_at": instant(told["started_at"]), "finished_at": instant(told["finished_at"]), "server": Server(**told["server"])})


def base_document(base: Base) -> dict[str, Any]:
    return asdict(base) | {"started_at": base.started_at.isoformat(), "finished_at": base.finished_at.isoformat()}


def instant(text: str) -> datetime:
    """An instant as people and files write it; without an offset it is UTC.

    >>> instant("2026-11-20T10:15:03Z").isoformat(), instant("2026-11-20 10:15:03").isoformat()
    ('2026-11-20T10:15:03+00:00', '2026-11-20T10:15:03+00:00')
    """
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def read(file: Path) -> dict[str, Any] | None:
    """A JSON document of ours; None where there is none."""
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        return found
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BackupError(f"{file} is damaged") from error


def write(file: Path, document: Mapping[str, Any]) -> None:
    """Replace a JSON document as a whole, and see that it is on the disk."""
    draft = file.with_suffix(".new")
    with draft.open("w") as out:
        out.write(json.dumps(document, indent=1))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
