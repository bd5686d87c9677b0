"""Signed webhooks: every version in order, under one id over all tries, whatever the receiver answers."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks.webhooks import Webhook

from hub.core.configuration import System
from hub.errors import RequestError
from hub.flows import subscriptions
from hub.flows.receivers import rotate_secret
from hub.flows.sequence import drop_feed_below, sequence
from hub.flows.subscriptions import Created, create_subscription, replay_lanes
from hub.settings import Settings
from hub.store import configuration
from hub.store.pool import Pool
from schema.systems import SystemKind
from tests.flows.delivering import (
    Keeper, Receiver, a_deliverer, a_receiver, a_tenant, append_change, eventually, is_settled, lane_states, open_tasks,
)  # fmt: skip


async def subscribe(keeper: Keeper, settings: Settings, url: str, **options: Any) -> Created:
    return await create_subscription(
        keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name=options.pop("name", "portal"),
        kind="webhook", url=url, **options,
    )  # fmt: skip


async def settled(keeper: Keeper) -> None:
    await eventually(lambda: is_settled(keeper.pool, keeper.tenant_id))


async def test_a_change_arrives_as_a_signed_cloud_event(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    created = await subscribe(keeper, settings, receiver.url, payload="both")
    async with a_deliverer(keeper.pool, settings):
        client = await keeper.save(name="Nordwind", tier="A", correlation_id="c-77")
        await settled(keeper)
    headers, body = receiver.got[0]
    assert created.secret is not None
    event = Webhook(created.secret).verify(body.decode(), headers)
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == event["id"] == f"evt_{keeper.tenant_id}_1_1"
    told_at = event["time"]
    assert event == {
        "specversion": "1.0",
        "id": event["id"],
        "source": "/hub/tenants/acme",
        "type": "hub.client.created.v1",
        "subject": f"client/{client}",
        "time": told_at,
        "datacontenttype": "application/json",
        "dataschema": "urn:hub:record:client.v1",
        "partitionkey": f"client:{client}",
        "sequence": "00000000000000000001",
        "data": {
            "tenant": "acme",
            "epoch": 1,
            "position": 1,
            "payload_version": 1,
            "record": {"entity": "client", "id": str(client), "version": 1},
            "op": "create",
            "recorded_at": told_at,
            "cause": "source",
            "actor": "crm",
            "correlation_id": "c-77",
            "backfill": False,
            "masked": [],
            "changed": {"name": {"before": None, "after": "Nordwind"}, "tier": {"before": None, "after": "A"}},
            "values": {"name": "Nordwind", "tier": "A"},
        },
    }


async def test_rows_that_spoil_the_feeds_of_some_tenants_hold_up_no_other(pool: Pool, settings: Settings, receiver: Receiver) -> None:
    for number in range(60):
        other = await a_tenant(pool, f"spoilt{number}")
        change = await append_change(pool, other, uuid4(), 1)
        await pool.execute("INSERT INTO hub.feed (tenant_id, position, change_id) VALUES ($1, 1, $2)", other, change)  # before its turn
    keeper = Keeper(pool, await a_tenant(pool))
    await subscribe(keeper, settings, receiver.url)
    async with a_deliverer(pool, settings):
        for number in range(3):
            await keeper.save(name=f"Nordwind {number}")
            await settled(keeper)
    assert len(receiver.got) == 3


async def test_every_version_arrives_in_order_per_record_although_tries_fail(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url, retry_s=[0.01] * 9)
    receiver.answers = [500, 204, 502, (503, {"retry-after": "0.05"}), 204, 500, 204, 504]
    async with a_deliverer(keeper.pool, settings, sweep_s=0.05):
        one, other = [await keeper.save(name=name) for name in ("One", "Other")]
        for step in range(4):
            await keeper.save(golden_id=one, name=f"One {step}")
            await keeper.save(golden_id=other, name=f"Other {step}")
        await settled(keeper)
    tries = [(str(one), version) for version in range(1, 6)], [(str(other), version) for version in range(1, 6)]
    for record, expected in zip((one, other), tries, strict=True):
        told = [step for step in receiver.told() if step[0] == str(record)]
        assert list(dict.fromkeys(told)) == expected
    ids = {(event["data"]["record"]["id"], event["data"]["record"]["version"], event["id"]) for event in receiver.events}
    assert len(ids) == 10
    states = await keeper.pool.fetch("SELECT state, count(*) FROM hub.attempt GROUP BY state")
    assert dict(tuple(row) for row in states) == {"done": 10, "retriable": 4, "rate_limited": 1}


async def test_retry_after_pauses_the_whole_subscription(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    await subscribe(keeper, settings, receiver.url)
    times: list[float] = []

    async def note(_: Any) -> int:
        times.append(asyncio.get_running_loop().time())
        return 204

    receiver.answers = [(429, {"retry-after": "0.6"}), note, note]
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="One")
        await eventually(lambda: receiver.got)
        asked_at = asyncio.get_running_loop().time()
        await keeper.save(name="Two")
        await settled(keeper)
    assert len(times) == 2
    assert times[0] - asked_at > 0.55
    assert await keeper.pool.fetchval("SELECT count(*) FROM hub.lane WHERE attempts > 0") == 0


async def test_a_refused_event_parks_its_lane_only_and_is_replayed_under_its_id(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url)
    bad = await keeper.save(name="Bad", notify=False)

    async def refuse_bad(event: dict[str, Any]) -> int:
        return 422 if event["data"]["record"]["id"] == str(bad) else 204

    receiver.answers = [refuse_bad] * 4
    async with a_deliverer(keeper.pool, settings):
        good = await keeper.save(name="Good")
        await settled(keeper)
        await keeper.save(golden_id=bad, name="Bad again")
        await keeper.save(golden_id=good, name="Good again")
        await settled(keeper)
        assert await lane_states(keeper.pool, keeper.tenant_id) == {bad: "parked", good: "idle"}
        assert await open_tasks(keeper) == [("webhook_refused", "webhook portal: 422", 1)]
        letters = await subscriptions.dead_letters(keeper.pool, keeper.tenant_id)
        assert [(one.golden_id, one.reason) for one in letters] == [(bad, "The receiver refuses the event (HTTP 422).")]
        receiver.answers.clear()
        assert await replay_lanes(keeper.pool, keeper.tenant_id, task_id=letters[0].task_id) == 1
        await settled(keeper)
    told_of_bad = [(event["id"], event["data"]["record"]["version"]) for event in receiver.events if event["subject"].endswith(str(bad))]
    assert [version for _, version in told_of_bad] == [1, 1, 2]
    assert told_of_bad[0] == told_of_bad[1]
    assert await open_tasks(keeper) == []


async def test_410_disables_the_subscription_with_a_task(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    await subscribe(keeper, settings, receiver.url)
    receiver.answers = [410]
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="One")
        await eventually(lambda: open_tasks(keeper))
        await keeper.save(name="Two")
        await asyncio.sleep(0.3)
    assert await keeper.pool.fetchval("SELECT state FROM hub.subscription") == "disabled"
    assert await open_tasks(keeper) == [("subscription_gone", "webhook portal", 1)]
    assert len(receiver.got) == 1


async def test_a_redirect_is_not_followed(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    async with a_receiver() as elsewhere:
        await subscribe(keeper, settings, receiver.url)
        receiver.answers = [(302, {"location": elsewhere.url})]
        async with a_deliverer(keeper.pool, settings):
            client = await keeper.save(name="One")
            await settled(keeper)
        assert (len(receiver.got), elsewhere.got) == (1, [])
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "parked"}


async def test_a_dead_letter_after_the_last_try(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url, retry_s=[0, 0])
    receiver.answers = [500] * 9
    async with a_deliverer(keeper.pool, settings):
        client = await keeper.save(name="One")
        await settled(keeper)
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "parked"}
    assert (len(receiver.got), await open_tasks(keeper)) == (3, [("webhook_failed", "webhook portal: 500", 1)])


async def test_a_dead_subscriber_delays_no_other(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    await subscribe(keeper, settings, "http://127.0.0.1:9/", name="dead")
    await subscribe(keeper, settings, receiver.url)
    async with a_deliverer(keeper.pool, settings):
        for number in range(40):
            await keeper.save(name=f"C{number}")
        await eventually(lambda: len(receiver.got) == 40)


async def test_a_filter_is_judged_on_the_version_it_is_about(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    wanted = {"entities": ["client"], "when": {"client": {"tier": ["A"]}}}
    await subscribe(keeper, settings, receiver.url, filter=wanted)
    async with a_receiver() as other:
        await subscribe(keeper, settings, other.url, name="tiers", filter={"entities": ["client"], "fields": ["tier"]})
        client = await keeper.save(name="One", tier="B", notify=False)
        await keeper.save(golden_id=client, tier="A", notify=False)
        await keeper.save(golden_id=client, name="Renamed", notify=False)
        await keeper.save(golden_id=client, tier="C", notify=False)
        await keeper.save("contact", family_name="Meier", given_name="Eva", notify=False)
        async with a_deliverer(keeper.pool, settings):
            await settled(keeper)
        assert receiver.told() == [(str(client), 2), (str(client), 3)]
        assert other.told() == [(str(client), 1), (str(client), 2), (str(client), 4)]


async def test_a_subscription_to_business_events_hears_the_moment_they_happen_and_nothing_else(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url, filter={"events": ["invoice.issued", "invoice.status_changed"]})
    invoice = await keeper.save("invoice", state="draft", currency="EUR", notify=False)
    await keeper.save("invoice", golden_id=invoice, state="approved", notify=False)
    await keeper.save("invoice", golden_id=invoice, state="issued", number="R-1", notify=False)
    await keeper.save("invoice", golden_id=invoice, tax_date="2026-05-31", notify=False)
    await keeper.save(name="A client", notify=False)
    async with a_deliverer(keeper.pool, settings):
        await settled(keeper)
    told = [(event["type"], [one["type"] for one in event["data"]["events"]]) for event in receiver.events]
    assert told == [
        ("hub.invoice.status_changed.v1", ["hub.invoice.status_changed.v1"]),
        ("hub.invoice.issued.v1", ["hub.invoice.issued.v1", "hub.invoice.status_changed.v1"]),
    ]
    issued = receiver.events[1]["data"]["events"][0]["payload"]
    assert issued["number"] == "R-1"


async def test_a_coalescing_webhook_gets_the_newest_state_of_a_lagging_record(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url, coalesces=True)
    client = await keeper.save(name="One", notify=False)
    await keeper.save(golden_id=client, name="Two", tier="A", notify=False)
    await keeper.save(golden_id=client, name="Three", notify=False)
    async with a_deliverer(keeper.pool, settings):
        await settled(keeper)
    (event,) = receiver.events
    assert (event["type"], event["data"]["record"]["version"]) == ("hub.client.created.v1", 3)
    assert event["data"]["changed"] == {"name": {"before": None, "after": "Three"}, "tier": {"before": None, "after": "A"}}


async def test_a_new_subscription_starts_with_a_snapshot_and_goes_on_without_gap_or_double(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    old = await keeper.save(name="Old")
    await keeper.save(golden_id=old, name="Older")
    quiet = await keeper.save(name="Quiet")
    async with a_deliverer(keeper.pool, settings):
        saving = asyncio.create_task(keeper.save(golden_id=old, name="Meanwhile"))
        await subscribe(keeper, settings, receiver.url, with_snapshot=True, filter={"entities": ["client"]})
        await saving
        await keeper.save(golden_id=quiet, name="Loud")
        new = await keeper.save(name="New")
        await settled(keeper)
    kinds = {(event["subject"][7:], event["data"]["record"]["version"]): event["type"].split(".")[2] for event in receiver.events}
    told = receiver.told()
    assert len(told) == len(set(told))
    assert {version: kind for (record, version), kind in kinds.items() if record == str(quiet)} == {1: "snapshot", 2: "updated"}
    assert {version: kind for (record, version), kind in kinds.items() if record == str(old)} in (
        {2: "snapshot", 3: "updated"}, {3: "snapshot"},
    )  # fmt: skip
    assert {version: kind for (record, version), kind in kinds.items() if record == str(new)} == {1: "created"}
    snapshot = next(event for event in receiver.events if event["type"] == "hub.client.snapshot.v1" and str(quiet) in event["subject"])
    assert snapshot["data"]["values"] == {"name": "Quiet"}


async def test_backfill_is_told_only_to_who_asks_for_it(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    async with a_receiver() as curious:
        await subscribe(keeper, settings, receiver.url)
        await subscribe(keeper, settings, curious.url, name="curious", filter={"backfill": True})
        client = await keeper.save(name="Old", is_backfill=True)
        await keeper.save(golden_id=client, name="New")
        async with a_deliverer(keeper.pool, settings):
            await settled(keeper)
        assert (receiver.told(), curious.told()) == ([(str(client), 2)], [(str(client), 1), (str(client), 2)])


async def test_confidential_fields_are_masked_unless_the_subscription_may_see_them(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    async with a_receiver() as trusted:
        await subscribe(keeper, settings, receiver.url, payload="both")
        await subscribe(keeper, settings, trusted.url, name="trusted", payload="both", filter={"confidential": True})
        await keeper.save("resource", family_name="Eva", cost_rate={"amount": "80", "currency": "EUR", "per": "hour"}, notify=False)
        async with a_deliverer(keeper.pool, settings):
            await settled(keeper)
        open_data, full_data = receiver.events[0]["data"], trusted.events[0]["data"]
    assert (open_data["masked"], "cost_rate" in open_data["values"], "cost_rate" in open_data["changed"]) == (["cost_rate"], False, False)
    assert full_data["values"]["cost_rate"] == {"amount": "80", "currency": "EUR", "per": "hour"}


async def test_work_of_a_worker_that_died_is_taken_over_and_the_old_one_settles_nothing(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url)
    client = await keeper.save(name="One", notify=False)
    answered = asyncio.Event()

    async def hang(_: Any) -> int:
        await answered.wait()
        return 204

    receiver.answers = [hang]
    async with a_deliverer(keeper.pool, settings, lease_s=600) as frozen:
        await eventually(lambda: receiver.got)
        await keeper.pool.execute("UPDATE hub.lane SET lease_until = now() - interval '1 second'")
        async with a_deliverer(keeper.pool, settings):
            await eventually(lambda: len(receiver.got) == 2)
            await settled(keeper)
            await keeper.save(golden_id=client, name="Two")
            await eventually(lambda: len(receiver.got) == 3)
            await settled(keeper)
        answered.set()
        await eventually(lambda: not frozen._tasks and frozen.settler.is_idle)
    assert [version for _, version in receiver.told()] == [1, 1, 2]
    assert await keeper.pool.fetchval("SELECT delivered_version FROM hub.lane") == 2


async def test_a_rotated_secret_signs_beside_the_former_one(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    fresh = (await rotate_secret(keeper.pool, settings, keeper.tenant_id, created.id)).secret
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="One")
        await settled(keeper)
    headers, body = receiver.got[0]
    for secret in (created.secret, fresh):
        assert secret is not None
        assert Webhook(secret).verify(body.decode(), headers) == json.loads(body)
    assert await keeper.pool.fetchval("SELECT position($1::bytea IN secret) FROM hub.subscription", b"whsec_") == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"url": "http://10.0.0.1/"}, "bad_url"),
        ({"url": "ftp://example.com/"}, "bad_url"),
        ({"url": "http://user:pass@example.com/"}, "bad_url"),
        ({"url": "http://[::ffff:169.254.169.254]/"}, "bad_url"),
        ({"secret": "whsec_c2hvcnQ="}, "bad_secret"),
        ({"payload": "everything"}, "bad_payload"),
        ({"filter": {"entities": ["klient"]}}, "bad_filter"),
        ({"filter": {"fields": ["nmae"], "entities": ["client"]}}, "bad_filter"),
        ({"filter": {"where": [{"field": "name", "op": "like"}]}}, "bad_filter"),
        ({"filter": {"events": ["time.aproved"]}}, "bad_filter"),
    ],
)
async def test_a_subscription_that_cannot_work_is_refused(
    keeper: Keeper, settings: Settings, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(RequestError) as refused:
        await subscribe(keeper, settings, options.pop("url", "https://example.com/"), **options)
    assert refused.value.code == code


async def test_a_name_is_taken_once(keeper: Keeper, settings: Settings) -> None:
    await subscribe(keeper, settings, "https://example.com/")
    with pytest.raises(RequestError) as refused:
        await subscribe(keeper, settings, "https://example.com/")
    assert refused.value.code == "name_taken"


async def test_a_paused_subscription_goes_on_where_it_stood(keeper: Keeper, settings: Settings, receiver: Receiver) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    async with a_deliverer(keeper.pool, settings):
        await subscriptions.pause(keeper.pool, keeper.tenant_id, created.id)
        client = await keeper.save(name="One")
        await asyncio.sleep(0.2)
        assert receiver.got == []
        await subscriptions.resume(keeper.pool, keeper.tenant_id, created.id)
        await settled(keeper)
    assert receiver.told() == [(str(client), 1)]




async def test_retention_spares_what_a_parked_lane_or_a_paused_subscription_still_needs(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    receiver.answers = [422]
    async with a_deliverer(keeper.pool, settings):
        bad = await keeper.save(name="Bad")
        await settled(keeper)
        for number in range(3):
            await keeper.save(name=f"Good {number}")
        await settled(keeper)
        assert await drop_feed_below(keeper.pool, keeper.tenant_id, 4) == 0
        await replay_lanes(keeper.pool, keeper.tenant_id, golden_ids=[bad])
        await settled(keeper)
        assert await drop_feed_below(keeper.pool, keeper.tenant_id, 2) == 2
        await subscriptions.pause(keeper.pool, keeper.tenant_id, created.id)
        await keeper.save(name="Unseen")
        assert await drop_feed_below(keeper.pool, keeper.tenant_id, 99) == 4


async def test_a_subscription_that_retention_passed_while_disabled_is_told_of_its_gap(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    async with a_receiver() as other:
        coalescing = await subscribe(keeper, settings, other.url, name="newest", coalesces=True, payload="snapshot", filter={"entities": ["client"]})
        for one in (created, coalescing):
            await subscriptions.disable(keeper.pool, keeper.tenant_id, one.id)
        client = await keeper.save(name="One")
        await keeper.save(golden_id=client, name="Two")
        await sequence(keeper.pool, keeper.tenant_id)
        assert await drop_feed_below(keeper.pool, keeper.tenant_id, 1) == 1
        async with a_deliverer(keeper.pool, settings):
            for one in (created, coalescing):
                await subscriptions.resume(keeper.pool, keeper.tenant_id, one.id)
            await settled(keeper)
        assert (receiver.told(), other.told()) == ([(str(client), 2)], [(str(client), 2)])
    assert [event["type"] for event in receiver.events] == ["hub.feed.gap.v1", "hub.client.updated.v1"]
    assert receiver.events[0]["data"]["gap"] == {"first": 1, "last": 1}
    assert await open_tasks(keeper) == [("feed_gap", "subscription portal", 1)]
    assert await keeper.pool.fetchval("SELECT detail FROM hub.task") == {"gap": {"from": 1, "to": 1}}


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"name": " ", "kind": "webhook", "url": "http://127.0.0.1:1/x"}, "name"),
        ({"name": "out", "kind": "connector", "system": "nowhere"}, "system"),
        ({"name": "out", "kind": "connector", "system": "shut"}, "system"),
    ],
)
async def test_a_subscription_without_a_name_or_a_system_that_can_be_written_to_is_refused(
    keeper: Keeper, settings: Settings, stated: dict[str, Any], field: str
) -> None:
    async with keeper.pool.acquire() as connection, connection.transaction():
        await configuration.put_system(connection, keeper.tenant_id, System("shut", SystemKind.ERP))
    with pytest.raises(RequestError) as refused:
        await create_subscription(keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), **stated)
    assert refused.value.field == field
    assert await keeper.pool.fetch("SELECT 1 FROM hub.subscription") == []
