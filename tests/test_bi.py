"""Schema ``bi``: the views are the derived ones, also after these change, say what they mean, and show a login its own tenant and no more."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from hub import bi_login
from hub.errors import SetupError
from hub.migrate import MIGRATIONS, head_revision, migrate
from hub import bi_build
from hub.store import bi, bi_page, bi_sql
from schema import ENTITIES
from tests.conftest import Database

STAR = {view.name: view for view in bi.star(ENTITIES)}


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def test_a_database_migrated_from_nothing_has_the_star_the_model_derives(owner: asyncpg.Connection) -> None:
    made = await _definitions(owner)
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("DROP SCHEMA bi CASCADE; CREATE SCHEMA bi;" + bi_sql.views_sql(ENTITIES))
    derived = await _definitions(owner)
    await transaction.rollback()
    assert made == derived
    assert made.keys() == {*STAR, "this_tenant"}


async def _definitions(connection: asyncpg.Connection) -> dict[str, tuple[str, list[str]]]:
    rows = await connection.fetch(
        "SELECT relname, pg_get_viewdef(oid) AS text, reloptions FROM pg_class WHERE relnamespace = 'bi'::regnamespace AND relkind = 'v'"
    )
    return {row["relname"]: (row["text"], row["reloptions"]) for row in rows}


async def test_every_view_and_column_says_in_the_database_what_it_means(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT c.relname || coalesce('.' || a.attname, '') AS name, d.description "
        "FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass "
        "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 "
        "WHERE c.relnamespace = 'bi'::regnamespace"
    )
    assert {row["name"]: row["description"] for row in rows} == bi_sql.comments(STAR.values())


async def test_columns_have_the_types_the_dictionary_states(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v' AND c.relname <> 'this_tenant' ORDER BY a.attnum"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for view, column, type_name in rows:
        found.setdefault(view, []).append((column, type_name.replace("timestamp with time zone", "timestamptz")))
    assert found == {view.name: [(one.name, one.type_name) for one in view.columns] for view in STAR.values()}


async def test_a_view_reads_a_table_only_behind_a_barrier_and_for_one_tenant(owner: asyncpg.Connection) -> None:
    definitions: dict[str, Any] = await _definitions(owner)
    open_ones = [name for name, (_, options) in definitions.items() if "security_barrier=true" not in (options or [])]
    everybodys = [name for name, (text, _) in definitions.items() if "golden." in text and "FROM bi.this_tenant" not in text]
    assert (open_ones, everybodys) == ([], [])


@pytest.fixture
async def as_it_was(database: Database) -> AsyncIterator[None]:
    """The star of the model in a database whose test had another one, for the next test that gets it."""
    yield
    await migrate(database.settings)


def _model(monkeypatch: pytest.MonkeyPatch, change: Callable[[bi.View], bi.View]) -> None:
    """Derive ``dim_client`` differently from now on."""
    views = tuple(change(view) if view.name == "dim_client" else view for view in STAR.values())
    monkeypatch.setattr(bi_sql, "star", lambda _: views)


async def test_new_words_of_a_field_reach_the_database_without_disturbing_who_reads(
    database: Database, owner: asyncpg.Connection, firms: tuple[Firm, Firm], monkeypatch: pytest.MonkeyPatch, as_it_was: None
) -> None:
    tool = await asyncpg.connect(firms[0].url)
    reading = tool.transaction()
    await reading.start()
    await tool.fetch("SELECT * FROM dim_client")
    before = await _oids(owner)
    with monkeypatch.context() as patch:
        _model(patch, lambda view: replace(view, columns=(replace(view.columns[0], doc="Whose it's."), *view.columns[1:])))
        await migrate(database.settings)
        said = await owner.fetchval("SELECT col_description('bi.dim_client'::regclass, 1)")
    await reading.rollback()
    await tool.close()
    assert (said, await _oids(owner)) == ("Whose it's.", before)


async def _oids(connection: asyncpg.Connection) -> dict[str, int]:
    rows = await connection.fetch("SELECT relname, oid FROM pg_class WHERE relnamespace = 'bi'::regnamespace")
    return {row["relname"]: row["oid"] for row in rows}


async def test_a_changed_derivation_is_made_by_the_next_run_and_no_login_loses_its_rights(
    database: Database, owner: asyncpg.Connection, firms: tuple[Firm, Firm], monkeypatch: pytest.MonkeyPatch, as_it_was: None
) -> None:
    tools = [await asyncpg.connect(firm.url) for firm in firms]
    before = await _grants(owner)
    with monkeypatch.context() as patch:
        shouted = bi.Column("shouted", "upper(t.name)", "text", "Its name, loudly.")
        _model(patch, lambda view: replace(view, columns=(shouted, *view.columns[2:])))
        await migrate(database.settings)
        once = await _oids(owner)
        await migrate(database.settings)
        assert await _oids(owner) == once, "a second run makes nothing anew"
        told = [await tool.fetchval("SELECT shouted FROM dim_client") for tool in tools]
        gone = await owner.fetchval("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'bi' AND column_name = 'client_id' AND table_name = 'dim_client'")
    for tool in tools:
        await tool.close()
    assert (told, gone) == (["ACME'S CLIENT", "GLOBEX'S CLIENT"], 0)
    assert await _grants(owner) == before


async def _grants(connection: asyncpg.Connection) -> dict[str, list[str]]:
    rows = await connection.fetch("SELECT relname, relacl::text[] AS acl FROM pg_class WHERE relnamespace = 'bi'::regnamespace AND relkind = 'v'")
    return {row["relname"]: sorted(row["acl"]) for row in rows}


async def test_a_view_that_somebody_dropped_is_made_again(database: Database, owner: asyncpg.Connection) -> None:
    await owner.execute("DROP VIEW bi.fact_invoice")
    await migrate(database.settings)
    assert (await _oids(owner)).keys() == {*STAR, "this_tenant"}


async def test_a_tool_that_reads_for_long_is_ended_once_and_reads_on_in_the_new_star(
    database: Database, owner: asyncpg.Connection, firms: tuple[Firm, Firm], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary view of its own goes with the views it was built on, and costs its connection nothing."""
    monkeypatch.setattr(bi_build, "LOCK_TIMEOUT_S", 0.2)
    reading, idle, again = [await asyncpg.connect(firms[0].url) for _ in range(3)]
    await idle.execute("SET default_transaction_read_only = off")
    await idle.execute("CREATE TEMPORARY VIEW mine AS SELECT name FROM bi.dim_client")
    await reading.execute("BEGIN; SELECT name FROM dim_client")
    await owner.execute("COMMENT ON SCHEMA bi IS 'made by hand'")
    await migrate(database.settings)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await reading.fetch("SELECT name FROM dim_client")
    with pytest.raises(asyncpg.UndefinedTableError):
        await idle.fetch("SELECT name FROM mine")
    assert [await tool.fetchval("SELECT name FROM dim_client") for tool in (idle, again)] == ["acme's client"] * 2
    await idle.close()
    await again.close()


