"""What operations look at, with the money at stake: readers and how far they are, lanes by why they are held, what a replay would take up.

Everything is read in a fixed number of statements; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack
from uuid import UUID

from hub.core.alerting import Money, summed
from hub.store import monitor, work
from hub.store.lanes import Letters
from hub.store.pool import Pool
from hub.store.statements import Connection

PER_MINUTE = 5
"""The rate is told over so many minutes."""


async def status(pool: Pool, tenant_id: int, subscription_id: UUID | None = None) -> list[dict[str, Any]]:
    """Every subscription: ``lag`` positions (None for pull cursors, which keep their own), ``lag_s`` seconds, lanes by state, rates a minute."""
    async with pool.acquire() as connection:
        rows = await monitor.status(connection, tenant_id, subscription_id)
    return [
        {**row, "lag_s": row["lag_s"] or 0.0, "delivered_per_minute": row["delivered"] / PER_MINUTE, "failed_per_minute": row["failed"] / PER_MINUTE}
        for row in rows
    ]


async def held(
    pool: Pool, tenant_id: int, *, states: Sequence[str] | None = None, subscription: UUID | None = None, system: str | None = None,
    entity: str | None = None, by_reason: bool = True,
) -> list[dict[str, Any]]:  # fmt: skip
    """Lanes that are not at rest, by subscription, entity, state, cause and reason, with their money per currency."""
    async with pool.acquire() as connection:
        rows = await monitor.held(
            connection, tenant_id, states=states, subscription=subscription, system=system, entity=entity, by_reason=by_reason
        )
        money = await _money(connection, tenant_id, [one for row in rows for one in row["ids"]])
    return [{**row, "money": _of(money, row["ids"])} for row in rows]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay takes up: how many deliveries, and their money."""

    count: int
    money: Money


async def preview_replay(pool: Pool, tenant_id: int, **which: Unpack[Letters]) -> Replayed:
    """What :func:`hub.flows.subscriptions.replay_lanes` would take up."""
    async with pool.acquire() as connection:
        count, ids = await monitor.letters(connection, tenant_id, **which)
        return Replayed(count, _of(await _money(connection, tenant_id, ids), ids))


async def _money(tx: Connection, tenant_id: int, ids: Sequence[UUID]) -> Mapping[UUID, list[dict[str, str]]]:
    return await work.money_of(tx, tenant_id, sorted(set(ids))) if ids else {}


def _of(money: Mapping[UUID, list[dict[str, str]]], ids: Sequence[UUID]) -> Money:
    return summed(money[one] for one in sorted(set(ids)) if one in money)
