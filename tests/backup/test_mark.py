"""A database restored by other means, and the word that lets deliveries go on."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from hub.backup.restore import mark_here
from hub.errors import RequestError
from hub.flows.restored import recognise, resume
from hub.flows.subscriptions import create_subscription
from hub.store import restores
from tests.conftest import Database
from tests.flows.delivering import Keeper, a_deliverer, a_receiver, a_tenant, eventually, worker_pool

MOMENT = datetime(2026, 11, 20, 10, 15, 3, tzinfo=UTC)


async def test_a_marked_database_delivers_nothing_until_every_system_was_read_again(database: Database) -> None:
    async with worker_pool(database) as pool, a_receiver() as receiver:
        keeper, idle = Keeper(pool, await a_tenant(pool)), await a_tenant(pool, "zenith")
        await pool.execute("INSERT INTO hub.system (tenant_id, name, kind) VALUES ($1, 'crm', 'crm')", keeper.tenant_id)
        await pool.execute("INSERT INTO hub.checkpoint (tenant_id, system, resource, next_poll_at, polled_at) VALUES ($1, 'crm', 'client', now() + interval '1 h', now())", keeper.tenant_id)
        await create_subscription(pool, database.settings, keeper.tenant_id, subscription_id=uuid4(), name="bi", kind="webhook", url=receiver.url)
        assert await mark_here(database.settings, MOMENT) == 2
        assert await pool.fetchval("SELECT next_poll_at <= now() FROM hub.checkpoint")
        told = await pool.fetch("SELECT tenant_id, cause, detail ->> 'restored_to' AS moment FROM hub.task WHERE state = 'open' ORDER BY tenant_id")
        assert [tuple(row) for row in told] == [(keeper.tenant_id, "restored", MOMENT.isoformat()), (idle, "restored", MOMENT.isoformat())]
        async with a_deliverer(pool, database.settings):
            await keeper.save(name="Nordwind")
            await eventually(lambda: pool.fetchval("SELECT EXISTS (SELECT FROM hub.lane)"), 30)
            with pytest.raises(RequestError, match="not read since the restore: acme: crm client"):
                await resume(pool, (), "operator")
            assert (await pool.fetchval("SELECT state FROM hub.lane"), receiver.got) == ("due", [])
            await pool.execute("UPDATE hub.checkpoint SET polled_at = clock_timestamp()")
            assert [one.slug for one in await resume(pool, ("acme",), "operator")] == ["acme"]
            await eventually(lambda: pool.fetchval("SELECT state = 'idle' FROM hub.lane"), 30)
        events = [one["type"] for one in receiver.events]
        assert (events[0], events[-1].startswith("hub.client.created")) == ("hub.feed.restarted.v1", True)
        async with pool.acquire() as connection:
            assert [one.slug for one in await restores.resting(connection)] == ["zenith"]


async def test_a_database_that_comes_from_another_server_is_marked_by_whoever_sequences_first(database: Database) -> None:
    async with worker_pool(database) as pool:
        tenant = await a_tenant(pool)
        async with pool.acquire() as connection, connection.transaction():
            assert await recognise(connection) == []  # a new one is ours
            await connection.execute("UPDATE hub.feed_head SET cluster = '4711'")
            assert await recognise(connection) == [tenant]
            assert await recognise(connection) == []
            (resting,) = await restores.resting(connection)
    assert (resting.slug, resting.epoch, resting.restored_to) == ("acme", 2, None)


async def test_what_was_let_go_on_though_unread_is_remembered(database: Database) -> None:
    async with worker_pool(database) as pool:
        tenant = await a_tenant(pool)
        await pool.execute("INSERT INTO hub.system (tenant_id, name, kind) VALUES ($1, 'crm', 'crm')", tenant)
        await pool.execute("INSERT INTO hub.checkpoint (tenant_id, system, resource) VALUES ($1, 'crm', 'client')", tenant)
        await mark_here(database.settings, None)
        assert len(await resume(pool, (), "jo", even_unread=True)) == 1
        row = await pool.fetchrow("SELECT resumed_by, adopts_until > now() + interval '29 days' AS adopts FROM hub.restore")
        async with pool.acquire() as connection:
            assert await restores.is_adopting(connection, tenant)
    assert tuple(row) == ("jo", True)
