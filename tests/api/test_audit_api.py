"""The sealed trail in GraphQL: what happened, under which seal, and whether it still is what was sealed."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from hub.flows import audit
from tests.api.conftest import Api, Tenant

TRAIL = "query ($record: ID) { auditTrail(recordId: $record) { kind what actor reason version isSound seal { id } record { id } } }"


@pytest.fixture
async def client(api: Api, acme: Tenant) -> UUID:
    id_ = await api.golden(acme, "client", name="ACME")
    await api.pool.execute(
        "INSERT INTO hub.action (tenant_id, kind, actor, reason, entity, golden_ids) VALUES ($1, 'override', 'steward:ann', 'said so', 'client', ARRAY[$2::uuid])", acme.id, id_,
    )  # fmt: skip
    await seal(api, acme)
    return id_


async def seal(api: Api, tenant: Tenant) -> int:
    async with api.pool.acquire() as tx, tx.transaction():
        return await audit.seal_next(tx, tenant.id, api.database.settings.need("secret_key"))


async def test_a_record_tells_what_happened_to_it_and_that_it_is_sound(api: Api, acme: Tenant, client: UUID) -> None:
    found = (await api.ask(acme.keys["steward"], TRAIL, record=str(client))).data["auditTrail"]
    assert found == [
        {"kind": "action", "what": "override", "actor": "steward:ann", "reason": "said so", "version": None, "isSound": True, "seal": {"id": "1"}, "record": {"id": str(client)}},
        {"kind": "change", "what": "create", "actor": "crm", "reason": "crm", "version": 1, "isSound": True, "seal": {"id": "1"}, "record": {"id": str(client)}},
    ]  # fmt: skip


async def test_what_was_altered_is_told_where_it_is_read(api: Api, acme: Tenant, client: UUID) -> None:
    owner = await asyncpg.connect(api.database.owner_url)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE hub.change SET after = '{}' WHERE tenant_id = $1", acme.id)
        await owner.execute("UPDATE hub.action SET reason = 'never said' WHERE tenant_id = $1", acme.id)
    await owner.close()
    found = (await api.ask(acme.keys["admin"], TRAIL, record=str(client))).data["auditTrail"]
    assert [(one["kind"], one["isSound"]) for one in found] == [("action", False), ("change", False)]


async def test_what_is_not_sealed_yet_says_so(api: Api, acme: Tenant, client: UUID) -> None:
    await api.pool.execute("UPDATE hub.action SET undone_at = now() WHERE tenant_id = $1", acme.id)
    await api.pool.execute("INSERT INTO hub.action (tenant_id, kind, actor) VALUES ($1, 'merge', 'steward:bob')", acme.id)
    asked = "{ auditTrail { what actor isSound seal { id } } auditHead { sealId waiting finding keys { keyId retiredAt } } }"
    found = (await api.ask(acme.keys["steward"], asked)).data
    assert found["auditTrail"] == [
        {"what": "merge", "actor": "steward:bob", "isSound": None, "seal": None}, {"what": "override", "actor": "steward:ann", "isSound": None, "seal": {"id": "1"}},
    ]  # fmt: skip
    head = found["auditHead"]
    assert (head["sealId"], head["waiting"], head["finding"], [one["retiredAt"] for one in head["keys"]]) == ("1", 2, None, [None])


async def test_seals_are_a_chain_that_can_be_paged(api: Api, acme: Tenant, client: UUID) -> None:
    for _ in range(2):
        await api.pool.execute("INSERT INTO hub.action (tenant_id, kind, actor) VALUES ($1, 'merge', 'steward:bob')", acme.id)
        await seal(api, acme)
    asked = "query ($before: Long) { auditSeals(first: 2, before: $before) { id count previous digest isThin } auditHead { digest } }"
    first = (await api.ask(acme.keys["steward"], asked)).data
    then = (await api.ask(acme.keys["steward"], asked, before=first["auditSeals"][-1]["id"])).data["auditSeals"]
    chain = [*first["auditSeals"], *then]
    assert [(one["id"], one["count"], one["isThin"]) for one in chain] == [("3", 1, False), ("2", 1, False), ("1", 2, False)]
    assert [chain[0]["digest"], chain[1]["digest"], chain[2]["digest"], ""] == [first["auditHead"]["digest"], chain[0]["previous"], chain[1]["previous"], chain[2]["previous"]]


async def test_the_trail_of_another_tenant_is_empty(api: Api, acme: Tenant, client: UUID) -> None:
    other = await api.tenant("other")
    found = (await api.ask(other.keys["admin"], TRAIL, record=str(client))).data
    assert found == {"auditTrail": []}
    assert (await api.ask(other.keys["admin"], "{ auditSeals { id } auditHead { sealId } }")).data == {"auditSeals": [], "auditHead": {"sealId": "0"}}


@pytest.mark.parametrize(("asked", "count"), [('actor: "steward:ann"', 1), ('actor: "nobody"', 0), ('kind: "proposal"', 0), ('until: "2000-01-01T00:00:00Z"', 0), ("first: 0", 0)])
async def test_the_trail_is_narrowed(api: Api, acme: Tenant, client: UUID, asked: str, count: int) -> None:
    assert len((await api.ask(acme.keys["steward"], f"{{ auditTrail({asked}) {{ at }} }}")).data["auditTrail"]) == count
