"""Each kind of filter, as the role that runs it, at 100,000 rows: the index answers, not a scan.

Operators that are not leakproof cannot be index conditions behind a row policy; small tables never show it. Equality,
prefix and references must find their index in a generic plan too, where the values are unknown.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from hub.api import statement
from hub.api.access import Role
from hub.api.aggregates import GroupArguments, grouping
from hub.api.context import REVERSES
from hub.api.filters import Filters, order_by
from hub.api.grouping import Function, groups, groups_of_parents
from hub.api.lineage import CHANGES
from hub.api.plan import EVERYTHING, OrderBy, Page, Plan, golden_shape
from hub.api.statement import Bound
from hub.embedded import Embedded
from hub.settings import Settings
from hub.store.pool import TenantPool
from schema import ENTITIES
from tests.conftest import Database, _settings_for

ROWS = 100_000
FIRST_PAGE = Page(20)

FILL = (
    """
    INSERT INTO golden.resource (tenant_id, id, version, record_state, created_at, updated_at, family_name)
    SELECT t, md5('r' || t || g)::uuid, 1, 'active', now(), now(), 'Name ' || g
      FROM generate_series(1, 2) t, generate_series(1, 500) g
    """,
    f"""
    INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name, account_manager_id, extra)
    SELECT 1 + (g = 1)::integer, md5('c' || g)::uuid, 1, 'active', now(), now(), 'Client ' || g,
           md5('r' || 1 + (g = 1)::integer || 1 + g % 500)::uuid,
           CASE WHEN g % 100 = 0 THEN jsonb_build_object('branch', 'b' || g) END
      FROM generate_series(1, {ROWS}) g
    """,
    f"""
    INSERT INTO golden.contract (tenant_id, id, version, record_state, created_at, updated_at, contract_no, client_id, start_date)
    SELECT 1, md5('k' || g)::uuid, 1, 'active', now(), now(), 'C-' || g, md5('c' || 1 + g)::uuid, date '2000-01-01' + g % 9000
      FROM generate_series(1, {ROWS} - 1) g
    """,
    """
    INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id)
    SELECT 1, 'crm', 'account', 'A' || g, 'client', 'present', md5('c' || g)::uuid FROM generate_series(2, 30000) g
    """,
    """
    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
    SELECT 1, 'client', md5('c' || g)::uuid, 1, 'create', '{}', '{}', 'source', 'crm', '', now() FROM generate_series(2, 30000) g
    """,
    "ANALYZE",
)  # fmt: skip


@pytest.fixture(scope="module")
async def wide(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[TenantPool]:
    """Reading connections to a database whose tables are large enough for the planner to care."""
    await template.execute("CREATE DATABASE test_wide TEMPLATE hub")
    database = Database("test_wide", _settings_for(Settings().on(servers), "test_wide"))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("INSERT INTO hub.tenant (slug, name) VALUES ('one', 'one'), ('two', 'two')")
    await owner.execute("SET session_replication_role = replica")  # no foreign key is checked while it is filled
    for sql in FILL:
        await owner.execute(sql)
    await owner.close()
    pool = TenantPool(database.api_url, size=1)
    yield pool
    await pool.close()
    await template.execute("DROP DATABASE test_wide WITH (FORCE)")


def counting(entity: str, given: dict[str, Any]) -> Bound:
    return statement.count(plan_of(entity, given))


def listing(entity: str, given: dict[str, Any], **page: Any) -> Bound:
    return statement.rows(plan_of(entity, given, **page))


def plan_of(entity: str, given: dict[str, Any], order: Any = None, page: Page = FIRST_PAGE) -> Plan:
    meta = ENTITIES[entity]
    where = Filters(ENTITIES, REVERSES, Role.READER).condition(meta, given)
    shape = golden_shape(meta)
    return Plan(shape, tuple(shape.columns), where, order_by(meta, order, Role.READER), page)


def totals(given: dict[str, Any], **of_parents: Any) -> Bound:
    """Groups with sums and numbers of different values, of all contracts or of each parent."""
    arguments = GroupArguments(given, [{"field": "start_date", "truncate": "month"}, {"client": {"field": "country"}}])
    asked = frozenset({(Function.SUM, "totalValue"), (Function.DISTINCT, "client")})
    made = grouping(ENTITIES["contract"], arguments, asked, Role.READER)
    return groups_of_parents(made, **of_parents) if of_parents else groups(made)


def children(entity: str, column: str) -> Bound:
    return statement.rows_of_parents(plan_of(entity, {}), column, [ID] * 20)


ID = "5f6a1c1e-0000-7000-8000-000000000001"

KNOWN_IN_ADVANCE = {
    "id": (counting("client", {"id": {"eq": ID}}), "client_pkey"),
    "ids": (listing("client", {"id": {"in": [ID, ID]}}), "client_pkey"),
    "text, equal": (counting("client", {"name": {"eq": "Client 777"}}), "ix_client_name"),
    "text, one of": (counting("client", {"name": {"in": ["Client 7", "Client 8"]}}), "ix_client_name"),
    "text without case": (counting("client", {"name": {"ieq": "CLIENT 777"}}), "ix_client_name"),
    "text, its beginning": (counting("client", {"name": {"startsWith": "client 77"}}), "ix_client_name"),
    "identifier": (counting("contract", {"contractNo": {"eq": "C-5"}}), "ix_contract_contract_no"),
    "reference by id": (counting("client", {"accountManagerId": {"eq": ID}}), "ix_client_account_manager_id"),
    "field of a related record": (
        counting("contract", {"client": {"name": {"eq": "Client 777"}}}), "ix_contract_client_id",
    ),
    "some of those that refer": (
        counting("client", {"contracts": {"some": {"contractNo": {"eq": "C-5"}}}}), "ix_contract_contract_no",
    ),
    "extension field": (counting("client", {"extra": [{"name": "branch", "eq": "b700"}]}), "ix_client_extra"),
    "either": (
        counting("client", {"or": [{"name": {"eq": "Client 777"}}, {"id": {"eq": ID}}]}), "ix_client_name",
    ),
    "a page after a cursor": (listing("client", {}, page=Page(20, after=(ID,))), "client_pkey"),
    "a page before a cursor": (listing("client", {}, page=Page(20, before=(ID,), backward=True)), "client_pkey"),
    "newest first": (listing("client", {}, order=[{"field": "id", "direction": "DESC"}]), "client_pkey"),
    "children of a page": (children("contract", "client_id"), "ix_contract_client_id"),
    "counts of children": (
        statement.count_of_parents(plan_of("contract", {}), "client_id", [ID]), "ix_contract_client_id",
    ),
    "groups of a filter": (totals({"contractNo": {"eq": "C-5"}}), "ix_contract_contract_no"),
    "groups of a filter over related records": (totals({"client": {"name": {"eq": "Client 777"}}}), "ix_contract_client_id"),
    "groups of children": (totals({}, column="client_id", parents=[ID] * 20), "ix_contract_client_id"),
    "history": (
        statement.rows_of_parents(
            Plan(CHANGES, tuple(CHANGES.columns), EVERYTHING, (OrderBy("version", True),)), "golden_id", [ID]
        ),
        "change_tenant_id_golden_id_version_key",
    ),
}  # fmt: skip

WITH_VALUES = {
    "date, a narrow range": (
        counting("contract", {"startDate": {"gte": "2020-01-01", "lt": "2020-01-08"}}), "ix_contract_start_date",
    ),
    "date, equal": (counting("contract", {"startDate": {"eq": "2020-01-01"}}), "ix_contract_start_date"),
    "the beginning of a text, as a page": (listing("client", {"name": {"startsWith": "client 777"}}), "ix_client_name"),
    "a reference, as a page": (
        listing("client", {"accountManager": {"familyName": {"eq": "Name 7"}}}), "ix_client_account_manager_id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KNOWN_IN_ADVANCE)
async def test_a_filter_finds_its_index_before_its_values_are_known(wide: TenantPool, kind: str) -> None:
    bound, index = KNOWN_IN_ADVANCE[kind]
    async with wide.tenant(1) as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE asked AS {bound.sql}")
        given = ", ".join(["NULL"] * len(bound.values))
        [row] = await connection.fetch("EXPLAIN (FORMAT JSON) EXECUTE asked" + (f" ({given})" if given else ""))
        await connection.execute("DEALLOCATE asked; RESET plan_cache_mode")
    assert _uses(row[0], index), json.dumps(row[0], indent=1)


@pytest.mark.parametrize("kind", WITH_VALUES)
async def test_a_selective_range_finds_its_index(wide: TenantPool, kind: str) -> None:
    bound, index = WITH_VALUES[kind]
    async with wide.tenant(1) as connection:
        [row] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {bound.sql}", *bound.values)
    assert _uses(row[0], index), json.dumps(row[0], indent=1)


async def test_every_statement_is_quick_and_sees_one_tenant(wide: TenantPool) -> None:
    """All of them with real values, twice: planned and prepared; the other tenant's one client is in none."""
    slow = []
    async with wide.tenant(1) as connection:
        for kind, (bound, _) in {**KNOWN_IN_ADVANCE, **WITH_VALUES}.items():
            await connection.fetch(bound.sql, *bound.values)
            began = time.perf_counter()
            rows = await connection.fetch(bound.sql, *bound.values)
            if time.perf_counter() - began > 0.5:
                slow.append(kind)
            assert not any(row.get("name") == "Client 1" for row in rows)
    assert slow == []


def _uses(plan: Any, index: str) -> bool:
    """Whether the plan reads through the index, and reads no large table from end to end."""
    nodes = list(_nodes(json.loads(plan) if isinstance(plan, str) else plan))
    scanned = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
    return any(node.get("Index Name") == index for node in nodes) and not {"client", "contract", "change"} & set(scanned)


def _nodes(plan: Any) -> Any:
    for each in plan if isinstance(plan, list) else [plan]:
        node = each.get("Plan", each)
        yield node
        yield from _nodes(node.get("Plans", []))


