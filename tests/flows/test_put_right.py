"""What a system changes though another decides it: put right at once where its switch ``corrects`` is on, else left alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from hub.flows import receive
from hub.flows.receive import Origin
from hub.settings import Settings
from hub.store.inbox import NewMessage
from tests.flows.conftest import Hub
from tests.flows.delivering import KEYLESS, Keeper, Target, a_target, eventually, lane_states


@asynccontextmanager
async def in_step(hub: Hub, settings: Settings, corrects: bool) -> AsyncIterator[Target]:
    """A client of the CRM, which the PSA holds as psa-1; the deliver loop runs."""
    target = await a_target(Keeper(hub.pool, hub.tenant), settings, "psa", kind="psa", corrects=corrects)
    async with target.running():
        await hub.told("crm", "client", "A1", {"name": "Nordwind", "phone": "+494055501"})
        await target.settled()
        assert target.system.bodies("account") == {"psa-1": {"name": "Nordwind", "phone": "+494055501"}}
        yield target


async def edit(hub: Hub, target: Target, **values: str) -> None:
    """A user of the PSA edits psa-1, and the PSA tells."""
    record = target.system.change("account", "psa-1", **values)
    body = json.dumps({"id": "psa-1", "version": f"{record.version:012d}"} | record.body).encode()
    message = NewMessage("psa", "account", "psa-1", body, f"psa-1 {record.version}", "test", version=f"{record.version:012d}")
    async with hub.pool.acquire() as connection, connection.transaction():
        await receive.store(connection, Origin(hub.tenant, "webhook", "psa"), [message], datetime.now(UTC))
    await hub.settle()


@pytest.mark.parametrize(("corrects", "name"), [(True, "Nordwind"), (False, "Nordwind AG")])
async def test_a_value_that_loses_is_put_right_where_the_switch_is_on(hub: Hub, settings: Settings, corrects: bool, name: str) -> None:
    async with in_step(hub, settings, corrects) as psa:
        await edit(hub, psa, name="Nordwind AG")
        await psa.settled()
        assert psa.system.bodies("account")["psa-1"]["name"] == name
        assert (await hub.rows("SELECT version, name FROM golden.client WHERE tenant_id = $1", hub.tenant))[0]["name"] == "Nordwind"


async def test_it_is_put_right_again_and_again_but_only_when_it_differs(hub: Hub, settings: Settings) -> None:
    async with in_step(hub, settings, True) as psa:
        for name in ("Nordwind AG", "Nordwind SE", "Nordwind AG"):
            await edit(hub, psa, name=name)
            await psa.settled()
            assert psa.system.bodies("account")["psa-1"]["name"] == "Nordwind"
        writes = psa.system.requests["write"]
        await edit(hub, psa, note="seen")
        await psa.settled()
        assert psa.system.requests["write"] == writes


async def test_a_system_that_spells_what_it_is_told_in_its_own_way_is_not_told_for_ever(hub: Hub, settings: Settings) -> None:
    async with in_step(hub, settings, True) as psa:
        for _ in range(4):
            await edit(hub, psa, name="NORDWIND")
            await psa.settled()
            psa.system.change("account", "psa-1", name="NORDWIND")
        assert psa.system.requests["write"] <= 3


async def test_a_change_made_while_a_write_is_under_way_is_looked_at_afterwards(hub: Hub, settings: Settings) -> None:
    target = await a_target(Keeper(hub.pool, hub.tenant), settings, "psa", kind="psa", corrects=True)
    async with target.running():
        await hub.told("crm", "client", "A1", {"name": "Nordwind"})
        await target.settled()
    await hub.pool.execute("UPDATE hub.lane SET state = 'leased', token = gen_random_uuid(), lease_until = now() + interval '1 s'")
    await edit(hub, target, name="Nordwind AG")
    assert set((await lane_states(hub.pool, hub.tenant)).values()) == {"leased"}
    async with target.running():
        await eventually(lambda: target.system.bodies("account")["psa-1"]["name"] == "Nordwind")


async def test_a_new_record_waits_for_a_reference_that_the_system_requires(hub: Hub, settings: Settings) -> None:
    psa = await a_target(
        Keeper(hub.pool, hub.tenant), settings, "psa", kind="psa", objects={"account": KEYLESS},
        mappings=[
            {"object": "account", "entity": "client", "fields": {"name": "name"}},
            {"object": "project", "entity": "project", "fields": {
                "name": "name", "client": {"path": "account", "reference": "account", "required": True}}},
        ],
    )  # fmt: skip
    psa.system.fail("unavailable", object="account", operation="write", times=1)
    async with psa.running():
        client = await hub.told("crm", "client", "A1", {"name": "Nordwind"})
        await hub.told("erp", "project", "P1", {"name": "Rollout", "client": {"id": str(client)}})
        await eventually(lambda: psa.system.bodies("project"))
    assert list(psa.system.bodies("project").values()) == [{"name": "Rollout", "account": "psa-1"}]
