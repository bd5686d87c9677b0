"""A confined key sees its records and what belongs to them, and no way of asking tells it of others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
import typer

from hub.__main__ import _scope
from hub.api.plan import AnyOf, Compare, Op, Quantifier, Related, golden_shape
from hub.api.rows import EVERYTHING, NOTHING, confine, rule, way_to
from hub.errors import RequestError
from hub.flows.tenants import Bounds, give_key
from schema import ENTITIES
from tests.api.conftest import Api, Tenant

IDS = object()
"""Stands for the ids: the rule hands on whatever it is given."""


def way(entity: str, confining: str) -> list[str] | None:
    found = way_to(ENTITIES[entity], confining)
    return None if found is None else [field.name for field in found]


def test_the_way_to_a_confining_record_is_the_shortest_and_never_leads_through_twins() -> None:
    assert way("contract", "client") == ["client"]  # not payer
    assert way("time_entry", "client") == ["project", "client"]
    assert way("contract_line", "legal_entity") == ["contract", "legal_entity"]
    assert way("billing_schedule", "client") == ["contract_line", "contract", "client"]
    assert way("vendor", "client") is None  # same_party_as says what it is, not whose
    assert way("service_line", "legal_entity") is None  # its manager's
    assert way("cost_centre", "legal_entity") == ["legal_entity"]


def test_the_rule_is_a_column_where_it_can_be_and_hands_the_ids_on_untouched() -> None:
    scope = {"client": IDS}
    mine = Compare("client_id", Op.IN, IDS)
    assert rule(ENTITIES["client"], scope) == Compare("id", Op.IN, IDS)
    assert rule(ENTITIES["project"], scope).of == (mine,)  # type: ignore[union-attr]
    [nested] = rule(ENTITIES["time_entry"], scope).of  # type: ignore[union-attr]
    assert nested == Related("project_id", golden_shape(ENTITIES["project"]), "id", Quantifier.SOME, mine)
    assert (rule(ENTITIES["currency"], scope), rule(ENTITIES["resource"], scope)) == (EVERYTHING, NOTHING)
    assert rule(ENTITIES["resource"], {}) is EVERYTHING


def test_several_confinements_all_hold_where_they_lead_on_their_own() -> None:
    ours = Compare("legal_entity_id", Op.IN, "l")
    scope = {"client": "c", "legal_entity": "l"}
    assert rule(ENTITIES["project"], scope).of == (Compare("client_id", Op.IN, "c"), ours)  # type: ignore[union-attr]
    assert rule(ENTITIES["resource"], scope).of == (ours,)  # type: ignore[union-attr]
    assert rule(ENTITIES["contact"], scope).of == (Compare("client_id", Op.IN, "c"),)  # type: ignore[union-attr]
    assert rule(ENTITIES["client"], scope) == Compare("id", Op.IN, "c")


def test_what_a_filter_looks_into_is_confined_too() -> None:
    someone = Related("manager_id", golden_shape(ENTITIES["resource"]), "id", Quantifier.SOME, EVERYTHING)
    inside, _ = confine(ENTITIES["project"], AnyOf((someone,)), {"client": IDS}).of  # type: ignore[union-attr]
    assert inside.of[0].of.of == (EVERYTHING, NOTHING)
    assert confine(ENTITIES["project"], someone, {}) is someone


@dataclass
class Portal:
    """Two clients with a project and a time entry each, one manager for both, and a key for the first."""

    key: str
    mine: dict[str, UUID]
    theirs: dict[str, UUID]


@pytest.fixture
async def portal(api: Api, acme: Tenant) -> Portal:
    manager = await api.golden(acme, "resource", family_name="Doe")
    sides: list[dict[str, UUID]] = []
    for name in ("Mine", "Theirs"):
        client = await api.golden(acme, "client", name=name)
        project = await api.golden(acme, "project", name=f"{name} 1", client=str(client), manager=str(manager))
        entry = await api.golden(acme, "time_entry", project=str(project), resource=str(manager))
        await api.source(acme, "crm", name, "client", client)
        sides.append({"client": client, "project": project, "time_entry": entry, "resource": manager})
    bounds = Bounds({"client": [str(sides[0]["client"])]})
    return Portal(await give_key(api.pool, acme.slug, "reader", "portal", bounds=bounds), *sides)


LISTS = """{
    clients { totalCount nodes { name projects { totalCount nodes { name manager { familyName } timeEntries { totalCount } } } } }
    projects { totalCount nodes { name client { name } } }
    timeEntries { totalCount }
    resources { totalCount nodes { familyName } }
}"""


async def test_lists_counts_and_nested_pages_hold_its_own_only(api: Api, acme: Tenant, portal: Portal) -> None:
    assert (await api.ask(portal.key, LISTS)).data == {
        "clients": {
            "totalCount": 1,
            "nodes": [
                {
                    "name": "Mine",
                    "projects": {"totalCount": 1, "nodes": [{"name": "Mine 1", "manager": None, "timeEntries": {"totalCount": 1}}]},
                }
            ],
        },
        "projects": {"totalCount": 1, "nodes": [{"name": "Mine 1", "client": {"name": "Mine"}}]},
        "timeEntries": {"totalCount": 1},
        "resources": {"totalCount": 0, "nodes": []},
    }
    assert (await api.ask(acme.keys["reader"], "{ projects { totalCount } }")).data == {"projects": {"totalCount": 2}}


@pytest.mark.parametrize("entity", ["client", "project", "time_entry", "resource"])
async def test_another_record_is_not_there_by_id_or_node(api: Api, portal: Portal, entity: str) -> None:
    field = "timeEntry" if entity == "time_entry" else entity
    document = f"query($id: ID!) {{ {field}(id: $id) {{ id history {{ totalCount }} }} node(id: $id) {{ id }} }}"
    assert (await api.ask(portal.key, document, id=str(portal.theirs[entity]))).data == {field: None, "node": None}
    if entity != "resource":
        found = (await api.ask(portal.key, document, id=str(portal.mine[entity]))).data
        assert found == {field: {"id": str(portal.mine[entity]), "history": {"totalCount": 1}}, "node": {"id": str(portal.mine[entity])}}


async def test_another_record_is_not_there_by_a_systems_key_or_after_a_merge(api: Api, acme: Tenant, portal: Portal) -> None:
    document = 'query($x: String!) { client(source: {system: "crm", externalId: $x}) { name } }'
    assert [(await api.ask(portal.key, document, x=x)).data["client"] for x in ("Mine", "Theirs")] == [{"name": "Mine"}, None]
    loser = await api.golden(acme, "client", name="Loser")
    await api.pool.execute("DELETE FROM golden.client WHERE tenant_id = $1 AND id = $2", acme.id, loser)
    forward = "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', 1)"
    await api.pool.execute(forward, acme.id, loser, portal.theirs["client"])
    assert (await api.ask(portal.key, f'{{ client(id: "{loser}") {{ name }} }}')).data == {"client": None}


FILTERS = (
    ('clients(filter: {name: {eq: "Theirs"}})', 0),
    ('projects(filter: {client: {name: {startsWith: "Th"}}})', 0),
    ('projects(filter: {manager: {familyName: {startsWith: "D"}}})', 0),
    ('projects(filter: {not: {manager: {familyName: {eq: "Doe"}}}})', 1),
    ('clients(filter: {projects: {some: {manager: {familyName: {eq: "Doe"}}}}})', 0),
    ('clients(filter: {projects: {every: {name: {eq: "Mine 1"}}}})', 1),
    ('clients(filter: {projects: {none: {name: {eq: "Theirs 1"}}}})', 1),
    ('projects(filter: {or: [{name: {eq: "Theirs 1"}}, {name: {eq: "Mine 1"}}]})', 1),
)


@pytest.mark.parametrize(("asked", "count"), FILTERS)
async def test_no_filter_tells_of_a_hidden_record(api: Api, portal: Portal, asked: str, count: int) -> None:
    assert (await api.ask(portal.key, f"{{ found: {asked} {{ totalCount }} }}")).data == {"found": {"totalCount": count}}


CLOSED = (
    "{ inbox { totalCount } }", "{ stewardTasks { totalCount } }", "{ deliveries { totalCount } }", "{ decisions { totalCount } }",
    "{ changes { cursor } }", "{ health { inboxOpen } }", "{ subscriptions { name } }",
)  # fmt: skip


async def test_the_work_around_the_records_and_mutations_are_closed(api: Api, acme: Tenant, portal: Portal) -> None:
    bounds = Bounds({"client": [str(portal.mine["client"])]})
    for role in ("reader", "admin"):
        key = await give_key(api.pool, acme.slug, role, "portal", bounds=bounds)
        for document in CLOSED:
            assert (await api.ask(key, document)).codes == ["FORBIDDEN"], document
        ask = 'mutation { ingest(system: "crm", records: [{object: "client", externalId: "1", body: {}}]) { errors { code } } }'
        assert (await api.ask(key, ask)).data["ingest"]["errors"] == [{"code": "FORBIDDEN"}]
        lines = await api.send("POST", "/ingest/crm", b"{}", {"authorization": f"Bearer {key}"})
        assert (lines.status, lines.codes) == (403, ["FORBIDDEN"])
        assert (await api.ask(key, "{ me { role } systems { name } }")).data["me"] == {"role": role}


def test_the_command_line_names_records_by_entity() -> None:
    assert _scope(["client=a", "legal_entity=b", "client = c"]) == {"client": ["a", "c"], "legal_entity": ["b"]}
    with pytest.raises(typer.BadParameter):
        _scope(["client"])


async def test_a_key_confined_to_nothing_we_hold_is_not_given(api: Api, acme: Tenant) -> None:
    ways: tuple[dict[str, Any], ...] = ({"clients": ["x"]}, {"client": ["x"]}, {"client": [str(UUID(int=1))]})
    for scope in ways:
        with pytest.raises(RequestError):
            await give_key(api.pool, acme.slug, "reader", "portal", bounds=replace(Bounds(), scope=scope))
