"""``hub backup`` and ``hub restore``: what is typed, and what is told."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from hub.backup import portable
from hub.backup.base import take
from hub.backup.follow import Rhythm, follow
from hub.backup.place import Place, instant
from hub.backup.restore import Done, mark_here, restore_embedded, restore_into
from hub.backup.telling import telling
from hub.errors import BackupError
from hub.settings import Settings
from hub.supervise import run_until_told
from hub.up import running


def backup(settings: Settings, folder: Path, *, following: bool, is_portable: bool) -> None:
    """Take one base backup, or a portable copy, or keep backing up until told to end."""
    if is_portable:
        with running(settings) as (live, _), telling() as progress:
            copied = asyncio.run(portable.dump(live, folder, progress))
        print(f"{copied.rows:,} rows of {copied.tables} tables are in {copied.path}, as of {copied.at:%Y-%m-%dT%H:%M:%SZ}.")
        return
    place = Place(folder)
    if settings.backup_url is not None:
        _back_up(settings, place, following)
        return
    with running(settings) as (live, _):
        _back_up(live, place, following)


def _back_up(live: Settings, place: Place, following: bool) -> None:
    url = live.need("backup_url")
    if following:
        run_until_told(follow(url, place, Rhythm(timedelta(hours=live.backup_every_h), live.backup_keep)))
        return
    with telling() as progress:
        base = asyncio.run(take(url, place, progress))
    print(f"Backup {base.name} holds {base.size_bytes / 1e6:,.0f} MB and is good for {base.finished_at:%Y-%m-%dT%H:%M:%SZ}.")
    if place.eras():
        print(f"With the log kept beside it, every second up to {place.eras()[-1].reaches:%Y-%m-%dT%H:%M:%SZ} can be restored.")


def restore(settings: Settings, folder: Path | None, *, to: str | None, into: Path | None, mark: bool) -> None:
    """Bring back what a folder holds, or mark a database that was brought back by other means."""
    moment = _moment(to)
    if mark:
        with running(settings) as (live, _):
            count = asyncio.run(mark_here(live, moment))
        print(f"Marked for {count} tenants: a new epoch has begun, and deliveries rest.\n{NEXT}")
        return
    if folder is None:
        raise BackupError("say which folder holds the backups")
    if portable.is_portable(folder):
        if to is not None or into is not None:
            raise BackupError("a portable copy is of one moment, and goes into a running database: leave --to and --into out")
        with running(settings) as (live, _), telling() as progress:
            brought = asyncio.run(portable.load(live, folder, progress))
        print(f"{brought.rows:,} rows of {brought.tables} tables are back, as of {brought.at:%Y-%m-%dT%H:%M:%SZ}; counts and checksums agree.\n{NEXT}")
        return
    with telling() as progress:
        if into is not None:
            done = restore_into(settings, folder, moment, into, progress)
        elif settings.database_url is not None:
            raise BackupError("a base backup becomes a data directory: say where with --into, then start PostgreSQL on it")
        else:
            done = restore_embedded(settings, folder, moment, progress)
    print(_told(done))
    if done.examined.problems:
        raise BackupError("restored, but: " + "; ".join(done.examined.problems))


def _moment(to: str | None) -> datetime | None:
    if to is None:
        return None
    try:
        return instant(to)
    except ValueError:
        raise BackupError(f"{to!r} is no instant; write it like 2026-11-20T10:15:03Z") from None


NEXT = "Deliveries rest. Start the hub, see that every system has been read again, then: hub resume-deliveries"


def _told(done: Done) -> str:
    held = f"{sum(done.examined.rows.values()):,} rows of {len(done.examined.rows)} tables, {done.tenants} tenants"
    lines = [f"The records stand at {done.to:%Y-%m-%dT%H:%M:%SZ} (from backup {done.base.name}): {held}.", f"The cluster is {done.cluster}."]
    if done.former is not None:
        lines.append(f"What was there before is kept as {done.former}; remove it when it is not needed any more.")
    return "\n".join([*lines, NEXT])
