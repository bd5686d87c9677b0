"""Keep the log of what changes, all the time, and take base backups now and then: what makes any second restorable.

pg_receivewal reads the server's log as it is written, through a replication slot, so that nothing is thrown away before it
was kept. Every second ``reach.json`` says up to when everything committed is in the folder.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from hub.backup.base import connected, server_of, take
from hub.backup.place import SEGMENT_NAME, Base, Place, instant, read, write
from hub.backup.programs import addressed, program
from hub.errors import BackupError
from hub.telemetry import logger

log = logger("hub.backup")
SLOT = "hub_backup"
READER = "hub_backup_log"
LOST = "has already been removed"
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a base backup is taken, and how many are kept."""

    every: timedelta = timedelta(days=1)
    keep: int = 7


async def follow(url: str, place: Place, rhythm: Rhythm) -> None:
    """Run until cancelled; rides out the server being away, and begins anew where its log was lost.

    Raises :class:`BackupError` when another process follows into the same folder, or the folder is another server's.
    """
    delay_s = 0.2
    with _alone(place):
        while True:
            began = time.monotonic()
            try:
                await _follow_once(url, place, rhythm)
            except _TROUBLE as error:
                log.warning("backup waits for postgres", error=type(error).__name__)
            delay_s = 0.2 if time.monotonic() - began > 10 else min(delay_s * 2, 5.0)
            await asyncio.sleep(delay_s)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """One process at a time; the kernel lets go of the lock however the process ends."""
    lock = place.path.with_name(f".{place.path.name}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupError(f"another process backs up into {place.path} already") from error
    finally:
        os.close(handle)


async def _follow_once(url: str, place: Place, rhythm: Rhythm) -> None:
    """Until the connection or the reader ends."""
    connection = await connected(url)
    reader: asyncio.subprocess.Process | None = None
    basing: asyncio.Task[None] | None = None
    try:
        place.claim(await server_of(connection))
        timeline = int(await connection.fetchval("SELECT timeline_id FROM pg_control_checkpoint()"))
        await _ensure_slot(connection, place, timeline)
        folder = place.wal(timeline)
        place.begin_era(timeline, await connection.fetchval("SELECT clock_timestamp()"))
        reader = await _reader(url, folder)
        heard = asyncio.create_task(_last_words(reader))
        pending: tuple[datetime, str] | None = None
        while reader.returncode is None:
            pending = await _note_reach(connection, folder, pending)
            if basing is None or basing.done():
                basing = asyncio.create_task(_base_if_due(url, place, rhythm, timeline))
            await asyncio.wait([asyncio.ensure_future(reader.wait())], timeout=1)
        said = await heard
        log.warning("the log's reader ended", exit_code=reader.returncode)
        if LOST in said:
            _begin_anew(place, timeline)
            await connection.execute("SELECT pg_drop_replication_slot($1)", SLOT)
    finally:
        if basing is not None:
            basing.cancel()
            await asyncio.gather(basing, return_exceptions=True)
        await _ended(reader)
        with suppress(*_TROUBLE):
            await connection.close(timeout=2)


async def _ensure_slot(connection: asyncpg.Connection, place: Place, timeline: int) -> None:
    row = await connection.fetchrow("SELECT wal_status, active_pid FROM pg_replication_slots WHERE slot_name = $1", SLOT)
    if row is not None and row["active_pid"] is not None:  # a reader whose parent was killed
        await connection.execute("SELECT pg_terminate_backend($1, 5000)", row["active_pid"])
    if row is not None and row["wal_status"] == "lost":
        _begin_anew(place, timeline)
        await connection.execute("SELECT pg_drop_replication_slot($1)", SLOT)
        row = None
    if row is None:
        await connection.execute("SELECT pg_create_physical_replication_slot($1, true)", SLOT)


def _begin_anew(place: Place, timeline: int) -> None:
    """The server threw away log before it was kept: older base backups reach no further, and a new one is due."""
    log.warning("log was lost before it was kept; a new base backup is taken", timeline=timeline)
    folder = place.wal(timeline)
    if folder.exists():
        gone = folder.with_name(f"{folder.name}.{len(list(folder.parent.glob(folder.name + '*')))}")
        folder.rename(gone)
        folder.mkdir()
        write(folder / "era.json", (read(gone / "era.json") or {}) | {"lost_at": datetime.now(UTC).isoformat()})


async def _reader(url: str, folder: Path) -> asyncio.subprocess.Process:
    options, environment = addressed(url)
    return await asyncio.create_subprocess_exec(
        str(program("pg_receivewal")), *options, "--directory", str(folder), "--slot", SLOT, "--no-loop", "--synchronous",
        env=environment | {"PGAPPNAME": READER}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


async def _last_words(reader: asyncio.subprocess.Process) -> str:
    assert reader.stderr is not None
    said = ""
    while line := await reader.stderr.readline():
        said = (said + line.decode(errors="replace"))[-2000:]
    return said


async def _note_reach(
    connection: asyncpg.Connection, folder: Path, pending: tuple[datetime, str] | None
) -> tuple[datetime, str]:
    """Say up to when everything is kept, once the reader has on disk what the server had flushed a look ago; answers the next look."""
    if pending is not None:
        is_kept = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1 AND restart_lsn >= CAST($2::text AS pg_lsn))", SLOT, pending[1]
        )
        if not is_kept:
            return pending
        write(folder / "reach.json", {"at": pending[0].isoformat(), "lsn": pending[1]})
    row = await connection.fetchrow("SELECT clock_timestamp() AS at, pg_current_wal_flush_lsn()::text AS lsn")
    return row["at"], row["lsn"]


