"""Where is my record? Every system beside the hub, every difference with its reason, and the chain from the hour to the payment."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.core.chain import EDGES, SHAPES
from hub.store import chain, configuration, related, subscriptions
from hub.store.ids import new_id
from hub.store.pool import prepare
from hub.store.subscriptions import Subscription
from schema import ENTITIES
from tests.api.conftest import Api, Tenant

WHERE = """query Where($entity: String!, $id: ID!, $system: String) { whereIs(entity: $entity, id: $id, system: $system) {
    id label version
    columns { system kind state externalId role deepLink mode verdict whoActs lane { state attempts reason waitsFor } task { cause team } lastTry { state error } }
    fields { field group value label winner provisional masked differs cells { system value label verdict reason isWinner held } }
    tasks { cause team money { amount currency } }
    awaited { field system externalId }
    chain { name hasMore hops { entity label state asked stopped money { amount currency } gates { code } holds { reason } tasks { cause } deliveries { system state } names { field label } } } } }"""

CRM = {"mappings": [{"object": "account", "entity": "client", "id": "id", "fields": {
    "name": "name", "phone": "phone", "city": "city", "account_manager": {"path": "manager", "reference": "person"}}}]}  # fmt: skip
ERP = {"mappings": [{"object": "customer", "entity": "client", "id": "id", "fields": {
    "name": "name", "legal_name": "legal", "phone": "phone", "city": "city"}}]}  # fmt: skip


@pytest.fixture
async def acme(api: Api) -> Tenant:
    return await where_systems(api)


async def where_systems(api: Api) -> Tenant:
    """A tenant whose CRM and ERP take clients; the hub may write to the ERP."""
    tenant = await api.tenant("where")
    async with api.pool.acquire() as connection, connection.transaction():
        await configuration.put_mapping(connection, tenant.id, "crm", CRM)
        await configuration.put_mapping(connection, tenant.id, "erp", ERP)
        await subscriptions.put_mode(connection, tenant.id, "erp", "*", "*", "write", "test")
        one = Subscription(new_id(), "erp", "connector", "erp", coalesces=True)
        await subscriptions.insert(connection, tenant.id, one, position=0, state="active", created_by="test")
    return tenant


async def tell(api: Api, tenant: Tenant, system: str, object: str, external_id: str, **body: Any) -> str:
    """A system tells of a record; answers the golden id."""
    document = "mutation($s: String, $r: [RecordInput!]!) { ingest(system: $s, records: $r, wait: true) { results { recordId errors { message } } errors { message } } }"
    record = {"object": object, "externalId": external_id, "body": body | {"id": external_id}}
    answer = await api.ask(tenant.keys["admin"], document, s=system, r=[record])
    [result] = answer.data["ingest"]["results"]
    assert result["errors"] == []
    found: str = result["recordId"]
    return found


async def where(api: Api, tenant: Tenant, id: Any, entity: str = "client", role: str = "steward", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(tenant.keys[role], WHERE, entity=entity, id=str(id), **more)).data["whereIs"]
    return found


def cells(found: dict[str, Any], field: str) -> dict[str, tuple[Any, str]]:
    """System → (what it says, the verdict), of one field."""
    [row] = [one for one in found["fields"] if one["field"] == field]
    return {cell["system"]: (cell["value"], cell["verdict"]) for cell in row["cells"]}


async def lane(api: Api, tenant: Tenant, golden_id: str, state: str, **more: Any) -> None:
    """How far the ERP is with a record."""
    columns = {"attempts": 0, "reason": None, "plan": None, "waits_for": None, "task_id": None} | more
    await api.pool.execute(
        """INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state, attempts, reason, plan, waits_for, task_id)
           SELECT $1, id, $2, 'client', 1, $3, $4, $5, $6, $7, $8 FROM hub.subscription WHERE tenant_id = $1
           ON CONFLICT (tenant_id, subscription_id, golden_id, external_key) DO UPDATE SET state = $3, attempts = $4, reason = $5, plan = $6,
           waits_for = $7, task_id = $8""",
        tenant.id, UUID(golden_id), state, *columns.values(),
    )  # fmt: skip


async def test_a_system_that_lacks_the_record_shows_what_it_is_about_to_get(api: Api, acme: Tenant) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam", city="Hamburg")
    await lane(api, acme, client, "due")
    found = await where(api, acme, client)
    assert (found["label"], [(one["system"], one["state"], one["verdict"]) for one in found["columns"]]) == (
        "Northbeam", [("crm", "present", "same"), ("erp", "absent", "on_its_way")]
    )  # fmt: skip
    assert cells(found, "city") == {"crm": ("Hamburg", "same"), "erp": (None, "on_its_way")}
    assert found["columns"][0]["deepLink"] == "https://crm.example/accounts/A1"
    assert found["columns"][1]["whoActs"] == "nobody: the hub sends it"


@pytest.mark.parametrize(
    ("state", "more", "verdict", "who"),
    [
        ("due", {}, "on_its_way", "nobody: the hub sends it"),
        ("due", {"attempts": 2, "reason": "no answer"}, "again", "nobody: the hub tries again"),
        ("waiting", {"reason": "erp has no resource for account_manager yet."}, "waiting", "nobody yet: erp has no resource for account_manager yet."),
        ("parked", {"reason": "the period is closed"}, "refused", ""),
    ],
)
async def test_how_far_the_delivery_is_decides_what_a_difference_is_called(
    api: Api, acme: Tenant, state: str, more: dict[str, Any], verdict: str, who: str
) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam", phone="+49 40 1234567")
    await lane(api, acme, client, state, **more)
    found = await where(api, acme, client, system="erp")
    [column] = found["columns"]
    assert (column["verdict"], column["whoActs"], column["lane"]["reason"]) == (verdict, who, more.get("reason"))
    assert cells(found, "name") == {"erp": (None, verdict)}


@pytest.mark.parametrize(
    ("sql", "verdict"),
    [
        ("UPDATE hub.mode SET mode = 'observe' WHERE tenant_id = $1", "observe"),
        ("UPDATE hub.mode SET mode = 'propose' WHERE tenant_id = $1", "propose"),
        ("UPDATE hub.system SET paused = true WHERE tenant_id = $1", "paused"),
        ("UPDATE hub.system SET braked_at = now() WHERE tenant_id = $1", "braked"),
        ("UPDATE hub.subscription SET state = 'paused' WHERE tenant_id = $1", "unsubscribed"),
    ],
)
async def test_a_switch_that_holds_writes_back_is_named(api: Api, acme: Tenant, sql: str, verdict: str) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam")
    await lane(api, acme, client, "proposed" if verdict == "propose" else "due")
    await api.pool.execute(sql, acme.id)
    await api.pool.execute("UPDATE hub.tenant SET config_version = config_version + 1 WHERE id = $1", acme.id)
    assert cells(await where(api, acme, client, system="erp"), "name") == {"erp": (None, verdict)}


async def test_the_system_that_won_and_the_one_that_lost_are_told_apart(api: Api, acme: Tenant) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam", phone="+49 40 1234567")
    await tell(api, acme, "erp", "customer", "10042", name="NORTHBEAM GMBH", legal="Northbeam GmbH", phone="+49 40 1234567")
    await link(api, acme, client)
    found = await where(api, acme, client)
    assert cells(found, "name") == {"crm": ("Northbeam", "same"), "erp": ("NORTHBEAM GMBH", "not_corrected")}
    assert cells(found, "phone") == {"crm": ("+49401234567", "same"), "erp": ("+49401234567", "same")}
    assert cells(found, "legalName") == {"crm": (None, "not_carried"), "erp": ("Northbeam GmbH", "same")}
    assert {one["field"]: one["winner"] for one in found["fields"]} == {"name": "crm", "phone": "crm", "legalName": "erp"}
    assert [one["field"] for one in found["fields"] if one["differs"]] == ["name"]


async def link(api: Api, tenant: Tenant, client: str) -> None:
    """A person says that the ERP's customer is this client."""
    document = """mutation($id: ID!) { declareLink(entity: "client", source: {system: "erp", object: "customer", externalId: "10042"}, id: $id,
        reason: "same firm") { errors { message } } }"""
    assert (await api.ask(tenant.keys["steward"], document, id=client)).data["declareLink"]["errors"] == []


