"""The migrated database is what the model declares, can be unmade and made again, and keeps tenants and roles apart."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from hub.embedded import Embedded
from hub.errors import SetupError
from hub.migrate import alembic_config, head_revision, migrate
from hub.store.tables import golden_columns, golden_indexes, metadata, version_columns
from schema import ENTITIES
from hub.settings import Settings
from tests.conftest import Database, _settings_for

ROLES = ("hub_worker", "hub_api", "hub_examiner")


async def owner(database: Database) -> asyncpg.Connection:
    return await asyncpg.connect(database.owner_url)


@pytest.mark.filterwarnings("ignore:Expression #2:UserWarning", "ignore:Cannot correctly sort tables")
async def test_the_migrated_tables_are_the_ones_the_model_declares(database: Database) -> None:
    """Alembic's check: tables, columns, types, nullability, foreign keys, plain indexes."""

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": True, "include_name": _in_golden, "compare_type": True}
        )
        return list(compare_metadata(context, metadata(ENTITIES.values())))

    engine = create_async_engine(database.owner_url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


def _in_golden(name: str | None, type_: str, _: Any) -> bool:
    return type_ != "schema" or name == "golden"


async def test_columns_indexes_and_keys_are_the_derived_ones_in_their_order(database: Database) -> None:
    """What alembic's check does not see: the order of columns, expressions in indexes, primary keys, deferred foreign keys."""
    connection = await owner(database)
    try:
        columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, type_name in await connection.fetch(COLUMNS):
            columns.setdefault(table, []).append((column, type_name))
        indexes = {tuple(row) for row in await connection.fetch(INDEXES)}
        keys = {row["table"]: tuple(row["columns"]) for row in await connection.fetch(PRIMARY_KEYS)}
        foreign = {row["name"] for row in await connection.fetch(DEFERRED_KEYS)}
    finally:
        await connection.close()
    names = {"timestamptz": "timestamp with time zone"}
    for meta in ENTITIES.values():
        assert columns[meta.name] == [(name, names.get(kind, kind)) for name, kind in golden_columns(meta)], meta.name
        assert columns[f"{meta.name}_version"] == [(name, names.get(kind, kind)) for name, kind in version_columns(meta)], meta.name
        assert (keys[meta.name], keys[f"{meta.name}_version"]) == (("tenant_id", "id"), ("tenant_id", "id", "version"))
    wanted = {(e.name, name, f"btree (tenant_id, {term})") for e in ENTITIES.values() for name, term in golden_indexes(e)}
    wanted |= {(name, f"ix_{name}_extra", "gin (extra jsonb_path_ops)") for name in ENTITIES}
    wanted |= {(f"{name}_version", f"ix_{name}_version_at", "btree (tenant_id, id, recorded_at)") for name in ENTITIES}
    assert indexes == wanted
    assert foreign == {f"fk_{e.name}_{field.name}" for e in ENTITIES.values() for field in e.references}


COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
 WHERE table_schema = 'golden' ORDER BY table_name, ordinal_position
"""
INDEXES = """
SELECT tablename, indexname, regexp_replace(indexdef, '^.* USING ', '') FROM pg_indexes
 WHERE schemaname = 'golden' AND indexname NOT LIKE '%\\_pkey'
"""
PRIMARY_KEYS = """
SELECT t.relname AS table,
       array_agg(a.attname::text ORDER BY array_position(c.conkey, a.attnum)) AS columns
  FROM pg_constraint c
  JOIN pg_class t ON t.oid = c.conrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
 WHERE c.contype = 'p' AND n.nspname = 'golden'
 GROUP BY 1
"""
DEFERRED_KEYS = """
SELECT conname AS name FROM pg_constraint
 WHERE contype = 'f' AND connamespace = 'golden'::regnamespace AND condeferrable AND condeferred
"""


async def test_every_table_leads_with_the_tenant_in_its_primary_key(database: Database) -> None:
    """So the schema distributes by tenant; ``hub.tenant`` itself is the list of tenants."""
    connection = await owner(database)
    try:
        tables = {
            row["name"]
            for row in await connection.fetch(
                "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('hub', 'golden')"
            )
        }
        led = {
            row["name"]
            for row in await connection.fetch(
                "SELECT n.nspname || '.' || t.relname AS name FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid "
                "JOIN pg_namespace n ON n.oid = t.relnamespace "
                "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] "
                "WHERE i.indisprimary AND n.nspname IN ('hub', 'golden') AND a.attname = 'tenant_id'"
            )
        }
    finally:
        await connection.close()
    assert tables - led == {"hub.tenant"}
    assert len(led) > 2 * len(ENTITIES)


async def test_row_level_security_is_forced_on_every_table_and_no_role_of_ours_stands_above_it(database: Database) -> None:
    connection = await owner(database)
    try:
        free = await connection.fetch(
            "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') "
            "AND relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace) AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        above = await connection.fetch(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY ($1::text[]) "
            "AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)", list(ROLES),
        )  # fmt: skip
        owned = await connection.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
            "WHERE schemaname IN ('hub', 'golden') AND tableowner = ANY ($1::text[])", list(ROLES),
        )  # fmt: skip
        timeouts = {
            row["rolname"]: {one.partition("=")[0] for one in row["rolconfig"]}
            for row in await connection.fetch("SELECT rolname, rolconfig FROM pg_roles WHERE rolname = ANY ($1::text[])", list(ROLES))
        }
    finally:
        await connection.close()
    assert (free, above, owned) == ([], [], [])
    needed = {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}
    assert timeouts.keys() == set(ROLES) and all(needed <= some for some in timeouts.values())


async def test_the_api_role_has_views_and_no_table_and_the_examiner_only_reads(database: Database) -> None:
    connection = await owner(database)
    try:
        privileges = await connection.fetch(
            "SELECT r.role, n.nspname AS schema, c.relname AS name, p.privilege "
            "FROM unnest($1::text[]) AS r (role), unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege), "
            "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname IN ('hub', 'golden', 'api') AND c.relkind IN ('r', 'v') "
            "AND has_table_privilege(r.role, c.oid, p.privilege)", ["hub_api", "hub_examiner"],
        )  # fmt: skip
        unread = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'api'::regnamespace AND relkind = 'v' "
            "AND NOT has_table_privilege('hub_api', oid, 'SELECT')"
        )
        appended = await connection.fetchrow(
            "SELECT has_table_privilege('hub_worker', 'hub.change', 'INSERT'), has_table_privilege('hub_worker', 'hub.change', 'UPDATE'), "
            "has_table_privilege('hub_worker', 'hub.change', 'DELETE')"
        )
    finally:
        await connection.close()
    told = {(row["role"], row["schema"], row["privilege"]) for row in privileges}
    assert {one for one in told if one[0] == "hub_api"} == {("hub_api", "api", "SELECT")}
    assert {one[2] for one in told if one[0] == "hub_examiner"} == {"SELECT"}
    assert unread == []
    assert tuple(appended) == (True, False, False)


async def test_a_view_shows_one_tenant_and_nothing_without_one(database: Database) -> None:
    """Every view of the api names the tenant; without ``hub.tenant`` set, reading is an error or nothing, not everybody's rows."""
    connection = await owner(database)
    try:
        views = {row["viewname"]: row["definition"] for row in await connection.fetch("SELECT viewname, definition FROM pg_views WHERE schemaname = 'api'")}
    finally:
        await connection.close()
    assert [name for name, text in views.items() if "current_setting('hub.tenant'::text)" not in text] == []
    reader = await asyncpg.connect(database.api_url)
    try:
        for name in views:
            with suppress(asyncpg.UndefinedObjectError):
                assert await reader.fetch(f"SELECT 1 FROM api.{name} LIMIT 1") == []
    finally:
        await reader.close()


async def test_a_database_newer_than_this_build_is_left_as_it_is_and_said_in_a_sentence(database: Database) -> None:
    connection = await owner(database)
    try:
        at = await connection.fetchval("UPDATE public.alembic_version SET version_num = '9999' RETURNING '0001'")
        with pytest.raises(SetupError, match="revision identified by '9999'. Is this build older"):
            await migrate(database.settings)
        await connection.execute("UPDATE public.alembic_version SET version_num = $1", at)
    finally:
        await connection.close()


async def test_the_schema_can_be_unmade_and_made_again(database: Database) -> None:
    connection = await owner(database)
    try:
        before = await _shape(connection)
        await asyncio.to_thread(command.downgrade, alembic_config(database.owner_url), "base")
        assert await connection.fetch("SELECT 1 FROM pg_namespace WHERE nspname IN ('hub', 'golden', 'api', 'bi')") == []
        await migrate(database.settings)
        assert await _shape(connection) == before
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == head_revision()
        await migrate(database.settings)
        assert await _shape(connection) == before
    finally:
        await connection.close()


async def _shape(connection: asyncpg.Connection) -> list[tuple[Any, ...]]:
    """Columns, constraints, indexes, policies, views and grants in words."""
    rows = await connection.fetch(
        "SELECT 'column', table_schema, table_name, column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns "
        "WHERE table_schema IN ('hub', 'golden', 'api', 'bi') "
        "UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('hub', 'golden')) "
        "UNION ALL SELECT 'index', schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname IN ('hub', 'golden') "
        "UNION ALL SELECT 'policy', schemaname || '.' || tablename, policyname, roles::text || cmd FROM pg_policies "
        "UNION ALL SELECT 'grant', table_schema || '.' || table_name, grantee, privilege_type FROM information_schema.table_privileges "
        "WHERE table_schema IN ('hub', 'golden', 'api', 'bi') ORDER BY 1, 2, 3, 4"
    )
    return [tuple(row) for row in rows]


async def test_every_view_of_the_api_reads_the_tenant_once_and_not_per_row(database: Database) -> None:
    connection = await owner(database)
    try:
        views = await connection.fetch("SELECT viewname, definition FROM pg_views WHERE schemaname = 'api'")
        assert len(views) > 2 * len(ENTITIES)
        assert [one["viewname"] for one in views if "( SELECT (current_setting('hub.tenant'::text))::integer" not in one["definition"]] == []
    finally:
        await connection.close()


async def test_an_owner_who_is_no_superuser_can_migrate(servers: Embedded, template: asyncpg.Connection) -> None:
    """Databases that somebody else runs give no superuser away."""
    await template.execute("CREATE ROLE modest LOGIN CREATEROLE PASSWORD 'modest'")
    for role in (*ROLES, "hub_bi", "hub_bi_confidential"):
        await template.execute(f"GRANT {role} TO modest WITH ADMIN TRUE, INHERIT FALSE, SET TRUE")
    await template.execute("CREATE DATABASE modest OWNER modest")
    settings = _settings_for(Settings().on(servers), "modest")
    parts = urlsplit(settings.need("database_url"))
    address = parts._replace(netloc=f"modest:modest@{parts.netloc.rpartition('@')[2]}")
    try:
        await migrate(replace(settings, database_url=urlunsplit(address)))
        connection = await asyncpg.connect(settings.need("api_url"))
        try:
            await connection.execute("SELECT set_config('hub.tenant', '1', false)")
            assert await connection.fetchval("SELECT count(*) FROM api.client") == 0
        finally:
            await connection.close()
    finally:
        await template.execute("DROP DATABASE modest WITH (FORCE)")
        await template.execute("DROP OWNED BY modest CASCADE")
        await template.execute("DROP ROLE modest")
