"""Messages become golden records: linking, ownership, missing parents, refusals, replays of the same message."""

from __future__ import annotations

from tests.flows.conftest import Hub


async def test_a_client_told_by_two_systems_is_one_golden_record_with_each_owner_winning_its_field(hub: Hub) -> None:
    first = await hub.told("crm", "client", "001", {"name": "ACME", "legal_name": "Acme", "country": "DE"})
    second = await hub.told("erp", "client", "C-1", {"name": "ACME GMBH", "legal_name": "ACME GmbH"}, crm="client:001")
    assert first == second
    client = await hub.golden("client", first)
    assert client.values == {"name": "ACME", "legal_name": "ACME GmbH", "country": "DE"}
    assert client.version == 2
    assert not client.lineage["legal_name"].provisional
    changes = await hub.rows("SELECT version, op, before, after FROM hub.change WHERE golden_id = $1 ORDER BY version", first)
    assert [tuple(change.values()) for change in changes] == [
        (1, "create", {"country": None, "legal_name": None, "name": None}, {"country": "DE", "legal_name": "Acme", "name": "ACME"}),
        (2, "update", {"legal_name": "Acme"}, {"legal_name": "ACME GmbH"}),
    ]


async def test_a_link_that_comes_before_its_record_is_found_by_the_record(hub: Hub) -> None:
    erp = await hub.told("erp", "client", "C-1", {"name": "ACME"}, crm="client:001")
    assert await hub.told("crm", "client", "001", {"name": "Acme"}) == erp


async def test_a_valid_registered_identifier_with_an_agreeing_name_links_and_one_without_does_not(hub: Hub) -> None:
    crm = await hub.told("crm", "client", "1", {"name": "Acme GmbH", "lei": "5493001KJTIIGC8Y1R12"})
    assert await hub.told("erp", "client", "2", {"name": "ACME", "lei": "5493001KJTIIGC8Y1R12"}) == crm
    other = await hub.told("bill", "client", "3", {"name": "Zeta Holding", "lei": "5493001KJTIIGC8Y1R12"})
    assert other != crm
    assert [cause for cause, *_ in await hub.tasks()] == ["possible_duplicate"]


async def test_a_record_of_a_system_that_is_no_origin_waits_and_is_found_by_the_origin(hub: Hub) -> None:
    waiting = await hub.told("psa", "client", "77", {"name": "Beta", "lei": "5493001KJTIIGC8Y1R12"})
    assert await hub.rows("SELECT 1 FROM golden.client") == []
    assert await hub.told("crm", "client", "1", {"name": "Beta", "lei": "5493001KJTIIGC8Y1R12"}) == waiting
    assert len(await hub.rows("SELECT 1 FROM golden.client")) == 1
    assert await hub.rows("SELECT 1 FROM hub.awaiting") == []
    assert await hub.rows("SELECT 1 FROM hub.inbox_outcome") == [], "nothing waits any more"


async def test_a_child_that_comes_before_its_required_parent_is_born_when_the_parent_comes(hub: Hub) -> None:
    client = {"system": "crm", "object": "client", "id": "1"}
    contact = await hub.told("crm", "contact", "9", {"given_name": "Ida", "family_name": "Holm", "client": client})
    hours = {"resource": {"system": "psa", "object": "resource", "id": "r"}, "work_date": "2026-05-04", "quantity": {"value": "7.5", "unit": "hour"}}
    entry = await hub.told("psa", "time_entry", "t", {**hours, "project": {"system": "psa", "object": "project", "id": "p"}})
    assert await hub.rows("SELECT 1 FROM golden.time_entry") == []
    [waiting] = await hub.rows("SELECT outcome, detail FROM hub.inbox_outcome WHERE outcome = 'waiting'")
    assert [(one["cause"], one["field"]) for one in waiting["detail"]] == [("required", "resource"), ("required", "project")]
    assert (await hub.values("contact", contact)).get("client") is None
    client_id = await hub.told("crm", "client", "1", {"name": "Acme"})
    assert (await hub.values("contact", contact))["client"] == str(client_id)
    await hub.tell("psa", "resource", "r", {"given_name": "Bo", "family_name": "Ek"})
    await hub.told("psa", "project", "p", {"code": "P1", "name": "Rollout"})
    assert (await hub.values("time_entry", entry))["quantity"] == {"value": "7.5", "unit": "hour"}