async def test_a_value_a_lock_keeps_out_and_the_task_about_it_are_shown(api: Api, acme: Tenant) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam")
    await api.pool.execute("UPDATE hub.source_record SET held = $2 WHERE tenant_id = $1", acme.id, {"name": "Southbeam"})
    await api.pool.execute(
        "INSERT INTO hub.task (tenant_id, cause, subject, entity, golden_id, system, team, due_at, money, reason, remedy) "
        "VALUES ($1, 'locked', 'x', 'client', $2, 'crm', 'finance operations', now(), $3, 'It is locked.', 'Accept it.')",
        acme.id, UUID(client), [{"amount": "12.00", "currency": "EUR"}],
    )  # fmt: skip
    found = await where(api, acme, client, system="crm")
    [name] = [one for one in found["fields"] if one["field"] == "name"]
    assert (name["cells"][0]["verdict"], name["cells"][0]["held"]) == ("locked", "Southbeam")
    assert (found["columns"][0]["verdict"], found["columns"][0]["whoActs"]) == ("locked", "finance operations: Accept it.")
    assert found["tasks"] == [{"cause": "locked", "team": "finance operations", "money": [{"amount": "12.00", "currency": "EUR"}]}]


async def test_what_a_record_waits_for_is_named_before_anybody_told_of_it(api: Api, acme: Tenant) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam", manager="E-7")
    found = await where(api, acme, client)
    assert found["awaited"] == [{"field": "accountManager", "system": "crm", "externalId": "E-7"}]


