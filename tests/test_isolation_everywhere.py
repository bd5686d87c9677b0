"""Two tenants with the same ids everywhere: no view and no table shows one of them a row of the other.

Every table of ours gets a row a tenant, made from its columns and checks, so that a table somebody adds is looked at too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.conftest import Database

VALUES = {
    "int2": "1", "int4": "1", "int8": "1", "numeric": "1", "float8": "1", "bool": "true", "uuid": "'00000000-0000-7000-8000-00000000000a'",
    "text": "'{mark}'", "jsonb": "'{{\"told\": \"{mark}\"}}'", "json": "'{{}}'", "bytea": "'{mark}'", "timestamptz": "'2026-11-20'", "date": "'2026-11-20'",
    "_text": "'{{{mark}}}'", "_uuid": "'{{}}'", "_int8": "'{{}}'", "_int4": "'{{}}'", "_float8": "'{{}}'", "_float4": "'{{}}'", "_bool": "'{{}}'", "_int2": "'{{}}'",
    "float4": "1", "pg_snapshot": "'1:1:'", "xid8": "'1'", "tsvector": "'{mark}'", "daterange": "'[2026-01-01,2026-02-01)'", "interval": "'1 s'", "time": "'12:00'",
    "name": "'{mark}'", "tstzrange": "'[2026-01-01,2026-02-01)'",
}  # fmt: skip
COLUMNS = """
SELECT c.oid::regclass::text AS table, a.attname AS name, t.typname AS type,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey)) AS is_key,
       (SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k
         WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)) AS checks
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  JOIN pg_type t ON t.oid = a.atttypid
 WHERE c.relkind = 'r' AND c.relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
 ORDER BY c.oid, a.attnum
"""


def value(column: asyncpg.Record, tenant: int) -> str:
    """A value of the column's type that its checks allow: the same for both tenants in keys, the tenant's mark elsewhere."""
    if column["name"] == "tenant_id" or (column["table"] == "hub.tenant" and column["name"] == "id"):
        return str(tenant)
    if allowed := re.search(rf"\(?\b{column['name']}\b\)? = ANY \(+ARRAY\['([^']*)'", column["checks"] or ""):
        return f"'{allowed[1]}'"
    if (column["table"], column["name"]) == ("hub.bi_login", "role"):
        return f"'hub_bi_{tenant}'"
    mark = f"mark{tenant}" if not column["is_key"] or column["table"] in ("hub.tenant", "hub.api_key") else "same"
    return VALUES[column["type"]].format(mark=mark)


@pytest.fixture
async def tables(database: Database) -> AsyncIterator[list[str]]:
    """Every table with one row of tenant 1 and one of tenant 2."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        shapes: dict[str, list[asyncpg.Record]] = {}
        for column in await connection.fetch(COLUMNS):
            shapes.setdefault(column["table"], []).append(column)
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")  # no row refers to one that is there
            for table, columns in shapes.items():
                names = ", ".join(f'"{one["name"]}"' for one in columns)
                for tenant in (1, 2):
                    values = ", ".join(value(one, tenant) for one in columns)
                    await connection.execute(f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})")
        yield list(shapes)
    finally:
        await connection.close()


async def test_every_view_shows_one_tenant_its_rows_and_none_of_the_other(database: Database, tables: list[str]) -> None:
    reader = await asyncpg.connect(database.api_url)
    seen: dict[int, dict[str, int]] = {1: {}, 2: {}}
    try:
        views = [row[0] for row in await reader.fetch("SELECT viewname FROM pg_views WHERE schemaname = 'api' ORDER BY 1")]
        for tenant, other in ((1, 2), (2, 1)):
            await reader.execute("SELECT set_config('hub.tenant', $1, false)", str(tenant))
            for view in views:
                rows: list[Any] = await reader.fetch(f'SELECT v::text AS row FROM api."{view}" AS v')
                assert [row["row"] for row in rows if f"mark{other}" in row["row"]] == [], view
                seen[tenant][view] = len(rows)
    finally:
        await reader.close()
    assert seen[1] == seen[2]
    assert [view for view, count in seen[1].items() if count > 1] == []  # one row was told of each tenant
    assert [view for view, count in seen[1].items() if count == 0] == []  # and is seen by it


async def test_a_role_no_policy_names_sees_no_row_of_any_table_though_it_may_read_them(database: Database, tables: list[str]) -> None:
    owner = await asyncpg.connect(database.owner_url)
    try:
        async with owner.transaction():
            await owner.execute("CREATE ROLE a_stranger")
            await owner.execute("GRANT USAGE ON SCHEMA hub, golden TO a_stranger")
            await owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA hub, golden TO a_stranger")
            assert await _seen(owner, tables) == set(tables)
            await owner.execute("SET LOCAL ROLE a_stranger")
            assert await _seen(owner, tables) == set()
            await owner.execute("RESET ROLE")
            await owner.execute("DROP OWNED BY a_stranger")
            await owner.execute("DROP ROLE a_stranger")
    finally:
        await owner.close()


async def _seen(connection: asyncpg.Connection, tables: list[str]) -> set[str]:
    """The tables of which at least one row is seen."""
    every = " UNION ALL ".join(f"SELECT '{table}' AS name, EXISTS (SELECT FROM {table}) AS some" for table in tables)
    return {row["name"] for row in await connection.fetch(every) if row["some"]}
