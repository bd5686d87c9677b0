"""The one mechanism by which work is claimed: inbox messages and golden records to reconsider.

A claim commits by itself as one row per batch. A worker that dies leaves the row; when its lease has run out somebody
takes it over under a new token, and the old token settles nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hub.store.statements import Connection, Statement, statements

SQL = statements("claims")


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch of work that is ours until its lease runs out. ``attempts`` counts this try too."""

    tenant_id: int
    queue: str
    id: int
    items: tuple[int, ...]
    token: UUID
    attempts: int


async def take(
    tx: Connection, tenant_id: int, queue: str, pick: Statement, *, limit: int, token: UUID, worker: str, lease_s: float
) -> Claim | None:
    """Claim a batch: first one whose worker vanished, else a new one that ``pick`` chooses. None when nothing is due."""
    async with tx.transaction():
        await SQL["take_turn"].run(tx, tenant=tenant_id, queue=queue)
        row = await SQL["take_over"].row(tx, tenant=tenant_id, queue=queue, token=token, worker=worker, lease_s=lease_s)
        if row is None:
            row = await pick.row(tx, tenant=tenant_id, limit=limit, token=token, worker=worker, lease_s=lease_s)
    return Claim(tenant_id, queue, row["id"], tuple(row["items"]), token, row["attempts"]) if row else None


async def is_ours(tx: Connection, claim: Claim) -> bool:
    """Whether nobody has taken the batch over; holds it to the end of the transaction."""
    found = await SQL["check_token"].value(
        tx, tenant=claim.tenant_id, queue=claim.queue, claim=claim.id, token=claim.token
    )
    return found is not None


async def release(tx: Connection, claim: Claim) -> None:
    await SQL["release"].run(tx, tenant=claim.tenant_id, queue=claim.queue, claim=claim.id, token=claim.token)


async def halve(tx: Connection, claim: Claim) -> None:
    """Split a batch that failed, so that the one record that spoils it is found."""
    await SQL["halve"].run(tx, tenant=claim.tenant_id, queue=claim.queue, claim=claim.id, token=claim.token)
