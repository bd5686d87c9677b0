"""The faults of a run: what is broken, for how long, and how soon the hub serves again afterwards.

A kind is one entry of :data:`KINDS`. After each fault a canary goes the whole way: told to the api, folded, delivered.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import asyncpg
import psutil  # type: ignore[import-untyped]
import redis.asyncio
from redis.exceptions import RedisError

from tests.faults import setting
from tests.faults.evidence import Book, Recovery
from tests.faults.operator import Operator
from tests.faults.peers import Peer
from tests.faults.proxy import Proxy
from tests.faults.stage import HubError, Stage, answers, signal_to
from tests.faults.workload import Firm

PROCESSES = ("api", "ingest", "deliver", "jobs")
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault, and the dice it is thrown with."""

    kind: str
    seed: int = 0


@dataclass
class Injector:
    """Injects faults one after the other and measures how long each takes to get over."""

    here: Stage
    book: Book
    chance: Random
    operator: Operator
    firms: Sequence[Firm]
    patience: float
    """Factor on the limits, for machines that do other work beside."""
    say: Callable[..., None]
    _canaries: int = 0
    _late: set[str] = field(default_factory=set)
    not_struck: list[str] = field(default_factory=list)
    """Points that nobody passed while they were armed."""

    async def all(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            await self.one(fault)

    async def one(self, fault: Fault) -> None:
        """Inject, then wait until a canary that was sent afterwards has come through."""
        kind = KINDS[fault.kind]
        began = time.monotonic()
        self.chance = Random(fault.seed)
        is_struck = await kind.inject(self)
        if is_struck is False:
            self.not_struck.append(fault.kind)
            self.say(f"{fault.kind}: nobody passed there")
            return
        self.book.faults.append(fault.kind)
        ended = time.monotonic()
        limit_s = kind.limit_s * self.patience
        took = await self.canary(limit_s + 60)
        self.book.recoveries.append(Recovery(fault.kind, took, limit_s))
        self.say(f"{fault.kind}: {ended - began:.1f} s, back after {took:.1f} s")

    async def canary(self, patience_s: float) -> float:
        """Seconds until a new record has gone the whole way, in both tenants."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(patience_s):
                await asyncio.gather(*(self._canary(slug) for slug in self.here.tenants))
        except TimeoutError:
            return float(patience_s)
        return time.monotonic() - began

    async def _canary(self, slug: str) -> None:
        tenant = self.here.tenants[slug]
        api = self.here.api(tenant)
        self._canaries += 1
        name = f"K{self._canaries}"
        body = {"id": name, "rev": 1, "name": f"{slug} Canary {name}", "phone": "", "country": "SE", "deleted": False, "changed": ""}
        tenant.crm.put("account", name, 1, body)
        line = json.dumps({"object": "account", "externalId": name, "version": "1", "idempotencyKey": name, "body": body})
        while True:
            with suppress(HubError, TimeoutError):
                async with asyncio.timeout(3):
                    status, _ = await api.post("/ingest/crm", line, "application/x-ndjson")
                if status == 202:
                    break
            await asyncio.sleep(0.05)
        while body["name"] not in tenant.receivers["events"].names:
            await asyncio.sleep(0.02)

    async def undo_everything(self) -> None:
        """Whatever a fault may have left behind is put right."""
        for name in PROCESSES:
            self.here.arm(name, "")
            signal_to(self.here.pid(name), signal.SIGCONT)
        for proxy in self.proxies().values():
            proxy.heal()
        for tenant in self.here.tenants.values():
            for peer in (*tenant.systems, *tenant.receivers.values()):
                peer.answers.clear()
                peer.loses = 0.0
        if (server := self.here.redis_server()) is not None:
            signal_to(server.pid, signal.SIGCONT)
        await self.here.heal()

    def proxies(self) -> dict[str, Proxy]:
        found = {"postgres": self.here.postgres}
        if self.here.redis is not None:
            found["redis"] = self.here.redis
        for tenant in self.here.tenants.values():
            for peer in (*tenant.systems, *tenant.receivers.values()):
                found[f"{tenant.slug} {peer.name}"] = peer.proxy
        return found

    def proxies_of(self, target: str) -> list[Proxy]:
        """Postgres, Redis, or the same peer of every tenant."""
        return [proxy for name, proxy in self.proxies().items() if name == target or name.endswith(f" {target}")]

    def peers(self, name: str) -> list[Any]:
        every: list[Peer] = [peer for tenant in self.here.tenants.values() for peer in (*tenant.systems, *tenant.receivers.values())]
        return [peer for peer in every if peer.name == name]

    def seconds(self, least: float, most: float) -> float:
        return self.chance.uniform(least, most)

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.here.owner_url, timeout=20)
        try:
            yield connection
        finally:
            connection.terminate()


# processes


async def kill(name: str, at: Injector) -> None:
    pid = await _living(at, name)
    signal_to(pid, signal.SIGKILL)


async def _living(at: Injector, name: str) -> int:
    while (pid := at.here.pid(name)) is None:
        await asyncio.sleep(0.02)
    return pid


async def storm(at: Injector) -> None:
    for _ in range(5):
        await kill(at.chance.choice(PROCESSES[:3]), at)
        await asyncio.sleep(0.6)


async def end(name: str, at: Injector) -> None:
    signal_to(await _living(at, name), signal.SIGTERM)


async def freeze(name: str, at: Injector) -> None:
    """Stopped for longer than its leases hold; when it goes on, somebody else may have its work."""
    pid = await _living(at, name)
    signal_to(pid, signal.SIGSTOP)
    await asyncio.sleep(at.seconds(5, 8))
    signal_to(pid, signal.SIGCONT)


async def roll(at: Injector) -> None:
    """Every process is replaced in turn, the next one when the last one is there again."""
    for name in PROCESSES:
        if name not in at.here.supervisor.pids():
            continue
        pid = await _living(at, name)
        signal_to(pid, signal.SIGTERM)
        while at.here.pid(name) in (None, pid):
            await asyncio.sleep(0.05)
        if name == "api":
            await answers(at.here)


async def clock(name: str, offset_s: int, at: Injector) -> None:
    at.here.arm(name, f"clock {offset_s:+d}")
    await asyncio.sleep(at.seconds(2, 4))
    at.here.arm(name, "")


# Postgres


async def crash(at: Injector) -> None:
    await _down(at, signal.SIGQUIT, at.seconds(0, 5))


async def fast_restart(at: Injector) -> None:
    await _down(at, signal.SIGINT, 0)


async def _down(at: Injector, how: signal.Signals, for_s: float) -> None:
    server = at.here.postmaster()
    assert server is not None
    signal_to(server.pid, how)
    await asyncio.to_thread(psutil.wait_procs, [server], 30)
    await asyncio.sleep(for_s)
    await at.here.heal()
    await _accepts(at)


async def _accepts(at: Injector) -> None:
    while True:
        with suppress(*_AWAY):
            async with at.owner() as connection:
                await connection.fetchval("SELECT 1")
                return
        await asyncio.sleep(0.05)


async def backend_killed(at: Injector) -> None:
    """One backend dies by kill -9, and the postmaster ends all the others."""
    server = at.here.postmaster()
    assert server is not None
    async with at.owner() as connection:
        pids = [row["pid"] for row in await connection.fetch("SELECT pid FROM pg_stat_activity WHERE usename = 'hub_worker'")]
    if pids:
        signal_to(at.chance.choice(pids), signal.SIGKILL)
        await asyncio.sleep(0.3)
    await _accepts(at)


async def terminate_all(at: Injector) -> None:
    async with at.owner() as connection:
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('hub_worker', 'hub_api')")


async def none_left(at: Injector) -> None:
    """Somebody else takes every connection; the hub's own are ended, and find no place again."""
    taken: list[asyncpg.Connection] = []
    async with at.owner() as connection:
        try:
            with suppress(*_AWAY):
                while True:
                    taken.append(await asyncpg.connect(at.here.examiner_url, timeout=5))
            await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('hub_worker', 'hub_api')")
            with suppress(*_AWAY):
                while True:
                    taken.append(await asyncpg.connect(at.here.examiner_url, timeout=5))
            await asyncio.sleep(at.seconds(2, 4))
        finally:
            for one in taken:
                one.terminate()


async def table_locked(at: Injector) -> None:
    table = at.chance.choice(["hub.inbox", "hub.inbox_open", "hub.lane", "golden.client", "hub.feed_head", "hub.change"])
    async with at.owner() as connection:
        step = connection.transaction()
        await step.start()
        await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        await asyncio.sleep(at.seconds(3, 8))
        await step.rollback()


async def read_only(at: Injector) -> None:
    async with at.owner() as connection:
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await connection.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(at.seconds(2, 5))
        await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await connection.execute("SELECT pg_reload_conf()")


# Redis


@asynccontextmanager
async def _redis(at: Injector) -> AsyncIterator[Any]:
    url = at.here.servers.redis_url
    assert url is not None
    client = redis.asyncio.Redis.from_url(url)
    try:
        yield client
    finally:
        await client.aclose()


async def redis_flushed(at: Injector) -> None:
    async with _redis(at) as client:
        await client.flushall()


async def redis_killed(at: Injector) -> None:
    await _redis_away(at, 0)


async def redis_absent(at: Injector) -> None:
    await _redis_away(at, at.seconds(4, 8))


async def _redis_away(at: Injector, for_s: float) -> None:
    server = at.here.redis_server()
    assert server is not None
    signal_to(server.pid, signal.SIGKILL)
    await asyncio.to_thread(psutil.wait_procs, [server], 10)
    await asyncio.sleep(for_s)
    await at.here.heal()


async def redis_frozen(at: Injector) -> None:
    server = at.here.redis_server()
    assert server is not None
    signal_to(server.pid, signal.SIGSTOP)
    await asyncio.sleep(at.seconds(4, 8))
    signal_to(server.pid, signal.SIGCONT)


async def redis_full(at: Injector) -> None:
    with suppress(RedisError):
        async with _redis(at) as client:
            await client.config_set("maxmemory", "1mb")
            with suppress(RedisError):
                for number in range(64):
                    await client.set(f"stuff{number}", b"x" * 65_536)
            await asyncio.sleep(at.seconds(2, 4))
            await client.config_set("maxmemory", "256mb")
            await client.delete(*(f"stuff{number}" for number in range(64)))


async def redis_clients_killed(at: Injector) -> None:
    async with _redis(at) as client:
        await client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


# networks


async def slow(target: str, at: Injector) -> None:
    await _network(at, target, delay_s=at.seconds(0.02, 0.2))


async def down(target: str, at: Injector) -> None:
    for proxy in at.proxies_of(target):
        proxy.is_down = True
        proxy.break_all()
    await asyncio.sleep(at.seconds(1, 4))
    for proxy in at.proxies_of(target):
        proxy.heal()


async def hole(target: str, at: Injector) -> None:
    """Nothing comes through, and nothing says so."""
    await _network(at, target, is_hole=True)


async def replies_lost(target: str, at: Injector) -> None:
    await _network(at, target, loses_replies=True)


async def resets(target: str, at: Injector) -> None:
    await _network(at, target, resets=0.02)


async def cut(target: str, at: Injector) -> bool:
    """Answers break off in the middle."""
    return await _until_used(at, target, "cuts")


async def commits_lost(at: Injector) -> bool:
    """Postgres has committed, and the answer to COMMIT never arrives."""
    return await _until_used(at, "postgres", "commits")


async def _until_used(at: Injector, target: str, what: str) -> bool:
    proxies = at.proxies_of(target)
    lost = sum(one.lost for one in proxies)
    for proxy in proxies:
        setattr(proxy, what, 3)
    give_up_at = time.monotonic() + 6
    while sum(one.lost for one in proxies) < lost + 3 * len(proxies) and time.monotonic() < give_up_at:
        await asyncio.sleep(0.05)
    for proxy in proxies:
        setattr(proxy, what, 0)
    return sum(one.lost for one in proxies) > lost


async def _network(at: Injector, target: str, **broken: Any) -> None:
    for proxy in at.proxies_of(target):
        for name, value in broken.items():
            setattr(proxy, name, value)
    await asyncio.sleep(at.seconds(2, 6))
    for proxy in at.proxies_of(target):
        proxy.heal()


# peers


async def answered(target: str, kind: str, at: Injector) -> None:
    """The next requests are answered like that."""
    for peer in at.peers(target):
        peer.answers += [kind] * (2 if kind in ("endless", "large") else 5)
    give_up_at = time.monotonic() + 8
    while any(peer.answers for peer in at.peers(target)) and time.monotonic() < give_up_at:
        await asyncio.sleep(0.1)
    for peer in at.peers(target):
        peer.answers.clear()


async def answers_lost(target: str, at: Injector) -> None:
    """Half of the writes happen and are not answered."""
    for peer in at.peers(target):
        peer.loses = 0.5
    await asyncio.sleep(at.seconds(4, 8))
    for peer in at.peers(target):
        peer.loses = 0.0


async def gone(at: Injector) -> None:
    """A receiver that answers 410 is disabled, and told nothing more."""
    for tenant in at.here.tenants.values():
        receiver = tenant.receivers["gone"]
        receiver.answers += ["410"] * 1000
        api = at.here.api(tenant)
        if "gone" not in tenant.subscriptions:
            await _patiently(partial(setting.subscribe, api, tenant, "gone", kind="webhook", payload="delta"))
        else:
            again = 'mutation ($id: ID!) { setSubscriptionState(id: $id, state: "active") { done errors { code message } } }'
            await _patiently(partial(api.do, again, id=tenant.subscriptions["gone"]))
    give_up_at = time.monotonic() + 15
    asked = "query { subscriptions { name state } }"
    for tenant in at.here.tenants.values():
        is_off = False
        while not is_off and time.monotonic() < give_up_at:
            with suppress(HubError):
                rows = (await at.here.api(tenant).ask(asked))["subscriptions"]
                is_off = any(row["name"] == "gone" and row["state"] == "disabled" for row in rows)
            await asyncio.sleep(0.2)
        if not is_off:
            at.book.during.append(f"{tenant.slug}: a receiver that answered 410 is still told")


async def _patiently(do: Callable[[], Awaitable[Any]]) -> None:
    while True:
        try:
            await do()
            return
        except HubError as error:
            if error.is_certain:
                return
        await asyncio.sleep(0.3)


# configuration


async def secret_rotated(at: Injector) -> None:
    for tenant in at.here.tenants.values():
        with suppress(HubError):
            told = await at.here.api(tenant).do(
                "mutation ($id: ID!) { rotateSecret(id: $id) { secret errors { code message } } }", id=tenant.subscriptions["events"]
            )
            tenant.receivers["events"].secrets += told["secret"].split()


async def key_revoked(at: Injector) -> None:
    """A key that was just given and revoked opens nothing."""
    tenant = at.chance.choice(list(at.here.tenants.values()))
    code, told = await at.here.command("key", "reader", "--name", "short", "--tenant", tenant.slug)
    keys = [word for word in told.split() if word.startswith("hub_")]
    if code or not keys:
        return
    await at.here.command("key", "reader", "--name", "short", "--tenant", tenant.slug, "--revoke")
    api = at.here.api(tenant)
    api.key = keys[0]
    give_up_at = time.monotonic() + 15
    while time.monotonic() < give_up_at:
        try:
            await api.ask("{ me { role } }")
        except HubError as error:
            if error.code in ("UNAUTHENTICATED", "HTTP_401"):
                return
        await asyncio.sleep(0.3)
    at.book.during.append(f"{tenant.slug}: a revoked key still opens the door")


async def mapping_changed(at: Injector) -> None:
    for tenant in at.here.tenants.values():
        document = setting.crm_document(tenant)
        ignored = ["changed", f"x{at.chance.randrange(1000)}"]
        mappings = [{**one, "ignored": ignored} for one in document["mappings"]]
        with suppress(HubError):
            await at.here.api(tenant).do(
                "mutation ($document: JSON!) { setMapping(system: \"crm\", document: $document) { count errors { code message } } }",
                document={"mappings": mappings},
            )


async def subscription_added(at: Injector) -> bool:
    """A webhook that begins with a snapshot, while everybody writes."""
    is_new = False
    for tenant in at.here.tenants.values():
        if tenant.slug not in at._late:
            at._late.add(tenant.slug)
            is_new = True
            with suppress(HubError):
                await setting.subscribe(at.here.api(tenant), tenant, "late", kind="webhook", payload="snapshot", snapshot=True)
    return is_new


# points in the code

WHERE: Mapping[str, str] = {
    "receive.before_commit": "api", "receive.after_commit": "api", "merge.middle": "api", "undo.middle": "api",
    "ingest.after_claim": "ingest", "ingest.before_commit": "ingest", "ingest.after_commit": "ingest",
    "sequence.before_commit": "deliver", "deliver.after_sequence": "deliver", "deliver.after_intent": "deliver",
    "deliver.after_call": "deliver", "deliver.after_answer": "deliver", "deliver.after_settle": "deliver",
    "webhook.before_call": "deliver", "webhook.after_call": "deliver", "poll.before_commit": "jobs", "reconsider.before_commit": "ingest",
}  # fmt: skip
"""Point → the process that passes it while firms are at work."""


async def at_point(name: str, action: str, at: Injector) -> bool:
    """Arm one point once and wait until somebody has passed it; False when nobody did."""
    process = WHERE[name]
    before = len(at.here.struck())
    at.here.arm(process, f"{name} {action} times=1")
    give_up_at = time.monotonic() + 12
    while len(at.here.struck()) == before and time.monotonic() < give_up_at:
        await asyncio.sleep(0.05)
    at.here.arm(process, "")
    if action.startswith("freeze"):
        await asyncio.sleep(float(action.split()[1]))
    return len(at.here.struck()) > before


async def at_load(at: Injector) -> bool:
    """A load dies in the middle of its file, and is run again."""
    return await at.chance.choice(at.firms).file(60, "load.middle kill")


# the list


@dataclass(frozen=True, slots=True)
class Kind:
    """How a fault is injected, and how soon the hub must serve again after it ended (RELIABILITY floors)."""

    inject: Callable[[Injector], Awaitable[bool | None]]
    limit_s: float = 60.0


def _kinds() -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for name in PROCESSES:
        found[f"kill {name}"] = Kind(partial(kill, name), 10)
        found[f"sigterm {name}"] = Kind(partial(end, name), 20)
        found[f"freeze {name}"] = Kind(partial(freeze, name), 60)
    for name, offset_s in (("api", 90), ("deliver", -90), ("jobs", 86_400), ("api", -3600)):
        found[f"clock {name} {offset_s:+d}"] = Kind(partial(clock, name, offset_s))
    found |= {
        "kill storm": Kind(storm, 20), "rolling restart": Kind(roll, 20), "postgres crash": Kind(crash, 20),
        "postgres fast restart": Kind(fast_restart, 20), "postgres backend killed": Kind(backend_killed, 20),
        "postgres terminates all": Kind(terminate_all, 20), "postgres none left": Kind(none_left, 20), "postgres table locked": Kind(table_locked, 20),
        "postgres read-only": Kind(read_only, 20), "postgres commits lost": Kind(commits_lost, 20),
        "redis flushed": Kind(redis_flushed), "redis killed": Kind(redis_killed), "redis absent": Kind(redis_absent), "redis frozen": Kind(redis_frozen),
        "redis full": Kind(redis_full), "redis clients killed": Kind(redis_clients_killed),
        "webhook gone": Kind(gone), "secret rotated": Kind(secret_rotated), "key revoked": Kind(key_revoked), "mapping changed": Kind(mapping_changed),
        "subscription added": Kind(subscription_added),
    }  # fmt: skip
    for target in ("postgres", "redis", "erp", "psa", "events"):
        for way in (slow, down, hole, replies_lost, resets, cut):
            found[f"{target} {way.__name__.replace('_', ' ')}"] = Kind(partial(way, target))
    for target in ("erp", "events"):
        for kind in ("429", "503", "500", "refuse", "endless", "large"):
            found[f"{target} answers {kind}"] = Kind(partial(answered, target, kind))
        found[f"{target} answers lost"] = Kind(partial(answers_lost, target))
    for point in WHERE:
        found[f"at {point} kill"] = Kind(partial(at_point, point, "kill"), 20)
    found["at load.middle kill"] = Kind(at_load)
    for point, action in (
        ("ingest.before_commit", "cut"), ("receive.before_commit", "cut"), ("receive.after_commit", "lose"), ("merge.middle", "cut"), ("undo.middle", "raise"),
        ("deliver.after_intent", "freeze 6"), ("deliver.after_call", "freeze 6"), ("ingest.after_claim", "freeze 6"), ("sequence.before_commit", "freeze 6"),
        ("deliver.after_call", "raise"), ("ingest.after_commit", "lose"), ("sequence.before_commit", "cut"),
    ):  # fmt: skip
        found[f"at {point} {action.split()[0]}"] = Kind(partial(at_point, point, action))
    return found


KINDS: Mapping[str, Kind] = _kinds()


def plan_of(chance: Random, count: int, *, only: tuple[str, ...] = ()) -> list[Fault]:
    """So many faults: every kind once, in an order of this seed, then kinds at random."""
    kinds = [name for name in KINDS if not only or name in only]
    order = chance.sample(kinds, len(kinds))
    while len(order) < count:
        order.append(chance.choice(kinds))
    return [Fault(name, chance.randrange(2**31)) for name in order[:count]]
