"""The simulated PSA as pyconnectwise, connectwise-rest and Airbyte see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.connectwise.simulator.server import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY, Connectwise
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def psa() -> AsyncIterator[Connectwise]:
    running: Connectwise = await Connectwise().start()
    running.control_load({"object": "company", "count": 350, "values": {"name": "Firm {n}", "identifier": "F{n}"}})
    yield running
    await running.stop()


def held(psa: Connectwise, object_: str) -> int:
    return len(list(psa.store.table(object_)))


async def test_pyconnectwise(psa: Connectwise, clients: Clients) -> None:
    companies = held(psa, "company")
    told: dict[str, Any] = await clients.run("connectwise", psa.url)
    shapes = told.pop("shapes")
    assert told == {
        "codebase": "v2025_1/", "companies": companies, "sorted": True, "count": companies, "one": ["Nordlicht Logistik GmbH", "Euro", "Germany", "Active"],
        "changed": 3, "by_mail": "Brandt", "created": "PYCW", "patched": ["Patched", "Inactive"], "inside": "Inactive", "by_field": [True], "taken": True,
        "missing": [400, "MissingRequiredField"], "long": [400, "OutOfRange"], "deleted": True, "gone": "NotFound", "callback": "company",
        "callback_again": "exists", "wrong": 401, "version": "2025.16",
    }  # fmt: skip
    assert shapes == {
        "contacts": min(25, held(psa, "contact")), "opportunities": 1, "agreements": 1, "roles": 1, "projects": held(psa, "project"), "phases": 2,
        "tickets": held(psa, "ticket"), "members": 6, "times": 9, "expenses": 1, "reports": 1, "invoices": 2, "payments": 1, "work_roles": 5,
        "tax_codes": 1, "departments": 1, "locations": 2, "charge_codes": 2, "currencies": 5,
    }  # fmt: skip


async def test_connectwise_rest(psa: Connectwise, clients: Clients) -> None:
    companies = held(psa, "company")
    assert await clients.run_node("connectwise", psa.url) == {
        "companies": companies, "asked": ["id", "name"], "count": companies, "made": ["Lena", "NORDLICHTLOGISTIKGMBH", "Email"], "patched": "CFO",
        "bad": "MissingRequiredField", "gone": "NotFound",
    }  # fmt: skip


async def test_airbyte(psa: Connectwise, clients: Clients) -> None:
    config = {"base_url": psa.url, "company": COMPANY, "public_key": PUBLIC_KEY, "private_key": PRIVATE_KEY, "client_id": CLIENT_ID}
    told = await clients.airbyte("connectwise", config)
    assert told["check"] == "SUCCEEDED"
    for name, object_ in (("companies", "company"), ("time_entries", "timeEntry")):
        ids = sorted(row.id for row in psa.store.table(object_))
        assert (told["streams"][name]["ids"], told["streams"][name]["doubles"]) == (ids, 0)
