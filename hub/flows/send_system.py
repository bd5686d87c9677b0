"""Writing to connected systems: plan, store the intent, call, adopt (law 7).

A lane whose last try may have happened (its answer was lost, its worker died) is not planned afresh: once nothing can
still be under way, the target is asked whether it holds our record. If so it is adopted; if not the write is made again,
and the target asked once more, since a double must not stay hidden.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connectors.errors import (
    ConfigurationError, ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError,
    UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Connector, Receipt, Write
from hub.core.configuration import Configuration
from hub.core.retry import is_exhausted, retry_delay_s
from hub.faults import point
from hub.flows.gates import Gate
from hub.flows.plan_writes import Plan, load_context, plan
from hub.flows.settle import Outcome, Settler, key_of
from hub.flows.write_outcomes import (
    Job, again, brake_task, braked_lane, credentials_task, double_task, error_told, failed_task, later, parked, rejected_task,
    rest_of, stored_write, unsent, unusable_task, write_of,
)  # fmt: skip
from hub.store import attempts, crosswalk, lanes, restores, subscriptions, tasks
from hub.store.attempts import Attempt, Finished, Open
from hub.store.configuration import ConfigurationCache
from hub.store.crosswalk import Written
from hub.store.lanes import Lane
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.subscriptions import Brake, Subscription
from hub.telemetry import DELIVERIES, logger

log = logger("hub.send_system")
BRAKE_FLOOR = 50
"""Below so many writes a share of what the system holds says nothing."""
CREDENTIALS_PAUSE_S = 60.0
UNUSABLE_PAUSE_S = 15.0
CONFLICT_DELAY_S = 1.0
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
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _cleared: dict[tuple[int, str], int] = field(default_factory=dict)
    """(tenant, system) → the position up to which a long run was counted and found to be within its limit."""
    _trusted: set[tuple[int, str]] = field(default_factory=set)
    """Systems that accept our credentials, so that no task says otherwise."""
    _adopting: set[int] = field(default_factory=set)
    """Tenants restored not long ago: targets may hold what we forgot, and are asked before a record is created."""

    async def send(
        self, tenant_id: int, batch: Sequence[Lane], gate: Gate, is_ours: Callable[[Lane], bool]
    ) -> None:
        """Bring these leased lanes of one subscription to an outcome each."""
        subscription = batch[0].subscription
        connector = await self.connector_of(tenant_id, subscription.system or "")
        async with self.pool.acquire() as connection:
            config = await self.configurations.get(connection, tenant_id)
            described = config.systems.get(subscription.system or "")
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
        todo = [] if is_braked else [one for one in plans if one.is_write]
        work: list[Awaitable[None]] = []
        if connector is None:
            for lane, _ in known:
                self.settler.put(tenant_id, later(lane, UNUSABLE_PAUSE_S, "The system has no connector."))
        else:
            slots = asyncio.Semaphore(max(connector.capabilities.concurrency, 1))
            jobs = await self._store_intents(tenant_id, todo)
            work.extend(self._carry_out(tenant_id, connector, job, gate, is_ours, slots) for job in jobs)
            work.extend(
                self._clear_up(tenant_id, config, connector, lane, last, gate, is_ours, slots) for lane, last in known
            )
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
        return [plan(context, lane) for lane in batch]

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
        money: list[dict[str, str]] = []
        while chunk := await lanes.due_run(connection, tenant_id, subscription, seen_to, skip, _CHUNK):
            if skip == 0 and len(chunk) <= limit and len(chunk) < _CHUNK:
                return False
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

    async def _store_intents(self, tenant_id: int, plans: Sequence[Plan]) -> list[Job]:
        """What will be called is stored and committed first."""
        if not plans:
            return []
        rows = [self._intent(one, write_of(one)) for one in plans]
        async with self.pool.acquire() as connection, connection.transaction():
            ids = await attempts.store(connection, tenant_id, rows)
        point("deliver.after_intent")
        return [Job(one, write_of(one), attempt_id) for one, attempt_id in zip(plans, ids, strict=True)]

    def _intent(self, one: Plan, write: Write) -> Attempt:
        return Attempt(
            one.lane, one.version, write.operation, write.intent_key, "intent", self.now(), self.worker,
            {
                "object": write.object, "external_id": write.external_id, "body": write.body,
                "natural_key": write.natural_key, "values": one.values, "shown": one.shown,
            },
        )  # fmt: skip

    async def _carry_out(
        self,
        tenant_id: int,
        connector: Connector,
        job: Job,
        gate: Gate,
        is_ours: Callable[[Lane], bool],
        slots: asyncio.Semaphore,
    ) -> None:
        async with slots:
            pause_s = gate.opens_in_s(time.monotonic())
            if pause_s > 0 or not is_ours(job.lane):
                not_sent = Finished(job.attempt_id, "abandoned", error={"class": "not_sent", "reason": "Not sent."})
                self.settler.put(tenant_id, replace(later(job.lane, pause_s), finished=[not_sent]))
                return
            held = await self._held_already(connector, job, gate) if tenant_id in self._adopting else None
            outcome = held or await self._call(connector, job, gate)
        await self._done(tenant_id, outcome)
        if outcome.written is not None:
            await self._trust(tenant_id, job.lane.subscription.system or "")

    async def _call(self, connector: Connector, job: Job, gate: Gate) -> Outcome:
        """One write and what it came to."""
        try:
            async with asyncio.timeout(self.call_timeout_s):
                receipt = await connector.write(job.write)
                point("deliver.after_call")
        except RejectedError as error:
            if error.cause == "duplicate" and job.write.operation == "create":
                return await self._adopt_duplicate(connector, job, error, gate)
            return self._not_taken(job, error, gate)
        except ConnectorError as error:
            return self._not_taken(job, error, gate)
        except TimeoutError:
            return self._not_taken(job, UnknownOutcomeError(f"no answer within {self.call_timeout_s:.0f} s"), gate)
        except Exception:
            log.exception("a connector failed in a way it should not")
            return self._not_taken(job, UnknownOutcomeError("the connector failed"), gate)
        gate.succeeded()
        outcome = self._taken(job, receipt)
        if job.is_doubtful and job.write.operation == "create":
            return await self._look_again(connector, job, receipt, outcome)
        return outcome

    async def _adopt_duplicate(self, connector: Connector, job: Job, error: RejectedError, gate: Gate) -> Outcome:
        """The target says it holds our record already: it does, or a person must look."""
        try:
            async with asyncio.timeout(self.call_timeout_s):
                found = await connector.look_up(job.write)
        except (ConnectorError, TimeoutError):
            found = None
        return self._taken(job, replace(found, was_adopted=True)) if found else self._not_taken(job, error, gate)

    async def _look_again(self, connector: Connector, job: Job, receipt: Receipt, outcome: Outcome) -> Outcome:
        """After a repeated create: is there only the one?"""
        try:
            async with asyncio.timeout(self.call_timeout_s):
                found = await connector.look_up(job.write)
        except RejectedError as error:
            return replace(outcome, tasks=[double_task(job, receipt.external_id, str(error))])
        except (ConnectorError, TimeoutError):
            return outcome
        if found is None or found.external_id == receipt.external_id:
            return outcome
        return replace(outcome, tasks=[double_task(job, receipt.external_id, found.external_id)])

    async def _clear_up(
        self,
        tenant_id: int,
        config: Configuration,
        connector: Connector,
        lane: Lane,
        last: Open,
        gate: Gate,
        is_ours: Callable[[Lane], bool],
        slots: asyncio.Semaphore,
    ) -> None:
        """A lane whose last try may have happened: wait until it is over, look, adopt or repeat."""
        able = connector.capabilities.of(str(last.request.get("object", "")))
        settled_after_s = able.unknown_settles_after_s
        if last.state == "intent" and not able.has_unique_external_id:
            settled_after_s += self.lease_s + self.call_timeout_s  # a frozen worker may still be about to send
        if last.age_s < settled_after_s:
            self.settler.put(tenant_id, later(lane, settled_after_s - last.age_s, "The outcome of the last try is awaited."))
            return
        write = stored_write(lane, last)
        values = dict(last.request.get("values", {}))
        former = Plan(lane, "send", last.version, "", write, values, last.request.get("shown"))
        job = Job(former, write, last.id, is_doubtful=True)
        if last.operation == "create":
            async with slots:
                outcome = await self._find(connector, job, gate)
            if outcome is not None:
                await self._done(tenant_id, outcome)
                return
        await self._repeat(tenant_id, config, connector, job, gate, is_ours, slots)

    async def _find(self, connector: Connector, job: Job, gate: Gate, asked: Write | None = None) -> Outcome | None:
        """The outcome when the target holds the record (as ``asked``) or cannot be asked; None when it does not hold it."""
        try:
            async with asyncio.timeout(self.call_timeout_s):
                found = await connector.look_up(asked or job.write)
        except RejectedError as error:
            return replace(self._not_taken(job, error, Gate()), tasks=[double_task(job, "", str(error))])
        except ConnectorError as error:
            delay_s = max(getattr(error, "retry_after_s", 0.0), 1.0)
            gate.failed(time.monotonic())
            return later(job.lane, delay_s, "The target could not be asked whether it holds the record.")
        except TimeoutError:
            return later(job.lane, 1.0, "The target could not be asked whether it holds the record.")
        return self._taken(job, replace(found, was_adopted=True)) if found else None

    async def _held_already(self, connector: Connector, job: Job, gate: Gate) -> Outcome | None:
        """After a restore: what we no longer know to have created is adopted, by our key or, since a record that came
        again has a new one, by what the system itself tells records apart by. None for what is to be written."""
        if job.write.operation != "create":
            return None
        asked = await self._find(connector, job, gate)
        if asked is not None or not job.write.natural_key:
            return asked
        return await self._find(connector, job, gate, replace(job.write, intent_key=""))

    async def _repeat(
        self,
        tenant_id: int,
        config: Configuration,
        connector: Connector,
        job: Job,
        gate: Gate,
        is_ours: Callable[[Lane], bool],
        slots: asyncio.Semaphore,
    ) -> None:
        """It did not happen (or may happen twice without harm): plan afresh, under the same key where it still fits."""
        lane = job.lane
        closed = (job.write.intent_key,)
        async with self.pool.acquire() as connection:
            (planned,) = await self._plan(connection, config, lane.subscription, connector, [lane])
        if not planned.is_write:
            self.settler.put(tenant_id, replace(unsent(planned), decided=closed))
            return
        write = write_of(planned)
        async with self.pool.acquire() as connection, connection.transaction():
            await attempts.close_intents(connection, tenant_id, [(lane.subscription.id, job.write.intent_key)])
            (attempt_id,) = await attempts.store(connection, tenant_id, [self._intent(planned, write)])
        repeated = Job(planned, write, attempt_id, is_doubtful=True)
        await self._carry_out(tenant_id, connector, repeated, gate, is_ours, slots)

    # outcomes

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

    async def _done(self, tenant_id: int, outcome: Outcome) -> None:
        point("deliver.after_answer")
        for done in outcome.finished:
            DELIVERIES.labels(outcome.lane.subscription.system, done.state).inc()
        self.settler.put(tenant_id, outcome)

    def _taken(self, job: Job, receipt: Receipt) -> Outcome:
        lane, write = job.lane, job.write
        state = "adopted" if receipt.was_adopted else "done"
        response = {"external_id": receipt.external_id, "version": receipt.version, "response": receipt.response[:500]}
        written = Written(
            lane.subscription.system or "", write.object, receipt.external_id, lane.entity, lane.golden_id, job.plan.values,
            write.operation == "create", receipt.version, lane.correlation_id,
        )  # fmt: skip
        settled = rest_of(job.plan, job.plan.version)
        return Outcome(
            settled, finished=[Finished(job.attempt_id, state, response)], decided=[write.intent_key], written=written
        )

    def _not_taken(self, job: Job, error: ConnectorError, gate: Gate) -> Outcome:
        """Errors cut by what happens next."""
        lane, now = job.lane, time.monotonic()
        told = error_told(error)
        count = lane.attempts + 1
        if isinstance(error, RateLimitedError):
            gate.wait(now, error.retry_after_s)
            return again(job, "rate_limited", told, lane.attempts, error.retry_after_s)
        if isinstance(error, CredentialsError):
            gate.wait(now, CREDENTIALS_PAUSE_S)
            self._trusted.clear()
            outcome = again(job, "retriable", told, lane.attempts, CREDENTIALS_PAUSE_S)
            return replace(outcome, tasks=[credentials_task(lane)])
        if isinstance(error, RejectedError) and error.cause == "conflict" and not is_exhausted(count):
            return again(job, "retriable", told, count, CONFLICT_DELAY_S)
        if isinstance(error, (RejectedError, ConfigurationError)):
            return parked(job, "rejected", told, count, rejected_task(job, error))
        if isinstance(error, RetriableError):
            gate.failed(now)
            if is_exhausted(count):
                return parked(job, "retriable", told, count, failed_task(job, "delivery_failed"))
            return again(job, "retriable", told, count, retry_delay_s(count, error.retry_after_s, self.jitter()))
        gate.failed(now)
        if is_exhausted(count):
            return parked(job, "unknown", told, count, failed_task(job, "delivery_unknown"))
        return again(job, "unknown", told, count, getattr(error, "settles_after_s", 0.0))
