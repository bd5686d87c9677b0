"""Bring a cluster back to a moment: copy the base backup, follow the log, mark what came of it, put it in its place."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from hub.backup.base import Progress
from hub.backup.choose import Way, way
from hub.backup.examine import Examined, examine
from hub.backup.manifest import check, manifest_of
from hub.backup.place import SEGMENT_NAME, Base, Era, Place
from hub.backup.programs import major, program
from hub.backup.recover import EndsBeforeError, give_tree_to_server, private_server
from hub.embedded import Access, held
from hub.embedded_process import give_to_server
from hub.errors import BackupError
from hub.flows.restored import Restored, mark_all
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import prepare

CONF = "include_if_exists 'hub.conf'"


@dataclass(frozen=True, slots=True)
class Done:
    """What was brought back: from which backup, to which moment, and how the database looks."""

    base: Base
    to: datetime
    cluster: Path
    former: Path | None
    tenants: int
    examined: Examined


def restore_embedded(settings: Settings, source: Path, to: datetime | None, progress: Progress) -> Done:
    """Put the embedded cluster of a data folder back to a moment; the one that was there is kept beside it.

    Raises :class:`BackupError` for a moment that cannot be had, and while a hub runs on the folder.
    """
    place = Place(source)
    with held(settings.data) as (folder, access):
        old = folder.postgres if folder.postgres.exists() else None
        chosen = _way(place, to, old)
        draft = folder.path / "postgres.restoring"
        is_whole = _copy(place, chosen, draft, old, progress)
        if CONF not in (draft / "postgresql.conf").read_text():
            _make_embedded(draft)
        done = _recover(replace(settings, **_addresses(access)), place, chosen, draft, progress, access, is_whole=is_whole)
        former = None
        if old is not None:
            former = folder.path / f"postgres.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            old.rename(former)
        draft.rename(folder.postgres)
    return replace(done, cluster=folder.postgres, former=former)


def restore_into(settings: Settings, source: Path, to: datetime | None, into: Path, progress: Progress) -> Done:
    """A data directory, ready for a PostgreSQL of the same major version to be started on. Raises :class:`BackupError`."""
    if into.exists() and any(into.iterdir()):
        raise BackupError(f"{into} is not empty")
    place = Place(source)
    chosen = _way(place, to, None)
    shutil.rmtree(into, ignore_errors=True)
    is_whole = _copy(place, chosen, into.resolve(), None, progress)
    return _recover(settings, place, chosen, into.resolve(), progress, None, is_whole=is_whole)


def _way(place: Place, to: datetime | None, old: Path | None) -> Way:
    bases = place.bases()
    chosen = way(bases, _with_own_log(place.eras(), old, bases), to)
    if chosen.base.server.version_num // 10_000 != major("postgres"):
        raise BackupError(f"the backup is of PostgreSQL {chosen.base.server.version_num // 10_000}; the one here is {major('postgres')}")
    return chosen


def _with_own_log(eras: list[Era], old: Path | None, bases: Sequence[Base]) -> list[Era]:
    """The eras, where a stopped server's own log is at hand: that one reaches to its end, whether it was kept or not."""
    timeline = _timeline_of(old, bases[-1]) if old is not None and bases else None
    if timeline is None:
        return eras
    known = {one.timeline: one for one in eras}
    mine = known.get(timeline) or Era(timeline, min(one.started_at for one in bases), bases[-1].finished_at)
    return sorted([*(one for one in eras if one is not mine), replace(mine, reaches=datetime.now(UTC))], key=lambda one: one.timeline)


def _timeline_of(cluster: Path, base: Base) -> int | None:
    """The timeline of a cluster on this machine, if it is the one that was backed up."""
    said = subprocess.run([program("pg_controldata"), cluster], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}).stdout
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in said.splitlines())}
    if told.get("Database system identifier") != base.server.system_identifier:
        return None
    return int(told.get("Latest checkpoint's TimeLineID", "0")) or None


# copying


def _copy(place: Place, chosen: Way, cluster: Path, old: Path | None, progress: Progress) -> bool:
    """Base backup and log into ``cluster``, checked; owned by the servers' user. Answers whether the log has no gap."""
    source = place.data(chosen.base)
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir(mode=0o700, parents=True)
    for folder in source.rglob("*"):
        if folder.is_dir():
            (cluster / folder.relative_to(source)).mkdir(mode=0o700, parents=True, exist_ok=True)
    check(source, manifest_of(source), lambda share: progress("copying", share), into=cluster)
    for one in (source / "pg_wal").glob("?" * SEGMENT_NAME):
        shutil.copyfile(one, cluster / "pg_wal" / one.name)
    _copy_log(place, chosen, cluster / "pg_wal", old, progress)
    give_tree_to_server(cluster)
    return _is_whole(cluster / "pg_wal", chosen.base)


def _is_whole(log: Path, base: Base) -> bool:
    """Whether every segment from the backup's first to the last one is there, of whichever timeline."""
    per_id = 0x1_0000_0000 // base.server.segment_bytes
    numbers = {int(one.name[8:16], 16) * per_id + int(one.name[16:], 16) for one in log.glob("?" * SEGMENT_NAME)}
    first = int(base.first_segment[8:16], 16) * per_id + int(base.first_segment[16:], 16)
    return set(range(first, max(numbers, default=first) + 1)) <= numbers


