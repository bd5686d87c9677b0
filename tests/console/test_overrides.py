"""Overrides in force with what the systems say now, taken back together after a preview; a risky one waits for a second person."""

from __future__ import annotations

from uuid import UUID

from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser


async def an_override(api: Api, tenant: Tenant, client: UUID, field: str, value: object, until: str | None = None, actor: str = "steward:ada") -> int:
    found: int = await api.pool.fetchval(
        "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, field, value, reason, actor, until) "
        "VALUES ($1, 'override', 'client', $2, $3, $4, 'as printed', $5, $6::text::timestamptz) RETURNING id",
        tenant.id, client, field, value, actor, until,
    )  # fmt: skip
    return found


async def a_client(api: Api, tenant: Tenant) -> UUID:
    client = await api.golden(tenant, "client", name="ACME <img src=x onerror=alert(1)>", legal_name="ACME GmbH")
    await api.source(tenant, "crm", "1", "client", client, name="Acme Inc", legal_name="Acme Inc")
    await api.source(tenant, "erp", "2", "client", client, name="ACME")
    return client


async def test_each_override_shows_who_why_until_when_and_what_systems_say(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await a_client(api, acme)
    await an_override(api, acme, client, "name", "ACME")
    await an_override(api, acme, client, "tier", "A", until="2099-01-01")
    page = await steward.get("/overrides")
    assert [row[1:4] + [row[5]] for row in page.table()] == [
        ["ACME <img src=x onerror=alert(1)> Client", "Tier R1", "A", "as printed"], ["ACME <img src=x onerror=alert(1)> Client", "Name R1", "ACME", "as printed"],
    ]
    assert "crm Acme Inc" in page.table()[1][4] and "erp ACME" in page.table()[1][4]
    assert "<img src=x" not in page.html
    assert "Nothing fits the filter" in (await steward.get("/overrides", due="week")).text
    told = await steward.get("/overrides", format="csv")
    assert "as printed,steward:ada" in told.html


async def test_what_all_systems_say_by_now_is_not_needed(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await api.golden(acme, "client", name="ACME")
    await api.source(acme, "erp", "2", "client", client, name="ACME")
    await an_override(api, acme, client, "name", "ACME")
    assert "the same: not needed" in (await steward.get("/overrides")).text


async def test_marked_ones_are_taken_back_after_their_changes_were_shown(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await a_client(api, acme)
    plain, risky = await an_override(api, acme, client, "name", "ACME"), await an_override(api, acme, client, "legal_name", "ACME GmbH")
    await steward.get("/overrides")
    told = await steward.post("/overrides/preview", htmx=True, decision=[plain, risky])
    assert "Acme Inc" in told.text and "Take 2 back?" in told.text and told.tests("withdraw")
    withdrawn = "SELECT count(*) FROM hub.decision WHERE tenant_id = $1 AND withdrawn_at IS NOT NULL"
    assert await api.pool.fetchval(withdrawn, acme.id) == 0
    await steward.post("/overrides/withdraw", decision=[plain, risky])
    assert "1 taken back; 1 wait for a second person." in (await steward.get("/overrides")).text
    assert await api.pool.fetchval(withdrawn, acme.id) == 1
    assert (await steward.post("/overrides/withdraw")).status == 422
