"""What came early finds what comes late: one test a mistake that a random history once found."""

from __future__ import annotations

from hub.core.records import SourceKey
from hub.flows import replay, steward
from hub.flows.steward import By
from hub.store import configuration, crosswalk
from hub.store.crosswalk import Written
from hub.store.ids import new_id
from tests.flows.conftest import Hub


async def test_a_record_that_waits_for_two_others_is_computed_once_when_both_come_together(hub: Hub) -> None:
    refs = {name: {"system": "psa", "object": name, "id": "1"} for name in ("resource", "project")}
    entry = await hub.told("psa", "time_entry", "t", {**refs, "work_date": "2026-05-04", "quantity": {"value": "2", "unit": "hour"}})
    await hub.tell("psa", "resource", "1", {"given_name": "Bo", "family_name": "Ek"})
    await hub.tell("psa", "project", "1", {"code": "P1", "name": "Rollout"})
    await hub.settle()
    assert (await hub.golden("time_entry", entry)).version == 1
    assert await hub.tasks() == []


async def test_a_declared_link_is_followed_when_both_records_come_in_one_batch(hub: Hub) -> None:
    await hub.tell("psa", "client", "9", {"name": "Acme"}, erp="client:C-1")
    await hub.tell("erp", "client", "C-1", {"name": "ACME"}, crm="client:001")
    await hub.tell("crm", "client", "001", {"name": "Acme"})
    await hub.settle()
    assert len({await hub.golden_id("psa", "client", "9"), await hub.golden_id("erp", "client", "C-1"), await hub.golden_id("crm", "client", "001")}) == 1
    assert await hub.tasks() == []


async def test_records_that_name_each_other_in_one_batch_are_one(hub: Hub) -> None:
    await hub.tell("erp", "client", "C-1", {"name": "ACME"}, crm="client:001")
    await hub.tell("crm", "client", "001", {"name": "Acme"}, erp="client:C-1")
    await hub.settle()
    assert await hub.golden_id("erp", "client", "C-1") == await hub.golden_id("crm", "client", "001")


async def test_several_messages_of_one_version_are_all_applied_and_a_late_one_keeps_its_own_outcome(hub: Hub) -> None:
    await hub.tell("crm", "client", "1", {"name": "Acme", "phone": "+493012345678"}, version="2")
    await hub.tell("erp", "client", "2", {"legal_name": "ACME GmbH"}, crm="client:1")
    await hub.settle()
    assert await hub.rows("SELECT * FROM hub.inbox_outcome") == []
    [late] = await hub.tell("crm", "client", "1", {"name": "Old"}, version="1")
    [other] = await hub.tell("crm", "client", "1", {"city": "Graz"}, version="1")
    await hub.settle()
    assert await hub.rows("SELECT inbox_id, outcome FROM hub.inbox_outcome") == [{"inbox_id": late.id, "outcome": "stale"}]
    assert [row["message_id"] for row in await hub.rows("SELECT message_id FROM hub.change ORDER BY id")][-1] == other.id


async def test_two_records_of_one_system_that_name_the_same_one_in_a_batch_are_a_task(hub: Hub) -> None:
    await hub.tell("crm", "client", "1", {"name": "Acme"})
    for number in ("7", "8"):
        await hub.tell("erp", "client", number, {"name": "Acme"}, crm="client:1")
    await hub.settle()
    crm = await hub.golden_id("crm", "client", "1")
    assert [await hub.golden_id("erp", "client", number) == crm for number in ("7", "8")] == [True, False]
    assert [cause for cause, *_ in await hub.tasks()] == ["ambiguous"]


async def test_a_link_to_a_record_that_others_await_already_is_found_by_it(hub: Hub) -> None:
    client = {"system": "crm", "object": "client", "id": "1"}
    contact = await hub.told("crm", "contact", "9", {"family_name": "Holm", "client": client})
    erp = await hub.told("erp", "client", "C-1", {"name": "ACME"}, crm="client:1")
    assert (await hub.values("contact", contact))["client"] == str(erp)
    assert await hub.told("crm", "client", "1", {"name": "Acme"}) == erp


async def test_a_child_finds_its_parent_when_the_parent_joins_a_record_that_stands_already(hub: Hub) -> None:
    crm = await hub.told("crm", "client", "1", {"name": "Acme"})
    contact = await hub.told("crm", "contact", "9", {"family_name": "Holm", "client": {"system": "erp", "object": "client", "id": "C-1"}})
    assert "client" not in await hub.values("contact", contact)
    await hub.told("erp", "client", "C-1", {"name": "ACME"}, crm="client:1")
    assert (await hub.values("contact", contact))["client"] == str(crm)
    assert await hub.rows("SELECT 1 FROM hub.awaiting") == []