async def test_a_record_merged_away_is_found_as_its_survivor(api: Api, acme: Tenant) -> None:
    client, loser = await tell(api, acme, "crm", "account", "A1", name="Northbeam"), new_id()
    await api.pool.execute(
        "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', 0)", acme.id, loser, UUID(client)
    )
    assert (await where(api, acme, loser))["id"] == client
    assert await where(api, acme, new_id()) is None


async def test_confidential_values_stay_hidden_from_a_reader(api: Api, acme: Tenant) -> None:
    person = await api.golden(acme, "resource", family_name="Vogt", cost_rate={"amount": "85.5", "currency": "EUR", "per": "hour"})
    await api.source(acme, "psa", "R-1", "resource", person, object="person", family_name="Vogt", cost_rate={"amount": "90", "currency": "EUR", "per": "hour"})
    told = {}
    for role in ("reader", "steward"):
        [rate] = [one for one in (await where(api, acme, person, "resource", role))["fields"] if one["field"] == "costRate"]
        told[role] = (rate["masked"], rate["value"], rate["cells"][0]["value"])
    assert told["reader"] == (True, None, None)
    assert told["steward"][0] is False and told["steward"][2] == {"amount": "90", "currency": "EUR", "per": "hour"}


async def test_keys_of_systems_and_keys_confined_to_some_records_do_not_see_it(api: Api, acme: Tenant) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam")
    refused = await api.ask(acme.keys["system"], "query($id: ID!) { whereIs(entity: \"client\", id: $id) { id } }", id=client)
    assert refused.codes == ["FORBIDDEN"]


async def test_another_tenant_finds_nothing(api: Api, acme: Tenant) -> None:
    client, other = await tell(api, acme, "crm", "account", "A1", name="Northbeam"), await api.tenant("other")
    assert await where(api, other, client) is None


# the chain


