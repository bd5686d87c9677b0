"""Symptoms as rows show them, and the tasks that alerts are. Reads only, but for the tasks' own columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.alerting import Money, Symptom, summed
from hub.store import work
from hub.store.statements import Connection, statements

SQL = statements("alerts")
OF_DELIVERIES = (
    "delivery_rejected", "missing_parent", "unknown_outcome", "unreachable", "credentials", "connector_unusable", "configuration", "parked_lane",
    "circuit_open", "system_disabled", "closed_period", "brake", "proposed_write",
)  # fmt: skip
"""Causes of tasks that a system's own trouble explains."""


async def is_our_turn(tx: Connection, tenant_id: int, every_s: float) -> bool:
    """Whether nobody has looked for so long; then it is we who do."""
    return bool(await SQL["turn"].value(tx, tenant=tenant_id, every_s=every_s))


async def symptoms(tx: Connection, tenant_id: int) -> list[Symptom]:
    """Everything seen now, in a fixed number of statements."""
    found = [Symptom(row["kind"], row["since"], name=row["name"], count=row["count"]) for row in await SQL["of_the_hub"].fetch(tx, tenant=tenant_id)]
    held = await _held(tx, tenant_id)
    if (late := [one for one in held if one.kind == "late"]) and not await SQL["deliverers"].value(tx):
        found.append(Symptom("delivery_stalled", min(one.since for one in late), count=sum(one.count for one in late)))
    found += held
    found += _of_systems(await SQL["of_systems"].fetch(tx, tenant=tenant_id), held)
    for row in await SQL["of_tasks"].fetch(tx, tenant=tenant_id, of_deliveries=list(OF_DELIVERIES)):
        money: Money = tuple(row["money"] or ())
        found.append(Symptom(row["kind"], row["since"], row["system"], name=row["name"], count=row["count"], money=money, due_at=row["due_at"], team=row["team"]))
    for row in await SQL["of_parents"].fetch(tx, tenant=tenant_id):
        found.append(Symptom("parents_missing", row["since"], row["system"], count=row["count"]))
    for row in await SQL["of_subscriptions"].fetch(tx, tenant=tenant_id):
        found.append(Symptom(row["kind"], row["since"], row["system"], row["subscription"], count=row["count"]))
    return found


def _of_systems(rows: Sequence[asyncpg.Record], held: Sequence[Symptom]) -> Iterable[Symptom]:
    """One symptom a kind and system, since the first of its signs; a pause counts from what it holds, and for nothing where it holds nothing."""
    first: dict[tuple[str, str], Symptom] = {}
    for row in rows:
        since = row["since"] or min((one.since for one in held if one.system == row["system"]), default=None)
        if since is None:
            continue
        known = first.get((row["kind"], row["system"]))
        if known is None or since < known.since:
            first[row["kind"], row["system"]] = Symptom(row["kind"], since, row["system"], name=row["name"])
    return first.values()


async def _held(tx: Connection, tenant_id: int) -> list[Symptom]:
    """Deliveries that are held, with their money. A kind that is about a whole system is one symptom over its subscriptions."""
    rows = await SQL["of_lanes"].fetch(tx, tenant=tenant_id)
    money = await work.money_of(tx, tenant_id, sorted({one for row in rows for one in row["ids"]})) if rows else {}
    gathered: dict[tuple[str, str, str], list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        of_reader = row["kind"] == "late" or not row["system"]
        gathered[row["kind"], row["system"], row["subscription"] if of_reader else ""].append(row)
    return [_symptom(kind, system, subscription, some, money) for (kind, system, subscription), some in gathered.items()]


def _symptom(kind: str, system: str, subscription: str, rows: Sequence[asyncpg.Record], money: Mapping[UUID, list[dict[str, str]]]) -> Symptom:
    records = {one for row in rows for one in row["ids"]}
    return Symptom(
        kind, min(row["since"] for row in rows), system, subscription, count=sum(row["count"] for row in rows),
        money=summed(money[one] for one in sorted(records) if one in money), due_at=min((row["due_at"] for row in rows if row["due_at"]), default=None),
    )  # fmt: skip


async def standing(tx: Connection, tenant_id: int) -> dict[str, asyncpg.Record]:
    """Open alerts by their subject."""
    return {row["subject"]: row for row in await SQL["standing"].fetch(tx, tenant=tenant_id)}


async def place(tx: Connection, tenant_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give alerts their team, time and priority: id, team, due_h, priority."""
    if rows:
        await SQL["place"].run(tx, tenant=tenant_id, rows=list(rows))
