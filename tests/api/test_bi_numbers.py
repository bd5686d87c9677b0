"""The star says the same numbers as GraphQL: counts, sums per currency, keys of dimensions, and every version there was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub import bi_login
from hub.api.names import camel
from hub.store import bi
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta
from tests.api.conftest import Api, Tenant

MEASURED = ("contract", "opportunity", "time_entry", "expense", "invoice", "invoice_line", "payment", "cost_item", "project_actuals")
CURRENCIES = ("EUR", "USD", "JPY")


@pytest.fixture
async def tool(api: Api, acme: Tenant) -> AsyncIterator[asyncpg.Connection]:
    """A BI tool of acme's that may read confidential columns."""
    connection = await asyncpg.connect(await bi_login.give(api.database.settings, acme.slug, "tool", confidential=True))
    yield connection
    await connection.close()
    await bi_login.end(api.database.settings, acme.slug, "tool")


def some_values(meta: EntityMeta, random: Random) -> dict[str, Any]:
    """Amounts of any currency and sign; every third is empty."""
    values: dict[str, Any] = {}
    for name, field in meta.fields.items():
        if random.randrange(3) == 0:
            continue
        cents = random.randrange(-(10**9), 10**9)
        if field.kind is FieldKind.MONEY:
            values[name] = {"amount": f"{Decimal(cents) / 100:.2f}", "currency": random.choice(CURRENCIES)}
        if field.kind is FieldKind.QUANTITY:
            values[name] = {"value": str(Decimal(cents) / 10**4), "unit": random.choice(("hour", "day"))}
    return values


@pytest.mark.parametrize("entity", MEASURED)
async def test_counts_and_sums_per_currency_and_unit_are_those_of_graphql(
    api: Api, acme: Tenant, tool: asyncpg.Connection, entity: str
) -> None:
    meta, random = ENTITIES[entity], Random(entity)
    other = await api.tenant("other")
    for tenant in (acme, acme, acme, acme, acme, acme, acme, acme, other):
        await api.golden(tenant, entity, **some_values(meta, random))
    measures = {
        name: ("amount", "currency") if field.kind is FieldKind.MONEY else ("value", "unit")
        for name, field in meta.fields.items()
        if field.kind in (FieldKind.MONEY, FieldKind.QUANTITY)
    }
    asked = " ".join(f"{camel(name)} {{ {' '.join(parts)} }}" for name, parts in measures.items())
    root = f"{camel(meta.plural)}Aggregate"
    (group,) = (await api.ask(acme.keys["admin"], f"{{ {root} {{ count sum {{ {asked} }} }} }}")).data[root]
    told = {name: {one[parts[1]]: Decimal(one[parts[0]]) for one in group["sum"][camel(name)] or []} for name, parts in measures.items()}
    view = f"fact_{entity}_confidential" if f"fact_{entity}_confidential" in STAR else f"fact_{entity}"
    shown = {
        name: {
            row["of"]: row["sum"]
            for row in await tool.fetch(
                f'SELECT {name}_{parts[1]} AS "of", sum({name}_{parts[0]}) AS sum FROM {view} WHERE {name}_{parts[0]} IS NOT NULL GROUP BY 1'
            )
        }
        for name, parts in measures.items()
    }
    assert shown == told
    assert await tool.fetchval(f"SELECT count(*) FROM {view}") == group["count"] == 8
    assert any(len(by) > 1 for by in told.values())


STAR = {view.name for view in bi.star(ENTITIES)}


async def test_every_view_of_the_star_counts_what_graphql_counts(api: Api, acme: Tenant, tool: asyncpg.Connection) -> None:
    client = await api.golden(acme, "client", name="ACME")
    await api.golden(acme, "project", name="Rollout", client=str(client))
    roots = " ".join(f"{name}: {camel(meta.plural)}(first: 1) {{ totalCount }}" for name, meta in ENTITIES.items())
    told: dict[str, int] = {}
    parts = roots.split(" } ")
    for at in range(0, len(parts), 10):
        document = "{ " + " } ".join(parts[at : at + 10]).rstrip(" }") + " } }"
        told |= {name: one["totalCount"] for name, one in (await api.ask(acme.keys["admin"], document)).data.items()}
    views = [view for view in bi.views(ENTITIES) if view.part is not bi.Part.HISTORY]
    counted = await tool.fetch(" UNION ALL ".join(f"SELECT '{view.name}' AS name, count(*) AS rows FROM {view.name}" for view in views))
    assert {row["name"]: row["rows"] for row in counted} == {view.name: told[view.entity] for view in views}
    assert told.keys() == ENTITIES.keys() and (told["client"], told["project"]) == (1, 1)


async def test_a_fact_leads_to_the_dimensions_its_references_lead_to(api: Api, acme: Tenant, tool: asyncpg.Connection) -> None:
    client = await api.golden(acme, "client", name="ACME")
    contract = await api.golden(acme, "contract", contract_no="C-1", client=str(client))
    project = await api.golden(acme, "project", name="Rollout", client=str(client), contract=str(contract))
    resource = await api.golden(acme, "resource", family_name="Berg")
    await api.golden(acme, "time_entry", resource=str(resource), project=str(project), work_date="2026-03-03")
    memo = await api.golden(acme, "credit_memo", client=str(client))
    await api.golden(acme, "invoice_line", credit_memo=str(memo))
    row = await tool.fetchrow(
        "SELECT f.client_key, f.contract_key, f.project_key, f.resource_key, c.name, d.iso_week, d.weekday_name "
        "FROM fact_time_entry f JOIN dim_client c ON c.client_id = f.client_key JOIN dim_date d ON d.date = f.work_date"
    )
    assert tuple(row or ()) == (client, contract, project, resource, "ACME", 10, "Tuesday")
    assert await tool.fetchval("SELECT client_key FROM fact_invoice_line") == client, "also by the other of two ways"


async def test_a_history_has_every_version_and_since_when_until_when_it_stood(api: Api, acme: Tenant, tool: asyncpg.Connection) -> None:
    client = await api.golden(acme, "client", name="ACME")
    await api.golden(acme, "client", id=client, version=2, name="ACME Holdings")
    loser = await api.golden(acme, "client", name="Acme Ltd")
    at = [datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2, 3)]
    for number, moment in enumerate(at[:2], 1):
        await api.pool.execute(
            "UPDATE golden.client_version SET recorded_at = $3 WHERE tenant_id = $1 AND id = ANY ($4) AND version = $2",
            acme.id, number, moment, [client, loser],
        )  # fmt: skip
    await _merged(api, acme, loser, client, at[2])
    rows = await tool.fetch("SELECT name, valid_from, valid_to, is_current FROM dim_client_history ORDER BY client_id = $1 DESC, version", client)
    assert [tuple(row) for row in rows] == [
        ("ACME", at[0], at[1], False),
        ("ACME Holdings", at[1], None, True),
        ("Acme Ltd", at[0], at[2], False),
    ]
    assert [row["name"] for row in await tool.fetch("SELECT name FROM dim_client")] == ["ACME Holdings"]


async def _merged(api: Api, tenant: Tenant, loser: UUID, survivor: UUID, at: datetime) -> None:
    decision = await api.pool.fetchval(
        "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, other_id, actor, made_at) "
        "VALUES ($1, 'merge', 'client', $2, $3, 'steward', $4) RETURNING id", tenant.id, survivor, loser, at,
    )  # fmt: skip
    await api.pool.execute(
        "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', $4)",
        tenant.id, loser, survivor, decision,
    )  # fmt: skip
    await api.pool.execute("DELETE FROM golden.client WHERE tenant_id = $1 AND id = $2", tenant.id, loser)