async def test_a_view_of_the_firms_own_is_never_dropped_but_named(database: Database, owner: asyncpg.Connection) -> None:
    await owner.execute("CREATE SCHEMA finance; CREATE VIEW finance.report AS SELECT name FROM bi.dim_client; COMMENT ON SCHEMA bi IS 'old'")
    try:
        with pytest.raises(SetupError, match=r"^finance\.report is built on views of schema bi: drop it"):
            await migrate(database.settings)
        assert await owner.fetch("SELECT name FROM finance.report") == []
    finally:
        await owner.execute("DROP SCHEMA finance CASCADE")
        await migrate(database.settings)


async def test_a_migration_may_drop_a_column_that_the_star_shows(
    database: Database, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The star is away while a revision drops and retypes columns, and back behind it as the new model derives it."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9998_drop.py").write_text(
        f"from alembic import op\nrevision = '9998'\ndown_revision = '{head_revision()}'\ndef upgrade():\n"
        "    op.execute('DROP VIEW api.region, api.region_version')\n"
        "    op.execute('ALTER TABLE golden.region DROP COLUMN name, ALTER COLUMN code TYPE varchar(40)')\n"
    )
    monkeypatch.setattr("hub.migrate.MIGRATIONS", folder)
    with pytest.raises(asyncpg.UndefinedColumnError):  # the model of this build still has the column
        await migrate(database.settings)
    away = await _oids(owner)
    left = tuple(view for view in STAR.values() if view.entity != "region")
    monkeypatch.setattr(bi_sql, "star", lambda _: left)
    await migrate(database.settings)
    assert (away, (await _oids(owner)).keys()) == ({}, {"this_tenant", *(view.name for view in left)})


