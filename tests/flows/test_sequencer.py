"""The feed cannot skip: whatever commits in whatever order, positions are contiguous and nothing appears behind a reader."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from hub.flows.feed import read_feed
from hub.flows.sequence import check_epochs, sequence
from hub.store import feed
from hub.store.pool import Pool, prepare
from tests.conftest import Database
from tests.flows.delivering import a_tenant, append_change, feed_rows, worker_pool


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with worker_pool(database, 16) as opened:
        yield opened


async def positions(pool: Pool, tenant_id: int) -> list[tuple[int, int]]:
    return [(row["position"], row["id"]) for row in await feed_rows(pool, tenant_id)]


async def test_changes_get_positions_in_the_order_of_their_ids(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    ids = [await append_change(pool, tenant, uuid4(), 1) for _ in range(3)]
    head = await sequence(pool, tenant)
    assert head == feed.Head(position=3, epoch=1, dropped_to=0)
    assert await positions(pool, tenant) == list(enumerate(ids, 1))


async def test_a_change_that_commits_late_is_placed_behind_what_readers_have_seen(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        late = await append_change(slow, tenant, uuid4(), 1)
        early = await append_change(pool, tenant, uuid4(), 1)
        await sequence(pool, tenant)
        assert await positions(pool, tenant) == [(1, early)]
        await transaction.commit()
    await sequence(pool, tenant)
    assert await positions(pool, tenant) == [(1, early), (2, late)]


async def test_what_rolls_back_leaves_no_hole(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await append_change(connection, tenant, uuid4(), 1)
        await sequence(pool, tenant)
        await transaction.rollback()
    kept = await append_change(pool, tenant, uuid4(), 1)
    await sequence(pool, tenant)
    assert await positions(pool, tenant) == [(1, kept)]


async def test_tenants_have_positions_of_their_own_and_only_those_behind_are_named(pool: Pool) -> None:
    one, other = await a_tenant(pool, "one"), await a_tenant(pool, "other")
    await append_change(pool, one, uuid4(), 1)
    await append_change(pool, other, uuid4(), 1)
    await sequence(pool, one)
    async with pool.acquire() as connection:
        assert await feed.tenants_behind(connection) == [other]
    await sequence(pool, other)
    assert [row["position"] for row in await feed_rows(pool, other)] == [1]
    async with pool.acquire() as connection:
        assert await feed.tenants_behind(connection) == []


async def test_readers_are_told_once_per_sequencing(pool: Pool, database: Database) -> None:
    tenant = await a_tenant(pool)
    heard: list[str] = []
    listener = await asyncpg.connect(database.worker_url)
    await listener.add_listener("hub_feed", lambda *arguments: heard.append(arguments[3]))
    for _ in range(3):
        await append_change(pool, tenant, uuid4(), 1)
    await sequence(pool, tenant)
    await sequence(pool, tenant)
    await listener.execute("SELECT 1")
    await listener.close()
    assert heard == [f"{tenant}:3"]


async def test_a_restore_into_another_cluster_starts_a_new_epoch_without_loss(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    first = await append_change(pool, tenant, uuid4(), 1)
    assert await check_epochs(pool) == []
    await sequence(pool, tenant)
    unplaced = await append_change(pool, tenant, uuid4(), 1)
    await pool.execute("UPDATE hub.feed_head SET cluster = 'another', seen = '900000000:900000000:'")
    assert await check_epochs(pool) == [tenant]
    later = await append_change(pool, tenant, uuid4(), 1)
    assert await sequence(pool, tenant) == feed.Head(position=3, epoch=2, dropped_to=0)
    assert await positions(pool, tenant) == [(1, first), (2, unplaced), (3, later)]
    assert await check_epochs(pool) == []


class Storm:
    """Writers that commit in reverse order and roll back, two sequencers of which one is killed again and again, readers."""

    def __init__(self, pool: Pool, url: str, tenant_id: int, seed: int) -> None:
        self.pool, self.url, self.tenant_id, self.chance = pool, url, tenant_id, random.Random(seed)
        self.records = [UUID(int=self.chance.getrandbits(128), version=4) for _ in range(60)]
        self.is_over = False
        self.kills = 0
        self.committed: set[int] = set()

    async def writer(self, place: int, rounds: int) -> None:
        """Open three transactions over this writer's records, then end them in reverse order, some by rolling back."""
        mine = self.records[place::6]
        for _ in range(rounds):
            connections = [await self.pool.acquire() for _ in range(2)]
            open_ones = []
            for connection, golden_id in zip(connections, self.chance.sample(mine, 2), strict=True):
                transaction = connection.transaction()
                await transaction.start()
                version = await connection.fetchval(
                    "SELECT coalesce(max(version), 0) FROM hub.change WHERE tenant_id = $1 AND golden_id = $2",
                    self.tenant_id, golden_id,
                )  # fmt: skip
                steps = self.chance.randint(1, 3)
                ids = [await append_change(connection, self.tenant_id, golden_id, version + n + 1) for n in range(steps)]
                open_ones.append((transaction, ids))
            for transaction, ids in reversed(open_ones):
                await asyncio.sleep(self.chance.choice((0, 0, 0.001, 0.01)))
                if self.chance.random() < 0.2:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    self.committed.update(ids)
            for connection in connections:
                await self.pool.release(connection)

    async def sequencer(self) -> None:
        while not self.is_over:
            await sequence(self.pool, self.tenant_id)
            await asyncio.sleep(0.001)

    async def doomed_sequencer(self) -> None:
        """Sequences on a connection whose backend is terminated in the middle of every fifth transaction."""
        turns = 0
        while not self.is_over:
            connection = await asyncpg.connect(self.url)
            await prepare(connection)
            try:
                while not self.is_over:
                    turns += 1
                    async with connection.transaction():
                        await feed.sequence(connection, self.tenant_id)
                        if turns % 5 == 0:
                            await self.pool.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
                            self.kills += 1
                        await connection.execute("SELECT 1")
                    await asyncio.sleep(0.001)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
                pass
            finally:
                connection.terminate()

    async def reader(self) -> list[tuple[int, int, UUID, int]]:
        """Everything a polling reader sees, in the order it sees it."""
        seen: list[tuple[int, int, UUID, int]] = []
        cursor = None
        async with self.pool.acquire() as connection:
            while True:
                was_over = self.is_over
                page = await read_feed(connection, self.tenant_id, cursor, 50, through_views=False)
                seen.extend((c.position, c.id, c.golden_id, c.version) for c in page.changes)
                cursor = page.cursor
                if was_over and not page.has_more:
                    return seen
                if not page.changes:
                    await asyncio.sleep(0.002)


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_reader_misses_or_repeats_a_change_whatever_commits_when(pool: Pool, database: Database, seed: int) -> None:
    tenant = await a_tenant(pool)
    storm = Storm(pool, database.worker_url, tenant, seed)
    readers = [asyncio.create_task(storm.reader()) for _ in range(2)]
    sequencers = [asyncio.create_task(one()) for one in (storm.sequencer, storm.doomed_sequencer)]
    await asyncio.gather(*(storm.writer(place, 120) for place in range(4)))
    await sequence(pool, tenant)
    storm.is_over = True
    await asyncio.gather(*sequencers)

    feed_now = [tuple(row) for row in await feed_rows(pool, tenant)]
    assert {change_id for _, change_id, _, _ in feed_now} == storm.committed
    assert [position for position, *_ in feed_now] == list(range(1, len(storm.committed) + 1))
    versions = defaultdict(list)
    for _, _, golden_id, version in feed_now:
        versions[golden_id].append(version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    assert [await one for one in readers] == [feed_now, feed_now]
    assert storm.kills > 5
