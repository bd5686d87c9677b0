"""Plans, duplicates and shared values through GraphQL: seen before they are done, done by two."""

from __future__ import annotations

from typing import Any

import pytest

from hub.flows import duplicates, generic
from hub.flows.tenants import give_key
from hub.store import feed
from hub.store.configuration import ConfigurationCache
from tests.api.conftest import Api, Tenant
from tests.api.test_mutations import ingest, record

PLAN = """mutation($d: JSON!) { planPolicy(document: $d, reason: "ERP knows best") {
  plan { id state done total reason records { entity op count } fields { entity field count } } errors { code field remedy } } }"""
APPLY = "mutation($id: Long!) { applyPlan(id: $id) { plan { id state } proposal { id risk operation estimate } errors { code } } }"
VOTE = "mutation($id: Long!) { approve(id: $id) { proposal { state } errors { code } } }"
ERP_NAMES = {"fields": [{"entity": "client", "field": "name", "owner": ["erp", "crm"]}]}


@pytest.fixture
async def firm(api: Api) -> Tenant:
    """The admin is of integration, Cat of finance; one client whom CRM and ERP call by two names."""
    tenant = await api.tenant("plan")
    tenant.keys["cat"] = await give_key(api.pool, tenant.slug, "steward", "cat")
    for name, actor, team in (("Ada", "admin:admin", "integration_support"), ("Cat", "steward:cat", "finance_operations")):
        put = "mutation($n: String!, $a: [String!], $t: [String!]) { putMember(name: $n, actors: $a, teams: $t) { errors { code } } }"
        assert (await api.ask(tenant.keys["admin"], put, n=name, a=[actor], t=[team])).data["putMember"]["errors"] == []
    await ingest(api, tenant, record("A1", name="Acme"))
    await ingest(api, tenant, record("K1", name="ACME GMBH", **{"$links": [["crm", "client", "A1"]]}), system="erp")
    return tenant


async def planned(api: Api, firm: Tenant, document: dict[str, Any] = ERP_NAMES) -> dict[str, Any]:
    answer = (await api.ask(firm.keys["admin"], PLAN, d=document)).data["planPolicy"]
    assert answer["errors"] == []
    return dict(answer["plan"])


async def names(api: Api, firm: Tenant) -> list[str]:
    return [one["name"] for one in (await api.ask(firm.keys["reader"], "{ clients { nodes { name } } }")).data["clients"]["nodes"]]


async def test_a_plan_is_seen_asked_for_approved_and_applied_exactly(api: Api, firm: Tenant) -> None:
    plan = await planned(api, firm)
    assert {**plan, "id": ""} == {
        "id": "", "state": "ready", "done": 1, "total": 1, "reason": "ERP knows best",
        "records": [{"entity": "client", "op": "update", "count": 1}], "fields": [{"entity": "client", "field": "name", "count": 1}],
    }  # fmt: skip
    listed = await api.ask(
        firm.keys["steward"],
        "query($id: Long!) { planItems(planId: $id) { totalCount nodes { op before after state record { ... on Client { name } } } } plans { nodes { id } } }",
        id=plan["id"],
    )
    item = {"op": "update", "before": {"name": "Acme"}, "after": {"name": "ACME GMBH"}, "state": "planned", "record": {"name": "Acme"}}
    assert listed.data == {"planItems": {"totalCount": 1, "nodes": [item]}, "plans": {"nodes": [{"id": plan["id"]}]}}
    asked = (await api.ask(firm.keys["admin"], APPLY, id=plan["id"])).data["applyPlan"]
    assert (asked["proposal"]["risk"], asked["proposal"]["operation"], asked["plan"]["state"]) == ("R3", "apply_plan", "ready")
    assert asked["proposal"]["estimate"]["plan"]["records"] == plan["records"]
    assert await names(api, firm) == ["Acme"]
    own = (await api.ask(firm.keys["admin"], VOTE, id=asked["proposal"]["id"])).data["approve"]
    assert [one["code"] for one in own["errors"]] == ["AUTHOR"]
    done = (await api.ask(firm.keys["cat"], VOTE, id=asked["proposal"]["id"])).data["approve"]
    assert done == {"proposal": {"state": "approved"}, "errors": []}
    assert await names(api, firm) == ["ACME GMBH"]
    shown = await api.ask(firm.keys["admin"], "query($id: Long!) { plan(id: $id) { state applied approvedBy proposal { id } } }", id=plan["id"])
    assert shown.data["plan"] == {"state": "applied", "applied": 1, "approvedBy": "admin:admin", "proposal": {"id": asked["proposal"]["id"]}}
    back = (await api.ask(firm.keys["admin"], 'mutation($id: Long!) { planBack(id: $id, reason: "no") { plan { undoes state } errors { code } } }', id=plan["id"])).data
    assert back["planBack"] == {"plan": {"undoes": plan["id"], "state": "ready"}, "errors": []}


