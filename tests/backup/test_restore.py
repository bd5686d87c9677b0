"""The drill: a populated hub is lost and brought back to a moment before its last invoices were posted.

Equal in every table to what it was then; nothing posted twice though the hub forgot it had; nothing silently missing. Servers of
its own, with the log kept as ``hub up`` keeps it.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psutil
import pytest

from hub import embedded
from hub.backup.follow import Rhythm, follow
from hub.backup.place import Place
from hub.backup.programs import program
from hub.backup.restore import Done, restore_embedded, restore_into
from hub.embedded_process import end, free_port, launch
from hub.errors import BackupError, RequestError
from hub.flows.feed import Cursor, end_of_feed, read_feed
from hub.flows.restored import resume
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import restores
from hub.store.pool import Pool, open_worker_pool
from tests.conftest import RUNS, THROW_AWAY
from tests.flows.delivering import POSTING, Keeper, Target, a_target, a_tenant, eventually
from tests.test_migrations import _shape

INVOICES: list[dict[str, Any]] = [
    {
        "object": "invoice", "entity": "invoice", "id": "id", "version": "version", "natural_key": ["number"],
        "fields": {"number": "number", "state": "state"},
    }
]  # fmt: skip
MARKED = {"hub.restore", "hub.feed_head", "hub.feed", "hub.task"}
"""Tables that the mark writes to: the restore itself, the new epoch, the position of a change that had none yet, the task."""


@dataclass
class Lost:
    """A hub that was backed up while it worked, and what is left: its backups, its files, the world outside."""

    folder: Path
    place: Place
    erp: Target
    numbers_after: list[str]
    moment: datetime
    last: datetime
    rows: dict[str, str]
    shape: list[tuple[Any, ...]]
    cursor: Cursor


def quiet(folder: Path) -> embedded.Embedded:
    return embedded.start(folder, options={"shared_buffers": "64MB", **THROW_AWAY})


@asynccontextmanager
async def pool_of(url: str) -> AsyncIterator[Pool]:
    pool = await open_worker_pool(url, 6)
    try:
        yield pool
    finally:
        await pool.close()


async def digests(url: str) -> dict[str, str]:
    """Table → digest of its rows, whatever their order."""
    connection = await asyncpg.connect(url)
    try:
        names = [row[0] for row in await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('hub', 'golden', 'public')"
        )]  # fmt: skip
        one = "SELECT '{0}' AS name, coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS rows FROM {0} AS t"
        return {row["name"]: row["rows"] for row in await connection.fetch(" UNION ALL ".join(one.format(name) for name in names))}
    finally:
        await connection.close()


async def invoice(keeper: Keeper, number: str) -> UUID:
    return await keeper.save("invoice", number=number, state="issued", notify=True)


def numbers(erp: Target) -> list[str]:
    return sorted(body["number"] for body in erp.system.bodies("invoice").values())


@pytest.fixture(scope="module")
async def lost() -> AsyncIterator[Lost]:
    RUNS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-restore-", dir=RUNS))
    place = Place(folder / "backup")
    with quiet(folder) as servers:
        settings = Settings().on(servers)
        await migrate(settings)
        following = asyncio.create_task(follow(settings.need("backup_url"), place, Rhythm()))
        async with pool_of(settings.need("worker_url")) as pool:
            keeper = Keeper(pool, await a_tenant(pool))
            erp = await a_target(keeper, settings, objects={"invoice": POSTING}, mappings=INVOICES)
            async with erp.running():
                for number in range(20):
                    await invoice(keeper, f"A{number}")
                await erp.settled()
            await eventually(lambda: place.bases(), 60)
            pending = await invoice(keeper, "P")  # known to the hub, not yet to the ERP
            moment = await pool.fetchval("SELECT clock_timestamp()")
            rows, shape = await digests(servers.postgres_url), await shape_of(servers.postgres_url)
            async with erp.running():
                after = [f"B{number}" for number in range(10)]
                for number in after:
                    await invoice(keeper, number)
                await erp.settled()
            async with pool.acquire() as connection:
                cursor = await end_of_feed(connection, keeper.tenant_id)
            last = await pool.fetchval("SELECT clock_timestamp()")
            await eventually(lambda: (place.eras() or None) and place.eras()[-1].reaches > last, 60)
        while not following.done():
            following.cancel()
            await asyncio.wait([following], timeout=1)
    assert pending is not None
    yield Lost(folder, place, erp, after, moment, last, rows, shape, cursor)
    embedded.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


async def shape_of(url: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return await _shape(connection)
    finally:
        await connection.close()


async def restored(lost: Lost, to: datetime | None) -> Done:
    """In a thread of its own, as the command does it."""
    return await asyncio.to_thread(restore_embedded, Settings(data=lost.folder), lost.place.path, to, lambda *_: None)


async def test_a_hub_is_brought_back_to_a_moment_and_posts_nothing_twice(lost: Lost) -> None:
    assert numbers(lost.erp) == sorted([*(f"A{n}" for n in range(20)), "P", *lost.numbers_after])
    done = await restored(lost, lost.moment)
    assert (done.examined.problems, done.tenants, done.to) == ((), 1, lost.moment)
    with quiet(lost.folder) as servers:
        rows = await digests(servers.postgres_url)
        assert {name for name in rows if rows[name] != lost.rows[name]} == MARKED
        assert await shape_of(servers.postgres_url) == lost.shape
        settings = Settings().on(servers)
        async with pool_of(settings.need("worker_url")) as pool:
            keeper = Keeper(pool, lost.erp.keeper.tenant_id)
            erp = replace(lost.erp, keeper=keeper, settings=settings)
            writes = erp.system.requests["write"]
            async with erp.running():
                await deliveries_rest(erp)
                for number in lost.numbers_after:  # the source tells again what the hub forgot, and it becomes new golden records
                    await invoice(keeper, number)
                await deliveries_rest(erp)
                assert erp.system.requests["write"] == writes
                assert [one.slug for one in await resume(pool, (), "operator")] == ["acme"]
                await erp.settled()
            assert numbers(erp) == sorted([*(f"A{n}" for n in range(20)), "P", *lost.numbers_after])
            assert erp.system.requests["write"] == writes
            assert await pool.fetchval("SELECT count(*) FROM hub.source_record WHERE system = 'erp' AND golden_id IS NOT NULL") == 31
            assert await pool.fetchval("SELECT count(*) FROM hub.attempt WHERE state = 'adopted'") == 11
            assert await pool.fetch("SELECT cause FROM hub.task WHERE state = 'open'") == []
            async with pool.acquire() as connection:
                assert await restores.resting(connection) == []
                former, now = lost.cursor, await end_of_feed(connection, keeper.tenant_id)
                with pytest.raises(RequestError, match="the cursor is of epoch 1"):
                    await read_feed(connection, keeper.tenant_id, former, through_views=False)
                assert (now.epoch, former.epoch) == (2, 1)


async def deliveries_rest(erp: Target) -> None:
    """What is wanted is fanned out, and nothing is leased."""
    pool = erp.keeper.pool
    await eventually(lambda: pool.fetchval("SELECT bool_and(s.position = h.position) FROM hub.subscription s, hub.feed_head h"))
    assert await pool.fetchval("SELECT count(*) FROM hub.lane WHERE state = 'leased'") == 0


async def test_the_same_backups_become_a_data_directory_for_a_served_postgres(lost: Lost) -> None:
    """To a moment that the restore before has left behind; the server that is started on it is nobody's embedded one."""
    into = lost.folder / "served"
    done = await asyncio.to_thread(restore_into, Settings(), lost.place.path, lost.last, into, lambda *_: None)
    assert (done.examined.problems, done.examined.rows["golden.invoice"], done.former) == ((), 31, None)
    assert [one.timeline for one in lost.place.eras()] == [1, 2, 3]
    assert not [one.name for one in into.iterdir() if "recovery" in one.name]
    with a_served_postgres(into, lost.folder) as url:
        connection = await asyncpg.connect(url)
        try:
            assert await connection.fetchval("SELECT count(*) FROM golden.invoice") == 31
            assert await connection.fetchval("SELECT way FROM hub.restore WHERE resumed_at IS NULL") == "base backup"
        finally:
            await connection.close()


