"""Would this be accepted? Asked before a record is sent: nothing is stored, and what does not fit into the time is unknown."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.flows import gate_facts
from hub.flows.tenants import give_key
from tests.api.conftest import Api, Tenant
from tests.api.test_mutations import ingest, record

ASK = """query($e: String!, $v: JSON!, $s: String, $p: String, $t: String, $b: Int, $x: String) {
  wouldAccept(entity: $e, values: $v, system: $s, purpose: $p, target: $t, budgetMs: $b, externalId: $x) {
    accepted becomes why label missing unread tookMs values record { id }
    awaits { field entity system externalId required } refusals { cause field fatal } likely { id zone }
    rules { name severity verdict } gates { code verdict reason exc team decides money { amount currency } } targets { system mode verdict reasons } } }"""


@pytest.fixture
async def firm(api: Api) -> tuple[Tenant, dict[str, UUID]]:
    """A client with an account at one legal entity, a signed contract, an active project, one consultant and an open May."""
    tenant = await api.tenant("ask")
    await api.pool.execute("INSERT INTO hub.system (tenant_id, name, kind) VALUES ($1, 'bill', 'bill')", tenant.id)
    ids = {name: uuid4() for name in ("house", "client", "account", "contract", "project", "person", "card", "line")}
    eur = "EUR"

    async def put(which: str, entity: str, **values: Any) -> None:
        await api.golden(tenant, entity, id=ids[which], **values)

    await put("house", "legal_entity", code="DE01", name="House", functional_currency=eur, tz="Europe/Berlin", period_rule="by_work_date", state="active")
    await put("client", "client", name="Nordwind Energie", state="active", country="DE")
    await put("account", "billing_account", client=str(ids["client"]), legal_entity=str(ids["house"]), account_no="4711", currency=eur, tax_class="standard", state="open")
    await put("contract", "contract", contract_no="K1", client=str(ids["client"]), legal_entity=str(ids["house"]), currency=eur, state="active", billing_account=str(ids["account"]))
    await put("project", "project", code="P1", name="Grid", client=str(ids["client"]), contract=str(ids["contract"]), legal_entity=str(ids["house"]), state="active", billable=True, currency=eur)
    await put("person", "resource", given_name="Ann", family_name="B", start_date="2020-01-01", state="active", role="consultant", kind="employee")
    await put("card", "rate_card", code="STD", kind="bill", scope="standard", currency=eur, state="active", valid_from="2026-01-01")
    await put("line", "rate_line", rate_card=str(ids["card"]), role="consultant", price={"amount": "120", "currency": eur, "per": "hour"}, unit="hour", valid_from="2026-01-01")
    for month, state in (("2026-04", "closed"), ("2026-05", "open")):
        last = {"2026-04": "2026-04-30", "2026-05": "2026-05-31"}[month]
        await api.golden(tenant, "accounting_period", legal_entity=str(ids["house"]), period=month, module="time", starts_on=f"{month}-01", ends_on=last, state=state)
    return tenant, ids


async def asked(api: Api, tenant: Tenant, entity: str, values: dict[str, Any], role: str = "reader", **more: Any) -> dict[str, Any]:
    return dict((await api.ask(tenant.keys[role], ASK, e=entity, v=values, **{"b": 5_000, **more})).data["wouldAccept"])


def verdicts(answer: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["verdict"] for one in answer["gates"]}


def hour(ids: dict[str, UUID], **more: Any) -> dict[str, Any]:
    told = {"resourceId": str(ids["person"]), "projectId": str(ids["project"]), "workDate": "2026-05-04", "quantity": {"value": "7.5", "unit": "hour"}, "billable": True, "state": "approved"}
    return {**told, **more}


async def test_a_project_is_asked_about_by_the_rules_of_its_legal_entity(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, ids = firm
    wanted = {"code": "P2", "name": "Wind park", "clientId": str(ids["client"]), "legalEntityId": str(ids["house"]), "contractId": str(ids["contract"]), "currency": "EUR", "state": "active"}
    found = await asked(api, tenant, "project", wanted, s="psa")
    assert (found["accepted"], found["becomes"], found["missing"], found["awaits"]) == ("yes", "new", [], [])
    assert verdicts(found) == {"client_open": "passed", "legal_entity_rules": "passed", "contract_signed": "passed", "currency_agrees": "passed"}
    other = await api.golden(tenant, "legal_entity", code="FR01", name="Maison", functional_currency="EUR", state="active")
    found = await asked(api, tenant, "project", {**wanted, "legalEntityId": str(other), "currency": "USD"}, s="psa")
    failed = {one["code"]: (one["reason"], one["team"], one["exc"]) for one in found["gates"] if one["verdict"] == "failed"}
    assert found["accepted"] == "no"
    assert failed == {
        "legal_entity_rules": ("the client has no open account in the receivables of FR01", "finance_operations", "EXC-7"),
        "contract_signed": ("its contract is sold by another legal entity", "pmo", "EXC-8"),
        "currency_agrees": ("it is in USD, its contract in EUR", "finance_operations", "EXC-22"),
    }


async def test_an_hour_tells_its_way_to_the_invoice_and_what_it_is_worth(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, ids = firm
    found = await asked(api, tenant, "time_entry", hour(ids), s="psa", p="bill")
    assert (found["accepted"], found["becomes"]) == ("yes", "new")
    assert set(verdicts(found).values()) == {"passed"}
    assert {one["code"]: one["money"] for one in found["gates"]}["rate_in_force"] == {"amount": "900.00", "currency": "EUR"}
    late = await asked(api, tenant, "time_entry", hour(ids, workDate="2026-04-30", state="submitted"), s="psa")
    assert [(one["code"], one["reason"], one["decides"]) for one in late["gates"] if one["verdict"] == "failed"] == [
        ("approved", "it is submitted, not approved", False), ("period_open", "period 2026-04 of time at DE01 is closed", True),
    ]  # fmt: skip
    assert late["accepted"] == "no"


async def test_a_client_is_looked_up_by_its_number_or_its_likeness(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, _ = firm
    await ingest(api, tenant, record("A1", name="Ostsee Werften", lei="5493001KJTIIGC8Y1R12", country="DE", city="Kiel", postcode="24103", street="Hafenstr. 1"))
    known = await asked(api, tenant, "client", {"name": "OSTSEE WERFTEN", "lei": "5493001KJTIIGC8Y1R12"}, s="erp")
    assert (known["becomes"], known["label"], known["accepted"]) == ("link", "Ostsee Werften", "yes")
    alike = await asked(api, tenant, "client", {"name": "Ostsee Werften GmbH", "city": "Kiel", "postcode": "24103", "street": "Hafenstr. 1", "country": "DE"}, s="erp")
    assert (alike["becomes"], [one["zone"] for one in alike["likely"]]) == ("ask", ["possible_match"])
    again = await asked(api, tenant, "client", {"name": "Ostsee Werften AG"}, s="crm", x="A1")
    assert (again["becomes"], again["record"]) == ("update", {"id": known["record"]["id"]})
    assert (await asked(api, tenant, "client", {"name": "Quite Another"}, s="erp"))["becomes"] == "new"
    assert await api.pool.fetchval("SELECT count(*) FROM hub.inbox WHERE tenant_id = $1", tenant.id) == 1


async def test_what_waits_is_refused_or_breaks_a_rule_is_told_by_field(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, ids = firm
    waits = await asked(api, tenant, "time_entry", hour(ids, project={"system": "psa", "object": "project", "id": "P9"}), s="psa")
    assert (waits["accepted"], waits["becomes"]) == ("unknown", "wait")
    assert waits["awaits"][0] == {"field": "project", "entity": "project", "system": "psa", "externalId": "P9", "required": True}
    torn = await asked(api, tenant, "time_entry", {"workDate": "tomorrow", "resourceId": str(ids["person"]), "quantity": {"value": "30", "unit": "hour"}}, s="psa")
    assert (torn["refusals"], torn["missing"]) == ([{"cause": "type", "field": "workDate", "fatal": False}], ["workDate", "project"])
    assert {one["name"]: (one["severity"], one["verdict"]) for one in torn["rules"]}["time_entry.quantity"] == ("warn", "failed")
    rate = await asked(api, tenant, "exchange_rate", {"fromCurrency": "EUR", "toCurrency": "USD", "rateType": "spot", "rate": "-1", "validFrom": "2026-05-01"}, s="erp")
    assert (rate["accepted"], rate["becomes"], rate["refusals"]) == ("no", "nothing", [{"cause": "rule", "field": "rate", "fatal": True}])


async def test_a_target_takes_what_it_has_codes_for_and_whose_parents_it_holds(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, ids = firm
    await api.pool.execute("INSERT INTO hub.code_map (tenant_id, system, code_set, theirs, ours) VALUES ($1, 'erp', 'CURRENCY', '1', 'USD')", tenant.id)
    await api.pool.execute("UPDATE hub.tenant SET config_version = config_version + 1 WHERE id = $1", tenant.id)
    found = await asked(api, tenant, "time_entry", hour(ids), s="psa", t="erp")
    [target] = found["targets"]
    assert (target["system"], target["mode"], target["verdict"]) == ("erp", "observe", "failed")
    assert "erp has no mapping that writes a time_entry" in target["reasons"]


async def test_what_there_is_no_time_for_is_unknown(api: Api, firm: tuple[Tenant, dict[str, UUID]], monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*given: Any) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr(gate_facts.lists, "periods", slow)
    tenant, ids = firm
    found = await asked(api, tenant, "time_entry", hour(ids), s="psa", b=400)
    assert (found["accepted"], found["unread"]) == ("unknown", ["gates", "rules between records", "matching", "targets"])
    assert (verdicts(found)["period_open"], verdicts(found)["project_open"]) == ("unknown", "passed")
    assert found["tookMs"] < 2_000


async def test_a_system_speaks_for_itself_and_a_confined_key_not_at_all(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, ids = firm
    own = await asked(api, tenant, "client", {"name": "Quite Another"}, role="system")
    assert (own["becomes"], own["record"]) == ("new", None)
    assert (await api.ask(tenant.keys["system"], ASK, e="client", v={"name": "x"}, s="erp")).codes == ["FORBIDDEN"]
    assert (await api.ask(tenant.keys["reader"], ASK, e="client", v={"name": "x"}, s="nobody")).codes == ["UNKNOWN_SYSTEM"]
    assert (await api.ask(tenant.keys["reader"], ASK, e="client", v={"name": "x"}, p="dream")).codes == ["BAD_INPUT"]


async def test_the_gates_of_a_record_that_stands_are_those_of_its_money(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, ids = firm
    item = await api.golden(tenant, "billable_item", project=str(ids["project"]), amount={"amount": "900.00", "currency": "USD"}, currency="USD", state="ready")
    query = "query($e: String!, $i: ID!) { gatesOf(entity: $e, id: $i) { code verdict reason remedy } }"
    told = (await api.ask(tenant.keys["reader"], query, e="billable_item", i=str(item))).data["gatesOf"]
    assert {one["code"]: one["verdict"] for one in told} == {
        "project_open": "passed", "billing_eligible": "passed", "no_hold": "passed", "tax_mapped": "passed", "prior_invoice": "passed",
        "currency_agrees": "failed", "period_open": "unknown",
    }  # fmt: skip
    assert [one["remedy"] for one in told if one["code"] == "currency_agrees"] == ["Bill in the contract's currency, or change the contract."]
    assert (await api.ask(tenant.keys["reader"], query, e="billable_item", i=str(uuid4()))).data == {"gatesOf": None}
    assert (await api.ask(tenant.keys["system"], query, e="billable_item", i=str(item))).codes == ["FORBIDDEN"]


async def test_severities_are_changed_by_two_teams_and_listed(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    tenant, _ = firm
    tenant.keys["cat"] = await give_key(api.pool, tenant.slug, "steward", "cat")
    for name, actor, team in (("Ada", "admin:admin", "integration_support"), ("Cat", "steward:cat", "finance_operations")):
        put = "mutation($n: String!, $a: [String!], $t: [String!]) { putMember(name: $n, actors: $a, teams: $t) { errors { code } } }"
        assert (await api.ask(tenant.keys["admin"], put, n=name, a=[actor], t=[team])).data["putMember"]["errors"] == []
    change = "mutation($d: JSON!) { setChecks(document: $d, reason: \"strict\") { proposal { id risk } errors { code } } }"
    wrong = (await api.ask(tenant.keys["admin"], change, d={"severity": {"project.client": "block"}})).data["setChecks"]
    assert [one["code"] for one in wrong["errors"]] == ["INVALID_VALUE"]
    made = (await api.ask(tenant.keys["admin"], change, d={"severity": {"invoice.gross": "block"}})).data["setChecks"]
    assert made["proposal"]["risk"] == "R3"
    listing = '{ checks(entity: "invoice") { name severity declared between } }'
    before = {one["name"]: one["severity"] for one in (await api.ask(tenant.keys["reader"], listing)).data["checks"]}
    vote = "mutation($id: Long!) { approve(id: $id) { proposal { state } errors { code } } }"
    assert (await api.ask(tenant.keys["cat"], vote, id=made["proposal"]["id"])).data["approve"] == {"proposal": {"state": "approved"}, "errors": []}
    after = {one["name"]: one["severity"] for one in (await api.ask(tenant.keys["reader"], listing)).data["checks"]}
    assert (before["invoice.gross"], after["invoice.gross"], after["invoice.lines"]) == ("warn", "block", "warn")


async def test_half_of_the_answers_take_no_longer_than_thirty_milliseconds(api: Api, firm: tuple[Tenant, dict[str, UUID]]) -> None:
    """9 ms were measured; where others work beside us the time of a statement is the measure."""
    tenant, ids = firm
    took = [(await asked(api, tenant, "time_entry", hour(ids), s="psa", p="bill"))["tookMs"] for _ in range(15)]
    one: list[float] = []
    for _ in range(40):
        began = time.perf_counter()
        await api.pool.fetchval("SELECT 1")
        one.append((time.perf_counter() - began) * 1000)
    assert statistics.median(took) <= max(30.0, 300 * statistics.median(one))
