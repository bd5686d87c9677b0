"""The business events of changes, told as webhooks tell them: one message per version, with all the events it raises."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hub.core.records import Values
from hub.flows.filters import raised
from hub.store import versions
from hub.store.feed import FeedChange
from hub.store.pool import Pool
from schema.events import TYPES

NAMES = frozenset(name for name, event in TYPES.items() if event.triggers)
"""Events a change can raise; the others tell of tasks."""


class Versions:
    """Whole values of the versions that some changes made: one read for all of them, when the first is asked for."""

    def __init__(self, pool: Pool, tenant_id: int, changes: Sequence[FeedChange]) -> None:
        self._pool, self._tenant_id, self._changes = pool, tenant_id, changes
        self._found: dict[versions.VersionKey, Values] | None = None
        self._reading = asyncio.Lock()

    async def values(self, change: FeedChange) -> Values:
        """Those of one of the changes; nothing where the version is not kept."""
        async with self._reading:
            if self._found is None:
                self._found = await self._read()
        return self._found.get((change.golden_id, change.version), {})

    async def event_names(self, change: FeedChange) -> list[str]:
        """The events a change raises, such as ``time.approved``, in the order of their numbers."""
        if change.is_backfill:
            return []
        return [one.type.type for one in raised({"events": NAMES}, change, await self.values(change))]

    async def _read(self) -> dict[versions.VersionKey, Values]:
        keys = [(one.entity, one.golden_id, one.version) for one in self._changes]
        async with self._pool.acquire() as connection:
            held = await versions.read(connection, self._tenant_id, keys)
        return {key: golden.values for key, golden in held.items()}
