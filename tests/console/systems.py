"""Builders of what the pages of operations show: systems with lanes, modes, tries and mappings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant

MAPPING = {
    "mappings": [
        {
            "object": "account", "entity": "client", "id": "Id",
            "fields": {"name": "Name", "city": "Town", "country": "Land", "phone": "Tel", "legal_name": "Firm"},
        },
        {"object": "person", "entity": "contact", "id": "Id", "fields": {"family_name": "Name", "email": "Mail"}},
    ]
}  # fmt: skip


async def a_subscription(api: Api, tenant: Tenant, system: str, mapping: dict[str, Any] = MAPPING) -> UUID:
    """The system's connector, its mapping, and the subscription that writes to it."""
    made = new_id()
    await api.pool.execute("UPDATE hub.system SET connector = 'memory' WHERE tenant_id = $1 AND name = $2", tenant.id, system)
    await api.pool.execute("INSERT INTO hub.mapping (tenant_id, system, version, document) VALUES ($1, $2, 1, $3)", tenant.id, system, mapping)
    await api.pool.execute("UPDATE hub.tenant SET config_version = config_version + 1 WHERE id = $1", tenant.id)
    await api.pool.execute("INSERT INTO hub.subscription (tenant_id, id, name, kind, system) VALUES ($1, $2, $3, 'connector', $3)", tenant.id, made, system)
    return made


async def a_lane(
    api: Api, tenant: Tenant, subscription: UUID, golden: UUID, state: str, *, entity: str = "client", op: str = "update",
    fields: dict[str, Any] | None = None, money: tuple[str, str] | None = None, task_id: int | None = None, reason: str | None = None,
) -> None:  # fmt: skip
    plan: dict[str, Any] = {"op": op, "object": "account", "fields": {name: {"from": None, "to": value} for name, value in (fields or {}).items()}}
    if money:
        plan["money"] = [{"amount": money[0], "currency": money[1]}]
    await api.pool.execute(
        "INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state, plan, task_id, reason) "
        "VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8)",
        tenant.id, subscription, golden, entity, state, plan, task_id, reason,
    )  # fmt: skip


async def an_attempt(api: Api, tenant: Tenant, subscription: UUID, golden: UUID, **told: Any) -> None:
    given = {"state": "rejected", "request": {}, "response": {}, "error": None, **told}
    await api.pool.execute(
        "INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state, request, response, error) "
        "VALUES ($1, $2, $3, 1, 'update', 'k', $4, $5, $6, $7)",
        tenant.id, subscription, golden, given["state"], given["request"], given["response"], given["error"],
    )  # fmt: skip


async def a_task(api: Api, tenant: Tenant, cause: str, subject: str, **more: Any) -> int:
    """An open task as the queue keeps it: its largest amount beside all of its money."""
    listed = [{"amount": amount, "currency": currency} for currency, amount in more.pop("money", {}).items()]
    largest = max(listed, key=lambda one: float(one["amount"]), default=None)
    given = {
        "team": "finance_operations", "count": 1, "legal_entity": None, "system": None, "entity": None, "golden_id": None, "reason": "It is so.",
        "remedy": "Do this.", **more,
    }  # fmt: skip
    found: int = await api.pool.fetchval(
        """
        INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, money, amount, currency, count, legal_entity, system, entity, golden_id, reason, remedy)
        VALUES ($1, $2, $3, $4, now() + interval '1 day', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id
        """,
        tenant.id, cause, subject, given["team"], listed or None, largest and largest["amount"], largest and largest["currency"],
        given["count"], given["legal_entity"], given["system"], given["entity"], given["golden_id"], given["reason"], given["remedy"],
    )  # fmt: skip
    return found
