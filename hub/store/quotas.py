"""Quotas of connected systems, shared by all workers: times to send at, slots, the day's count; and what else every worker heeds.

Invariant: no time to send at is lent twice, and the slots of unexpired leases never exceed what was agreed under the row's lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("quotas")


@dataclass(frozen=True, slots=True)
class Loan:
    """Times to send at: ``count`` of them, the first in ``first_in_s``; ``used`` is the day's count after it."""

    count: int
    first_in_s: float
    used: int
    day_ends_in_s: float


@dataclass(frozen=True, slots=True)
class Control:
    """What stands about the system of one subscription. ``used`` counts today's requests; ``paused_s``: it asked for a pause."""

    tenant_id: int
    subscription_id: UUID
    system: str
    limits: Mapping[str, Any]
    is_draining: bool
    used: int
    paused_s: float


async def lend(
    connection: Connection, tenant_id: int, system: str, *, want: int, spacing_s: float, allowed: int | None, zone: str, unused: int = 0
) -> Loan:
    """Borrow up to ``want`` times to send at; none are lent beyond ``allowed`` requests a day."""
    given = {"tenant": tenant_id, "system": system, "want": want, "spacing_s": spacing_s, "allowed": allowed, "zone": zone, "unused": unused}
    row = await SQL["lend"].row(connection, **given)
    if row is None:
        await SQL["open"].run(connection, tenant=tenant_id, system=system)
        row = await SQL["lend"].row(connection, **given)
    assert row is not None
    return Loan(*tuple(row))


async def pause(connection: Connection, tenant_id: int, system: str, seconds: float) -> None:
    """Lend nobody a time before the pause a system asked for is over."""
    await SQL["pause"].run(connection, tenant=tenant_id, system=system, seconds=seconds)


async def others(tx: Connection, tenant_id: int, system: str, worker: str) -> list[tuple[int, int]]:
    """(slots, wants) of the other workers' leases; holds the connection's turn to the end of the transaction."""
    if await SQL["lock"].value(tx, tenant=tenant_id, system=system) is None:
        await SQL["open"].run(tx, tenant=tenant_id, system=system)
        await SQL["lock"].value(tx, tenant=tenant_id, system=system)
    rows = await SQL["other_slots"].fetch(tx, tenant=tenant_id, system=system, worker=worker)
    return [(row["slots"], row["wants"]) for row in rows]


async def lease_slots(tx: Connection, tenant_id: int, system: str, worker: str, slots: int, wants: int, lease_s: float) -> None:
    await SQL["lease_slots"].run(tx, tenant=tenant_id, system=system, worker=worker, slots=slots, wants=wants, lease_s=lease_s)


async def free_slots(connection: Connection, tenant_id: int, system: str, worker: str) -> None:
    await SQL["free_slots"].run(connection, tenant=tenant_id, system=system, worker=worker)


async def controls(connection: Connection) -> list[Control]:
    """What stands about the system of every active subscription that writes to one, of all tenants."""
    return [
        Control(
            row["tenant_id"], row["id"], row["system"] or "", row["limits"], row["is_draining"],
            row["used"] if row["day"] is not None and row["day"] == row["today"] else 0, row["next_slot_in_s"] or 0.0,
        )
        for row in await SQL["controls"].fetch(connection)
    ]  # fmt: skip


async def set_limits(tx: Connection, tenant_id: int, system: str, limits: Mapping[str, Any], actor: str) -> None:
    """Say how a system is written to. Raises asyncpg's ForeignKeyViolationError where there is no such system."""
    await SQL["set_limits"].run(tx, tenant=tenant_id, system=system, limits=dict(limits), actor=actor)


async def limits_of(connection: Connection, tenant_id: int, system: str) -> asyncpg.Record | None:
    """limits, draining_at, drained_at, set_by, set_at; None when nobody said anything."""
    return await SQL["limits_of"].row(connection, tenant=tenant_id, system=system)


async def start_drain(tx: Connection, tenant_id: int, system: str, actor: str) -> None:
    await SQL["start_drain"].run(tx, tenant=tenant_id, system=system, actor=actor)


async def end_drain(tx: Connection, tenant_id: int, system: str) -> bool:
    """Take on what is new again; answers whether it was draining."""
    return await SQL["end_drain"].row(tx, tenant=tenant_id, system=system) is not None


async def note_drained(connection: Connection) -> Sequence[tuple[int, str]]:
    """Systems of any tenant that have been sent all that was queued since they were to be drained."""
    return [(row["tenant_id"], row["system"]) for row in await SQL["note_drained"].fetch(connection)]


async def standing(connection: Connection, tenant_id: int, system: str) -> asyncpg.Record | None:
    """state, limits, set_by, set_at, requests_today, slots; None when there is no such system."""
    return await SQL["standing"].row(connection, tenant=tenant_id, system=system)
