"""What records said before is kept when they change, and nothing when they are created."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.flows.fill import fill
from tests.flows.conftest import Hub

FORMER = "SELECT entity, field, value, became, since, until FROM hub.former_value WHERE tenant_id = $1 ORDER BY entity, field, until"
BEFORE = datetime.min
"""What asyncpg makes of -infinity."""


async def kept(hub: Hub) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await hub.pool.fetch(FORMER, hub.tenant)]


async def test_a_changed_name_key_or_reference_is_kept_with_the_instant_it_was_left(hub: Hub) -> None:
    clients = [await hub.told("crm", "client", f"C{at}", {"name": f"Client {at}"}) for at in range(2)]
    told = {"code": "P-1", "name": "Rollout", "kind": "internal", "client": {"system": "crm", "object": "client", "id": "C0"}}
    project = await hub.told("psa", "project", "J1", told)
    assert (project is not None, await kept(hub)) == (True, [])
    moved = {"name": "ROLLOUT II", "client": {"system": "crm", "object": "client", "id": "C1"}, "percent_complete": "10"}
    await hub.told("psa", "project", "J1", moved)
    at = await hub.pool.fetchval("SELECT updated_at FROM golden.project WHERE tenant_id = $1", hub.tenant)
    once = [("project", "client_id", *map(str, clients), BEFORE, at), ("project", "name", "rollout", "rollout ii", BEFORE, at)]
    assert await kept(hub) == once
    await hub.told("psa", "project", "J1", moved | {"name": "Rollout III"})
    again = await hub.pool.fetchval("SELECT updated_at FROM golden.project WHERE tenant_id = $1", hub.tenant)
    assert await kept(hub) == [*once, ("project", "name", "rollout ii", "rollout iii", at, again)]


async def test_what_is_kept_is_what_can_be_filled_in_later_from_the_versions(hub: Hub) -> None:
    for name in ("North", "South", "NORTH", "South", "East"):
        await hub.told("crm", "client", "C1", {"name": name, "legal_name": f"{name} \"quoted\""})
    await hub.pool.execute("UPDATE golden.client SET plain_version = 1 WHERE tenant_id = $1", hub.tenant)
    await hub.told("crm", "client", "C2", {"name": "Plain"})
    await hub.pool.execute("UPDATE golden.client SET plain_version = 7 WHERE tenant_id = $1 AND name = 'Plain'", hub.tenant)
    before = await kept(hub)
    await hub.pool.execute("DELETE FROM hub.former_value WHERE tenant_id = $1", hub.tenant)
    await hub.pool.execute("UPDATE hub.feed_head SET former_filled_at = NULL WHERE tenant_id = $1", hub.tenant)
    assert (await fill(hub.pool, batch=1), await kept(hub), await fill(hub.pool)) == (1, before, 0)
    assert len(before) == 8
    plain = await hub.pool.fetch("SELECT name, plain_version = version AS plain FROM golden.client WHERE tenant_id = $1 ORDER BY name", hub.tenant)
    assert [tuple(row) for row in plain] == [("East", False), ("Plain", True)]
