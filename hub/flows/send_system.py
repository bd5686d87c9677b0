"""Writing to connected systems: plan, store the intent, call, adopt (law 7).

A lane whose last try may have happened (its answer was lost, its worker died) is not planned afresh: once nothing can
still be under way, the target is asked whether it holds our record. If so it is adopted; if not the write is made again,
and the target asked once more, since a double must not stay hidden.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connectors.port import Connector, Write
from hub.core.configuration import Configuration
from hub.core.postings import POSTED
from hub.core.retry import SPREAD
from hub.faults import point
from hub.flows.delivery_breakers import Breakers
from hub.flows.delivery_calls import Caller, Target, operation_of
from hub.flows.delivery_controls import Controls
from hub.flows.delivery_gates import hold_closed
from hub.flows.gates import Gate
from hub.flows.plan_writes import Plan, load_context, plan
from hub.flows.settle import Outcome, Settler, key_of
from hub.flows.write_outcomes import Job, brake_task, braked_lane, later, stored_write, unsent, unusable_task, write_of
from hub.store import attempts, crosswalk, lanes, restores, subscriptions, tasks
from hub.store.attempts import Attempt, Open
from hub.store.configuration import ConfigurationCache
from hub.store.lanes import Lane
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.subscriptions import Brake, Subscription
from hub.telemetry import DELIVERIES, logger
from schema.systems import SystemKind

log = logger("hub.send_system")
BRAKE_FLOOR = 50
"""Below so many writes a share of what the system holds says nothing."""
UNUSABLE_PAUSE_S = 15.0
PROBE_S = 1.0
"""How long the others wait while one write finds out whether a system that failed answers again."""
_CHUNK = 500


@dataclass
class SystemSender:
    """Sends lanes of connected systems, a batch of one subscription at a time."""

    pool: Pool
    connector_of: Callable[[int, str], Awaitable[Connector | None]]
    configurations: ConfigurationCache
    settler: Settler
    worker: str
    jitter: Callable[[], float]
    lease_s: float
    call_timeout_s: float
    controls: Controls
    breakers: Breakers
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _cleared: dict[tuple[int, str], int] = field(default_factory=dict)
    """(tenant, system) → the position up to which a long run was counted and found to be within its limit."""
    _trusted: set[tuple[int, str]] = field(default_factory=set)
    """Systems that accept our credentials, so that no task says otherwise."""
    _adopting: set[int] = field(default_factory=set)
    """Tenants restored not long ago: targets may hold what we forgot, and are asked before a record is created."""

    def __post_init__(self) -> None:
        self.caller = Caller(self.controls, self.breakers, self.jitter, self.call_timeout_s)

    async def send(
        self, tenant_id: int, batch: Sequence[Lane], gate: Gate, is_ours: Callable[[Lane], bool]
    ) -> None:
        """Bring these leased lanes of one subscription to an outcome each."""
        subscription = batch[0].subscription
        system = subscription.system or ""
        connector = await self.connector_of(tenant_id, system)
        async with self.pool.acquire() as connection:
            config = await self.configurations.get(connection, tenant_id)
            described = config.systems.get(system)
            if connector is None and described is not None and described.connector:
                self._settle_unusable(tenant_id, batch)
                return
            doubtful = await attempts.open_of_lanes(connection, tenant_id, batch)
            fresh = [lane for lane in batch if key_of(lane) not in doubtful]
            plans = await self._plan(connection, config, subscription, connector, fresh)
            is_braked = await self._brakes(connection, config, subscription, connector, plans)
            if any(one.is_write for one in plans) or doubtful:
                (self._adopting.add if await restores.is_adopting(connection, tenant_id) else self._adopting.discard)(tenant_id)
        self._settle_unsent(tenant_id, plans, is_braked)
        known = [(lane, doubtful[key_of(lane)]) for lane in batch if key_of(lane) in doubtful]
        if connector is None:
            for lane, _ in known:
                self.settler.put(tenant_id, later(lane, UNUSABLE_PAUSE_S, "The system has no connector."))
            return
        quota = self.controls.declare(tenant_id, system, connector.capabilities)
        budget = self.controls.budget(tenant_id, system, quota)
        target = Target(tenant_id, system, connector, quota, budget, gate, is_ours, told_of(config, system))
        todo = await self._admitted(target, [] if is_braked else [one for one in plans if one.is_write])
        jobs = await self._store_intents(target, todo)
        work = [self._carry_out(target, some) for some in in_calls(jobs, 1 if tenant_id in self._adopting else quota.bulk)]
        work.extend(self._clear_up(target, config, lane, last) for lane, last in known)
        await asyncio.gather(*work)

    # planning

    async def _plan(
        self,
        connection: Connection,
        config: Configuration,
        subscription: Subscription,
        connector: Connector | None,
        batch: Sequence[Lane],
    ) -> list[Plan]:
        if not batch:
            return []
        if (subscription.system or "") not in config.systems:
            return [Plan(lane, "nothing", lane.wanted_version, "There is no such system.") for lane in batch]
        modes = await subscriptions.modes(connection, config.tenant_id)
        able = connector.capabilities if connector is not None else None
        context = await load_context(connection, config, modes, subscription, able, batch)
        plans = [plan(context, lane) for lane in batch]
        if context.system.kind is not SystemKind.ERP:
            return plans
        return await hold_closed(connection, config.tenant_id, plans, context.goldens, self.now())

    async def _brakes(
        self,
        connection: Connection,
        config: Configuration,
        subscription: Subscription,
        connector: Connector | None,
        plans: Sequence[Plan],
    ) -> bool:
        """Whether the run these plans belong to would write too much; then the system is braked and a person told."""
        if not any(one.is_write for one in plans):
            return False
        tenant_id, system = config.tenant_id, subscription.system or ""
        brake = await subscriptions.brake_of(connection, tenant_id, system)
        if brake.is_on:
            return True
        limit = await self._limit(connection, tenant_id, system, brake)
        seen_to = max(brake.released_to, self._cleared.get((tenant_id, system), 0))
        count, skip, counted_to = 0, 0, seen_to
        waiting, newest = await lanes.count_run(connection, tenant_id, subscription.id, seen_to, limit + 1)
        if waiting <= limit:  # not even if each of them were a write
            if waiting > _CHUNK:
                self._cleared[tenant_id, system] = max(newest, seen_to)
            return False
        money: list[dict[str, str]] = []
        while chunk := await lanes.due_run(connection, tenant_id, subscription, seen_to, skip, _CHUNK):
            counted_to = max(counted_to, *(lane.wanted_position for lane in chunk))
            for one in await self._plan(connection, config, subscription, connector, chunk):
                count += one.is_write
                money.extend(one.money if one.is_write else ())
            if count > limit:
                break
            skip += len(chunk)
        if count <= limit:
            self._cleared[tenant_id, system] = counted_to
            return False
        async with connection.transaction():
            if await subscriptions.put_brake_on(connection, tenant_id, system):
                await tasks.open_tasks(connection, tenant_id, [brake_task(system, count, limit, money)])
        log.warning("brake", system=system, count=count)
        return True

    async def _limit(self, connection: Connection, tenant_id: int, system: str, brake: Brake) -> int:
        """How many writes one run may come to: the count, or the share of what the system holds if that is less."""
        if brake.percent <= 0:
            return brake.count
        held = await crosswalk.count_held(connection, tenant_id, system, int(brake.count * 100 / brake.percent) + 1)
        return min(brake.count, max(BRAKE_FLOOR, int(held * brake.percent / 100)))

    def _settle_unusable(self, tenant_id: int, batch: Sequence[Lane]) -> None:
        """The system has a connector that cannot be made: its lanes wait, and a person is told once."""
        outcomes = [later(lane, UNUSABLE_PAUSE_S, "The system's connector cannot be used.") for lane in batch]
        outcomes[0] = replace(outcomes[0], tasks=[unusable_task(batch[0])])
        self._trusted.clear()
        for outcome in outcomes:
            self.settler.put(tenant_id, outcome)

    def _settle_unsent(self, tenant_id: int, plans: Sequence[Plan], is_braked: bool) -> None:
        for one in plans:
            if one.is_write and not is_braked:
                continue
            self.settler.put(tenant_id, braked_lane(one) if one.is_write else unsent(one))

    # calling

    async def _admitted(self, target: Target, plans: Sequence[Plan]) -> list[Plan]:
        """The writes that windows and breakers let through; the others are put off until they do."""
        admitted: list[Plan] = []
        if self.controls.of(target.tenant_id, target.system).windows:
            await self.controls.reread()
        waits = await self.breakers.admit(target.tenant_id, target.system, [operation_of(write_of(one)) for one in plans])
        for one in plans:
            operation = operation_of(write_of(one))
            closed_s = self.controls.closed_s(target.tenant_id, target.system, is_posting=one.lane.entity in POSTED)
            if closed_s > 0:
                self.settler.put(target.tenant_id, later(one.lane, closed_s, f"{target.system} is not written to at this time."))
            elif waits.get(operation, 0.0) > 0:
                reason = f"{target.system} fails at most of what it is asked ({operation}) and is left alone."
                self.settler.put(target.tenant_id, later(one.lane, waits[operation] * (1 + SPREAD * self.jitter()), reason))
            else:
                admitted.append(one)
                if operation in waits:
                    waits[operation] = PROBE_S  # one tries, the others hear of it
        return admitted

    async def _store_intents(self, target: Target, plans: Sequence[Plan]) -> list[Job]:
        """What will be called is stored and committed first; lanes that were taken over meanwhile are let go."""
        if not plans:
            return []
        rows = [self._intent(one, write_of(one)) for one in plans]
        async with self.pool.acquire() as connection, connection.transaction():
            ids = await attempts.store_intents(connection, target.tenant_id, rows)
        point("deliver.after_intent")
        for one in plans:
            if key_of(one.lane) not in ids:
                self.settler.put(target.tenant_id, later(one.lane, 0.0))  # its new holder settles it
        return [Job(one, write_of(one), ids[key_of(one.lane)]) for one in plans if key_of(one.lane) in ids]

    def _intent(self, one: Plan, write: Write) -> Attempt:
        return Attempt(
            one.lane, one.version, write.operation, write.intent_key, "intent", self.now(), self.worker,
            {
                "object": write.object, "external_id": write.external_id, "body": write.body,
                "natural_key": write.natural_key, "values": one.values, "shown": one.shown, "told_back": one.told_back,
            },
        )  # fmt: skip

    async def _carry_out(self, target: Target, jobs: Sequence[Job]) -> None:
        """One call, with the jobs it carries."""
        held = await self._held_already(target, jobs[0]) if target.tenant_id in self._adopting else None
        for outcome in [held] if held is not None else await self.caller.carry_out(target, jobs):
            await self._done(target, outcome)

    async def _clear_up(self, target: Target, config: Configuration, lane: Lane, last: Open) -> None:
        """A lane whose last try may have happened: wait until it is over, look, adopt or repeat."""
        able = target.connector.capabilities.of(str(last.request.get("object", "")))
        settled_after_s = able.unknown_settles_after_s
        if last.state == "intent" and not able.has_unique_external_id:
            settled_after_s += self.lease_s + self.call_timeout_s  # a frozen worker may still be about to send
        if last.age_s < settled_after_s:
            self.settler.put(target.tenant_id, later(lane, settled_after_s - last.age_s, "The outcome of the last try is awaited."))
            return
        write = stored_write(lane, last)
        values = dict(last.request.get("values", {}))
        former = Plan(
            lane, "send", last.version, "", write, values, last.request.get("shown"), told_back=last.request.get("told_back") or {}
        )
        job = Job(former, write, last.id, is_doubtful=True)
        if last.operation == "create":
            outcome = await self._in_turn(target, job, lambda: self.caller.find(target, job))
            if outcome is not None:
                await self._done(target, outcome)
                return
        await self._repeat(target, config, job)

    async def _held_already(self, target: Target, job: Job) -> Outcome | None:
        """After a restore: what we no longer know to have created is adopted, by our key or, since a record that came
        again has a new one, by what the system itself tells records apart by. None for what is to be written."""
        if job.write.operation != "create":
            return None
        asked = await self._in_turn(target, job, lambda: self.caller.find(target, job))
        if asked is not None or not job.write.natural_key:
            return asked
        return await self._in_turn(target, job, lambda: self.caller.find(target, job, replace(job.write, intent_key="")))

    async def _in_turn(self, target: Target, job: Job, ask: Callable[[], Awaitable[Outcome | None]]) -> Outcome | None:
        """Ask when the quota allows it."""
        wait_s = await target.budget.enter(job.lane.priority)
        if wait_s > 0:
            return later(job.lane, wait_s, "The day's requests of the system are used up.")
        try:
            return await ask()
        finally:
            target.budget.leave()

    async def _repeat(self, target: Target, config: Configuration, job: Job) -> None:
        """It did not happen (or may happen twice without harm): plan afresh, under the same key where it still fits."""
        lane, tenant_id = job.lane, target.tenant_id
        closed = (job.write.intent_key,)
        async with self.pool.acquire() as connection:
            (planned,) = await self._plan(connection, config, lane.subscription, target.connector, [lane])
        if not planned.is_write:
            self.settler.put(tenant_id, replace(unsent(planned), decided=closed))
            return
        write = write_of(planned)
        async with self.pool.acquire() as connection, connection.transaction():
            await attempts.close_intents(connection, tenant_id, [(lane.subscription.id, job.write.intent_key)])
            ids = await attempts.store_intents(connection, tenant_id, [self._intent(planned, write)])
        if not ids:
            self.settler.put(tenant_id, later(lane, 0.0))
            return
        point("deliver.after_intent")
        await self._carry_out(target, [Job(planned, write, ids[key_of(lane)], is_doubtful=True)])

    # outcomes

    async def _done(self, target: Target, outcome: Outcome) -> None:
        point("deliver.after_answer")
        for done in outcome.finished:
            DELIVERIES.labels(target.system, done.state).inc()
        if any(task.cause == "credentials" for task in outcome.tasks):
            self._trusted.clear()
        self.settler.put(target.tenant_id, outcome)
        if outcome.written is not None:
            await self._trust(target.tenant_id, target.system)

    async def _trust(self, tenant_id: int, system: str) -> None:
        """The system accepts our credentials: a task that says otherwise is solved."""
        if (tenant_id, system) in self._trusted:
            return
        self._trusted.add((tenant_id, system))
        async with self.pool.acquire() as connection:
            for cause in ("credentials", "connector_unusable"):
                ids = await tasks.open_by_cause(connection, tenant_id, cause, [system])
                if ids:
                    await tasks.resolve(connection, tenant_id, ids, "the system takes our writes again")


def told_of(config: Configuration, system: str) -> dict[str, tuple[str, ...]]:
    """Entity → the systems whose records are told this one's ids."""
    found: dict[str, set[str]] = {}
    for (other, _), several in config.mappings.items():
        for one in several:
            if any(named == system for _, named in one.tell_back):
                found.setdefault(one.entity, set()).add(other)
    return {entity: tuple(sorted(others)) for entity, others in found.items()}


def in_calls(jobs: Sequence[Job], bulk: int) -> list[list[Job]]:
    """The jobs as calls carry them: up to ``bulk`` of one operation on one kind of record together, each alone where that is 1."""
    if bulk <= 1:
        return [[job] for job in jobs]
    alike: dict[str, list[Job]] = {}
    for job in jobs:
        alike.setdefault(operation_of(job.write), []).append(job)
    return [some[at : at + bulk] for some in alike.values() for at in range(0, len(some), bulk)]
