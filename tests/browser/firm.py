"""A small, lively firm for people in a browser: clients under several spellings, money that is held up, people of several teams."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hub.flows import search
from hub.flows.tenants import give_key
from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.api.test_hierarchy import edge
from tests.api.test_where import chain_of_money, lane, where_systems
from tests.console.systems import a_lane, a_task
from tests.console.test_codes import waiting
from tests.console.test_deliveries import a_webhook, parked
from tests.console.working import member, task

LONG = "Gesellschaft für Anlagenbau " * 11
NASTY = ('<img src=x onerror="window.broken=1">', "\u202eמגדל תקשורת\u202c בע״מ", LONG[:300])
PEOPLE = {
    "ann": ("Ann Steward", "data_stewards"), "bob": ("Bob Brandt", "data_stewards"), "cat": ("Cat Castle", "finance_operations"),
    "pia": ("Pia Moreau", "pmo"),
}  # fmt: skip
PAIRS = (("Aurora Energie", "AURORA ENERGIE"), ("Borealis Systems", "BOREALIS SYSTEMS"), ("Celeste Foods", "CELESTE FOODS"))
INGEST = "mutation($s: String, $r: [RecordInput!]!) { ingest(system: $s, records: $r, wait: true) { results { recordId errors { message } } errors { message } } }"
OVERRIDE = """mutation($id: ID!, $field: String!, $value: JSON, $reason: String!, $until: DateTime) {
    override(entity: "client", id: $id, field: $field, value: $value, reason: $reason, until: $until) { decisionId proposal { id } errors { message } } }"""


@dataclass
class Firm:
    """``keys`` by person; ``ids`` golden ids by name; ``tasks`` by what they are about."""

    api: Api
    tenant: Tenant
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    proposal: int = 0

    async def value(self, sql: str, *arguments: Any) -> Any:
        """The first value of a query whose first parameter is the tenant."""
        return await self.api.pool.fetchval(sql, self.tenant.id, *arguments)

    async def state(self, name: str) -> str:
        found: str = await self.value("SELECT state FROM hub.task WHERE tenant_id = $1 AND id = $2", self.tasks[name])
        return found

    async def exists(self, name: str) -> bool:
        return bool(await self.value("SELECT count(*) FROM golden.client WHERE tenant_id = $1 AND id = $2", UUID(self.ids[name])))


async def a_firm(api: Api) -> Firm:
    """Everything the walks walk on, in a tenant of its own."""
    firm = Firm(api, await where_systems(api))
    firm.ids["till"] = str(await a_webhook(api, firm.tenant, "tills of the shops"))
    await _people(firm)
    await _clients(firm)
    await _questions(firm)
    await _readers(firm)
    await _money(firm)
    await _decided(firm)
    await waiting(api, firm.tenant, "Hours", 3, money={"EUR": "48210.00"}, team="data_stewards")
    await waiting(api, firm.tenant, "Tg", 1, team="data_stewards")
    await search.write_anew(api.pool, firm.tenant.id)
    await api.pool.execute("UPDATE hub.tenant SET config_version = config_version + 1 WHERE id = $1", firm.tenant.id)
    return firm


async def _readers(firm: Firm) -> None:
    """A till that is told of clients and refused one, and something that went wrong."""
    api, tenant = firm.api, firm.tenant
    firm.ids["to erp"] = str(await api.pool.fetchval("SELECT id FROM hub.subscription WHERE tenant_id = $1 AND kind = 'connector' LIMIT 1", tenant.id))
    await parked(api, tenant, UUID(firm.ids["till"]), firm.ids["Aurora Energie"])
    await task(
        api, tenant, "The ERP cannot be reached: 312 deliveries wait", "alert", subject="system_down erp", system="erp", money=[{"amount": "48210.00", "currency": "EUR"}],
        detail={"kind": "system_down", "since": "2026-05-17T10:00:00Z", "deadline": "2026-05-18T18:00:00Z", "explains": [
            {"kind": "lanes", "says": "312 deliveries to the ERP wait", "count": 312, "since": "2026-05-17T10:00:00Z", "system": "erp", "subscription": "", "money": []},
        ]},
    )  # fmt: skip


async def _people(firm: Firm) -> None:
    for name, (display, team) in PEOPLE.items():
        firm.keys[name] = await give_key(firm.api.pool, firm.tenant.slug, "steward", name)
        await member(firm.api, firm.tenant, display, f"steward:{name}", team)
    firm.keys["ada"] = firm.tenant.keys["admin"]
    await member(firm.api, firm.tenant, "Ada Admin", "admin:admin", "integration_support", "data_stewards")


async def _told(firm: Firm, system: str, object: str, records: dict[str, dict[str, Any]]) -> None:
    """A system tells of records, by external id."""
    given = [{"object": object, "externalId": key, "body": body | {"id": key}} for key, body in records.items()]
    answer = (await firm.api.ask(firm.keys["ada"], INGEST, s=system, r=given)).data["ingest"]
    for (key, body), one in zip(records.items(), answer["results"], strict=True):
        assert not one["errors"], one
        firm.ids[body["name"]] = firm.ids[key] = one["recordId"]


async def _clients(firm: Firm) -> None:
    crm = {
        f"A{n}": {"name": name, "city": "Hamburg", "phone": f"+49 40 12345{n:02}"}
        for n, name in enumerate((*(one for one, _ in PAIRS), "Adler Maschinenbau 1 GmbH", "Deneb Logistik", *NASTY), 1)
    }
    erp = {
        str(10_041 + n): {"name": other, "legal": f"{one} GmbH", "city": "Bremen", "phone": f"+49 40 12345{n:02}"}
        for n, (one, other) in enumerate((*PAIRS, ("Adler Maschinenbau 2", "Adler Maschinenbau 2 GmbH")), 1)
    }
    await _told(firm, "crm", "account", crm)
    await _told(firm, "erp", "customer", erp)
    for name in ("Aurora Energie",):  # a history to travel in
        await _told(firm, "crm", "account", {"A1": crm["A1"] | {"city": "Lübeck"}})
    await edge(firm.api, firm.tenant, UUID(firm.ids["Adler Maschinenbau 1 GmbH"]), UUID(firm.ids["Deneb Logistik"]))
    for number in range(6):
        await firm.api.golden(firm.tenant, "contact", given_name="Lea", family_name=f"Lang {number}", client=firm.ids["Aurora Energie"])


async def _questions(firm: Firm) -> None:
    """Pairs that may be one, one of them with a guard; small things, and one that is late."""
    await firm.api.pool.execute("DELETE FROM hub.task WHERE tenant_id = $1", firm.tenant.id)
    pairs = (*PAIRS, ("Adler Maschinenbau 1 GmbH", "Adler Maschinenbau 2 GmbH"))
    for number, (one, other) in enumerate(pairs):
        firm.tasks[one] = await a_task(
            firm.api, firm.tenant, "possible_duplicate", f"{firm.ids[one]} {firm.ids[other]}", team="data_stewards", entity="client",
            golden_id=UUID(firm.ids[one]), reason=f"{one} and {other} may be one client", remedy="Compare them: same, not the same, or ask.",
        )  # fmt: skip
        await firm.api.pool.execute(
            "UPDATE hub.task SET detail = $3, due_at = now() + make_interval(days => $4) WHERE tenant_id = $1 AND id = $2",
            firm.tenant.id, firm.tasks[one], {"other": firm.ids[other], "evidence": [["name", "alike"], ["phone", "agrees"]]}, number + 1,
        )  # fmt: skip
    for number, name in enumerate((*NASTY, "Deneb Logistik")):
        firm.tasks[name] = await task(
            firm.api, firm.tenant, f"{name} has another seat in ERP", "proposed", subject=f"seat {number}", entity="client", golden_id=UUID(firm.ids[name]), system="crm"
        )
    await firm.api.pool.execute("UPDATE hub.task SET due_at = now() - interval '1 day' WHERE tenant_id = $1 AND id = $2", firm.tenant.id, firm.tasks["Deneb Logistik"])


async def _money(firm: Firm) -> None:
    """312 entries refused, orders that are missing, months that are not approved, and an invoice that is half paid."""
    api, tenant = firm.api, firm.tenant
    firm.ids |= {name: str(one) for name, one in (await chain_of_money(api, tenant)).items()}
    house = await api.golden(tenant, "legal_entity", code="NB-DE", name="Northbeam Deutschland GmbH")
    abroad = await api.golden(tenant, "legal_entity", code="NB-JP", name="Northbeam Japan KK")
    erp = await api.pool.fetchval("SELECT id FROM hub.subscription WHERE tenant_id = $1", tenant.id)
    refused = await a_task(
        api, tenant, "delivery_rejected", "erp closed", money={"EUR": "48210.00"}, legal_entity=house, count=312, entity="invoice", system="erp",
        reason="ERP refused 312 lines: the period 2026-04 is closed", remedy="Open the period, then release them.",
    )  # fmt: skip
    for _ in range(312):
        await a_lane(api, tenant, erp, new_id(), "parked", entity="invoice_line", task_id=refused, reason="the period is closed")
    firm.tasks["refused"] = refused
    for cause, subject, eur, more in (
        ("missing_client_po", "4711", {"EUR": "12350.00"}, {"legal_entity": house, "count": 18}),
        ("missing_client_po", "4712", {"JPY": "980000"}, {"legal_entity": abroad, "count": 4}),
        ("unapproved_time", "2026-04", {"EUR": "7200.00"}, {"team": "delivery", "count": 40}),
        ("unmapped_tax", "tax", {"EUR": "650.00"}, {"legal_entity": house, "count": 2}),
        ("disputed_invoice", "R-1", {"EUR": "595.00"}, {"entity": "invoice", "golden_id": UUID(firm.ids["invoice"]), "reason": "The client disputes the rate"}),
    ):
        firm.tasks[f"{cause} {subject}"] = await a_task(api, tenant, cause, subject, money=eur, **more)
    await lane(api, tenant, firm.ids["Deneb Logistik"], "parked", reason="the period is closed", attempts=3)


async def _decided(firm: Firm) -> None:
    """An override that ends this week, and a proposal that waits for a second person."""
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    given: dict[str, Any] = {"id": firm.ids["Aurora Energie"], "reason": "as their letterhead says"}
    for more in ({"field": "phone", "value": "+49 40 777", "until": soon}, {"field": "legalName", "value": "Aurora Energie Holding GmbH"}):
        done = (await firm.api.ask(firm.keys["ann"], OVERRIDE, **given, **more)).data["override"]
        assert done["errors"] == [], done
        firm.proposal = int(done["proposal"]["id"]) if done["proposal"] else 0
