"""The simulated tenant as pyodata and the vendor's own SDK see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.sap_s4hana.simulator.server import PASSWORD, USER, S4hana
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def tenant() -> AsyncIterator[S4hana]:
    running: S4hana = await S4hana().start()
    yield running
    await running.stop()


def firms(tenant: S4hana) -> int:
    return sum(row.fields["BusinessPartnerCategory"] == "2" for row in tenant.store.table("A_BusinessPartner"))


async def test_pyodata(tenant: S4hana, clients: Clients) -> None:
    there = firms(tenant)
    assert await clients.run("sap_s4hana", tenant.url, USER, PASSWORD) == {
        "sets": ["A_BPContactToFuncAndDept", "A_BuPaIdentification", "A_BusinessPartner"], "key": ["BusinessPartner", "AddressID"], "partners": there,
        "counted": there, "one": ["Nordlicht Logistik GmbH", False, "UTC", "Hamburg"], "walked": "DE136695976",
        "without_token": [403, "CSRF token validation failed"], "created": [True, "Oracle & Söhne"], "without_condition": [428, "/IWBEP/CM_V4_RUNTIME/020"],
        "updated": "ORACLE", "stale": [412, "/IWBEP/CM_MGW_RT/190"], "refused": [400, "R1/102"], "gone": [404, "/IWBEP/CM_MGW_RT/020"],
        "document": ["4023.75", "2026-05-31", "UTC"], "times": [["000000004711", "7.50"], ["000000004712", "7.50"], ["000000004713", "7.50"]],
        "elements": ["NL-ERP.1"],
    }  # fmt: skip


async def test_the_vendors_own_sdk(tenant: S4hana, clients: Clients) -> None:
    there = firms(tenant)
    assert await clients.run_node("sap_s4hana", tenant.url, USER, PASSWORD) == {
        "firms": [["1000001", "Nordlicht Logistik GmbH", "Hamburg", True], ["1000002", "Alpenwerk AG", "Zürich", True],
                  ["1000003", "Brightwater Utilities Limited", "Bristol", True]],
        "count": there, "created": [True, "Deep & Sons"], "updated": "DEEP", "read": "DEEP", "stale": [412, "/IWBEP/CM_MGW_RT/190"],
        "refused": [400, "R1/102"], "gone": [404, "/IWBEP/CM_MGW_RT/020"], "project": ["ERP rollout", "10", "2026-03-02", True], "elements": ["NL-ERP.1"],
        "document": ["4023.75", "24.5"], "order": "Advice", "times": [8, "7.5", "30"],
    }  # fmt: skip
    assert tenant.store.get("A_BusinessPartnerRole", f"{1000001 + len(tenant.store.rows['A_BusinessPartner']) - 1}|FLCU01") is not None