async def test_a_migration_that_fails_leaves_the_star_where_it_still_fits(
    database: Database, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9998_fails.py").write_text(
        f"from alembic import op\nrevision = '9998'\ndown_revision = '{head_revision()}'\ndef upgrade():\n    op.execute('SELECT 1 / 0')\n"
    )
    before = await _oids(owner)
    with monkeypatch.context() as patch:
        patch.setattr("hub.migrate.MIGRATIONS", folder)
        with pytest.raises(DBAPIError, match="division by zero"):
            await migrate(database.settings)
    after = await _oids(owner)
    assert after.keys() == before.keys() and after != before


@dataclass(frozen=True)
class Firm:
    """A tenant with a client of its own, and what its BI tool logs in with."""

    id: int
    slug: str
    url: str


async def _firm(database: Database, slug: str, *, confidential: bool = False) -> Firm:
    worker = await asyncpg.connect(database.worker_url)
    tenant_id = await worker.fetchval("INSERT INTO hub.tenant (slug, name) VALUES ($1, $1) RETURNING id", slug)
    await worker.execute(
        "INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name) "
        "VALUES ($1, gen_random_uuid(), 1, 'active', now(), now(), $2)", tenant_id, f"{slug}'s client",
    )  # fmt: skip
    await worker.execute(
        "INSERT INTO golden.resource (tenant_id, id, version, record_state, created_at, updated_at, family_name, cost_rate, "
        "cost_rate_currency, cost_rate_per) VALUES ($1, gen_random_uuid(), 1, 'active', now(), now(), 'Berg', 80.5, 'EUR', 'hour')", tenant_id,
    )  # fmt: skip
    await worker.close()
    return Firm(tenant_id, slug, await bi_login.give(database.settings, slug, "finance", confidential=confidential))


@pytest.fixture
async def firms(database: Database) -> AsyncIterator[tuple[Firm, Firm]]:
    """Two tenants; the second's login sees confidential columns. Roles outlive databases, so they end here."""
    made = await _firm(database, "acme"), await _firm(database, "globex", confidential=True)
    yield made
    for firm in made:
        await bi_login.end(database.settings, firm.slug, "finance")


ATTEMPTS = (
    "SET hub.tenant = '{other}'",
    "SELECT set_config('hub.tenant', '{other}', false)",
    "SET SESSION AUTHORIZATION hub_worker",
    "SET ROLE hub_worker",
    "SET ROLE hub_examiner",
    "SET row_security = off",
    "RESET row_security",
    "UPDATE hub.bi_login SET tenant_id = {other}",
    "INSERT INTO hub.bi_login (tenant_id, role, name) VALUES ({other}, session_user, 'x')",
    "CREATE FUNCTION pg_temp.tell(text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '%', $1; RETURN true; END $$",
    "CREATE TEMPORARY VIEW this_tenant AS SELECT {other} AS tenant_id",
    "SET search_path = pg_temp, bi",
)
"""What somebody with a BI tool's password might try, one after the other in one session."""


