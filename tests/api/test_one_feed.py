"""One position for every reader: pull, websocket, event stream, webhook, broker and connected system follow the same changes."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.flows.feed import decode_cursor
from hub.flows.subscriptions import create_subscription
from hub.settings import Settings
from hub.store.ids import new_id
from tests.api.conftest import Tenant
from tests.api.served import Server
from tests.api.subscribing import socket
from tests.api.test_subscription_streams import stream
from tests.flows.brokering import NatsServer, a_nats_server
from tests.flows.delivering import Keeper, Receiver, Target, a_deliverer, a_receiver, a_target, eventually, is_settled

Told = tuple[int, str, int]
"""Position, golden id, version."""

FOLLOW = """
    subscription ($snapshot: Boolean) { changes(snapshot: $snapshot, entities: ["client", "project"], progress: true) {
        kind cursor change { recordId version op } gap { first last } } }
"""
PULL = """
    query ($after: String) { changes(after: $after, first: 7, entities: ["client", "project"]) {
        changes { recordId version op position } cursor hasMore gap { first last } } }
"""


@dataclass
class Channels:
    """All readers of one tenant, each with what it was told."""

    server: Server
    tenant: Tenant
    keeper: Keeper
    settings: Settings
    receiver: Receiver
    broker: NatsServer
    target: Target

    def position(self, cursor: str) -> int:
        return decode_cursor(cursor, self.tenant.id, self.server.api.app.state.services.feed_key).position

    async def pull(self, after: str | None = None) -> list[Told]:
        told: list[Told] = []
        while True:
            answer = await self.server.api.ask(self.tenant.keys["reader"], PULL, after=after)
            page = answer.data["changes"]
            assert page["gap"] is None
            told += [(int(one["position"]), one["recordId"], one["version"]) for one in page["changes"]]
            after = page["cursor"]
            if not page["hasMore"]:
                return told

    def posted(self) -> list[Told]:
        return [(int(event["sequence"]), event["data"]["record"]["id"], event["data"]["record"]["version"]) for event in self.receiver.events]

    async def published(self) -> list[Told]:
        messages = await self.broker.messages()
        return [(int(one.headers["ce-sequence"]), one.headers["hub-key"], json.loads(one.data)["record"]["version"]) for one in messages]

    async def written(self, target: Target) -> dict[str, Told]:
        """Where a connected system stands with each record: the newest version that was brought to it."""
        rows = await self.keeper.pool.fetch(
            "SELECT wanted_position, golden_id, delivered_version FROM hub.lane WHERE tenant_id = $1 AND subscription_id = $2",
            self.tenant.id, target.subscription_id,
        )  # fmt: skip
        return {str(row["golden_id"]): (row["wanted_position"], str(row["golden_id"]), row["delivered_version"]) for row in rows}

    async def settled(self) -> None:
        await eventually(lambda: is_settled(self.keeper.pool, self.tenant.id), 60)


@pytest.fixture
async def channels(server: Server, tmp_path: Path) -> AsyncIterator[Channels]:
    tenant = await server.api.tenant(f"feed{uuid4().hex[:6]}")
    await server.api.pool.execute("INSERT INTO hub.feed_head (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", tenant.id)
    async with a_receiver() as receiver, a_nats_server(tmp_path) as broker:
        await broker.make_stream("hub.>")
        settings = replace(server.api.database.settings, brokers=broker.url, secret_key=server.api.app.state.services.settings.secret_key)
        keeper = Keeper(server.api.pool, tenant.id)
        target = await a_target(keeper, settings, filter={"entities": ["client", "project"]})
        yield Channels(server, tenant, keeper, settings, receiver, broker, target)


async def subscribe(channels: Channels, **options: Any) -> None:
    for name, kind, url in (("portal", "webhook", channels.receiver.url), ("bus", "broker", channels.broker.url)):
        await create_subscription(
            channels.keeper.pool, channels.settings, channels.tenant.id, subscription_id=new_id(), name=name, kind=kind, url=url,
            filter={"entities": ["client", "project"]}, **options,
        )  # fmt: skip


async def changing(keeper: Keeper, mine: list[UUID], chance: random.Random, steps: int) -> None:
    """One writer: new records, new versions of its own ones, and of an entity nobody here follows."""
    for step in range(steps):
        one = chance.choice([None, *mine]) if mine else None
        if chance.random() < 0.2:
            await keeper.save("contact", family_name=f"c{step}")
        elif one is None:
            mine.append(await keeper.save(name=f"n{step}"))
        else:
            await keeper.save(golden_id=one, name=f"m{step}")
        await asyncio.sleep(0)


class Following:
    """A reader of the subscription, over a websocket or an event stream: collects until it has seen a position."""

    def __init__(self) -> None:
        self.snapshot: list[tuple[str, int]] = []
        self.told: list[Told] = []
        self.seen = 0
        self.began = asyncio.Event()

    def take(self, channels: Channels, event: dict[str, Any]) -> None:
        assert event["gap"] is None
        change = event["change"]
        if event["kind"] == "SNAPSHOT":
            self.snapshot.append((change["recordId"], change["version"]))
        if event["cursor"]:
            self.seen = max(self.seen, channels.position(event["cursor"]))
            self.began.set()
        if event["kind"] == "CHANGE":
            self.told.append((channels.position(event["cursor"]), change["recordId"], change["version"]))


async def over_socket(channels: Channels, into: Following, snapshot: bool) -> None:
    async with socket(channels.server, channels.tenant.keys["reader"]) as one:
        await one.subscribe("1", FOLLOW, snapshot=snapshot)
        while True:
            (event,) = await one.events(1)
            into.take(channels, event)


async def over_stream(channels: Channels, into: Following, snapshot: bool) -> None:
    async with stream(channels.server, channels.tenant.keys["reader"], FOLLOW, variables={"snapshot": snapshot}) as one:
        while True:
            _, _, data = await one.event()
            into.take(channels, data["data"]["changes"])


def by_record(told: Sequence[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one[1], []).append(one)
    return found


async def test_every_channel_is_told_the_same_changes_in_the_same_positions(channels: Channels) -> None:
    await subscribe(channels)
    heard, streamed = Following(), Following()
    async with AsyncExitStack() as stack:
        followers = [asyncio.create_task(over_socket(channels, heard, False)), asyncio.create_task(over_stream(channels, streamed, False))]
        stack.callback(lambda: [one.cancel() for one in followers])
        await asyncio.gather(heard.began.wait(), streamed.began.wait())
        async with channels.target.running():
            await asyncio.gather(*(changing(channels.keeper, [], random.Random(seed), 25) for seed in range(3)))
            await channels.settled()
            pulled = await channels.pull()
            await eventually(lambda: len(heard.told) >= len(pulled) and len(streamed.told) >= len(pulled), 30)
    assert len(pulled) >= 40
    assert heard.told == pulled
    assert streamed.told == pulled
    records = by_record(pulled)
    for told in (channels.posted(), await channels.published()):
        assert sorted(told) == pulled  # each once
        assert by_record(told) == records  # each record's in order
    assert await channels.written(channels.target) == {id: told[-1] for id, told in records.items()}
    assert [one[2] for told in records.values() for one in told] == [n for told in records.values() for n in range(1, len(told) + 1)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_kind_of_reader_begins_with_a_snapshot_under_load_without_gap_or_double(channels: Channels, seed: int) -> None:
    keeper = channels.keeper
    heard, streamed = Following(), Following()
    connectors = {channels.target.system.name: channels.target.connector}

    async def connector_of(_: int, system: str) -> Any:
        return await eventually(lambda: connectors.get(system), 30)

    async with AsyncExitStack() as stack:
        async with a_deliverer(keeper.pool, channels.settings, connector_of, call_timeout_s=5.0):
            mine: list[list[UUID]] = [[], [], []]
            await asyncio.gather(*(changing(keeper, ids, random.Random(seed * 10 + n), 15) for n, ids in enumerate(mine)))
            writers = [asyncio.create_task(changing(keeper, ids, random.Random(seed * 100 + n), 40)) for n, ids in enumerate(mine)]
            late = await a_target(keeper, channels.settings, "late", filter={"entities": ["client", "project"]}, with_snapshot=True)
            connectors["late"] = late.connector
            await subscribe(channels, with_snapshot=True)
            followers = [asyncio.create_task(over_socket(channels, heard, True)), asyncio.create_task(over_stream(channels, streamed, True))]
            stack.callback(lambda: [one.cancel() for one in followers])
            taken = (await channels.server.api.ask(channels.tenant.keys["reader"], "{ changes(fromNow: true) { cursor changes { version } } }")).data
            await asyncio.gather(*writers, heard.began.wait(), streamed.began.wait())
            await channels.settled()
            everything = by_record(await channels.pull())
            end = max(told[-1][0] for told in everything.values())
            await eventually(lambda: min(heard.seen, streamed.seen) >= end, 30)
    newest = {id: told[-1][2] for id, told in everything.items()}
    for reader in (heard, streamed):
        versions = dict(reader.snapshot)
        assert len(versions) == len(reader.snapshot)
        for id, told in by_record(reader.told).items():
            assert [one[2] for one in told] == list(range(versions.get(id, 0) + 1, newest[id] + 1))
            versions[id] = told[-1][2]
        assert versions == newest
    for told in (channels.posted(), await channels.published()):
        for id, steps in by_record(told).items():
            first = steps[0][2]
            assert [one[2] for one in steps] == list(range(first, newest[id] + 1))
        assert by_record(told).keys() == newest.keys()
    assert {id: told[2] for id, told in (await channels.written(late)).items()} == newest
    assert len(late.system.records["account"]) == len(newest)
    since = by_record(await channels.pull(taken["changes"]["cursor"]))
    assert taken["changes"]["changes"] == []
    assert all(told == everything[id][-len(told) :] for id, told in since.items())
