"""What a person must see. Invariant: one open task per (cause, subject); more of the same only raises its count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as make
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("tasks")

TEAMS = {
    "parse": "integration support",
    "type": "integration support",
    "unknown_entity": "integration support",
    "unknown_code": "data stewards",
    "required": "data stewards",
    "reference": "data stewards",
    "unmatched": "data stewards",
    "ambiguous": "data stewards",
    "possible_duplicate": "data stewards",
    "proposed": "data stewards",
    "cycle": "data stewards",
    "overlap": "data stewards",
    "unbound": "integration support",
    "rejected": "data stewards",
    "locked": "finance operations",
    "left_terminal_state": "finance operations",
    "deleted_transaction": "finance operations",
    "delivery_rejected": "finance operations",
    "brake": "integration support",
}
"""Who looks after which cause; anything else goes to integration support."""

DUE_H = {"locked": 24, "left_terminal_state": 24, "deleted_transaction": 24, "delivery_rejected": 24, "brake": 4}


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to open. ``is_restated`` marks what every computation says anew, so that it is not counted twice."""

    cause: str
    subject: str
    reason: str
    remedy: str
    entity: str | None = None
    golden_id: UUID | None = None
    source_id: int | None = None
    system: str | None = None
    field: str | None = None
    count: int = 1
    money: list[dict[str, str]] | None = None
    detail: dict[str, Any] = make(default_factory=dict)
    correlation_id: str = ""
    is_restated: bool = False


async def open_tasks(tx: Connection, tenant_id: int, tasks: Iterable[NewTask]) -> dict[tuple[str, str], int]:
    """Open tasks or add to the open ones; answers (cause, subject) → id."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for task in tasks:
        name = (task.cause, task.subject)
        if name in merged:
            merged[name]["count"] += task.count
        else:
            merged[name] = _row(task)
    if not merged:
        return {}
    rows = await SQL["open_tasks"].fetch(tx, tenant=tenant_id, rows=list(merged.values()))
    return {(row["cause"], row["subject"]): row["id"] for row in rows}


def _row(task: NewTask) -> dict[str, Any]:
    row = asdict(task)
    row["team"] = TEAMS.get(task.cause, "integration support")
    row["due_h"] = DUE_H.get(task.cause, 72)
    if row.pop("is_restated"):
        row["detail"] = row["detail"] | {"restated": True}
    return row


async def open_of(
    tx: Connection, tenant_id: int, golden_ids: Sequence[UUID], causes: Sequence[str]
) -> list[asyncpg.Record]:
    """(id, golden_id, cause, subject) of the open tasks of these causes about these golden records."""
    return await SQL["open_of_golden"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids), causes=list(causes))


async def resolve(
    tx: Connection, tenant_id: int, ids: Sequence[int], resolution: str, actor: str = "hub"
) -> list[asyncpg.Record]:
    """Close tasks, saying why; answers (id, cause, subject) of those that were open."""
    return await SQL["resolve"].fetch(tx, tenant=tenant_id, ids=list(ids), resolution=resolution, actor=actor)


async def open_by_cause(tx: Connection, tenant_id: int, cause: str, subjects: Sequence[str]) -> list[int]:
    """Ids of the open tasks of one cause about these subjects."""
    rows = await SQL["by_cause"].fetch(tx, tenant=tenant_id, cause=cause, subjects=list(subjects))
    return [row["id"] for row in rows]
