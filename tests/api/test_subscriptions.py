"""``changes`` and ``record`` over graphql-transport-ws: told once per group, and nothing is missed or told twice."""

from __future__ import annotations

import asyncio
import random
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.api.subscribe import changes_group, feeds, groups, metrics, outlets
from hub.flows.sequence import drop_feed_below, sequence
from hub.store import versions
from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.api.served import Server
from tests.api.subscribing import CHANGES, follow, named, raw_socket, ring, settled, socket, version


async def test_a_change_is_told_with_its_cursor(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await follow(one)
        await version(server.api, acme, name="ACME")
        (event,) = await one.events(1)
    assert event == {
        "kind": "CHANGE", "cursor": event["cursor"], "gap": None,
        "change": {"entity": "client", "version": 1, "after": {"name": "ACME"}},
    }  # fmt: skip


async def test_what_the_sequencer_places_is_told_without_waiting_for_a_sweep(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await follow(one)
        await server.api.pool.execute(
            """
            INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
            VALUES ($1, 'client', $2, 1, 'create', '{}', $3, 'crm', 'crm', 'c-1', now())
            """,
            acme.id, new_id(), {"name": "ACME"},
        )  # fmt: skip
        await sequence(server.api.pool, acme.id)
        assert named(await one.events(1)) == ["ACME"]


async def test_an_event_is_executed_once_for_fifty_subscribers(server: Server, acme: Tenant) -> None:
    await settled(server.api)
    key, count = acme.keys["reader"], 50
    async with asyncio.TaskGroup() as group:
        told = [group.create_task(_one_of_many(server, key, str(number % 7))) for number in range(count)]
        while metrics.SUBSCRIBERS._value.get() < count or metrics.GROUPS._value.get() != 1:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        before = metrics.EXECUTIONS._value.get()
        await version(server.api, acme, name="ACME")
    assert [named(one.result()) for one in told] == [["ACME"]] * count
    assert metrics.EXECUTIONS._value.get() - before == 1


async def _one_of_many(server: Server, key: str, id: str) -> list[Any]:
    async with socket(server, key) as one:
        await one.subscribe(id, CHANGES)
        return await one.events(1, id)


async def test_keys_with_other_rights_are_another_group_and_see_what_they_may(server: Server, acme: Tenant) -> None:
    query = "subscription { changes(progress: true) { change { after masked } } }"
    async with socket(server, acme.keys["reader"]) as reader, socket(server, acme.keys["steward"]) as steward:
        for one in (reader, steward):
            await one.subscribe("1", query)
            await one.events(1)
        await version(server.api, acme, "resource", family_name="Doe", cost_rate={"amount": "80.00", "currency": "EUR", "per": "hour"})
        told = [(await one.events(1))[0]["change"] for one in (reader, steward)]
    assert told == [
        {"after": {"family_name": "Doe", "cost_rate": None}, "masked": ["costRate"]},
        {"after": {"family_name": "Doe", "cost_rate": {"amount": "80.00", "currency": "EUR", "per": "hour"}}, "masked": []},
    ]


async def test_nobody_hears_of_another_tenant(server: Server, acme: Tenant) -> None:
    other = await server.api.tenant("other")
    async with socket(server, other.keys["admin"]) as one:
        await follow(one)
        await version(server.api, acme, name="ACME")
        await one.silence()
        cursor = await _cursor(server, acme)
        await one.subscribe("2", CHANGES, after=cursor)
        said = await one.hear()
    assert (said["type"], said["payload"][0]["extensions"]["code"]) == ("error", "CURSOR_OTHER_TENANT")


async def _cursor(server: Server, tenant: Tenant) -> str:
    answer = await server.api.ask(tenant.keys["admin"], "{ changes { cursor } }")
    found: str = answer.data["changes"]["cursor"]
    return found


async def test_who_comes_back_with_a_cursor_misses_nothing_and_hears_nothing_twice(server: Server, acme: Tenant) -> None:
    key = acme.keys["reader"]
    async with socket(server, key) as one:
        await follow(one)
        await version(server.api, acme, name="A")
        (event,) = await one.events(1)
        one.connection.transport.abort()
    for name in "BCD":
        await version(server.api, acme, name=name)
    async with socket(server, key) as one:
        await one.subscribe("1", CHANGES, after=event["cursor"])
        assert named(await one.events(3)) == ["B", "C", "D"]
        await version(server.api, acme, name="E")
        assert named(await one.events(1)) == ["E"]
        await one.silence()


async def test_readers_that_come_while_changes_do_all_hear_each_once(
    server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers join at random moments and are cut off at random; each goes on from its last cursor, in small pages."""
    monkeypatch.setattr(feeds, "PAGE", 3)
    key, total, chance = acme.keys["reader"], 120, random.Random(7)
    await version(server.api, acme, name="0")
    start = await _cursor(server, acme)

    async def write() -> None:
        for number in range(1, total + 1):
            await version(server.api, acme, name=str(number))
            await asyncio.sleep(chance.random() * 0.01)

    async def read() -> list[str]:
        heard: list[str] = []
        cursor = start
        while len(heard) < total:
            await asyncio.sleep(chance.random() * 0.3)
            async with socket(server, key) as one:
                await one.subscribe("1", CHANGES, after=cursor)
                for event in await one.events(min(chance.randint(1, 40), total - len(heard))):
                    heard += named([event])
                    cursor = event["cursor"]
                one.connection.transport.abort()
        return heard

    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(read()) for _ in range(6)]
        group.create_task(write())
    assert [one.result() for one in readers] == [[str(number) for number in range(1, total + 1)]] * 6


async def test_what_retention_dropped_is_told_as_a_gap(server: Server, acme: Tenant) -> None:
    start = await _cursor(server, acme)
    for name in "ABC":
        await version(server.api, acme, name=name)
    await drop_feed_below(server.api.pool, acme.id, 2)
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", CHANGES, after=start)
        gap, event = await one.events(2)
    assert (gap["kind"], gap["change"], gap["gap"]) == ("GAP", None, {"first": "1", "last": "2", "resumeFrom": None})
    assert named([event]) == ["C"]


async def test_a_reader_that_was_slow_for_a_while_hears_everything(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "MOST_BYTES", 20_000)
    names = await _flood(server, acme, monkeypatch)
    assert names == [str(number) for number in range(100)]
    assert metrics.BEHIND.labels("caught_up")._value.get() > 0


async def test_a_reader_too_far_behind_is_told_what_it_missed_and_goes_on(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "MOST_BYTES", 20_000)
    monkeypatch.setattr(changes_group, "MOST_BEHIND", 10)
    async with _slow(server, acme) as one:
        await _write(server, acme)
        events = []
        while not events or events[-1]["kind"] != "GAP":
            events += await one.events(1)
        *heard, last = events
        gap = last["gap"]
        assert [int(name) for name in named(heard)] == list(range(int(gap["first"]) - 1))
        assert gap["last"] == "100"
        await one.subscribe("2", CHANGES, after=gap["resumeFrom"])
        missed = await one.events(101 - int(gap["first"]), "2")
        assert [int(name) for name in named(missed)] == list(range(int(gap["first"]) - 1, 100))
        await version(server.api, acme, name="then")
        told = [await one.hear(), await one.hear()]
        assert {said["id"]: named([said["payload"]["data"]["changes"]]) for said in told} == {"1": ["then"], "2": ["then"]}


async def test_a_reader_that_takes_nothing_is_closed_with_the_cursor_to_resume_after(
    server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlets, "MOST_BYTES", 20_000)
    monkeypatch.setattr(groups, "STALLED_S", 0.3)
    async with _slow(server, acme) as one:
        await _write(server, acme)
        await asyncio.sleep(0.8)
        heard = []
        while (said := await one.hear())["type"] == "next":
            heard += named([said["payload"]["data"]["changes"]])
        assert said["type"] == "close" and said["code"] == 4290
        async with socket(server, acme.keys["reader"]) as again:
            await again.subscribe("1", CHANGES, after=said["reason"].rpartition(" ")[2])
            heard += named(await again.events(100 - len(heard)))
    assert heard == [str(number) for number in range(100)]


def _slow(server: Server, tenant: Tenant) -> Any:
    return raw_socket(server, tenant.keys["reader"], receive_buffer=4096)


async def _write(server: Server, tenant: Tenant) -> None:
    """More than kernels hold for a connection."""
    for number in range(100):
        await version(server.api, tenant, name=str(number), extra={"notes": "x" * 60_000})


async def _flood(server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    async with _slow(server, tenant) as one:
        await _write(server, tenant)
        return named(await one.events(100))


async def test_filters_leave_out_what_nobody_asked_for(server: Server, acme: Tenant) -> None:
    entity = await version(server.api, acme, "legal_entity", name="North GmbH")
    first = await version(server.api, acme, "client", name="First")
    cases = {
        'entities: ["project"]': ["P1", "P2"],
        f'recordId: "{first}"': ["First again"],
        'fields: ["legalName"], ops: ["update"]': ["First again"],
        'ops: ["create"], entities: ["client"]': ["Second"],
        'where: [{field: "name", op: "in", value: ["P2", "Second"]}]': ["Second", "P2"],
        f'legalEntityId: "{entity}"': ["C1"],
        "backfill: false": ["First again", "Second", "P1", "P2", "C1"],
    }
    async with socket(server, acme.keys["reader"]) as one:
        for case in cases:
            await one.subscribe(case, f"subscription {{ changes(progress: true, {case}) {{ kind change {{ after }} }} }}")
            await one.events(1, case)
        await version(server.api, acme, "client", id=first, number=2, name="First again", legal_name="First Ltd")
        await version(server.api, acme, "client", name="Second")
        await version(server.api, acme, "project", name="P1")
        await version(server.api, acme, "project", name="P2")
        await version(server.api, acme, "contract", name="C1", legal_entity=str(entity))
        heard: dict[str, list[str]] = {case: [] for case in cases}
        for _ in range(sum(map(len, cases.values()))):
            said = await one.hear()
            heard[said["id"]] += named([said["payload"]["data"]["changes"]])
        assert heard == cases
        await one.silence()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('entities: ["nonsense"]', "UNKNOWN_ENTITY"),
        ('fields: ["nonsense"]', "BAD_FILTER"),
        ('fields: ["costRate"]', "FORBIDDEN_FIELD"),
        ('where: [{field: "costRate.amount", op: "gt", value: "100"}]', "FORBIDDEN_FIELD"),
        ('where: [{field: "name", op: "like", value: "A"}]', "BAD_FILTER"),
        ('recordId: "nonsense"', "BAD_INPUT"),
        ('after: "nonsense"', "BAD_CURSOR"),
        ('after: "x", snapshot: true', "BAD_INPUT"),
        ("nonsense: 1", "BAD_INPUT"),
    ],
)
async def test_what_cannot_be_subscribed_to_is_an_error_of_its_operation(server: Server, acme: Tenant, arguments: str, code: str) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", f"subscription {{ changes({arguments}) {{ cursor }} }}")
        said = await one.hear()
        assert (said["type"], said["id"], said["payload"][0]["extensions"]["code"]) == ("error", "1", code)
        await follow(one, "1")


async def test_a_snapshot_and_then_the_stream_have_no_gap_and_no_double(server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are made before, while and after the snapshot is read, in small pages."""
    monkeypatch.setattr("hub.store.snapshots.PAGE", 4)
    ids = [await version(server.api, acme, name=f"{number} v1") for number in range(25)]
    for number in range(0, 25, 3):
        await version(server.api, acme, id=ids[number], number=2, name=f"{number} v2")
    query = 'subscription { changes(snapshot: true, entities: ["client"]) { kind cursor change { recordId version op position after } } }'

    async def write() -> None:
        for number in range(25):
            await version(server.api, acme, id=ids[number], number=3 if number % 3 == 0 else 2, name=f"{number} late")
            await version(server.api, acme, name=f"new {number}")

    async with socket(server, acme.keys["reader"]) as one, asyncio.TaskGroup() as group:
        await one.subscribe("1", query)
        group.create_task(write())
        events: list[Any] = []
        while not events or events[-1]["kind"] == "SNAPSHOT":
            events += await one.events(1)
        records, end = [one["change"] for one in events[:-1]], events[-1]
        assert {(one["op"], one["position"]) for one in records} == {("snapshot", records[0]["position"])}
        assert (end["kind"], end["change"]) == ("SNAPSHOT_END", None)
        told = {one["recordId"]: one["version"] for one in records}
        behind = await _behind(server, acme, int(records[0]["position"]))
        changes = [one["change"] for one in await one.events(behind)]
    for change in changes:
        assert change["version"] == told.get(change["recordId"], 0) + 1
        told[change["recordId"]] = change["version"]
    now = await server.api.pool.fetch("SELECT id, version FROM golden.client WHERE tenant_id = $1", acme.id)
    assert told == {str(row["id"]): row["version"] for row in now}


async def _behind(server: Server, tenant: Tenant, position: int) -> int:
    """How many changes a position leaves once everything is written."""
    while True:
        head: int = await server.api.pool.fetchval("SELECT position FROM hub.feed_head WHERE tenant_id = $1", tenant.id)
        if head >= 25 + 9 + 50:
            return head - position
        await asyncio.sleep(0.01)


EVENTS = """
    subscription ($events: [String!], $entities: [String!], $snapshot: Boolean! = false) {
        changes(events: $events, entities: $entities, snapshot: $snapshot, progress: true) { kind events change { entity version } }
    }
"""


def _raised(events: list[Any]) -> list[tuple[str, int, list[str]]]:
    """What was told: entity and version, and the events of that change."""
    return [(one["change"]["entity"], one["change"]["version"], one["events"]) for one in events]


async def test_only_changes_that_raise_an_event_asked_for_are_told_each_with_all_its_events(server: Server, acme: Tenant) -> None:
    """The approval raises two events and is told once; what raises others is not told."""
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", EVENTS, events=["time.approved", "time.recalled"])
        assert (await one.events(1))[0] == {"kind": "PROGRESS", "events": [], "change": None}
        entry = await version(server.api, acme, "time_entry", state="submitted")
        await version(server.api, acme, "time_entry", id=entry, number=2, before={"state": "submitted"}, state="approved")
        await version(server.api, acme, name="ACME")
        await version(server.api, acme, "time_entry", id=entry, number=3, before={"state": "approved"}, state="approved")
        await version(server.api, acme, "time_entry", id=entry, number=4, before={"state": "approved"}, state="draft")
        told = _raised(await one.events(2))
        await one.silence()
    assert told == [
        ("time_entry", 2, ["time.approved", "approval.changed"]),
        ("time_entry", 4, ["time.recalled", "approval.changed"]),
    ]


async def test_the_events_of_any_change_can_be_read_without_asking_for_some(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", EVENTS)
        await one.events(1)
        made = await version(server.api, acme, name="ACME")
        await version(server.api, acme, "region", code="N", name="North")
        await version(server.api, acme, id=made, number=2, before={"name": "ACME"}, name="ACME Ltd")
        assert _raised(await one.events(3)) == [("client", 1, ["client.created"]), ("region", 1, []), ("client", 2, ["client.updated"])]


async def test_what_many_changes_raise_is_read_at_once_and_only_for_who_selects_it(
    server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = await _cursor(server, acme)
    for number in range(10):
        await version(server.api, acme, name=str(number))
    reads: list[int] = []
    read = versions.read

    async def counted(connection: Any, tenant_id: int, wanted: Any) -> Any:
        reads.append(len(wanted))
        return await read(connection, tenant_id, wanted)

    monkeypatch.setattr(versions, "read", counted)
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", CHANGES, after=start)
        await one.events(10)
        assert reads == []
        await one.subscribe("2", "subscription ($after: String) { changes(after: $after) { events } }", after=start)
        assert await one.events(10, "2") == [{"events": ["client.created"]}] * 10
    assert reads == [10]


async def test_who_comes_back_hears_the_same_events_and_a_snapshot_tells_what_stands(server: Server, acme: Tenant) -> None:
    entry = await version(server.api, acme, "time_entry", state="submitted")
    start = await _cursor(server, acme)
    await version(server.api, acme, "time_entry", id=entry, number=2, before={"state": "submitted"}, state="approved")
    await version(server.api, acme, name="ACME")
    async with socket(server, acme.keys["reader"]) as one:
        query = EVENTS.replace("events: $events", "events: $events, after: $after").replace("$events: [", "$after: String, $events: [")
        await one.subscribe("1", query.replace("progress: true", "progress: false"), events=["time.approved"], after=start)
        assert _raised(await one.events(1)) == [("time_entry", 2, ["time.approved", "approval.changed"])]
        await one.subscribe("2", EVENTS, events=["time.recalled"], snapshot=True)
        stands, end = await one.events(2, "2")
        assert (stands["kind"], _raised([stands]), end["kind"]) == ("SNAPSHOT", [("time_entry", 2, [])], "SNAPSHOT_END")


@pytest.mark.parametrize("names", [["time.aproved"], ["time.approved", "exception.raised"], []], ids=["unknown", "of tasks", "none"])
async def test_an_event_no_change_raises_is_refused_with_where_they_are_listed(server: Server, acme: Tenant, names: list[str]) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", EVENTS, events=names)
        (problem,) = (await one.hear())["payload"]
    told = problem["extensions"]
    assert (told["code"], told["field"]) == ("BAD_INPUT", "events")
    assert "schema/published/MODEL.md#business-events" in told["remedy"]


async def test_readers_that_catch_up_together_never_miss_an_answer_that_was_forgotten_meanwhile(
    server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group remembers few answers; one reader's new ones must not take away those another is about to be told."""
    monkeypatch.setattr(changes_group, "REMEMBERED", 2)
    monkeypatch.setattr(changes_group, "BATCH", 4)
    monkeypatch.setattr(feeds, "PAGE", 7)
    start = await _cursor(server, acme)
    names = [str(number) for number in range(30)]
    for name in names:
        await version(server.api, acme, name=name)

    async def read() -> list[str]:
        async with socket(server, acme.keys["reader"]) as one:
            await one.subscribe("1", CHANGES, after=start)
            return named(await one.events(len(names)))

    assert await asyncio.gather(*(read() for _ in range(5))) == [names] * 5


RECORD = "subscription ($id: ID!) { record(id: $id) { id version ... on Client { name } } }"


async def test_a_record_is_told_now_and_after_each_version(server: Server, acme: Tenant) -> None:
    made = await version(server.api, acme, name="ACME")
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", RECORD, id=str(made))
        assert await one.events(1, field="record") == [{"id": str(made), "version": 1, "name": "ACME"}]
        await version(server.api, acme, name="Another")
        await one.silence(0.2)
        await version(server.api, acme, id=made, number=2, name="ACME Ltd")
        assert await one.events(1, field="record") == [{"id": str(made), "version": 2, "name": "ACME Ltd"}]


async def test_a_version_is_told_though_the_database_went_away_while_its_group_read_on(
    server: Server, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group has passed the change in the feed when reading fails; it must still know that it has something to tell."""
    made = await version(server.api, acme, name="ACME")
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", RECORD, id=str(made))
        await one.events(1, field="record")
        failing = iter([True])
        execute = server.api.app.state.subscriptions.broadcasts.executor.execute_once

        async def once(*given: Any) -> bytes:
            if next(failing, False):
                raise asyncpg.ConnectionDoesNotExistError("away")
            found: bytes = await execute(*given)
            return found

        monkeypatch.setattr(server.api.app.state.subscriptions.broadcasts.executor, "execute_once", once)
        await version(server.api, acme, id=made, number=2, name="ACME Ltd")
        assert await one.events(1, field="record") == [{"id": str(made), "version": 2, "name": "ACME Ltd"}]


async def test_a_merged_record_is_followed_to_its_survivor(server: Server, acme: Tenant) -> None:
    loser, survivor = [await version(server.api, acme, name=name) for name in ("Loser", "Survivor")]
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", RECORD, id=str(loser))
        assert await one.events(1, field="record") == [{"id": str(loser), "version": 1, "name": "Loser"}]
        await _merge(server.api, acme, loser, survivor)
        assert await one.events(1, field="record") == [{"id": str(survivor), "version": 1, "name": "Survivor"}]
        await version(server.api, acme, id=survivor, number=2, name="Both")
        assert await one.events(1, field="record") == [{"id": str(survivor), "version": 2, "name": "Both"}]


async def _merge(api: Api, tenant: Tenant, loser: UUID, survivor: UUID) -> None:
    await api.pool.execute(
        "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', 1)",
        tenant.id, loser, survivor,
    )  # fmt: skip
    await api.golden(tenant, "client", version=2, id=loser, name="Loser")
    await api.pool.execute("DELETE FROM golden.client WHERE tenant_id = $1 AND id = $2", tenant.id, loser)
    await ring(api, tenant)


async def test_a_record_nobody_has_and_one_of_another_tenant_are_refused_alike(server: Server, acme: Tenant) -> None:
    other = await server.api.tenant("other")
    theirs = await version(server.api, other, name="Theirs")
    async with socket(server, acme.keys["reader"]) as one:
        said = []
        for number, id in enumerate((str(theirs), str(new_id()), "nonsense")):
            await one.subscribe(str(number), RECORD, id=id)
            said.append((await one.hear())["payload"][0])
    assert {(each["message"], each["extensions"]["code"]) for each in said} == {("there is no such record", "NOT_FOUND")}


async def test_a_confined_key_follows_its_records_and_not_the_feed(server: Server, acme: Tenant) -> None:
    mine, theirs = [await version(server.api, acme, name=name) for name in ("Mine", "Theirs")]
    key = f"hub_{acme.slug}_confined_0123456789"
    await server.api.pool.execute(
        "INSERT INTO hub.api_key (tenant_id, id, digest, prefix, role, name, scope) VALUES ($1, $2, $3, 'hub_', 'reader', 'portal', $4)",
        acme.id, new_id(), sha256(key.encode()).digest(), {"client": [str(mine)]},
    )  # fmt: skip
    async with socket(server, key) as one:
        await one.subscribe("1", RECORD, id=str(mine))
        assert await one.events(1, field="record") == [{"id": str(mine), "version": 1, "name": "Mine"}]
        refused = []
        await one.subscribe("2", RECORD, id=str(theirs))
        refused.append((await one.hear())["payload"][0]["extensions"]["code"])
        await one.subscribe("3", CHANGES)
        refused.append((await one.hear())["payload"][0]["extensions"]["code"])
    assert refused == ["NOT_FOUND", "FORBIDDEN"]


async def test_a_database_that_went_away_costs_nothing(server: Server, acme: Tenant, template: asyncpg.Connection) -> None:
    """All connections of the application are cut; what is written meanwhile is told when it is back, without a doorbell."""
    cut = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = 'test_api' AND application_name IN ('hub-feed-bell', 'hub-api', 'hub-api-flows')
    """
    async with socket(server, acme.keys["reader"]) as one:
        await follow(one)
        await template.execute(cut)
        for name in "ABC":
            await server.api.golden(acme, "client", name=name)
        assert named(await one.events(3)) == ["A", "B", "C"]


async def test_a_restored_feed_ends_its_subscriptions_with_what_to_do(server: Server, acme: Tenant) -> None:
    await version(server.api, acme, name="A")
    async with socket(server, acme.keys["reader"]) as one:
        await follow(one)
        await server.api.pool.execute("UPDATE hub.feed_head SET epoch = epoch + 1 WHERE tenant_id = $1", acme.id)
        said = await one.hear()
        assert (said["type"], said["payload"][0]["extensions"]["code"]) == ("error", "FEED_RESTARTED")
        await follow(one)
        await version(server.api, acme, name="B")
        assert named(await one.events(1)) == ["B"]


async def test_nothing_is_left_of_subscriptions_that_ended(server: Server, acme: Tenant) -> None:
    made = await version(server.api, acme, name="ACME")
    async with socket(server, acme.keys["reader"]) as one:
        await follow(one)
        await one.subscribe("2", RECORD, id=str(made))
        await one.events(1, "2", "record")
        await one.say(id="2", type="complete")
        await one.say(id="1", type="complete")
        await settled(server.api)
        broadcasts = server.api.app.state.subscriptions.broadcasts
        assert (broadcasts._groups, broadcasts._feeds._feeds) == ({}, {})
        await version(server.api, acme, id=made, number=2, name="ACME")
        await one.silence()


