"""Up to which instant the past stands still: nothing that says it happened before it can still appear.

A version is stated to have been recorded when its transaction had its id already (``recompute``). So an instant is settled
once every transaction that ran and wrote then has ended: whatever is recorded up to it can be read by now, and can be
sequenced without waiting for anybody.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.store import former
from hub.store.pool import Pool

PATIENCE_S = 1.0
"""How long an instant may lie ahead: clocks of callers differ a little, and writers take some milliseconds."""
PAUSE_S = 0.01
MOMENT = timedelta(microseconds=1)
LOOK_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Settled:
    """How far a tenant's past stands still, and whether its former values are known (looked at ``seen_s``, monotonic)."""

    upto: datetime
    knows_former: bool
    seen_s: float


class Instants:
    """Remembers how far each tenant is settled; asks the database only about instants beyond."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[int, Settled] = {}

    def forget(self) -> None:
        """Ask the database again."""
        self._known.clear()

    async def settled(self, tenant_id: int, at: datetime) -> Settled:
        """How far the tenant is settled: at least to ``at`` where that can be had within a second."""
        known = self._known.get(tenant_id)
        is_fresh = known is not None and (known.knows_former or time.monotonic() - known.seen_s < LOOK_AGAIN_S)
        if known is not None and is_fresh and at <= known.upto:
            return known
        until_s = time.monotonic() + PATIENCE_S
        while True:
            found, now = await self._look(tenant_id)
            self._known[tenant_id] = found
            is_hopeless = at > now + timedelta(seconds=PATIENCE_S)
            if at <= found.upto or is_hopeless or time.monotonic() > until_s:
                return found
            await asyncio.sleep(PAUSE_S)

    async def _look(self, tenant_id: int) -> tuple[Settled, datetime]:
        async with self._pool.acquire() as connection:
            running = await former.SQL["running"].row(connection)
            knows_former = await former.is_filled(connection, tenant_id)
        assert running is not None
        upto: datetime = min(running["now"], running["oldest"] or running["now"]) - MOMENT
        return Settled(upto, knows_former, time.monotonic()), running["now"]
