"""The hub in a federated graph: it composes with a stranger's subgraph, and finds records by the names strangers use."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

import pytest

from hub.api.federation import subgraph_sdl
from hub.api.schema import sdl
from hub.flows.tenants import Bounds, give_key
from hub.store.ids import new_id
from tests.api.conftest import Answer, Api, Tenant
from tests.node_tools import Node

QUERY = "query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Client { id name } ... on Contact { familyName } } }"


@lru_cache
def subgraph() -> str:
    return subgraph_sdl(sdl())


def by_key(system: str, external_id: str, **more: str) -> dict[str, Any]:
    return {"__typename": "Client", "recordKey": {"system": system, "externalId": external_id, **more}}


@pytest.fixture
async def ids(api: Api, acme: Tenant) -> dict[str, UUID]:
    """ACME, CRM's account 4711; Beta, CRM's account and contact 4712; a contact Doe; Gone, merged into ACME."""
    made = {name: await api.golden(acme, "client", name=name) for name in ("ACME", "Beta", "Other")}
    made["Doe"] = await api.golden(acme, "contact", family_name="Doe", client=str(made["ACME"]))
    made["Gone"] = new_id()
    await api.source(acme, "crm", "4711", "client", made["ACME"], name="ACME")
    await api.source(acme, "erp", "D-17", "client", made["ACME"], object="debtor", name="ACME")
    await api.source(acme, "crm", "4712", "client", made["Beta"], name="Beta")
    await api.source(acme, "crm", "4712", "client", made["Other"], object="person", name="Other")
    await api.pool.execute(
        "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', 1)",
        acme.id, made["Gone"], made["ACME"],
    )  # fmt: skip
    return made


async def ask(api: Api, acme: Tenant, *representations: Any) -> Answer:
    return await api.ask(acme.keys["reader"], QUERY, of=list(representations))


async def test_entities_are_found_by_id_and_by_any_system_s_record_in_the_order_they_are_named(
    api: Api, acme: Tenant, ids: dict[str, UUID]
) -> None:
    answer = await ask(
        api, acme,
        {"__typename": "Contact", "id": str(ids["Doe"])},
        by_key("erp", "D-17"),
        {"__typename": "Client", "id": str(ids["Beta"])},
        {"__typename": "Client", "id": str(ids["Gone"])},
        by_key("crm", "4712", object="person"),
    )  # fmt: skip
    shown = [tuple(one.values()) for one in answer.data["_entities"]]
    assert shown == [
        ("Contact", "Doe"),
        ("Client", str(ids["ACME"]), "ACME"),
        ("Client", str(ids["Beta"]), "Beta"),
        ("Client", str(ids["ACME"]), "ACME"),
        ("Client", str(ids["Other"]), "Other"),
    ]


async def test_what_is_not_there_or_another_tenant_s_is_null(api: Api, acme: Tenant, ids: dict[str, UUID]) -> None:
    other = await api.tenant("other")
    stranger = await api.golden(other, "client", name="Stranger")
    await api.source(other, "crm", "9", "client", stranger, name="Stranger")
    answer = await ask(
        api, acme, {"__typename": "Client", "id": str(new_id())}, {"__typename": "Client", "id": "no id"},
        {"__typename": "Client", "id": str(stranger)}, by_key("crm", "9"), by_key("nobody", "4711"),
        {"__typename": "Client", "id": str(ids["Doe"])},
    )  # fmt: skip
    assert answer.data == {"_entities": [None] * 6}


async def test_a_confined_key_is_shown_its_own_alone(api: Api, acme: Tenant, ids: dict[str, UUID]) -> None:
    key = await give_key(api.pool, acme.slug, "reader", "portal", bounds=Bounds({"client": [str(ids["ACME"])]}))
    named = [by_key("crm", "4711"), by_key("crm", "4712"), {"__typename": "Client", "id": str(ids["Beta"])}]
    answer = await api.ask(key, QUERY, of=named)
    assert [one and one["name"] for one in answer.data["_entities"]] == ["ACME", None, None]


async def test_a_representation_nobody_could_resolve_is_told_at_its_place(api: Api, acme: Tenant, ids: dict[str, UUID]) -> None:
    answer = await ask(api, acme, by_key("crm", "4711"), {"__typename": "Money", "amount": "1"}, {"__typename": "Client"}, "Client")
    assert [one and one["name"] for one in answer.json["data"]["_entities"]] == ["ACME", None, None, None]
    assert [(error["path"], error["extensions"]["code"]) for error in answer.json["errors"]] == [
        (["_entities", place], "BAD_INPUT") for place in (1, 2, 3)
    ]


async def test_many_entities_take_one_statement_per_kind_of_question(api: Api, acme: Tenant, ids: dict[str, UUID]) -> None:
    await ask(api, acme, *[{"__typename": "Client", "id": str(ids[name])} for name in ("ACME", "Beta", "Other")] * 20)
    assert api.statements == 1
    await ask(api, acme, *[by_key("crm", "4711"), by_key("erp", "D-17"), by_key("crm", "4712")] * 20)
    assert api.statements == 2


async def test_the_cost_of_entities_counts_each_of_them(api: Api, acme: Tenant, ids: dict[str, UUID]) -> None:
    one, many = [await ask(api, acme, *[by_key("crm", "4711")] * count) for count in (1, 50)]
    assert (one.json["extensions"]["cost"], many.json["extensions"]["cost"]) == (5, 201)
    assert (await ask(api, acme, *[by_key("crm", "4711")] * 1001)).codes == ["TOO_LARGE"]


async def test_a_record_s_key_is_its_first_present_primary_record(api: Api, acme: Tenant, ids: dict[str, UUID]) -> None:
    await api.pool.execute(
        "UPDATE hub.source_record SET state = 'deleted' WHERE tenant_id = $1 AND external_id = '4711'", acme.id
    )
    query = "query ($id: ID!) { client(id: $id) { recordKey { system object externalId } contacts { nodes { recordKey { system } } } } }"
    answer = await api.ask(acme.keys["reader"], query, id=str(ids["ACME"]))
    assert answer.data["client"] == {
        "recordKey": {"system": "erp", "object": "debtor", "externalId": "D-17"},
        "contacts": {"nodes": [{"recordKey": None}]},
    }


async def test_a_gateway_reads_the_same_schema_with_its_directives(api: Api, acme: Tenant) -> None:
    answer = await api.ask(acme.keys["reader"], "{ _service { sdl } }")
    assert answer.data["_service"]["sdl"] == subgraph()
    assert "@key" in subgraph() and "@key" not in sdl()


async def test_the_subgraph_composes_with_one_that_names_clients_as_crm_does(node: Node) -> None:
    ran = await node.run("compose.mjs", input=subgraph())
    assert (ran.code, ran.stderr) == (0, "")
    composed = json.loads(ran.stdout)
    assert composed["survey"] == ["id: ID!", "score: Int!", "client: Client!", "project: Project", "paid: Money"]
    assert (composed["satisfaction"], composed["legalName"]) == ("Int", "String")
