"""A switchboard that sixty clients share: it finds nobody, weighs nothing, and what rested on it is looked at again."""

from __future__ import annotations

from typing import Any

from hub.core import match
from hub.flows import explain, generic, references
from hub.flows.actions import By
from tests.flows.conftest import Hub
from tests.flows.test_generic import look
from tests.flows.test_likeness import decisions, questions, trained
from tests.matching.firms import firms

SWITCHBOARD = "+441738550100"
ONE, SPELT = {"name": "Kestrel Optics Ltd", "phone": SWITCHBOARD}, {"name": "KESTREL OPTICS LIMITED", "phone": SWITCHBOARD}
NEWCOMER = {"name": "Obsidian Parrot", "phone": SWITCHBOARD}


async def tenants_of_the_house(hub: Hub, count: int) -> list[str]:
    """Clients behind the switchboard, otherwise strangers to each other."""
    names = [one["name"] for one in firms(count, seed=3)]
    for at, name in enumerate(names):
        await hub.tell("crm", "client", f"h{at}", {"name": name, "phone": SWITCHBOARD})
    return names


async def likely(hub: Hub, values: dict[str, Any]) -> list[explain.Likely]:
    async with hub.transaction() as (tx, config):
        refs = await references.load(tx, hub.tenant, {"client": [values]})
        return await explain.likely(tx, config, "client", values, refs.resolve)


async def test_sixty_clients_behind_one_switchboard_stay_sixty_and_it_brings_nobody_together(hub: Hub) -> None:
    await trained(hub)
    names = await tenants_of_the_house(hub, 60)
    await look(hub)
    homes = {await hub.golden_id("crm", "client", f"h{at}") for at in range(60)}
    assert (len(homes), len(names), await decisions(hub)) == (60, 60, [])
    forms = await hub.rows("SELECT form, keys FROM hub.match_form")
    assert len(forms) == 60 and not any(column.startswith("phone") for row in forms for column in row["form"])
    phone = {match.blocking_keys(model_spec(), match.normal_form(model_spec(), {"phone": SWITCHBOARD}), {})[0]}
    assert not phone & {key for row in forms for key in row["keys"]}
    assert await hub.rows("SELECT 1 FROM hub.blocking_key b JOIN hub.match_form f USING (tenant_id, source_id) WHERE NOT b.key = ANY (f.keys)") == []
    before = len(await questions(hub))
    assert await likely(hub, NEWCOMER) == []
    newcomer = await hub.told("erp", "client", "new", NEWCOMER)
    assert newcomer not in homes and len(await questions(hub)) == before


def model_spec() -> match.Spec:
    from schema import ENTITIES

    spec = match.spec_of(ENTITIES["client"])
    assert spec is not None
    return spec


async def test_a_link_that_the_model_made_by_a_switchboard_is_in_doubt_once_many_share_it_and_stays(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "a", ONE)
    assert await hub.told("erp", "client", "b", SPELT) == first
    [made] = await decisions(hub)
    weights = {part["comparison"]: part["weight"] for part in made["evidence"]["parts"]}
    assert "phone" in weights
    await tenants_of_the_house(hub, 6)
    await look(hub)
    assert await hub.golden_id("erp", "client", "b") == first
    assert [subject for cause, subject, _ in await hub.tasks() if cause == "link_in_doubt"] == ["client erp client b"]
    async with hub.transaction() as (tx, config):
        await generic.declare(tx, config, "client", "phone", SWITCHBOARD, "a desk for each", By("bo"), is_generic=False)
    assert [cause for cause, *_ in await hub.tasks() if cause == "link_in_doubt"] == []
    [form] = await hub.rows("SELECT form FROM hub.match_form f JOIN hub.source_record s ON s.id = f.source_id WHERE s.external_id = 'b'")
    assert form["form"]["phone_tail"], "it is found by it again"
