"""Proposals and votes, and what a transaction has changed so far. A proposal is asked once and settled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.people import Member
from hub.core.proposing import Step
from hub.store.statements import Connection, statements

SQL = statements("approvals")


async def last_change(tx: Connection, tenant_id: int) -> int:
    """The newest change this transaction has made; 0 when none."""
    found: int = await SQL["last_change"].value(tx, tenant=tenant_id)
    return found


async def changes_since(tx: Connection, tenant_id: int, after: int) -> list[Step]:
    """What this transaction changed after the given change."""
    rows = await SQL["changes_since"].fetch(tx, tenant=tenant_id, after=after)
    return [Step(row["entity"], row["golden_id"], row["op"], row["before"], row["after"]) for row in rows]


async def deliveries(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """``[{system, entity, records, mode}]``: whom a change of these records would be sent to."""
    return [dict(row) for row in await SQL["deliveries"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))]


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A change to wait for approval; ``needed`` people must approve it within ``days``."""

    operation: str
    given: dict[str, Any]
    diff: dict[str, Any]
    estimate: dict[str, Any]
    risk: str
    needed: int
    days: int
    subject: str
    reason: str
    entity: str | None
    golden_ids: tuple[UUID, ...]
    author: str
    author_id: UUID | None
    author_teams: tuple[str, ...]
    correlation_id: str = ""
    replaces_id: int | None = None


async def ask(tx: Connection, tenant_id: int, new: NewProposal) -> int:
    """Store a proposal; answers its id."""
    made: int = await SQL["ask"].value(
        tx, tenant=tenant_id, operation=new.operation, given=new.given, diff=new.diff, estimate=new.estimate, risk=new.risk,
        needed=new.needed, subject=new.subject, reason=new.reason, entity=new.entity, golden_ids=list(new.golden_ids),
        author=new.author, author_id=new.author_id, author_teams=list(new.author_teams), replaces_id=new.replaces_id,
        days=new.days, correlation_id=new.correlation_id,
    )  # fmt: skip
    return made


async def lock(tx: Connection, tenant_id: int, proposal_id: int) -> asyncpg.Record | None:
    """One proposal, held until the transaction ends."""
    return await SQL["lock"].row(tx, tenant=tenant_id, id=proposal_id)


async def vote(
    tx: Connection, tenant_id: int, proposal_id: int, voter: Member, actor: str, standing_for: Member | None, vote: str, comment: str
) -> int:
    """Keep a vote, in place of an earlier one of the same person; answers how many approve now."""
    await SQL["vote"].run(
        tx, tenant=tenant_id, id=proposal_id, member_id=voter.id, actor=actor, for_id=standing_for.id if standing_for else None,
        teams=sorted((standing_for or voter).teams), vote=vote, comment=comment,
    )  # fmt: skip
    approvals: int = await SQL["approvals"].value(tx, tenant=tenant_id, id=proposal_id)
    return approvals


async def settle(
    tx: Connection, tenant_id: int, proposal_id: int, state: str, actor: str, resolution: str, *, fresh: Any = None, moved: Any = None,
    decision_ids: Sequence[int] = (), action_id: int | None = None,
) -> None:  # fmt: skip
    """End a proposal, saying how."""
    await SQL["settle"].run(
        tx, tenant=tenant_id, id=proposal_id, state=state, fresh=fresh, moved=moved, decision_ids=list(decision_ids),
        action_id=action_id, actor=actor, resolution=resolution,
    )  # fmt: skip


async def expire(tx: Connection, tenant_id: int) -> list[int]:
    """End proposals nobody decided in time; answers which."""
    return [row["id"] for row in await SQL["expire"].fetch(tx, tenant=tenant_id)]


async def notice(tx: Connection, tenant_id: int, subject: str, hours: int) -> asyncpg.Record | None:
    """(free_at, is_over) of the notice a proposal waits for; None when it needs none."""
    return await SQL["notice"].row(tx, tenant=tenant_id, subject=subject, hours=hours)


async def open_about(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID]) -> dict[int, list[UUID]]:
    """Open proposals about these golden records: id → the records each is about."""
    rows = await SQL["open_about"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))
    return {row["id"]: list(row["golden_ids"]) for row in rows}
