"""Following the log: through a crash of the server and of the follower, and without hiding what was lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest

from hub import embedded
from hub.backup.follow import SLOT, Rhythm, follow, prune
from hub.backup.place import Place
from hub.embedded import Embedded
from hub.errors import BackupError
from hub.migrate import ensure_roles
from hub.settings import Settings
from tests.conftest import RUNS
from tests.flows.delivering import eventually

pytestmark = pytest.mark.slow  # make test-backup
DAILY = Rhythm()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    RUNS.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="run-follow-", dir=RUNS))
    yield path
    embedded.stop(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
async def server(folder: Path) -> AsyncIterator[Embedded]:
    """A server without a schema of ours: what is followed is its log."""
    with embedded.start(folder, options={"shared_buffers": "32MB", "fsync": "off"}) as running:
        connection = await asyncpg.connect(running.postgres_url)
        await ensure_roles(connection, Settings().on(running))
        await connection.execute("CREATE TABLE told (n integer)")
        await connection.close()
        yield running


@asynccontextmanager
async def following(server: Embedded, place: Place, rhythm: Rhythm = DAILY) -> AsyncIterator[None]:
    task = asyncio.create_task(follow(server.role_url("hub_backup"), place, rhythm))
    try:
        yield
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)


async def told(server: Embedded) -> datetime:
    """One more row; answers when it was there."""
    connection = await asyncpg.connect(server.postgres_url)
    try:
        await connection.execute("INSERT INTO told SELECT count(*) FROM told")
        now: datetime = await connection.fetchval("SELECT clock_timestamp()")
        return now
    finally:
        await connection.close()


async def reaches(place: Place, moment: datetime) -> None:
    await eventually(lambda: any(era.reaches > moment for era in place.eras()), 60)


async def test_the_log_goes_on_after_server_and_follower_were_killed(server: Embedded, folder: Path) -> None:
    place = Place(folder / "killed")
    async with following(server, place):
        await reaches(place, await told(server))
        postmaster = next(p for p in psutil.Process().children() if p.name() == "postgres" and p.cwd().startswith(str(folder)))
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        assert server.heal() == ("postgres",)
        await reaches(place, await told(server))
    # a follower that is killed leaves its reader behind, which still holds the slot
    environment = {**os.environ, "HUB_BACKUP_URL": server.role_url("hub_backup")}
    child = subprocess.Popen([sys.executable, "-m", "hub", "backup", str(place.path), "--follow"], env=environment, start_new_session=True, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await reaches(place, await told(server))
    finally:
        child.kill()
        child.wait()
    async with following(server, place):
        await reaches(place, await told(server))
        with pytest.raises(BackupError, match="another process backs up"):
            await follow(server.role_url("hub_backup"), place, Rhythm())
    assert place.lost(1) == []
    names = sorted(one.name[:24] for one in place.wal(1).glob("0*"))
    assert [int(name[-8:], 16) for name in names] == list(range(int(names[0][-8:], 16), int(names[-1][-8:], 16) + 1))


async def test_a_gap_in_the_log_is_a_new_beginning_with_a_backup_of_its_own(server: Embedded, folder: Path) -> None:
    place = Place(folder / "gap")
    async with following(server, place):
        await reaches(place, await told(server))
        await eventually(lambda: len(place.bases()) == 1, 60)
    connection = await asyncpg.connect(server.postgres_url)
    await connection.execute("SELECT pg_terminate_backend(active_pid, 20000) FROM pg_replication_slots WHERE active_pid IS NOT NULL")
    await connection.execute("SELECT pg_drop_replication_slot($1)", SLOT)
    for _ in range(3):  # what was not read is thrown away
        await connection.execute("SELECT pg_switch_wal()")
        await connection.execute("INSERT INTO told SELECT 1")
        await connection.execute("CHECKPOINT")
    await connection.close()
    async with following(server, place):
        await eventually(lambda: len(place.bases()) == 2, 60)
        await reaches(place, await told(server))
    assert len(place.lost(1)) == 1


async def test_a_folder_keeps_the_backups_of_one_server(server: Embedded, folder: Path) -> None:
    place = Place(folder / "foreign")
    place.path.mkdir()
    (place.path / "backup.json").write_text('{"system_identifier": "1"}')
    with pytest.raises(BackupError, match="another server"):
        await follow(server.role_url("hub_backup"), place, Rhythm())


async def test_old_backups_go_with_the_log_nobody_needs_any_more(server: Embedded, folder: Path) -> None:
    place = Place(folder / "killed")
    async with following(server, place, Rhythm(every=timedelta(0), keep=1)):
        before = place.bases()
        await eventually(lambda: place.bases() and place.bases()[-1] not in before, 60)
    prune(place, 1)
    (kept,) = place.bases()
    assert min(one.name[:24] for one in place.wal(1).glob("0*")) >= kept.first_segment
