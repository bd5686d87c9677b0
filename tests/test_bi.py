"""Schema ``bi``: the views are the derived ones, say what they mean, and show a login its own tenant and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from hub.store import bi, bi_sql
from schema import ENTITIES
from tests.conftest import Database

STAR = {view.name: view for view in bi.star(ENTITIES)}


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def test_the_migrated_views_are_the_ones_the_model_derives(owner: asyncpg.Connection) -> None:
    """The same definition, column for column, as a view made of today's derivation; so a model change needs a migration."""
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