async def test_what_moved_since_makes_the_proposal_stale_until_the_plan_is_computed_anew(api: Api, firm: Tenant) -> None:
    plan = await planned(api, firm)
    asked = (await api.ask(firm.keys["admin"], APPLY, id=plan["id"])).data["applyPlan"]["proposal"]
    await ingest(api, firm, record("K1", name="ACME AG", **{"$links": [["crm", "client", "A1"]]}), system="erp")
    late = (await api.ask(firm.keys["cat"], VOTE, id=asked["id"])).data["approve"]
    assert (late["proposal"], [one["code"] for one in late["errors"]]) == ({"state": "stale"}, ["STALE"])
    assert await names(api, firm) == ["Acme"]
    refresh = "mutation($id: Long!) { refreshPlan(id: $id) { plan { state } errors { code } } }"
    assert (await api.ask(firm.keys["admin"], refresh, id=plan["id"])).data["refreshPlan"] == {"plan": {"state": "ready"}, "errors": []}
    again = (await api.ask(firm.keys["admin"], APPLY, id=plan["id"])).data["applyPlan"]["proposal"]
    assert (await api.ask(firm.keys["cat"], VOTE, id=again["id"])).data["approve"]["proposal"] == {"state": "approved"}
    assert await names(api, firm) == ["ACME AG"]


async def test_set_policy_makes_a_plan_and_nobody_gets_around_it(api: Api, firm: Tenant) -> None:
    told = "mutation($d: JSON!) { setPolicy(document: $d, reason: \"books\") { count planId proposal { operation } errors { code } } }"
    made = (await api.ask(firm.keys["admin"], told, d=ERP_NAMES)).data["setPolicy"]
    assert (made["count"], made["proposal"], made["errors"], made["planId"] is None) == (None, {"operation": "apply_plan"}, [], False)
    around = 'mutation($g: JSON!) { propose(operation: "set_policy", given: $g) { errors { code remedy } } }'
    refused = (await api.ask(firm.keys["admin"], around, g={"document": ERP_NAMES, "reason": "r"})).data["propose"]
    assert refused["errors"] == [{"code": "PLAN_NEEDED", "remedy": "Use planPolicy, then applyPlan."}]
    settings = '{"plan_before_apply": false, "approvals": {"fourEyes": false}}'
    await api.pool.execute("UPDATE hub.tenant SET settings = $2::text::jsonb, config_version = config_version + 1 WHERE id = $1", firm.id, settings)
    at_once = (await api.ask(firm.keys["admin"], told, d=ERP_NAMES)).data["setPolicy"]
    assert at_once == {"count": 1, "planId": None, "proposal": None, "errors": []}


@pytest.mark.parametrize(
    ("document", "code"),
    [({"fields": [{"entity": "client", "field": "nam"}]}, "UNKNOWN_FIELD"), ({"fields": [{}]}, "BAD_INPUT"), ({}, "NOTHING_CHANGES")],
)
async def test_a_plan_that_cannot_be_made_says_why(api: Api, firm: Tenant, document: dict[str, Any], code: str) -> None:
    answer = (await api.ask(firm.keys["admin"], PLAN, d=document)).data["planPolicy"]
    assert (answer["plan"], [one["code"] for one in answer["errors"]]) == (None, [code])


async def test_another_threshold_for_matching_is_planned_and_needs_two_teams(api: Api, firm: Tenant) -> None:
    ask = """mutation($t: [ThresholdInput!]) { planMatching(entity: "Client", mode: "ask", thresholds: $t, reason: "too eager") {
      plan { id kind state given records { op } } errors { code field } } }"""
    plan = (await api.ask(firm.keys["admin"], ask, t=[{"situation": "any", "auto": 30, "review": 5}])).data["planMatching"]["plan"]
    told = {"entity": "client", "version": 0, "matching": {"mode": "ask", "thresholds": {"any": {"auto": "30.0", "review": "5.0"}}}}
    assert {**plan, "id": ""} == {"id": "", "kind": "match_model", "state": "ready", "given": told, "records": []}
    asked = (await api.ask(firm.keys["admin"], APPLY, id=plan["id"])).data["applyPlan"]["proposal"]
    assert (await api.ask(firm.keys["cat"], VOTE, id=asked["id"])).data["approve"] == {"proposal": {"state": "approved"}, "errors": []}
    stands = await api.pool.fetchval("SELECT settings -> 'matching' -> 'client' ->> 'mode' FROM hub.tenant WHERE id = $1", firm.id)
    assert stands == "ask"
    wrong = (await api.ask(firm.keys["admin"], ask, t=[{"auto": 3, "review": 5}])).data["planMatching"]
    assert (wrong["plan"], wrong["errors"]) == (None, [{"code": "INVALID_VALUE", "field": "review"}])
    direct = 'mutation { setMatching(entity: "client", mode: "link", reason: "r") { done planId proposal { operation } errors { code } } }'
    made = (await api.ask(firm.keys["admin"], direct)).data["setMatching"]
    assert (made["done"], made["planId"] is None, made["proposal"], made["errors"]) == (None, False, {"operation": "apply_plan"}, [])


