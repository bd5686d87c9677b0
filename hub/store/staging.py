"""What a trial of records reads in its own transaction, before it is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.store.inbox import NewMessage
from hub.store.statements import Connection, statements

SQL = statements("staging")


async def known(tx: Connection, tenant_id: int, messages: Sequence[NewMessage]) -> set[tuple[str, str, str]]:
    """(system, object, external id) of those the system has told of before."""
    rows = await SQL["known"].fetch(
        tx, tenant=tenant_id, systems=[m.system for m in messages], objects=[m.object for m in messages],
        external_ids=[m.external_id for m in messages],
    )  # fmt: skip
    return {tuple(row) for row in rows}


async def details(tx: Connection, tenant_id: int, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Message → what was said about it: cause, field, reason, remedy."""
    rows = await SQL["details"].fetch(tx, tenant=tenant_id, ids=list(ids))
    return {row["inbox_id"]: row["detail"] for row in rows}


async def rules(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID]) -> dict[tuple[UUID, str], str]:
    """(golden record, external id) → the rule that linked them."""
    rows = await SQL["rules"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))
    return {(row["golden_id"], row["external_id"]): row["rule"] for row in rows}