async def test_children_follow_a_record_that_a_person_moves_to_another_golden_record(hub: Hub) -> None:
    crm = await hub.told("crm", "client", "1", {"name": "Acme"})
    await hub.told("erp", "client", "C-1", {"name": "ACME"}, crm="client:1")
    contact = await hub.told("crm", "contact", "9", {"family_name": "Holm", "client": {"system": "erp", "object": "client", "id": "C-1"}})
    engagement = {"code": "E1", "projects": [{"system": "erp", "object": "project", "id": "p"}]}
    listing = await hub.told("psa", "engagement", "e", engagement)
    project = await hub.told("psa", "project", "P", {"name": "Rollout"})
    await hub.told("erp", "project", "p", {"name": "ROLLOUT"}, psa="project:P")
    assert (await hub.values("contact", contact))["client"] == str(crm)
    assert (await hub.values("engagement", listing))["projects"] == [str(project)]
    moved = {"client": new_id(), "project": new_id()}
    async with hub.transaction() as (tx, config):
        for entity, id_, name in (("client", "C-1", "erp"), ("project", "p", "erp")):
            await steward.unlink(tx, config, SourceKey(name, entity, id_, entity), moved[entity], "another one", By("bo"))
    await hub.settle()
    assert (await hub.values("contact", contact))["client"] == str(moved["client"])
    assert (await hub.values("engagement", listing))["projects"] == [str(moved["project"])]
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []


async def test_a_name_finds_its_bearer_late_and_means_nobody_once_two_bear_it(hub: Hub) -> None:
    mappings = [
        {"object": "customer", "entity": "client", "fields": {"name": "name"}},
        {"object": "person", "entity": "contact", "fields": {"family_name": "last", "client": {"path": "firm", "reference": {"object": "customer", "by": "name"}}}},
    ]
    async with hub.pool.acquire() as tx, tx.transaction():
        await configuration.put_mapping(tx, hub.tenant, "crm", {"mappings": mappings})
    contact = await hub.told("crm", "person", "9", {"last": "Holm", "firm": "Acme  Ltd"})
    await hub.told("crm", "customer", "1", {"name": "Zeta"})
    assert "client" not in await hub.values("contact", contact)
    client = await hub.told("crm", "customer", "1", {"name": "ACME Ltd"})
    assert (await hub.values("contact", contact))["client"] == str(client)
    await hub.told("crm", "customer", "2", {"name": "Acme Ltd"})
    assert "client" not in await hub.values("contact", contact)
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []


async def test_two_systems_that_name_the_same_unseen_record_in_one_batch_are_one(hub: Hub) -> None:
    await hub.tell("psa", "client", "9", {"name": "Acme"}, crm="client:1")
    await hub.tell("erp", "client", "C-1", {"name": "Acme AG"}, crm="client:1")
    await hub.settle()
    assert await hub.golden_id("psa", "client", "9") == await hub.golden_id("erp", "client", "C-1")
    assert await hub.told("crm", "client", "1", {"name": "Acme"}) == await hub.golden_id("psa", "client", "9")
    assert len(await hub.rows("SELECT 1 FROM golden.client")) == 1


async def test_a_delete_that_comes_before_its_record_keeps_what_was_said_earlier_from_reviving_it(hub: Hub) -> None:
    await hub.told("crm", "client", "1", None, version="5")
    await hub.told("crm", "client", "1", {"name": "Acme"}, version="4")
    assert await hub.rows("SELECT 1 FROM golden.client") == []
    assert [row["outcome"] for row in await hub.rows("SELECT outcome FROM hub.inbox_outcome ORDER BY inbox_id")] == ["waiting", "waiting"]
    client = await hub.told("crm", "client", "1", {"phone": "+493012345678"}, version="6")
    assert await hub.values("client", client) == {"name": "Acme", "phone": "+493012345678"}


async def test_a_link_told_by_a_late_older_message_is_followed_when_no_newer_one_told_any(hub: Hub) -> None:
    crm = await hub.told("crm", "client", "1", {"name": "Acme"})
    await hub.told("erp", "client", "2", None, version="5")
    assert await hub.told("erp", "client", "2", {"legal_name": "ACME GmbH"}, version="4", crm="client:1") == crm


async def test_an_earlier_value_of_ours_never_passes_for_the_word_of_the_system_we_wrote_it_to(hub: Hub) -> None:
    """CRM owns the name first, but holds this client only because we created it there."""
    client = await hub.told("erp", "client", "1", {"name": "Acme 1"})
    assert client is not None

    async def wrote(name: str, *, is_new: bool) -> None:
        written = Written("crm", "client", "c-9", "client", client, {"name": name}, is_new=is_new, version="")
        async with hub.transaction() as (tx, config):
            await crosswalk.store(tx, config.tenant_id, [written])

    await wrote("Acme 1", is_new=True)
    await hub.told("erp", "client", "1", {"name": "Acme 2"})
    await wrote("Acme 2", is_new=False)
    await hub.told("erp", "client", "1", {"name": "Acme 2", "phone": "+493012345678"})
    assert await hub.values("client", client) == {"name": "Acme 2", "phone": "+493012345678"}
    await hub.told("crm", "client", "c-9", {"name": "Acme 2"})
    await hub.told("crm", "client", "c-9", {"name": "ACME"})
    assert (await hub.values("client", client))["name"] == "ACME"
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []
