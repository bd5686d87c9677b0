"""Once, whatever happens: answers lost, workers killed and frozen, many writes in one request."""

from __future__ import annotations

import asyncio
import os
import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from connectors.errors import RejectedError
from connectors.port import ObjectCapabilities, Write
from hub.flows.deliver import Deliverer
from hub.flows.system_limits import set_limits
from hub.settings import Settings
from tests.flows.delivering import KEYLESS, Keeper, Target, a_target, attempts_made, eventually, lane_states, open_tasks
from tests.flows.test_delivery_gates import BOOKS

INVOICES = int(os.environ.get("INVOICES", "2000"))


# invoices whose answers are lost, from workers that are killed


def kill(worker: Deliverer) -> None:
    """What the end of a process does: every task stops where it is, nothing is given back."""
    for task in [*worker._tasks]:
        task.cancel()
    worker._held.clear()


async def invoices(keeper: Keeper, count: int) -> Decimal:
    """So many invoices of uneven amounts; answers their total."""
    total = Decimal(0)
    for number in range(count):
        net = Decimal(number * 37 % 9973) / 100 + 1
        total += net
        await keeper.save(
            "invoice", number=f"R{number:05d}", currency="EUR", issue_date="2026-05-17", net={"amount": f"{net:.2f}", "currency": "EUR"},
            notify=number == count - 1,
        )  # fmt: skip
    return total


