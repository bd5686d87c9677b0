"""What a webhook or broker has to be told before anything else: a gap in its feed, or that the feed was restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.store.statements import Connection, statements
from hub.store.subscriptions import Subscription

SQL = statements("feed_notices")


@dataclass(frozen=True, slots=True)
class Notice:
    """``what`` has type (gap or restarted) and what goes with it; it stays until the subscriber has taken it."""

    tenant_id: int
    tenant: str
    epoch: int
    subscription: Subscription
    what: Mapping[str, Any]


async def put(tx: Connection, tenant_id: int, subscription_id: UUID, what: Mapping[str, Any]) -> None:
    """Have a subscription told; one that it is to be told of a restored feed already stays."""
    await SQL["put"].run(tx, tenant=tenant_id, subscription=subscription_id, notice=dict(what))


async def put_restarted(tx: Connection, tenant_id: int, epoch: int) -> None:
    """Have every webhook and broker of the tenant told that its feed was restored."""
    await SQL["put_restarted"].run(tx, tenant=tenant_id, epoch=epoch)


async def claim(connection: Connection, lease_s: float) -> list[Notice]:
    """Notices that are due, ours for a while; none of a tenant whose deliveries rest."""
    rows = await SQL["claim"].fetch(connection, lease_s=lease_s)
    return [Notice(row[0], row[1], row[2], Subscription(*tuple(row)[4:]), row[3]) for row in rows]


async def settle(tx: Connection, one: Notice) -> None:
    """The subscriber has taken it, or never will: its lanes go on."""
    await SQL["settle"].run(tx, tenant=one.tenant_id, subscription=one.subscription.id, notice=dict(one.what))


async def put_off(tx: Connection, one: Notice, delay_s: float) -> None:
    await SQL["put_off"].run(
        tx, tenant=one.tenant_id, subscription=one.subscription.id, notice=dict(one.what), delay_s=delay_s
    )
