"""What holds writes to a system back beside its lanes: limits, windows, drains, breakers; as every worker heeds them.

Read once per sweep for all tenants; a worker is at most a sweep behind the others. What must hold at once (pause, brake,
drain) is asked by the statement that leases lanes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from connectors.port import Capabilities
from hub.core.breaker import Breaker
from hub.core.limits import Limits, read_limits
from hub.core.quota import Quota, room_for
from hub.core.urgency import BACKFILL, least_urgent
from hub.core.windows import closed_until
from hub.flows.delivery_quota import Budget, declared
from hub.store import breakers, quotas
from hub.store.pool import Pool
from hub.store.quotas import Control
from hub.store.statements import Connection
from hub.telemetry import logger

log = logger("hub.controls")
FIRST_ROOM = 200
"""Lanes of a system a worker leases before it knows how fast it is; also the least it leases of one without a rate."""
AHEAD_S = 2.0
"""A worker leases about so many seconds' worth of what it sent last: what comes next and is more urgent waits no longer."""
NOTICED_PAUSE_S = 2.0
"""A next time to send at that lies further ahead was asked for by the system: nothing is leased meanwhile."""

SystemKey = tuple[int, str]
"""(tenant, system)."""


@dataclass
class Controls:
    """A worker's view of them."""

    pool: Pool
    worker: str
    limits: dict[SystemKey, Limits] = field(default_factory=dict)
    breakers: dict[tuple[int, str, str], Breaker] = field(default_factory=dict)
    _declared: dict[SystemKey, Quota] = field(default_factory=dict)
    _known: dict[UUID, Control] = field(default_factory=dict)
    _read: dict[bytes, Limits] = field(default_factory=dict)
    _budgets: dict[SystemKey, Budget] = field(default_factory=dict)
    _settled: Counter[UUID] = field(default_factory=Counter)
    _pace: dict[UUID, float] = field(default_factory=dict)
    """Subscription → lanes it settled a second, of late."""
    _paced_at: float = field(default_factory=time.monotonic)

    async def refresh(self, connection: Connection) -> None:
        """Read what stands now."""
        self._known = {one.subscription_id: one for one in await quotas.controls(connection)}
        self.limits = {(one.tenant_id, one.system): self._limits(one) for one in self._known.values()}
        self.breakers = await breakers.not_closed(connection)
        self._take_pace()

    def note_settled(self, subscription_ids: Iterable[UUID]) -> None:
        """These lanes came to an outcome."""
        self._settled.update(subscription_ids)

    def _take_pace(self) -> None:
        """How fast each subscription was since the last look, at most a second ago; it may slow down by half at a time."""
        now = time.monotonic()
        passed_s = now - self._paced_at
        if passed_s < 0.2:
            return
        self._pace = {id_: max(self._settled[id_] / passed_s, self._pace.get(id_, 0.0) / 2) for id_ in self._settled.keys() | self._pace.keys()}
        self._settled.clear()
        self._paced_at = now

    async def reread(self) -> None:
        """The same, before something is put off for long: whoever set it right has rung already."""
        async with self.pool.acquire() as connection:
            await self.refresh(connection)

    def _limits(self, one: Control) -> Limits:
        return self.read(one.limits)

    def read(self, document: Mapping[str, Any]) -> Limits:
        """The document's limits, read once per wording; one that cannot be read (it was checked when set) limits nothing."""
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        if text not in self._read:
            try:
                self._read[text] = read_limits(document)
            except ValueError:
                log.error("limits_unreadable")
                self._read[text] = Limits()
        return self._read[text]

    def subscriptions_of(self, tenant_id: int, system: str) -> list[UUID]:
        """The active subscriptions by which a system is written to."""
        return [id_ for id_, one in self._known.items() if (one.tenant_id, one.system) == (tenant_id, system)]

    def of(self, tenant_id: int, system: str) -> Limits:
        return self.limits.get((tenant_id, system), Limits())

    def quota(self, tenant_id: int, system: str) -> Quota | None:
        """The system's quota; None while its connector has not been made here."""
        declared = self._declared.get((tenant_id, system))
        return None if declared is None else self.of(tenant_id, system).quota_over(declared)

    def declare(self, tenant_id: int, system: str, capabilities: Capabilities) -> Quota:
        """Take note of what a connector says of its system."""
        self._declared[tenant_id, system] = declared(capabilities)
        found = self.quota(tenant_id, system)
        assert found is not None
        return found

    def budget(self, tenant_id: int, system: str, quota: Quota) -> Budget:
        """This worker's part of a system's quota."""
        budget = self._budgets.get((tenant_id, system))
        if budget is None:
            budget = self._budgets[tenant_id, system] = Budget(self.pool, tenant_id, system, self.worker, quota)
        budget.quota = quota
        return budget

    def closed_s(self, tenant_id: int, system: str, *, is_posting: bool, now: datetime | None = None) -> float:
        """For how many seconds windows keep a system from being written to; 0 for not."""
        windows = self.of(tenant_id, system).windows
        now = now or datetime.now(UTC)
        until = closed_until(windows, now, is_posting=is_posting) if windows else None
        return (until - now).total_seconds() if until is not None else 0.0

    def rooms(self, most: int) -> dict[UUID, tuple[int, int]]:
        """Per subscription how many lanes this worker may hold, and the least urgent class among them; where either limits."""
        found: dict[UUID, tuple[int, int]] = {}
        for subscription_id, one in self._known.items():
            quota = self.quota(one.tenant_id, one.system)
            urgency = BACKFILL
            room = min(most, max(FIRST_ROOM, int(self._pace.get(subscription_id, 0.0) * AHEAD_S)))
            if quota is not None:
                room = min(room, room_for(quota, most))
                urgency = least_urgent(one.used, quota.per_day) if quota.requests_per_day else BACKFILL
            if one.paused_s > NOTICED_PAUSE_S or urgency == 0 or self.closed_s(one.tenant_id, one.system, is_posting=False) > 0:
                room = 0
            if room < most or urgency < BACKFILL:
                found[subscription_id] = (room, urgency)
        return found

    async def aclose(self) -> None:
        for budget in self._budgets.values():
            await budget.aclose()
