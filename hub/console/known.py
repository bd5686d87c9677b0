"""What the people of a firm are called, for pages that show who did something: a key says ``steward:ann``, people say Ann Miller."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.store import members
from hub.store.pool import Pool

FRESH_S = 10.0


@dataclass
class Known:
    """Names by actor, of every tenant whose people look at pages; read again after ten seconds."""

    _names: dict[int, tuple[float, Mapping[str, str]]] = field(default_factory=dict)

    async def of(self, pool: Pool, tenant_id: int) -> Mapping[str, str]:
        """Actor → name of the person; an actor nobody is known by is left out."""
        read_at, found = self._names.get(tenant_id, (-FRESH_S, {}))
        now = time.monotonic()
        if now - read_at >= FRESH_S:
            async with pool.acquire() as connection:
                found = await members.names(connection, tenant_id)
            self._names[tenant_id] = (now, found)
        return found
