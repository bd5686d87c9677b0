"""Keep search up with the feed, a moment behind it, so that taking records in costs nothing more.

The position is kept per tenant. Where the feed has a gap, was restored, or a tenant is new to search, the entries are
written from the records instead; ``hub fill`` does that for every tenant at once.
"""

from __future__ import annotations

import asyncio

import asyncpg

from hub import telemetry
from hub.core.searching import SEARCHED
from hub.store import search
from hub.store.pool import Pool

log = telemetry.logger("search")
BATCH = 2_000
"""Positions of the feed, or records, in one transaction: about half a second of work."""
GONE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError, OSError)


async def keep_up_forever(pool: Pool, every_s: float, stop: asyncio.Event) -> None:
    """Look at the feeds again and again; what goes wrong is told and tried anew."""
    while not stop.is_set():
        try:
            await keep_up(pool)
        except GONE as error:
            log.warning("search_waits_for_postgres", error=type(error).__name__)
        except Exception as error:
            log.error("search fell behind", exc_info=error)
        await asyncio.sleep(every_s)


async def keep_up(pool: Pool, batch: int = BATCH) -> int:
    """Bring every tenant's entries to the end of its feed; answers how many tenants had something new."""
    async with pool.acquire() as connection:
        tenants = await search.behind(connection)
    for tenant_id in tenants:
        while await _step(pool, tenant_id, batch):
            pass
    return len(tenants)


async def _step(pool: Pool, tenant_id: int, batch: int) -> bool:
    """One transaction's worth; False when there is no more to do here."""
    async with pool.acquire() as tx, tx.transaction():
        head = await search.lock_head(tx, tenant_id)
        if head is None:
            return False
        if head.is_gapless:
            upto = min(head.position + batch, head.end)
            for entity, ids in (await search.changed(tx, tenant_id, head.position, upto)).items():
                await search.refresh(tx, tenant_id, entity, ids)
            await search.move_head(tx, tenant_id, upto, head.epoch)
            return upto < head.end
    await write_anew(pool, tenant_id, batch)
    return False


async def write_anew(pool: Pool, tenant_id: int, batch: int = BATCH) -> None:
    """Write a tenant's entries from its records, in batches; then they stand where the feed ended before."""
    async with pool.acquire() as tx, tx.transaction():
        head = await search.lock_head(tx, tenant_id)
    if head is None:
        return
    for entity in SEARCHED:
        after = None
        while True:
            async with pool.acquire() as tx, tx.transaction():
                after = await search.refresh_after(tx, tenant_id, entity, after, batch)
                if after is None:
                    await search.forget_gone(tx, tenant_id, entity)
                    break
    async with pool.acquire() as tx, tx.transaction():
        await search.move_head(tx, tenant_id, head.end, head.epoch)
