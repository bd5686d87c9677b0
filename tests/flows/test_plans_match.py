"""A changed match model, mode or threshold is planned: which pairs would be linked, asked about or left apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.core.configuration import System
from hub.core.match import default_model, spec_of
from hub.errors import RequestError
from hub.flows import match_models, plans, plans_apply, plans_work, subscriptions
from hub.flows.actions import By
from hub.flows.match_models import Matching
from hub.settings import Settings
from hub.store import configuration
from hub.store.ids import new_id
from hub.store.plans import Plan
from schema import ENTITIES
from schema.systems import SystemKind
from tests.flows.conftest import Hub

BO, IDA = By("bo", "c-1"), By("ida", "c-2")
ACME = {"name": "Northbeam Consulting GmbH", "street": "Ringstr. 1", "city": "Ulm", "postcode": "89073", "country": "DE", "phone": "+49731234567"}

LINKS = Matching("link")


async def trained(hub: Hub) -> int:
    """The declared weights as a model somebody has trained; it judges nothing yet."""
    spec = spec_of(ENTITIES["client"])
    assert spec is not None
    async with hub.transaction() as (tx, _):
        model = replace(default_model(spec), threshold_auto=2.0, threshold_review=1.0)
        return await match_models.store(tx, hub.tenant, model, {}, "bo")


async def planned(hub: Hub, version: int | None = None, told: Matching | None = None) -> Plan:
    async with hub.transaction() as (tx, config):
        return await plans.plan_matching(tx, config, "client", version, told, "it knows our data", BO)


async def applied(hub: Hub, plan: Plan) -> Plan:
    async with hub.transaction() as (tx, config):
        return await plans_apply.apply(tx, config, plan.id, IDA)


async def items(hub: Hub) -> list[tuple[str, list[str], list[str]]]:
    rows = await hub.rows("SELECT op, before, after FROM hub.plan_item ORDER BY plan_id, golden_id")
    return [(row["op"], *([one["zone"] for one in row[side]["pairs"]] for side in ("before", "after"))) for row in rows]


@pytest.fixture
async def alike(hub: Hub) -> Hub:
    """Two records of one firm that came when nobody looked, and one of another."""
    async with hub.transaction() as (tx, config):
        await match_models.set_matching(tx, config, "client", Matching("off"))
    await hub.told("crm", "client", "1", ACME)
    await hub.told("erp", "client", "2", {**ACME, "name": "Northbeam Consulting"})
    await hub.told("erp", "client", "3", {"name": "Unlike Ltd", "city": "Bonn", "country": "DE"})
    return hub


async def test_a_plan_lists_the_pairs_that_would_be_linked_and_hands_exactly_them_to_the_re_evaluation(
    alike: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = await trained(alike)
    plan = await planned(alike, version, LINKS)
    assert (plan.state, await items(alike)) == ("ready", [("link", ["no_match"], ["match"])])
    assert plan.summary["records"] == [{"entity": "client", "op": "link", "count": 1}]
    await alike.pool.execute("UPDATE hub.match_form SET is_due = false")
    done = await applied(alike, plan)
    assert (done.state, done.summary["applied"]) == ("applied", {"applied": 1, "moved": 0})
    async with alike.transaction() as (_, config):
        assert (config.model("client").version, config.match_mode("client")) == (version, "link")
    due = await alike.rows("SELECT s.system, s.external_id FROM hub.match_form f JOIN hub.source_record s ON s.id = f.source_id WHERE f.is_due")
    assert len(due) == 1 and due[0]["external_id"] in ("1", "2")
    monkeypatch.setattr(plans_work, "SETTLES_S", 0.0)
    await plans_work.work_due(alike.pool, alike.ingester.configurations)
    assert await alike.golden_id("crm", "client", "1") == await alike.golden_id("erp", "client", "2") != await alike.golden_id("erp", "client", "3")


async def test_a_plan_tells_the_writes_that_its_links_would_lead_to(alike: Hub) -> None:
    async with alike.transaction() as (tx, _):
        await configuration.put_system(tx, alike.tenant, System("psa", SystemKind.PSA, connector="memory"))
        fields = {"name": "name", "legal_name": "legalName"}
        await configuration.put_mapping(tx, alike.tenant, "psa", {"mappings": [{"object": "client", "entity": "client", "fields": fields}]})
    await subscriptions.create_subscription(
        alike.pool, Settings(), alike.tenant, subscription_id=new_id(), name="to psa", kind="connector", system="psa"
    )
    await alike.told("erp", "client", "2", {**ACME, "name": "Northbeam Consulting", "legal_name": "Northbeam Consulting GmbH"})
    plan = await planned(alike, await trained(alike), LINKS)
    assert plan.summary["deliveries"] == [{"system": "psa", "entity": "client", "op": "create", "mode": "observe", "count": 1}]
    [row] = await alike.rows("SELECT golden_id, fields FROM hub.plan_delivery")
    assert (row["golden_id"], row["fields"]) == (
        min(await alike.golden_id("crm", "client", "1"), await alike.golden_id("erp", "client", "2")),
        {"legal_name": {"from": None, "to": "Northbeam Consulting GmbH"}},
    )  # fmt: skip


@pytest.mark.parametrize(("told", "zones"), [(Matching("ask"), ["possible_match"]), (Matching("link", {"any": {"auto": 150.0, "review": 1.0}}), ["possible_match"])])
async def test_mode_and_thresholds_are_planned_likewise(alike: Hub, told: Matching, zones: list[str]) -> None:
    await planned(alike, await trained(alike), told)
    assert await items(alike) == [("ask", ["no_match"], zones)]


async def test_the_way_back_is_a_plan_too(alike: Hub) -> None:
    plan = await applied(alike, await planned(alike, await trained(alike), LINKS))
    async with alike.transaction() as (tx, config):
        back = await plans.plan_back(tx, config, plan.id, "not yet", BO)
    assert (await items(alike))[1:] == [("drop", ["match"], ["no_match"])]
    await applied(alike, back)
    async with alike.transaction() as (_, config):
        assert (config.models, config.match_mode("client")) == ({}, "off")


async def test_pairs_that_moved_since_make_the_plan_stale(alike: Hub) -> None:
    plan = await planned(alike, await trained(alike), LINKS)
    await alike.told("bill", "client", "4", {**ACME, "name": "Northbeam Consulting"})
    stale = await applied(alike, plan)
    assert stale.state == "stale"
    async with alike.transaction() as (tx, config):
        anew = await plans.refresh(tx, config, plan.id, BO)
    assert (anew.state, (await applied(alike, anew)).state) == ("ready", "applied")


async def test_what_a_person_said_stands_above_the_plan(alike: Hub) -> None:
    from hub.flows import split

    version = await trained(alike)
    one, other = [await alike.golden_id(system, "client", id_) for system, id_ in (("crm", "1"), ("erp", "2"))]
    assert one is not None and other is not None
    async with alike.transaction() as (tx, config):
        await split.keep_apart(tx, config, "client", [one, other], BO, reason="two firms")
    await planned(alike, version, LINKS)
    assert await items(alike) == []


@pytest.mark.parametrize(
    ("entity", "version", "told", "code"),
    [
        ("invoice", 1, None, "NOT_COMPARED"), ("client", 99, None, "NOT_FOUND"), ("client", None, Matching("guess"), "INVALID_VALUE"),
        ("client", None, None, "NOTHING_CHANGES"), ("cleint", 1, None, "UNKNOWN_ENTITY"),
    ],
)  # fmt: skip
async def test_a_plan_that_cannot_be_meant_is_refused(hub: Hub, entity: str, version: Any, told: Matching | None, code: str) -> None:
    async with hub.transaction() as (tx, config):
        with pytest.raises(RequestError) as refused:
            await plans.plan_matching(tx, config, entity, version, told, "r", BO)
    assert refused.value.code == code
