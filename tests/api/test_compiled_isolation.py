"""Compiled reads keep tenants and keys apart: also when a condition is forgotten, and whoever asked the document before."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from graphql import parse

from hub.api.access import Principal, Role
from hub.api.compile.document import compile_operation
from hub.api.compile.variables import Given, coerced, variable_types
from hub.api.limits import operation_of
from hub.api.run import Asked, Runner
from hub.api.schema import build
from hub.core.records import Lineage
from hub.store.ids import new_id
from hub.store.pool import TenantPool
from schema import ENTITIES
from tests.api.conftest import Api, Tenant
from tests.api.sql_text import opened

DOCUMENT = """query ($id: ID!, $external: String!, $name: String!) {
    byId: client(id: $id) { ...Whole }
    bySource: client(source: {system: "crm", externalId: $external}) { ...Whole }
    node(id: $id) { id ... on Client { ...Whole } }
    clients(filter: {or: [{id: {eq: $id}}, {name: {eq: $name}}, {contacts: {some: {familyName: {eq: $name}}}}]}) {
        totalCount edges { cursor node { ...Whole } } pageInfo { hasNextPage endCursor }
    }
    contacts(orderBy: [{client: {field: NAME}}]) { nodes { familyName client { name } } }
    contactsAggregate(groupBy: [{field: FAMILY_NAME}, {client: {field: NAME}}]) { key { familyName clientKey { name } } count }
}
fragment Whole on Client {
    name
    provenance { name { value system externalId alternates { value } } }
    sources { externalId values }
    history { nodes { after } }
    contacts(filter: {familyName: {ne: $name}}) { totalCount nodes { familyName } }
    contactsAggregate { count }
}"""


@dataclass(frozen=True)
class Sides:
    """Two tenants with a client and a contact each; every text of theirs has their name in it."""

    mine: Tenant
    theirs: Tenant
    client: dict[str, UUID]

    def variables(self, name: str) -> dict[str, Any]:
        return {"id": str(self.client[name]), "external": f"{name}-1", "name": f"{name} Ltd"}


@pytest.fixture
async def sides(api: Api) -> Sides:
    made = Sides(await api.tenant("acme"), await api.tenant("globex"), {"Acme": new_id(), "Globex": new_id()})
    for tenant, name in ((made.mine, "Acme"), (made.theirs, "Globex")):
        source = await api.source(tenant, "crm", f"{name}-1", "client", made.client[name], name=f"{name} Ltd")
        line = Lineage(source, 0, "owner", False)
        await api.golden(tenant, "client", id=made.client[name], name=f"{name} Ltd", lineage={"name": line})
        await api.golden(tenant, "contact", family_name=f"{name} Berg", client=str(made.client[name]))
        await api.pool.execute("DELETE FROM hub.system WHERE tenant_id = $1 AND name <> 'crm'", tenant.id)
    return made


def principal(tenant: Tenant, role: Role = Role.STEWARD, **scope: UUID) -> Principal:
    return Principal(tenant.id, tenant.slug, UUID(int=7), role, "test", scope={name: (one,) for name, one in scope.items()})


async def read(api: Api, tenant: Tenant, variables: dict[str, Any], *, forgets: bool) -> str:
    """What the compiled statement answers a tenant, with or without its conditions."""
    schema, document = build()._schema, parse(DOCUMENT)
    operation = operation_of(document, None)
    values = coerced(operation, variable_types(schema, operation), variables)
    compiled = compile_operation(schema, document, operation, values, Role.STEWARD)
    assert compiled is not None and not compiled.rest
    parameters = compiled.bound(Given(values, principal(tenant), b"secret"))
    async with api.app.state.services.api_pool.tenant(tenant.id) as connection:
        row = await connection.fetchrow(opened(compiled.sql) if forgets else compiled.sql, *parameters)
    return b"\n".join(row).decode()


async def test_a_statement_that_forgets_every_condition_still_sees_one_tenant(api: Api, sides: Sides) -> None:
    asked = sides.variables("Globex")
    mine, theirs = [await read(api, tenant, asked, forgets=True) for tenant in (sides.mine, sides.theirs)]
    assert "Acme Ltd" in mine and "Acme Berg" in mine  # the conditions are gone: its own client is no Globex
    assert "Globex" not in mine and "Acme" not in theirs
    assert "Globex Ltd" in theirs


async def test_what_is_asked_for_by_another_tenants_names_is_not_there(api: Api, sides: Sides) -> None:
    asked = sides.variables("Globex")
    by_id, by_source, node, found, *_ = (await read(api, sides.mine, asked, forgets=False)).split("\n")
    assert (by_id, by_source, node) == ("null", "null", "null")
    assert json.loads(found) == {"totalCount": 0, "edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


async def test_every_view_shows_a_tenant_its_own_rows_and_all_of_them(api: Api) -> None:
    """A row of every table for each of two tenants; what each sees of a view is what it has in the table."""
    mine, theirs = await api.tenant("acme"), await api.tenant("globex")
    owner = await asyncpg.connect(api.database.owner_url)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        for tenant, rows in ((mine, 2), (theirs, 3)):
            for meta in ENTITIES.values():
                head = f"SELECT {tenant.id}, gen_random_uuid(), 1, 'active', now(), now() FROM generate_series(1, {rows})"
                columns = "tenant_id, id, version, record_state, created_at, updated_at"
                await owner.execute(f"INSERT INTO golden.{meta.name} ({columns}) {head}")
                await owner.execute(
                    f"INSERT INTO golden.{meta.name}_version ({columns}, lineage, recorded_at) "
                    f"SELECT *, '{{}}'::jsonb, now() FROM ({head}) AS made"
                )
    await owner.close()
    views = [f"{meta.name}{ending}" for meta in ENTITIES.values() for ending in ("", "_version")]
    counted = ", ".join(f"(SELECT count(*) FROM api.{view}) AS {view}" for view in views)
    pool = TenantPool(api.database.api_url, size=1)
    for tenant, rows in ((mine, 2), (theirs, 3), (mine, 2)):  # one connection changes hands
        async with pool.tenant(tenant.id) as connection:
            assert dict(await connection.fetchrow(f"SELECT {counted}")) == dict.fromkeys(views, rows)
    await pool.close()


async def test_without_a_tenant_no_view_shows_anything(api: Api, sides: Sides) -> None:
    raw = await asyncpg.connect(api.database.api_url)
    views = [row["viewname"] for row in await raw.fetch("SELECT viewname FROM pg_views WHERE schemaname = 'api'")]
    shown = []
    for tenant in (None, "", "0", "nobody"):
        if tenant is not None:
            await raw.execute("SELECT set_config('hub.tenant', $1, false)", tenant)
        for view in views:
            try:
                shown += [view] if await raw.fetch(f"SELECT FROM api.{view} LIMIT 1") else []
            except asyncpg.PostgresError:
                continue
    await raw.close()
    assert len(views) > 130 and shown == []


async def test_the_reading_role_may_read_views_of_the_api_and_nothing_else(api: Api) -> None:
    owner = await asyncpg.connect(api.database.owner_url)
    rights = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
    tables = await owner.fetch(
        """SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'v', 'm', 'p') AND n.nspname IN ('hub', 'golden') AND has_table_privilege('hub_api', c.oid, $1)""",
        rights,
    )
    writable = await owner.fetch(
        """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v'
              AND has_table_privilege('hub_api', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"""
    )
    elevated = await owner.fetch("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'api'::regnamespace")
    member = await owner.fetchval("SELECT count(*) FROM pg_auth_members WHERE member = 'hub_api'::regrole")
    await owner.close()
    assert (tables, writable, elevated, member) == ([], [], [], 0)


ABSENT = """query ($id: ID!, $x: String!, $who: [_Any!]!) {
    client(id: $id) { name }
    bySource: client(source: {system: "crm", externalId: $x}) { name }
    node(id: $id) { id }
    clients(filter: {id: {in: [$id]}}) { totalCount nodes { name } }
    contacts(filter: {clientId: {eq: $id}}) { totalCount }
    contactsAggregate(filter: {client: {id: {eq: $id}}}) { count }
    _entities(representations: $who) { ... on Client { name } }
}"""


async def test_not_yours_is_answered_like_not_there_by_every_way_in(api: Api, sides: Sides) -> None:
    answers = []
    for golden_id, external in ((str(sides.client["Globex"]), "Globex-1"), (str(new_id()), "Nobody-1")):
        key = {"recordKey": {"system": "crm", "externalId": external}}
        who = [{"__typename": "Client", "id": golden_id}, {"__typename": "Client", **key}]
        asked = await api.ask(sides.mine.keys["admin"], ABSENT, id=golden_id, x=external, who=who)
        answers.append(asked.body)
    assert answers[0] == answers[1]
    assert json.loads(answers[0])["data"]["_entities"] == [None, None]


async def test_a_cursor_of_another_tenant_is_refused_at_every_depth(api: Api, sides: Sides) -> None:
    nested = "query ($at: String) { clients { nodes { contacts(first: 1, after: $at) { pageInfo { endCursor } } } } }"
    history = "query ($at: String) { clients { nodes { history(first: 1, after: $at) { pageInfo { endCursor } } } } }"
    for document, name in ((nested, "contacts"), (history, "history")):
        [node] = (await api.ask(sides.theirs.keys["reader"], document)).data["clients"]["nodes"]
        theirs = node[name]["pageInfo"]["endCursor"]
        assert (await api.ask(sides.theirs.keys["reader"], document, at=theirs)).data["clients"]["nodes"]
        assert (await api.ask(sides.mine.keys["reader"], document, at=theirs)).codes == ["BAD_CURSOR"]


SEEN = """{
    clients { totalCount nodes { name projects { totalCount } accountManager { familyName costRate { amount } masked } } }
    resources { nodes { familyName costRate { amount } masked } }
    projects { nodes { name manager { familyName } } }
}"""


async def test_a_document_shows_each_key_its_own_whoever_asked_it_before(api: Api, acme: Tenant) -> None:
    """One cache, four keys of one tenant and one of another, in every order."""
    other = await api.tenant("globex")
    rate = {"amount": "85", "currency": "EUR", "per": "hour"}
    manager = str(await api.golden(acme, "resource", family_name="Vogt", cost_rate=rate))
    clients = [await api.golden(acme, "client", name=name, account_manager=manager) for name in ("North", "South")]
    for client in clients:
        await api.golden(acme, "project", name=f"of {client}", client=str(client), manager=manager)
    asking = [
        principal(acme, Role.READER), principal(acme), principal(acme, Role.READER, client=clients[0]),
        principal(acme, Role.READER, client=clients[1]), principal(other),
    ]  # fmt: skip
    services = api.app.state.services
    plain = Runner(build(), services, compiles=False)
    expected = [(await plain.run(one, Asked(SEEN, {}, None), "c")).body for one in asking]
    assert len(set(expected)) == len(expected)
    for order in itertools.permutations(range(len(asking))):
        runner = Runner(build(), services)
        api.statements = 0
        answers = {one: (await runner.run(asking[one], Asked(SEEN, {}, None), "c")).body for one in order}
        assert [answers[one] for one in range(len(asking))] == expected, order
        assert api.statements == len(asking)  # all of them compiled
