"""Proposals and members over GraphQL: what one person may not do alone waits, and is done as another approves it."""

from __future__ import annotations

from typing import Any

import pytest

from hub.flows.tenants import give_key
from tests.api.conftest import Api, Tenant
from tests.api.test_mutations import ingest, record

OVERRIDE = """mutation($id: ID!, $field: String!, $value: JSON, $dry: Boolean = false) {
    override(entity: "client", id: $id, field: $field, value: $value, reason: "as registered", dryRun: $dry) {
        decisionId record { version } proposal { id risk state subject diff author needed mayVote } errors { code message } } }"""
VOTE = """mutation($id: Long!) { approve(id: $id) {
    proposal { state settledBy moved votes { vote member { name } teams } records { ... on Client { legalName } } } errors { code retryable remedy } } }"""


@pytest.fixture
async def firm(api: Api) -> Tenant:
    """Ann decides with the steward's key, Bob with another, Cat is of finance; the reader's key is Rita's."""
    tenant = await api.tenant("four")
    for name in ("bob", "cat"):
        tenant.keys[name] = await give_key(api.pool, tenant.slug, "steward", name)
    for name, actor, team in (
        ("Ann", "steward:steward", "data_stewards"), ("Bob", "steward:bob", "data_stewards"), ("Cat", "steward:cat", "finance_operations"),
        ("Rita", "reader:reader", "pmo"),
    ):  # fmt: skip
        made = await api.ask(
            tenant.keys["admin"], "mutation($n: String!, $a: [String!], $t: [String!]) { putMember(name: $n, actors: $a, teams: $t) { member { name teams actors } errors { code } } }",
            n=name, a=[actor], t=[team],
        )  # fmt: skip
        assert made.data["putMember"] == {"member": {"name": name, "teams": [team], "actors": [actor]}, "errors": []}
    return tenant


@pytest.fixture
async def client(api: Api, firm: Tenant) -> str:
    [row] = await ingest(api, firm, record("A1", name="ACME", legal_name="ACME Ltd"))
    return str(row["recordId"])


async def asked(api: Api, firm: Tenant, client: str, role: str = "steward", **more: Any) -> dict[str, Any]:
    given = {"id": client, "field": "legalName", "value": "ACME Limited", **more}
    return dict((await api.ask(firm.keys[role], OVERRIDE, **given)).data["override"])


async def test_a_risky_override_answers_a_proposal_and_does_nothing_else(api: Api, firm: Tenant, client: str) -> None:
    answer = await asked(api, firm, client)
    fields = [{"field": "legal_name", "before": "ACME Ltd", "after": "ACME Limited"}]
    proposal = dict(answer["proposal"])
    number = proposal.pop("id")
    assert {**answer, "proposal": proposal} == {
        "decisionId": None, "record": None, "errors": [],
        "proposal": {
            "risk": "R2", "state": "open", "subject": "client.legal_name by hand", "author": "steward:steward", "needed": 1, "mayVote": False,
            "diff": {"records": [{"entity": "client", "id": client, "op": "update", "fields": fields}]},
        },
    }  # fmt: skip
    own = (await api.ask(firm.keys["steward"], VOTE, id=number)).data["approve"]
    assert own["proposal"] is None and [one["code"] for one in own["errors"]] == ["AUTHOR"]
    done = (await api.ask(firm.keys["bob"], VOTE, id=number)).data["approve"]
    assert done == {
        "proposal": {
            "state": "approved", "settledBy": "steward:bob", "moved": None, "records": [{"legalName": "ACME Limited"}],
            "votes": [{"vote": "approve", "member": {"name": "Bob"}, "teams": ["data_stewards"]}],
        },
        "errors": [],
    }  # fmt: skip


async def test_a_dry_run_of_a_risky_override_leaves_no_proposal(api: Api, firm: Tenant, client: str) -> None:
    assert (await asked(api, firm, client, dry=True))["errors"] == []
    listed = await api.ask(firm.keys["steward"], "{ proposals { totalCount } }")
    assert listed.data["proposals"] == {"totalCount": 0}


async def test_a_stale_proposal_is_an_error_with_what_moved_and_is_asked_anew(api: Api, firm: Tenant, client: str) -> None:
    number = (await asked(api, firm, client))["proposal"]["id"]
    await ingest(api, firm, record("A1", name="ACME", legal_name="ACME plc"))
    late = (await api.ask(firm.keys["bob"], VOTE, id=number)).data["approve"]
    assert [(one["code"], one["remedy"]) for one in late["errors"]] == [("STALE", "Look at what moved, then renew the proposal.")]
    [moved] = late["proposal"]["moved"]
    assert (late["proposal"]["state"], moved["approved"]["before"], moved["now"]["before"]) == ("stale", "ACME Ltd", "ACME plc")
    renew = "mutation($id: Long!) { renewProposal(id: $id) { proposal { id state replacesId author } errors { code } } }"
    anew = (await api.ask(firm.keys["steward"], renew, id=number)).data["renewProposal"]
    assert {**anew["proposal"], "id": ""} == {"id": "", "state": "open", "replacesId": number, "author": "steward:steward"}
    assert (await api.ask(firm.keys["cat"], VOTE, id=anew["proposal"]["id"])).data["approve"]["proposal"]["state"] == "approved"


