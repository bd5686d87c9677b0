"""Polling: page and checkpoint together, one poller at a time, and absence that means deletion only when it can."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from connectors.memory import MemoryConnector, MemorySystem
from connectors.port import Page
from hub.flows import poll
from hub.flows.connect import connect
from hub.flows.poll import Polled
from tests.flows.conftest import Hub

DOCUMENT = {
    "system": "ledger", "kind": "erp", "connector": "memory", "poll_every_s": 7,
    "mappings": [{"object": "customer", "entity": "client", "fields": {"name": "title", "legal_name": "legal"}}],
}  # fmt: skip


class Ledger:
    """A polled system of one hub: ``say`` what it holds, ``poll`` it, look at what came."""

    def __init__(self, hub: Hub, page_size: int = 2) -> None:
        self.hub, self.system = hub, MemorySystem("ledger", page_size=page_size)
        self.connector: Any = MemoryConnector(self.system)

    def say(self, *numbers: int) -> None:
        for number in numbers:
            self.system.put("customer", f"C{number}", {"title": f"Customer {number}"})

    async def connector_of(self, tenant_id: int, system: str) -> Any:
        return self.connector if (tenant_id, system) == (self.hub.tenant, "ledger") else None

    async def poll(self) -> Polled:
        return await poll.poll(self.hub.pool, self.connector_of, self.hub.tenant, "ledger", "customer")

    async def received(self) -> list[str]:
        rows = await self.hub.rows("SELECT external_id, is_delete FROM hub.inbox WHERE tenant_id = $1 ORDER BY id", self.hub.tenant)
        return [f"-{row['external_id']}" if row["is_delete"] else row["external_id"] for row in rows]

    async def checkpoint(self) -> dict[str, Any]:
        (row,) = await self.hub.rows(
            "SELECT checkpoint, failures, error, token, round(extract(epoch FROM next_poll_at - now())) AS due_in_s "
            "FROM hub.checkpoint WHERE tenant_id = $1",
            self.hub.tenant,
        )
        return row


@pytest.fixture
async def ledger(hub: Hub) -> Ledger:
    async with hub.transaction() as (tx, _):
        await connect(tx, hub.tenant, DOCUMENT, {}, "a secret key", ("customer",))
    return Ledger(hub)


async def test_a_poll_walks_all_pages_and_becomes_golden_records(ledger: Ledger) -> None:
    ledger.say(1, 2, 3, 4, 5)
    assert await ledger.poll() == Polled(pages=3, new=5)
    await ledger.hub.settle()
    found = await ledger.hub.rows("SELECT name FROM golden.client WHERE tenant_id = $1 ORDER BY name", ledger.hub.tenant)
    assert [row["name"] for row in found] == [f"Customer {number}" for number in range(1, 6)]
    assert (await ledger.checkpoint())["due_in_s"] == 7


async def test_a_listing_that_a_connector_begins_by_itself_tells_what_is_gone(ledger: Ledger) -> None:
    ledger.say(1, 2, 3)
    await ledger.poll()
    await ledger.hub.settle()

    class Lists(MemoryConnector):
        """Tells of no deletes; instead of changes it has all listed once more."""

        async def poll(self, resource: str, checkpoint: str) -> Page:
            if checkpoint == "is due":
                return Page((), "", has_more=True)
            page = await super().poll(resource, checkpoint)
            kept = tuple(one for one in page.messages if one.external_id != "C2")
            return Page(kept, page.checkpoint, page.has_more, is_complete_listing=not page.has_more)

    ledger.connector = Lists(ledger.system)
    await ledger.hub.pool.execute("UPDATE hub.checkpoint SET checkpoint = 'is due' WHERE tenant_id = $1", ledger.hub.tenant)
    assert (await ledger.poll()).deleted == 1
    assert (await ledger.received())[-1] == "-C2"


async def test_what_fails_after_a_page_goes_on_behind_that_page(ledger: Ledger) -> None:
    ledger.say(1, 2, 3, 4, 5)
    asked: list[str] = []

    class CutOff(MemoryConnector):
        async def poll(self, resource: str, checkpoint: str) -> Page:
            asked.append(checkpoint)
            if len(asked) == 2:
                self.system.fail("unavailable", operation="poll")
            return await super().poll(resource, checkpoint)

    ledger.connector = CutOff(ledger.system)
    assert await ledger.poll() == Polled(error="RetriableError")
    assert await ledger.received() == ["C1", "C2"]
    after = await ledger.checkpoint()
    assert (after["failures"], after["error"], after["token"]) == (1, "RetriableError", None)

    assert await ledger.poll() == Polled(pages=2, new=3)
    assert await ledger.received() == ["C1", "C2", "C3", "C4", "C5"]
    assert asked == ["", asked[1], asked[1], asked[3]]
    assert (await ledger.checkpoint())["failures"] == 0


async def test_a_page_and_its_checkpoint_are_stored_together_or_not_at_all(ledger: Ledger) -> None:
    ledger.say(1)
    pool, tenant = ledger.hub.pool, ledger.hub.tenant

    class TakenOver(MemoryConnector):
        async def poll(self, resource: str, checkpoint: str) -> Page:
            await pool.execute("UPDATE hub.checkpoint SET token = $2 WHERE tenant_id = $1", tenant, uuid4())
            return await super().poll(resource, checkpoint)

    ledger.connector = TakenOver(ledger.system)
    assert await ledger.poll() == Polled(error="lease lost")
    assert (await ledger.received(), (await ledger.checkpoint())["checkpoint"]) == ([], "")


async def test_only_one_worker_polls_a_resource_at_a_time(ledger: Ledger) -> None:
    ledger.say(1)
    at_it, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MemoryConnector):
        async def poll(self, resource: str, checkpoint: str) -> Page:
            at_it.set()
            await go_on.wait()
            return await super().poll(resource, checkpoint)

    ledger.connector = Slow(ledger.system)
    first = asyncio.create_task(ledger.poll())
    await at_it.wait()
    assert await ledger.poll() == Polled()
    go_on.set()
    assert await first == Polled(pages=1, new=1)


async def test_a_dead_pollers_lease_runs_out_and_the_next_one_resumes(ledger: Ledger) -> None:
    ledger.say(1)
    await ledger.hub.pool.execute(
        "UPDATE hub.checkpoint SET token = $2, lease_until = now() - interval '1 s' WHERE tenant_id = $1", ledger.hub.tenant, uuid4()
    )
    assert await ledger.poll() == Polled(pages=1, new=1)


async def test_reading_the_same_again_tells_nothing_new(ledger: Ledger) -> None:
    ledger.say(1, 2)
    await ledger.poll()
    await ledger.hub.pool.execute("UPDATE hub.checkpoint SET checkpoint = '' WHERE tenant_id = $1", ledger.hub.tenant)
    assert (await ledger.poll()).new == 0
    ledger.say(2)
    assert (await ledger.poll()).new == 1
    assert await ledger.received() == ["C1", "C2", "C2"]


async def list_all_again(ledger: Ledger, *gone: int) -> Polled:
    """The records are removed without a trace, and everything is listed from the beginning."""
    await ledger.hub.settle()
    for number in gone:
        del ledger.system.records["customer"][f"C{number}"]
    await ledger.hub.pool.execute("UPDATE hub.checkpoint SET checkpoint = '' WHERE tenant_id = $1", ledger.hub.tenant)
    return await ledger.poll()


async def test_what_a_complete_listing_no_longer_shows_is_deleted(ledger: Ledger) -> None:
    ledger.say(*range(1, 6))
    await ledger.poll()
    assert (await list_all_again(ledger, 2)).deleted == 1
    assert (await ledger.received())[-1] == "-C2"
    await ledger.hub.settle()
    rows = await ledger.hub.rows("SELECT name FROM golden.client WHERE tenant_id = $1 AND record_state <> 'active'", ledger.hub.tenant)
    assert rows == [{"name": "Customer 2"}]


async def test_too_many_missing_records_are_a_task_and_delete_nothing(ledger: Ledger) -> None:
    ledger.system.page_size = 100
    ledger.say(*range(1, 31))
    await ledger.poll()
    assert await list_all_again(ledger, *range(1, 21)) == Polled(pages=1)
    assert await ledger.hub.tasks() == [("brake", "ledger customer absent", 20)]
    assert not [one for one in await ledger.received() if one.startswith("-")]


async def test_a_listing_that_was_cut_off_deletes_nothing(ledger: Ledger) -> None:
    ledger.say(*range(1, 6))
    await ledger.poll()
    await ledger.hub.settle()
    del ledger.system.records["customer"]["C1"]
    await ledger.hub.pool.execute("UPDATE hub.checkpoint SET checkpoint = 'full:1' WHERE tenant_id = $1", ledger.hub.tenant)
    assert (await ledger.poll()).deleted == 0


async def test_due_resources_are_polled_and_paused_or_unusable_systems_are_not(ledger: Ledger) -> None:
    ledger.say(1)
    pool, tenant = ledger.hub.pool, ledger.hub.tenant
    for name in ("paused", "unusable"):
        async with ledger.hub.transaction() as (tx, _):
            await connect(tx, tenant, DOCUMENT | {"system": name}, {}, "a secret key", ("customer",))
    await pool.execute("UPDATE hub.system SET paused = true WHERE tenant_id = $1 AND name = 'paused'", tenant)

    assert await poll.poll_due(pool, ledger.connector_of) == 2
    rows = await ledger.hub.rows("SELECT system, error FROM hub.checkpoint WHERE tenant_id = $1 ORDER BY system", tenant)
    assert {row["system"]: row["error"] for row in rows} == {"ledger": None, "paused": None, "unusable": "NoConnector"}
    assert await poll.poll_due(pool, ledger.connector_of) == 0

    await poll.poll_soon(pool, tenant, "ledger", ["customer"])
    assert await poll.poll_due(pool, ledger.connector_of) == 1