@contextmanager
def a_served_postgres(cluster: Path, folder: Path) -> Iterator[str]:
    """A PostgreSQL started on a data directory as an operator would, with settings of its own."""
    port = free_port()
    (cluster / "pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\n")
    command = [str(program("postgres")), "-D", str(cluster), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    child = launch(command, cluster, folder / "served.log")
    try:
        while subprocess.run([program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres"], check=False).returncode:
            assert child.poll() is None, (folder / "served.log").read_text()
            time.sleep(0.05)
        yield f"postgresql://postgres@127.0.0.1:{port}/hub"
    finally:
        end(psutil.Process(child.pid), (signal.SIGINT, 30), (signal.SIGKILL, 5))
        child.wait()


def test_a_moment_that_cannot_be_had_is_said_in_words(lost: Lost, tmp_path: Path) -> None:
    for to, said in ((datetime(2020, 1, 1, tzinfo=UTC), "the oldest backup is good from"), (datetime(2100, 1, 1, tzinfo=UTC), "the log reaches to")):
        with pytest.raises(BackupError, match=said):
            restore_into(Settings(), lost.place.path, to, tmp_path / "x", lambda *_: None)
    assert not (tmp_path / "x").exists()


def test_a_damaged_file_of_a_backup_is_named_and_nothing_is_put_in_place(lost: Lost, tmp_path: Path) -> None:
    (base,) = lost.place.bases()[:1]
    file = lost.place.data(base) / "global" / "pg_control"
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    try:
        with pytest.raises(BackupError, match="pg_control is damaged"):
            restore_into(Settings(), lost.place.path, None, tmp_path / "x", lambda *_: None)
    finally:
        file.write_bytes(whole)
