"""What follows from a merge elsewhere: nothing where no link changed, one event, and lanes that settle."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest

from hub.flows import undo
from hub.flows.merge import merge
from hub.flows.merge_preview import preview
from hub.flows.subscriptions import create_subscription
from hub.settings import Settings
from hub.store import crosswalk
from hub.store.crosswalk import Written
from hub.store.ids import new_id
from tests.flows.conftest import Hub
from tests.flows.delivering import Keeper, a_deliverer, a_receiver, a_target, eventually, is_settled, lane_states
from tests.flows.test_merge import BO, holds, joined, of, undone


async def two_clients(hub: Hub) -> tuple[UUID, UUID]:
    ids = []
    for at in ("1", "2"):
        ids.append(await hub.told("crm", "client", at, {"name": f"Nordwind {at}", "phone": f"+49405550{at}"}))
        await hub.told("psa", "project", f"p{at}", {"code": f"P{at}", "name": f"Rollout {at}", "client": of("crm", "client", at)})
    assert ids[0] and ids[1]
    return ids[0], ids[1]


async def is_at_rest(hub: Hub) -> bool:
    """Nothing is under way, and nothing waits for a record it left out at first."""
    owing = await hub.rows("SELECT FROM hub.lane WHERE tenant_id = $1 AND (state <> 'idle' OR waits_for IS NOT NULL)", hub.tenant)
    return not owing and await is_settled(hub.pool, hub.tenant)


async def test_a_merge_writes_to_the_primary_record_and_changes_no_link_in_a_system(hub: Hub, settings: Settings) -> None:
    erp = await a_target(Keeper(hub.pool, hub.tenant), settings)
    async with erp.running():
        survivor, loser = await two_clients(hub)
        await eventually(lambda: is_at_rest(hub), 30)
        before = {object_: dict(erp.system.bodies(object_)) for object_ in ("account", "project")}
        writes = erp.system.requests["write"]
        done = await joined(hub, survivor, loser)
        await eventually(lambda: is_at_rest(hub), 30)
        assert (erp.system.requests["write"], {o: dict(erp.system.bodies(o)) for o in before}) == (writes, before)
        assert set((await lane_states(hub.pool, hub.tenant)).values()) == {"idle"}
        await hub.told("crm", "client", "1", {"phone": "+494077777"})
        await eventually(lambda: is_at_rest(hub), 30)
        phones = {id_: body["phone"] for id_, body in erp.system.bodies("account").items()}
        assert sorted(phones.values()) == ["+49405550" + "2", "+494077777"], "the other record there is left alone"
        assert erp.system.requests["write"] == writes + 1
        await undone(hub, done.action_id)
        await eventually(lambda: is_at_rest(hub), 30)
        assert erp.system.requests["write"] == writes + 1, "both say again what they said there"
        await hub.told("crm", "client", "2", {"phone": "+494088888"})
        await eventually(lambda: is_at_rest(hub), 30)
    assert {body["phone"] for body in erp.system.bodies("account").values()} == {"+494077777", "+494088888"}
    await holds(hub)


async def test_what_was_created_for_a_record_while_it_was_merged_goes_back_with_it(hub: Hub) -> None:
    survivor, loser = await two_clients(hub)
    done = await joined(hub, survivor, loser)
    answered = Written("erp", "customer", "77", "client", loser, {"name": "Nordwind 2"}, True, "1")
    async with hub.pool.acquire() as tx, tx.transaction():
        assert await crosswalk.store(tx, hub.tenant, [answered]) == []
    where = "SELECT golden_id FROM hub.source_record WHERE tenant_id = $1 AND system = 'erp' AND external_id = '77'"
    assert await hub.pool.fetchval(where, hub.tenant) == survivor
    await undone(hub, done.action_id)
    assert await hub.pool.fetchval(where, hub.tenant) == loser
    await holds(hub)


@pytest.mark.parametrize("is_undo", [False, True])
async def test_what_was_created_while_a_merge_or_its_undo_was_being_stored_is_where_it_belongs(hub: Hub, is_undo: bool) -> None:
    """The answer is stored while the other transaction has moved the source records and has not committed."""
    survivor, loser = await two_clients(hub)
    done = await joined(hub, survivor, loser) if is_undo else None
    answered = Written("erp", "customer", "77", "client", loser, {"name": "Nordwind 2"}, True, "1")

    async def settle() -> None:
        async with hub.pool.acquire() as tx, tx.transaction():
            assert await crosswalk.store(tx, hub.tenant, [answered]) == []

    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with hub.transaction() as (tx, config):
        if done is None:
            await merge(tx, config, "client", survivor, [loser], BO, reason="one firm")
        else:
            await undo.undo(tx, config, done.action_id, BO)
        settling = asyncio.create_task(settle())
        while not await hub.pool.fetchval(waits):
            assert not settling.done(), "it waits for whoever holds the golden records"
            await asyncio.sleep(0.01)
    await settling
    where = "SELECT golden_id FROM hub.source_record WHERE tenant_id = $1 AND system = 'erp' AND external_id = '77'"
    assert await hub.pool.fetchval(where, hub.tenant) == (loser if is_undo else survivor)
    await holds(hub)


async def test_a_webhook_hears_one_business_event_of_a_merge_and_sees_the_loser_go(hub: Hub, settings: Settings) -> None:
    survivor, loser = await two_clients(hub)
    async with a_receiver() as receiver, a_deliverer(hub.pool, settings):
        for name, filter_ in (("events", {"events": ["client.merged", "client.split", "client.updated"]}), ("all", {"entities": ["client"]})):
            await create_subscription(
                hub.pool, settings, hub.tenant, subscription_id=new_id(), name=name, kind="webhook", url=receiver.url + "/" + name, filter=filter_,
                payload="delta", system=None, secret=None, coalesces=False, with_snapshot=False, created_by="test",
            )  # fmt: skip
        done = await joined(hub, survivor, loser)
        await undone(hub, done.action_id)
        await eventually(lambda: len(receiver.got) >= 6)
        await eventually(lambda: is_settled(hub.pool, hub.tenant))
    told = [event for event in receiver.events if event["data"].get("events")]
    merged = [{"before": str(loser), "after": str(survivor)}]
    parted = [{"before": str(survivor), "after": str(one)} for one in (survivor, loser)]
    assert [(one["data"]["record"]["id"], one["type"].split(".")[-3:-1], one["data"]["events"][0]["payload"]["id_map"]) for one in told] == [
        (str(survivor), ["client", "merged"], merged), (str(survivor), ["client", "split"], parted),
    ]  # fmt: skip
    plain: list[Any] = [(one["data"]["record"]["id"], one["data"]["op"], one["data"]["id_map"]) for one in receiver.events if not one["data"].get("events")]
    assert sorted(plain) == sorted([(str(one), "merge", merged) for one in (survivor, loser)] + [(str(one), "split", parted) for one in (survivor, loser)])


async def test_a_preview_of_a_client_with_thousands_of_children_takes_a_moment(hub: Hub) -> None:
    survivor, loser = await two_clients(hub)
    await hub.pool.execute(
        "INSERT INTO golden.invoice (tenant_id, id, version, record_state, created_at, updated_at, client_id, currency, open_amount, open_amount_currency) "
        "SELECT $1, gen_random_uuid(), 1, 'active', now(), now(), $2, 'EUR', 10, 'EUR' FROM generate_series(1, 5000)", hub.tenant, loser,
    )  # fmt: skip
    await hub.pool.execute("ANALYZE golden.invoice")
    took = []
    for _ in range(3):
        async with hub.transaction() as (tx, config):
            began = time.perf_counter()
            found = await preview(tx, config, "client", survivor, [loser], picks={"name": {"record": str(loser)}})
            took.append(time.perf_counter() - began)
    assert [(one.entity, one.field, one.count, len(one.sample)) for one in found.children] == [("invoice", "client", 5000, 5), ("project", "client", 1, 1)]
    assert (found.values["name"], found.risk.value, found.why) == ("Nordwind 2", "R2", ("Nordwind 2 has open receivables",))
    assert found.records[1].facts.receivables["EUR"] == 50_000
    assert min(took) < 0.3


async def test_a_write_that_was_told_before_it_was_stored_is_ours_and_its_record_is_computed_again(hub: Hub) -> None:
    """The owner's record is deleted and the ERP shows what the hub is just writing there: that makes no offer once it is known."""
    client = await hub.told("crm", "client", "1", {"name": "Nordwind", "phone": "+49401"})
    await hub.told("erp", "client", "77", {"name": "Nordwind"}, hub=f":{client}")
    await hub.told("crm", "client", "1", None)
    assert client is not None
    await hub.told("erp", "client", "77", {"name": "Nordwind 2"}, hub=f":{client}")
    assert (await hub.values("client", client))["name"] == "Nordwind 2"
    written = Written("erp", "client", "77", "client", client, {"name": "Nordwind 2"}, False, "2")
    async with hub.pool.acquire() as tx, tx.transaction():
        await crosswalk.store(tx, hub.tenant, [written])
    await hub.settle()
    assert (await hub.values("client", client))["name"] == "Nordwind", "what the CRM said last"
    await holds(hub)
