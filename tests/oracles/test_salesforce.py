"""The simulated org as simple-salesforce and jsforce see it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from connectors.salesforce.simulator.server import CLIENT_ID, CLIENT_SECRET, Salesforce
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def org() -> AsyncIterator[Salesforce]:
    running: Salesforce = await Salesforce().start()
    running.control_load({"object": "Account", "count": 450, "values": {"Name": "Firm {n}"}})
    yield running
    await running.stop()


async def test_simple_salesforce(org: Salesforce, clients: Clients) -> None:
    accounts = len(list(org.store.table("Account")))
    opportunities = len(list(org.store.table("Opportunity")))
    told = await clients.run("salesforce", org.url)
    one = told.pop("one")
    assert (one["Name"], one["Owner"]["LastName"]) == ("Nordlicht Logistik", "Lindqvist")
    assert told == {
        "version": told["version"], "accounts": accounts, "won": opportunities, "fields": ["LastModifiedById", "MasterRecordId", "OwnerId", "ParentId"],
        "created": True, "updated": 204, "read": {"Name": "Oracle & Söhne", "Phone": "+49 40 1", "IsDeleted": False}, "upserted": [201, 200],
        "by_key": "Upserted again", "unknown": [400, "INVALID_FIELD"], "missing": [400, "REQUIRED_FIELD_MISSING"], "taken": [400, "DUPLICATE_VALUE"],
        "deleted": 204, "gone": [404, "NOT_FOUND"], "told_deleted": [True], "bad_query": "INVALID_FIELD", "bulk": accounts + 1, "usage": True,
    }  # fmt: skip


async def test_jsforce(org: Salesforce, clients: Clients) -> None:
    accounts = len(list(org.store.table("Account")))
    org.tokens["a-token"] = time.time() + 3600
    assert await clients.run_node("salesforce", org.url, "a-token") == {
        "accounts": accounts, "created": ["made", "REQUIRED_FIELD_MISSING"], "upserted": [True, True, "By key again"], "updated": True, "picks": True,
        "bad": "INVALID_FIELD",
    }  # fmt: skip


async def test_airbyte(org: Salesforce, clients: Clients) -> None:
    """Every account once, whatever the pages; from its state only what changed last."""
    rows = list(org.store.table("Account"))
    for row in rows[:-1]:
        row.fields["SystemModstamp"] = "2026-02-01T09:00:00.000+0000"
    told = await clients.airbyte("salesforce", {"base_url": org.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    ids = sorted(row.id for row in rows)
    assert told == {"check": "SUCCEEDED", "streams": {"accounts": {"ids": ids, "doubles": 0, "again": 1}}}
