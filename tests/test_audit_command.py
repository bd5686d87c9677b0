"""``hub audit``: what an operator types, what is told, and the exit code that a script goes by."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import asyncpg

from hub.flows import audit
from hub.store.pool import open_worker_pool
from tests.conftest import Database


async def test_the_trail_is_verified_exported_and_an_altered_row_named_from_the_command_line(database: Database, tmp_path: Path) -> None:
    settings = database.settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | settings.for_child() | {"HUB_DATABASE_URL": database.owner_url}

    def hub(*arguments: str) -> tuple[int, list[str]]:
        done = subprocess.run([sys.executable, "-m", "hub", "audit", *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout.splitlines()

    pool = await open_worker_pool(database.worker_url, size=2)
    await pool.execute("INSERT INTO hub.tenant (slug, name) VALUES ('north', 'north')")
    await pool.execute("INSERT INTO hub.action (tenant_id, kind, actor, reason) VALUES (1, 'override', 'steward:ann', 'said so')")
    assert await audit.seal_all(pool, settings.need("secret_key")) == 1
    head = (await pool.fetchval("SELECT digest FROM hub.seal")).hex()
    await pool.close()
    code, told = hub("verify", "--head", head)
    assert (code, told) == (0, ["OK: 1 entries in 1 seals are as they were sealed.", f"    Newest seal 1: {head} (note it down elsewhere)"])
    assert hub("verify", "--head", "0" * 64)[0] == 1
    pack = tmp_path / "pack.zip"
    assert hub("export", "--out", str(pack), "--from", "2000-01-01") == (0, [f"{pack}: 1 rows in 1 seals."])
    assert zipfile.ZipFile(pack).testzip() is None
    assert hub("verify", str(pack)) == (0, ["OK: every row of the pack is as it was sealed."])
    owner = await asyncpg.connect(database.owner_url)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE hub.action SET actor = 'steward:bob'")
    assert hub("verify") == (1, ["NOT OK", "  action 1: it is not as it was when seal 1 was made"])
    assert await owner.fetchval("SELECT finding FROM hub.seal_head") == "action 1: it is not as it was when seal 1 was made"
    await owner.close()
