"""What a match model is learned from: forms of some source records, and what people said of pairs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hub.store.statements import Connection, statements

SQL = statements("training")

MOST_OF_A_DECISION = 40
MOST_ANSWERS = 20_000


class Answer(NamedTuple):
    """What a decision in force says of two source records."""

    decision_id: int
    is_same: bool
    a: int
    b: int


async def population(tx: Connection, tenant_id: int, entity: str) -> int:
    """How many source records of an entity are compared."""
    count: int = await SQL["population"].value(tx, tenant=tenant_id, entity=entity)
    return count


async def some(tx: Connection, tenant_id: int, entity: str, most: int) -> list[int]:
    """Source records in an order that says nothing of them, the same every time."""
    return [row["source_id"] for row in await SQL["some"].fetch(tx, tenant=tenant_id, entity=entity, most=most)]


async def near(tx: Connection, tenant_id: int, source_ids: Sequence[int], most: int) -> set[int]:
    """Source records that share a blocking key of at most so many holders with one of these, themselves among them."""
    rows = await SQL["near"].fetch(tx, tenant=tenant_id, source_ids=list(source_ids), most=most)
    return {*source_ids, *(row["source_id"] for row in rows)}


async def forms(tx: Connection, tenant_id: int, entity: str, source_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = await SQL["forms"].fetch(tx, tenant=tenant_id, entity=entity, source_ids=list(source_ids))
    return {row["source_id"]: row["form"] for row in rows}


async def answers(tx: Connection, tenant_id: int, entity: str) -> list[Answer]:
    """What people said of pairs, the latest decision first."""
    rows = await SQL["answers"].fetch(tx, tenant=tenant_id, entity=entity, most=MOST_OF_A_DECISION, most_of_all=MOST_ANSWERS)
    return [Answer(row["id"], row["is_same"], row["a"], row["b"]) for row in rows]


async def end_training(tx: Connection, tenant_id: int, run_id: int, version: int, looked_at: int, outcome: Mapping[str, Any]) -> None:
    await SQL["end_training"].run(tx, tenant=tenant_id, id=run_id, version=version, looked_at=looked_at, outcome=outcome)
