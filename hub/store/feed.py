"""The feed: committed changes in their positions, contiguous per tenant, nothing ever appearing below one already seen.

A change has its id while its golden row is locked, so ids of one record rise with its versions; ids of different
records commit in any order. The sequencer gives positions to whatever has become visible since its last snapshot,
ordered by id. No horizon to wait for and no leader: whoever holds the head's row lock sequences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.core.records import Change
from hub.store import feed_notices
from hub.store.statements import Connection, statements

SQL = statements("feed")
WINDOW = 20_000
"""Positions one read looks at, at most: a filter that fits nothing must not scan a whole history."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a tenant's feed stands. ``dropped_to``: positions up to here were given up by retention."""

    position: int
    epoch: int
    dropped_to: int


@dataclass(frozen=True, slots=True)
class FeedChange(Change):
    """One change in its position, with before and after of the fields it changed."""

    position: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """Which changes a reader wants; None means all. ``fields``: at least one of them changed."""

    entities: Sequence[str] | None = None
    ids: Sequence[UUID] | None = None
    fields: Sequence[str] | None = None


async def sequence(tx: Connection, tenant_id: int) -> Head:
    """Give positions to all changes committed so far; holds the tenant's head until the transaction ends.

    Must run in READ COMMITTED, in a transaction that writes no changes itself: the second statement's snapshot, taken
    after the lock, is what the positions stand for.
    """
    head = await SQL["lock_head"].row(tx, tenant=tenant_id)
    if head is None:
        await SQL["open_head"].run(tx, tenant=tenant_id)
        head = await SQL["lock_head"].row(tx, tenant=tenant_id)
        assert head is not None
    moved = await SQL["sequence"].row(
        tx, tenant=tenant_id, seen=head["seen"], position=head["position"], floor_id=head["floor_id"]
    )
    position = moved["position"] if moved else head["position"]
    return Head(position, head["epoch"], head["dropped_to"])


async def tenants_behind(connection: Connection) -> list[int]:
    """Tenants with committed changes that have no position yet."""
    return [row["tenant_id"] for row in await SQL["tenants_behind"].fetch(connection)]


async def check_epochs(tx: Connection) -> list[int]:
    """Start a new epoch for every tenant whose feed was restored from another cluster; answers which.

    Transaction ids mean nothing in another cluster, so the remembered snapshot does not either. Call it before the
    first sequencing of a process, inside a transaction.
    """
    restarted = []
    for row in await SQL["foreign_heads"].fetch(tx):
        tenant_id = row["tenant_id"]
        await SQL["lock_head"].row(tx, tenant=tenant_id)
        if row["is_new"]:
            await SQL["adopt_cluster"].run(tx, tenant=tenant_id)
        else:
            await _start_epoch(tx, tenant_id)
            restarted.append(tenant_id)
    return restarted


async def start_epoch(tx: Connection, tenant_id: int) -> int:
    """Begin a new epoch after a restore; answers its number. Nobody may write changes meanwhile."""
    await SQL["lock_head"].row(tx, tenant=tenant_id)
    return await _start_epoch(tx, tenant_id)


async def _start_epoch(tx: Connection, tenant_id: int) -> int:
    epoch: int = await SQL["start_epoch"].value(tx, tenant=tenant_id)
    await feed_notices.put_restarted(tx, tenant_id, epoch)
    return epoch


async def head(connection: Connection, tenant_id: int) -> Head:
    """Where the feed stands; a tenant without changes stands at 0."""
    row = await SQL["head"].row(connection, tenant=tenant_id)
    return Head(row["position"], row["epoch"], row["dropped_to"]) if row else Head(0, 1, 0)


async def page(
    connection: Connection, tenant_id: int, after: int, first: int, wanted: Filter, *, through_views: bool
) -> tuple[Head, list[FeedChange]]:
    """The head and at most ``first`` changes after a position, both of one snapshot.

    ``through_views``: the connection is of role ``hub_api`` and has its tenant set.
    """
    given: dict[str, Any] = {
        "after": after, "first": first, "window": WINDOW,
        "entities": wanted.entities, "ids": wanted.ids, "fields": wanted.fields,
    }  # fmt: skip
    if through_views:
        rows = await SQL["page_of_views"].fetch(connection, **given)
    else:
        rows = await SQL["page"].fetch(connection, tenant=tenant_id, **given)
    if not rows:
        return Head(0, 1, 0), []
    top = rows[0]
    changes = [FeedChange(*tuple(row)[3:]) for row in rows if row["position"] is not None]
    return Head(top["head"], top["epoch"], top["dropped_to"]), changes


async def older_than(connection: Connection, tenant_id: int, days: int, most: int) -> int | None:
    """Up to which position, of the oldest ``most``, the feed is older than so many days; None where it is not."""
    found: int | None = await SQL["older_than"].value(connection, tenant=tenant_id, days=days, most=most)
    return found


async def holders(connection: Connection, tenant_id: int, position: int) -> list[str]:
    """Names of the subscriptions that still need positions up to this one."""
    return [row["name"] for row in await SQL["holders"].fetch(connection, tenant=tenant_id, position=position)]


async def drop_below(tx: Connection, tenant_id: int, position: int) -> int:
    """Give up positions up to ``position``, but none that a subscription or lane still needs; answers how far it went."""
    await SQL["lock_head"].row(tx, tenant=tenant_id)
    needed = await SQL["needed_from"].value(tx, tenant=tenant_id)
    upto = position if needed is None else min(position, needed - 1)
    dropped_to: int = await SQL["drop_below"].value(tx, tenant=tenant_id, position=upto) or 0
    return dropped_to