async def test_who_may_read_proposes_and_sees_their_own_only(api: Api, firm: Tenant, client: str) -> None:
    mine = await asked(api, firm, client, "reader", field="name", value="ACME!")
    await asked(api, firm, client)
    assert (mine["errors"], mine["proposal"]["risk"], mine["proposal"]["author"]) == ([], "R1", "reader:reader")
    listed = (await api.ask(firm.keys["reader"], "{ proposals { nodes { id } } }")).data["proposals"]["nodes"]
    assert listed == [{"id": mine["proposal"]["id"]}]
    vote = (await api.ask(firm.keys["reader"], VOTE, id=mine["proposal"]["id"])).data["approve"]
    assert [one["code"] for one in vote["errors"]] == ["FORBIDDEN"]
    assert (await api.ask(firm.keys["cat"], VOTE, id=mine["proposal"]["id"])).data["approve"]["proposal"]["state"] == "approved"


async def test_a_reader_nobody_knows_may_not_even_propose(api: Api, acme: Tenant) -> None:
    [row] = await ingest(api, acme, record("A1", name="ACME"))
    answer = (await api.ask(acme.keys["reader"], OVERRIDE, id=row["recordId"], field="name", value="x")).data["override"]
    assert [one["code"] for one in answer["errors"]] == ["FORBIDDEN"]


async def test_a_change_set_waits_as_one_and_names_what_cannot_be(api: Api, firm: Tenant, client: str) -> None:
    ask = """mutation($c: [ChangeInput!]!) { changeSet(changes: $c, reason: "one letter") { proposal { id subject diff } errors { code field message } } }"""
    changes = [{"entity": "client", "id": client, "field": name, "value": value} for name, value in (("name", "ACME!"), ("legalName", "ACME Limited"))]
    wrong = (await api.ask(firm.keys["steward"], ask, c=[*changes, {"entity": "client", "id": client, "field": "shoe"}])).data["changeSet"]
    assert [(one["code"], one["field"]) for one in wrong["errors"]] == [("UNKNOWN_FIELD", "changes[2].field")]
    waits = (await api.ask(firm.keys["steward"], ask, c=changes)).data["changeSet"]["proposal"]
    assert [one["field"] for one in waits["diff"]["records"][0]["fields"]] == ["legal_name", "name"]
    await api.ask(firm.keys["bob"], VOTE, id=waits["id"])
    shown = await api.ask(firm.keys["reader"], "query($id: ID!) { client(id: $id) { name legalName version } }", id=client)
    assert shown.data["client"] == {"name": "ACME!", "legalName": "ACME Limited", "version": 2}


async def test_policy_needs_two_teams_and_refusing_says_why(api: Api, firm: Tenant) -> None:
    document = {"fields": [{"entity": "client", "field": "segment", "owner": ["erp"]}]}
    made = await api.ask(firm.keys["admin"], 'mutation($d: JSON!) { setPolicy(document: $d, reason: "books") { count proposal { id risk } errors { code } } }', d=document)
    waits = made.data["setPolicy"]
    assert (waits["count"], waits["proposal"]["risk"], waits["errors"]) == (None, "R3", [])
    said = await api.ask(firm.keys["admin"], 'mutation { putMember(name: "Ada", actors: ["admin:admin"], teams: ["data_stewards"]) { errors { code } } }')
    assert said.data["putMember"]["errors"] == []
    codes = [one["code"] for one in (await api.ask(firm.keys["bob"], VOTE, id=waits["proposal"]["id"])).data["approve"]["errors"]]
    assert codes == ["SAME_TEAM"]
    refuse = 'mutation($id: Long!) { refuse(id: $id, reason: "not in December") { proposal { state resolution } errors { code } } }'
    refused = (await api.ask(firm.keys["cat"], refuse, id=waits["proposal"]["id"])).data["refuse"]
    assert refused == {"proposal": {"state": "refused", "resolution": "not in December"}, "errors": []}


async def test_a_proposal_of_another_tenant_is_not_there(api: Api, firm: Tenant, client: str, acme: Tenant) -> None:
    number = (await asked(api, firm, client))["proposal"]["id"]
    seen = await api.ask(acme.keys["steward"], "query($id: Long!) { proposal(id: $id) { id } proposals { totalCount } members { name } }", id=number)
    assert seen.data == {"proposal": None, "proposals": {"totalCount": 0}, "members": []}
    vote = (await api.ask(acme.keys["steward"], VOTE, id=number)).data["approve"]
    assert [one["code"] for one in vote["errors"]] == ["NOT_FOUND"]
