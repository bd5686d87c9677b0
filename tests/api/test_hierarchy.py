"""Clients in trees: one tree per kind of relationship, read on a day, with what hangs on all of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Api, Tenant

TREE = """query Tree($id: ID!, $kind: String!, $on: Date, $first: Int = 50, $after: ID) { client(id: $id) {
    parent(kind: $kind, on: $on) { name share validFrom client { name } hasChildren }
    children(kind: $kind, on: $on, first: $first, after: $after) { nodes { name clientId hasChildren } hasMore }
    root(kind: $kind, on: $on) { depth client { name } path { name } }
    rollUp(kind: $kind, on: $on) { clients isComplete receivables { amount currency } unbilled { amount currency } activeProjects contracts }
    trees(on: $on) { kind children hasParent } } }"""


async def tree(api: Api, tenant: Tenant, id: UUID, kind: str = "legal_parent", role: str = "reader", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(tenant.keys[role], TREE, id=str(id), kind=kind, **more)).data["client"]
    return found


async def edge(api: Api, tenant: Tenant, child: UUID, parent: UUID, kind: str = "legal_parent", **more: Any) -> UUID:
    """An edge as CRM stated it."""
    made = await api.golden(tenant, "client_relationship", from_client=str(child), to_client=str(parent), kind=kind, **more)
    stated = {"from_client": {"id": str(child)}, "to_client": {"id": str(parent)}, "kind": kind, **more}
    await api.source(tenant, "crm", f"{child}-{kind}-{parent}", "client_relationship", made, **stated)
    return made


@pytest.fixture
async def group(api: Api, acme: Tenant) -> dict[str, UUID]:
    """Holding ← Northbeam ← Northbeam Bau and Northbeam IT; Northbeam pays through Kasse."""
    made = {name: await api.golden(acme, "client", name=name) for name in ("Holding", "Northbeam", "Northbeam IT", "Northbeam Bau", "Kasse")}
    await edge(api, acme, made["Northbeam"], made["Holding"], share="80", valid_from="2025-01-01")
    await edge(api, acme, made["Northbeam IT"], made["Northbeam"])
    await edge(api, acme, made["Northbeam Bau"], made["Northbeam"], valid_to="2026-03-31")
    await edge(api, acme, made["Northbeam"], made["Kasse"], "payer")
    return made


async def test_each_kind_is_a_tree_of_its_own(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    found = await tree(api, acme, group["Northbeam"], on="2026-03-01")
    assert found["parent"] == {"name": "Holding", "share": "80", "validFrom": "2025-01-01", "client": {"name": "Holding"}, "hasChildren": None}
    assert [one["name"] for one in found["children"]["nodes"]] == ["Northbeam Bau", "Northbeam IT"]
    assert found["trees"] == [{"kind": "legal_parent", "children": 2, "hasParent": True}, {"kind": "payer", "children": 0, "hasParent": True}]
    assert (await tree(api, acme, group["Northbeam"], "payer"))["parent"]["name"] == "Kasse"
    assert (await tree(api, acme, group["Holding"]))["parent"] is None


async def test_an_edge_counts_from_its_first_to_its_last_day(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    async def names(day: str) -> list[str]:
        return [one["name"] for one in (await tree(api, acme, group["Northbeam"], on=day))["children"]["nodes"]]

    assert (await names("2026-03-31"), await names("2026-04-01")) == (["Northbeam Bau", "Northbeam IT"], ["Northbeam IT"])
    assert (await tree(api, acme, group["Northbeam"], on="2024-12-31"))["parent"] is None


async def test_the_way_to_the_top_is_told_step_by_step(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    assert (await tree(api, acme, group["Northbeam IT"]))["root"] == {
        "depth": 2, "client": {"name": "Holding"}, "path": [{"name": "Northbeam IT"}, {"name": "Northbeam"}, {"name": "Holding"}],
    }  # fmt: skip
    assert (await tree(api, acme, group["Kasse"]))["root"] == {"depth": 0, "client": {"name": "Kasse"}, "path": [{"name": "Kasse"}]}


async def test_a_tree_adds_up_what_hangs_on_its_clients_and_never_over_currencies(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    for name, amount, currency, state in (
        ("Holding", "10.00", "EUR", "issued"), ("Northbeam IT", "5.50", "EUR", "posted"), ("Northbeam IT", "7", "JPY", "part_paid"),
        ("Northbeam IT", "99.00", "EUR", "paid"), ("Kasse", "1000.00", "EUR", "issued"),
    ):  # fmt: skip
        await api.golden(acme, "invoice", client=str(group[name]), currency=currency, open_amount={"amount": amount, "currency": currency}, state=state)
    await api.golden(acme, "credit_memo", client=str(group["Holding"]), currency="EUR", open_amount={"amount": "-2.00", "currency": "EUR"}, state="issued")
    project = await api.golden(acme, "project", client=str(group["Northbeam Bau"]), code="P", name="P", state="active")
    for state in ("open", "ready", "invoiced"):
        await api.golden(acme, "billable_item", project=str(project), amount={"amount": "3.00", "currency": "USD"}, state=state)
    await api.golden(acme, "contract", client=str(group["Northbeam"]), contract_no="C", state="signed")
    assert (await tree(api, acme, group["Holding"], on="2026-03-01"))["rollUp"] == {
        "clients": 4, "isComplete": True, "receivables": [{"amount": "13.50", "currency": "EUR"}, {"amount": "7", "currency": "JPY"}],
        "unbilled": [{"amount": "6.00", "currency": "USD"}], "activeProjects": 1, "contracts": 1,
    }  # fmt: skip


async def test_children_are_read_page_by_page(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    page = (await tree(api, acme, group["Northbeam"], on="2026-03-01", first=1))["children"]
    assert ([one["name"] for one in page["nodes"]], page["hasMore"]) == (["Northbeam Bau"], True)
    rest = (await tree(api, acme, group["Northbeam"], on="2026-03-01", first=1, after=page["nodes"][0]["clientId"]))["children"]
    assert ([one["name"] for one in rest["nodes"]], rest["hasMore"]) == (["Northbeam IT"], False)


async def test_a_circle_that_got_in_anyhow_ends_every_walk(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    await edge(api, acme, group["Holding"], group["Northbeam IT"])
    found = await tree(api, acme, group["Holding"])
    assert (found["root"]["depth"], found["rollUp"]["clients"]) == (2, 3)


async def test_a_list_of_clients_reads_their_trees_together(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    """A thousand clients shall not be a thousand statements: what one level asks for is loaded at once."""
    asked = '{ clients(orderBy: [{field: NAME}]) { nodes { name parent(kind: "legal_parent", on: "2026-03-01") { name } rollUp(kind: "legal_parent", on: "2026-03-01") { clients } } } }'
    found = (await api.ask(acme.keys["reader"], asked)).data["clients"]["nodes"]
    assert [(one["name"], (one["parent"] or {}).get("name"), one["rollUp"]["clients"]) for one in found] == [
        ("Holding", None, 4), ("Kasse", None, 1), ("Northbeam", "Holding", 3), ("Northbeam Bau", "Northbeam", 1), ("Northbeam IT", "Northbeam", 1),
    ]  # fmt: skip


async def test_a_kind_that_does_not_exist_and_an_instant_are_refused_with_a_reason(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    asked = "query($id: ID!, $kind: String!) { client(id: $id) { parent(kind: $kind) { name } } }"
    assert (await api.ask(acme.keys["reader"], asked, id=str(group["Kasse"]), kind="friend")).codes == ["BAD_INPUT"]
    then = 'query($id: ID!) { client(id: $id, asOf: "2026-06-01T00:00:00Z") { parent(kind: "payer") { name } } }'
    assert (await api.ask(acme.keys["reader"], then, id=str(group["Kasse"]))).codes == ["BAD_INPUT"]


MOVE = """mutation Move($client: ID!, $parent: ID, $kind: String = "legal_parent", $since: Date, $reason: String = "bought", $dry: Boolean = false) {
    moveClient(client: $client, parent: $parent, kind: $kind, since: $since, reason: $reason, dryRun: $dry) {
        actionId record { id } proposal { id risk state } errors { code message field remedy } } }"""


async def alone(api: Api, tenant: Tenant) -> None:
    """One person decides: nobody else has to approve."""
    await api.pool.execute("""UPDATE hub.tenant SET settings = settings || '{"approvals": {"fourEyes": false}}', config_version = config_version + 1 WHERE id = $1""", tenant.id)


async def move(api: Api, tenant: Tenant, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(tenant.keys["steward"], MOVE, **{name: str(one) if isinstance(one, UUID) else one for name, one in given.items()})).data["moveClient"]
    return found


async def test_a_client_moves_on_a_day_and_the_tree_before_it_stays_as_it_was(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    await alone(api, acme)
    done = await move(api, acme, client=group["Northbeam"], parent=group["Kasse"], since="2026-04-01")
    assert (done["errors"], done["proposal"], done["record"]) == ([], None, {"id": str(group["Northbeam"])})
    parents = {day: (await tree(api, acme, group["Northbeam"], on=day))["parent"]["name"] for day in ("2026-03-31", "2026-04-01")}
    assert parents == {"2026-03-31": "Holding", "2026-04-01": "Kasse"}
    assert (await tree(api, acme, group["Northbeam"], "payer"))["parent"]["name"] == "Kasse"


async def test_a_move_is_undone_as_if_it_had_never_been_made(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    await alone(api, acme)
    before = await tree(api, acme, group["Holding"], on="2026-04-01")
    done = await move(api, acme, client=group["Northbeam"], parent=group["Kasse"], since="2026-04-01")
    assert (await tree(api, acme, group["Holding"], on="2026-04-01")) != before
    undo = "mutation($id: Long!) { undo(actionId: $id) { errors { code message } } }"
    assert (await api.ask(acme.keys["steward"], undo, id=done["actionId"])).data["undo"]["errors"] == []
    assert await tree(api, acme, group["Holding"], on="2026-04-01") == before
    assert (await tree(api, acme, group["Kasse"], on="2026-04-01"))["children"]["nodes"] == []


async def test_a_client_leaves_its_tree_for_the_top_of_its_own(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    await alone(api, acme)
    assert (await move(api, acme, client=group["Northbeam IT"], since="2026-04-01"))["errors"] == []
    assert (await tree(api, acme, group["Northbeam IT"], on="2026-04-01"))["parent"] is None


async def test_a_move_waits_for_a_second_person_and_changes_nothing_before(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    done = await move(api, acme, client=group["Northbeam"], parent=group["Kasse"], since="2026-04-01")
    assert (done["errors"], done["proposal"]["risk"], done["proposal"]["state"]) == ([], "R2", "open")
    assert (await tree(api, acme, group["Northbeam"], on="2026-04-01"))["parent"]["name"] == "Holding"


async def test_a_move_that_would_close_a_circle_is_refused_with_the_way_round(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    done = await move(api, acme, client=group["Holding"], parent=group["Northbeam IT"], since="2026-04-01")
    [error] = done["errors"]
    assert (error["code"], error["message"]) == ("CYCLE", "it would close a circle: Northbeam IT → Northbeam → Holding → Northbeam IT")
    assert error["remedy"] == "Move the upper one out first, or choose another parent."


@pytest.mark.parametrize(
    ("given", "code"),
    [({"parent": "Holding"}, "NO_CHANGE"), ({"parent": "Kasse", "kind": "friend"}, "INVALID_VALUE"), ({"parent": "Kasse", "reason": " "}, "REASON_REQUIRED"),
     ({"parent": "Northbeam"}, "CYCLE")],
)  # fmt: skip
async def test_a_move_nobody_can_make_says_why(api: Api, acme: Tenant, group: dict[str, UUID], given: dict[str, Any], code: str) -> None:
    done = await move(api, acme, client=group["Northbeam"], **given | {"parent": group[given["parent"]]})
    assert [one["code"] for one in done["errors"]] == [code]


async def test_sister_companies_become_one_group_without_being_merged(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    document = """mutation($head: ID!, $clients: [ID!]!) { sameGroup(head: $head, clients: $clients, kind: "sales_parent", reason: "sisters") {
        proposal { id } errors { code message } } }"""
    members = [str(group[name]) for name in ("Northbeam", "Northbeam IT", "Northbeam Bau")]
    done = (await api.ask(acme.keys["steward"], document, head=members[0], clients=members)).data["sameGroup"]
    assert done == {"proposal": None, "errors": []}
    below = (await tree(api, acme, group["Northbeam"], "sales_parent"))["children"]["nodes"]
    assert [one["name"] for one in below] == ["Northbeam Bau", "Northbeam IT"]
    again = (await api.ask(acme.keys["steward"], document, head=members[0], clients=members)).data["sameGroup"]
    assert [one["code"] for one in again["errors"]] == ["NO_CHANGE"]
