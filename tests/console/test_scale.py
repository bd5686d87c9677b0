"""Statements of pages that are read at every visit find their index before their values are known, as the role that runs them.

Each of these once read a whole table, which a small one never shows. ``python -m tests.benchmarks.console`` times the pages
themselves at a million golden records.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
import pytest

from hub.embedded import Embedded
from hub.settings import Settings
from hub.store.statements import statements
from tests.conftest import Database, _settings_for

ROWS = 12_000
FILL = (
    f"""
    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
    SELECT 1, 'client', md5('c' || g)::uuid, 1, 'create', '{{}}', '{{}}', 'source', 'crm', '', now() FROM generate_series(1, {ROWS}) g
    """,
    "INSERT INTO hub.feed (tenant_id, position, change_id) SELECT tenant_id, id, id FROM hub.change",
    f"INSERT INTO hub.feed_head (tenant_id, position) VALUES (1, {ROWS})",
    f"""
    INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, actor, withdrawn_at)
    SELECT 1, 'link', 'client', md5('c' || g)::uuid, 'rule', CASE WHEN g % 10 = 0 THEN now() END FROM generate_series(1, {ROWS}) g
    """,
    "INSERT INTO hub.system (tenant_id, name, kind) VALUES (1, 'erp', 'ERP'), (1, 'crm', 'CRM')",
    "INSERT INTO hub.subscription (tenant_id, id, name, kind, system) SELECT 1, md5(name)::uuid, name, 'connector', name FROM hub.system",
    f"""
    INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state)
    SELECT 1, s.id, md5('c' || g)::uuid, 'client', 1, CASE WHEN g % 40 = 0 THEN 'parked' ELSE 'idle' END
      FROM hub.subscription s, generate_series(1, {ROWS}) g
    """,
    """
    INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state)
    SELECT tenant_id, subscription_id, golden_id, 1, 'create', golden_id::text, 'done' FROM hub.lane
    """,
    f"""
    INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id)
    SELECT 1, 'crm', 'account', 'A' || g, 'client', 'present', md5('c' || g)::uuid FROM generate_series(1, {ROWS}) g
    """,
    f"""
    INSERT INTO hub.task (tenant_id, cause, subject, entity, golden_id, system, team, due_at, reason, remedy, state)
    SELECT 1, 'required', 's' || g, 'client', md5('c' || g)::uuid, 'crm', 'data_stewards', now(), 'r', 'm', CASE WHEN g % 5 = 0 THEN 'open' ELSE 'resolved' END
      FROM generate_series(1, {ROWS}) g
    """,
    f"""
    INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name)
    SELECT 1, md5('c' || g)::uuid, 1, 'active', now(), now(), 'Client ' || g FROM generate_series(1, {ROWS}) g
    """,
    """
    INSERT INTO golden.client_relationship (tenant_id, id, version, record_state, created_at, updated_at, from_client_id, to_client_id, kind)
    SELECT 1, md5('r' || id)::uuid, 1, 'active', now(), now(), id, md5('c' || 1 + n % 2000)::uuid, 'legal_parent'
      FROM (SELECT *, row_number() OVER () AS n FROM golden.client) AS c
    """,
    "ANALYZE",
)
PAGES = (
    "visits.changes_since", "where.columns", "where.contributions", "where.externals", "where.tasks", "where.awaited", "where.unfinished_lanes",
    "where.holding", "sources.lanes", "sources.due", "sources.parked", "sources.attempts", "hierarchy.edges_up", "hierarchy.children",
    "hierarchy.ways_up", "hierarchy.below", "hierarchy.kinds", "work.unrouted", "work.to_escalate", "work.load", "tasks.open_of_golden",
)  # fmt: skip
DECIDED = "SELECT id, kind, withdrawn_at FROM api.decision WHERE golden_id = $1::uuid ORDER BY id DESC LIMIT 51"
LARGE = {"change", "feed", "decision", "lane", "attempt", "source_record", "task", "client", "client_relationship"}


@pytest.fixture(scope="module")
async def wide(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[Database]:
    """A database in which reading a table from end to end costs something."""
    await template.execute("CREATE DATABASE test_console_wide TEMPLATE hub")
    database = Database("test_console_wide", _settings_for(Settings().on(servers), "test_console_wide"))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("INSERT INTO hub.tenant (slug, name) VALUES ('one', 'one')")
    await owner.execute("SET session_replication_role = replica")  # no foreign key is checked while it is filled
    for sql in FILL:
        await owner.execute(sql)
    await owner.close()
    yield database
    await template.execute("DROP DATABASE test_console_wide WITH (FORCE)")


async def read_whole(url: str, sql: str) -> set[str]:
    """The large tables that a plan for whatever values reads from end to end."""
    connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
    try:
        await connection.execute("SELECT set_config('hub.tenant', '1', false)")
        await connection.execute(f"PREPARE asked AS {sql}")
        count = await connection.fetchval("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'")
        plan = await connection.fetchval("EXPLAIN (FORMAT JSON) EXECUTE asked" + (f" ({', '.join(['NULL'] * count)})" if count else ""))
        return set(_whole(orjson.loads(plan))) & LARGE
    finally:
        await connection.close()


def _whole(plan: Any) -> list[str]:
    found = []
    for each in plan if isinstance(plan, list) else [plan]:
        node = each.get("Plan", each)
        is_whole = node["Node Type"] == "Seq Scan" or (node["Node Type"].startswith("Index") and node.get("Index Name", "").endswith("_pkey") and "Index Cond" not in node)
        found += [node["Relation Name"]] if is_whole and "Relation Name" in node else []
        found += _whole(node.get("Plans", []))
    return found


@pytest.mark.parametrize("name", PAGES)
async def test_what_a_page_asks_at_every_visit_is_found_by_index(wide: Database, name: str) -> None:
    file, _, statement = name.partition(".")
    assert await read_whole(wide.worker_url, statements(file)[statement].text) == set()


async def test_what_was_decided_of_a_record_is_found_by_index_even_if_withdrawn(wide: Database) -> None:
    assert await read_whole(wide.api_url, DECIDED) == set()
    connection = await asyncpg.connect(wide.api_url, server_settings={"plan_cache_mode": "force_generic_plan"})
    await connection.execute("SELECT set_config('hub.tenant', '1', false)")
    told = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {DECIDED}".replace("$1", "md5('c7')")))
    await connection.close()
    assert "decision_record" in told
