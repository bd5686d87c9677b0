"""Adding a system in the browser: from a file to golden records, left and resumed, with mistakes told where they were made."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser
from tests.console.systems import a_subscription

ACCOUNTS = b"""Id;AccountName;BillingCity;BillingCountry;Sort;Since
1;Aurora <img src=x onerror=alert(1)>;London;GB;Organisation;05.03.2024
2;Borealis;Bonn;DE;Verein;06.03.2024
3;Celeste;Bern;CH;Verein;07.03.2024
4;Broken "line
"""


@pytest.fixture
async def admin(api: Api, acme: Tenant) -> Browser:
    made = Browser(api)
    await made.sign_in(acme.keys["admin"])
    return made


async def begun(admin: Browser, name: str = "books") -> None:
    await admin.get("/add-system")
    assert (await admin.post("/add-system", system=name, kind="erp")).status == 303
    assert (await admin.post(f"/add-system/{name}/connect", connector="", document="")).status == 303
    assert (await admin.upload(f"/add-system/{name}/file", "file", ACCOUNTS, object="account")).status == 303


def row_of(html: str, column: str) -> tuple[str, str]:
    """(chosen field, spelling) of a column of the fields' table."""
    row = re.search(rf'value="{column}"></th>(.*?)</tr>', html, re.DOTALL)
    assert row is not None
    chosen = re.search(r'<option value="([^"]*)" selected', row[1])
    spelling = re.search(r'name="options" value="([^"]*)"', row[1])
    return chosen[1] if chosen else "", spelling[1] if spelling else ""


async def test_a_file_becomes_golden_records_step_by_step(api: Api, acme: Tenant, admin: Browser) -> None:
    await begun(admin)
    look = await admin.get("/add-system/books/profile")
    assert "account" in look.text and look.tests("next")
    figures = await admin.get("/add-system/books/figures/account", htmx=True)
    assert "1 lines are no records" in figures.text and "<img" not in figures.html

    page = await admin.get("/add-system/books/fields")
    assert [row_of(page.html, name) for name in ("AccountName", "BillingCity", "BillingCountry", "Sort")] == [("name", ""), ("city", ""), ("country", ""), ("", "")]
    assert "<img src=x" not in page.html
    columns = ["Id", "AccountName", "BillingCity", "BillingCountry", "Sort", "Since"]
    given = {"object": "account", "id": "Id", "version": "", "modified": "", "deleted": "", "column": columns, "by_hand": ""}
    wrong = await admin.post("/add-system/books/fields", **given, field=["", "name", "city", "country", "kind", "-"], options=["", "", "", "", "as: magic", ""], then="codes")
    assert wrong.status == 422 and "fields.kind.as: expected one of" in wrong.text
    assert row_of(wrong.html, "Sort") == ("kind", "as: magic")
    right = await admin.post("/add-system/books/fields", **given, field=["", "name", "city", "country", "kind", "-"], options=[""] * 6, then="codes")
    assert right.headers["location"] == "/console/add-system/books/codes"

    codes = await admin.get("/add-system/books/codes")
    assert [row[:3] for row in codes.table()] == [["CLIENT_KIND", "Verein", "2"], ["CLIENT_KIND", "Organisation", "1"]]
    await admin.post("/add-system/books/codes", how="suggested")
    left = await admin.get("/add-system/books/codes")
    assert [row[:2] for row in left.table()] == [["CLIENT_KIND", "Verein"]]
    await admin.post("/add-system/books/codes", set="CLIENT_KIND", theirs="Verein", ours="organisation")
    assert "Every code of the samples is mapped" in (await admin.get("/add-system/books/codes")).text

    assert "Nobody has tried" not in (await admin.get("/add-system/books/try")).text
    await admin.post("/add-system/books/try")
    tried = await admin.get("/add-system/books/try")
    assert "3 Created: new golden records 1 Refused: are set aside" in tried.text
    assert await api.pool.fetchval("SELECT count(*) FROM golden.client WHERE tenant_id = $1", acme.id) == 0

    await admin.post("/add-system/books/observe")
    for _ in range(100):
        page = await admin.get("/add-system/books/loads", htmx=True)
        if "done" in page.text:
            break
        await asyncio.sleep(0.05)
    assert "account done 4 lines, 1 set aside, 0 without a field; 3 client records" in page.text
    assert await api.pool.fetchval("SELECT count(*) FROM golden.client WHERE tenant_id = $1 AND kind = 'organisation'", acme.id) == 3
    await admin.post("/add-system/books/loaded")
    assert "Nothing can be written to it" in (await admin.get("/add-system/books/write")).text
    done = await admin.post("/add-system/books/finish")
    assert done.headers["location"] == "/console/sources/books"
    assert (await admin.get("/sources/books")).status == 200


