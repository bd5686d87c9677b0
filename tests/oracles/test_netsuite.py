"""The simulated account as the package netsuite, Airbyte's NetSuite source and Airbyte's reader of manifests see it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import connectors.netsuite
from connectors.netsuite.connector import netsuite_connector

from connectors.netsuite.simulator.server import ACCOUNT, Netsuite
from connectors.netsuite.simulator.signing import CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET
from connectors.shipped import extended
from tests.node_tools import NODE
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def books() -> AsyncIterator[Netsuite]:
    running: Netsuite = await Netsuite(zone="Etc/UTC").start()  # Airbyte takes a text without an offset for one in UTC
    running.control_load({"object": "customer", "count": 240, "values": {"companyName": "Firm {n}", "subsidiary": {"id": "2"}}})
    yield running
    await running.stop()


async def test_netsuite(books: Netsuite, clients: Clients) -> None:
    """Its signatures are made by oauthlib, and verified here."""
    customers = len(list(books.store.table("customer")))
    assert await clients.run("netsuite", books.url, ACCOUNT, CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET) == {
        "rows": [{"links": [], "companyname": "NORDLICHT LOGISTIK GMBH", "isperson": "F", "terms": "Net 30"}], "paged": [customers, customers, customers],
        "invoice": {"status": "Invoice : Open", "foreigntotal": "4788.26", "trandate": "5/31/2026"}, "created": None, "updated": None, "deleted": None,
        "unknown_field": [400, "Bad Request", "INVALID_PARAMETER"], "unknown_table": [400, "Bad Request", "INVALID_PARAMETER"],
        "read": ["Oracle & Söhne", "Northbeam DE", False, False, False], "upserted": ["Upserted again", "Net 30", 0], "filtered": [True],
        "missing": [400, "Bad Request", "USER_ERROR"], "unknown": [400, "Bad Request", "NONEXISTENT_FIELD"], "taken": [400, "Bad Request", "USER_ERROR"],
        "gone": [404, "Not Found", "NONEXISTENT_ID"], "told_deleted": [[True, "Customer"]], "schema": ["date-time", "string"],
        "openapi": ["3.0.1", ["customer", "invoice"], True], "wrong_secret": [401, "Unauthorized", "INVALID_LOGIN"],
    }  # fmt: skip


async def test_airbytes_source(books: Netsuite, clients: Clients) -> None:
    """It finds by itself how the account writes days, and reads every record once."""
    books.day_form = "%d.%m.%Y"
    day = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime())
    config = {"realm": ACCOUNT, "consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "token_key": TOKEN_ID, "token_secret": TOKEN_SECRET,
              "object_types": ["contact", "invoice"], "start_datetime": day, "window_in_days": 5}  # fmt: skip
    told = await clients.run("netsuite/airbyte", books.url, json.dumps(config))
    assert told == {
        "check": True,
        **{
            name: {"ids": sorted((row.id for row in books.store.table(name)), key=int), "doubles": 0, "cursor": "lastModifiedDate", "form": "%d.%m.%Y", "fields": fields}
            for name, fields in (("contact", ["company", "dateCreated", "email", "entityId", "externalId", "firstName"]),
                                 ("invoice", ["amountRemaining", "createdDate", "currency", "dueDate", "entity", "exchangeRate"]))
        },
    }  # fmt: skip


async def test_airbyte(books: Netsuite, clients: Clients) -> None:
    """Every customer once, whatever the pages; from its state only what changed last."""
    rows = list(books.store.table("customer"))
    for row in rows[:-1]:
        row.fields["lastModifiedDate"] = "2026-02-01T09:00:00Z"
        books.account._mirror(row)
    books.signing.tokens["a-token"] = time.time() + 3600
    told = await clients.airbyte("netsuite", {"base_url": books.url, "token": "a-token"})
    invoices = [row.id for row in books.store.table("invoice")]
    assert told == {
        "check": "SUCCEEDED",
        "streams": {
            "customers": {"ids": sorted(row.id for row in rows), "doubles": 0, "again": 1},
            "invoices": {"ids": invoices, "doubles": 0, "again": len(invoices)},
        },
    }


async def test_what_the_script_in_the_account_sends_is_taken() -> None:
    """The script runs in Node; a save does not fail because the hub is down."""
    script = Path(connectors.netsuite.__file__).parent / "hub_notify.js"
    process = await asyncio.create_subprocess_exec(
        str(NODE), str(Path(__file__).parent / "netsuite" / "notify.mjs"), str(script), "a-secret", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    edited, deleted, logged = json.loads(out)
    auth = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "token_id": TOKEN_ID, "token_secret": TOKEN_SECRET}
    document = extended({"extends": "netsuite", "system": "erp", "account": ACCOUNT, "time_zone": "Europe/Berlin", "auth": auth, "push": {"secrets": ["a-secret"]}})
    connector = netsuite_connector({key: value for key, value in document.items() if key not in ("mappings", "code_maps")})
    told = [one for each in (edited, deleted) for one in connector.receive(each["headers"], each["body"].encode())]
    assert [(one.object, one.external_id, one.needs_fetch, one.is_delete) for one in told] == [("customer", "647", True, False), ("timeBill", "9001", False, True)]
    assert (edited["url"], logged) == ("https://hub.example/webhooks/erp", {"logged": "unreachable"})
