"""What happened while somebody was away."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("visits")
MOST = 10_000


async def changes_since(tx: Connection, tenant_id: int, since: datetime) -> list[asyncpg.Record]:
    """(entity, op, many, decided) of the changes since an instant, among the newest :data:`MOST`."""
    return await SQL["changes_since"].fetch(tx, tenant=tenant_id, since=since, most=MOST)
