"""Sequencing and retention of the feed, as use cases of their own. Before: ingest. Next: deliver, or a reader."""

from __future__ import annotations

from hub.flows import restored
from hub.store import feed
from hub.store.pool import Pool


async def sequence(pool: Pool, tenant_id: int) -> feed.Head:
    """Give every committed change of the tenant its position, and tell readers when there was one."""
    async with pool.acquire() as connection, connection.transaction():
        return await feed.sequence(connection, tenant_id)


async def drop_feed_below(pool: Pool, tenant_id: int, position: int) -> int:
    """Retention: give up positions up to ``position``; the audit (``change``) stays.

    Stops before whatever an unfinished lane or a subscription that is not disabled still needs, and answers how far it
    went. Readers behind that are told by their next read (:class:`hub.flows.feed.Gap`), a subscription that was
    disabled when it is resumed.
    """
    async with pool.acquire() as connection, connection.transaction():
        return await feed.drop_below(connection, tenant_id, position)


async def check_epochs(pool: Pool) -> list[int]:
    """After a restore into another cluster the feed starts a new epoch and deliveries rest; answers the tenants concerned."""
    async with pool.acquire() as connection, connection.transaction():
        return await restored.recognise(connection)
