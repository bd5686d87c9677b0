"""Fill what the revision ``reading`` left empty of older records: which rows are plain, and what they said before.

Runs after the deployment, when no process of the older build is left: that one would go on changing records without
keeping what they said. Until it has run, reads as of an instant look at every record.
"""

from __future__ import annotations

from uuid import UUID

from hub import telemetry
from hub.flows import search
from hub.store import former
from hub.store.pool import Pool
from schema import ENTITIES

log = telemetry.logger("fill")
BATCH = 2_000


async def fill(pool: Pool, batch: int = BATCH) -> int:
    """Fill every tenant that is not filled, in batches of records with a transaction each; answers how many tenants."""
    async with pool.acquire() as connection:
        tenants = await former.unfilled(connection)
    for tenant_id in tenants:
        for meta in ENTITIES.values():
            after: UUID | None = None
            while True:
                async with pool.acquire() as tx, tx.transaction():
                    after = await former.fill(tx, tenant_id, meta, after, batch)
                if after is None:
                    break
        async with pool.acquire() as tx, tx.transaction():
            await former.filled(tx, tenant_id)
    await search.keep_up(pool)  # what search knows of a tenant it has not seen is written from the records
    return len(tenants)
