"""Take a base backup: the whole cluster as it lies on disk, with a checksum of every file, beside everything else that runs."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncpg

from hub.backup.manifest import Manifest, check, manifest_of
from hub.backup.place import Base, Place, Server, base_document, write
from hub.backup.programs import addressed, major, program
from hub.errors import BackupError

Progress = Callable[[str, float], None]
"""(what is done, share of it that is done)."""

_SHARE = re.compile(r"(\d+)/(\d+) kB")


async def server_of(connection: asyncpg.Connection) -> Server:
    """What a backup must know of the server behind a connection."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
               current_setting('server_version_num')::integer AS version_num, current_database()::text AS database,
               (SELECT rolname::text FROM pg_roles WHERE oid = 10) AS superuser,
               pg_size_bytes(current_setting('wal_segment_size')) AS segment_bytes
        """
    )
    return Server(*tuple(row))


async def connected(url: str) -> asyncpg.Connection:
    """A connection as hub_backup. Raises :class:`BackupError` that says what the operator must set."""
    try:
        return await asyncpg.connect(url, timeout=15, server_settings={"application_name": "hub_backup"})
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError) as error:
        raise BackupError(
            "role hub_backup cannot log in: run 'hub migrate' as an owner who may give REPLICATION away, and set HUB_BACKUP_URL "
            "or HUB_BACKUP_PASSWORD"
        ) from error


async def take(url: str, place: Place, progress: Progress) -> Base:
    """A base backup in a folder of its own, whole or not there. Raises :class:`BackupError` with the program's last words."""
    connection = await connected(url)
    try:
        server = await server_of(connection)
        if major("pg_basebackup") < server.version_num // 10_000:
            raise BackupError(f"pg_basebackup {major('pg_basebackup')} is older than the server ({server.version_num // 10_000})")
        place.claim(server)
        began = await connection.fetchval("SELECT clock_timestamp()")
        name = f"{began:%Y%m%dT%H%M%SZ}"
        draft, done = place.path / "base" / f".{name}", place.path / "base" / name
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            await _copied(url, draft / "data", progress)
            manifest = manifest_of(draft / "data")
            await asyncio.to_thread(check, draft / "data", manifest, lambda share: progress("checking", share))
            ended = await connection.fetchval("SELECT clock_timestamp()")
            size = sum(one.size_bytes for one in manifest.files)
            base = Base(name, began, ended, manifest.timeline, _segment(manifest, server), size, server)
            write(draft / "base.json", base_document(base))
            draft.rename(done)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return base
    finally:
        await connection.close()


async def _copied(url: str, into: Path, progress: Progress) -> None:
    options, environment = addressed(url)
    command = [
        str(program("pg_basebackup")), *options, "--pgdata", str(into), "--checkpoint=fast", "--wal-method=stream",
        "--manifest-checksums=SHA256", "--progress", "--label=hub",
    ]  # fmt: skip
    child = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert child.stderr is not None
    said = b""
    try:
        while heard := await child.stderr.read(4096):
            said = (said + heard)[-4000:]
            if shares := _SHARE.findall(heard.decode(errors="replace")):
                done, whole = map(int, shares[-1])
                progress("copying", done / max(whole, done, 1))
        code = await child.wait()
    except BaseException:
        if child.returncode is None:
            child.terminate()
            await child.wait()
        raise
    if code != 0:
        raise BackupError(f"pg_basebackup failed: {_last_words(said)}. Does pg_hba.conf let role hub_backup replicate?")
    progress("copying", 1.0)


def _segment(manifest: Manifest, server: Server) -> str:
    """The first segment of the log that a recovery from this copy needs."""
    high, _, low = manifest.start_lsn.partition("/")
    number = ((int(high, 16) << 32) + int(low, 16)) // server.segment_bytes
    per_id = 0x1_0000_0000 // server.segment_bytes
    return f"{manifest.timeline:08X}{number // per_id:08X}{number % per_id:08X}"


def _last_words(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").replace("\r", "\n").splitlines() if line.strip()]
    told = [line for line in lines if not _SHARE.search(line)]
    return " / ".join(told[-3:]) or "it said nothing"
