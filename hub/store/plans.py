"""Plans: what a changed rule would change, record by record, kept until it is applied exactly or given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.planning import Step
from hub.store.statements import Connection, statements

SQL = statements("plans")
START = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Plan:
    """One row of ``hub.plan``. ``given`` is the rule to be, ``before`` the one it was held against."""

    id: int
    kind: str
    state: str
    entities: list[str]
    given: Mapping[str, Any]
    before: Mapping[str, Any]
    reason: str
    actor: str
    undoes: int | None
    undone_by: int | None
    proposal_id: int | None
    config_version: int
    seen_from: datetime
    done: int
    total: int
    at_entity: str
    at_id: UUID
    summary: Mapping[str, Any]
    error: str
    applied_at: datetime | None
    approved_by: str | None
    correlation_id: str


def _plan(row: asyncpg.Record | None) -> Plan | None:
    return Plan(*row) if row is not None else None


async def make(tx: Connection, tenant_id: int, **given: Any) -> int:
    """Open a plan (kind, entities, given, before, reason, actor, undoes, config_version, total, correlation_id); answers its id."""
    made: int = await SQL["make"].value(tx, tenant=tenant_id, **given)
    return made


async def find(tx: Connection, tenant_id: int, plan_id: int) -> Plan | None:
    return _plan(await SQL["find"].row(tx, tenant=tenant_id, id=plan_id))


async def lock(tx: Connection, tenant_id: int, plan_id: int) -> Plan | None:
    """The plan, held until the transaction ends."""
    return _plan(await SQL["lock"].row(tx, tenant=tenant_id, id=plan_id))


async def held(tx: Connection, tenant_id: int, plan_id: int, token: UUID) -> Plan | None:
    """The plan, held until the transaction ends, if this worker's lease on it stands."""
    return _plan(await SQL["is_ours"].row(tx, tenant=tenant_id, id=plan_id, token=token))


async def claim(tx: Connection, tenant_id: int, token: UUID, lease_s: float) -> int | None:
    """Take a plan that a worker has to go on with; answers its id, None when there is none."""
    row = await SQL["claim"].row(tx, tenant=tenant_id, token=token, lease_s=lease_s)
    return row["id"] if row else None


async def proceed(tx: Connection, tenant_id: int, plan: Plan, done: int, at: tuple[str, UUID], summary: Mapping[str, Any], lease_s: float) -> None:
    await SQL["proceed"].run(
        tx, tenant=tenant_id, id=plan.id, done=done, at_entity=at[0], at_id=at[1], summary=dict(summary), lease_s=lease_s
    )


async def move(tx: Connection, tenant_id: int, plan_id: int, state: str, *, actor: str | None = None, error: str = "") -> None:
    """Put a plan into its next state, at the first of its records."""
    await SQL["move"].run(tx, tenant=tenant_id, id=plan_id, state=state, actor=actor, error=error)


async def begin_anew(
    tx: Connection, tenant_id: int, plan_id: int, before: Mapping[str, Any], entities: Sequence[str], config_version: int, total: int
) -> None:
    """Forget what a plan has found, and hold it against the rule in force now."""
    await SQL["forget_items"].run(tx, tenant=tenant_id, id=plan_id)
    await SQL["forget_deliveries"].run(tx, tenant=tenant_id, id=plan_id)
    await SQL["refresh"].run(
        tx, tenant=tenant_id, id=plan_id, before=dict(before), config_version=config_version, total=total, entities=list(entities)
    )


async def population(tx: Connection, tenant_id: int, entities: Sequence[str]) -> int:
    """How many golden records these entities have, born or not."""
    return int(await SQL["population"].value(tx, tenant=tenant_id, entities=list(entities)))


async def page(tx: Connection, tenant_id: int, entity: str, after: UUID, most: int) -> list[UUID]:
    """The next golden ids of one entity, ascending."""
    return [row["golden_id"] for row in await SQL["page"].fetch(tx, tenant=tenant_id, entity=entity, after=after, most=most)]


async def put_items(tx: Connection, tenant_id: int, plan_id: int, steps: Iterable[Step]) -> None:
    rows = [step.row() for step in steps]
    if rows:
        await SQL["put_items"].run(tx, tenant=tenant_id, id=plan_id, rows=rows)


async def put_deliveries(tx: Connection, tenant_id: int, plan_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await SQL["put_deliveries"].run(tx, tenant=tenant_id, id=plan_id, rows=list(rows))


async def digests(tx: Connection, tenant_id: int, plan_id: int, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """What the plan says these records will be; a record it does not list is absent."""
    rows = await SQL["items_of"].fetch(tx, tenant=tenant_id, id=plan_id, golden_ids=list(ids))
    return {row["golden_id"]: row["digest"] for row in rows}


async def items_left(tx: Connection, tenant_id: int, plan_id: int, after: UUID, most: int) -> list[asyncpg.Record]:
    """(golden_id, entity, digest) of the next records that are still to be changed."""
    return await SQL["items_left"].fetch(tx, tenant=tenant_id, id=plan_id, after=after, most=most)


async def settle_items(tx: Connection, tenant_id: int, plan_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """What became of records: rows of golden_id, entity, state, moved, applied_version."""
    if rows:
        await SQL["settle_items"].run(tx, tenant=tenant_id, id=plan_id, rows=list(rows))


async def counts(tx: Connection, tenant_id: int, plan_id: int) -> dict[str, int]:
    """State → items."""
    return {row["state"]: row["count"] for row in await SQL["count_items"].fetch(tx, tenant=tenant_id, id=plan_id)}


async def receivables(tx: Connection, tenant_id: int, plan_id: int) -> list[dict[str, Any]]:
    """Open receivables that the plan's records touch: rows of currency, amount (text), count."""
    rows = await SQL["receivables"].fetch(tx, tenant=tenant_id, id=plan_id)
    return [{"currency": row["currency"], "amount": format(row["amount"], "f"), "count": row["count"]} for row in rows]
