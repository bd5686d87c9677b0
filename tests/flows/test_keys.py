"""An operator gives keys out and takes them back; what is kept of them opens nothing."""

from __future__ import annotations

import pytest

from hub.errors import RequestError
from hub.flows.tenants import digest, give_key, revoke_keys
from tests.flows.conftest import Hub


async def good(hub: Hub) -> set[bytes]:
    return {row["digest"] for row in await hub.rows("SELECT digest FROM hub.api_key WHERE revoked_at IS NULL")}


async def test_a_name_has_one_good_key_a_role_until_it_is_revoked(hub: Hub) -> None:
    first, other = await give_key(hub.pool, "north", "admin", "ops"), await give_key(hub.pool, "north", "reader", "ops")
    second = await give_key(hub.pool, "north", "admin", "ops")
    assert await good(hub) == {digest(other), digest(second)} and first != second
    assert await revoke_keys(hub.pool, "north", "ops") == 2
    assert await good(hub) == set()


async def test_a_tenant_is_made_only_when_it_is_asked_for(hub: Hub) -> None:
    with pytest.raises(RequestError, match="no tenant 'nroth'; known are north"):
        await give_key(hub.pool, "nroth", "admin", "ops")
    key = await give_key(hub.pool, "west", "admin", "ops", makes_tenant=True)
    assert await good(hub) == {digest(key)}


@pytest.mark.parametrize(("role", "name", "system"), [("boss", "ops", None), ("admin", " ", None), ("system", "ops", "nowhere")])
async def test_a_key_of_no_role_name_or_system_is_not_given(hub: Hub, role: str, name: str, system: str | None) -> None:
    with pytest.raises(RequestError):
        await give_key(hub.pool, "north", role, name, system)
    assert await good(hub) == set()
