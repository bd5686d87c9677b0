"""What stewards did, one row a step. Invariant: an action stands until it is undone, and can then only be done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.store.statements import Connection, statements

SQL = statements("actions")


@dataclass(frozen=True, slots=True)
class NewAction:
    """A step to remember. ``given`` is what it was asked, enough to do it again; ``inverse`` what undoing it takes.

    Without an inverse (None) it cannot be undone, and is remembered all the same.
    """

    kind: str
    actor: str
    reason: str = ""
    correlation_id: str = ""
    entity: str | None = None
    golden_ids: Sequence[UUID] = ()
    decision_ids: Sequence[int] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    inverse: Mapping[str, Any] | None = None
    batch_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One step as it is remembered."""

    id: int
    kind: str
    actor: str
    reason: str
    correlation_id: str
    made_at: datetime
    entity: str | None
    golden_ids: list[UUID]
    decision_ids: list[int]
    given: dict[str, Any]
    inverse: dict[str, Any] | None
    batch_id: UUID | None
    undone_at: datetime | None
    undone_by: str | None
    redone_at: datetime | None
    redone_by: str | None
    is_expired: bool


async def record(tx: Connection, tenant_id: int, new: NewAction) -> int:
    """Remember a step in the transaction that makes it; answers its id."""
    made: int = await SQL["record"].value(
        tx, tenant=tenant_id, kind=new.kind, actor=new.actor, reason=new.reason, correlation_id=new.correlation_id,
        entity=new.entity, golden_ids=list(new.golden_ids), decision_ids=list(new.decision_ids), given=dict(new.given),
        inverse=None if new.inverse is None else dict(new.inverse), batch_id=new.batch_id,
    )  # fmt: skip
    return made


async def lock(tx: Connection, tenant_id: int, ids: Sequence[int], keep_days: int) -> list[Action]:
    """These actions, oldest first, held to the end of the transaction. ``keep_days``: how long one can be undone."""
    rows = await SQL["lock"].fetch(tx, tenant=tenant_id, ids=list(ids), keep_days=keep_days)
    return [Action(**dict(row)) for row in rows]


async def of_batch(tx: Connection, tenant_id: int, batch_id: UUID) -> list[int]:
    """Ids of the actions of one bulk step, in their order."""
    return [row["id"] for row in await SQL["of_batch"].fetch(tx, tenant=tenant_id, batch_id=batch_id)]


async def of_decision(tx: Connection, tenant_id: int, decision_id: int) -> int | None:
    """The action that made a decision and stands, if any."""
    found: int | None = await SQL["of_decision"].value(tx, tenant=tenant_id, decision=decision_id)
    return found


async def withdrawn(tx: Connection, tenant_id: int, decision_id: int, actor: str) -> None:
    """A decision was withdrawn by itself: the action that made it, and nothing else that stands, is undone with it."""
    await SQL["withdrawn"].run(tx, tenant=tenant_id, decision=decision_id, actor=actor)


async def later(tx: Connection, tenant_id: int, after: int, golden_ids: Sequence[UUID], kinds: Sequence[str]) -> list[Any]:
    """(id, kind, actor, made_at) of standing actions of these kinds after one, about one of these golden records; newest first."""
    rows: list[Any] = await SQL["later"].fetch(tx, tenant=tenant_id, after=after, golden_ids=list(golden_ids), kinds=list(kinds))
    return rows


async def undone(tx: Connection, tenant_id: int, action: Action, actor: str, inverse: Mapping[str, Any] | None) -> None:
    """The action does not stand any more."""
    await SQL["undone"].run(
        tx, tenant=tenant_id, id=action.id, actor=actor, decision_ids=action.decision_ids, inverse=inverse and dict(inverse)
    )


async def redone(
    tx: Connection, tenant_id: int, action: Action, actor: str, decision_ids: Sequence[int], inverse: Mapping[str, Any] | None
) -> None:
    """The action stands again, by other decisions."""
    await SQL["redone"].run(
        tx, tenant=tenant_id, id=action.id, actor=actor, decision_ids=list(decision_ids), inverse=inverse and dict(inverse)
    )