async def test_it_is_left_and_resumed_where_it_was(api: Api, acme: Tenant, admin: Browser) -> None:
    await begun(admin)
    other = Browser(api)
    await other.sign_in(acme.keys["admin"])
    assert "books Fields" in (await other.get("/add-system")).text
    assert (await other.get("/add-system/books")).headers["location"] == "/console/add-system/books/fields"
    assert (await other.get("/add-system/books/fields")).tests("entity-account")
    await other.post("/add-system/books/forget")
    assert "Nobody is adding a system" in (await other.get("/add-system")).text


async def test_another_entity_places_the_columns_anew(admin: Browser) -> None:
    await begun(admin)
    await admin.post("/add-system/books/entity", object="account", entity="client_site")
    page = await admin.get("/add-system/books/fields")
    assert (row_of(page.html, "BillingCity"), "A record is opened once these are known: Client" in page.text) == (("city", ""), True)


async def test_a_mapping_may_be_written_by_hand(admin: Browser) -> None:
    await begun(admin)
    hand = "entity: client\nid: Id\nwhen: {path: Sort, is: [Verein]}\nfields:\n  name: AccountName\nignored: [BillingCity, BillingCountry, Since]\n"
    assert (await admin.post("/add-system/books/fields", object="account", by_hand=hand, then="fields")).status == 303
    await admin.post("/add-system/books/try")
    assert "2 Created: new golden records 1 Refused: are set aside 1 Passed over" in (await admin.get("/add-system/books/try")).text
    wrong = await admin.post("/add-system/books/fields", object="account", by_hand="fields: [", then="fields")
    assert wrong.status == 422 and "this is not YAML" in wrong.text


async def test_a_connection_that_cannot_be_is_refused_where_it_was_typed_and_secrets_never_come_back(api: Api, acme: Tenant, admin: Browser) -> None:
    await admin.get("/add-system")
    await admin.post("/add-system", system="crm2", kind="crm")
    document = 'base_url: https://crm.example\nauth: {kind: bearer, token: "${CRM_TOKEN}"}\nresources: {account: {list: {path: a, items: i}, id: Id}}\n'
    page = await admin.post("/add-system/crm2/connect", connector="rest", document=document)
    assert page.status == 422 and "Give CRM_TOKEN a value." in page.text and page.tests("var-CRM_TOKEN") and "https://crm.example" in page.html
    assert (await admin.post("/add-system/crm2/connect", connector="rest", document=document, var_CRM_TOKEN="s3cret-value")).status == 303
    shown = await admin.get("/add-system/crm2/connect")
    assert "CRM_TOKEN kept" in shown.text and "s3cret-value" not in shown.html
    assert await api.pool.fetchval("SELECT count(*) FROM hub.checkpoint WHERE tenant_id = $1", acme.id) == 0


async def test_a_connected_system_is_changed_from_its_own_mapping(api: Api, acme: Tenant, admin: Browser) -> None:
    await a_subscription(api, acme, "erp")
    assert (await admin.get("/add-system/erp")).headers["location"] == "/console/add-system/erp/connect"
    page = await admin.get("/add-system/erp/fields")
    assert "entity: client" in page.html and "legal_name: Firm" in page.html


@pytest.mark.parametrize(("name", "kind", "said"), [("Bad Name!", "crm", "cannot name a system"), ("", "crm", "cannot name a system"), ("x", "bank", "is no kind of system")])
async def test_a_name_that_cannot_be_is_told(admin: Browser, name: str, kind: str, said: str) -> None:
    await admin.get("/add-system")
    page = await admin.post("/add-system", system=name, kind=kind)
    assert page.status == 422 and said in page.text


async def test_only_admins_add_systems(steward: Browser) -> None:
    assert (await steward.get("/add-system")).status == 403
    assert (await steward.post("/add-system", system="x", kind="crm")).status == 403
