"""The simulated company as clients that others wrote see it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from connectors.sage_intacct.simulator.rest import CLIENT_ID, CLIENT_SECRET
from connectors.sage_intacct.simulator.server import COMPANY, PASSWORD, SENDER, SENDER_PASSWORD, USER, SageIntacct
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow
LOGIN = {"sender_id": SENDER, "sender_password": SENDER_PASSWORD, "user_id": USER, "company_id": COMPANY, "user_password": PASSWORD}


@pytest.fixture
async def company() -> AsyncIterator[SageIntacct]:
    running: SageIntacct = await SageIntacct().start()
    running.control_load({"object": "CUSTOMER", "count": 240, "values": {"NAME": "Firm {n}"}})
    running.company.forbidden = frozenset({"DEPARTMENT"})
    yield running
    await running.stop()


async def test_sageintacctsdk(company: SageIntacct, clients: Clients) -> None:
    customers = len(list(company.store.table("CUSTOMER")))
    told = await clients.run("sage_intacct", company.url, json.dumps(LOGIN))
    assert told == {
        "customers": customers, "paged": [customers, customers], "generated": customers, "changed": customers, "asked": ["NORDLICHT LOGISTIK GMBH"], "either": 2,
        "by_query": "NORDLICHT LOGISTIK GMBH", "fields": True, "created": "C-SDK",
        "read": {"NAME": "Öl & Söhne <GmbH>", "DISPLAYCONTACT.MAILADDRESS.CITY": "Köln"}, "updated": "success", "invoice": True,
        "posted": {"STATE": "Posted", "TRX_TOTALDUE": "12.50"}, "taken": ["BL34000061", "The CUSTOMERID 'C-SDK' already exists"],
        "missing": ["BL01001973", "The field NAME is required"], "unknown": ["BL01001973", "The field SHOE is not defined for CUSTOMER"], "deleted": "success",
        "bad_query": "DL02000001", "forbidden": "NoPrivilegeError", "bad_user": "InvalidTokenError", "bad_sender": "WrongParamsError",
    }  # fmt: skip


async def test_the_vendors_own_sdk(company: SageIntacct, clients: Clients) -> None:
    customers = len(list(company.store.table("CUSTOMER")))
    told = await clients.run_node("sage_intacct", company.url, json.dumps(LOGIN))
    assert told == {
        "session": [True, True, True], "cursor": [customers, customers, customers], "query": ["NL-ERP", "AW-MES"], "read": "Hamburg", "created": "C-NODE", "invoice": True,
        "batch": ["success", "failure"], "rolled_back": ["ResultException", True], "once": "ResultException", "taken": True, "bad_user": "ResponseException",
        "bad_sender": "ResponseException",
    }  # fmt: skip
    names = {row.fields["NAME"] for row in company.store.table("TASK")}
    assert "Tests" in names and "Rolled back" not in names


async def test_airbyte(company: SageIntacct, clients: Clients) -> None:
    """Every customer and posted invoice once by the REST API, whatever the pages; from its state only what changed last."""
    rows = list(company.store.table("CUSTOMER"))
    for row in rows[:-1]:
        row.fields["WHENMODIFIED"] = "02/01/2026 09:00:00"
    config = {"base_url": company.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "username": f"{USER}@{COMPANY}"}
    told = await clients.airbyte("sage_intacct", config)
    keys = sorted(row.fields["RECORDNO"] for row in rows)
    invoices = sorted(row.fields["RECORDNO"] for row in company.store.table("ARINVOICE"))
    assert told == {
        "check": "SUCCEEDED",
        "streams": {"customers": {"ids": keys, "doubles": 0, "again": 1}, "invoices": {"ids": invoices, "doubles": 0, "again": len(invoices)}},
    }
