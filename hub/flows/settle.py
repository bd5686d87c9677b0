"""Storing what became of deliveries: many at once, in one transaction, and again until the database has taken it.

An outcome may say that another system holds a record now, so it is kept until stored; whoever lost its lease meanwhile
stores its attempts and crosswalk, but moves no lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from hub.faults import point
from hub.flows import endpoints
from hub.flows.endpoints import Tries
from hub.store import attempts, crosswalk, lanes, ledger, tasks, told_back
from hub.store.attempts import Attempt, Finished
from hub.store.crosswalk import Written
from hub.store.lanes import Lane, LaneKey, Settled
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.settle")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one lane's delivery, and what else has to be remembered of it."""

    settled: Settled
    attempts: Sequence[Attempt] = ()
    finished: Sequence[Finished] = ()
    decided: Sequence[str] = ()
    """Intent keys whose earlier tries are decided with this one."""
    written: Written | None = None
    echo_s: float = 0.0
    """How long what was written may come back as an echo."""
    told_back: Mapping[str, Any] = field(default_factory=dict)
    """What the record was told of other systems: path → value."""
    tells: Sequence[str] = ()
    """Systems whose records want to know the id of a record that was created."""
    look_again_s: float = 0.0
    """When the target is asked once more whether it holds only one; 0: never."""
    tasks: Sequence[NewTask] = ()
    """The first of them is the one a parked lane points to."""
    disables: bool = False
    """The endpoint says that it is gone for good."""

    @property
    def lane(self) -> Lane:
        return self.settled.lane


def key_of(lane: Lane) -> LaneKey:
    return (lane.subscription.id, lane.golden_id, lane.external_key)


async def store_outcomes(tx: Connection, tenant_id: int, outcomes: Sequence[Outcome]) -> bool:
    """Store outcomes in one transaction; answers whether some lane is due again at once.

    Locks in the order of all flows: source records by key, subscriptions whose endpoints come or go, lanes, tasks.
    """
    doubles = await crosswalk.store(tx, tenant_id, [one.written for one in outcomes if one.written])
    await ledger.store(tx, tenant_id, [(one.written, one.echo_s) for one in outcomes if one.written])
    await told_back.store(tx, tenant_id, [(one.written, one.told_back) for one in outcomes if one.written])
    await attempts.store(tx, tenant_id, [attempt for one in outcomes for attempt in one.attempts])
    await attempts.finish(tx, tenant_id, [done for one in outcomes for done in one.finished])
    again = [(one.finished[0].id, one.look_again_s) for one in outcomes if one.look_again_s and one.finished]
    await attempts.look_again(tx, tenant_id, again)
    await attempts.close_intents(
        tx, tenant_id, [(one.lane.subscription.id, key) for one in outcomes for key in one.decided]
    )
    noted = await endpoints.note(tx, tenant_id, [Tries(one.lane, one.attempts, one.disables) for one in outcomes])
    now = await lanes.settle(tx, tenant_id, [one.settled for one in outcomes])
    ids = await tasks.open_tasks(tx, tenant_id, [*(task for one in outcomes for task in one.tasks), *noted.tasks, *doubles])
    await endpoints.tell_makers(tx, tenant_id, noted, ids)
    await lanes.point_to_tasks(tx, tenant_id, _parked_with(outcomes, now, ids))
    await _close_emptied(tx, tenant_id, outcomes)
    await lanes.count_proposals(tx, tenant_id, _proposals(outcomes))
    released = await _release_children(tx, tenant_id, outcomes)
    await lanes.compare_again(
        tx, tenant_id, [(system, one.lane.golden_id) for one in outcomes if one.written and one.written.is_new for system in one.tells]
    )
    return released or noted.is_due or any(state == "due" and is_due_now for state, is_due_now in now.values())


async def _release_children(tx: Connection, tenant_id: int, outcomes: Sequence[Outcome]) -> bool:
    """What waited for a record that was just created there goes on."""
    created: dict[UUID, list[UUID]] = {}
    for one in outcomes:
        if one.written is not None and one.written.is_new:
            created.setdefault(one.lane.subscription.id, []).append(one.lane.golden_id)
    released = [await lanes.release_children(tx, tenant_id, subscription, ids) for subscription, ids in sorted(created.items())]
    return any(released)


def _proposals(outcomes: Sequence[Outcome]) -> dict[str, tuple[UUID, str]]:
    """Whose proposals may be more or fewer now: the task's subject → (subscription, entity)."""
    lanes_ = (one.lane for one in outcomes if one.settled.state == "proposed" or (one.lane.plan or {}).get("op"))
    return {
        f"{lane.subscription.system} {lane.entity}": (lane.subscription.id, lane.entity)
        for lane in lanes_
        if lane.subscription.system
    }


def _parked_with(
    outcomes: Sequence[Outcome], now: dict[LaneKey, tuple[str, bool]], ids: dict[tuple[str, str], int]
) -> dict[LaneKey, int]:
    return {
        key_of(one.lane): ids[one.tasks[0].cause, one.tasks[0].subject]
        for one in outcomes
        if one.tasks and now.get(key_of(one.lane), ("", False))[0] == "parked"
    }


async def _close_emptied(tx: Connection, tenant_id: int, outcomes: Sequence[Outcome]) -> None:
    """A task whose last dead letter went out is solved."""
    former = {one.lane.task_id for one in outcomes if one.lane.task_id and one.settled.state != "due"}
    if former:
        emptied = await lanes.emptied_tasks(tx, tenant_id, (task_id for task_id in former if task_id))
        await tasks.resolve(tx, tenant_id, emptied, "delivered")


@dataclass
class Settler:
    """Collects the outcomes of one process and stores them in batches; the next batch gathers while one is stored."""

    pool: Pool
    on_stored: Callable[[int, Sequence[Outcome], bool], None]
    """Called with tenant, outcomes and whether some lane is due again at once."""
    _waiting: list[tuple[int, Outcome]] = field(default_factory=list)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, tenant_id: int, outcome: Outcome) -> None:
        self._waiting.append((tenant_id, outcome))
        self._rung.set()

    def under_way(self, tenant_id: int) -> set[LaneKey]:
        """Lanes whose outcome is still to be stored."""
        return {key_of(outcome.lane) for tenant, outcome in self._waiting if tenant == tenant_id}

    @property
    def is_idle(self) -> bool:
        return not self._waiting

    async def run(self) -> None:
        """Store what comes until cancelled; an unreachable database is waited for."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._waiting:
                await self._store_some()

    async def _store_some(self) -> None:
        batch = self._waiting[:AT_ONCE]
        by_tenant: dict[int, list[Outcome]] = {}
        for tenant_id, outcome in batch:
            by_tenant.setdefault(tenant_id, []).append(outcome)
        for tenant_id, outcomes in by_tenant.items():
            is_due = await self._store(tenant_id, outcomes)
            self.on_stored(tenant_id, outcomes, is_due)
        del self._waiting[: len(batch)]

    async def _store(self, tenant_id: int, outcomes: Sequence[Outcome]) -> bool:
        delay_s = 0.05
        while True:
            try:
                async with self.pool.acquire() as connection, connection.transaction():
                    is_due = await store_outcomes(connection, tenant_id, outcomes)
                point("deliver.after_settle")
                return is_due
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                log.warning("outcomes not stored yet", tenant=tenant_id, count=len(outcomes), error=type(error).__name__)
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, 2.0)
