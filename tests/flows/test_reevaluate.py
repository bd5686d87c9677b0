"""The nightly look at what came: records one by one end where a batch would put them, and a person's word is never touched."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from hub.core import match
from hub.core.records import SourceKey
from hub.flows import match_models, split, steward
from hub.flows.match_models import Matching
from hub.flows.reevaluate import Looked, reevaluate, reevaluate_due
from hub.flows.steward import By
from schema import ENTITIES
from tests.flows.conftest import Hub
from tests.flows.test_likeness import NORTH, SISTER, SPELT, trained

ANN = By("steward:ann")


async def again(hub: Hub, entity: str = "client", is_all: bool = False) -> Looked:
    return await reevaluate(hub.pool, hub.ingester.configurations, hub.tenant, entity, is_all=is_all)


async def mode(hub: Hub, told: str) -> None:
    async with hub.transaction() as (tx, config):
        await match_models.set_matching(tx, config, "client", Matching(told))


async def test_two_records_that_came_before_anything_was_learned_are_joined_by_rule_with_evidence(hub: Hub) -> None:
    await mode(hub, "off")
    first, second = await hub.told("crm", "client", "1", NORTH), await hub.told("erp", "client", "9", SPELT)
    await trained(hub)
    await mode(hub, "link")
    assert first != second
    assert await again(hub) == Looked(looked_at=2, joined=1)
    assert await hub.golden_id("erp", "client", "9") == first
    [made] = await hub.rows("SELECT rule, actor, evidence FROM hub.decision WHERE kind = 'merge'")
    assert (made["rule"], made["actor"], bool(made["evidence"]["moved"]), bool(made["evidence"]["parts"])) == ("model:1", "rule", True, True)
    assert await again(hub) == Looked()


async def test_what_needs_a_second_person_or_is_guarded_is_asked_once(hub: Hub) -> None:
    await mode(hub, "off")
    first, sister = await hub.told("crm", "client", "1", {**NORTH, "protected": True}), await hub.told("erp", "client", "9", SISTER)
    twin = await hub.told("psa", "client", "5", SPELT)
    await trained(hub)
    await mode(hub, "link")
    done = await again(hub)
    assert (done.joined, done.asked >= 2) == (0, True)
    assert len({first, sister, twin}) == 3
    asked = await hub.tasks()
    assert await again(hub, is_all=True) == Looked(looked_at=3)
    assert await hub.tasks() == asked


async def test_what_a_person_kept_apart_stays_apart(hub: Hub) -> None:
    await mode(hub, "off")
    first, second = await hub.told("crm", "client", "1", NORTH), await hub.told("erp", "client", "9", SPELT)
    assert first is not None and second is not None
    async with hub.transaction() as (tx, config):
        await split.keep_apart(tx, config, "client", [first, second], ANN, reason="two firms in one house")
    await trained(hub)
    await mode(hub, "link")
    assert await again(hub) == Looked(looked_at=2)


async def test_a_record_moves_to_what_it_is_more_like_unless_a_person_put_it_there(hub: Hub) -> None:
    await trained(hub)
    near = {**SPELT, "phone": None}
    far = await hub.told("crm", "client", "1", {**NORTH, "phone": None, "website": None, "duns": "150483782", "name": "Northbeam Analyticx"})
    assert await hub.told("psa", "client", "5", near) == far
    close = await hub.told("erp", "client", "9", {**near, "duns": "060704780"})
    assert close != far
    done = await again(hub)
    assert (done.moved, await hub.golden_id("psa", "client", "5")) == (1, close)
    async with hub.transaction() as (tx, config):
        await steward.link(tx, config, SourceKey("psa", "client", "5", "client"), UUID(str(far)), "I know them", ANN)
    await again(hub, is_all=True)
    assert await hub.golden_id("psa", "client", "5") == far


NAMES = ("Northbeam Analytics", "Harbour & Pryce Architects", "Quillfeather Studios", "Vandermeer Logistics", "Osei Brothers Consulting", "Tarn Valley Water")
DAMAGES = (str.upper, lambda name: name + " Ltd", lambda name: name.replace("e", "", 1), lambda name: name + " Limited", lambda name: name)


def firm(at: int) -> list[tuple[str, str, dict[str, Any]]]:
    """One client as three systems spell it."""
    picked, name = random.Random(at), f"{NAMES[at % len(NAMES)]} {('Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm')[at // len(NAMES)]}"
    seat = {"street": f"{10 + at} Mill Lane", "city": picked.choice(("Leith", "Ghent", "Cork")), "postcode": f"EH{at} 1AA", "country": "GB"}
    return [
        (system, f"{system}{at}", {"name": picked.choice(DAMAGES)(name), **seat, "phone": f"+44 131 555 {1000 + at}"})
        for system in ("crm", "erp", "bill")
    ]  # fmt: skip


async def clusters(hub: Hub) -> set[frozenset[str]]:
    rows = await hub.rows("SELECT golden_id, array_agg(external_id) AS ids FROM hub.source_record WHERE tenant_id = $1 GROUP BY golden_id", hub.tenant)
    return {frozenset(row["ids"]) for row in rows}


async def test_one_by_one_in_any_order_and_all_at_once_end_in_the_same_clusters(hub: Hub) -> None:
    told = [one for at in range(20) for one in firm(at)]
    random.Random(3).shuffle(told)
    await trained(hub)
    for system, number, values in told[:30]:
        await hub.told(system, "client", number, values)
    for system, number, values in told[30:]:
        await hub.tell(system, "client", number, values)
    await hub.settle()
    await again(hub)
    one_by_one = await clusters(hub)
    spec = match.spec_of(ENTITIES["client"])
    assert spec is not None
    from hub.core.match.regroup import Member, regroup
    from hub.core.normalize import normal_values

    model = hub.ingester.configurations._held[hub.tenant].model("client")
    members = [
        Member(at, UUID(int=at), match.normal_form(spec, normal_values(ENTITIES["client"], values)[0], None, system))
        for at, (system, _, values) in enumerate(told)
    ]
    joined = regroup(model, members).joins
    batch = {frozenset(told[one.int][1] for one in (join.survivor, *join.losers)) for join in joined}
    assert one_by_one == batch | {frozenset((number,)) for _, number, _ in told if not any(number in several for several in batch)}
    assert batch == {frozenset(number for _, number, _ in firm(at)) for at in range(20)}


async def test_it_is_done_by_itself_once_a_day_where_a_model_judges(hub: Hub) -> None:
    await mode(hub, "off")
    await hub.told("crm", "client", "1", NORTH)
    await hub.told("erp", "client", "9", SPELT)
    await mode(hub, "link")
    configurations = hub.ingester.configurations
    assert await reevaluate_due(hub.pool, configurations, 0.0) == 0
    await trained(hub)
    assert await reevaluate_due(hub.pool, configurations, 24.0) == 0
    assert await reevaluate_due(hub.pool, configurations, 0.0) == 2
    await hub.told("crm", "client", "2", {"name": "Tarn Valley Water"})
    assert await reevaluate_due(hub.pool, configurations, 24.0) == 0
    assert await reevaluate_due(hub.pool, configurations, 0.0) >= 1