async def _base_if_due(url: str, place: Place, rhythm: Rhythm, timeline: int) -> None:
    """A base backup when there is none of this log or the newest is too old; then what nobody needs any more goes."""
    try:
        if _is_due(place, rhythm, timeline):
            base = await take(url, place, lambda *_: None)
            log.info("base backup taken", base=base.name, size_bytes=base.size_bytes)
        await asyncio.to_thread(prune, place, rhythm.keep)
    except (BackupError, *_TROUBLE) as error:
        log.error("no base backup", error=type(error).__name__, exc_info=error)
        await asyncio.sleep(20)
    await asyncio.sleep(10)


def _is_due(place: Place, rhythm: Rhythm, timeline: int) -> bool:
    lost_at = (read(place.wal(timeline) / "era.json") or {}).get("lost_at")
    fit = [one for one in place.bases() if one.timeline == timeline and (lost_at is None or one.started_at > instant(lost_at))]
    return not fit or datetime.now(UTC) - fit[-1].started_at >= rhythm.every


def _segments(folder: Path) -> list[Path]:
    return [one for one in folder.glob("*") if len(one.name.partition(".")[0]) == SEGMENT_NAME]


def prune(place: Place, keep: int) -> list[Base]:
    """Remove all but the newest base backups, and log that no kept one needs; answers what went."""
    bases = place.bases()
    gone, kept = bases[:-keep], bases[-keep:]
    for base in gone:
        shutil.rmtree(place.path / "base" / base.name)
    if kept:
        first = min(kept, key=lambda one: (one.timeline, one.first_segment))
        for folder in (place.path / "wal").glob("*"):
            timeline = int(folder.name.partition(".")[0], 16)
            for one in _segments(folder):
                if (timeline, one.name[8:SEGMENT_NAME]) < (first.timeline, first.first_segment[8:]):
                    one.unlink()
            if timeline < first.timeline and not _segments(folder):
                shutil.rmtree(folder)
    return gone


async def _ended(reader: asyncio.subprocess.Process | None) -> None:
    if reader is None or reader.returncode is not None:
        return
    reader.terminate()
    try:
        await asyncio.wait_for(reader.wait(), 5)
    except TimeoutError:
        reader.kill()
        await reader.wait()
