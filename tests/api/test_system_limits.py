"""How a system is written to, over GraphQL: shown, set, drained, resumed; by whom, and what is refused."""

from __future__ import annotations

import pytest

from hub.store import configuration
from hub.core.configuration import System
from schema.systems import ERP
from tests.api.conftest import Api, Tenant

STANDING = "{ systemStanding(system: %s) { state limits requestsToday slots closedUntil breakers { operation state } setBy } }"
SET = "mutation($l: JSON!) { setSystemLimits(system: \"books\", limits: $l) { done errors { code message } } }"


@pytest.fixture
async def firm(api: Api) -> Tenant:
    tenant = await api.tenant("limits")
    async with api.pool.acquire() as connection, connection.transaction():
        await configuration.put_system(connection, tenant.id, System("books", ERP))
    return tenant


async def test_limits_are_set_by_an_admin_and_shown_to_stewards(api: Api, firm: Tenant) -> None:
    limits = {"quota": {"requests_per_s": 5, "reserve": 0.2}, "windows": [{"since": "2020-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"}]}
    done = await api.ask(firm.keys["admin"], SET, l=limits)
    assert done.data["setSystemLimits"] == {"done": True, "errors": []}
    shown = await api.ask(firm.keys["steward"], STANDING % '"books"')
    assert shown.data["systemStanding"] == {
        "state": "writing", "limits": limits | {"quota": {"requests_per_s": 5, "reserve": "0.2"}}, "requestsToday": 0, "slots": 0, "closedUntil": "2999-01-01T00:00:00.000000Z", "breakers": [],
        "setBy": "admin:admin",
    }  # fmt: skip


async def test_limits_that_mean_nothing_are_refused_and_a_steward_may_not_set_any(api: Api, firm: Tenant) -> None:
    refused = await api.ask(firm.keys["admin"], SET, l={"quota": {"reserve": 7}})
    told = {"code": "BAD_LIMITS", "message": "limits: quota.reserve: expected a number from 0 to 0.95"}
    assert refused.data["setSystemLimits"] == {"done": None, "errors": [told]}
    forbidden = await api.ask(firm.keys["steward"], SET, l={})
    assert [one["code"] for one in forbidden.data["setSystemLimits"]["errors"]] == ["FORBIDDEN"]


async def test_a_system_is_drained_and_resumed(api: Api, firm: Tenant) -> None:
    for name, state in (("drainSystem", "draining"), ("resumeSystem", "writing")):
        done = await api.ask(firm.keys["steward"], f'mutation {{ {name}(system: "books") {{ done errors {{ code }} }} }}')
        assert done.data[name] == {"done": True, "errors": []}
        shown = await api.ask(firm.keys["steward"], STANDING % '"books"')
        assert shown.data["systemStanding"]["state"] == state
    unknown = await api.ask(firm.keys["steward"], 'mutation { drainSystem(system: "nowhere") { done errors { code } } }')
    assert unknown.data["drainSystem"]["errors"] == [{"code": "UNKNOWN_SYSTEM"}]