def _copy_log(place: Place, chosen: Way, into: Path, old: Path | None, progress: Progress) -> None:
    """Every segment from the backup's first on, under its own name: whole ones first, then what was still being written."""
    sources = {one.name: one for one in (place.path / "wal").glob("*/*.history")}  # all: a new timeline gets a number nobody has
    partial: dict[str, Path] = {}
    for timeline in range(chosen.base.timeline, chosen.timeline + 1):
        for one in (one for folder in (*place.lost(timeline), place.wal(timeline)) for one in folder.glob("*")):
            name = one.name.removesuffix(".partial")
            if len(name) == SEGMENT_NAME and name[8:] >= chosen.base.first_segment[8:]:
                (partial if one.name.endswith(".partial") else sources)[name] = one
    if old is not None and _timeline_of(old, chosen.base) == chosen.timeline:
        partial |= {one.name: one for one in (old / "pg_wal").glob("?" * SEGMENT_NAME) if one.name[8:] >= chosen.base.first_segment[8:]}
    for place_, (name, one) in enumerate(sorted((partial | sources).items()), 1):
        shutil.copyfile(one, into / name)
        progress("copying the log", place_ / len(partial | sources))


def _make_embedded(cluster: Path) -> None:
    """The settings files of a cluster that came from another installation, as an embedded one has them."""
    (cluster / "postgresql.conf").write_text(f"{CONF}  # written anew at every start; ALTER SYSTEM outranks it\n")
    (cluster / "pg_hba.conf").write_text(
        "host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n"
    )
    for name in ("postgresql.conf", "pg_hba.conf"):
        give_to_server(cluster / name)


# recovering


def _recover(
    settings: Settings, place: Place, chosen: Way, cluster: Path, progress: Progress, access: Access | None, *, is_whole: bool
) -> Done:
    try:
        return _recovered(settings, place, chosen, cluster, progress, access)
    except EndsBeforeError as error:
        if not is_whole:
            raise BackupError("some of the log before that moment is missing: without --to one gets as far as it goes") from error
        # nothing was committed between the last transaction and the moment: everything up to then is here
        return _recovered(settings, place, replace(chosen, to=None), cluster, progress, access)


def _recovered(
    settings: Settings, place: Place, chosen: Way, cluster: Path, progress: Progress, access: Access | None
) -> Done:
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        progress("following the log", 1 - 0.98**beats)

    with private_server(cluster, chosen.base, chosen.to, chosen.timeline, beat) as url:
        progress("following the log", 1.0)
        done, timeline = asyncio.run(_settle(replace(settings, database_url=url), place, chosen, progress, access))
    _keep_beginning(place, cluster / "pg_wal", timeline)
    return replace(done, cluster=cluster)


def _keep_beginning(place: Place, log: Path, timeline: int) -> None:
    """The first log of the new timeline into the backup folder, so that a later restore finds where it left the old one.

    The segment being written is ``.partial``, as whoever follows the log expects to go on with it.
    """
    for history in log.glob("*.history"):
        shutil.copyfile(history, place.wal(timeline) / history.name)
    segments = sorted(log.glob(f"{timeline:08X}" + "?" * 16))
    for one in segments:
        shutil.copyfile(one, place.wal(timeline) / (one.name if one is not segments[-1] else f"{one.name}.partial"))


async def _settle(settings: Settings, place: Place, chosen: Way, progress: Progress, access: Access | None) -> tuple[Done, int]:
    """On the private server: this build's schema, roles with our passwords, the mark, and a look at everything.

    Answers the new timeline, too.
    """
    url = settings.need("database_url")
    connection = await asyncpg.connect(url)
    try:
        await prepare(connection)
        if access is not None:
            await _login(connection, "postgres", access.superuser_password)
        await migrate(settings)
        to = chosen.to or await _came_to(connection, place, chosen)
        async with connection.transaction():
            tenants = await mark_all(connection, Restored(to, "base backup"))
        examined = await examine(connection, progress)
        await connection.execute("CHECKPOINT")
        timeline = int(await connection.fetchval("SELECT timeline_id FROM pg_control_checkpoint()"))
        place.begin_era(timeline, await connection.fetchval("SELECT clock_timestamp()"), to)
    finally:
        await connection.close()
    return Done(chosen.base, to, Path(), None, len(tenants), examined), timeline


async def _came_to(connection: asyncpg.Connection, place: Place, chosen: Way) -> datetime:
    """Where the end of the log is: as far as the folder says that everything is kept, else the last transaction brought back."""
    last: datetime = await connection.fetchval("SELECT coalesce(pg_last_xact_replay_timestamp(), $1)", chosen.base.finished_at)
    kept = [one.reaches for one in place.eras() if one.timeline == chosen.timeline and not place.lost(one.timeline)]
    return max([last, *kept])


async def _login(connection: asyncpg.Connection, role: str, password: str) -> None:
    """The embedded server's superuser can log in, whoever was superuser where the backup was taken."""
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} SUPERUSER LOGIN")
    await connection.execute(await connection.fetchval("SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, password))


def _addresses(access: Access) -> dict[str, Any]:
    """Addresses that carry the passwords our roles shall have; the private server is entered without one."""
    return {
        f"{role.removeprefix('hub_')}_url": f"postgresql://{role}:{password}@127.0.0.1:{access.postgres_port}/hub"
        for role, password in access.role_passwords.items()
    }


async def mark_here(settings: Settings, to: datetime | None) -> int:
    """The database was restored by other means: say so in it, before the hub is started. Answers how many tenants."""
    await migrate(settings)
    connection = await asyncpg.connect(settings.need("worker_url"))
    try:
        await prepare(connection)
        async with connection.transaction():
            return len(await mark_all(connection, Restored(to, "marked")))
    finally:
        await connection.close()