async def test_a_bi_login_sees_its_tenant_whatever_it_sets_in_its_session(firms: tuple[Firm, Firm]) -> None:
    acme, globex = firms
    tool = await asyncpg.connect(acme.url)
    warned: list[str] = []
    tool.add_log_listener(lambda _, message: warned.append(str(message)))
    await tool.execute("SET default_transaction_read_only = off")
    seen: dict[str, list[str] | None] = {}
    for attempt in ATTEMPTS:
        with suppress(asyncpg.PostgresError):
            await tool.execute(attempt.format(other=globex.id))
        for asked in ("SELECT name FROM bi.dim_client", "SELECT name FROM bi.dim_client WHERE pg_temp.tell(name)"):
            with suppress(asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
                seen[attempt] = [row["name"] for row in await tool.fetch(asked)]
    await tool.close()
    assert seen == {attempt: ["acme's client"] for attempt in ATTEMPTS if attempt != "SET row_security = off"}
    assert [one for one in warned if "globex" in one] == []
    assert any("acme's client" in one for one in warned), "the spying function never ran, so this test proves nothing"


async def test_an_error_tells_no_other_tenants_value(firms: tuple[Firm, Firm]) -> None:
    """Without the barrier a cast that fails would run over everybody's rows first and name the value."""
    tool = await asyncpg.connect(firms[0].url)
    with pytest.raises(asyncpg.InvalidTextRepresentationError) as caught:
        await tool.fetch("SELECT 1 FROM bi.dim_client WHERE name LIKE '%client' AND name::integer > 0")
    await tool.close()
    assert "acme" in str(caught.value) and "globex" not in str(caught.value)


async def test_a_bi_login_reads_views_of_the_star_and_nothing_else(firms: tuple[Firm, Firm]) -> None:
    may: dict[str, set[str]] = {}
    for firm in firms:
        tool = await asyncpg.connect(firm.url)
        rows = await tool.fetch(
            "SELECT n.nspname || '.' || c.relname AS name, p.privilege FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "
            "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege) "
            "WHERE n.nspname IN ('hub', 'golden', 'api', 'bi', 'public') AND c.relkind IN ('r', 'v') "
            "AND has_table_privilege(c.oid, p.privilege) AND has_schema_privilege(n.oid, 'USAGE')"
        )
        assert {row["privilege"] for row in rows} == {"SELECT"}
        may[firm.slug] = {row["name"] for row in rows}
        await tool.close()
    open_views = {f"bi.{view.name}" for view in STAR.values() if not view.is_confidential} | {"bi.this_tenant"}
    assert may == {"acme": open_views, "globex": {*(f"bi.{name}" for name in STAR), "bi.this_tenant"}}


async def test_confidential_columns_are_in_views_of_their_own(firms: tuple[Firm, Firm]) -> None:
    acme, globex = [await asyncpg.connect(firm.url) for firm in firms]
    plain = await acme.fetchrow("SELECT * FROM dim_resource")
    assert plain is not None and [name for name in plain.keys() if name.startswith("cost_rate")] == []  # noqa: SIM118
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await acme.fetch("SELECT * FROM dim_resource_confidential")
    rate = await globex.fetchrow("SELECT family_name, cost_rate_amount, cost_rate_currency, cost_rate_per FROM dim_resource_confidential")
    assert rate is not None and tuple(rate) == ("Berg", Decimal("80.5"), "EUR", "hour")
    await acme.close()
    await globex.close()


async def test_a_revoked_login_sees_nothing_in_the_connection_it_still_has_and_cannot_come_back(
    database: Database, firms: tuple[Firm, Firm]
) -> None:
    tool = await asyncpg.connect(firms[0].url)
    assert await tool.fetchval("SELECT count(*) FROM dim_client") == 1
    assert await bi_login.end(database.settings, "acme", "finance") == 1
    seen = 0  # the server ends the connection a moment later; by then there is nothing to see
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        seen = await tool.fetchval("SELECT count(*) FROM dim_client")
    assert seen == 0
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(firms[0].url)
    assert await bi_login.end(database.settings, "acme", "finance") == 0


async def test_a_login_ends_though_its_connection_cannot_be_ended_and_holds_something_of_its_own(
    database: Database, owner: asyncpg.Connection, firms: tuple[Firm, Firm], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary view belongs to the role, which cannot be dropped while it is there; not every owner may end connections."""
    monkeypatch.setattr(bi_login, "_TERMINATE", "SELECT $1::text")
    monkeypatch.setattr(bi_login, "TRIES", 1)
    tool = await asyncpg.connect(firms[0].url)
    await tool.execute("SET default_transaction_read_only = off")
    await tool.execute("CREATE TEMPORARY VIEW mine AS SELECT name FROM bi.dim_client")
    role = await tool.fetchval("SELECT current_user::text")
    assert await bi_login.end(database.settings, "acme", "finance") == 1
    assert await tool.fetch("SELECT name FROM mine") == []
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="not permitted to log in"):
        await asyncpg.connect(firms[0].url)
    await tool.execute("DROP VIEW mine")
    await tool.close()
    await owner.execute(f"DROP ROLE {role}")


async def test_the_examiner_says_whose_star_to_read(database: Database, firms: tuple[Firm, Firm]) -> None:
    examiner = await asyncpg.connect(database.examiner_url)
    assert await examiner.fetch("SELECT name FROM bi.dim_client") == []
    await examiner.execute(f"SET hub.tenant = '{firms[1].id}'")
    assert [row["name"] for row in await examiner.fetch("SELECT name FROM bi.dim_client")] == ["globex's client"]
    await examiner.close()


async def test_the_queries_of_the_published_page_run(database: Database, firms: tuple[Firm, Firm]) -> None:
    queries = re.findall(r"```sql\n(.*?)```", bi_page.HEAD, re.DOTALL)
    tool = await asyncpg.connect(firms[0].url)
    for query in queries:
        await tool.execute(query)
    await tool.close()
    assert len(queries) == 1 and queries[0].count(";") == 2


async def test_ids_and_days_are_found_by_index_behind_the_barrier_and_unused_ways_are_not_walked(
    owner: asyncpg.Connection, firms: tuple[Firm, Firm]
) -> None:
    """What is leakproof (uuid, date, text equality) may be an index condition; small tables need a push to use it."""
    await owner.execute(
        "INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name) "
        f"SELECT {firms[0].id}, gen_random_uuid(), 1, 'active', now(), now(), 'c' || g FROM generate_series(1, 2000) g"
    )
    await owner.execute(
        "INSERT INTO golden.time_entry (tenant_id, id, version, record_state, created_at, updated_at, work_date) "
        f"SELECT {firms[0].id}, gen_random_uuid(), 1, 'active', now(), now(), date '2026-01-01' + g FROM generate_series(1, 2000) g"
    )
    await owner.execute("ANALYZE golden.client, golden.time_entry")
    tool = await asyncpg.connect(firms[0].url)
    await tool.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    plans = {
        asked: "\n".join(row[0] for row in await tool.fetch(f"EXPLAIN (COSTS OFF) SELECT {asked}"))
        for asked in (
            "name FROM dim_client WHERE client_id = '01900000-0000-7000-8000-000000000000'",
            "quantity_value FROM fact_time_entry WHERE work_date = '2026-03-03'",
        )
    }
    await tool.close()
    by_id, by_day = plans.values()
    assert "Index Scan using client_pkey" in by_id
    assert "Index Cond: ((tenant_id = (InitPlan 1).col1) AND (work_date = '2026-03-03'::date))" in by_day
    assert "project" not in by_day, "a key nobody asked for costs no join"
