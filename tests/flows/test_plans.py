"""A changed policy is planned, approved and applied exactly, or not at all."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from hub.core.configuration import System
from hub.core.policy import FieldPolicy, Policy
from hub.errors import RequestError
from hub.flows import plans, plans_apply, plans_work, replay, steward, subscriptions
from hub.flows.actions import By
from hub.settings import Settings
from hub.store import configuration
from hub.store.ids import new_id
from hub.store.plans import Plan
from schema.language import Policy as OthersPolicy
from schema.rules import Rule, Strategy
from schema.systems import CRM, ERP, PSA
from tests.flows.conftest import Hub

BO, IDA = By("bo", "c-1"), By("ida", "c-2")
ERP_NAMES = Policy((FieldPolicy("client", "name", (ERP, CRM)),))


async def planned(hub: Hub, policy: Policy = ERP_NAMES, reason: str = "ERP knows best") -> Plan:
    async with hub.transaction() as (tx, config):
        return await plans.plan_policy(tx, config, policy, reason, BO)


async def applied(hub: Hub, plan: Plan) -> Plan:
    async with hub.transaction() as (tx, config):
        return await plans_apply.apply(tx, config, plan.id, IDA)


async def items(hub: Hub, plan: Plan) -> list[tuple[Any, ...]]:
    rows = await hub.rows("SELECT entity, op, before, after, state FROM hub.plan_item WHERE plan_id = $1 ORDER BY before::text, after::text", plan.id)
    return [tuple(row.values()) for row in rows]


async def two_names(hub: Hub, number: str = "1") -> UUID:
    await hub.tell("crm", "client", number, {"name": f"Acme {number}", "phone": "+49301234567"})
    await hub.tell("erp", "client", number, {"name": f"ACME {number} GMBH"}, crm=f"client:{number}")
    await hub.settle()
    found = await hub.golden_id("crm", "client", number)
    assert found is not None
    return found


async def test_a_plan_says_what_would_change_and_changes_nothing(hub: Hub) -> None:
    client = await two_names(hub)
    await hub.told("crm", "client", "9", {"name": "Only CRM"})
    plan = await planned(hub)
    assert (plan.state, plan.done, plan.total) == ("ready", 2, 2)
    assert await items(hub, plan) == [
        ("client", "update", {"name": "Acme 1"}, {"name": "ACME 1 GMBH"}, "planned"),
        ("client", "lineage", {}, {}, "planned"),
    ]
    assert plan.summary["records"] == [
        {"entity": "client", "op": "lineage", "count": 1}, {"entity": "client", "op": "update", "count": 1},
    ]  # fmt: skip
    assert plan.summary["fields"] == [{"entity": "client", "field": "name", "count": 1}]
    assert (await hub.values("client", client))["name"] == "Acme 1"
    assert await hub.rows("SELECT 1 FROM hub.policy") == []


async def test_what_was_planned_is_what_is_applied_and_a_plan_back_undoes_it(hub: Hub) -> None:
    client = await two_names(hub)
    plan = await applied(hub, await planned(hub))
    assert (plan.state, plan.summary["applied"]) == ("applied", {"applied": 1, "moved": 0})
    assert (await hub.values("client", client))["name"] == "ACME 1 GMBH"
    [change] = await hub.rows("SELECT cause, actor, before, after FROM hub.change WHERE version > 2 OR cause LIKE 'plan%' ORDER BY id DESC LIMIT 1")
    assert change == {"cause": f"plan:{plan.id}", "actor": "ida", "before": {"name": "Acme 1"}, "after": {"name": "ACME 1 GMBH"}}
    async with hub.transaction() as (tx, config):
        assert await plans_apply.verify(tx, config, plan.id) == plans_apply.Verified(1, 1, ())
        assert (await replay.verify(tx, config)).differences == []
        back = await plans.plan_back(tx, config, plan.id, "it was not better", BO)
    assert (await applied(hub, back)).state == "applied"
    assert (await hub.values("client", client))["name"] == "Acme 1"
    [undone] = await hub.rows("SELECT undone_by FROM hub.plan WHERE id = $1", plan.id)
    assert undone == {"undone_by": back.id}


@pytest.mark.parametrize(
    ("says", "moved"),
    [
        ({"name": "ACME AG"}, [{"before": {"name": "Acme 1"}, "after": {"name": "ACME AG"}}]),  # makes no version, and still moves
        ({"name": "ACME 1 GMBH", "phone": "+49307654321"}, []),  # says the same of what the plan is about
    ],
)
async def test_a_plan_is_refused_when_a_record_would_become_something_else(hub: Hub, says: dict[str, Any], moved: list[Any]) -> None:
    client = await two_names(hub)
    plan = await planned(hub)
    await hub.told("erp", "client", "1", says, crm="client:1")
    after = await applied(hub, plan)
    found = await hub.rows("SELECT moved FROM hub.plan_item WHERE state = 'moved'")
    assert (after.state, [row["moved"] for row in found]) == ("stale" if moved else "applied", moved)
    if not moved:
        return
    assert (await hub.values("client", client))["name"] == "Acme 1"
    async with hub.transaction() as (tx, config):
        with pytest.raises(RequestError, match="stale, not ready"):
            await plans_apply.apply(tx, config, plan.id, IDA)
        anew = await plans.refresh(tx, config, plan.id, BO)
    assert (anew.state, (await applied(hub, anew)).state) == ("ready", "applied")
    assert (await hub.values("client", client))["name"] == "ACME AG"


async def test_a_record_that_came_after_the_plan_is_found_too(hub: Hub) -> None:
    await two_names(hub)
    plan = await planned(hub)
    await two_names(hub, "2")
    stale = await applied(hub, plan)
    assert (stale.state, stale.error) == ("stale", "1 records have moved since the plan was computed.")


async def test_a_plan_made_against_another_policy_is_stale(hub: Hub) -> None:
    await two_names(hub)
    plan = await planned(hub)
    async with hub.transaction() as (tx, config):
        await steward.set_policy(tx, config.tenant_id, Policy((FieldPolicy("client", "phone", (ERP,)),)), "meanwhile", BO)
    await hub.settle()
    assert (await applied(hub, plan)).error == "Another rule is in force than the one the plan was made against."


async def test_a_plan_needs_a_reason_a_change_and_known_fields(hub: Hub) -> None:
    for policy, reason, code in (
        (ERP_NAMES, " ", "REASON_REQUIRED"), (Policy(), "r", "NOTHING_CHANGES"),
        (Policy((FieldPolicy("client", "nam", (ERP,)),)), "r", "UNKNOWN_FIELD"), (Policy((FieldPolicy("cleint", "name", (ERP,)),)), "r", "UNKNOWN_ENTITY"),
    ):  # fmt: skip
        with pytest.raises(RequestError) as refused:
            await planned(hub, policy, reason)
        assert refused.value.code == code


async def test_a_large_plan_is_the_workers_page_by_page_and_can_be_cancelled(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await two_names(hub, str(number))
    monkeypatch.setattr(plans, "AT_ONCE", 3)
    monkeypatch.setattr(plans_apply, "AT_ONCE", 3)
    monkeypatch.setattr(plans, "PAGE", 2)
    monkeypatch.setattr(plans_apply, "PAGE", 2)
    plan = await planned(hub)
    assert (plan.state, plan.done, plan.total) == ("computing", 0, 5)
    cache = hub.ingester.configurations
    assert await plans_work.work_due(hub.pool, cache, most_pages=2) == 2
    assert await hub.rows("SELECT state, done FROM hub.plan") == [{"state": "computing", "done": 4}]
    await hub.pool.execute("UPDATE hub.plan SET token = gen_random_uuid(), lease_until = now() - interval '1 s'")  # its worker was killed
    await plans_work.work_due(hub.pool, cache)
    assert await hub.rows("SELECT state, done FROM hub.plan") == [{"state": "ready", "done": 5}]
    assert (await applied(hub, plan)).state == "approved"
    await plans_work.work_due(hub.pool, cache)
    [done] = await hub.rows("SELECT state, summary -> 'applied' AS applied FROM hub.plan")
    assert done == {"state": "applied", "applied": {"applied": 5, "moved": 0}}
    async with hub.transaction() as (tx, config):
        assert (await plans_apply.verify(tx, config, plan.id)).equal == 5
        assert (await replay.verify(tx, config)).differences == []
    other = await planned(hub, Policy(), "back")
    async with hub.transaction() as (tx, config):
        assert (await plans.cancel(tx, config, other.id, BO)).state == "cancelled"
    assert await plans_work.work_due(hub.pool, cache) == 0
    assert len(await hub.rows("SELECT 1 FROM hub.plan_item WHERE plan_id = $1", other.id)) == 0


async def test_what_was_stored_under_the_former_policy_at_the_last_moment_is_computed_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await two_names(hub)
    plan = await applied(hub, await planned(hub))
    monkeypatch.setattr(plans_work, "SETTLES_S", 0.0)
    await plans_work.work_due(hub.pool, hub.ingester.configurations)
    due = await hub.rows("SELECT entity, cause, actor FROM hub.reconsider")
    assert due == [{"entity": "client", "cause": "policy", "actor": "ida"}]
    await plans_work.work_due(hub.pool, hub.ingester.configurations)
    assert (await hub.rows("SELECT settled_at IS NOT NULL AS s FROM hub.plan WHERE id = $1", plan.id)) == [{"s": True}]


async def test_a_plan_tells_the_writes_that_would_follow_by_mode_and_the_money_at_stake(hub: Hub) -> None:
    async with hub.pool.acquire() as tx, tx.transaction():
        await configuration.put_system(tx, hub.tenant, System("psa", PSA, connector="memory"))
        document = {"mappings": [{"object": "client", "entity": "client", "fields": {"name": "name"}}]}
        await configuration.put_mapping(tx, hub.tenant, "psa", document)
    await subscriptions.create_subscription(
        hub.pool, Settings(), hub.tenant, subscription_id=new_id(), name="to psa", kind="connector", system="psa"
    )
    client = await two_names(hub)
    await hub.told("erp", "invoice", "i", {
        "currency": "EUR", "number": "R-1", "client": {"system": "erp", "object": "client", "id": "1"},
        "gross": {"amount": "119.00", "currency": "EUR"}, "open_amount": {"amount": "119.00", "currency": "EUR"},
    })  # fmt: skip
    plan = await planned(hub)
    assert plan.summary["deliveries"] == [{"system": "psa", "entity": "client", "op": "create", "mode": "observe", "count": 1}]
    assert plan.summary["receivables"] == [{"currency": "EUR", "amount": "119.00", "count": 1}]
    [row] = await hub.rows("SELECT golden_id, mode, fields FROM hub.plan_delivery")
    assert row == {"golden_id": client, "mode": "observe", "fields": {"name": {"from": None, "to": "ACME 1 GMBH"}}}


def interrupted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ERP say something else in the moment between the check and the writing."""
    recompute, told = plans_apply.recompute, []

    async def late(*given: Any, **more: Any) -> Any:
        if not told:
            told.append(True)
            await hub.told("erp", "client", "1", {"name": "ACME AG"}, crm="client:1")
        return await recompute(*given, **more)

    monkeypatch.setattr(plans_apply, "recompute", late)


