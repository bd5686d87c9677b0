"""Retention of the feed: positions older than HUB_FEED_DAYS are given up, little by little; versions and changes stay.

Nothing is passed in silence. What a lane or a subscription that is not disabled still needs is kept, and a task says whom it is
kept for; readers who come later are told of their gap (:class:`hub.flows.feed.Gap`, :mod:`hub.flows.feed_notices`).
"""

from __future__ import annotations

from hub.core.causes import CAUSES
from hub.store import feed, tasks
from hub.store.pool import Pool
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.flows.retention")
EVERY_S = 3600.0
STRETCH = 5_000
"""Positions dropped in one transaction: the sequencer waits for it, about 20 ms."""
MOST_STRETCHES = 200
HELD = "feed_held"
assert HELD in CAUSES


async def retain_all(pool: Pool, days: int) -> int:
    """Drop what is older than so many days from every tenant's feed; answers how many positions. 0 days: nothing."""
    if days <= 0:
        return 0
    return sum([await _retain(pool, row["tenant_id"], days) for row in await pool.fetch("SELECT tenant_id FROM hub.feed_head")])


async def _retain(pool: Pool, tenant_id: int, days: int) -> int:
    dropped, holders, old = 0, list[str](), None
    for _ in range(MOST_STRETCHES):
        async with pool.acquire() as connection, connection.transaction():
            old = await feed.older_than(connection, tenant_id, days, STRETCH)
            if old is None:
                break
            before = (await feed.head(connection, tenant_id)).dropped_to
            upto = await feed.drop_below(connection, tenant_id, old)
            dropped += max(upto - before, 0)
            if upto < old:
                holders = await feed.holders(connection, tenant_id, old)
                break
    await _tell_of_holders(pool, tenant_id, days, old, holders)
    if dropped:
        log.info("feed_dropped", tenant_id=tenant_id, count=dropped)
    return dropped


async def _tell_of_holders(pool: Pool, tenant_id: int, days: int, position: int | None, holders: list[str]) -> None:
    """One task a tenant while somebody holds the feed back; it is solved when nobody does."""
    async with pool.acquire() as connection, connection.transaction():
        if not holders:
            open_ones = await tasks.open_by_cause(connection, tenant_id, HELD, ["feed"])
            await tasks.resolve(connection, tenant_id, open_ones, "nobody holds it back any more")
            return
        told = NewTask(
            HELD, "feed", f"Changes up to position {position} are older than {days} days and kept for: {', '.join(holders)}.",
            "Replay or give up its dead letters, resume it, or disable it: then they are dropped, and it is told of the gap.",
            detail={"subscriptions": holders, "position": position}, is_restated=True,
        )  # fmt: skip
        await tasks.open_tasks(connection, tenant_id, [told])
