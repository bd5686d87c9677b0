"""Consumer contexts and trust at work: who is sent what, when it is sent again, and what time changes by itself."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from connectors.memory import MemoryConnector, MemorySystem
from hub.core.policy import Policy, from_json
from hub.errors import RequestError
from hub.flows import connect, plans, plans_apply, replay, steward, subscriptions, where
from hub.flows.actions import By
from hub.flows.deliver import Deliverer
from hub.settings import Settings
from hub.store.ids import new_id
from tests.flows.conftest import Hub
from tests.flows.delivering import MASTER, Receiver, a_deliverer, eventually, is_settled

BO = By("bo", "c-1")
BILLING = {"contexts": {"billing": {"fields": [{"entity": "client", "field": "name", "owner": ["erp"]}]}}}
MAPPINGS = [{"object": "client", "entity": "client", "fields": {"name": "name", "phone": "phone"}}]
TRUST: dict[str, Any] = {
    "fields": [{"entity": "client", "field": "name", "rule": {"strategy": "trust"}}],
    "trust": [
        {"entity": "client", "field": "name", "system": "crm", "score": 90, "half_life_days": 30},
        {"entity": "client", "field": "name", "system": "erp", "score": 60},
    ],
}


async def planned(hub: Hub, document: dict[str, Any]) -> plans.Plan:
    async with hub.transaction() as (tx, config):
        return await plans.plan_policy(tx, config, from_json(document), "as agreed", BO)


async def in_force(hub: Hub, document: dict[str, Any]) -> None:
    plan = await planned(hub, document)
    async with hub.transaction() as (tx, config):
        assert (await plans_apply.apply(tx, config, plan.id, By("ida", "c-2"))).state == "applied"


async def connected(hub: Hub, settings: Settings, **more: Any) -> MemorySystem:
    """A billing system that takes clients, and is written to."""
    async with hub.transaction() as (tx, config):
        document = {"system": "invoicing", "kind": "psa", "connector": "memory", "mappings": MAPPINGS} | more
        await connect.connect(tx, config.tenant_id, document, {}, settings.need("secret_key"))
    await subscriptions.create_subscription(
        hub.pool, settings, hub.tenant, subscription_id=new_id(), name="to invoicing", kind="connector", system="invoicing",
        filter={"entities": ["client"]},
    )  # fmt: skip
    await subscriptions.set_mode(hub.pool, hub.tenant, "invoicing", "*", "*", "write")
    return MemorySystem(name="invoicing", objects={"client": MASTER}, id_prefix="i-")


async def two_names(hub: Hub, crm: str = "Acme", erp: str = "ACME GMBH") -> UUID:
    await hub.tell("crm", "client", "1", {"name": crm, "phone": "+49301234567"})
    await hub.tell("erp", "client", "1", {"name": erp}, crm="client:1")
    await hub.settle()
    found = await hub.golden_id("crm", "client", "1")
    assert found is not None
    return found


async def delivered(hub: Hub) -> None:
    await eventually(lambda: is_settled(hub.pool, hub.tenant))


def delivering(hub: Hub, settings: Settings, system: MemorySystem | None = None) -> Any:
    connector = MemoryConnector(system) if system is not None else None

    async def connector_of(_: int, name: str) -> MemoryConnector | None:
        return connector if name == "invoicing" else None

    return a_deliverer(hub.pool, settings, connector_of, call_timeout_s=1.0)


async def stays(hub: Hub, client: UUID, name: str) -> None:
    assert (await hub.values("client", client))["name"] == name
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []


async def test_a_system_is_sent_its_context_and_again_when_only_the_context_changed(hub: Hub, settings: Settings) -> None:
    await in_force_first(hub)
    system = await connected(hub, settings, context="billing")
    async with delivering(hub, settings, system):
        client = await two_names(hub)
        await delivered(hub)
        assert system.bodies("client") == {"i-1": {"name": "ACME GMBH", "phone": "+49301234567"}}
        version = (await hub.golden("client", client)).version
        await hub.told("erp", "client", "1", {"name": "ACME AG"}, crm="client:1")
        await delivered(hub)
        await eventually(lambda: system.bodies("client") == {"i-1": {"name": "ACME AG", "phone": "+49301234567"}})
    assert (await hub.golden("client", client)).version == version
    await stays(hub, client, "Acme")


async def in_force_first(hub: Hub) -> None:
    async with hub.transaction() as (tx, config):
        await steward.set_policy(tx, config.tenant_id, from_json(BILLING), "as agreed", BO)
    await hub.settle()


async def test_a_plan_for_a_context_shows_its_writes_and_they_follow_when_it_is_applied(hub: Hub, settings: Settings) -> None:
    await in_force(hub, {"contexts": {"billing": {"fields": [{"entity": "client", "field": "legal_name", "owner": ["erp"]}]}}})
    system = await connected(hub, settings, context="billing")
    async with delivering(hub, settings, system):
        client = await two_names(hub)
        await delivered(hub)
        assert system.bodies("client") == {"i-1": {"name": "Acme", "phone": "+49301234567"}}
        await hub.told("invoicing", "client", "i-1", system.bodies("client")["i-1"])
        plan = await planned(hub, BILLING)
        assert (plan.state, plan.summary["records"]) == ("ready", [])
        [row] = await hub.rows("SELECT system, golden_id, op, fields FROM hub.plan_delivery WHERE plan_id = $1", plan.id)
        assert row == {"system": "invoicing", "golden_id": client, "op": "update", "fields": {"name": {"from": "Acme", "to": "ACME GMBH"}}}
        assert system.bodies("client")["i-1"]["name"] == "Acme"
        async with hub.transaction() as (tx, config):
            await plans_apply.apply(tx, config, plan.id, By("ida", "c-2"))
        await hub.settle()
        await eventually(lambda: system.bodies("client")["i-1"]["name"] == "ACME GMBH")
    await stays(hub, client, "Acme")


async def test_what_an_observed_system_would_be_sent_shows_its_context(hub: Hub, settings: Settings) -> None:
    await in_force_first(hub)
    system = await connected(hub, settings, context="billing")
    await subscriptions.set_mode(hub.pool, hub.tenant, "invoicing", "*", "*", "observe")
    async with delivering(hub, settings, system):
        await two_names(hub)
        await delivered(hub)
    [told] = await subscriptions.would_write(hub.pool, hub.tenant, "invoicing")
    assert (told.creates, told.sample[0]["fields"]["name"]) == (1, {"from": None, "to": "ACME GMBH"})
    assert system.bodies("client") == {}


async def test_a_webhook_with_a_context_is_told_its_values_also_when_only_they_changed(hub: Hub, settings: Settings, receiver: Receiver) -> None:
    await in_force_first(hub)
    await subscriptions.create_subscription(
        hub.pool, settings, hub.tenant, subscription_id=new_id(), name="portal", kind="webhook", url=receiver.url,
        filter={"entities": ["client"], "context": "billing"},
    )  # fmt: skip
    deliverer: Deliverer
    async with delivering(hub, settings) as deliverer:
        client = await two_names(hub)
        await delivered(hub)
        await hub.told("erp", "client", "1", {"name": "ACME AG"}, crm="client:1")
        await eventually(lambda: [event["data"]["values"]["name"] for event in receiver.events][-1:] == ["ACME AG"])
        await delivered(hub)
        told = len(receiver.events)
        await hub.told("erp", "client", "1", {"name": "ACME AG", "legal_name": None}, crm="client:1")
        await delivered(hub)
        deliverer.ring(hub.tenant)
        await asyncio.sleep(0.2)
    assert len(receiver.events) == told
    last = receiver.events[-1]
    assert (last["type"], last["data"]["context"], last["data"]["values"]) == (
        "hub.client.snapshot.v1", "billing", {"name": "ACME AG", "phone": "+49301234567"}
    )  # fmt: skip
    shown = {(event["data"]["record"]["version"], event["data"]["values"]["name"]) for event in receiver.events}
    assert len({event["id"] for event in receiver.events}) == len(shown)
    assert "name" not in receiver.events[0]["data"]["changed"]
    await stays(hub, client, "Acme")


async def test_a_context_must_be_declared_and_stays_while_somebody_is_sent_it(hub: Hub, settings: Settings) -> None:
    with pytest.raises(RequestError, match="there is no context 'billing'"):
        await connected(hub, settings, context="billing")
    with pytest.raises(RequestError, match="there is no context 'billing'"):
        await subscriptions.create_subscription(
            hub.pool, settings, hub.tenant, subscription_id=new_id(), name="p", kind="webhook", url="https://portal.example.com", filter={"context": "billing"}
        )
    await in_force_first(hub)
    await connected(hub, settings, context="billing")
    with pytest.raises(RequestError, match="system invoicing is sent the context 'billing'"):
        await planned(hub, {})


async def test_a_policy_is_refused_that_names_what_is_not_there(hub: Hub) -> None:
    trusted = TRUST["trust"][0]
    for document, code in (
        ({"fields": TRUST["fields"]}, "TRUST_NEEDED"), ({"trust": [trusted | {"system": "crn"}]}, "UNKNOWN_SYSTEM"),
        ({"trust": [trusted | {"field": "nam"}]}, "UNKNOWN_FIELD"),
        ({"contexts": {"x": {"fields": [{"entity": "client", "field": "nam"}]}}}, "UNKNOWN_FIELD"),
        ({"contexts": {"x": {"fields": [{"entity": "invoice", "field": "number", "owner": ["erp"]}]}}}, "NOT_POSSIBLE"),
    ):  # fmt: skip
        with pytest.raises(RequestError) as refused:
            await planned(hub, document)
        assert refused.value.code == code


async def test_time_alone_hands_a_field_to_the_source_that_is_trusted_more_by_then(hub: Hub) -> None:
    client = await two_names(hub)
    await in_force(hub, TRUST)
    [due] = await hub.rows("SELECT r.cause, r.due_at - (s.since ->> '*')::timestamptz > interval '19 days' AS is_late FROM hub.reconsider r "
                           "JOIN hub.source_record s ON s.golden_id = r.golden_id AND s.system = 'crm'")  # fmt: skip
    assert due == {"cause": "time", "is_late": True}
    assert (await hub.golden("client", client)).values["name"] == "Acme"
    await hub.pool.execute("UPDATE hub.source_record SET since = jsonb_build_object('*', ((since ->> '*')::timestamptz - interval '21 days')::text) WHERE system = 'crm'")
    await hub.pool.execute("UPDATE hub.reconsider SET due_at = statement_timestamp()")
    await hub.settle()
    [change] = await hub.rows("SELECT cause, before, after FROM hub.change ORDER BY id DESC LIMIT 1")
    assert change == {"cause": "time", "before": {"name": "Acme"}, "after": {"name": "ACME GMBH"}}
    await stays(hub, client, "ACME GMBH")


async def test_other_points_that_change_nothing_yet_are_looked_at_when_they_will(hub: Hub) -> None:
    await two_names(hub)
    await in_force(hub, TRUST | {"trust": [TRUST["trust"][0] | {"half_life_days": 4000}, TRUST["trust"][1]]})
    plan = await planned(hub, TRUST)
    assert plan.summary["records"] == []
    async with hub.transaction() as (tx, config):
        await plans_apply.apply(tx, config, plan.id, By("ida", "c-2"))
    [due] = await hub.rows("SELECT due_at < statement_timestamp() + interval '21 days' AS is_soon FROM hub.reconsider")
    assert due == {"is_soon": True}


async def test_entities_without_trust_or_contexts_are_computed_as_before(hub: Hub) -> None:
    await in_force(hub, TRUST | BILLING)
    assert (await planned(hub, {})).entities == ["client"]
    await hub.told("crm", "contact", "9", {"given_name": "Ada", "family_name": "Byron", "email": "ada@acme.example"})
    assert await hub.rows("SELECT 1 FROM hub.reconsider WHERE entity = 'contact'") == []
    assert Policy() == from_json({})


async def test_a_webhook_is_not_told_when_the_same_values_come_from_somebody_else(hub: Hub, settings: Settings, receiver: Receiver) -> None:
    await subscriptions.create_subscription(
        hub.pool, settings, hub.tenant, subscription_id=new_id(), name="portal", kind="webhook", url=receiver.url, filter={"entities": ["client"]}
    )
    async with delivering(hub, settings):
        await hub.told("erp", "client", "1", {"name": "Acme"})
        await hub.told("crm", "client", "1", {"name": "Acme"}, erp="client:1")
        await hub.told("crm", "client", "1", {"name": "Acme 2"}, erp="client:1")
        await delivered(hub)
    assert [row["op"] for row in await hub.rows("SELECT op FROM hub.change ORDER BY id")] == ["create", "lineage", "update"]
    assert [event["type"] for event in receiver.events] == ["hub.client.created.v1", "hub.client.updated.v1"]


async def test_where_a_record_is_holds_a_system_against_its_own_context(hub: Hub, settings: Settings) -> None:
    await in_force_first(hub)
    system = await connected(hub, settings, context="billing")
    async with delivering(hub, settings, system):
        client = await two_names(hub)
        await delivered(hub)
    await hub.told("invoicing", "client", "i-1", system.bodies("client")["i-1"])
    async with hub.transaction() as (tx, config):
        found = await where.where_is(tx, config, "client", client, system="invoicing")
    assert found is not None
    [name] = [row for row in found.rows if row.name == "name"]
    assert (name.value, [one.verdict for one in name.cells]) == ("Acme", ["same"])


async def test_a_webhook_is_told_when_its_context_is_decided_otherwise(hub: Hub, settings: Settings, receiver: Receiver) -> None:
    await in_force(hub, {"contexts": {"billing": {"fields": [{"entity": "client", "field": "legal_name", "owner": ["erp"]}]}}})
    await subscriptions.create_subscription(
        hub.pool, settings, hub.tenant, subscription_id=new_id(), name="portal", kind="webhook", url=receiver.url,
        filter={"entities": ["client"], "context": "billing"},
    )  # fmt: skip
    async with delivering(hub, settings):
        client = await two_names(hub)
        await delivered(hub)
        assert receiver.events[-1]["data"]["values"]["name"] == "Acme"
        await in_force(hub, BILLING)
        await hub.settle()
        await eventually(lambda: receiver.events[-1]["data"]["values"]["name"] == "ACME GMBH")
        await delivered(hub)
    await stays(hub, client, "Acme")