async def chain_of_money(api: Api, tenant: Tenant) -> dict[str, UUID]:
    """An approved hour, its item, the line and invoice it is on, and half of it paid."""
    made: dict[str, UUID] = {}
    made["resource"] = await api.golden(tenant, "resource", given_name="Ada", family_name="Vogt")
    made["client"] = await api.golden(tenant, "client", name="Northbeam")
    made["project"] = await api.golden(tenant, "project", code="P-1", name="Relaunch", client=str(made["client"]))
    ref = {name: str(one) for name, one in made.items()}
    made["time_entry"] = await api.golden(
        tenant, "time_entry", resource=ref["resource"], project=ref["project"], work_date="2026-05-11", state="approved", billable=True,
        approver=ref["resource"], quantity={"value": "7.5", "unit": "hour"},
    )  # fmt: skip
    overdue = (date.today() - timedelta(days=3)).isoformat()
    made["invoice"] = await api.golden(
        tenant, "invoice", number="R-1", client=ref["client"], currency="EUR", gross=money("1190.00"), open_amount=money("595.00"), state="part_paid",
        issue_date="2026-05-31", due_date=overdue,
    )  # fmt: skip
    made["invoice_line"] = await api.golden(tenant, "invoice_line", invoice=str(made["invoice"]), line_no="10", description="May", net=money("1000.00"))
    made["billable_item"] = await api.golden(
        tenant, "billable_item", project=ref["project"], time_entry=str(made["time_entry"]), invoice_line=str(made["invoice_line"]), amount=money("1000.00"),
        state="invoiced", kind="time",
    )  # fmt: skip
    made["payment"] = await api.golden(tenant, "payment", payment_no="Z-9", received_on="2026-06-20", amount=money("595.00"), state="applied")
    made["payment_application"] = await api.golden(
        tenant, "payment_application", payment=str(made["payment"]), invoice=str(made["invoice"]), amount=money("595.00"), applied_on="2026-06-21"
    )
    return made


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.mark.parametrize("asked", ["time_entry", "billable_item", "invoice_line", "invoice", "payment_application", "payment"])
async def test_the_chain_from_the_hour_to_the_payment_is_the_same_from_any_of_its_links(api: Api, acme: Tenant, asked: str) -> None:
    made = await chain_of_money(api, acme)
    chain = (await where(api, acme, made[asked], asked))["chain"]
    assert [(stage["name"], [(hop["entity"], hop["label"]) for hop in stage["hops"]]) for stage in chain] == [
        ("work", [("time_entry", "2026-05-11 7.5 hour")]),
        ("item", [("billable_item", "time 1000.00 EUR")]),
        ("line", [("invoice_line", "10 May")]),
        ("document", [("invoice", "R-1")]),
        ("application", [("payment_application", "2026-06-21 595.00 EUR")]),
        ("payment", [("payment", "Z-9 2026-06-20 595.00 EUR")]),
    ]
    assert [hop["entity"] for stage in chain for hop in stage["hops"] if hop["asked"]] == [asked]


async def test_every_hop_tells_what_holds_it_up_and_whom_it_names(api: Api, acme: Tenant) -> None:
    made = await chain_of_money(api, acme)
    await api.golden(acme, "billing_hold", level="project", project=str(made["project"]), reason="client_dispute", state="placed")
    hops = {hop["entity"]: hop for stage in (await where(api, acme, made["payment"], "payment"))["chain"] for hop in stage["hops"]}
    assert {entity: [gate["code"] for gate in hop["gates"]] for entity, hop in hops.items() if hop["gates"]} == {"invoice": ["overdue"]}
    assert [hold["reason"] for hold in hops["billable_item"]["holds"]] == ["client_dispute"]
    assert {one["field"]: one["label"] for one in hops["time_entry"]["names"]} == {"resource": "Ada Vogt", "project": "P-1 Relaunch", "approver": "Ada Vogt"}
    assert hops["invoice"]["stopped"] and not hops["payment"]["stopped"]


async def test_a_chain_that_has_not_gone_on_says_what_it_waits_for(api: Api, acme: Tenant) -> None:
    made = await chain_of_money(api, acme)
    hour = await api.golden(
        acme, "time_entry", resource=str(made["resource"]), project=str(made["project"]), work_date="2026-05-12", state="submitted", billable=True,
        quantity={"value": "2", "unit": "hour"},
    )  # fmt: skip
    stages = (await where(api, acme, hour, "time_entry"))["chain"]
    assert [[gate["code"] for hop in stage["hops"] for gate in hop["gates"]] for stage in stages] == [["unapproved"], [], [], [], [], []]