async def test_only_admins_plan_and_another_tenants_plan_is_not_there(api: Api, firm: Tenant, acme: Tenant) -> None:
    plan = await planned(api, firm)
    answer = (await api.ask(firm.keys["steward"], PLAN, d=ERP_NAMES)).data["planPolicy"]
    assert [one["code"] for one in answer["errors"]] == ["FORBIDDEN"]
    seen = await api.ask(acme.keys["admin"], "query($id: Long!) { plan(id: $id) { id } planItems(planId: $id) { totalCount } }", id=plan["id"])
    assert seen.data == {"plan": None, "planItems": {"totalCount": 0}}
    cancel = "mutation($id: Long!) { cancelPlan(id: $id) { plan { state } errors { code } } }"
    assert (await api.ask(acme.keys["admin"], cancel, id=plan["id"])).data["cancelPlan"]["errors"] == [{"code": "NOT_FOUND"}]
    assert (await api.ask(firm.keys["admin"], cancel, id=plan["id"])).data["cancelPlan"]["plan"] == {"state": "cancelled"}


async def find(api: Api, firm: Tenant) -> None:
    async with api.pool.acquire() as tx, tx.transaction():
        await feed.sequence(tx, firm.id)
    await duplicates.find_new(api.pool)
    await generic.find_new(api.pool, ConfigurationCache())


async def test_alike_payments_are_listed_with_their_points_and_answered_by_two(api: Api, firm: Tenant) -> None:
    money = {"amount": "119.00", "currency": "EUR"}
    for number in ("1", "2", "3"):
        paid = record(number, "payment", received_on="2026-05-04", amount=money, reference="RE-42" if number != "3" else "other")
        await ingest(api, firm, paid, system="erp")
    await find(api, firm)
    ask = "{ duplicates(state: \"open\") { nodes { id kind score money { amount } parts { name points finding } record { ... on Payment { reference } } } } }"
    [pair] = (await api.ask(firm.keys["cat"], ask)).data["duplicates"]["nodes"]
    assert (pair["kind"], pair["score"], pair["money"], pair["record"]) == ("near", 90, [{"amount": "119.00"}], {"reference": "RE-42"})
    assert pair["parts"][0] == {"name": "billing_account", "points": 15, "finding": "neither says"}
    say = """mutation($ids: [Long!]!, $is: String!) { answerDuplicates(ids: $ids, verdict: $is, reason: "entered twice") {
      outcomes { id done proposal { id risk } errors { code } } errors { code } } }"""
    told = (await api.ask(firm.keys["admin"], say, ids=[pair["id"], "99999"], **{"is": "duplicate"})).data["answerDuplicates"]
    assert [(one["done"], (one["proposal"] or {}).get("risk"), one["errors"]) for one in told["outcomes"]] == [
        (False, "R2", []), (False, None, [{"code": "NOT_FOUND"}]),
    ]  # fmt: skip
    assert (await api.ask(firm.keys["cat"], VOTE, id=told["outcomes"][0]["proposal"]["id"])).data["approve"]["errors"] == []
    states = await api.ask(firm.keys["reader"], '{ payments(filter: {recordState: {eq: "superseded"}}) { totalCount } }')
    assert states.data["payments"] == {"totalCount": 1}


async def test_a_shared_value_is_listed_declared_and_withdrawn(api: Api, firm: Tenant) -> None:
    for number in range(5):
        await ingest(api, firm, record(f"S{number}", name=f"Firm number {number * 7919}", phone="+49301234567"))
    await find(api, firm)
    ask = "{ genericValues { nodes { entity kind value holders state actor } } }"
    found = {"entity": "client", "kind": "phone", "value": "+49301234567", "holders": 5, "state": "generic", "actor": "rule"}
    assert (await api.ask(firm.keys["cat"], ask)).data["genericValues"]["nodes"] == [found]
    say = 'mutation { declareGeneric(entity: "Client", kind: "phone", value: "+49301234567", reason: "one desk each", isGeneric: false) { done errors { code } } }'
    assert (await api.ask(firm.keys["cat"], say)).data["declareGeneric"] == {"done": True, "errors": []}
    assert (await api.ask(firm.keys["cat"], ask)).data["genericValues"]["nodes"] == [{**found, "state": "distinctive", "actor": "steward:cat"}]
    back = 'mutation { withdrawGeneric(entity: "client", kind: "phone", value: "+49301234567") { done errors { code } } }'
    assert (await api.ask(firm.keys["cat"], back)).data["withdrawGeneric"] == {"done": True, "errors": []}
    assert (await api.ask(firm.keys["cat"], ask)).data["genericValues"]["nodes"] == [found]
