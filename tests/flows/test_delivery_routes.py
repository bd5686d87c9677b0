"""Who is sent which records and which fields; whom their ids are told; who is left alone while he is loaded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.errors import RequestError
from hub.settings import Settings
from tests.flows.delivering import MASTER, Keeper, a_target, contribute, eventually, lane_states, running_all
from tests.flows.test_delivery_gates import books


async def a_deal(keeper: Keeper, house: str, region: str, kind: str) -> UUID:
    """A project of a contract of this type, in this region and legal entity."""
    entity = await keeper.save("legal_entity", code=house, notify=False)
    area = await keeper.save("region", code=region, notify=False)
    contract = await keeper.save("contract", type=kind, region=str(area), legal_entity=str(entity), notify=False)
    return await keeper.save("project", name=f"{house} {region}", contract=str(contract), notify=False)


async def an_hour(keeper: Keeper, project: UUID) -> UUID:
    return await keeper.save("time_entry", project=str(project), work_date="2026-05-17", quantity={"value": "8", "unit": "hour"})


@pytest.mark.parametrize(
    "route", [{"legal_entity": ["DE10"]}, {"region": ["north"]}, {"contract_type": ["fixed_price"]}, {"region": ["north", "west"], "contract_type": ["fixed_price"]}]
)
async def test_hours_go_where_their_contract_leads(keeper: Keeper, settings: Settings, route: dict[str, Any]) -> None:
    """Along project and contract; a client, of which a route says nothing, goes everywhere."""
    erp = await books(keeper, settings, filter={"route": route})
    ours, theirs = await a_deal(keeper, "DE10", "north", "fixed_price"), await a_deal(keeper, "DE20", "south", "time_and_materials")
    async with erp.running():
        sent, kept = await an_hour(keeper, ours), await an_hour(keeper, theirs)
        nowhere = await keeper.save("time_entry", work_date="2026-05-18", quantity={"value": "1", "unit": "hour"})
        client = await keeper.save(name="Nordwind")
        await erp.settled()
    assert len(erp.system.bodies("hours")) == len(erp.system.bodies("account")) == 1
    linked = await keeper.pool.fetchval("SELECT golden_id FROM hub.source_record WHERE system = 'erp' AND entity = 'time_entry'")
    states = await lane_states(keeper.pool, keeper.tenant_id)
    assert (linked, {states[one] for one in (sent, kept, nowhere, client)}) == (sent, {"idle"})


async def test_conditions_on_the_record_hold_for_systems_too(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, filter={"entities": ["client"], "where": [{"field": "country", "value": "DE"}]})
    async with erp.running():
        await keeper.save(name="Nordwind", country="DE")
        await keeper.save(name="Ostwind", country="PL")
        await erp.settled()
    assert [body["name"] for body in erp.system.bodies("account").values()] == ["Nordwind"]


async def test_a_target_is_sent_the_selected_fields_only(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, filter={"entities": ["client"], "select": ["name"]})
    async with erp.running():
        client = await keeper.save(name="Nordwind", phone="+494055501")
        await erp.settled()
        await keeper.save(golden_id=client, phone="+494055502")
        await erp.settled()
    assert (erp.system.bodies("account"), len(erp.system.asked_at)) == ({"erp-1": {"name": "Nordwind"}}, 1)


@pytest.mark.parametrize(("route", "field"), [({"planet": ["Mars"]}, "filter.route"), ({"region": "north"}, "filter.route.region")])
async def test_a_route_that_means_nothing_is_refused(keeper: Keeper, settings: Settings, route: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as refused:
        await a_target(keeper, settings, filter={"route": route})
    assert (refused.value.code, refused.value.field) == ("bad_filter", field)


BACK = {"object": "deal", "entity": "client", "id": "id", "fields": {"name": "title"}, "tell_back": {"links.erpNumber": "erp"}}


async def test_the_id_a_record_gets_is_told_to_its_origin_once(keeper: Keeper, settings: Settings) -> None:
    """The CRM's record learns the number the ERP gave it, in the field its mapping names."""
    crm = await a_target(keeper, settings, "sales", kind="crm", mappings=[BACK], objects={"deal": MASTER})
    erp = await a_target(keeper, settings)
    crm.system.put("deal", "D1", {"title": "Nordwind"})
    client = await keeper.save(name="Nordwind", notify=False)
    await contribute(keeper, "sales", "deal", "D1", "client", client, {"name": "Nordwind"})
    async with running_all(crm, erp):
        await keeper.save(golden_id=client, phone="+494055501")
        await eventually(lambda: "links" in crm.system.bodies("deal")["D1"], 20)
        await erp.settled()
        asked = len(crm.system.asked_at)
        await keeper.save(golden_id=client, phone="+494055502")
        await erp.settled()
    assert crm.system.bodies("deal") == {"D1": {"title": "Nordwind", "links": {"erpNumber": "erp-1"}}}
    assert (asked, len(crm.system.asked_at)) == (1, 1)
    assert await keeper.pool.fetchval("SELECT told FROM hub.told_back") == {"links.erpNumber": "erp-1"}


async def test_nothing_is_told_back_to_a_system_that_is_only_observed(keeper: Keeper, settings: Settings) -> None:
    crm = await a_target(keeper, settings, "sales", kind="crm", mappings=[BACK], objects={"deal": MASTER}, mode="observe")
    erp = await a_target(keeper, settings)
    crm.system.put("deal", "D1", {"title": "Nordwind"})
    client = await keeper.save(name="Nordwind", notify=False)
    await contribute(keeper, "sales", "deal", "D1", "client", client, {"name": "Nordwind"})
    async with running_all(crm, erp):
        await keeper.save(golden_id=client, phone="+494055501")
        await eventually(lambda: erp.system.bodies("account"), 20)
        await erp.settled()
    assert crm.system.asked_at == []


