"""What operations look at: how far every reader is, what is held and why. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack
from uuid import UUID

import asyncpg

from hub.store.lanes import Letters
from hub.store.statements import Connection, statements

SQL = statements("monitor")


async def status(tx: Connection, tenant_id: int, subscription_id: UUID | None = None) -> list[asyncpg.Record]:
    """Every subscription, or one, with its lag in positions and seconds, its lanes by state and its rate."""
    return await SQL["status"].fetch(tx, tenant=tenant_id, id=subscription_id)


async def held(
    tx: Connection, tenant_id: int, *, states: Sequence[str] | None, subscription: UUID | None, system: str | None, entity: str | None, by_reason: bool
) -> list[asyncpg.Record]:  # fmt: skip
    """Lanes that are not at rest, by why; ``ids`` are at most 2,000 of their records."""
    return await SQL["held"].fetch(
        tx, tenant=tenant_id, states=list(states) if states else None, subscription=subscription, system=system, entity=entity, by_reason=by_reason
    )


async def letters(tx: Connection, tenant_id: int, **which: Unpack[Letters]) -> tuple[int, list[UUID]]:
    """How many dead letters a replay would take up, and at most 10,000 of their records."""
    ids = which.get("golden_ids")
    row = await SQL["letters"].row(
        tx, tenant=tenant_id, subscription=which.get("subscription_id"), golden_ids=list(ids) if ids is not None else None,
        task_id=which.get("task_id"), entity=which.get("entity"), since=which.get("since"), until=which.get("until"),
    )  # fmt: skip
    return (row["count"], list(row["ids"] or ())) if row else (0, [])
