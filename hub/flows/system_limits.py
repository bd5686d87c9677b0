"""How a connected system is written to, as people say it: limits, draining, resuming; and what stands about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from hub.core.breaker import Breaker
from hub.core.limits import read_limits, stored
from hub.core.windows import closed_until
from hub.errors import RequestError
from hub.store import breakers, configuration, lanes, quotas, subscriptions, tasks
from hub.store.pool import Pool
from hub.store.statements import Connection

PARTS = ("quota", "breaker", "windows", "ledger")


async def set_limits(pool: Pool, tenant_id: int, system: str, limits: Mapping[str, Any], actor: str = "hub") -> None:
    """Say how a system is written to: whole parts (quota, breaker, windows, ledger); a part that is null goes back to what the
    connector declares, one that is not named stays. What waits for its time is looked at again.

    Raises :class:`RequestError` that names what cannot be read.
    """
    async with pool.acquire() as connection, connection.transaction():
        await put_limits(connection, tenant_id, system, limits, actor)


async def put_limits(tx: Connection, tenant_id: int, system: str, limits: Mapping[str, Any], actor: str) -> None:
    """The same within the caller's transaction, for a system that is being connected."""
    unknown = limits.keys() - set(PARTS)
    if unknown:
        raise _bad(f"unknown key '{min(unknown)}'; known are {', '.join(PARTS)}")
    stood = await quotas.limits_of(tx, tenant_id, system)
    wanted = {**(stood["limits"] if stood is not None else {}), **limits}
    wanted = {name: part for name, part in wanted.items() if part is not None}
    try:
        read_limits(wanted)
    except ValueError as error:
        raise _bad(str(error)) from error
    try:
        await quotas.set_limits(tx, tenant_id, system, stored(wanted), actor)
    except asyncpg.ForeignKeyViolationError:
        raise _no_system(system) from None
    await lanes.make_due(tx, tenant_id, await subscriptions.of_system(tx, tenant_id, system), ("due",))


async def drain(pool: Pool, tenant_id: int, system: str, actor: str = "hub") -> None:
    """Send a system what is queued and take no more; when it is done nothing is sent until it is resumed. What changes
    meanwhile waits in the feed."""
    async with pool.acquire() as connection, connection.transaction():
        try:
            await quotas.start_drain(connection, tenant_id, system, actor)
        except asyncpg.ForeignKeyViolationError:
            raise _no_system(system) from None
        await lanes.ring(connection, tenant_id)


async def resume(pool: Pool, tenant_id: int, system: str, actor: str = "hub") -> None:
    """Write to a system again, whatever kept it: a pause, a drain, breakers; what it missed is sent now."""
    async with pool.acquire() as connection, connection.transaction():
        if not await subscriptions.set_paused(connection, tenant_id, system, False):
            raise _no_system(system)
        await quotas.end_drain(connection, tenant_id, system)
        closed = [f"{system}: {operation}" for operation in await breakers.close(connection, tenant_id, system)]
        ids = await tasks.open_by_cause(connection, tenant_id, "system_disabled", [system])
        ids += await tasks.open_by_cause(connection, tenant_id, "circuit_open", closed)
        await tasks.resolve(connection, tenant_id, ids, "resumed", actor)
        await configuration.bump(connection, tenant_id)
        for subscription_id in await subscriptions.of_system(connection, tenant_id, system):
            await lanes.hasten(connection, tenant_id, subscription_id)
        await lanes.ring(connection, tenant_id)


@dataclass(frozen=True, slots=True)
class Operation:
    """A breaker that anybody has heard of."""

    name: str
    breaker: Breaker


@dataclass(frozen=True, slots=True)
class Standing:
    """How a system stands: ``state`` is writing, paused, braked, draining or drained; ``closed_until`` and
    ``postings_closed_until``: the ends of the windows that keep it from being written or posted to now."""

    system: str
    state: str
    limits: Mapping[str, Any]
    requests_today: int
    slots: int
    operations: tuple[Operation, ...]
    closed_until: datetime | None
    postings_closed_until: datetime | None
    set_by: str
    set_at: datetime | None


async def standing(connection: Connection, tenant_id: int, system: str, now: datetime | None = None) -> Standing:
    """What stands about one system. Raises :class:`RequestError` where there is none."""
    row = await quotas.standing(connection, tenant_id, system)
    if row is None:
        raise _no_system(system)
    now = now or datetime.now(UTC)
    windows = read_limits(row["limits"]).windows
    operations = tuple(Operation(name, one) for name, one in sorted((await breakers.of_system(connection, tenant_id, system)).items()))
    return Standing(
        system, row["state"], row["limits"], row["requests_today"], row["slots"], operations,
        closed_until(windows, now, is_posting=False), closed_until(windows, now, is_posting=True), row["set_by"], row["set_at"],
    )  # fmt: skip


def _bad(reason: str) -> RequestError:
    return RequestError("bad_limits", f"limits: {reason}", field="limits", remedy="Correct the document; connectors/README.md shows one.")


def _no_system(system: str) -> RequestError:
    return RequestError("unknown_system", f"there is no system {system!r}", field="system", remedy="List the systems.")
