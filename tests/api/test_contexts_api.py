"""Contexts and trust through GraphQL: seen as a consumer does, explained in points, changed by two people."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.policy import from_json
from hub.flows import plans, plans_apply
from hub.flows.actions import By
from hub.store.configuration import ConfigurationCache
from tests.api.conftest import Api, Tenant
from tests.api.test_mutations import ingest, record

POLICY: dict[str, Any] = {
    "fields": [{"entity": "client", "field": "name", "rule": {"strategy": "trust"}}],
    "trust": [
        {"entity": "client", "field": "name", "system": "crm", "score": 90, "half_life_days": 3650},
        {"entity": "client", "field": "name", "system": "erp", "score": 60},
    ],
    "contexts": {"billing": {"fields": [
        {"entity": "client", "field": "name", "owner": ["erp"]}, {"entity": "vendor", "field": "name", "owner": ["crm"]},
    ]}},
}  # fmt: skip
SEEN = """query($id: ID!, $context: String!) { inContext(entity: "Client", id: $id, context: $context) {
  context entity id values differs masked lineage { field system rule provisional } } }"""
TRUSTED = """query($id: ID!, $field: String!, $context: String! = "") { trustOf(entity: "client", id: $id, field: $field, context: $context) {
  rule changesAt masked offers { system value score invalid wins } } }"""


@pytest.fixture
async def firm(api: Api) -> Tenant:
    """One client whom CRM and ERP call by two names; one vendor with a bank account."""
    tenant = await api.tenant("seen")
    await ingest(api, tenant, record("A1", name="Acme"))
    await ingest(api, tenant, record("K1", name="ACME GMBH", **{"$links": [["crm", "client", "A1"]]}), system="erp")
    await ingest(api, tenant, {**record("V1", name="Stift AG", bank_holder="Stift AG", bank_digest="d1"), "object": "vendor"}, system="erp")
    async with api.pool.acquire() as tx, tx.transaction():
        config = await ConfigurationCache().get(tx, tenant.id)
        plan = await plans.plan_policy(tx, config, from_json(POLICY), "as agreed", By("ada", "c"))
        assert (await plans_apply.apply(tx, config, plan.id, By("bo", "c"))).state == "applied"
    return tenant


async def client_of(api: Api, firm: Tenant) -> str:
    answer = await api.ask(firm.keys["reader"], "{ clients { nodes { id name } } }")
    [one] = answer.data["clients"]["nodes"]
    assert one["name"] == "Acme"
    return str(one["id"])


async def test_a_context_sees_its_own_winner_and_confidential_values_stay_hidden(api: Api, firm: Tenant) -> None:
    id = await client_of(api, firm)
    admin = (await api.ask(firm.keys["admin"], SEEN, id=id, context="billing")).data["inContext"]
    assert admin == {
        "context": "billing", "entity": "client", "id": id, "masked": [], "differs": ["name"], "values": {"name": "ACME GMBH"},
        "lineage": [{"field": "name", "system": "erp", "rule": "owner", "provisional": False}],
    }  # fmt: skip
    ask = SEEN.replace('"Client"', '"vendor"')
    vendor = (await api.ask(firm.keys["reader"], "{ vendors { nodes { id } } }")).data["vendors"]["nodes"][0]["id"]
    admin, reader = [(await api.ask(firm.keys[key], ask, id=vendor, context="billing")).data["inContext"] for key in ("admin", "reader")]
    assert (admin["values"], admin["masked"]) == ({"name": "Stift AG", "bank_holder": "Stift AG", "bank_digest": "d1"}, [])
    assert (reader["values"], reader["masked"]) == ({"name": "Stift AG", "bank_holder": None, "bank_digest": None}, ["bankDigest", "bankHolder"])
    assert [(line["field"], line["provisional"]) for line in reader["lineage"]] == [("name", True)]
    hidden = TRUSTED.replace('"client"', '"vendor"')
    assert (await api.ask(firm.keys["reader"], hidden, id=vendor, field="bankHolder")).data["trustOf"]["masked"]


async def test_trust_is_explained_by_points_per_system(api: Api, firm: Tenant) -> None:
    id = await client_of(api, firm)
    found = (await api.ask(firm.keys["reader"], TRUSTED, id=id, field="name")).data["trustOf"]
    assert (found["rule"], found["masked"], found["changesAt"] is not None) == ("trust", False, True)
    crm, erp = found["offers"]
    assert 89 < float(crm.pop("score")) <= 90
    assert crm == {"system": "crm", "value": "Acme", "invalid": False, "wins": True}
    assert erp == {"system": "erp", "value": "ACME GMBH", "score": "60.000", "invalid": False, "wins": False}
    none = (await api.ask(firm.keys["reader"], TRUSTED, id=id, field="legalName")).data["trustOf"]
    assert none == {"rule": "", "changesAt": None, "masked": False, "offers": []}


async def test_an_override_wins_over_trust_and_context(api: Api, firm: Tenant) -> None:
    id = await client_of(api, firm)
    fix = 'mutation($id: ID!) { override(entity: "client", id: $id, field: "name", value: "As agreed", reason: "r") { errors { code } } }'
    assert (await api.ask(firm.keys["steward"], fix, id=id)).data["override"]["errors"] == []
    found = (await api.ask(firm.keys["reader"], TRUSTED, id=id, field="name")).data["trustOf"]
    assert (found["rule"], [one["wins"] for one in found["offers"]]) == ("override", [False, False])
    seen = (await api.ask(firm.keys["reader"], SEEN, id=id, context="billing")).data["inContext"]
    assert (seen["values"]["name"], seen["lineage"][0]["system"], "name" in seen["differs"]) == ("As agreed", "steward", False)


async def test_what_is_not_there_is_said_or_null_and_never_another_tenants(api: Api, firm: Tenant, acme: Tenant) -> None:
    id = await client_of(api, firm)
    answer = await api.ask(firm.keys["reader"], SEEN, id=id, context="sales")
    assert answer.codes == ["UNKNOWN_CONTEXT"]
    for key in (acme.keys["admin"],):
        assert (await api.ask(key, TRUSTED, id=id, field="name")).data == {"trustOf": None}
        assert (await api.ask(key, SEEN, id=id, context="billing")).data == {"inContext": None}
    wrong = await api.ask(firm.keys["reader"], TRUSTED, id=id, field="nam")
    assert wrong.codes == ["UNKNOWN_FIELD"]
