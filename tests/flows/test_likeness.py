"""Records judged by how alike they are, one at a time as they come: what links, what is asked, what stays apart, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from hub.core import match
from hub.flows import explain, match_models, references
from hub.flows.match_models import Matching
from hub.flows.steward import By, unlink
from schema import ENTITIES
from tests.flows.conftest import Hub

SEAT = {"street": "12 Harbour Street", "city": "Leith", "postcode": "EH6 6QQ", "country": "GB"}
NORTH = {"name": "Northbeam Analytics Ltd", **SEAT, "phone": "+441315550123", "website": "https://northbeam.example"}
SPELT = {"name": "Northbeam Analytix Limited", **SEAT, "phone": "+44 131 555 0123"}
SISTER = {**NORTH, "name": "Northbeam Analytics Holdings Ltd"}


async def trained(hub: Hub, entity: str = "client") -> None:
    """Put the declared weights in force as if they had been learned: then what is in the automatic zone links."""
    spec = match.spec_of(ENTITIES[entity])
    assert spec is not None
    async with hub.transaction() as (tx, config):
        model = replace(match.default_model(spec), threshold_auto=2.0)
        version = await match_models.store(tx, hub.tenant, model, {}, "test")
        await match_models.use(tx, config, entity, version, "test")


async def decisions(hub: Hub) -> list[dict[str, Any]]:
    return await hub.rows("SELECT kind, rule, golden_id, actor, evidence FROM hub.decision WHERE rule LIKE 'model:%' ORDER BY id")


async def questions(hub: Hub) -> list[dict[str, Any]]:
    return await hub.rows("SELECT golden_id, reason, detail FROM hub.task WHERE cause = 'possible_duplicate' AND state = 'open' ORDER BY id")


async def test_another_spelling_links_and_the_decision_says_what_each_field_was_worth(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "1", NORTH)
    assert await hub.told("erp", "client", "9", SPELT) == first
    [made] = await decisions(hub)
    assert (made["kind"], made["rule"], made["golden_id"], made["actor"]) == ("link", "model:1", first, "rule")
    told = made["evidence"]
    assert {part["comparison"] for part in told["parts"]} >= {"name", "street", "phone"}
    assert told["weight"] == pytest.approx(sum(part["weight"] for part in told["parts"]), abs=0.01)
    assert (told["guards"], told["rivals"], await questions(hub)) == ([], [], [])


async def test_a_model_nobody_trained_asks_what_it_would_link(hub: Hub) -> None:
    first = await hub.told("crm", "client", "1", NORTH)
    second = await hub.told("erp", "client", "9", SPELT)
    [asked] = await questions(hub)
    assert second != first
    assert (asked["golden_id"], asked["detail"]["other"], asked["detail"]["evidence"]["model"]) == (second, str(first), 0)
    assert await decisions(hub) == []


async def test_a_sister_company_is_asked_about_and_never_linked(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "1", NORTH)
    assert await hub.told("erp", "client", "9", SISTER) != first
    [asked] = await questions(hub)
    assert [guard["kind"] for guard in asked["detail"]["evidence"]["guards"]] == ["distinguishing"]
    assert "holding" in asked["reason"]


async def test_two_valid_tax_numbers_of_one_country_keep_equal_names_apart(hub: Hub) -> None:
    await trained(hub)
    vat = [{"country": "DE", "scheme": "vat", "number": "DE136695976"}], [{"country": "DE", "scheme": "vat", "number": "DE811569869"}]
    first = await hub.told("crm", "client", "1", {**NORTH, "country": "DE", "tax_registrations": vat[0]})
    assert await hub.told("erp", "client", "9", {**NORTH, "country": "DE", "tax_registrations": vat[1]}) != first


async def test_what_contradicts_one_member_of_a_cluster_contradicts_it_all(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "1", {**NORTH, "duns": "150483782"})
    assert await hub.told("psa", "client", "5", NORTH) == first
    other = await hub.told("erp", "client", "9", {**NORTH, "duns": "060704780"})
    assert other != first
    [asked] = await questions(hub)
    assert {guard["kind"] for guard in asked["detail"]["evidence"]["guards"]} == {"identifiers"}


async def test_two_spellings_that_come_in_one_batch_meet(hub: Hub) -> None:
    await trained(hub)
    await hub.tell("crm", "client", "1", NORTH)
    await hub.tell("erp", "client", "9", SPELT)
    await hub.settle()
    assert await hub.golden_id("crm", "client", "1") == await hub.golden_id("erp", "client", "9")


async def test_what_a_person_said_it_is_not_it_never_becomes(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "1", NORTH)
    await hub.told("erp", "client", "9", SPELT)
    own = UUID(int=77)
    async with hub.transaction() as (tx, config):
        from hub.core.records import SourceKey

        await unlink(tx, config, SourceKey("erp", "client", "9", "client"), own, "another firm", By("steward:ann"))
    await hub.told("erp", "client", "9", None)
    again = await hub.told("erp", "client", "9", SPELT)
    assert again == own != first


async def test_two_that_are_equally_likely_are_a_question(hub: Hub) -> None:
    await trained(hub)
    async with hub.transaction() as (tx, config):
        await match_models.set_matching(tx, config, "client", Matching("ask"))
    one = await hub.told("crm", "client", "1", NORTH)
    two = await hub.told("crm", "client", "2", NORTH)
    async with hub.transaction() as (tx, config):
        await match_models.set_matching(tx, config, "client", Matching("link"))
    third = await hub.told("erp", "client", "9", SPELT)
    assert len({one, two, third}) == 3
    asked = (await questions(hub))[-1]
    assert {asked["detail"]["other"], *(rival["id"] for rival in asked["detail"]["evidence"]["rivals"])} == {str(one), str(two)}


async def test_compared_values_that_change_are_found_by_their_new_keys_and_ended_ones_by_none(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "1", {"name": "Quarry Partners"})
    await hub.told("crm", "client", "1", NORTH)
    assert await hub.told("erp", "client", "9", SPELT) == first
    await hub.told("crm", "client", "1", None)
    await hub.told("erp", "client", "9", None)
    assert await hub.rows("SELECT 1 FROM hub.match_form") == [] == await hub.rows("SELECT 1 FROM hub.blocking_key")


async def test_a_record_that_says_the_same_again_writes_no_form(hub: Hub) -> None:
    await hub.told("crm", "client", "1", NORTH)
    before = await hub.rows("SELECT xmin::text, * FROM hub.match_form")
    await hub.told("crm", "client", "1", {**NORTH, "industry": None, "segment": None, "do_not_contact": True})
    assert await hub.rows("SELECT xmin::text, * FROM hub.match_form") == before


async def test_people_are_compared_within_what_their_client_is_by_now(hub: Hub) -> None:
    await trained(hub, "contact")
    person = {"given_name": "Katherine", "family_name": "Olsen", "email": "k.olsen@northbeam.example", "client": {"system": "crm", "object": "client", "id": "1"}}
    first = await hub.told("crm", "contact", "7", person)
    client = await hub.told("crm", "client", "1", NORTH)
    [form] = await hub.rows("SELECT form FROM hub.match_form WHERE entity = 'contact'")
    assert form["form"]["client_id"] == str(client)
    assert await hub.told("bill", "contact", "8", {**person, "given_name": "Kate"}) == first


async def test_a_pseudo_client_is_never_compared(hub: Hub) -> None:
    await trained(hub)
    first = await hub.told("crm", "client", "1", {**NORTH, "kind": "pseudo"})
    assert await hub.told("erp", "client", "9", NORTH) != first
    assert await questions(hub) == []


async def test_what_may_be_the_same_is_told_without_storing_anything(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", NORTH)
    async with hub.transaction() as (tx, config):
        refs = await references.load(tx, hub.tenant, {"client": [SPELT]})
        [found] = await explain.likely(tx, config, "client", SPELT, refs.resolve)
    assert (found.golden_id, found.system, found.zone) == (client, "crm", "possible_match")
    assert len(await hub.rows("SELECT 1 FROM hub.source_record")) == 1


async def test_the_way_through_a_cluster_is_the_one_whose_weakest_step_is_strongest(hub: Hub) -> None:
    await trained(hub)
    for system, number, values in (("crm", "1", NORTH), ("erp", "9", SPELT), ("psa", "5", {**NORTH, "website": None})):
        golden_id = await hub.told(system, "client", number, values)
    async with hub.transaction() as (tx, config):
        pairs = await explain.pairs_between(tx, config, "client", [golden_id])
    ids = {pair.a.system: pair.a.source_id for pair in pairs} | {pair.b.system: pair.b.source_id for pair in pairs}
    assert [pair.scored.weight for pair in pairs] == sorted((pair.scored.weight for pair in pairs), reverse=True)
    weakest = {frozenset((pair.a.system, pair.b.system)) for pair in pairs[:2]}
    for one, other in (("crm", "erp"), ("crm", "psa"), ("erp", "psa")):
        steps = [frozenset((pair.a.system, pair.b.system)) for pair in explain.path_between(pairs, ids[one], ids[other])]
        assert steps and set(steps) <= weakest
