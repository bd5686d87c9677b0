"""Merging golden records: what moves, what follows, what forbids it, and that it can all be taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.errors import RequestError
from hub.flows import replay, steward, undo
from hub.flows.actions import By
from hub.flows.merge import Merged, Picks, merge
from hub.flows.sequence import sequence
from hub.flows.split import keep_apart
from hub.store import forwards
from tests.flows.conftest import Hub

BO = By("bo", "c-1")


def of(system: str, object_: str, id_: str) -> dict[str, str]:
    return {"system": system, "object": object_, "id": id_}


async def joined(hub: Hub, survivor: UUID | None, *losers: UUID | None, picks: Picks | None = None, entity: str = "client") -> Merged:
    assert survivor is not None
    async with hub.transaction() as (tx, config):
        return await merge(tx, config, entity, survivor, [one for one in losers if one], BO, reason="the same", picks=picks)


async def undone(hub: Hub, action_id: int) -> undo.Undone:
    async with hub.transaction() as (tx, config):
        return await undo.undo(tx, config, action_id, BO)


async def redone(hub: Hub, action_id: int) -> undo.Undone:
    async with hub.transaction() as (tx, config):
        return await undo.redo(tx, config, action_id, BO)


async def holds(hub: Hub) -> None:
    """Golden is what ``f`` says."""
    async with hub.transaction() as (tx, config):
        assert [str(one) for one in (await replay.verify(tx, config)).differences] == []


@pytest.fixture
async def two(hub: Hub) -> tuple[UUID, UUID]:
    """Two clients, each with a record in crm and erp, a project and a contract of their own."""
    ids = []
    for at, name in (("1", "Acme"), ("2", "Acme Holding")):
        id_ = await hub.told("crm", "client", at, {"name": name, "phone": f"+4930123456{at}"})
        await hub.told("erp", "client", f"e{at}", {"name": name.upper(), "legal_name": f"{name} GmbH"}, crm=f"client:{at}")
        await hub.told("psa", "project", f"p{at}", {"code": f"P{at}", "name": f"Project {at}", "client": of("crm", "client", at)})
        await hub.told("crm", "contract", f"k{at}", {"contract_no": f"K{at}", "client": of("erp", "client", f"e{at}")})
        assert id_ is not None
        ids.append(id_)
    return ids[0], ids[1]


async def test_a_merge_moves_contributions_children_and_the_losers_id(hub: Hub, two: tuple[UUID, UUID]) -> None:
    survivor, loser = two
    done = await joined(hub, survivor, loser)
    assert (done.survivor, done.losers, done.children) == (survivor, (loser,), 2)
    assert {await hub.golden_id(system, "client", id_) for system, id_ in (("crm", "1"), ("crm", "2"), ("erp", "e1"), ("erp", "e2"))} == {survivor}
    assert await hub.rows("SELECT 1 FROM golden.client WHERE id = $1", loser) == []
    assert (await hub.values("client", survivor))["name"] == "Acme"
    for system, entity, id_ in (("psa", "project", "p2"), ("crm", "contract", "k2")):
        assert (await hub.values(entity, await hub.golden_id(system, entity, id_)))["client"] == str(survivor)
    async with hub.transaction() as (tx, config):
        assert await forwards.end_of(tx, config.tenant_id, loser) == survivor
    await holds(hub)


async def test_every_version_of_a_merge_has_its_instant_and_children_tell_no_business_event(hub: Hub, two: tuple[UUID, UUID]) -> None:
    survivor, loser = two
    before = await hub.rows("SELECT coalesce(max(id), 0) AS id FROM hub.change")
    done = await joined(hub, survivor, loser)
    rows = await hub.rows("SELECT entity, golden_id, op, cause, at, id_map FROM hub.change WHERE id > $1 ORDER BY entity, op", before[0]["id"])
    [decided] = await hub.rows("SELECT made_at FROM hub.decision WHERE id = $1", done.decision_ids[0])
    assert {row["at"] for row in rows} == {decided["made_at"]}
    id_map = [{"before": str(loser), "after": str(survivor)}]
    assert [(row["entity"], row["op"], row["cause"], row["id_map"]) for row in rows] == [
        ("client", "merge", "merge", id_map), ("client", "merge", "merge", id_map),
        ("contract", "update", "merge", None), ("project", "update", "merge", None),
    ]  # fmt: skip
    await sequence(hub.pool, hub.tenant)


async def test_undoing_a_merge_gives_back_fields_children_ids_and_links(hub: Hub, two: tuple[UUID, UUID]) -> None:
    before = await snapshot(hub)
    done = await joined(hub, *two)
    assert await snapshot(hub) != before
    assert (await undone(hub, done.action_id)).conflicts == ()
    assert await snapshot(hub) == before
    versions = await hub.rows("SELECT version, op FROM hub.change WHERE golden_id = $1 ORDER BY version", two[1])
    assert [(row["version"], row["op"]) for row in versions][-2:] == [(len(versions) - 1, "merge"), (len(versions), "split")]
    assert await hub.rows("SELECT 1 FROM hub.forward") == []
    await holds(hub)
    await redone(hub, done.action_id)
    assert await hub.golden_id("crm", "client", "2") == two[0]
    await undone(hub, done.action_id)
    assert await snapshot(hub) == before
    await holds(hub)


async def snapshot(hub: Hub) -> list[Any]:
    """Values, lineage, links, roles and match keys of everything, without versions and instants."""
    found: list[Any] = []
    for entity in ("client", "project", "contract"):
        for row in await hub.rows(f"SELECT id FROM golden.{entity} ORDER BY id"):
            golden = await hub.golden(entity, row["id"])
            found.append((entity, golden.id, golden.values, golden.lineage, golden.record_state))
    found.append(await hub.rows("SELECT id, golden_id, home_id, role, state FROM hub.source_record ORDER BY id"))
    found.append(await hub.rows("SELECT entity, key, golden_id FROM hub.match_key ORDER BY 1, 2, 3"))
    return found


async def test_merges_are_undone_in_any_order(hub: Hub) -> None:
    a, b, c = [await hub.told("crm", "client", str(n), {"name": f"Firm {n}"}) for n in range(3)]
    before = await snapshot(hub)
    first, second = await joined(hub, b, a), await joined(hub, c, b)
    assert await hub.golden_id("crm", "client", "0") == c
    await undone(hub, first.action_id)
    assert [await hub.golden_id("crm", "client", str(n)) for n in range(3)] == [a, c, c]
    await undone(hub, second.action_id)
    assert await snapshot(hub) == before
    await holds(hub)


async def test_a_pick_is_an_override_that_goes_with_its_merge(hub: Hub, two: tuple[UUID, UUID]) -> None:
    survivor, loser = two
    done = await joined(hub, survivor, loser, picks={"name": {"record": str(loser)}, "phone": {"record": str(survivor)}, "website": {"value": "https://acme.example"}})
    golden = await hub.golden("client", survivor)
    assert (golden.values["name"], golden.values["website"]) == ("Acme Holding", "https://acme.example")
    assert len(done.decision_ids) == 3, "what comes out by itself is not fixed"
    await undone(hub, done.action_id)
    assert (await hub.values("client", survivor))["name"] == "Acme"
    assert await hub.rows("SELECT 1 FROM hub.decision WHERE kind = 'override' AND withdrawn_at IS NULL") == []


async def test_two_records_of_one_system_leave_one_to_write_to_and_a_task_to_merge_them_there(hub: Hub, two: tuple[UUID, UUID]) -> None:
    await hub.pool.execute("UPDATE hub.system SET deep_links = $1 WHERE name = 'erp'", {"client": "https://erp.example/{id}"})
    done = await joined(hub, *two)
    roles = await hub.rows("SELECT external_id, role FROM hub.source_record WHERE entity = 'client' ORDER BY system, external_id")
    assert [tuple(row.values()) for row in roles] == [("1", "primary"), ("2", "alternate"), ("e1", "primary"), ("e2", "alternate")]
    [task] = await hub.rows("SELECT detail, remedy FROM hub.task WHERE cause = 'merge_at_source' AND system = 'erp' AND state = 'open'")
    assert task["detail"]["links"] == {"e1": "https://erp.example/e1", "e2": "https://erp.example/e2"}
    assert (task["detail"]["primary"], task["detail"]["alternates"]) == ("e1", ["e2"])
    await undone(hub, done.action_id)
    assert await hub.rows("SELECT 1 FROM hub.task WHERE cause = 'merge_at_source' AND state = 'open'") == []


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ({"tax_registrations": [{"country": "DE", "scheme": "vat", "number": "DE136695976"}]},
         {"tax_registrations": [{"country": "DE", "scheme": "vat", "number": "DE811569869"}]}, "two different tax numbers of DE"),
        ({"registration_no": "HRB 1", "country": "DE"}, {"registration_no": "HRB 2", "country": "DE"}, "registration numbers"),
        ({"kind": "pseudo"}, {}, "pseudo client"),
        ({}, {"kind": "intercompany"}, "own legal entities"),
    ],
)  # fmt: skip
async def test_a_veto_refuses_a_merge_and_says_why(hub: Hub, left: dict[str, Any], right: dict[str, Any], kind: str) -> None:
    a = await hub.told("erp", "client", "1", {"name": "Acme", **left})
    b = await hub.told("erp", "client", "2", {"name": "Acme South", **right})
    with pytest.raises(RequestError, match=kind) as refused:
        await joined(hub, a, b)
    assert refused.value.code == "VETOED"
    assert await hub.rows("SELECT 1 FROM hub.decision WHERE kind = 'merge'") == []


async def test_what_somebody_said_is_not_the_same_is_not_merged_wherever_it_goes(hub: Hub) -> None:
    a, b, c = [await hub.told("crm", "client", str(n), {"name": f"Firm {n}"}) for n in range(3)]
    assert a and b and c
    async with hub.transaction() as (tx, config):
        await keep_apart(tx, config, "client", [a, b], BO, reason="sisters")
    await joined(hub, c, b)
    with pytest.raises(RequestError, match="bo said that they are not the same: sisters"):
        await joined(hub, a, c)


async def test_a_parent_and_its_subsidiary_are_not_merged(hub: Hub, two: tuple[UUID, UUID]) -> None:
    edge = {"from_client": of("crm", "client", "2"), "to_client": of("crm", "client", "1"), "kind": "legal_parent"}
    await hub.told("erp", "client_relationship", "r", edge)
    with pytest.raises(RequestError, match="stands above the other"):
        await joined(hub, *two)


async def test_documents_accounts_and_reference_data_are_never_merged(hub: Hub) -> None:
    for entity in ("invoice", "billing_account", "currency", "time_entry"):
        with pytest.raises(RequestError) as refused:
            await joined(hub, UUID(int=1), UUID(int=2), entity=entity)
        assert refused.value.code == "NOT_MERGEABLE"


async def test_later_edits_stay_when_a_merge_is_undone_and_are_told(hub: Hub, two: tuple[UUID, UUID]) -> None:
    survivor, loser = two
    done = await joined(hub, survivor, loser)
    await hub.told("crm", "client", "2", {"name": "Acme Holding AG"})
    await hub.told("bill", "client", "b9", {"name": "Acme"}, crm="client:1")
    async with hub.transaction() as (tx, config):
        await steward.override(tx, config, "client", loser, "phone", "+4930999999", BO, reason="new switchboard")
    back = await undone(hub, done.action_id)
    assert sorted((one.kind, one.field) for one in back.conflicts) == [("linked_since", ""), ("override_since", "phone")]
    assert (await hub.values("client", loser))["name"] == "Acme Holding AG"
    assert (await hub.values("client", survivor))["phone"] == "+4930999999"
    assert await hub.golden_id("bill", "client", "b9") == survivor
    assert [cause for cause, *_ in await hub.tasks()].count("split_conflict") == 2


async def test_an_action_is_undone_once_and_not_after_its_time(hub: Hub, two: tuple[UUID, UUID]) -> None:
    done = await joined(hub, *two)
    await hub.pool.execute("UPDATE hub.action SET made_at = now() - interval '91 days'")
    with pytest.raises(RequestError) as refused:
        await undone(hub, done.action_id)
    assert refused.value.code == "TOO_LATE"
    await hub.pool.execute("UPDATE hub.action SET made_at = now()")
    await undone(hub, done.action_id)
    with pytest.raises(RequestError) as refused:
        await undone(hub, done.action_id)
    assert refused.value.code == "UNDONE_ALREADY"


async def test_withdrawing_the_decision_of_a_merge_undoes_its_action(hub: Hub, two: tuple[UUID, UUID]) -> None:
    done = await joined(hub, *two)
    async with hub.transaction() as (tx, config):
        await steward.withdraw(tx, config, done.decision_ids[0], BO)
    assert await hub.golden_id("crm", "client", "2") == two[1]
    [action] = await hub.rows("SELECT undone_by FROM hub.action WHERE id = $1", done.action_id)
    assert action["undone_by"] == "bo"
    await redone(hub, done.action_id)
    assert await hub.golden_id("crm", "client", "2") == two[0]
    await holds(hub)


async def test_a_record_that_names_a_merged_one_by_our_id_belongs_to_what_stands_for_it(hub: Hub) -> None:
    one, other = [await hub.told("crm", "client", at, {"name": f"Nordwind {at}"}) for at in ("1", "2")]
    assert await hub.told("erp", "client", "76", {"name": "Nordwind 1"}, hub=f":{one}") == one
    done = await joined(hub, one, other)
    assert await hub.told("erp", "client", "77", {"name": "Nordwind 2"}, hub=f":{other}") == one
    assert [cause for cause, *_ in await hub.tasks()] == ["merge_at_source"]
    roles = "SELECT external_id, role FROM hub.source_record WHERE tenant_id = $1 AND system = 'erp' ORDER BY 1"
    assert [tuple(row.values()) for row in await hub.rows(roles, hub.tenant)] == [("76", "primary"), ("77", "alternate")]
    assert not (await undone(hub, done.action_id)).conflicts
    assert [await hub.golden_id("erp", "client", at) for at in ("76", "77")] == [one, other]
    await holds(hub)


async def test_what_names_the_survivor_is_not_turned_away_by_what_named_the_merged_one(hub: Hub) -> None:
    one, other = [await hub.told("crm", "client", at, {"name": f"Nordwind {at}"}) for at in ("1", "2")]
    await joined(hub, one, other)
    assert await hub.told("erp", "client", "77", {"name": "Nordwind 2"}, hub=f":{other}") == one
    assert await hub.told("erp", "client", "76", {"name": "Nordwind 1"}, hub=f":{one}") == one
    assert {cause for cause, *_ in await hub.tasks()} == {"merge_at_source"}
