"""Retention of the feed, and how each kind of reader learns of a gap or of a feed that was restored."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.flows import subscriptions
from hub.flows.feed import Gap, read_feed
from hub.flows.finders import Finders
from hub.flows.retention import EVERY_S, retain_all
from hub.flows.sequence import sequence
from hub.flows.subscriptions import Created, create_subscription, replay_lanes
from hub.settings import Settings
from hub.store import feed
from tests.flows.brokering import a_nats_server
from tests.flows.delivering import Keeper, Receiver, a_deliverer, eventually, is_settled, open_tasks


async def subscribe(keeper: Keeper, settings: Settings, url: str, kind: str = "webhook", **options: Any) -> Created:
    name = options.pop("name", "portal")
    return await create_subscription(
        keeper.pool, settings, keeper.tenant_id, subscription_id=uuid4(), name=name, kind=kind, url=url, **options
    )


async def settled(keeper: Keeper) -> None:
    await eventually(lambda: is_settled(keeper.pool, keeper.tenant_id), 30)


async def grow_old(keeper: Keeper, upto: int, days: int = 40) -> None:
    """Let positions up to this one have been given so many days ago."""
    await keeper.pool.execute(
        "UPDATE hub.feed SET sequenced_at = sequenced_at - make_interval(days => $3) WHERE tenant_id = $1 AND position <= $2",
        keeper.tenant_id, upto, days,
    )  # fmt: skip


async def three_clients(keeper: Keeper) -> list[Any]:
    clients = [await keeper.save(name=f"client {n}") for n in range(3)]
    await sequence(keeper.pool, keeper.tenant_id)
    return clients


async def test_positions_older_than_the_setting_are_dropped_stretch_by_stretch_and_the_history_stays(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.retention.STRETCH", 1)
    await three_clients(keeper)
    await grow_old(keeper, 2)
    assert [await retain_all(keeper.pool, days) for days in (0, 60, 30, 30)] == [0, 0, 2, 0]
    async with keeper.pool.acquire() as connection:
        page = await read_feed(connection, keeper.tenant_id, None, through_views=False)
    assert page.gap == Gap(1, 2)
    assert await keeper.pool.fetchval("SELECT count(*) FROM hub.change") == 3


async def test_the_job_drops_once_an_hour_what_the_setting_says(keeper: Keeper) -> None:
    await three_clients(keeper)
    await grow_old(keeper, 2)
    finders = Finders(keeper.pool, feed_days=30)
    await finders.run_once()  # the first look is half a minute after the start
    assert await keeper.pool.fetchval("SELECT dropped_to FROM hub.feed_head") == 0
    finders.retained_at -= EVERY_S
    await finders.run_once()
    assert await keeper.pool.fetchval("SELECT dropped_to FROM hub.feed_head") == 2


async def test_what_a_parked_lane_needs_is_kept_and_a_task_says_for_whom_until_it_is_taken(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url)
    receiver.answers = [422]
    async with a_deliverer(keeper.pool, settings):
        bad = await keeper.save(name="Bad")
        await settled(keeper)
        await keeper.save(name="Good")
        await settled(keeper)
        await grow_old(keeper, 2)
        assert await retain_all(keeper.pool, 30) == 0
        assert ("feed_held", "feed", 1) in await open_tasks(keeper)
        assert await keeper.pool.fetchval("SELECT detail FROM hub.task WHERE cause = 'feed_held'") == {
            "subscriptions": ["portal"], "position": 2, "restated": True,
        }  # fmt: skip
        await replay_lanes(keeper.pool, keeper.tenant_id, golden_ids=[bad])
        await settled(keeper)
    assert await retain_all(keeper.pool, 30) == 2
    assert await open_tasks(keeper) == []


async def test_a_lane_whose_changes_were_dropped_while_its_subscription_was_disabled_is_part_of_its_gap(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    created = await subscribe(keeper, settings, receiver.url)
    receiver.answers = [422]
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(name="Bad")
        await settled(keeper)
        await keeper.save(name="Good")
        await settled(keeper)
        await subscriptions.disable(keeper.pool, keeper.tenant_id, created.id)
        await grow_old(keeper, 2)
        assert await retain_all(keeper.pool, 30) == 2
        await subscriptions.resume(keeper.pool, keeper.tenant_id, created.id)
        await eventually(lambda: len(receiver.events) == 3, 10)
    assert [event["type"] for event in receiver.events] == ["hub.client.created.v1", "hub.client.created.v1", "hub.feed.gap.v1"]
    assert receiver.events[-1]["data"]["gap"] == {"first": 1, "last": 2}


async def test_a_subscription_begins_with_records_whose_changes_were_dropped_long_ago(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    clients = await three_clients(keeper)
    await grow_old(keeper, 3)
    assert await retain_all(keeper.pool, 30) == 3
    await subscribe(keeper, settings, receiver.url, with_snapshot=True, filter={"entities": ["client"]})
    async with a_deliverer(keeper.pool, settings):
        await keeper.save(golden_id=clients[0], name="new")
        await settled(keeper)
    assert sorted(receiver.told()) == sorted([*((str(one), 1) for one in clients), (str(clients[0]), 2)])


async def test_a_restored_feed_is_told_to_webhooks_and_brokers_before_anything_of_the_new_epoch(
    keeper: Keeper, settings: Settings, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answers = [204, 503]  # the notice is tried again, too
    async with a_nats_server(tmp_path) as server:
        await server.make_stream("hub.>")
        named = replace(settings, brokers=server.url)
        for url, kind, name in ((receiver.url, "webhook", "portal"), (server.url, "broker", "bus")):
            await subscribe(keeper, named, url, kind, name=name)
        async with a_deliverer(keeper.pool, named, sweep_s=0.05):
            client = await keeper.save(name="One")
            await settled(keeper)
        async with keeper.pool.acquire() as connection, connection.transaction():
            assert await feed.start_epoch(connection, keeper.tenant_id) == 2
        async with a_deliverer(keeper.pool, named, sweep_s=0.05):
            await keeper.save(golden_id=client, name="Two")
            await settled(keeper)
        held = [(message.headers["ce-type"], json.loads(message.data)) for message in await server.messages()]
    posted = [(event["type"], event["data"]) for event in receiver.events]
    expected = ["hub.client.created.v1", "hub.feed.restarted.v1", "hub.client.updated.v1"]
    assert [name for name, _ in held] == expected
    assert [name for name, _ in posted] == [expected[0], expected[1], expected[1], expected[2]]
    assert posted[1] == posted[2]
    for events in (held, posted):
        notice = events[1][1]
        assert {name: notice[name] for name in ("epoch", "former_epoch", "position", "remedy")} == {
            "epoch": 2, "former_epoch": 1, "position": 1,
            "remedy": "Read a snapshot of the records, and forget what you know of positions above data.position.",
        }  # fmt: skip
        assert [data["epoch"] for _, data in (events[0], events[-1])] == [1, 2]
    ids = {headers["webhook-id"] for headers, _ in receiver.got[1:3]}
    assert len(ids) == 1


async def test_a_notice_that_is_refused_becomes_a_task_and_the_stream_goes_on(
    keeper: Keeper, settings: Settings, receiver: Receiver
) -> None:
    await subscribe(keeper, settings, receiver.url)
    async with keeper.pool.acquire() as connection, connection.transaction():
        await feed.start_epoch(connection, keeper.tenant_id)
    receiver.answers = [422]
    async with a_deliverer(keeper.pool, settings, sweep_s=0.05):
        await keeper.save(name="One")
        await settled(keeper)
    assert [event["type"] for event in receiver.events] == ["hub.feed.restarted.v1", "hub.client.created.v1"]
    assert await open_tasks(keeper) == [("feed_gap", "subscription portal", 1)]
