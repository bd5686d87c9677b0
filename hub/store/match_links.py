"""Links that a match model made and somebody took back: where the model was wrong."""

from __future__ import annotations

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("match_links")


async def withdrawn(tx: Connection, tenant_id: int, entity: str, most: int = 50) -> list[asyncpg.Record]:
    """(id, golden_id, other_id, rule, evidence, made_at, withdrawn_at, withdrawn_by, system, object, external_id), the newest first."""
    return await SQL["withdrawn"].fetch(tx, tenant=tenant_id, entity=entity, most=most)
