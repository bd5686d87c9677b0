"""The simulated org with Certinia as simple-salesforce, tap-salesforce, jsforce and Airbyte see it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from connectors.certinia.simulator.server import CLIENT_ID, CLIENT_SECRET, Certinia
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def org() -> AsyncIterator[Certinia]:
    running: Certinia = await Certinia().start()
    region = next(row.id for row in running.store.table("pse__Region__c"))
    running.control_load({"object": "pse__Proj__c", "count": 350, "values": {"Name": "Project {n}", "pse__Region__c": region}})
    ida = next(row.id for row in running.store.table("Contact") if row.fields["LastName"] == "Holm")
    running.put("Contact", ida, {"Hub_Id__c": "ida"})
    yield running
    await running.stop()


def held(org: Certinia, object_: str) -> int:
    return len(list(org.store.table(object_)))


async def test_simple_salesforce(org: Certinia, clients: Clients) -> None:
    assert await clients.run("certinia", org.url) == {
        "packages": ["c2g", "pse"], "project": ["NL-ERP ERP rollout", "Nordlicht Logistik", "PRJ-"], "approved": [[27.75, "Holm"]], "days": [7, 27.75],
        "upserted": [201, 200], "prefix": True, "locked": [400, "ENTITY_IS_LOCKED"], "closed": [400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"],
        "unknown": [400, "INVALID_TYPE"],
    }  # fmt: skip


async def test_tap_salesforce(org: Certinia, clients: Clients) -> None:
    told = await clients.run("certinia", org.url, script="tap.py")
    names = ("pse__Proj__c", "pse__Timecard_Header__c", "pse__Billing_Event_Item__c", "c2g__codaInvoice__c")
    assert told == {"discovered": len(org.objects()), "records": {name: held(org, name) for name in names}, "keys": [["SystemModstamp"]] * 4}


async def test_jsforce(org: Certinia, clients: Clients) -> None:
    """What jsforce does with any org, it does with this one."""
    accounts = held(org, "Account")
    org.tokens["a-token"] = time.time() + 3600
    told = await clients.run_node("salesforce", org.url, "a-token")
    assert (told["accounts"], told["created"], told["updated"]) == (accounts, ["made", "REQUIRED_FIELD_MISSING"], True)


async def test_airbyte(org: Certinia, clients: Clients) -> None:
    told = await clients.airbyte("certinia", {"base_url": org.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    assert told["check"] == "SUCCEEDED"
    for name, object_ in (("projects", "pse__Proj__c"), ("timecards", "pse__Timecard_Header__c")):
        ids = sorted(row.id for row in org.store.table(object_))
        assert (told["streams"][name]["ids"], told["streams"][name]["doubles"]) == (ids, 0)
