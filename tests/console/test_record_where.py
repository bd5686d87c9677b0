"""Where is my record?, as a page: columns with reasons, the chain below; and the history one can travel in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Api, Tenant
from tests.api.test_where import chain_of_money, lane, tell, where_systems
from tests.console.conftest import Browser, Page
from tests.console.test_record import row as _row


@pytest.fixture
async def acme(api: Api) -> Tenant:
    return await where_systems(api)


def cells(page: Page, name: str) -> list[str]:
    """Field, hub, and each system in their order."""
    return _row(Page(page.status, page.headers, page.html.replace(f'id="where-{name}"', f'id="field-{name}"')), name)


async def test_every_system_stands_beside_the_hub_with_the_reason_of_each_difference(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam", city="Hamburg")
    await lane(api, acme, client, "parked", reason="the period is closed", attempts=3)
    page = await steward.get(f"/record/client/{client}/where")
    assert cells(page, "name") == ["Name", "Northbeam", "Northbeam wins", "refused"]
    assert "refused the period is closed after 3 tries" in page.text and "2 of its fields differ somewhere" in page.text


async def test_only_the_differences_are_shown_on_request(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam", city="Hamburg")
    await api.source(acme, "erp", "10042", "client", UUID(client), object="customer", name="NORTHBEAM", city="Hamburg")
    page = await steward.get(f"/record/client/{client}/where", only="differences")
    assert (len(page.tests("where-name")), len(page.tests("where-city"))) == (1, 0)


async def test_the_columns_go_into_a_sheet_with_formulas_escaped(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="=cmd()", city="Hamburg")
    sheet = await steward.get(f"/record/client/{client}/where.csv")
    lines = sheet.html.lstrip("\ufeff").splitlines()
    assert lines[0] == "field,hub,crm A1,crm A1 verdict,erp,erp verdict"
    assert lines[1] == "name,'=cmd(),'=cmd(),same,,not compared yet"


async def test_the_chain_stands_below_with_what_stops_it(api: Api, acme: Tenant, steward: Browser) -> None:
    made = await chain_of_money(api, acme)
    await api.golden(acme, "billing_hold", level="project", project=str(made["project"]), reason="client_dispute", state="placed", placed_by="Ada")
    page = await steward.get(f"/record/payment/{made['payment']}/where")
    assert "Work 2026-05-11 7.5 hour" in page.text and f'href="/console/record/invoice/{made["invoice"]}/where"' in page.html
    assert "Hold on the project: client dispute, by Ada" in page.text and "It fell due on" in page.text
    assert len(page.tests("stage-payment")) == 1


async def test_what_people_type_leads_to_the_record(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam")
    assert "Ask for any record" in (await steward.get("/where")).text
    by_number = await steward.get("/where", q=" A1 ")
    assert (by_number.status, by_number.headers["location"]) == (303, f"/console/record/client/{client}/where")
    assert "Nothing is called A2" in (await steward.get("/where", q="A2")).text


# history


async def told_three_times(api: Api, acme: Tenant) -> str:
    client = await tell(api, acme, "crm", "account", "A1", name="Nord", city="Hamburg")
    await tell(api, acme, "crm", "account", "A1", name="Northbeam", city="Hamburg")
    await tell(api, acme, "crm", "account", "A1", name="Northbeam", city="Bremen")
    return client


async def test_the_timeline_tells_before_after_cause_and_who(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await told_three_times(api, acme)
    page = await steward.get(f"/record/client/{client}/history")
    assert "3 versions" in page.text
    assert "Update version 2" in page.text and "Name before: Nord → after: Northbeam" in page.text
    assert page.text.index("version 3,") < page.text.index("version 2,") < page.text.index("version 1,")


async def test_the_slider_shows_the_record_as_it_stood_with_what_differs_from_now(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await told_three_times(api, acme)
    page = await steward.get(f"/record/client/{client}/then", version=1)
    assert page.table() == [["Name", "Nord", "Northbeam"], ["City", "Hamburg", "Bremen"]]
    assert "Version 1 2 fields differ from now" in page.text
    whole = await steward.get(f"/record/client/{client}/history")
    assert [tag.split('max="')[1].split('"')[0] for tag in whole.tests("then-range")] == ["3"]


async def test_the_slider_hides_what_the_role_may_not_see(api: Api, acme: Tenant) -> None:
    rate = {"amount": "85.5", "currency": "EUR", "per": "hour"}
    person = await api.golden(acme, "resource", family_name="Vogt", cost_rate=rate)
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    for path in ("then?version=1", "history", "where"):
        page = await reader.get(f"/record/resource/{person}/{path}")
        assert (page.status, "85.5" in page.text) == (200, False), path


@pytest.mark.parametrize("version", ["0", "9", "x"])
async def test_a_version_that_never_was_is_said_so(api: Api, acme: Tenant, steward: Browser, version: str) -> None:
    client = await told_three_times(api, acme)
    assert (await steward.get(f"/record/client/{client}/then", version=version)).status == 404


async def test_the_message_behind_a_step_is_shown_word_for_word(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await told_three_times(api, acme)
    correlation: Any = await api.pool.fetchval("SELECT correlation_id FROM hub.change WHERE tenant_id = $1 AND version = 2", acme.id)
    page = await steward.get(f"/record/client/{client}/messages", correlation=correlation)
    assert "crm account A1" in page.text and '"name":"Northbeam"' in page.text.replace(": ", ":")
