"""Merging through GraphQL: preview, merge, split, keep apart, undo; what each role may do; reads after it."""

from __future__ import annotations

from typing import Any

import pytest

from hub.flows.ingest_loop import Ingester
from tests.api.conftest import Api, Tenant

PREVIEW = """query($survivor: ID!, $losers: [ID!]!, $picks: JSON) { mergePreview(entity: "client", survivor: $survivor, losers: $losers, picks: $picks) {
    survivorId risk why needsSecondPerson vetoes { kind recordIds } children { entity field count sample }
    fields { field differs picked after before { value } rule sourceId } deliveries { system } records { id activeProjects receivables { amount currency } sources { system externalId role } } } }"""
MERGE = """mutation($survivor: ID!, $losers: [ID!]!, $picks: JSON, $key: String, $dry: Boolean = false) {
    merge(entity: "client", survivor: $survivor, losers: $losers, picks: $picks, reason: "the same", idempotencyKey: $key, dryRun: $dry) {
        actionId children idMap { before after } record { id } proposal { id risk state } errors { code field message } } }"""
UNDO = "mutation($id: Long!) { undo(actionId: $id) { actionId conflicts { kind } errors { code message } } }"
REDO = "mutation($id: Long!) { redo(actionId: $id) { actionId errors { code message } } }"


def message(object: str, external_id: str, **body: Any) -> dict[str, Any]:
    return {"object": object, "externalId": external_id, "body": body}


async def told(api: Api, tenant: Tenant, *records: dict[str, Any]) -> list[str]:
    document = "mutation($records: [RecordInput!]!) { ingest(system: \"crm\", records: $records, wait: true) { results { recordId } errors { message } } }"
    answer = (await api.ask(tenant.keys["admin"], document, records=list(records))).data["ingest"]
    await Ingester(api.pool, "test").drain(tenant.id)
    return [one["recordId"] for one in answer["results"]]


@pytest.fixture
async def clients(api: Api, acme: Tenant) -> tuple[str, str]:
    one, other = await told(api, acme, message("client", "1", name="Acme", phone="+4930123456"), message("client", "2", name="Acme Holding"))
    await told(api, acme, message("contract", "k", contract_no="K-2", client={"system": "crm", "object": "client", "id": "2"}))
    return one, other


async def merged(api: Api, tenant: Tenant, survivor: str, loser: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(tenant.keys[more.pop("role", "steward")], MERGE, survivor=survivor, losers=[loser], **more)).data["merge"]
    return found


