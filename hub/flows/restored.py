"""After a restore: a new epoch, deliveries that rest, people told, and the word that lets them go on.

The records stand at an earlier moment than the world: receivers have seen positions that no longer exist, and connected
systems hold what the hub forgot. So nothing is sent until somebody has looked, systems are read again first, and for a
while every target is asked for a record before one is created there (law 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.errors import RequestError
from hub.store import feed, restores, tasks
from hub.store.pool import Pool
from hub.store.restores import Resting
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.restored")
ADOPT_DAYS = 30
"""How long targets are asked first; a system that is read seldom shows within a month what it holds."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How a database came to stand at an earlier moment. ``to`` is None where nobody said."""

    to: datetime | None
    way: str


async def mark_all(tx: Connection, how: Restored) -> list[int]:
    """Every tenant of this database was restored: new epochs, deliveries rest, one task each. Answers the tenants.

    Nobody may write changes meanwhile: it belongs between the restore and the first start of the hub.
    """
    ids = [row["tenant_id"] for row in await tx.fetch("SELECT tenant_id FROM hub.feed_head ORDER BY tenant_id")]
    for tenant_id in ids:
        await _mark(tx, tenant_id, await feed.start_epoch(tx, tenant_id), how)
    return ids


async def recognise(tx: Connection) -> list[int]:
    """The same where a database turns out to come from another server; answers the tenants concerned, mostly none."""
    found = await feed.check_epochs(tx)
    for tenant_id in found:
        await _mark(tx, tenant_id, (await feed.head(tx, tenant_id)).epoch, Restored(None, "other cluster"))
        log.warning("the database was restored: a new epoch begins and deliveries rest", tenant_id=tenant_id)
    return found


async def _mark(tx: Connection, tenant_id: int, epoch: int, how: Restored) -> None:
    await restores.mark(tx, tenant_id, how.to, epoch, how.way)
    moment = f"{how.to:%Y-%m-%d %H:%M:%S} UTC" if how.to else "an earlier moment"
    told = NewTask(
        "restored", "database", f"The records were brought back to {moment}; deliveries rest until somebody lets them go on.",
        "See that every system has been read again (resting deliveries list what was not), have systems that only send to us "
        "send again what they sent since, revoke again keys revoked since, then: hub resume-deliveries.",
        detail={"epoch": epoch, "way": how.way, "restored_to": how.to.isoformat() if how.to else None}, is_restated=True,
    )  # fmt: skip
    await tasks.open_tasks(tx, tenant_id, [told])


async def resume(pool: Pool, slugs: Sequence[str], actor: str, *, even_unread: bool = False) -> list[Resting]:
    """Let deliveries of these tenants (none named: of all) go on; answers whose rested.

    Raises :class:`RequestError` while a polled resource was not read since the restore, unless ``even_unread``.
    """
    async with pool.acquire() as connection, connection.transaction():
        resting = [one for one in await restores.resting(connection) if not slugs or one.slug in slugs]
        unread = [f"{one.slug}: {name}" for one in resting for name in one.unread]
        if unread and not even_unread:
            raise RequestError(
                "NOT_READ_YET", f"not read since the restore: {', '.join(unread)}",
                remedy="Wait until the workers have polled them, or go on without (--even-unread).", is_retryable=True,
            )  # fmt: skip
        for one in resting:
            await restores.resume(connection, one.tenant_id, actor, ADOPT_DAYS)
            open_ids = await tasks.open_by_cause(connection, one.tenant_id, "restored", ["database"])
            await tasks.resolve(connection, one.tenant_id, open_ids, "deliveries go on", actor)
            await connection.execute("SELECT pg_notify('hub_lane', $1)", str(one.tenant_id))
    return resting
