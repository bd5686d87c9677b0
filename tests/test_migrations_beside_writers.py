"""Migrations do no harm to what runs: squawk judges what they say, they only add, and they give way to whoever holds a lock."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command

from hub.embedded import Embedded
from hub.migrate import alembic_config, head_revision, migrate
from hub.settings import Settings
from tests.conftest import Database, _settings_for
from tests.migrating import said_by

RELEASED = "0011"
"""Where databases stand that the build before this one made."""

BY_DESIGN = {
    "prefer-bigint-over-int": "tenant ids, versions and counts of one record are four bytes in every key",
    "prefer-bigint-over-smallint": "priorities are 1 to 9",
    "require-lock-timeout": "set on the connection, for every revision (migrations/env.py)",
    "require-statement-timeout": "set on the connection likewise",
    "prefer-robust-stmts": "an index built beside writers is dropped first, should an earlier try have broken off",
    "require-concurrent-index-deletion": "an index of a revision before the first release",
}
JUSTIFIED = {
    # revision: {rule: why}
    **{old: {"require-concurrent-index-creation": "before the first release: no database holds rows at it"} for old in ("0007", "0008")},
    "0013": {
        "ban-drop-constraint": "a check is replaced by a wider one",
        "constraint-missing-not-valid": "validated in the same transaction: a subscription is a row a reader, hundreds at most",
    },
    "0016": {
        "ban-drop-constraint": "a check is replaced by a wider one",
        "constraint-missing-not-valid": "validated in the same transaction: what people did with tasks, 0.2 s a million",
    },
}  # fmt: skip


@pytest.fixture
async def empty(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[Settings]:
    """A database without a schema; the roles are there."""
    await template.execute("CREATE DATABASE unmade")
    yield _settings_for(Settings().on(servers), "unmade")
    await template.execute("DROP DATABASE unmade WITH (FORCE)")


async def test_squawk_finds_nothing_that_is_not_justified(empty: Settings, tmp_path: Path) -> None:
    """Every revision after the first, on a database with rows: what its transaction says, and what it says by itself."""
    for one in (await said_by(empty.need("database_url")))[1:]:
        (tmp_path / f"{one.revision}.sql").write_text(one.together)
        for place, statement in enumerate(one.alone):
            (tmp_path / f"{one.revision}-{place}.sql").write_text(statement + ";\n")
    together = judged(sorted(tmp_path.glob("????.sql")), "--assume-in-transaction")
    alone = judged(sorted(tmp_path.glob("????-*.sql")))
    found = {(file[:4], rule) for file, rule in together | alone if rule not in BY_DESIGN}
    excused = {(revision, rule) for revision, rules in JUSTIFIED.items() for rule in rules}
    assert found - excused == set()
    assert excused - found == set()  # an excuse nobody needs any more goes


def judged(files: list[Path], *options: str) -> set[tuple[str, str]]:
    """(file, rule) of every finding."""
    squawk = Path(sys.executable).with_name("squawk")
    done = subprocess.run([squawk, "--reporter", "json", "--pg-version", "18", *options, *files], capture_output=True, text=True, check=False)
    return {(Path(one["file"]).name, one["rule_name"]) for one in json.loads(done.stdout or "[]")}


async def test_squawk_would_find_what_makes_writers_wait(tmp_path: Path) -> None:
    file = tmp_path / "9999.sql"
    file.write_text("CREATE INDEX i ON hub.change (tenant_id);\nALTER TABLE hub.lane RENAME COLUMN state TO s;\nALTER TABLE hub.lane ADD COLUMN x text NOT NULL;\n")
    rules = {rule for _, rule in judged([file], "--assume-in-transaction")}
    assert {"require-concurrent-index-creation", "renaming-column", "adding-required-field"} <= rules


async def test_what_the_former_build_uses_is_still_there_as_it_was(database: Database) -> None:
    """Columns, types, rights and the order in views; what is new may be left out by whoever does not know it. Rows stay."""
    url, connection = database.owner_url, await asyncpg.connect(database.owner_url)
    await connection.execute("INSERT INTO hub.tenant (slug, name) VALUES ('acme', 'acme')")
    await connection.execute("INSERT INTO hub.feed_head (tenant_id) SELECT id FROM hub.tenant")
    await asyncio.to_thread(command.downgrade, alembic_config(url), RELEASED)
    before = await used(url)
    await migrate(database.settings)
    after = await used(url)
    assert await connection.fetchval("SELECT count(*) FROM hub.tenant t JOIN hub.feed_head h ON h.tenant_id = t.id") == 1
    await connection.close()
    assert {name: one for name, one in before.items() if after.get(name) != one} == {}
    new = {name: one for name, one in after.items() if name not in before and name[:2] in {known[:2] for known in before} and name[0] != "grant"}
    assert [name for name, (_, can_be_left_out, *_) in new.items() if not can_be_left_out] == []
    # and one step back from here, and on again
    await asyncio.to_thread(command.downgrade, alembic_config(url), "-1")
    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
    assert await used(url) == after


async def used(url: str) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """(schema, table, column) → (type, may be left out, place in a view); ("grant", …) → rights."""
    connection = await asyncpg.connect(url)
    try:
        columns = await connection.fetch(
            """
            SELECT c.table_schema AS s, c.table_name AS t, c.column_name AS n, c.udt_name AS type,
                   c.is_nullable = 'YES' OR c.column_default IS NOT NULL OR c.is_identity = 'YES' OR c.is_generated = 'ALWAYS' AS free,
                   CASE WHEN c.table_schema = 'api' THEN c.ordinal_position::integer END AS place
              FROM information_schema.columns c WHERE c.table_schema IN ('hub', 'golden', 'api')
            """
        )
        grants = await connection.fetch(
            "SELECT grantee, table_schema, table_name, privilege_type FROM information_schema.table_privileges "
            "WHERE table_schema IN ('hub', 'golden', 'api') AND grantee LIKE 'hub\\_%'"
        )
    finally:
        await connection.close()
    found: dict[tuple[str, ...], tuple[Any, ...]] = {(r["s"], r["t"], r["n"]): (r["type"], r["free"], r["place"]) for r in columns}
    return found | {("grant", *row): () for row in grants}


async def test_a_migration_gives_way_to_whoever_holds_a_lock_and_is_tried_again(database: Database) -> None:
    """A long transaction holds a table the migration alters: writers behind it wait two seconds at most, none fails."""
    url = database.owner_url
    await asyncio.to_thread(command.downgrade, alembic_config(url), "0012")
    holder, writer = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await holder.execute("BEGIN; SELECT count(*) FROM hub.subscription; LOCK hub.subscription IN ACCESS SHARE MODE")
        migrating = asyncio.create_task(migrate(database.settings))
        waits = []
        while len(waits) < 3 and not migrating.done():
            began = time.monotonic()
            await writer.execute("INSERT INTO hub.subscription (tenant_id, id, name, kind) SELECT 1, gen_random_uuid(), 'x', 'pull' WHERE false")
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.7)
        assert not migrating.done()
        await holder.execute("COMMIT")
        await migrating
        assert max(waits) < 10  # two seconds and what a busy machine adds
        assert await writer.fetchval("SELECT version_num FROM alembic_version") == head_revision()
    finally:
        await holder.close()
        await writer.close()
