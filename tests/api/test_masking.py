"""Confidential fields: null and named for a reader, wherever values are shown, and closed to filter and order."""

from __future__ import annotations

import pytest

from hub.api.access import Role, masked_fields
from hub.core.records import Lineage
from schema import ENTITIES
from schema.kinds import FieldKind
from tests.api.conftest import Api, Tenant

RATE = {"amount": "85", "currency": "EUR", "per": "hour"}


@pytest.fixture
async def rated(api: Api, acme: Tenant) -> str:
    """A resource whose cost rate two systems state."""
    values = {"family_name": "Doe", "cost_rate": RATE}
    erp = await api.source(acme, "erp", "E1", "resource", None, **values)
    line = Lineage(erp, 0, "owner", False)
    resource = await api.golden(acme, "resource", lineage={"family_name": line, "cost_rate": line}, **values)
    await api.pool.execute("UPDATE hub.source_record SET golden_id = $2 WHERE tenant_id = $1", acme.id, resource)
    await api.source(acme, "psa", "P1", "resource", resource, cost_rate=RATE | {"amount": "90"})
    return str(resource)


SHOWN = """query($id: ID!) {
    resource(id: $id) {
        familyName
        costRate { amount currency per }
        masked
        provenance { costRate { value masked alternates { value system } } familyName { value masked } }
        sources { system values masked }
        history { nodes { after masked fields { field after } } }
    }
    changes(recordId: $id) { changes { after masked } }
}"""


async def test_a_reader_sees_null_and_the_name_of_what_is_masked(api: Api, acme: Tenant, rated: str) -> None:
    answer = await api.ask(acme.keys["reader"], SHOWN, id=rated)
    assert answer.data == {
        "resource": {
            "familyName": "Doe",
            "costRate": None,
            "masked": ["costRate"],
            "provenance": {
                "costRate": {"value": None, "masked": True, "alternates": [{"value": None, "system": "psa"}]},
                "familyName": {"value": "Doe", "masked": False},
            },
            "sources": [
                {"system": "erp", "values": {"family_name": "Doe", "cost_rate": None}, "masked": ["costRate"]},
                {"system": "psa", "values": {"cost_rate": None}, "masked": ["costRate"]},
            ],
            "history": {
                "nodes": [
                    {
                        "after": {"family_name": "Doe", "cost_rate": None},
                        "masked": ["costRate"],
                        "fields": [{"field": "costRate", "after": None}, {"field": "familyName", "after": "Doe"}],
                    }
                ]
            },
        },
        "changes": {"changes": [{"after": {"family_name": "Doe", "cost_rate": None}, "masked": ["costRate"]}]},
    }
    for amount in ("85", "90"):
        assert f'"{amount}"' not in answer.body.decode()


async def test_a_steward_sees_it(api: Api, acme: Tenant, rated: str) -> None:
    found = (await api.ask(acme.keys["steward"], SHOWN, id=rated)).data["resource"]
    assert (found["costRate"], found["masked"]) == (RATE, [])
    assert found["provenance"]["costRate"] == {
        "value": RATE, "masked": False, "alternates": [{"value": RATE | {"amount": "90"}, "system": "psa"}],
    }  # fmt: skip


CLOSED = (
    ("filter", '{ resources(filter: {costRate: {currency: "EUR", per: "hour", gt: "80"}}) { totalCount } }'),
    ("filter in or", '{ resources(filter: {or: [{costRate: {isNull: false}}]}) { totalCount } }'),
    ("filter in not", '{ resources(filter: {not: {costRate: {isNull: true}}}) { totalCount } }'),
    ("filter of a reference", '{ assignments(filter: {resource: {costRate: {isNull: false}}}) { totalCount } }'),
    ("filter back", '{ legalEntities(filter: {resources: {some: {costRate: {isNull: false}}}}) { totalCount } }'),
    ("order", "{ resources(orderBy: [{field: COST_RATE}]) { totalCount } }"),
    ("nested filter", '{ legalEntities { nodes { resources(filter: {costRate: {isNull: false}}) { totalCount } } } }'),
)


@pytest.mark.parametrize(("where", "document"), CLOSED)
async def test_filter_and_order_by_a_masked_field_are_refused(api: Api, acme: Tenant, where: str, document: str) -> None:
    await api.golden(acme, "legal_entity", code="DE", name="Firm DE")
    for role in ("reader", "system"):
        answer = await api.ask(acme.keys[role], document)
        assert answer.codes == ["FORBIDDEN_FIELD"]
        assert "confidential" in answer.json["errors"][0]["message"]
    assert "errors" not in (await api.ask(acme.keys["steward"], document)).json


async def test_operational_lists_are_not_for_readers(api: Api, acme: Tenant) -> None:
    for field in ("inbox", "deliveries", "deadLetters", "decisions"):
        document = f"{{ {field} {{ totalCount }} }}"
        assert (await api.ask(acme.keys["reader"], document)).codes == ["FORBIDDEN"]
        assert "errors" not in (await api.ask(acme.keys["steward"], document)).json


async def test_a_systems_key_sees_its_own_messages_only(api: Api, acme: Tenant) -> None:
    for system in ("crm", "erp"):
        ask = 'mutation($s: String!) { ingest(system: $s, records: [{object: "client", externalId: "1", body: {name: "A"}}]) { errors { code } } }'
        await api.ask(acme.keys["admin"], ask, s=system)
    assert (await api.ask(acme.keys["system"], "{ inbox { nodes { system } } }")).data == {"inbox": {"nodes": [{"system": "crm"}]}}
    ask = 'mutation { ingest(system: "erp", records: [{object: "client", externalId: "1", body: {}}]) { results { status errors { code } } } }'
    [refused] = (await api.ask(acme.keys["system"], ask)).data["ingest"]["results"]
    assert refused == {"status": "refused", "errors": [{"code": "FORBIDDEN"}]}


def test_every_confidential_field_is_masked_for_readers_and_systems() -> None:
    kinds = {field.kind for meta in ENTITIES.values() for name, field in meta.fields.items() if name in masked_fields(meta, Role.READER)}
    assert {FieldKind.MONEY, FieldKind.PRICE, FieldKind.TEXT} <= kinds
    assert masked_fields(ENTITIES["resource"], Role.SYSTEM) == {"cost_rate"}
    assert masked_fields(ENTITIES["resource"], Role.ADMIN) == frozenset()
