"""The feed over GraphQL: pull with every filter, where now is, payload versions, and brokers that nobody has named."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant

BOOKS = UUID("018f6b1e-0000-7000-8000-00000000b00c")


async def pulled(api: Api, tenant: Tenant, arguments: str, role: str = "reader") -> Any:
    query = f"{{ changes({arguments}) {{ changes {{ entity version op after }} cursor hasMore }} }}"
    return (await api.ask(tenant.keys[role], query)).json


async def some_changes(api: Api, tenant: Tenant) -> None:
    client = await api.golden(tenant, "client", name="ACME", city="Kiel")
    await api.golden(tenant, "client", id=client, version=2, name="ACME", city="Husum")
    books = await api.golden(tenant, "legal_entity", name="Books")
    await api.golden(tenant, "invoice", legal_entity=str(books), number="7", net={"amount": "10500.00", "currency": "EUR"}, state="issued")
    await api.golden(tenant, "invoice", legal_entity=str(books), number="8", net={"amount": "900000", "currency": "JPY"}, state="draft")


TABLE = [
    ('entities: ["client"]', [("client", 1), ("client", 2)]),
    ('fields: ["city"], entities: ["client"], ops: ["update"]', [("client", 2)]),
    ('where: [{field: "net", op: "gt", value: {amount: "10000", currency: "EUR"}}], entities: ["invoice"]', [("invoice", 1)]),
    ('where: [{field: "number", op: "in", value: ["8", "9"]}], entities: ["invoice"]', [("invoice", 1)]),
    ('events: ["invoice.issued"]', [("invoice", 1)]),
    ('ops: ["merge"]', []),
]


@pytest.mark.parametrize(("arguments", "expected"), TABLE)
async def test_a_page_holds_what_its_filter_leaves_and_goes_on_behind_all_it_looked_at(
    api: Api, acme: Tenant, arguments: str, expected: list[tuple[str, int]]
) -> None:
    await some_changes(api, acme)
    page = (await pulled(api, acme, arguments))["data"]["changes"]
    assert [(one["entity"], one["version"]) for one in page["changes"]] == expected
    assert page["hasMore"] is False
    rest = (await pulled(api, acme, f'after: "{page["cursor"]}"'))["data"]["changes"]
    assert rest["changes"] == []


async def test_a_page_of_one_legal_entity_holds_its_records(api: Api, acme: Tenant) -> None:
    await some_changes(api, acme)
    books = await api.pool.fetchval("SELECT id FROM golden.legal_entity WHERE tenant_id = $1", acme.id)
    page = (await pulled(api, acme, f'legalEntityId: "{books}"'))["data"]["changes"]
    assert [one["after"]["number"] for one in page["changes"]] == ["7", "8"]
    nobody = (await pulled(api, acme, f'legalEntityId: "{BOOKS}"'))["data"]["changes"]
    assert nobody["changes"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('where: [{field: "net", op: "gt", value: "10000"}], entities: ["invoice"]', "BAD_FILTER"),
        ('where: [{field: "nett", value: "1"}]', "BAD_FILTER"),
        ('fields: ["nothing"]', "BAD_FILTER"),
        ('events: ["exception.raised"]', "BAD_INPUT"),
        ('where: [{field: "costRate.amount", op: "gt", value: "100"}]', "FORBIDDEN_FIELD"),
        ('entities: ["clients"]', "UNKNOWN_ENTITY"),
    ],
)
async def test_a_filter_that_cannot_be_judged_is_refused(api: Api, acme: Tenant, arguments: str, code: str) -> None:
    answer = await pulled(api, acme, arguments)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_a_reader_that_starts_from_now_is_told_what_comes(api: Api, acme: Tenant) -> None:
    await some_changes(api, acme)
    now = (await pulled(api, acme, "fromNow: true"))["data"]["changes"]
    assert (now["changes"], now["hasMore"]) == ([], False)
    await api.golden(acme, "client", name="New")
    later = (await pulled(api, acme, f'after: "{now["cursor"]}"'))["data"]["changes"]
    assert [one["after"] for one in later["changes"]] == [{"name": "New"}]


CREATE = """
    mutation ($kind: String!, $url: String!, $topic: String, $versions: JSON) {
        createSubscription(name: "bus", kind: $kind, url: $url, topic: $topic, payloadVersions: $versions) {
            id errors { code field remedy } } }
"""


async def test_a_subscription_shows_its_payload_versions_and_is_moved_to_others(api: Api, acme: Tenant) -> None:
    key = acme.keys["admin"]
    made = (await api.ask(key, CREATE, kind="webhook", url="http://127.0.0.1:9/x", versions={"client.updated": 1})).data["createSubscription"]
    assert made["errors"] == []
    move = "mutation ($id: ID!, $to: JSON!) { setPayloadVersions(id: $id, payloadVersions: $to) { payloadVersions errors { code field } } }"
    moved = (await api.ask(key, move, id=made["id"], to={"client.updated": 2, "client.split": 1})).data["setPayloadVersions"]
    versions = {"client.created": 2, "client.updated": 2, "client.merged": 2, "client.split": 1}
    assert moved == {"payloadVersions": versions, "errors": []}
    shown = (await api.ask(key, "{ subscriptions { name payloadVersions topic notice } }")).data["subscriptions"]
    assert shown == [{"name": "bus", "payloadVersions": versions, "topic": None, "notice": None}]
    for to, id, code in (({"client.updated": 9}, made["id"], "BAD_VERSION"), ({"client.updated": 1}, str(new_id()), "UNKNOWN_SUBSCRIPTION")):
        refused = (await api.ask(key, move, id=id, to=to)).data["setPayloadVersions"]
        assert [error["code"] for error in refused["errors"]] == [code]


async def test_a_broker_nobody_has_named_is_refused_with_what_to_do(api: Api, acme: Tenant) -> None:
    refused = (await api.ask(acme.keys["admin"], CREATE, kind="broker", url="nats://n1:4222")).data["createSubscription"]
    assert refused == {
        "id": None,
        "errors": [{"code": "BROKER_NOT_NAMED", "field": "url", "remedy": "Have its servers added to HUB_BROKERS; a subscription may use those only."}],
    }
