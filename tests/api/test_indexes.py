"""Each kind of filter, as the role that runs it, at 100,000 rows: the index answers, not a scan.

Operators that are not leakproof cannot be index conditions behind a row policy; small tables never show it. Equality,
prefix and references must find their index in a generic plan too, where the values are unknown. The same holds for whole
documents as they are compiled, for keys that are confined to some clients, and for reads as of an instant.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from graphql import parse

from hub.api import statement
from hub.api.access import Principal, Role
from hub.api.aggregates import GroupArguments, grouping
from hub.api.compile.document import compile_operation
from hub.api.compile.variables import Given
from hub.api.context import REVERSES
from hub.api.cursor import Cursors
from hub.api.filters import Filters, order_by
from hub.api.grouping import Function, groups, groups_of_parents
from hub.api.lineage import CHANGES
from hub.api.limits import operation_of
from hub.api.lists import Arguments
from hub.api.plan import EVERYTHING, OrderBy, Page, Plan, golden_shape
from hub.api.schema import build
from hub.api.statement import Bound
from hub.embedded import Embedded
from hub.settings import Settings
from hub.store.pool import TenantPool
from schema import ENTITIES
from tests.api.wide import FILL
from tests.conftest import Database, _settings_for

FIRST_PAGE = Page(20)

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
    plan = await _generic_plan(wide, bound)
    assert _uses(plan, index), _told(plan)


@pytest.mark.parametrize("kind", WITH_VALUES)
async def test_a_selective_range_finds_its_index(wide: TenantPool, kind: str) -> None:
    bound, index = WITH_VALUES[kind]
    async with wide.tenant(1) as connection:
        [row] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {bound.sql}", *bound.values)
    assert _uses(row[0], index), _told(row[0])


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


@dataclass(frozen=True)
class Asked:
    """A document, the index that finds its rows, and values for it."""

    document: str
    index: str
    values: dict[str, Any] = field(default_factory=dict)
    scope: Sequence[str] = ()

    @property
    def bound(self) -> Bound:
        """The compiled statement and its parameters."""
        schema, document = build()._schema, parse(self.document)
        compiled = compile_operation(schema, document, operation_of(document, None), self.values, Role.READER, tuple(self.scope))
        assert compiled is not None and not compiled.rest
        scope = {name: (CLIENT,) for name in self.scope}
        principal = Principal(1, "one", UUID(int=7), Role.READER, "test", scope=scope)
        return Bound(compiled.sql, tuple(compiled.bound(Given(self.values, principal, b"secret"))))

    def confined(self) -> Asked:
        return Asked(self.document, self.index, self.values, ("client",))


CLIENT = UUID("cb1d0e0e-e4f4-3f8b-9d0c-000000000001")
THEN = "2026-06-01T00:00:00.000000Z"
LONG_AGO = "asOf: \"2026-02-01T00:00:00Z\""


def found(entity: str, given: str) -> str:
    """A document that looks for records by a filter, counts them and tells of the first."""
    return f"{{ {entity}(filter: {given}) {{ totalCount nodes {{ id version }} pageInfo {{ hasNextPage endCursor }} }} }}"


AFTER = Cursors(b"secret", 1, plan_of("client", {}), Arguments().filter_key).make([UUID(ID)])

COMPILED = {
    "a record by its id": Asked('query ($id: ID!) { client(id: $id) { name } }', "client_pkey", {"id": ID}),
    "a record by a system's key": Asked(
        '{ client(source: {system: "crm", object: "account", externalId: "A777"}) { name } }',
        "source_record_tenant_id_system_object_external_id_entity_pa_key",
    ),
    "a node": Asked("query ($id: ID!) { node(id: $id) { id } }", "client_pkey", {"id": ID}),
    "ids": Asked(found("clients", f'{{id: {{in: ["{ID}", "{ID}"]}}}}'), "client_pkey"),
    "text, equal": Asked(found("clients", '{name: {eq: "Client 777"}}'), "ix_client_name"),
    "text, one of": Asked(found("clients", '{name: {in: ["Client 7", "Client 8"]}}'), "ix_client_name"),
    "text without case": Asked(found("clients", '{name: {ieq: "CLIENT 777"}}'), "ix_client_name"),
    "identifier": Asked(found("contracts", '{contractNo: {eq: "C-5"}}'), "ix_contract_contract_no"),
    "reference by id": Asked(found("clients", f'{{accountManagerId: {{eq: "{ID}"}}}}'), "ix_client_account_manager_id"),
    "field of a related record": Asked(found("contracts", '{client: {name: {eq: "Client 777"}}}'), "ix_contract_client_id"),
    "some of those that refer": Asked(
        found("clients", '{contracts: {some: {contractNo: {eq: "C-5"}}}}'), "ix_contract_contract_no",
    ),
    "extension field": Asked(found("clients", '{extra: [{name: "branch", eq: "b700"}]}'), "ix_client_extra"),
    "either": Asked(found("clients", f'{{or: [{{name: {{eq: "Client 777"}}}}, {{id: {{eq: "{ID}"}}}}]}}'), "ix_client_name"),
    "a page after a cursor": Asked("query ($at: String!) { clients(after: $at) { nodes { id } } }", "client_pkey", {"at": AFTER}),
    "a page before a cursor": Asked(
        "query ($at: String!) { clients(last: 20, before: $at) { nodes { id } } }", "client_pkey", {"at": AFTER},
    ),
    "newest first": Asked("{ clients(orderBy: [{field: ID, direction: DESC}]) { nodes { id name } } }", "client_pkey"),
    "children of a page": Asked("{ clients { nodes { contracts(first: 3) { totalCount nodes { contractNo } } } } }", "ix_contract_client_id"),
    "groups of a page": Asked(
        "{ clients { nodes { contractsAggregate(groupBy: [{field: START_DATE, truncate: MONTH}]) { count } } } }", "ix_contract_client_id",
    ),
    "groups of a filter": Asked('{ contractsAggregate(filter: {contractNo: {eq: "C-5"}}) { count } }', "ix_contract_contract_no"),
    "where values come from": Asked("{ clients { nodes { provenance { name { value } } } } }", "source_record_golden"),
    "sources": Asked("{ clients { nodes { sources { system } } } }", "source_record_golden"),
    "history": Asked("{ clients { nodes { history { nodes { version } } } } }", "change_tenant_id_golden_id_version_key"),
    "by id, then": Asked(f"query ($id: ID!) {{ client(id: $id, {LONG_AGO}) {{ name }} }}", "ix_client_version_at", {"id": ID}),
    "by ids, then": Asked(f'{{ clients(filter: {{id: {{in: ["{ID}"]}}}}, {LONG_AGO}) {{ nodes {{ name }} }} }}', "ix_client_version_at"),
    "by its former name, then": Asked(
        f'{{ clients(filter: {{name: {{eq: "Old Client 777"}}}}, {LONG_AGO}) {{ totalCount nodes {{ name }} }} }}', "former_value",
    ),
    "by reference, then": Asked(
        f'{{ contracts(filter: {{clientId: {{eq: "{ID}"}}}}, {LONG_AGO}) {{ totalCount nodes {{ contractNo }} }} }}', "former_value",
    ),
    "a page by id, then": Asked(f"{{ clients({LONG_AGO}) {{ nodes {{ name }} }} }}", "ix_client_version_at"),
    "children of a page, then": Asked(
        f"{{ clients(first: 5, {LONG_AGO}) {{ nodes {{ contracts {{ nodes {{ contractNo }} }} }} }} }}", "ix_contract_client_id",
    ),
}  # fmt: skip
COMPILED_WITH_VALUES = {
    "date, a narrow range": Asked(found("contracts", '{startDate: {gte: "2020-01-01", lt: "2020-01-08"}}'), "ix_contract_start_date"),
    "date, equal": Asked(found("contracts", '{startDate: {eq: "2020-01-01"}}'), "ix_contract_start_date"),
    "the beginning of a text": Asked(found("clients", '{name: {startsWith: "client 777"}}'), "ix_client_name"),
    "a related record's text": Asked(found("clients", '{accountManager: {familyName: {eq: "Name 7"}}}'), "ix_client_account_manager_id"),
}  # fmt: skip


@pytest.mark.parametrize("kind", COMPILED)
async def test_a_compiled_document_finds_its_index_before_its_values_are_known(wide: TenantPool, kind: str) -> None:
    plan = await _generic_plan(wide, COMPILED[kind].bound)
    assert _uses(plan, COMPILED[kind].index), _told(plan)


@pytest.mark.parametrize("kind", COMPILED_WITH_VALUES)
async def test_a_compiled_document_with_a_selective_range_finds_its_index(wide: TenantPool, kind: str) -> None:
    bound = COMPILED_WITH_VALUES[kind].bound
    async with wide.tenant(1) as connection:
        [row] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {bound.sql}", *bound.values)
    assert _uses(row[0], COMPILED_WITH_VALUES[kind].index), _told(row[0])


@pytest.mark.parametrize("kind", COMPILED)
async def test_rows_a_key_may_see_are_found_by_index_too(wide: TenantPool, kind: str) -> None:
    plan = await _generic_plan(wide, COMPILED[kind].confined().bound)
    assert _scanned(plan) == set(), _told(plan)


async def test_every_compiled_document_is_quick(wide: TenantPool) -> None:
    slow = {}
    async with wide.tenant(1) as connection:
        for kind, asked in {**COMPILED, **COMPILED_WITH_VALUES}.items():
            for bound in (asked.bound, asked.confined().bound):
                await connection.fetch(bound.sql, *bound.values)
                began = time.perf_counter()
                await connection.fetch(bound.sql, *bound.values)
                if (took := time.perf_counter() - began) > 0.5:
                    slow[kind] = took
    assert slow == {}


async def _generic_plan(wide: TenantPool, bound: Bound) -> Any:
    """The plan for whatever values."""
    async with wide.tenant(1) as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE asked AS {bound.sql}")
        given = ", ".join(["NULL"] * len(bound.values))
        [row] = await connection.fetch("EXPLAIN (FORMAT JSON) EXECUTE asked" + (f" ({given})" if given else ""))
        await connection.execute("DEALLOCATE asked; RESET plan_cache_mode")
    return row[0]


def _told(plan: Any) -> list[str]:
    """How a plan reads its tables, for whom a test fails."""
    nodes = _nodes(json.loads(plan) if isinstance(plan, str) else plan)
    return [" ".join((n["Node Type"], n["Relation Name"], n.get("Index Name", ""))) for n in nodes if "Relation Name" in n]


LARGE = {"client", "contract", "change", "source_record", "client_version", "contract_version", "former_value", "forward", "decision"}


def _scanned(plan: Any) -> set[str]:
    """The large tables a plan reads from end to end."""
    nodes = _nodes(json.loads(plan) if isinstance(plan, str) else plan)
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & LARGE


def _uses(plan: Any, index: str) -> bool:
    """Whether the plan reads through the index, and reads no large table from end to end."""
    nodes = _nodes(json.loads(plan) if isinstance(plan, str) else plan)
    return any(index in node.get("Index Name", "") for node in nodes) and not _scanned(plan)


def _nodes(plan: Any) -> Any:
    for each in plan if isinstance(plan, list) else [plan]:
        node = each.get("Plan", each)
        yield node
        yield from _nodes(node.get("Plans", []))


