"""The doctor finds what stands still, lies behind, is switched off or cannot be opened in a running database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from hub.doctor import Verdict, examine
from hub.doctor_state import advisory_locks, key_name
from hub.store import secrets
from tests.conftest import Database


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def told(database: Database, verdict: Verdict = Verdict.PROBLEM) -> list[str]:
    return [one.says for one in await examine(database.settings) if one.verdict is verdict]


TENANT = "INSERT INTO hub.tenant (slug, name) VALUES ('north', 'north')"


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (
            f"{TENANT}; INSERT INTO hub.task (tenant_id, id, cause, subject, team, due_at, reason, remedy) OVERRIDING SYSTEM VALUE "
            "VALUES (1, 7, 'parse', 's', 't', now(), '', '')",
            "Sequences are behind their tables: hub.task (at 0, the table at 7).",
        ),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'hub.lane_golden'::regclass", "Indexes are invalid: hub.lane_golden."),
        ("ALTER TABLE hub.decision DISABLE TRIGGER seal_update", "Triggers are switched off: hub.decision.seal_update."),
        (f"{TENANT}; INSERT INTO hub.seal_head (tenant_id, finding) VALUES (1, 'seal 3: its signature is wrong')", "The sealed trail was altered: north: seal 3: its signature is wrong."),
        (
            f"{TENANT}; INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause) VALUES (1, 'client', gen_random_uuid(), now() - interval '400 s', 'time')",
            "1 golden records are due to be computed again, the oldest for 400 s.",
        ),
        (
            f"{TENANT}; INSERT INTO hub.feed_head (tenant_id) VALUES (1); INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, "
            "correlation_id, at) VALUES (1, 'client', gen_random_uuid(), 1, 'create', '{}', '{}', 'source', 'crm', '', now() - interval '90 s')",
            "1 changes have no position in the feed, the oldest for 90 s.",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_in_the_tables_is_named(database: Database, owner: asyncpg.Connection, damage: str, says: str) -> None:
    await owner.execute(damage)
    try:
        assert await told(database) == [says]
    finally:  # what is no row stays when the database is emptied for the next test
        await owner.execute("UPDATE pg_index SET indisvalid = true WHERE NOT indisvalid; ALTER TABLE hub.decision ENABLE TRIGGER seal_update")


async def test_an_advisory_lock_of_an_idle_session_is_named_and_one_of_a_working_session_is_not(database: Database, owner: asyncpg.Connection) -> None:
    holder = await asyncpg.connect(database.owner_url, server_settings={"application_name": "somebody"})
    try:
        await holder.execute("SELECT pg_advisory_lock(7, 4711)")
        assert (await advisory_locks(owner)).verdict is Verdict.FINE  # it has only just done something
        held = await advisory_locks(_Later(owner))  # type: ignore[arg-type]
        assert (held.verdict, "(7, 4711) of pid" in held.says, "somebody" in held.says) == (Verdict.PROBLEM, True, True)
    finally:
        await holder.close()


class _Later:
    """Asks as if half a minute had passed."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def fetch(self, sql: str) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.connection.fetch(sql.replace("now() - interval '30 s'", "now() + interval '1 s'"))
        return rows


async def test_a_secret_under_a_key_nobody_has_is_a_problem_and_ours_is_told_as_in_use(database: Database, owner: asyncpg.Connection) -> None:
    key = database.settings.need("secret_key")
    await owner.execute(TENANT)
    await owner.execute("INSERT INTO hub.system (tenant_id, name, kind, secrets) VALUES (1, 'crm', 'crm', $1)", secrets.encrypt(key, "x", "1/system/crm"))
    assert f"Stored secrets lie under key {key_name(key)} (1 secrets, in use)." in await told(database, Verdict.FINE)
    await owner.execute("INSERT INTO hub.system (tenant_id, name, kind, secrets) VALUES (1, 'psa', 'psa', $1)", secrets.encrypt("another", "x", "1/system/psa"))
    (problem,) = await told(database)
    assert problem.startswith(f"Secrets lie under keys that are not here: {key_name('another')}.")
    findings = await examine(replace(database.settings, secret_keys_former="another"))
    assert [one.says for one in findings if one.verdict is Verdict.PROBLEM] == []


async def test_open_alerts_are_told_as_a_warning(database: Database, owner: asyncpg.Connection) -> None:
    await owner.execute(TENANT)
    await owner.execute(
        "INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy) VALUES (1, 'alert', 's', 't', now(), 'erp does not answer', 'm')"
    )
    assert "Alerts are open: north: erp does not answer." in await told(database, Verdict.WARNING)


async def test_a_slot_nobody_reads_is_only_told_when_it_keeps_much_back(database: Database, owner: asyncpg.Connection) -> None:
    found = [one for one in await examine(database.settings) if "replication slot" in one.says]
    assert [one.verdict for one in found] == [Verdict.FINE]
