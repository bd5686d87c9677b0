"""What records are called, for pages that hold only their ids."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from starlette.requests import Request

from hub.console.shell import shell, tenant_id
from hub.store import search


async def names_of(request: Request, ids: Iterable[str | None]) -> dict[str, str]:
    """Golden id → name or number, in one statement; ids that search does not know are left out."""
    wanted = {UUID(one) for one in ids if one}
    if not wanted:
        return {}
    async with shell(request).pool.acquire() as connection:
        found = await search.labels(connection, tenant_id(request), sorted(wanted))
    return {str(golden_id): label for golden_id, label in found.items() if label}