async def test_a_preview_shows_what_the_merge_then_does(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    survivor, loser = clients
    shown = (await api.ask(acme.keys["steward"], PREVIEW, survivor=survivor, losers=[loser], picks={"name": {"record": loser}})).data["mergePreview"]
    assert (shown["risk"], shown["needsSecondPerson"], shown["vetoes"], shown["deliveries"]) == ("R1", False, [], [])
    assert [(one["entity"], one["field"], one["count"]) for one in shown["children"]] == [("contract", "client", 1)]
    name = next(one for one in shown["fields"] if one["field"] == "name")
    assert (name["differs"], name["picked"], name["after"], [one["value"] for one in name["before"]]) == (True, True, "Acme Holding", ["Acme", "Acme Holding"])
    assert [one["role"] for record in shown["records"] for one in record["sources"]] == ["primary", "alternate"]
    assert await api.pool.fetchval("SELECT count(*) FROM hub.decision WHERE tenant_id = $1", acme.id) == 0
    done = await merged(api, acme, survivor, loser, picks={"name": {"record": loser}})
    assert (done["children"], done["idMap"], done["errors"]) == (1, [{"before": loser, "after": survivor}], [])
    read = "query($id: ID!) { client(id: $id) { id name contracts { nodes { contractNo } } sources { externalId role } } }"
    for id in clients:
        found = (await api.ask(acme.keys["reader"], read, id=id)).data["client"]
        assert (found["id"], found["name"], [one["contractNo"] for one in found["contracts"]["nodes"]]) == (survivor, "Acme Holding", ["K-2"])


async def test_undo_and_redo_by_action_and_the_list_of_what_one_did(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    done = await merged(api, acme, *clients)
    listed = '{ actions(mine: true) { nodes { id kind state canUndo recordIds reason actor } totalCount } }'
    [action] = (await api.ask(acme.keys["steward"], listed)).data["actions"]["nodes"]
    assert action == {
        "id": done["actionId"], "kind": "merge", "state": "stands", "canUndo": True, "recordIds": list(clients), "reason": "the same",
        "actor": "steward:steward",
    }  # fmt: skip
    assert (await api.ask(acme.keys["steward"], UNDO, id=done["actionId"])).data["undo"] == {"actionId": done["actionId"], "conflicts": [], "errors": []}
    name = "query($id: ID!) { client(id: $id) { id name } }"
    assert (await api.ask(acme.keys["reader"], name, id=clients[1])).data["client"] == {"id": clients[1], "name": "Acme Holding"}
    assert (await api.ask(acme.keys["steward"], listed)).data["actions"]["nodes"][0]["state"] == "undone"
    again = (await api.ask(acme.keys["steward"], UNDO, id=done["actionId"])).data["undo"]
    assert [one["code"] for one in again["errors"]] == ["UNDONE_ALREADY"]
    assert (await api.ask(acme.keys["steward"], REDO, id=done["actionId"])).data["redo"]["errors"] == []
    assert (await api.ask(acme.keys["reader"], name, id=clients[1])).data["client"]["id"] == clients[0]
    assert (await api.ask(acme.keys["steward"], listed)).data["actions"]["totalCount"] == 1


async def test_the_change_of_a_merge_carries_the_map_of_ids(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    await merged(api, acme, *clients)
    history = "query($id: ID!) { client(id: $id) { history(first: 1) { nodes { op cause idMap { before after } } } } }"
    [step] = (await api.ask(acme.keys["reader"], history, id=clients[0])).data["client"]["history"]["nodes"]
    assert step == {"op": "merge", "cause": "merge", "idMap": [{"before": clients[1], "after": clients[0]}]}
    await api.pool.execute("SELECT 1")
    from hub.flows.sequence import sequence

    await sequence(api.pool, acme.id)
    feed = (await api.ask(acme.keys["reader"], '{ changes(first: 50) { changes { op recordId idMap { before } } } }')).data["changes"]["changes"]
    assert [(one["recordId"], one["idMap"]) for one in feed if one["op"] == "merge"] == [
        (clients[1], [{"before": clients[1]}]), (clients[0], [{"before": clients[1]}]),
    ]  # fmt: skip


async def test_money_attached_asks_for_a_second_person(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    await api.pool.execute("UPDATE golden.contract SET state = 'signed' WHERE tenant_id = $1", acme.id)
    done = await merged(api, acme, *clients)
    assert (done["actionId"], done["record"], done["proposal"]["risk"], done["proposal"]["state"]) == (None, None, "R2", "open")
    assert await api.pool.fetchval("SELECT count(*) FROM golden.client WHERE tenant_id = $1", acme.id) == 2


async def test_a_merge_is_idempotent_and_a_dry_run_leaves_nothing(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    tried = await merged(api, acme, *clients, dry=True)
    assert (tried["errors"], tried["children"]) == ([], 1)
    assert await api.pool.fetchval("SELECT count(*) FROM hub.forward WHERE tenant_id = $1", acme.id) == 0
    first, again = [await merged(api, acme, *clients, key="k") for _ in range(2)]
    assert first["actionId"] == again["actionId"] and again["errors"] == []


async def test_a_split_and_its_undo(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    await merged(api, acme, *clients)
    sources = "query($id: ID!) { client(id: $id) { sources { id externalId } } }"
    found = (await api.ask(acme.keys["steward"], sources, id=clients[0])).data["client"]["sources"]
    part = next(one["id"] for one in found if one["externalId"] == "2")
    document = """mutation($id: ID!, $parts: [SplitPart!]!) { split(entity: "client", id: $id, parts: $parts, reason: "two firms") {
        actionId idMap { after } errors { code message } } }"""
    done = (await api.ask(acme.keys["steward"], document, id=clients[0], parts=[{"sourceIds": [part]}])).data["split"]
    assert done["errors"] == []
    new = done["idMap"][1]["after"]
    name = "query($id: ID!) { client(id: $id) { id name contracts { totalCount } } }"
    assert (await api.ask(acme.keys["reader"], name, id=new)).data["client"] == {"id": new, "name": "Acme Holding", "contracts": {"totalCount": 1}}
    refused = await merged(api, acme, clients[0], new)
    assert [one["code"] for one in refused["errors"]] == ["VETOED"]
    assert (await api.ask(acme.keys["steward"], UNDO, id=done["actionId"])).data["undo"]["errors"] == []
    assert (await api.ask(acme.keys["reader"], name, id=new)).data["client"]["id"] == clients[0], "its id leads to where its records went"


async def test_several_steps_are_undone_each_by_itself(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    done = await merged(api, acme, *clients)
    fixed = 'mutation($id: ID!) { override(entity: "client", id: $id, field: "phone", value: "+4930999999", reason: "new") { decisionId errors { code } } }'
    await api.ask(acme.keys["steward"], fixed, id=clients[0])
    ids = [one["id"] for one in (await api.ask(acme.keys["steward"], "{ actions { nodes { id } } }")).data["actions"]["nodes"]]
    many = "mutation($ids: [Long!]) { undoMany(actionIds: $ids) { items { actionId done error { code } } errors { code } } }"
    assert (await api.ask(acme.keys["steward"], UNDO, id=done["actionId"])).data["undo"]["errors"] == []
    items = (await api.ask(acme.keys["steward"], many, ids=ids)).data["undoMany"]["items"]
    assert items == [{"actionId": ids[0], "done": True, "error": None}, {"actionId": ids[1], "done": False, "error": {"code": "UNDONE_ALREADY"}}]


@pytest.mark.parametrize("role", ["reader", "system"])
async def test_only_stewards_merge_and_look_at_actions(api: Api, acme: Tenant, clients: tuple[str, str], role: str) -> None:
    assert [one["code"] for one in (await merged(api, acme, *clients, role=role))["errors"]] == ["FORBIDDEN"]
    for document in ("{ actions { totalCount } }", "{ action(id: 1) { id } }"):
        assert (await api.ask(acme.keys[role], document)).codes == ["FORBIDDEN"]
    assert (await api.ask(acme.keys[role], PREVIEW, survivor=clients[0], losers=[clients[1]])).codes == ["FORBIDDEN"]


async def test_as_of_shows_both_before_a_merge_one_after_it_and_both_after_its_undo(api: Api, acme: Tenant, clients: tuple[str, str]) -> None:
    now = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    before = await api.pool.fetchval(now)
    done = await merged(api, acme, *clients)
    between = await api.pool.fetchval(now)
    await api.ask(acme.keys["steward"], UNDO, id=done["actionId"])
    after = await api.pool.fetchval(now)
    api.app.state.services.instants.forget() if hasattr(api.app.state.services, "instants") else None
    ask = """query($at: DateTime!, $loser: ID!) { clients(asOf: $at, orderBy: [{field: NAME}]) { nodes { name contracts { totalCount } } } client(id: $loser, asOf: $at) { id name }
        named: clients(asOf: $at, filter: {name: {eq: "Acme Holding"}}) { totalCount } }"""
    both = [{"name": "Acme", "contracts": {"totalCount": 0}}, {"name": "Acme Holding", "contracts": {"totalCount": 1}}]
    for at, nodes, id, named in ((before, both, clients[1], 1), (between, [{"name": "Acme", "contracts": {"totalCount": 1}}], clients[0], 0), (after, both, clients[1], 1)):
        found = (await api.ask(acme.keys["reader"], ask, at=at, loser=clients[1])).data
        assert (found["clients"]["nodes"], found["client"]["id"], found["named"]["totalCount"]) == (nodes, id, named)
