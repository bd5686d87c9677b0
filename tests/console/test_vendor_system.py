"""A vendor's system in the browser: added with what comes with its connector, tested, removed; its secrets never come back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.salesforce.simulator.server import CLIENT_ID, CLIENT_SECRET, Salesforce
from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser

DOCUMENT = 'base_url: {url}\ncurrency: EUR\nauth: {{client_id: "${{SF_ID}}", client_secret: "${{SF_SECRET}}"}}\n'


@pytest.fixture
async def org() -> AsyncIterator[Salesforce]:
    running: Salesforce = await Salesforce().start()
    yield running
    await running.stop()


@pytest.fixture
async def admin(api: Api, acme: Tenant) -> Browser:
    made = Browser(api)
    await made.sign_in(acme.keys["admin"])
    return made


async def added(admin: Browser, url: str) -> None:
    await admin.get("/add-system")
    await admin.post("/add-system", system="sales", kind="crm")
    done = await admin.post("/add-system/sales/connect", connector="salesforce", document=DOCUMENT.format(url=url), var_SF_ID=CLIENT_ID, var_SF_SECRET=CLIENT_SECRET)
    assert done.status == 303, done.text


async def test_what_comes_with_a_connector_is_there_once_it_is_reached(admin: Browser, org: Salesforce) -> None:
    await admin.get("/add-system")
    await admin.post("/add-system", system="sales", kind="crm")
    page = await admin.get("/add-system/sales/connect")
    assert "Salesforce: comes with objects, mappings and codes" in page.text and "My Domain host" in page.text
    await added(admin, org.url)
    assert (await admin.post("/add-system/sales/fetch")).status == 303
    fields = await admin.get("/add-system/sales/fields")
    assert "family_name: LastName" in fields.html
    await admin.post("/add-system/sales/try")
    tried = (await admin.get("/add-system/sales/try")).text
    assert "Created: new golden records" in tried and "records tried in" in tried


async def test_a_system_is_tested_in_words_and_removed_with_its_secrets(api: Api, acme: Tenant, admin: Browser, org: Salesforce) -> None:
    await added(admin, org.url)
    await admin.post("/add-system/sales/fetch")
    await admin.post("/add-system/sales/try")
    await admin.post("/add-system/sales/observe")
    page = await admin.get("/sources/sales")
    assert page.tests("check")
    found = await admin.post("/sources/sales/check", htmx=True)
    assert found.status == 200 and "sign in It accepts our credentials." in found.text and "find Account by our key A key nobody has finds nothing." in found.text
    assert CLIENT_SECRET not in found.html and not org.store.creates
    without = await admin.post("/sources/sales/disconnect", reason=" ")
    assert "needs a reason" in without.text
    await admin.post("/sources/sales/disconnect", reason="sold the branch")
    row = await api.pool.fetchrow("SELECT connector, config, secrets FROM hub.system WHERE tenant_id = $1 AND name = 'sales'", acme.id)
    assert tuple(row) == ("", {}, None)
    assert await api.pool.fetchval("SELECT count(*) FROM hub.checkpoint WHERE tenant_id = $1 AND system = 'sales'", acme.id) == 0
    assert not (await admin.get("/sources/sales")).tests("check")


async def test_credentials_that_do_not_hold_are_told_and_only_admins_test(api: Api, acme: Tenant, admin: Browser, org: Salesforce) -> None:
    await added(admin, org.url)
    await api.pool.execute("UPDATE hub.system SET connector = 'salesforce' WHERE tenant_id = $1 AND name = 'sales'", acme.id)
    done = await admin.post("/add-system/sales/connect", connector="salesforce", document=DOCUMENT.format(url=org.url), var_SF_SECRET="wrong")
    assert done.status == 303
    found = await admin.post("/sources/sales/check", htmx=True)
    assert "failed sign in" in found.text and "Give it credentials that hold" in found.text
    steward = Browser(api)
    await steward.sign_in(acme.keys["steward"])
    assert not (await steward.get("/sources/sales")).tests("check")
    refused = await steward.post("/sources/sales/check", htmx=True)
    assert refused.status in (403, 422) and "failed" not in refused.text