async def losing_half(keeper: Keeper, settings: Settings, count: int, able: ObjectCapabilities) -> tuple[Target, Decimal]:
    """Post invoices to an ERP that loses every second answer, by workers of which one is killed after the other."""
    mappings = [one | ({"natural_key": ["number"]} if one["object"] == "bill" else {}) for one in BOOKS]
    erp = await a_target(keeper, settings, mappings=mappings, objects={"bill": able}, concurrency=16, brake={"count": 100_000, "percent": 0})
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"breaker": {"error_timeout_s": 0.2, "longest_s": 0.2}})
    chance = random.Random(7)
    written = erp.connector._written

    def lossy(write: Write) -> Any:
        if write.object == "bill" and chance.random() < 0.5:
            erp.system.fail("lose_answer", object="bill", operation="write")
        return written(write)

    erp.connector._written = lossy  # type: ignore[method-assign]
    total = await invoices(keeper, count)
    while len(erp.system.bodies("bill")) < count:
        had = len(erp.system.bodies("bill"))
        goal = min(had + max(count // 4, 1), count)
        async with erp.running(lease_s=0.6, sweep_s=0.05, call_timeout_s=0.3) as worker:
            await eventually(lambda goal=goal: len(erp.system.bodies("bill")) >= goal, 300)
            if goal < count:
                kill(worker)
    async with erp.running(lease_s=0.6, sweep_s=0.05, call_timeout_s=0.3):
        await eventually(lambda: _all_idle(keeper), 300)
    return erp, total


async def _all_idle(keeper: Keeper) -> bool:
    rows = await keeper.pool.fetch("SELECT DISTINCT state FROM hub.lane WHERE tenant_id = $1", keeper.tenant_id)
    return [row["state"] for row in rows] == ["idle"]


UNIQUE = ObjectCapabilities(can_create=True, has_unique_external_id=True, keeps_our_key=True)
KEYED = ObjectCapabilities(can_create=True, keeps_our_key=True)


async def assert_posted_once(keeper: Keeper, erp: Target, total: Decimal, count: int) -> None:
    bills = erp.system.bodies("bill")
    assert (len(bills), sum(body["net"] for body in bills.values())) == (count, total)
    assert erp.system.duplicates == {}
    linked = await keeper.pool.fetchval("SELECT count(DISTINCT external_id) FROM hub.source_record WHERE system = 'erp' AND entity = 'invoice'")
    assert linked == count
    states = await attempts_made(keeper.pool)
    assert states["done"] + states["adopted"] == count
    assert {"intent", "unknown"}.isdisjoint(states)
    assert await open_tasks(keeper) == []


@pytest.mark.parametrize("able", [UNIQUE, KEYED], ids=["unique key", "key without uniqueness"])
async def test_invoices_are_posted_once_though_half_of_the_answers_are_lost_and_workers_die(
    keeper: Keeper, settings: Settings, able: ObjectCapabilities
) -> None:
    erp, total = await losing_half(keeper, settings, 60, able)
    await assert_posted_once(keeper, erp, total, 60)


@pytest.mark.slow
async def test_two_thousand_invoices_are_posted_once(keeper: Keeper, settings: Settings) -> None:
    """``make test-postings``; INVOICES says how many."""
    erp, total = await losing_half(keeper, settings, INVOICES, UNIQUE)
    await assert_posted_once(keeper, erp, total, INVOICES)


# fencing


async def test_a_worker_that_wakes_after_its_lanes_were_taken_does_not_call(keeper: Keeper, settings: Settings) -> None:
    """It is frozen between its lease and its intent; meanwhile its lease runs out and another worker does its work."""
    erp = await a_target(keeper, settings)
    frozen, awake = asyncio.Event(), asyncio.Event()
    admitted = "hub.flows.send_system.SystemSender._admitted"

    async def freeze(self: Any, target: Any, plans: Any) -> Any:
        if self.worker == "sleeper" and plans:
            frozen.set()
            await awake.wait()
        return list(plans)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(admitted, freeze)
        async with erp.running(worker="sleeper", lease_s=600) as sleeper:
            client = await keeper.save(name="Nordwind")
            await frozen.wait()
            await keeper.pool.execute("UPDATE hub.lane SET lease_until = now() - interval '1 second'")
            async with erp.running(worker="other"):
                await eventually(lambda: erp.system.bodies("account"))
                await eventually(lambda: _all_idle(keeper))
                awake.set()
                await eventually(lambda: not sleeper._tasks)
    assert (len(erp.system.asked_at), erp.system.duplicates) == (1, {})
    assert await attempts_made(keeper.pool) == {"done": 1}
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "idle"}


async def test_a_lease_that_was_taken_over_is_noticed_when_it_is_renewed(keeper: Keeper, settings: Settings) -> None:
    """However long the worker believes its lease to hold, it does not call once the rows are not its own."""
    erp = await a_target(keeper, settings, concurrency=1)
    began, go_on = asyncio.Event(), asyncio.Event()
    write = erp.connector.write

    async def hang(one: Write) -> Any:
        began.set()
        await go_on.wait()
        return await write(one)

    erp.connector.write = hang  # type: ignore[method-assign]
    async with erp.running(lease_s=1.5, call_timeout_s=60, sweep_s=30) as worker:
        for number in range(3):
            await keeper.save(name=f"Client {number}", notify=number == 2)
        await began.wait()
        await keeper.pool.execute("UPDATE hub.lane SET token = gen_random_uuid() WHERE state = 'leased'")
        lane_tokens = list(worker._held)
        await eventually(lambda: all(worker._held[token].until < asyncio.get_running_loop().time() for token in lane_tokens), 20)
        go_on.set()
        await eventually(lambda: not worker._held, 20)
    assert len(erp.system.bodies("account")) == 1


async def test_a_sender_that_fails_lets_its_lanes_go(keeper: Keeper, settings: Settings) -> None:
    """Its lease is not renewed for ever: another turn takes the lanes up."""
    erp = await a_target(keeper, settings)
    failed = 0
    of = "hub.flows.send_system.SystemSender._admitted"
    from hub.flows.send_system import SystemSender

    original = SystemSender._admitted

    async def fail_once(self: Any, target: Any, plans: Any) -> Any:
        nonlocal failed
        failed += 1
        if failed == 1:
            raise RuntimeError("a fault of ours")
        return await original(self, target, plans)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(of, fail_once)
        async with erp.running(lease_s=0.5):
            await keeper.save(name="Nordwind")
            await eventually(lambda: erp.system.bodies("account"), 20)
    assert failed >= 2


# looking twice


async def test_a_double_that_shows_after_everything_has_settled_is_a_task_with_the_money(keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ERP lists late: neither look finds the first invoice; once it shows, a person is told and the link stays."""
    monkeypatch.setattr("hub.flows.deliver.WAITING_EVERY_S", 0.1)
    mappings = [one | ({"natural_key": ["number"]} if one["object"] == "bill" else {}) for one in BOOKS]
    erp = await a_target(keeper, settings, mappings=mappings, objects={"bill": KEYLESS})
    erp.system.fail("lose_answer", object="bill", operation="write")
    looks = 0
    looked_up = erp.connector._looked_up

    def late(write: Write) -> Any:
        nonlocal looks
        looks += 1
        if looks <= 2:
            return None
        return looked_up(write)

    erp.connector._looked_up = late  # type: ignore[method-assign]
    async with erp.running():
        invoice = await keeper.save("invoice", number="R1", currency="EUR", issue_date="2026-05-17", net={"amount": "12.50", "currency": "EUR"})
        await eventually(lambda: _all_idle(keeper), 20)
        assert len(erp.system.bodies("bill")) == 2

        async def is_told() -> bool:
            return [cause for cause, _, _ in await open_tasks(keeper)] == ["duplicate_at_target"]

        await eventually(is_told, 30)
    task = await keeper.pool.fetchrow("SELECT golden_id, money, system FROM hub.task WHERE cause = 'duplicate_at_target'")
    assert tuple(task) == (invoice, [{"amount": "12.50", "currency": "EUR"}], "erp")
    assert await keeper.pool.fetchval("SELECT count(*) FROM hub.second_look") == 0


# many in one request


async def test_many_writes_go_in_one_request_and_each_has_its_own_outcome(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, bulk_size=20)
    erp.system.checks["account"] = lambda body: ("name", "is too long") if len(body["name"]) > 12 else None
    bad = await keeper.save(name="Much too long a name", notify=False)
    good: list[UUID] = [await keeper.save(name=f"Client {number}", notify=number == 24) for number in range(25)]
    async with erp.running():
        await eventually(lambda: len(erp.system.bodies("account")) == 25, 20)
        await erp.settled()
    states = await lane_states(keeper.pool, keeper.tenant_id)
    assert (states[bad], {states[one] for one in good}) == ("parked", {"idle"})
    assert erp.system.requests["write_many"] == len(erp.system.asked_at) == 2
    assert await attempts_made(keeper.pool) == {"done": 25, "rejected": 1}
    assert await open_tasks(keeper) == [("delivery_rejected", "erp client name validation", 1)]


async def test_a_request_for_many_whose_answer_is_lost_makes_none_twice(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, bulk_size=50)
    erp.system.fail("lose_answer", operation="write_many")
    for number in range(10):
        await keeper.save(name=f"Client {number}", notify=number == 9)
    async with erp.running():
        await eventually(lambda: _all_idle(keeper), 20)
    assert (len(erp.system.bodies("account")), erp.system.duplicates) == (10, {})
    assert await attempts_made(keeper.pool) == {"adopted": 10}


async def test_a_bulk_answer_that_lacks_a_record_is_nobodys_success(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, bulk_size=50)
    write_many = erp.connector.write_many
    asked = 0

    async def short(writes: Any) -> Any:
        nonlocal asked
        asked += 1
        answers = await write_many(writes)
        return answers[:-1] if asked == 1 else answers

    erp.connector.write_many = short  # type: ignore[method-assign]
    for number in range(4):
        await keeper.save(name=f"Client {number}", notify=number == 3)
    async with erp.running():
        await eventually(lambda: _all_idle(keeper), 20)
    assert (len(erp.system.bodies("account")), erp.system.duplicates) == (4, {})
    assert await attempts_made(keeper.pool) == {"adopted": 4}


async def test_the_system_that_holds_two_of_one_is_a_task_and_neither_is_taken(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, objects={"account": KEYLESS})
    erp.system.put("account", "A1", {"name": "Nordwind"})
    erp.system.fail("lose_answer", object="account", operation="write")
    async with erp.running():
        client = await keeper.save(name="Nordwind")
        await eventually(lambda: open_tasks(keeper), 20)
    with pytest.raises(RejectedError):
        erp.connector._looked_up(Write("k", "create", "account", "client", None, {}, natural_key={"name": "Nordwind"}))
    assert "duplicate_at_target" in {cause for cause, _, _ in await open_tasks(keeper)}
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "parked"}
