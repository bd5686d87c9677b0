"""Mutations: what they store, what they refuse, and that saying a thing twice does it once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.flows.ingest_loop import Ingester
from tests.api.conftest import Api, Tenant

INGEST = """mutation Ingest($system: String, $records: [RecordInput!]!, $dry: Boolean = false, $wait: Boolean = true) {
    ingest(system: $system, records: $records, dryRun: $dry, wait: $wait) {
        results { index status outcome recordId errors { code field message remedy correlationId } }
        errors { code field }
    }
}"""
UPSERT = """mutation Upsert($id: ID, $values: ClientValues!, $key: String, $version: Int, $dry: Boolean = false) {
    upsertClient(id: $id, values: $values, idempotencyKey: $key, expectedVersion: $version, dryRun: $dry) {
        client { name legalName segment } recordId version outcome values errors { code field retryable remedy }
    }
}"""


def record(external_id: str, object: str = "client", **body: Any) -> dict[str, Any]:
    return {"object": object, "externalId": external_id, "body": body}


async def ingest(api: Api, tenant: Tenant, *records: dict[str, Any], role: str = "admin", **more: Any) -> list[dict[str, Any]]:
    answer = await api.ask(tenant.keys[role], INGEST, system=more.pop("system", "crm"), records=list(records), **more)
    assert answer.data["ingest"]["errors"] == []
    results: list[dict[str, Any]] = answer.data["ingest"]["results"]
    return results


async def test_a_record_becomes_a_golden_record_while_the_caller_waits(api: Api, acme: Tenant) -> None:
    [result] = await ingest(api, acme, record("A1", name="ACME", country="Germany"))
    assert (result["status"], result["outcome"], result["errors"]) == ("new", "applied", [])
    found = await api.ask(acme.keys["reader"], "query($id: ID!) { client(id: $id) { name country version } }", id=result["recordId"])
    assert found.data["client"] == {"name": "ACME", "country": "DE", "version": 1}


async def test_one_bad_record_keeps_no_other_out_and_is_told_by_its_place(api: Api, acme: Tenant) -> None:
    results = await ingest(
        api, acme, record("A1", name="ACME", website=["not", "text"]), record("A2", name="Beta"), record("A3", "spaceship", name="x"),
        record("", name="no id"), {**record("A5", name="y"), "system": "shop"},
    )  # fmt: skip
    assert [one["outcome"] for one in results] == ["incomplete", "applied", "quarantined", None, None]
    assert [[e["code"] for e in one["errors"]] for one in results] == [["TYPE"], [], ["UNKNOWN_ENTITY"], ["BAD_MESSAGE"], ["UNKNOWN_SYSTEM"]]
    assert results[0]["errors"][0]["field"] == "records.0.body.website"
    assert results[4]["errors"][0]["field"] == "records.4.system"
    shown = await api.ask(acme.keys["steward"], '{ inbox(outcome: "quarantined") { nodes { externalId problems { cause reason remedy } task { cause count } } } }')
    [message] = shown.data["inbox"]["nodes"]
    assert (message["externalId"], message["problems"][0]["cause"], message["task"]) == ("A3", "unknown_entity", {"cause": "unknown_entity", "count": 1})


async def test_a_message_sent_twice_under_its_key_is_kept_once(api: Api, acme: Tenant) -> None:
    first, again = record("A1", name="ACME") | {"idempotencyKey": "k1"}, record("A1", name="Other") | {"idempotencyKey": "k1"}
    assert [one["status"] for one in await ingest(api, acme, first)] == ["new"]
    assert [one["status"] for one in await ingest(api, acme, first)] == ["repeat"]
    [refused] = await ingest(api, acme, again, wait=False)
    assert (refused["status"], refused["errors"][0]["code"]) == ("refused", "IDEMPOTENCY_CONFLICT")


async def test_a_dry_run_tells_what_would_come_of_it_and_leaves_nothing(api: Api, acme: Tenant) -> None:
    [result] = await ingest(api, acme, record("A1", name="ACME"), dry=True)
    assert result["outcome"] == "applied" and result["recordId"]
    assert (await api.ask(acme.keys["steward"], "{ clients { totalCount } inbox { totalCount } changes { changes { id } } }")).data == {
        "clients": {"totalCount": 0}, "inbox": {"totalCount": 0}, "changes": {"changes": []},
    }  # fmt: skip


async def test_many_records_are_kept_at_once_and_folded_by_the_workers(api: Api, acme: Tenant) -> None:
    results = await ingest(api, acme, *(record(f"A{n}", name=f"Firm {n}") for n in range(60)))
    assert {one["outcome"] for one in results} == {"open"}
    await Ingester(api.pool, "test").drain(acme.id)
    assert (await api.ask(acme.keys["reader"], "{ clients { totalCount } }")).data == {"clients": {"totalCount": 60}}


async def test_exact_decimals_survive_the_way_in_and_out(api: Api, acme: Tenant) -> None:
    money = {"amount": "12345678901234567890.10", "currency": "EUR"}
    body = """mutation { ingest(system: "crm", records: [
        {object: "client", externalId: "A1", body: {name: "ACME"}}, {object: "contract", externalId: "C1", body: {
        contract_no: "C1", client: {system: "crm", object: "client", id: "A1"}, total_value: {amount: 12345678901234567890.10, currency: "EUR"}}}]) { results { outcome errors { message } } } }"""
    assert [one["errors"] for one in (await api.ask(acme.keys["admin"], body)).data["ingest"]["results"]] == [[], []]
    await Ingester(api.pool, "test").drain(acme.id)  # the contract was read before its client was born
    assert (await api.ask(acme.keys["reader"], "{ contracts { nodes { totalValue { amount currency } } } }")).data == {
        "contracts": {"nodes": [{"totalValue": money}]}
    }


@pytest.fixture
async def client(api: Api, acme: Tenant) -> str:
    [result] = await ingest(api, acme, record("A1", name="ACME"))
    return str(result["recordId"])


async def upsert(api: Api, tenant: Tenant, role: str = "steward", **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(tenant.keys[role], UPSERT, **variables)).data["upsertClient"]
    return found


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"state": "gone"}, "values.state"), ({"extra": {"floor": "top"}}, "values.extra.floor"), ({"extra": {"roof": 1}}, "values.extra.roof"),
    ],
)  # fmt: skip
async def test_an_upsert_with_a_value_that_cannot_be_kept_is_refused(api: Api, acme: Tenant, values: dict[str, Any], field: str) -> None:
    declare = 'mutation { declareExtensionField(entity: "client", name: "floor", kind: "integer") { done } }'
    await api.ask(acme.keys["admin"], declare)
    found = await upsert(api, acme, values={"name": "New", **values})
    assert [(one["code"], one["field"]) for one in found["errors"]] == [("BAD_INPUT", field)]
    assert found["recordId"] is None


async def test_an_upsert_is_a_contribution_of_the_portal(api: Api, acme: Tenant, client: str) -> None:
    found = await upsert(api, acme, id=client, values={"segment": "SMB", "legalName": "ACME GmbH"})
    assert found["client"] == {"name": "ACME", "legalName": "ACME GmbH", "segment": "SMB"}
    assert (found["recordId"], found["version"], found["outcome"], found["errors"]) == (client, 2, "applied", [])
    ask = "query($id: ID!) { client(id: $id) { sources { system externalId values } history(first: 1) { nodes { actor correlationId } } } }"
    shown = (await api.ask(acme.keys["reader"], ask, id=client)).data["client"]
    assert shown["sources"][1] == {"system": "portal", "externalId": client, "values": {"segment": "SMB", "legal_name": "ACME GmbH"}}
    assert shown["history"]["nodes"][0]["actor"] == "steward:steward"


async def test_the_same_request_again_gets_the_same_answer_and_another_one_a_conflict(api: Api, acme: Tenant) -> None:
    first = await upsert(api, acme, values={"name": "New"}, key="k")
    assert (first["version"], first["errors"]) == (1, [])
    again = await upsert(api, acme, values={"name": "New"}, key="k")
    assert (again["recordId"], again["version"], again["client"]) == (first["recordId"], 1, first["client"])
    other = await upsert(api, acme, values={"name": "Other"}, key="k")
    assert [one["code"] for one in other["errors"]] == ["IDEMPOTENCY_CONFLICT"]
    assert (await api.ask(acme.keys["reader"], "{ clients { totalCount } }")).data == {"clients": {"totalCount": 1}}


async def test_the_same_request_at_the_same_time_makes_one_record(api: Api, acme: Tenant) -> None:
    answers = await asyncio.gather(*(upsert(api, acme, values={"name": "New"}, key="k") for _ in range(5)))
    assert len({one["recordId"] for one in answers}) == 1
    assert (await api.ask(acme.keys["reader"], "{ clients { totalCount } }")).data == {"clients": {"totalCount": 1}}


async def test_a_refused_request_may_be_mended_under_its_key(api: Api, acme: Tenant, client: str) -> None:
    refused = await upsert(api, acme, id=client, values={"name": "X"}, key="k", version=7)
    assert refused["errors"] == [
        {"code": "VERSION_CONFLICT", "field": "expectedVersion", "retryable": True, "remedy": "Read it again, then repeat your change on what you find."}
    ]
    assert (await upsert(api, acme, id=client, values={"segment": "SMB"}, key="k", version=1))["errors"] == []


async def test_values_that_are_none_are_refused_by_their_path_and_store_nothing(api: Api, acme: Tenant, client: str) -> None:
    cases = (
        ({"website": "a\x00b"}, "values.website"),
        ({"accountManager": {"object": "x"}}, "values.accountManager"),
        ({"extra": "text"}, "values.extra"),
        ({"taxRegistrations": [{"number": 5, "valid_from": "soon"}]}, "values.taxRegistrations"),
    )
    for values, path in cases:
        if "website" in values:
            continue  # refused at the door, see test_hostile
        [error] = (await upsert(api, acme, id=client, values=values))["errors"]
        assert (error["code"], error["field"].startswith(path)) == ("BAD_INPUT", True), (values, error)
    assert (await api.ask(acme.keys["steward"], "{ inbox { totalCount } }")).data == {"inbox": {"totalCount": 1}}
    unknown = await api.ask(acme.keys["steward"], UPSERT, values={"shoeSize": 44})
    assert unknown.codes == ["BAD_INPUT"]


async def test_a_dry_upsert_shows_the_values_it_would_come_to(api: Api, acme: Tenant, client: str) -> None:
    found = await upsert(api, acme, id=client, values={"segment": "SMB"}, dry=True)
    assert (found["version"], found["values"], found["client"]) == (2, {"name": "ACME", "segment": "SMB"}, None)
    assert (await api.ask(acme.keys["reader"], "{ clients { nodes { version segment } } }")).data == {"clients": {"nodes": [{"version": 1, "segment": None}]}}


OVERRIDE = """mutation Override($id: ID!, $field: String!, $value: JSON, $reason: String!, $key: String) {
    override(entity: "Client", id: $id, field: $field, value: $value, reason: $reason, idempotencyKey: $key) {
        decisionId record { version ... on Client { name provenance { name { system decision { reason actor } alternates { value system } } } } }
        errors { code field }
    }
}"""


async def test_an_override_wins_says_why_and_can_be_withdrawn(api: Api, acme: Tenant, client: str) -> None:
    given = {"id": client, "field": "name", "value": "ACME!", "reason": "as they told us", "key": "o1"}
    made = (await api.ask(acme.keys["steward"], OVERRIDE, **given)).data["override"]
    assert made["record"] == {
        "version": 2, "name": "ACME!",
        "provenance": {"name": {"system": "steward", "decision": {"reason": "as they told us", "actor": "steward:steward"},
                                "alternates": [{"value": "ACME", "system": "crm"}]}},
    }  # fmt: skip
    assert (await api.ask(acme.keys["steward"], OVERRIDE, **given)).data["override"]["decisionId"] == made["decisionId"]
    withdrawn = await api.ask(
        acme.keys["steward"], "mutation($d: Long!) { withdraw(decisionId: $d) { record { version ... on Client { name } } errors { code } } }", d=made["decisionId"]
    )
    assert withdrawn.data["withdraw"] == {"record": {"version": 3, "name": "ACME"}, "errors": []}
    [decision] = (await api.ask(acme.keys["steward"], "query($r: ID!) { decisions(recordId: $r, kind: \"override\") { nodes { id withdrawnBy } } }", r=client)).data["decisions"]["nodes"]
    assert decision == {"id": made["decisionId"], "withdrawnBy": "steward:steward"}


@pytest.mark.parametrize(
    ("field", "value", "reason", "code"),
    [("shoe", 1, "x", "UNKNOWN_FIELD"), ("name", "X", " ", "REASON_REQUIRED"), ("country", "Atlantis", "x", "INVALID_VALUE")],
)
async def test_an_override_nobody_can_mean_is_refused(api: Api, acme: Tenant, client: str, field: str, value: Any, reason: str, code: str) -> None:
    answer = (await api.ask(acme.keys["steward"], OVERRIDE, id=client, field=field, value=value, reason=reason)).data["override"]
    assert [one["code"] for one in answer["errors"]] == [code]


ROLES = (
    ("upsertClient", 'upsertClient(values: {name: "x"}, dryRun: true)', {"steward", "admin"}),
    ("ingest", 'ingest(system: "crm", records: [{object: "client", externalId: "1", body: {}}], dryRun: true)', {"system", "steward", "admin"}),
    ("mapCode", 'mapCode(system: "crm", set: "TIER", theirs: "x", ours: "y")', {"steward", "admin"}),
    ("connectSystem", 'connectSystem(document: {system: "shop", kind: "crm"})', {"admin"}),
    ("setMode", 'setMode(system: "crm", mode: "observe")', {"admin"}),
    ("replay", "replay", {"steward", "admin"}),
)


@pytest.mark.parametrize(("name", "call", "allowed"), ROLES)
async def test_who_may_do_what(api: Api, acme: Tenant, name: str, call: str, allowed: set[str]) -> None:
    for role, key in acme.keys.items():
        answer = (await api.ask(key, f"mutation {{ {call} {{ errors {{ code }} }} }}")).data[name]
        refused = [one["code"] for one in answer["errors"]] == ["FORBIDDEN"]
        assert refused == (role not in allowed), (role, answer)


async def test_mapping_a_code_releases_what_waited_for_it(api: Api, acme: Tenant) -> None:
    document = {
        "system": "shop", "kind": "crm",
        "mappings": [{"object": "customer", "entity": "client", "id": "no", "fields": {"name": "label", "kind": "sort"}}],
    }  # fmt: skip
    connected = await api.ask(acme.keys["admin"], "mutation($d: JSON!) { connectSystem(document: $d) { done errors { message } } }", d=document)
    assert connected.data["connectSystem"] == {"done": True, "errors": []}
    await ingest(api, acme, record("S1", "customer", no="S1", label="Shop", sort="Firma"), system="shop")
    shown = await api.ask(acme.keys["steward"], '{ stewardTasks(cause: "unknown_code", state: "open") { nodes { subject count remedy } } }')
    [task] = shown.data["stewardTasks"]["nodes"]
    assert (task["subject"], task["count"]) == ("shop CLIENT_KIND 'Firma'", 1)
    mapped = await api.ask(
        acme.keys["steward"], 'mutation { mapCode(system: "shop", set: "CLIENT_KIND", theirs: "Firma", ours: "organisation") { count errors { code message } } }'
    )
    assert mapped.data["mapCode"] == {"count": 1, "errors": []}
    await Ingester(api.pool, "test").drain(acme.id)
    assert (await api.ask(acme.keys["reader"], '{ clients { nodes { name kind } } codeMaps(system: "shop") { theirs ours } }')).data == {
        "clients": {"nodes": [{"name": "Shop", "kind": "organisation"}]},
        "codeMaps": [
            {"theirs": "Firma", "ours": "organisation"},
            *({"theirs": one, "ours": one} for one in ("intercompany", "organisation", "person", "pseudo", "public_body")),
        ],
    }  # fmt: skip


async def test_a_refused_message_is_mended_and_taken_up_again(api: Api, acme: Tenant) -> None:
    await ingest(api, acme, record("S1", "spaceship", name="x"))
    [message] = (await api.ask(acme.keys["steward"], '{ inbox(outcome: "quarantined") { nodes { id task { id } } } }')).data["inbox"]["nodes"]
    ask = "mutation($m: [Long!]!, $b: JSON) { resubmit(messageIds: $m, body: $b) { messageIds errors { code } } }"
    done = (await api.ask(acme.keys["steward"], ask, m=[message["id"]], b={"name": "x"})).data["resubmit"]
    assert done["errors"] == [] and len(done["messageIds"]) == 1
    missing = (await api.ask(acme.keys["steward"], ask, m=["999999"])).data["resubmit"]
    assert missing == {"messageIds": None, "errors": [{"code": "NOT_FOUND"}]}


async def test_subscribing_and_steering_what_goes_out(api: Api, acme: Tenant) -> None:
    admin = acme.keys["admin"]
    made = await api.ask(
        admin, 'mutation { createSubscription(name: "bi", kind: "webhook", url: "https://203.0.113.9/x", filter: {entities: ["client"]}) { id secret position errors { code message } } }'
    )
    created = made.data["createSubscription"]
    if created["errors"]:  # the address of an example network may be refused; a local one is allowed in tests
        made = await api.ask(admin, 'mutation { createSubscription(name: "bi", kind: "webhook", url: "http://127.0.0.1:9/x", filter: {entities: ["client"]}) { id secret position errors { code message } } }')
        created = made.data["createSubscription"]
    assert created["errors"] == [] and created["secret"].startswith("whsec_")
    twice = await api.ask(admin, 'mutation { createSubscription(name: "bi", kind: "webhook", url: "http://127.0.0.1:9/x") { errors { code field } } }')
    assert twice.data["createSubscription"]["errors"] == [{"code": "NAME_TAKEN", "field": "name"}]
    shown = await api.ask(admin, "{ subscriptions { name kind url state filter } }")
    assert shown.data["subscriptions"][0]["name"] == "bi" and created["secret"] not in shown.body.decode()
    paused = await api.ask(admin, 'mutation($id: ID!) { setSubscriptionState(id: $id, state: "paused") { done errors { code } } }', id=created["id"])
    assert paused.data["setSubscriptionState"] == {"done": True, "errors": []}
    modes = await api.ask(admin, 'mutation { setMode(system: "erp", entity: "client", mode: "write") { done errors { code } } bad: setMode(system: "erp", mode: "shout") { errors { code field } } }')
    assert modes.data == {"setMode": {"done": True, "errors": []}, "bad": {"errors": [{"code": "BAD_MODE", "field": "mode"}]}}
    assert (await api.ask(admin, '{ systems { name modes { entity fieldGroup mode setBy } } }')).data["systems"][1] == {
        "name": "erp", "modes": [{"entity": "client", "fieldGroup": "*", "mode": "write", "setBy": "admin:admin"}],
    }  # fmt: skip


async def test_a_person_says_which_record_is_which(api: Api, acme: Tenant) -> None:
    [first, _] = await ingest(api, acme, record("A1", name="ACME"), record("A2", name="ACME Ltd"))
    link = """mutation($id: ID!) { declareLink(entity: "client", source: {system: "crm", object: "client", externalId: "A2"}, id: $id, reason: "same house") {
        record { ... on Client { sources { externalId } } } errors { code message } } }"""
    linked = (await api.ask(acme.keys["steward"], link, id=first["recordId"])).data["declareLink"]
    assert linked["errors"] == [] and [one["externalId"] for one in linked["record"]["sources"]] == ["A1", "A2"]
    apart = """mutation { notTheSame(entity: "client", source: {system: "crm", object: "client", externalId: "A2"}, reason: "two houses") {
        record { ... on Client { name sources { externalId } } } errors { code message } } }"""
    parted = (await api.ask(acme.keys["steward"], apart)).data["notTheSame"]
    assert parted == {"record": {"name": "ACME Ltd", "sources": [{"externalId": "A2"}]}, "errors": []}
