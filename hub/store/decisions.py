"""Judgements in force. What ``f`` reads of them is :class:`hub.core.records.Decision`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.records import Decision
from hub.store.statements import Connection, statements

SQL = statements("decisions")


async def in_force(tx: Connection, tenant_id: int, golden_ids: Iterable[UUID]) -> dict[UUID, list[Decision]]:
    """The decisions about these golden records that nobody has withdrawn, oldest first."""
    found: dict[UUID, list[Decision]] = {}
    for row in await SQL["in_force"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids)):
        found.setdefault(row["golden_id"], []).append(Decision(**dict(row)))
    return found


async def make(tx: Connection, tenant_id: int, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Store decisions (keys as in :class:`Decision`, plus ``evidence``); answers their ids."""
    return [row["id"] for row in await SQL["make"].fetch(tx, tenant=tenant_id, rows=list(rows))] if rows else []


async def withdraw(tx: Connection, tenant_id: int, decision_id: int, actor: str) -> asyncpg.Record | None:
    """Withdraw a decision; None when it is not in force."""
    return await SQL["withdraw"].row(tx, tenant=tenant_id, id=decision_id, actor=actor)


async def confirmed(tx: Connection, tenant_id: int, golden_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Of these golden records, those that a person has put together or confirmed."""
    wanted = list(golden_ids)
    rows = await SQL["confirmed"].fetch(tx, tenant=tenant_id, golden_ids=wanted) if wanted else []
    return frozenset(row["golden_id"] for row in rows)


async def explain(tx: Connection, tenant_id: int, ids: Sequence[int], rule: str, evidence: dict[str, Any]) -> None:
    """Add to decisions of a rule which rule it was and what it saw."""
    await SQL["explain"].run(tx, tenant=tenant_id, ids=list(ids), rule=rule, evidence=evidence)
