"""A worker that is told to end finishes what it has in hand, so that nobody has to wait for its leases to run out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

from hub import worker
from hub.flows.subscriptions import create_subscription
from tests.conftest import Database
from tests.flows.delivering import Keeper, a_receiver, a_tenant, eventually, worker_pool


async def test_what_is_on_its_way_arrives_once_and_is_stored_when_the_worker_is_told_to_end(database: Database) -> None:
    let_go = asyncio.Event()

    async def late(_: Any) -> int:
        await let_go.wait()
        return 204

    settings = replace(database.settings, secret_key="k" * 40, redis_url=None, lease_s=60.0, webhook_networks="127.0.0.0/8")
    async with worker_pool(database) as pool, a_receiver(late) as receiver:
        keeper = Keeper(pool, await a_tenant(pool))
        await create_subscription(pool, settings, keeper.tenant_id, subscription_id=uuid4(), name="bi", kind="webhook", url=receiver.url)
        running = asyncio.create_task(worker.run(settings, ["deliver"]))
        await keeper.save(name="Nordwind")
        await asyncio.wait_for(receiver.came.wait(), 30)
        running.cancel()
        await asyncio.sleep(0)
        let_go.set()
        await asyncio.wait([running], timeout=30)
        assert running.cancelled()
        assert await pool.fetchval("SELECT state || ' ' || delivered_version FROM hub.lane") == "idle 1"
        assert len(receiver.got) == 1


async def test_messages_in_hand_are_folded_and_no_claim_is_left_when_the_worker_is_told_to_end(database: Database) -> None:
    settings = replace(database.settings, secret_key="k" * 40, redis_url=None, lease_s=60.0)
    async with worker_pool(database) as pool:
        keeper = Keeper(pool, await a_tenant(pool))
        await pool.execute("INSERT INTO hub.system (tenant_id, name, kind) VALUES ($1, 'crm', 'crm')", keeper.tenant_id)
        running = asyncio.create_task(worker.run(settings, ["ingest"]))
        for number in range(40):
            await pool.execute(
                "WITH m AS (INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at) "
                "VALUES ($1, 'crm', 'client', $2, $2, $3, 'api', 'crm', 'c', now()) RETURNING tenant_id, id) "
                "INSERT INTO hub.inbox_open (tenant_id, inbox_id, source_hash) SELECT tenant_id, id, id FROM m",
                keeper.tenant_id, str(number), json.dumps({"name": f"Client {number}"}).encode(),
            )  # fmt: skip
        await eventually(lambda: pool.fetchval("SELECT EXISTS (SELECT FROM hub.claim)"), 30)
        running.cancel()
        await asyncio.wait([running], timeout=30)
        assert running.cancelled()
        assert await pool.fetchval("SELECT count(*) FROM hub.claim") == 0
