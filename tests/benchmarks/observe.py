"""What seeing costs when there is much to see: the trail of one correlation, lag of readers, held lanes, alerts, gauges, seals; at a million changes.

``python -m tests.benchmarks.observe [ROWS]``: an embedded server of its own, filled by the database itself; the last line is JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from hub import embedded
from hub.flows import alerts, audit, audit_reads, correlate, monitor
from hub.flows.correlate import Wanted
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import gauges
from hub.store.pool import Pool, open_worker_pool

FILL = """
    INSERT INTO hub.tenant (slug, name) VALUES ('a', 'a');
    INSERT INTO hub.system (tenant_id, name, kind) SELECT 1, 's' || n, 'erp' FROM generate_series(1, 5) n;
    INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
    SELECT 1, 's1', 'account', n::text, n::text, '{{}}', 'webhook', 's1', 'c-' || n, now() FROM generate_series(1, {rows}) n;
    INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id)
    SELECT 1, 's1', 'account', n::text, 'client', 'present', lpad(to_hex(n), 32, '0')::uuid FROM generate_series(1, {rows}) n;
    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, message_id, at)
    SELECT 1, 'client', lpad(to_hex(n), 32, '0')::uuid, 1, 'create', '{{"name": null, "phone": null, "city": null}}',
           jsonb_build_object('name', 'Client ' || n, 'phone', '+4930' || n, 'city', 'Berlin'), 'source', 's1', 'c-' || n, n, now() FROM generate_series(1, {rows}) n;
    INSERT INTO hub.feed (tenant_id, position, change_id) SELECT 1, id, id FROM hub.change;
    INSERT INTO hub.feed_head (tenant_id, position, seen) VALUES (1, {rows}, pg_current_snapshot());
    INSERT INTO hub.subscription (tenant_id, id, name, kind, system, position)
    SELECT 1, lpad(to_hex(n), 32, '0')::uuid, 'reader ' || n, 'connector', 's' || n, {rows} FROM generate_series(1, 5) n;
    INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, wanted_position, delivered_version, state, reason)
    SELECT 1, lpad(to_hex(1 + id % 5), 32, '0')::uuid, golden_id, 'client', 1, id, 1, CASE WHEN id % 50 = 0 THEN 'parked' ELSE 'idle' END, 'refused' FROM hub.change;
    INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state, correlation_id, request, started_at)
    SELECT 1, lpad(to_hex(1 + id % 5), 32, '0')::uuid, golden_id, 1, 'create', 'i-' || id, 'done', correlation_id, after, now() - interval '1 day' FROM hub.change;
    INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy, amount, currency)
    SELECT 1, 'required', n::text, 'finance_operations', now() + interval '1 day', '', '', n, 'EUR' FROM generate_series(1, {rows} / 100) n;
"""
SEALED = 50_000
"""Changes that are sealed to measure the rate."""


async def timed(what: Callable[[], Awaitable[Any]], times: int) -> dict[str, float]:
    """Median and worst of some runs after one that warms up, in milliseconds."""
    await what()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await what()
        took.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": round(statistics.median(took), 2), "max_ms": round(max(took), 2)}


async def measured(pool: Pool, rows: int) -> dict[str, Any]:
    numbers = iter(range(7, rows, max(rows // 5_000, 1)))

    async def trail() -> None:
        async with pool.acquire() as tx:
            assert await correlate.trail(tx, 1, Wanted(correlation_id=f"c-{next(numbers)}"))

    async def by_key() -> None:
        async with pool.acquire() as tx:
            assert await correlate.trail(tx, 1, Wanted(key=f"i-{next(numbers)}"))

    async def read_gauges() -> None:
        async with pool.acquire() as tx:
            await gauges.read(tx)

    async def look() -> None:
        async with pool.acquire() as tx, tx.transaction():
            await alerts.look(tx, 1, datetime.now(UTC))

    async def audited() -> None:
        async with pool.acquire() as tx:
            given = {"record": UUID(int=next(numbers) % SEALED + 1), "actor": None, "kind": None, "since": None, "until": None, "first": 50}
            await audit_reads.trail(tx, 1, "key", **given)

    found: dict[str, Any] = {
        "rows": rows,
        "trail": await timed(trail, 300), "trail_by_key": await timed(by_key, 100), "delivery_status": await timed(lambda: monitor.status(pool, 1), 10),
        "lane_groups": await timed(lambda: monitor.held(pool, 1), 5), "gauges": await timed(read_gauges, 5), "alerts": await timed(look, 5),
    }  # fmt: skip
    began, sealed = time.perf_counter(), 0
    while sealed < min(SEALED, rows):
        async with pool.acquire() as tx, tx.transaction():
            sealed += await audit.seal_next(tx, 1, "key")
    found["sealed_per_s"] = round(sealed / (time.perf_counter() - began))
    began = time.perf_counter()
    async with pool.acquire() as tx, tx.transaction():
        done = await audit.verify(tx, 1, "key")
    assert done.problems == [], done.problems[:3]
    found["verified_per_s"] = round(done.entries / (time.perf_counter() - began))
    found["audit_trail"] = await timed(audited, 50)
    return found


async def main(rows: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="hub-observe-"))
    with embedded.start(folder) as servers:
        settings = Settings().on(servers)
        await migrate(settings)
        owner = await asyncpg.connect(settings.need("database_url"))
        began = time.perf_counter()
        for statement in FILL.format(rows=rows).split(";\n"):
            if statement.strip():
                await owner.execute("SET session_replication_role = replica")
                await owner.execute(statement, timeout=600)
        await owner.execute("VACUUM ANALYZE", timeout=600)
        await owner.close()
        print(f"filled with {rows:,} rows in {time.perf_counter() - began:.0f} s", flush=True)
        pool = await open_worker_pool(settings.need("worker_url"), size=2)
        found = await measured(pool, rows)
        await pool.close()
    for name, value in found.items():
        print(f"{name:18} {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