async def test_a_change_in_the_moment_of_applying_undoes_a_small_plans_writing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await two_names(hub)
    plan = await planned(hub)
    interrupted(hub, monkeypatch)
    with pytest.raises(RequestError, match="changed while the plan was applied"):
        await applied(hub, plan)
    assert (await hub.values("client", client))["name"] == "Acme 1"
    assert await hub.rows("SELECT 1 FROM hub.policy") == []
    assert (await applied(hub, plan)).state == "stale"


async def test_a_change_in_the_moment_of_applying_is_told_by_a_large_plan_and_follows_the_new_rule(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await two_names(hub)
    await two_names(hub, "2")
    plan = await planned(hub)
    interrupted(hub, monkeypatch)
    monkeypatch.setattr(plans_apply, "AT_ONCE", 0)
    await applied(hub, plan)
    monkeypatch.setattr(plans_work, "SETTLES_S", 0.0)
    await plans_work.work_due(hub.pool, hub.ingester.configurations)
    [done] = await hub.rows("SELECT state, summary -> 'applied' AS applied FROM hub.plan")
    assert done == {"state": "applied", "applied": {"applied": 1, "moved": 1}}
    await hub.settle()
    assert (await hub.values("client", client))["name"] == "ACME AG"
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []


async def test_a_policy_of_one_legal_entity_plans_only_its_records(hub: Hub) -> None:
    for house in ("de", "uk"):
        await hub.tell("erp", "legal_entity", house, {"code": house.upper(), "name": house, "country": house.upper().replace("UK", "GB"), "functional_currency": "EUR"})
        of = {"legal_entity": {"system": "erp", "object": "legal_entity", "id": house}}
        await hub.tell("psa", "project", house, {"code": f"P-{house}", "name": f"psa {house}", **of})
        await hub.tell("erp", "project", house, {"code": f"P-{house}", "name": f"erp {house}", **of}, psa=f"project:{house}")
    await hub.settle()
    home = str(await hub.golden_id("erp", "legal_entity", "de"))
    plan = await planned(hub, Policy((FieldPolicy("project", "name", (ERP, PSA), legal_entity=home),)))
    assert await items(hub, plan) == [("project", "update", {"name": "psa de"}, {"name": "erp de"}, "planned")]


RULES = (Rule(Strategy.OWNER), Rule(Strategy.RECENCY), Rule(Strategy.MOST_COMPLETE), Rule(Strategy.FREQUENCY))


@pytest.mark.parametrize("seed", range(3))
async def test_over_any_firm_applied_equals_planned(hub: Hub, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(25):
        for system in ("crm", "erp", "psa", "bill"):
            if chance.random() < 0.7:
                values = {"name": f"{system} {chance.randrange(3)}"} | {
                    name: f"{name} {chance.randrange(3)}" for name in ("city", "street", "postcode") if chance.random() < 0.5
                }
                links = {} if system == "crm" else {"crm": f"client:{number}"}
                await hub.tell(system, "client", str(number), values, **links)
    await hub.settle()
    for round_ in range(4):
        kinds = [CRM, ERP]
        chance.shuffle(kinds)
        some = [name for name in ("name", "city", "street") if chance.random() < 0.7] or ["name"]
        policy = Policy(
            tuple(
                FieldPolicy("client", name, tuple(kinds), chance.choice([None, *OthersPolicy]), chance.choice([None, *RULES]))
                for name in some
            ),
            tuple(chance.sample(["crm", "erp", "psa", "bill"], chance.randrange(3))),
        )
        if chance.random() < 0.5:
            await hub.told("erp", "client", str(chance.randrange(25)), {"name": f"moved {round_}"})
        async with hub.transaction() as (_, config):
            if replace(config.policy, version=0) == policy:
                continue
        plan = await applied(hub, await planned(hub, policy))
        assert plan.state == "applied"
        async with hub.transaction() as (tx, config):
            verified = await plans_apply.verify(tx, config, plan.id)
            assert (verified.equal, verified.differing) == (verified.planned, ())
            assert (await replay.verify(tx, config)).differences == []