async def test_an_invoice_with_many_hours_tells_the_first_of_them_and_that_there_are_more(api: Api, acme: Tenant) -> None:
    made = await chain_of_money(api, acme)
    for day in range(60):
        await api.golden(
            acme, "time_entry", resource=str(made["resource"]), project=str(made["project"]), work_date="2026-05-12", state="approved", billable=True,
            invoice_line=str(made["invoice_line"]), quantity={"value": str(day + 1), "unit": "hour"},
        )  # fmt: skip
    work = (await where(api, acme, made["invoice"], "invoice"))["chain"][0]
    assert (len(work["hops"]), work["hasMore"]) == (50, True)


async def test_the_page_about_a_record_takes_few_statements_however_long_its_chain(api: Api, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await chain_of_money(api, acme)
    await where(api, acme, made["invoice"], "invoice")  # who asks and how the tenant is configured is remembered from here on
    counted = await statements_of(api, acme, made["invoice"], monkeypatch)
    for day in range(30):
        hour = await api.golden(
            acme, "time_entry", resource=str(made["resource"]), project=str(made["project"]), work_date="2026-05-12", state="approved", billable=True,
            invoice_line=str(made["invoice_line"]), quantity={"value": str(day + 1), "unit": "hour"},
        )  # fmt: skip
        await api.golden(acme, "billable_item", project=str(made["project"]), time_entry=str(hour), invoice_line=str(made["invoice_line"]), amount=money("1.00"))
    assert await statements_of(api, acme, made["invoice"], monkeypatch) <= counted
    assert counted <= 30


STEPS = [
    (chain._step_sql(tuple(one for one in EDGES if (one.lower if upward else one.upper) == entity), upward, not upward and entity == "invoice_line"), 51)
    for entity in SHAPES
    for upward in (True, False)
    if any((one.lower if upward else one.upper) == entity for one in EDGES)
]  # fmt: skip


async def test_every_step_of_the_chain_and_every_way_back_goes_by_an_index_of_its_own(api: Api) -> None:
    """Asked of tables with rows and statistics: with an empty one any index will do."""
    one, some = uuid4(), [uuid4() for _ in range(3)]
    asked = [(sql, (some, most)) for sql, most in STEPS] + [(related._statement(entity), (one,)) for entity in ("client", "project", "invoice")]
    asked += [(related._page_statement("contact", "client"), (one, None, 51)), (chain._holds_sql(("billable_item", "project")), (some, some))]
    owner = await asyncpg.connect(api.database.owner_url)
    await prepare(owner)
    step = owner.transaction()
    await step.start()
    try:
        for entity in sorted({name for sql, _ in asked for name in re.findall(r"golden\.(\w+)", sql)}):
            columns = [f"{field.name}_id" for field in ENTITIES[entity].references]
            names, values = "".join(f", {column}" for column in columns), ", gen_random_uuid()" * len(columns)
            await owner.execute(
                f"INSERT INTO golden.{entity} (tenant_id, id, version, record_state, created_at, updated_at{names}) "
                f"SELECT 1, gen_random_uuid(), 1, 'active', now(), now(){values} FROM generate_series(1, 1000)"
            )
            await owner.execute(f"ANALYZE golden.{entity}")
        for sql, given in asked:
            plan = "\n".join(row[0] for row in await owner.fetch(f"EXPLAIN {sql}", 1, *given))
            filtered = [line for line in plan.splitlines() if re.search(r"Filter:.*\b(?!tenant_)\w*id = ", line)]
            assert ("Seq Scan" in plan, filtered) == (False, []), plan
    finally:
        await step.rollback()
        await owner.close()


async def statements_of(api: Api, tenant: Tenant, invoice: UUID, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements the flows' pool runs for one answer."""
    ran: list[str] = []
    with monkeypatch.context() as patch:
        for name in ("fetch", "fetchrow", "fetchval"):
            original = getattr(asyncpg.Connection, name)

            def counting(self: Any, sql: str, *given: Any, _original: Any = original, **more: Any) -> Any:
                ran.append(sql)
                return _original(self, sql, *given, **more)

            patch.setattr(asyncpg.Connection, name, counting)
        await where(api, tenant, invoice, "invoice")
    return len(ran)