async def test_the_same_message_again_changes_nothing_and_the_same_key_with_another_body_is_a_conflict(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"}, key="a")
    assert [s.status for s in await hub.tell("crm", "client", "1", {"name": "Acme"}, key="a")] == ["repeat"]
    assert [s.status for s in await hub.tell("crm", "client", "1", {"name": "Other"}, key="a")] == ["conflict"]
    await hub.told("crm", "client", "1", {"name": "Acme"}, key="b")
    assert (await hub.golden("client", client)).version == 1


async def test_an_older_version_that_arrives_late_overwrites_nothing(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "New"}, version="7")
    await hub.told("crm", "client", "1", {"name": "Old", "phone": "+49301234567"}, version="6")
    assert await hub.values("client", client) == {"name": "New", "phone": "+49301234567"}


async def test_a_deleted_source_leaves_the_golden_record_while_another_speaks_and_then_makes_it_inactive(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    await hub.told("erp", "client", "2", {"name": "ACME GMBH"}, crm="client:1")
    await hub.told("crm", "client", "1", None)
    assert (await hub.golden("client", client)).values["name"] == "ACME GMBH"
    await hub.told("erp", "client", "2", None)
    golden = await hub.golden("client", client)
    assert (golden.record_state, golden.values["name"]) == ("inactive", "Acme")


async def test_a_message_that_cannot_be_read_becomes_one_task_and_disturbs_no_other(hub: Hub) -> None:
    for number in range(3):
        await hub.tell("crm", "client", f"bad{number}", {"name": "x", "nonsense": 1})
    await hub.tell("crm", "widget", "1", {"name": "x"})
    await hub.told("crm", "client", "1", {"name": "Acme"})
    assert len(await hub.rows("SELECT 1 FROM golden.client")) == 4
    assert sorted(await hub.tasks()) == [
        ("unknown_entity", "crm widget", 1),
        ("unknown_field", "crm client nonsense: client has no field 'nonsense'", 3),
    ]
    outcomes = await hub.rows("SELECT outcome, count(*) AS n FROM hub.inbox_outcome GROUP BY 1 ORDER BY 1")
    assert outcomes == [{"outcome": "incomplete", "n": 3}, {"outcome": "quarantined", "n": 1}]


async def test_two_ingesters_fold_many_records_without_losing_one(hub: Hub) -> None:
    import asyncio

    from hub.flows.ingest_loop import Ingester

    for number in range(120):
        await hub.tell("crm", "client", str(number % 60), {"name": f"Client {number}"})
    others = [Ingester(hub.pool, f"w{n}", batch_size=7) for n in range(3)]
    await asyncio.gather(*(other.drain(hub.tenant) for other in others))
    await hub.settle()
    names = {row["name"] for row in await hub.rows("SELECT name FROM golden.client")}
    assert names == {f"Client {number}" for number in range(60, 120)}
    assert await hub.rows("SELECT 1 FROM hub.inbox_open") == []


async def test_a_child_folded_at_the_same_moment_as_its_parent_finds_it(hub: Hub) -> None:
    """Neither sees the other's uncommitted rows; whoever comes second must notice."""
    import asyncio

    from hub.flows.ingest_loop import Ingester

    both = [Ingester(hub.pool, f"w{n}", batch_size=1, lanes=1) for n in range(2)]
    for number in range(40):
        await hub.tell("crm", "client", f"c{number}", {"name": f"Client {number}"})
        ref = {"system": "crm", "object": "client", "id": f"c{number}"}
        await hub.tell("crm", "contact", f"p{number}", {"family_name": f"Ek {number}", "client": ref})
        await asyncio.gather(*(one.drain(hub.tenant) for one in both))
    await hub.settle()
    assert await hub.rows("SELECT 1 FROM golden.contact WHERE client_id IS NULL") == []


async def test_a_link_told_at_the_same_moment_as_the_record_it_names_is_followed(hub: Hub) -> None:
    import asyncio

    from hub.flows.ingest_loop import Ingester

    both = [Ingester(hub.pool, f"w{n}", batch_size=1, lanes=1) for n in range(2)]
    for number in range(40):
        await hub.tell("crm", "client", f"c{number}", {"name": f"Client {number}"})
        await hub.tell("psa", "client", f"p{number}", {"name": f"CLIENT {number}"}, crm=f"client:c{number}")
        await asyncio.gather(*(one.drain(hub.tenant) for one in both))
    parted = "SELECT 1 FROM hub.source_record a JOIN hub.source_record b ON b.external_id = 'p' || substr(a.external_id, 2) WHERE a.system = 'crm' AND a.golden_id <> b.golden_id"
    assert await hub.rows(parted) == []
    assert len(await hub.rows("SELECT 1 FROM golden.client")) == 40
