"""One base backup and no follower: the old server's own log is used, and what it has thrown away is not passed over."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import asyncpg
import pytest

from hub import embedded
from hub.backup.base import take
from hub.backup.place import Place
from hub.backup.restore import restore_embedded
from hub.errors import BackupError
from hub.migrate import migrate
from hub.settings import Settings
from tests.conftest import RUNS

pytestmark = pytest.mark.slow  # make test-backup


async def test_a_single_backup_reaches_as_far_as_the_old_servers_log_and_not_over_a_gap() -> None:
    RUNS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-gap-", dir=RUNS))
    place = Place(folder / "backup")
    try:
        with embedded.start(folder, options={"shared_buffers": "64MB"}) as servers:
            settings = Settings().on(servers)
            await migrate(settings)
            base = await take(settings.need("backup_url"), place, lambda *_: None)
            connection = await asyncpg.connect(servers.postgres_url)
            await connection.execute("INSERT INTO hub.tenant (slug, name) VALUES ('early', 'early')")
            moment = await connection.fetchval("SELECT clock_timestamp()")
            await connection.execute("INSERT INTO hub.tenant (slug, name) VALUES ('late', 'late')")
            await connection.close()
        done = await asyncio.to_thread(restore_embedded, Settings(data=folder), place.path, moment, lambda *_: None)
        assert (done.to, done.examined.rows["hub.tenant"]) == (moment, 1)
        assert done.former is not None
        shutil.rmtree(folder / "postgres")
        done.former.rename(folder / "postgres")
        with embedded.start(folder, options={"shared_buffers": "64MB"}) as servers:  # the same server goes on, and forgets
            connection = await asyncpg.connect(servers.postgres_url)
            for _ in range(4):
                await connection.execute("INSERT INTO hub.tenant (slug, name) SELECT 'x' || count(*), 'x' FROM hub.tenant")
                await connection.execute("SELECT pg_switch_wal()")
                await connection.execute("CHECKPOINT")
            await connection.execute("INSERT INTO hub.tenant (slug, name) SELECT 'x' || count(*), 'x' FROM hub.tenant")
            moment = await connection.fetchval("SELECT clock_timestamp()")
            await connection.execute("INSERT INTO hub.tenant (slug, name) SELECT 'x' || count(*), 'x' FROM hub.tenant")
            await connection.close()
        with pytest.raises(BackupError, match="some of the log before that moment is missing"):
            await asyncio.to_thread(restore_embedded, Settings(data=folder), place.path, moment, lambda *_: None)
        done = await asyncio.to_thread(restore_embedded, Settings(data=folder), place.path, None, lambda *_: None)
        assert base.finished_at <= done.to < moment
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
