"""The tasks behind a cell of the money board, largest amounts first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("money")


@dataclass(frozen=True, slots=True)
class Cell:
    """Which blocked money; ``has_house`` without a ``house`` means: of no legal entity."""

    causes: Sequence[str]
    team: str | None = None
    has_house: bool = False
    house: UUID | None = None
    currency: str | None = None


async def tasks(tx: Connection, tenant_id: int, cell: Cell, *, skip: int = 0, most: int = 50) -> list[asyncpg.Record]:
    """The open tasks of a cell."""
    return await SQL["tasks"].fetch(
        tx, tenant=tenant_id, causes=list(cell.causes), team=cell.team, has_house=cell.has_house, house=cell.house, currency=cell.currency,
        skip=skip, most=most,
    )  # fmt: skip


async def lanes(tx: Connection, tenant_id: int, task_ids: Sequence[int], most: int = 500) -> list[asyncpg.Record]:
    """(task_id, entity, golden_id, reason) of the deliveries that these tasks hold."""
    return await SQL["lanes"].fetch(tx, tenant=tenant_id, ids=list(task_ids), most=most)
