"""The simulated Autotask database as @apigrate/autotask-restapi, py-autotask and Airbyte see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.autotask.simulator.server import CODE, SECRET, USER, Autotask
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def psa() -> AsyncIterator[Autotask]:
    running: Autotask = await Autotask().start()
    running.control_load({"object": "Companies", "count": 450, "values": {"companyName": "Firm {n}", "companyType": 1, "phone": "1", "ownerResourceID": 10}})
    yield running
    await running.stop()


async def test_apigrate(psa: Autotask, clients: Clients) -> None:
    companies = len(list(psa.store.table("Companies")))
    assert await clients.run_node("autotask", psa.url, USER, SECRET, CODE) == {
        "companies": companies, "fields": ["id", "companyName"], "zone": True, "counted": companies,
        "found": ["Nordlicht Logistik GmbH", "Kestrel Energy plc"], "got": "Hamburg", "absent": None, "byField": [True], "changed": ["Kiel", "1"],
        "replaced": None, "task": "Go-live", "picks": [["1", "New"], ["2", "In Progress"], ["4", "On Hold"], ["5", "Complete"], ["0", "Inactive"]],
        "missing": [500, "Missing Required Field: phone."],
        "forbidden": [500, "The logged in Resource does not have the adequate permissions to create this entity type."],
        "unqueryable": [500, "The field dueDate of Invoices cannot be queried."], "threshold": 10_000, "stranger": 401,
    }  # fmt: skip


async def test_py_autotask(psa: Autotask, clients: Clients) -> None:
    """It changes records by an address that is not documented, so it is told that there is no such thing."""
    companies = len(list(psa.store.table("Companies")))
    german = sum("gmbh" in str(row.fields["companyName"]).lower() for row in psa.store.table("Companies"))
    assert await clients.run("autotask", psa.url, USER, SECRET, CODE) == {
        "companies": min(companies, 500), "more": False, "one": "Nordlicht Logistik GmbH", "absent": None, "german": german, "made": "Oracle & Söhne",
        "task": 4, "missing": "AutotaskAPIError", "undocumented": "AutotaskAPIError", "stranger": "AutotaskAuthError",
    }  # fmt: skip


async def test_airbyte(psa: Autotask, clients: Clients) -> None:
    """Every company once, whatever the pages; from its state only what changed last."""
    rows = list(psa.store.table("Companies"))
    for row in rows[:-1]:
        row.fields["lastActivityDate"] = "2026-02-01T09:00:00.000Z"
    rows[-1].fields["lastActivityDate"] = "2026-02-03T08:11:52.127Z"  # it reads six digits at most
    told = await clients.airbyte("autotask", {"base_url": psa.url, "user": USER, "secret": SECRET, "code": CODE})
    roles = sorted(row.id for row in psa.store.table("Roles"))
    assert told == {"check": "SUCCEEDED", "streams": {
        "companies": {"ids": sorted(row.id for row in rows), "doubles": 0, "again": 1}, "roles": {"ids": roles, "doubles": 0, "again": len(roles)},
    }}  # fmt: skip
