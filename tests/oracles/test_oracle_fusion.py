"""The simulated pod as @rytass/erp-oracle-fusion, zeep and Airbyte's manifest reader see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.oracle_fusion.simulator.server import PASSWORD, USER, Fusion
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def pod() -> AsyncIterator[Fusion]:
    running: Fusion = await Fusion(most=499).start()
    running.control_load({"object": "accounts", "count": 1100, "values": {"OrganizationName": "Firm {n}"}})
    yield running
    await running.stop()


async def test_rytass_erp_oracle_fusion(pod: Fusion, clients: Clients) -> None:
    accounts = len(list(pod.store.table("accounts")))
    told = await clients.run_node("oracle_fusion", pod.url)
    assert told == {
        "accounts": accounts, "project": ["Nordlicht Logistik - ERP rollout", ["1", "1.1"], "number", "self"], "by_example": [2], "period": ["C"], "found": 1,
        "described": "Resources", "created": ["A", 1], "patched": "https://x.example", "stale": ["FusionTransientError", 412], "deleted": None, "gone": [True, 404],
        "refused": [True, "AR-856520", "400"], "structured": "You must enter a bill-to customer name or a bill-to customer account number. (AR-856520)",
        "not_queryable": "FusionValidationError", "stranger": [True, 401], "basic": 1, "job": [["WAIT", "RUNNING", "PAUSED", "SUCCEEDED"], "SUCCEEDED", True],
        "unknown_job": True, "document": "PK", "account": ["A & B", "A", None], "no_profile": [True, 500, "FND:::FND_CMN_RCRD_MSNG"], "profile": "500", "held": "Y",
        "by_reference": [True], "renamed": ["A & C"], "fault": ["27024", 0], "attribute": "PartyId",
    }  # fmt: skip


async def test_zeep(pod: Fusion, clients: Clients) -> None:
    accounts = len(list(pod.store.table("customerAccounts")))
    told = await clients.run("oracle_fusion", pod.url, next(pod.store.table("accounts")).id)
    assert told == {
        "made": ["Zoë & <Söhne>", "A", True, True], "found": ["Zoë & <Söhne>"], "renamed": "Zoë", "limit": "12.50", "all": accounts + 1,
        "fault": ["env:Server", True, True],
    }  # fmt: skip


async def test_airbyte(pod: Fusion, clients: Clients) -> None:
    for name in ("accounts", "projects"):
        for row in list(pod.store.table(name))[:-1]:
            row.fields["LastUpdateDate"] = "2026-02-01T09:00:00.000+00:00"
    told = await clients.airbyte("oracle_fusion", {"base_url": pod.url, "user": USER, "password": PASSWORD})
    streams = {name: {"ids": sorted(row.id for row in pod.store.table(name)), "doubles": 0, "again": 1} for name in ("accounts", "projects")}
    assert told == {"check": "SUCCEEDED", "streams": streams}
