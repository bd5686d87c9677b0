"""What a restore leaves behind: a row a tenant, and while it is open nothing is delivered (``lanes.sql``, claim)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.store.statements import Connection, statements

SQL = statements("restores")


@dataclass(frozen=True, slots=True)
class Resting:
    """A tenant whose deliveries rest after a restore. ``unread``: what was not polled since, as "system resource"."""

    slug: str
    tenant_id: int
    restored_at: datetime
    restored_to: datetime | None
    epoch: int
    unread: Sequence[str]


async def mark(tx: Connection, tenant_id: int, restored_to: datetime | None, epoch: int, way: str) -> int:
    """Note that a tenant was restored: deliveries rest, systems are read again at once, leases run out; answers its id."""
    await SQL["poll_at_once"].run(tx, tenant=tenant_id)
    await SQL["let_leases_run_out"].run(tx, tenant=tenant_id)
    marked: int = await SQL["mark"].value(tx, tenant=tenant_id, restored_to=restored_to, epoch=epoch, way=way)
    return marked


async def resting(connection: Connection) -> list[Resting]:
    """Tenants whose deliveries rest."""
    return [Resting(*tuple(row)) for row in await SQL["open"].fetch(connection)]


async def resume(tx: Connection, tenant_id: int, actor: str, adopt_days: int) -> bool:
    """Let deliveries go on; False when they did not rest."""
    return bool(await SQL["resume"].fetch(tx, tenant=tenant_id, actor=actor, adopt_days=adopt_days))


async def is_adopting(connection: Connection, tenant_id: int) -> bool:
    """Whether targets are asked for a record before one is created there."""
    return bool(await SQL["is_adopting"].value(connection, tenant=tenant_id))
