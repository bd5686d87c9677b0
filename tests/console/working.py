"""Builders of what people work on: members, tasks, and records whose names are out to break pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hub.store import tasks
from hub.store.tasks import NewTask
from tests.api.conftest import Api, Tenant

NASTY = ('<img src=x onerror="alert(1)">', "\u202eevil\u202c right to left", "'; DROP TABLE x; --", "A" * 300, "{{ 7 * 7 }}", "=cmd|' /C calc'!A0")
PUT = "mutation ($name: String!, $actors: [String!], $teams: [String!]) { putMember(name: $name, actors: $actors, teams: $teams) { member { id } errors { message } } }"


async def member(api: Api, tenant: Tenant, name: str, actor: str, *teams: str) -> str:
    """A person with a key; answers their id."""
    answer = await api.ask(tenant.keys["admin"], PUT, name=name, actors=[actor], teams=list(teams or ("data_stewards",)))
    assert answer.data["putMember"]["errors"] == [], answer.data
    found: str = answer.data["putMember"]["member"]["id"]
    return found


async def task(api: Api, tenant: Tenant, reason: str = "somebody must look", cause: str = "proposed", **more: Any) -> int:
    """An open task; the subject is its reason unless said."""
    subject = more.pop("subject", reason)
    new = NewTask(cause, subject, reason, more.pop("remedy", "Look at it."), **more)
    async with api.pool.acquire() as connection:
        return next(iter((await tasks.open_tasks(connection, tenant.id, [new])).values()))


async def state_of(api: Api, tenant: Tenant, task_id: int) -> tuple[str, str | None]:
    """(state, resolution) of a task."""
    row = await api.pool.fetchrow("SELECT state, resolution FROM hub.task WHERE tenant_id = $1 AND id = $2", tenant.id, task_id)
    return row["state"], row["resolution"]


async def two_clients(api: Api, tenant: Tenant, one: str = "Müller GmbH", other: str = "Mueller GmbH") -> tuple[UUID, UUID]:
    """Two clients that may be one, each said by one system."""
    made = []
    for system, name in (("crm", one), ("erp", other)):
        golden_id = await api.golden(tenant, "client", name=name)
        await api.source(tenant, system, f"{system}-{golden_id}", "client", golden_id, name=name)
        made.append(golden_id)
    return made[0], made[1]
