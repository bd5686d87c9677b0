"""The way out: sequence → fan out → send, as the loop of the worker's deliver process. Before: ingest.

One short transaction gives new changes their positions, wants them in the lanes of whoever subscribed, and leases what is
due (for webhooks the lease is the intent). Then lanes are sent side by side, each in its own order, and what became of
them is stored in batches. Everything is rows: a doorbell (LISTEN hub_change, hub_lane) only shortens the wait, and a
worker that dies leaves leases that run out.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import aiohttp
import asyncpg

from connectors.port import Connector
from hub.core.contexts import decided_in
from hub.faults import point
from hub.flows import contexts, restored
from hub.flows.addresses import networks
from hub.flows.brokers.address import permitted, read_address
from hub.flows.brokers.connections import Brokers
from hub.flows.delivery_breakers import Breakers
from hub.flows.delivery_controls import Controls
from hub.flows.delivery_tending import Tending
from hub.flows.feed_notices import tell
from hub.flows.gates import Gate
from hub.flows.send_broker import BrokerSender
from hub.flows.send_system import SystemSender
from hub.flows.send_webhook import MOST_VERSIONS, EventSender, Pending, WebhookSender, open_session, versions_needed
from hub.flows.settle import Outcome, Settler, key_of
from hub.flows.traced import delivering, remember
from hub.flows.waiting import tell_of_waiting
from hub.flows.webhook_message import Sender
from hub.flows.webhook_post import TIMEOUT_S
from hub.settings import Settings
from hub.store import configuration, feed, feed_notices, lanes, secrets, versions
from hub.store.configuration import ConfigurationCache
from hub.store.feed_notices import Notice
from hub.store.lanes import Lane, LaneKey
from hub.store.pool import Pool
from hub.store.subscriptions import Subscription
from hub.telemetry import DELIVERIES, DELIVERY_LAG, logger
from hub.tracing import note
from schema import ENTITIES

log = logger("hub.deliver")
BATCH = 2_000
"""Positions fanned out in one transaction."""
MOST_WEBHOOK = 32
MOST_SYSTEM = 500
"""Lanes of one subscription under way in one process; those of a system are planned together."""
GRACE_S = 5.0
WAITING_EVERY_S = 2.0
SPOILT_PAUSE_S = 5.0
_SPOILT = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, asyncpg.SyntaxOrAccessError)
"""What the rows of one tenant can bring about: it is left alone for a while, and the others go on."""
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

ConnectorOf = Callable[[int, str], Awaitable[Connector | None]]
"""(tenant id, system) → its connector, or None when it has none."""


async def deliver_loop(
    pool: Pool, settings: Settings, connector_of: ConnectorOf, stop: asyncio.Event, *, worker: str = "deliver"
) -> None:
    """Deliver until ``stop`` is set; rides out the database being away."""
    async with open_session(networks(settings.webhook_networks)) as session:
        deliverer = Deliverer(pool, settings, connector_of, session, worker)
        await deliverer.run(stop)


@dataclass(slots=True)
class Held:
    """Lanes leased under one token; ``until`` is when we must assume them lost (monotonic seconds)."""

    tenant_id: int
    until: float
    lanes: set[LaneKey]


@dataclass
class Deliverer:
    """One process's sender. Its own state only spares work: gates, counts of what is under way, leases to renew."""

    pool: Pool
    settings: Settings
    connector_of: ConnectorOf
    session: aiohttp.ClientSession
    worker: str = "deliver"
    call_timeout_s: float = 30.0
    chance: random.Random = field(default_factory=random.Random)
    _gates: dict[UUID, tuple[Gate, int]] = field(default_factory=dict)
    _busy: Counter[UUID] = field(default_factory=Counter)
    _held: dict[UUID, Held] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _slugs: dict[int, str] = field(default_factory=dict)
    _secrets: dict[bytes, str] = field(default_factory=dict)
    _tenant_of: dict[UUID, int] = field(default_factory=dict)
    _due: set[int] = field(default_factory=set)
    _spoilt: dict[int, float] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.settler = Settler(self.pool, self._stored)
        self.webhooks = WebhookSender(
            session=self.session, allowed=networks(self.settings.webhook_networks), secret_of=self._secret_of,
            worker=self.worker, jitter=self.chance.random,
        )  # fmt: skip
        self.brokers = Brokers()
        named = permitted(self.settings.brokers)
        self.publisher = BrokerSender(
            brokers=self.brokers, is_named=lambda url: read_address(url).places <= named, login_of=self._login_of,
            worker=self.worker, jitter=self.chance.random,
        )  # fmt: skip
        self.controls = Controls(self.pool, self.worker)
        self.breakers = Breakers(self.pool, self.controls, self._answers_again)
        self.systems = SystemSender(
            self.pool, self.connector_of, ConfigurationCache(), self.settler, self.worker, self.chance.random,
            lease_s=self.settings.lease_s, call_timeout_s=self.call_timeout_s, controls=self.controls, breakers=self.breakers,
        )  # fmt: skip
        self.tending = Tending(self.pool, self.connector_of, self.call_timeout_s)

    # the loop

    async def run(self, stop: asyncio.Event) -> None:
        background = [asyncio.create_task(one) for one in (self.settler.run(), self.breakers.run(), self._renew_leases(), self._ring_on(stop))]
        delay_s = 0.1
        try:
            while not stop.is_set():
                try:
                    async with self._listening():
                        await self._check_epochs()
                        delay_s = 0.1
                        await self._work(stop)
                except _TROUBLE as error:
                    log.warning("the database is away", error=type(error).__name__, delay_s=delay_s)
                    await asyncio.sleep(delay_s)
                    delay_s = min(delay_s * 2, 2.0)
            await self._finish()
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await self.brokers.aclose()
            await self._leave_budgets()

    async def _work(self, stop: asyncio.Event) -> None:
        next_sweep = 0.0
        while not stop.is_set():
            if time.monotonic() >= next_sweep:
                await self._sweep()
                next_sweep = time.monotonic() + self.settings.sweep_s
            while self._due and not stop.is_set():
                tenant_id = self._due.pop()
                if self._spoilt.get(tenant_id, 0.0) > time.monotonic():
                    continue  # a sweep names it again
                try:
                    await self.step(tenant_id)
                except _SPOILT as error:
                    log.error("tenant_not_delivered", tenant_id=tenant_id, error=type(error).__name__, delay_s=SPOILT_PAUSE_S)
                    self._spoilt[tenant_id] = time.monotonic() + SPOILT_PAUSE_S
                except asyncpg.PostgresError:
                    self._due.add(tenant_id)
                    raise
            try:
                async with asyncio.timeout(max(next_sweep - time.monotonic(), 0.001)):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            if self._listener is None or self._listener.is_closed():
                raise ConnectionError("the listening connection was lost")

    async def step(self, tenant_id: int) -> list[Lane]:
        """Sequence, fan out and lease what is due for one tenant, and set off sending it; answers what was leased.

        Events are on their way while the transaction's commit is still being written: what fails then is sent again
        under the same ids. Nothing is written to a system before its lease, and its intent, are stored.
        """
        token = uuid.uuid4()
        leased_at = time.monotonic()
        async with self.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                head = await feed.sequence(connection, tenant_id)
                _, has_more = await lanes.fan_out(connection, tenant_id, head.position, BATCH)
                rooms = self.controls.rooms(MOST_SYSTEM)
                claimed = await lanes.claim(
                    connection, tenant_id, token=token, lease_s=self.settings.lease_s, busy=self._occupied(rooms),
                    most_system=MOST_SYSTEM, most_webhook=MOST_WEBHOOK, most_versions=MOST_VERSIONS,
                    least_urgent={one: urgency for one, (_, urgency) in rooms.items()},
                )  # fmt: skip
                events = [Pending(lane, changes) for lane, changes in claimed if lane.subscription.kind != "connector"]
                if events:
                    await load_values(connection, tenant_id, events, self.systems.configurations)
                    sender = Sender(await self._slug(connection, tenant_id), tenant_id, head.epoch)
                await remember(connection, tenant_id, (lane.correlation_id for lane, _ in claimed))
            except BaseException:
                await transaction.rollback()
                raise
            self._hold(tenant_id, token, leased_at, [lane for lane, _ in claimed])
            committed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            for pending in events:
                self._spawn(self._send_event(tenant_id, sender, pending, committed))
            try:
                point("sequence.before_commit", connection)
                await transaction.commit()
                committed.set_result(True)
            except BaseException:
                committed.set_result(False)
                self._let_go([lane for lane, _ in claimed])
                raise
        point("deliver.after_sequence")
        by_system: dict[UUID, list[Lane]] = {}
        for lane, _ in claimed:
            if lane.subscription.kind == "connector":
                by_system.setdefault(lane.subscription.id, []).append(lane)
        for group in by_system.values():
            self._spawn(self._send_group(tenant_id, group))
        if has_more:
            self.ring(tenant_id)
        return [lane for lane, _ in claimed]

    async def _send_event(
        self, tenant_id: int, sender: Sender, pending: Pending, committed: asyncio.Future[bool]
    ) -> None:
        lane = pending.lane
        gate = self._gate(lane)
        was_away = gate.is_tripped
        with delivering(tenant_id, lane) as span:
            try:
                outcome = await self._carrier(lane.subscription).send(sender, pending, gate, lambda: self._is_ours(lane))
            except Exception:
                if await committed:
                    self._let_go([lane])  # else its lease would be renewed for ever
                raise
            note(span, state=outcome.settled.state)
        if outcome.settled.state == "idle" and pending.changes:
            DELIVERY_LAG.labels(lane.subscription.kind).observe(max(time.time() - pending.changes[0].at.timestamp(), 0.0))
        for attempt in outcome.attempts:
            DELIVERIES.labels(lane.subscription.kind, attempt.state).inc()
        if await committed:
            self.settler.put(tenant_id, outcome)
        if was_away and not gate.is_tripped:
            await self._hasten(tenant_id, lane)

    async def _send_group(self, tenant_id: int, group: Sequence[Lane]) -> None:
        """Failing here must not keep lanes: what was not brought to an outcome is let go, and its lease runs out."""
        try:
            await self.systems.send(tenant_id, group, self._gate(group[0]), self._is_ours)
        except BaseException:
            under_way = self.settler.under_way(tenant_id)
            self._let_go([lane for lane in group if key_of(lane) not in under_way])
            raise

    # what is under way

    def ring(self, tenant_id: int) -> None:
        """There may be work for this tenant."""
        self._due.add(tenant_id)
        self._wake.set()

    def _occupied(self, rooms: Mapping[UUID, tuple[int, int]]) -> dict[UUID, int]:
        """Per subscription how much room is taken off; a closed gate takes all, a half-open one leaves one lane, a quota as much
        as it does not allow for soon."""
        now = time.monotonic()
        taken = {subscription_id: MOST_SYSTEM - room for subscription_id, (room, _) in rooms.items()}
        for subscription_id, (gate, most) in self._gates.items():
            taken[subscription_id] = max(taken.get(subscription_id, 0), most - gate.room(most, now))  # the narrower of the two
        occupied = Counter(self._busy)
        occupied.update(taken)
        return {subscription_id: count for subscription_id, count in occupied.items() if count}

    def _stored(self, tenant_id: int, outcomes: Sequence[Outcome], is_due: bool) -> None:
        self._let_go([outcome.lane for outcome in outcomes])
        self.controls.note_settled(outcome.lane.subscription.id for outcome in outcomes)
        if is_due or len(outcomes) >= MOST_WEBHOOK // 2:
            self.ring(tenant_id)

    def _hold(self, tenant_id: int, token: UUID, leased_at: float, leased: Sequence[Lane]) -> None:
        if leased:
            self._held[token] = Held(tenant_id, leased_at + self.settings.lease_s, {key_of(lane) for lane in leased})
            self._busy.update(lane.subscription.id for lane in leased)
            self._tenant_of.update((lane.subscription.id, tenant_id) for lane in leased)

    def _let_go(self, leased: Sequence[Lane]) -> None:
        for lane in leased:
            held, key = self._held.get(lane.token), key_of(lane)
            if held is None or key not in held.lanes:
                continue
            held.lanes.discard(key)
            self._busy[lane.subscription.id] -= 1
            if not held.lanes:
                del self._held[lane.token]

    def _is_ours(self, lane: Lane) -> bool:
        """Whether nobody can have taken the lane over: asked right before each call."""
        held = self._held.get(lane.token)
        return held is not None and time.monotonic() < held.until

    async def _answers_again(self, tenant_id: int, system: str) -> None:
        """A breaker closed: what waits for its next try is tried now."""
        ids = self.controls.subscriptions_of(tenant_id, system)
        async with self.pool.acquire() as connection:
            for subscription_id in ids:
                await lanes.hasten(connection, tenant_id, subscription_id)
        self.ring(tenant_id)

    async def _leave_budgets(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self.controls.aclose()
        except _TROUBLE:
            return  # slots and borrowed times run out by themselves

    def _gate(self, lane: Lane) -> Gate:
        most = MOST_SYSTEM if lane.subscription.kind == "connector" else MOST_WEBHOOK
        gate, _ = self._gates.setdefault(lane.subscription.id, (Gate(), most))
        return gate

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hasten(self, tenant_id: int, lane: Lane) -> None:
        try:
            async with self.pool.acquire() as connection:
                await lanes.hasten(connection, tenant_id, lane.subscription.id)
        except _TROUBLE:
            return  # it is tried when its time comes
        self.ring(tenant_id)

    async def _slug(self, connection: asyncpg.Connection, tenant_id: int) -> str:
        if tenant_id not in self._slugs:
            self._slugs.update(await configuration.tenants(connection))
        return self._slugs[tenant_id]

    def _login_of(self, subscription: Subscription) -> str:
        """What a broker asks for; nothing where it asks for nothing."""
        return self._opened(subscription) if subscription.secret else ""

    def _secret_of(self, lane: Lane) -> str:
        return self._opened(lane.subscription)

    def _opened(self, subscription: Subscription) -> str:
        sealed = subscription.secret or b""
        if sealed not in self._secrets:
            tenant_id = self._tenant_of[subscription.id]
            self._secrets[sealed] = open_secret(self.settings.need("secret_key"), sealed, tenant_id, subscription.id)
        return self._secrets[sealed]

    # around the loop

    _listener: asyncpg.Connection | None = None
    _look_at_waiting: float = 0.0

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        self._listener = await asyncpg.connect(
            self.settings.need("worker_url"), timeout=10, server_settings={"application_name": f"{self.worker} listener"}
        )
        try:
            for channel in ("hub_change", "hub_lane"):
                await self._listener.add_listener(channel, self._heard)
            self._listener.add_termination_listener(lambda _: self._wake.set())
            yield
        finally:
            self._listener.terminate()

    def _heard(self, _: object, __: int, ___: str, payload: str) -> None:
        if payload.isdigit():
            self.ring(int(payload))

    async def _sweep(self) -> None:
        """Look for work nobody rang for: late tries, lost leases, parents that arrived."""
        async with asyncio.timeout(15), self.pool.acquire() as connection:
            await lanes.take_over(connection)
            await self.controls.refresh(connection)
            if time.monotonic() >= self._look_at_waiting:
                self._look_at_waiting = time.monotonic() + WAITING_EVERY_S
                await lanes.release_waiting(connection)
                await tell_of_waiting(connection)
                await self.tending.tend(connection)
            self._due |= await lanes.tenants_with_work(connection)
            self._due.update(await feed.tenants_behind(connection))
            for notice in await feed_notices.claim(connection, self.settings.lease_s + TIMEOUT_S):
                self._spawn(self._tell(notice))

    async def _tell(self, notice: Notice) -> None:
        self._tenant_of[notice.subscription.id] = notice.tenant_id
        if await tell(self.pool, notice, self._carrier(notice.subscription), self.webhooks.wall):
            self.ring(notice.tenant_id)

    def _carrier(self, subscription: Subscription) -> EventSender:
        return self.publisher if subscription.kind == "broker" else self.webhooks

    async def _check_epochs(self) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await restored.recognise(connection)

    async def _renew_leases(self) -> None:
        lease_s = self.settings.lease_s
        while True:
            await asyncio.sleep(lease_s / 3)
            by_tenant: dict[int, list[UUID]] = {}
            for token, held in self._held.items():
                by_tenant.setdefault(held.tenant_id, []).append(token)
            for tenant_id, tokens in by_tenant.items():
                asked_at = time.monotonic()
                try:
                    async with asyncio.timeout(lease_s / 3), self.pool.acquire() as connection:
                        kept = await lanes.renew(connection, tenant_id, tokens, lease_s)
                except _TROUBLE:
                    continue
                for token in tokens:
                    mine = self._held.get(token)
                    if mine is not None and token in kept and asked_at < mine.until:
                        mine.until = asked_at + lease_s

    async def _ring_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _finish(self) -> None:
        """Let what is under way end, store it, and give back the rest."""
        give_up_at = time.monotonic() + GRACE_S
        while (self._tasks or not self.settler.is_idle) and time.monotonic() < give_up_at:
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        by_tenant: dict[int, list[UUID]] = {}
        for token, held in self._held.items():
            by_tenant.setdefault(held.tenant_id, []).append(token)
        try:
            async with asyncio.timeout(2):
                for tenant_id, tokens in by_tenant.items():
                    async with self.pool.acquire() as connection:
                        await lanes.give_back(connection, tenant_id, tokens)
        except _TROUBLE:
            return  # the leases run out


async def load_values(
    connection: asyncpg.Connection, tenant_id: int, events: Sequence[Pending], configurations: ConfigurationCache
) -> None:
    """Read the whole records that these lanes' events or filters need, each as its subscription's context sees it."""
    needed = {key for one in events for key in versions_needed(one.lane, one.changes)}
    if not needed:
        return
    records = await versions.read(connection, tenant_id, sorted(needed, key=str))
    names = {name for one in events if (name := one.lane.subscription.filter.get("context"))}
    config = await configurations.get(connection, tenant_id) if names else None
    views = {name: await contexts.read(connection, config, name, records) for name in sorted(names)} if config is not None else {}
    for one in events:
        name = one.lane.subscription.filter.get("context", "")
        if config is not None and name:
            one.decided = decided_in(ENTITIES[one.lane.entity], config.policy, name)
        for change in one.changes:
            record = views.get(name, records).get((change.golden_id, change.version))
            if record is not None:
                one.values[change.version] = record.values


def secret_about(tenant_id: int, subscription_id: UUID) -> str:
    """What a subscription's stored secret is bound to."""
    return f"{tenant_id}/subscription/{subscription_id}"


def open_secret(key: str, sealed: bytes, tenant_id: int, subscription_id: UUID) -> str:
    """A subscription's stored secret. Raises :class:`hub.errors.SecretError`."""
    return secrets.decrypt(key, sealed, secret_about(tenant_id, subscription_id), f"subscription/{subscription_id}")


async def _logged(work: Awaitable[None]) -> None:
    """A sender's own failure must be seen; its lanes come back when their lease runs out."""
    try:
        await work
    except Exception:
        log.exception("sending failed")
