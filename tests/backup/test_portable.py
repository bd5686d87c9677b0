"""The portable copy: into another database, under an owner who is no superuser, equal row by row, and never half."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub.backup.examine import TRIGGERS, UNFORCED
from hub.backup.portable import dump, load
from hub.embedded import Embedded
from hub.errors import BackupError
from hub.migrate import migrate
from hub.settings import Settings
from tests.backup.test_restore import MARKED, digests, shape_of
from tests.conftest import Database, _settings_for
from tests.flows.delivering import Keeper, a_tenant, worker_pool

ROLES = ("hub_worker", "hub_api", "hub_examiner", "hub_bi", "hub_bi_confidential")


@pytest.fixture
async def copied(database: Database, tmp_path: Path) -> Path:
    """A copy of a database with two tenants, records that refer to each other, and text that COPY must escape."""
    async with worker_pool(database) as pool:
        for slug in ("acme", "zenith"):
            keeper = Keeper(pool, await a_tenant(pool, slug))
            client = await keeper.save(name="Tab\there, back\\slash, line\nbreak, \\N and ünïcode")
            await keeper.save("client_site", city="Köln", client=client)
        await pool.execute("INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at) "
                           "SELECT tenant_id, 'client', gen_random_uuid(), 1, 'create', '{}', '{}', 'source', 'x', 'y', now() FROM hub.feed_head")  # fmt: skip
        await pool.execute("INSERT INTO hub.decision (tenant_id, kind, entity, actor) SELECT tenant_id, 'accept', 'client', 'x' FROM hub.feed_head")
    folder = tmp_path / "copy"
    done = await dump(database.settings, folder, lambda *_: None)
    assert (done.path, done.tables > 150, done.rows > 10) == (folder, True, True)
    return folder


async def test_a_copy_goes_into_another_database_of_an_owner_who_is_no_superuser(
    servers: Embedded, template: asyncpg.Connection, database: Database, copied: Path
) -> None:
    await template.execute("CREATE ROLE carrier LOGIN CREATEROLE PASSWORD 'carrier'")
    for role in ROLES:
        await template.execute(f"GRANT {role} TO carrier WITH ADMIN TRUE, INHERIT FALSE, SET TRUE")
    await template.execute("CREATE DATABASE carried OWNER carrier")
    settings = _settings_for(Settings().on(servers), "carried")
    parts = urlsplit(settings.need("database_url"))
    theirs = replace(settings, database_url=urlunsplit(parts._replace(netloc=f"carrier:carrier@{parts.netloc.rpartition('@')[2]}")))
    try:
        await load(theirs, copied, lambda *_: None)
        before, after = await digests(database.owner_url), await digests(settings.need("database_url"))
        assert {name for name in before if before[name] != after[name]} == MARKED
        theirs_now, ours = await shape_of(settings.need("database_url")), await shape_of(database.owner_url)
        assert [row for row in theirs_now if row[2] != "carrier"] == [row for row in ours if row[2] != "postgres"]
        connection = await asyncpg.connect(settings.need("worker_url"))
        try:  # sequences are ahead
            assert await connection.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ('new', 'new') RETURNING id") == 3
            assert (await connection.fetch(UNFORCED), await connection.fetch(TRIGGERS)) == ([], [])
            assert await connection.fetchval("SELECT count(*) FROM hub.restore WHERE resumed_at IS NULL AND way = 'dump'") == 2
        finally:
            await connection.close()
    finally:
        await template.execute("DROP DATABASE carried WITH (FORCE)")
        await template.execute("DROP OWNED BY carrier CASCADE")
        await template.execute("DROP ROLE carrier")


async def test_a_copy_with_a_changed_byte_is_refused_and_leaves_nothing(copied: Path, servers: Embedded, template: asyncpg.Connection) -> None:
    file = copied / "golden.client.copy.gz"
    text = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(text.replace("Köln".encode(), b"Koln").replace(b"line", b"lime")))
    await template.execute("CREATE DATABASE refused TEMPLATE hub")
    settings = _settings_for(Settings().on(servers), "refused")
    try:
        with pytest.raises(BackupError, match="golden.client.copy.gz is damaged"):
            await load(settings, copied, lambda *_: None)
        connection = await asyncpg.connect(settings.need("database_url"))
        try:
            assert await connection.fetchval("SELECT count(*) FROM hub.tenant") == 0
            assert await connection.fetchval("SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE relnamespace = 'golden'::regnamespace AND relkind = 'r'")
        finally:
            await connection.close()
    finally:
        await template.execute("DROP DATABASE refused WITH (FORCE)")


async def test_a_copy_goes_into_an_empty_database_only(database: Database, copied: Path) -> None:
    with pytest.raises(BackupError, match="holds tenants already"):
        await load(database.settings, copied, lambda *_: None)
    await migrate(database.settings)
