"""Two tenants never meet: not by id, filter, cursor, count or feed, and not through a statement that forgot to ask."""

from __future__ import annotations

import json

import asyncpg
import pytest

from hub.store.pool import TenantPool
from tests.api.conftest import Api
from tests.api.test_doors import DOCUMENT


async def test_the_other_tenants_record_is_as_absent_as_one_that_never_was(api: Api) -> None:
    acme, globex = await api.tenant("acme"), await api.tenant("globex")
    theirs = await api.golden(globex, "client", name="Globex")
    await api.source(globex, "crm", "G1", "client", theirs, name="Globex")
    ask = """query($id: ID!) {
        node(id: $id) { id }
        client(id: $id) { name }
        bySource: client(source: {system: "crm", externalId: "G1"}) { name }
        clients(filter: {id: {eq: $id}}) { totalCount nodes { id } }
        changes(recordId: $id) { changes { position } }
        stewardTasks(recordId: $id) { totalCount }
    }"""
    mine = await api.ask(acme.keys["admin"], ask, id=str(theirs))
    never = await api.ask(acme.keys["admin"], ask, id="01900000-0000-7000-8000-000000000000")
    assert mine.data == never.data
    assert mine.data["node"] is None and mine.data["clients"] == {"totalCount": 0, "nodes": []}
    assert (await api.ask(globex.keys["reader"], ask, id=str(theirs))).data["client"] == {"name": "Globex"}


async def test_a_reference_across_tenants_leads_nowhere(api: Api) -> None:
    acme, globex = await api.tenant("acme"), await api.tenant("globex")
    theirs = await api.golden(globex, "client", name="Globex")
    owner = await asyncpg.connect(api.database.owner_url)
    await owner.execute("SET session_replication_role = replica")  # the foreign key itself would refuse it
    await owner.execute(
        "INSERT INTO golden.contact (tenant_id, id, version, record_state, created_at, updated_at, client_id) "
        "VALUES ($1, gen_random_uuid(), 1, 'active', now(), now(), $2)", acme.id, theirs,
    )  # fmt: skip
    await owner.close()
    ask = '{ contacts { nodes { client { name } } } none: contacts(filter: {client: {name: {eq: "Globex"}}}) { totalCount } }'
    assert (await api.ask(acme.keys["admin"], ask)).data == {
        "contacts": {"nodes": [{"client": None}]}, "none": {"totalCount": 0},
    }  # fmt: skip


async def test_a_cursor_opens_only_the_list_it_was_made_for(api: Api) -> None:
    acme, globex = await api.tenant("acme"), await api.tenant("globex")
    for tenant in (acme, globex):
        for name in ("a", "b"):
            await api.golden(tenant, "client", name=name)
    page = '{{ clients(first: 1 {}) {{ pageInfo {{ endCursor }} }} }}'
    cursor = (await api.ask(globex.keys["reader"], page.format(""))).data["clients"]["pageInfo"]["endCursor"]
    for key, more in (
        (acme.keys["reader"], ""),
        (globex.keys["reader"], "filter: {name: {eq: \"a\"}}"),
        (globex.keys["reader"], "orderBy: [{field: NAME}]"),
    ):
        refused = await api.ask(key, page.format(f'after: "{cursor}" {more}'))
        assert refused.codes == ["BAD_CURSOR"]
    bent = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    assert (await api.ask(globex.keys["reader"], page.format(f'after: "{bent}"'))).codes == ["BAD_CURSOR"]
    feed = (await api.ask(globex.keys["reader"], "{ changes(first: 1) { cursor } }")).data["changes"]["cursor"]
    refused = await api.ask(acme.keys["reader"], f'{{ changes(after: "{feed}") {{ cursor }} }}')
    assert refused.codes == ["CURSOR_OTHER_TENANT"]


async def test_a_key_of_one_tenant_decides_nothing_in_the_other(api: Api) -> None:
    acme, globex = await api.tenant("acme"), await api.tenant("globex")
    theirs = await api.golden(globex, "client", name="Globex")
    ask = 'mutation($id: ID!) { override(entity: "client", id: $id, field: "name", value: "x", reason: "y") { errors { code } } }'
    answer = await api.ask(acme.keys["admin"], ask, id=str(theirs))
    assert answer.data["override"]["errors"] == [{"code": "NOT_FOUND"}]
    ask = 'mutation($id: ID!) { upsertClient(id: $id, values: {name: "mine"}, expectedVersion: 1) { errors { code } } }'
    answer = await api.ask(acme.keys["admin"], ask, id=str(theirs))
    assert answer.data["upsertClient"]["errors"] == [{"code": "VERSION_CONFLICT"}]
    assert (await api.ask(globex.keys["reader"], "{ clients { nodes { name version } } }")).data == {
        "clients": {"nodes": [{"name": "Globex", "version": 1}]}
    }


async def test_the_reading_role_has_no_tables_and_no_rows_without_a_tenant(api: Api) -> None:
    raw = await asyncpg.connect(api.database.api_url)
    try:
        for table in ("golden.client", "hub.api_key", "hub.inbox", "hub.source_record"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await raw.fetch(f"SELECT 1 FROM {table}")
        with pytest.raises(asyncpg.PostgresError):  # no tenant is set: nothing at all, not everything
            await raw.fetch("SELECT 1 FROM api.client")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute("UPDATE api.client SET name = 'x'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await raw.execute("SET ROLE hub_worker")
    finally:
        await raw.close()


async def test_a_statement_that_forgets_the_tenant_still_sees_one(api: Api) -> None:
    acme, globex = await api.tenant("acme"), await api.tenant("globex")
    for tenant in (acme, globex):
        await api.golden(tenant, "client", name=tenant.slug)
    pool = TenantPool(api.database.api_url, size=1)
    try:
        for tenant in (acme, globex, acme):  # one connection changes hands
            async with pool.tenant(tenant.id) as connection:
                assert [row["name"] for row in await connection.fetch("SELECT name FROM api.client")] == [tenant.slug]
    finally:
        await pool.close()


async def test_every_view_of_the_api_shows_one_tenant_only(api: Api) -> None:
    raw = await asyncpg.connect(api.database.owner_url)
    try:
        definitions = await raw.fetch("SELECT viewname, definition FROM pg_views WHERE schemaname = 'api'")
        columns = await raw.fetch("SELECT table_name FROM information_schema.columns WHERE table_schema = 'api' AND column_name = 'tenant_id'")
    finally:
        await raw.close()
    assert len(definitions) > 130
    unbound = [row["viewname"] for row in definitions if "current_setting('hub.tenant'" not in row["definition"]]
    assert unbound == []
    assert columns == []


async def test_secrets_are_in_no_view(api: Api) -> None:
    acme = await api.tenant("acme")
    ask = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done errors { message } } }"
    answer = await api.ask(acme.keys["admin"], ask, d=DOCUMENT, v={"HOOK": "s3cr3t"})
    assert answer.data["connectSystem"] == {"done": True, "errors": []}
    raw = await asyncpg.connect(api.database.owner_url)
    rows = [dict(row) for row in await raw.fetch("SELECT * FROM hub.system WHERE name = 'shop' AND tenant_id = $1", acme.id)]
    await raw.close()
    assert b"s3cr3t" not in json.dumps(rows, default=str).encode() and b"s3cr3t" not in bytes(rows[0]["secrets"])
    pool = TenantPool(api.database.api_url, size=1)
    async with pool.tenant(acme.id) as connection:
        [row] = await connection.fetch("SELECT * FROM api.system WHERE name = 'shop'")
    await pool.close()
    assert not {"secrets", "config"} & set(row.keys())
