"""Whatever systems tell and people decide, in whatever order: golden records follow from it, and nothing is lost.

Seeded random histories through the real flows on real Postgres, each in a tenant of its own. ``-m slow`` plays more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.core.configuration import System
from hub.core.policy import FieldPolicy, Policy
from hub.core.records import SourceKey
from hub.embedded import Embedded
from hub.flows import steward
from hub.flows.ingest_loop import Ingester
from hub.flows.steward import By
from hub.flows.tenants import ensure_tenant
from hub.settings import Settings
from hub.store import configuration
from hub.store.ids import new_id
from hub.store.pool import open_worker_pool
from schema import rules
from schema.systems import CRM, ERP, PSA
from tests.conftest import _settings_for
from tests.flows.conftest import SYSTEMS, Hub
from tests.flows.histories import TOLD, AsItStands, Firm, Told, put_in, standing
from tests.flows.invariants import check_everything

BO = By("bo", "c-1")
_tenants = count(1)


@pytest.fixture(scope="module")
async def hub(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[Hub]:
    """One database for all histories: a fresh tenant is cheaper, and nothing may leak from one to the next."""
    await template.execute("CREATE DATABASE histories TEMPLATE hub")
    pool = await open_worker_pool(_settings_for(Settings().on(servers), "histories").need("worker_url"), size=4)
    yield Hub(pool, 0, Ingester(pool, "test"), count(1))
    await pool.close()
    await template.execute("DROP DATABASE histories WITH (FORCE)")


async def a_tenant(hub: Hub) -> int:
    """A fresh tenant with the four systems."""
    async with hub.pool.acquire() as connection, connection.transaction():
        tenant = await ensure_tenant(connection, f"firm-{next(_tenants)}")
        for name, kind in SYSTEMS.items():
            await configuration.put_system(connection, tenant, System(name, kind))
    return tenant


async def arrive(hub: Hub, tenant: int, told: list[Told], batch_size: int, settle_every: int) -> Ingester:
    """Let messages arrive in this order; ingest in batches, after every so many messages and at the end."""
    ingester = Ingester(hub.pool, "test", batch_size=batch_size)
    start = datetime.now(UTC)
    for at in range(0, len(told), settle_every):
        some = told[at : at + settle_every]
        messages = [one.message(f"m{at + offset}") for offset, one in enumerate(some)]
        await put_in(hub.pool, tenant, messages, start + timedelta(milliseconds=at))
        await ingester.drain(tenant)
    return ingester


# ------------------------------------------------------------------------------------------------ the order of arrival


@pytest.mark.parametrize("seed", range(6))
async def test_what_stands_in_the_end_depends_neither_on_the_order_of_arrival_nor_on_batches(hub: Hub, seed: int) -> None:
    await _orders(hub, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
async def test_what_stands_in_the_end_depends_neither_on_order_nor_on_batches_over_many_histories(hub: Hub, seed: int) -> None:
    await _orders(hub, seed)


async def _orders(hub: Hub, seed: int) -> None:
    random = Random(seed)
    told = Firm(random).history()
    shuffled = random.sample(told, len(told))
    backwards = told[::-1]
    results: list[tuple[set[AsItStands], set[frozenset[SourceKey]]]] = []
    for order, batch_size, settle_every in (
        (told, 500, 500), (told, 500, 5), (shuffled, 500, 500), (random.sample(told, len(told)), 3, 4), (backwards, 7, 500), (backwards, 1, 1),
    ):  # fmt: skip
        tenant = await a_tenant(hub)
        ingester = await arrive(hub, tenant, order, batch_size, settle_every)
        await check_everything(hub, tenant, ingester)
        results.append(await standing(ingester, tenant))
    first_records, first_groups = results[0]
    for records, groups in results[1:]:
        assert groups == first_groups
        assert records == first_records


# ---------------------------------------------------------------------------------------------------------- everything


@dataclass
class Life:
    """One history with decisions, policies, bad messages, duplicates and time in between."""

    hub: Hub
    tenant: int
    random: Random
    ingester: Ingester
    numbers: count[int]
    sent: list[tuple[Told, str]]

    async def live(self) -> None:
        told = Firm(self.random, locks=True).history()
        r = self.random
        for at, one in enumerate(told):
            swap = min(len(told) - 1, at + r.choice((0, 0, 0, 1, 4)))
            told[at], told[swap] = told[swap], one
        while told:
            await self._tell([told.pop(0) for _ in range(min(len(told), r.randint(1, 6)))])
            if r.random() < 0.6:
                await self.settle()
            if r.random() < 0.45:
                await r.choice(STEPS)(self)
        await self.settle()

    async def settle(self) -> None:
        await self.ingester.drain(self.tenant)

    async def _tell(self, several: list[Told]) -> None:
        messages = []
        for one in several:
            key = f"m{next(self.numbers)}"
            messages.append(one.message(key, is_versioned=self.random.random() < 0.9))
            self.sent.append((one, key))
        await put_in(self.hub.pool, self.tenant, messages, datetime.now(UTC))

    async def _a_golden(self) -> tuple[str, UUID] | None:
        entity = self.random.choice(TOLD)
        rows = await self.hub.rows(f"SELECT id FROM golden.{entity} WHERE tenant_id = $1 ORDER BY id", self.tenant)
        return (entity, self.random.choice(rows)["id"]) if rows else None

    async def _decide(self, what: Callable[[Any, Any], Awaitable[Any]]) -> None:
        async with self.hub.pool.acquire() as tx, tx.transaction():
            await what(tx, await self.ingester.configurations.get(tx, self.tenant))

    async def override(self) -> None:
        found, r = await self._a_golden(), self.random
        if found is None:
            return
        entity, id_ = found
        field, value = r.choice(OVERRIDES[entity])
        until = datetime.now(UTC) + timedelta(milliseconds=r.choice((20, 150))) if r.random() < 0.5 else None
        is_while = until is None and r.random() < 0.5
        await self._decide(
            lambda tx, config: steward.override(
                tx, config, entity, id_, field, value, BO, reason="because", until=until, until_source_changes=is_while
            )
        )

    async def withdraw(self) -> None:
        rows = await self.hub.rows(
            "SELECT id FROM hub.decision WHERE tenant_id = $1 AND withdrawn_at IS NULL AND kind = 'override' ORDER BY id", self.tenant
        )
        if rows:
            chosen = self.random.choice(rows)["id"]
            await self._decide(lambda tx, config: steward.withdraw(tx, config, chosen, BO))

    async def part(self) -> None:
        key = await self._a_source()
        if key is not None:
            await self._decide(lambda tx, config: steward.unlink(tx, config, key, new_id(), "not them", BO))

    async def join(self) -> None:
        key = await self._a_source()
        if key is not None:
            rows = await self.hub.rows(f"SELECT id FROM golden.{key.entity} WHERE tenant_id = $1 ORDER BY id", self.tenant)
            if rows:
                target = self.random.choice(rows)["id"]
                await self._decide(lambda tx, config: steward.link(tx, config, key, target, "them after all", BO))

    async def _a_source(self) -> SourceKey | None:
        rows = await self.hub.rows(
            "SELECT system, object, external_id, entity, part FROM hub.source_record "
            "WHERE tenant_id = $1 AND state = 'present' AND golden_id IS NOT NULL ORDER BY id", self.tenant,
        )  # fmt: skip
        return SourceKey(*self.random.choice(rows).values()) if rows else None

    async def accept(self) -> None:
        rows = await self.hub.rows("SELECT id, held FROM hub.source_record WHERE tenant_id = $1 AND held IS NOT NULL ORDER BY id", self.tenant)
        if rows:
            row = self.random.choice(rows)
            field = self.random.choice(sorted(row["held"]))
            await self._decide(lambda tx, config: steward.accept(tx, config, row["id"], field, "agreed", BO))

    async def policy(self) -> None:
        policy = self.random.choice(POLICIES)
        await self._decide(lambda tx, config: steward.set_policy(tx, self.tenant, policy, "a better one", BO))

    async def repeat(self) -> None:
        if self.sent:
            one, key = self.random.choice(self.sent)
            await put_in(self.hub.pool, self.tenant, [one.message(key)], datetime.now(UTC))
            await self._tell([one])

    async def nonsense(self) -> None:
        number = next(self.numbers)
        messages = [
            Told("crm", "widget", f"w{number}", 1, {"name": "x"}).message(f"n{number}a"),
            Told("crm", "client", "C0", 1, {"name": {"a": 1}, "nonsense": True}).message(f"n{number}b", is_versioned=False),
            Told("nowhere", "client", "1", 1, {"name": "x"}).message(f"n{number}c"),
        ]
        await put_in(self.hub.pool, self.tenant, messages, datetime.now(UTC))

    async def wait(self) -> None:
        await asyncio.sleep(0.16)


STEPS: list[Callable[[Life], Awaitable[None]]] = [
    Life.override, Life.override, Life.withdraw, Life.part, Life.join, Life.accept, Life.policy, Life.repeat, Life.nonsense, Life.wait,
]  # fmt: skip
OVERRIDES: dict[str, list[tuple[str, Any]]] = {
    "client": [("name", "Mended"), ("seat", {"city": "Graz", "country": "AT"}), ("phone", None), ("lei", None)],
    "contact": [("title", "Chief"), ("email", "fixed@acme.example")],
    "resource": [("given_name", "Fixed")],
    "project": [("name", "Fixed"), ("percent_complete", "99")],
    "time_entry": [("note", "fixed"), ("quantity", {"value": "4", "unit": "hour"})],
    "invoice": [("number", "R-9")],
    "invoice_line": [("net", {"amount": "1.00", "currency": "EUR"})],
}
POLICIES = [
    Policy(),
    Policy((FieldPolicy("client", "name", (ERP, CRM)), FieldPolicy("client", "seat", (PSA, ERP, CRM)))),
    Policy((FieldPolicy("client", "phone", rule=rules.recency()), FieldPolicy("project", "name", rule=rules.longest()))),
    Policy((FieldPolicy("client", "domain", rule=rules.frequency()), FieldPolicy("client", "phone", rule=rules.follow("name")))),
    Policy(systems=("erp", "crm")),
]


@pytest.mark.parametrize("seed", range(10))
async def test_every_history_leaves_golden_records_that_follow_from_it_and_no_message_without_an_outcome(hub: Hub, seed: int) -> None:
    await _live(hub, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
async def test_many_histories_leave_golden_records_that_follow_from_them(hub: Hub, seed: int) -> None:
    await _live(hub, seed)


async def _live(hub: Hub, seed: int) -> None:
    random = Random(seed)
    tenant = await a_tenant(hub)
    life = Life(hub, tenant, random, Ingester(hub.pool, "test", batch_size=random.choice((1, 3, 20, 500))), count(1), [])
    await life.live()
    await asyncio.sleep(0.16)
    await life.settle()
    await check_everything(hub, tenant, life.ingester)
