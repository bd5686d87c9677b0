"""The page about a record: what stands, who says otherwise, what is decided, and fixing a value in place."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from hub.console import known
from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.api.test_where import tell, where_systems
from tests.console.conftest import Browser, Page
from tests.console.working import member

NASTY = '<img src=x onerror="alert(1)">'


@pytest.fixture
async def acme(api: Api) -> Tenant:
    """CRM and ERP take clients; the hub may write to the ERP."""
    return await where_systems(api)


async def client_of(api: Api, tenant: Tenant, **values: Any) -> str:
    return await tell(api, tenant, "crm", "account", "A1", **{"name": "Northbeam", "city": "Hamburg"} | values)


def row(page: Page, name: str) -> list[str]:
    """The cells of a field's row."""
    found = re.search(rf'<tr id="field-{name}".*?</tr>', page.html, re.DOTALL)
    assert found is not None, f"no row for {name}"
    return Page(200, {}, f"<tbody>{found[0]}</tbody>").table()[0]


async def test_a_record_shows_its_values_with_who_decided_them_and_its_crosswalk(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    page = await steward.get(f"/record/client/{client}")
    assert page.status == 200
    name, city = row(page, "name"), row(page, "city")
    assert (name[0], name[1], name[2].split()[0], city[1]) == ("Name", "Northbeam", "crm", "Hamburg")
    assert "Seat moves together" in page.text
    assert 'href="https://crm.example/accounts/A1"' in page.html
    assert "erp ERP holds no record of it not sent: nobody" not in page.text and "Nothing waits for a person." in page.text


async def test_what_other_systems_say_stands_beside_the_value(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    await api.source(acme, "erp", "10042", "client", UUID(client), object="customer", name="NORTHBEAM GMBH")
    assert row(await steward.get(f"/record/client/{client}"), "name")[3] == "erp NORTHBEAM GMBH"


async def test_the_gates_before_an_invoice_stand_on_the_page_what_fails_first(api: Api, acme: Tenant, steward: Browser) -> None:
    item = await api.golden(acme, "billable_item", amount={"amount": "900.00", "currency": "USD"}, currency="EUR", state="ready")
    assert f'hx-get="/console/record/billable_item/{item}/gates"' in (await steward.get(f"/record/billable_item/{item}")).html
    page = await steward.get(f"/record/billable_item/{item}/gates")
    shown = re.findall(r'class="badge[^"]*"[^>]*>(failed|unknown|passed)<', page.html)
    assert shown == sorted(shown, key=["failed", "unknown", "passed"].index) and "failed" in shown and "passed" in shown
    assert "/gates" not in (await steward.get(f"/record/client/{await client_of(api, acme)}")).html


async def test_who_decided_is_shown_by_name(api: Api, acme: Tenant, steward: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await client_of(api, acme)
    monkeypatch.setattr(known, "FRESH_S", 0.0)
    await steward.get(f"/record/client/{client}/field/name")
    await steward.post(f"/record/client/{client}/field/name", name="Nordstrahl", reason="as they write it")
    assert "Ann Müller" not in (await steward.get(f"/record/client/{client}")).text
    [actor] = {row["actor"] for row in await api.pool.fetch("SELECT actor FROM hub.decision WHERE tenant_id = $1 AND kind = 'override'", acme.id)}
    await member(api, acme, "Ann Müller", actor)
    assert "Ann Müller" in (await steward.get(f"/record/client/{client}")).text
    assert "Ann Müller" in (await steward.get("/overrides")).text and "Ann Müller" in (await steward.get(f"/record/client/{client}/history")).text


async def test_markup_in_names_is_text(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme, name=NASTY)
    for path in ("", "/where", "/history", "/related", "/field/name"):
        page = await steward.get(f"/record/client/{client}{path}")
        assert (page.status, "<img src=x" in page.html) == (200, False), path


async def test_a_value_of_little_risk_is_fixed_in_place_and_taken_back(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    form = await steward.get(f"/record/client/{client}/field/name")
    assert "Fix the value" in form.text and 'value="Northbeam"' in form.html
    done = await steward.post(f"/record/client/{client}/field/name", name="Nordstrahl", reason="as they write it", version="1")
    assert done.status == 303
    page = await steward.get(done.headers["location"].removeprefix("/console"))
    assert row(page, "name")[1] == "Nordstrahl" and page.tests("undo")
    decision = re.search(r'name="decision" value="(\d+)"', page.html)
    assert decision is not None
    await steward.post(f"/record/client/{client}/withdraw", decision=decision[1])
    assert row(await steward.get(f"/record/client/{client}"), "name")[1] == "Northbeam"


async def test_a_risky_value_becomes_a_proposal_and_nothing_changes(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    assert "A second person must approve this" in (await steward.get(f"/record/client/{client}/field/legal_name")).text
    await steward.post(f"/record/client/{client}/field/legal_name", legal_name="Northbeam GmbH", reason="register")
    assert await api.pool.fetchval("SELECT state FROM hub.proposal WHERE tenant_id = $1", acme.id) == "open"
    page = await steward.get(f"/record/client/{client}", empty="1")
    assert row(page, "legal_name")[1] == "–" and "R2" in row(page, "legal_name")[0]


async def test_a_group_is_changed_as_a_whole(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    form = await steward.get(f"/record/client/{client}/field/city")
    assert all(f'name="{name}"' in form.html for name in ("street", "city", "postcode", "region", "country"))
    await steward.post(f"/record/client/{client}/field/city", street="Kai 1", city="Bremen", postcode="", region="", country="DE", reason="moved")
    page = await steward.get(f"/record/client/{client}")
    assert (row(page, "city")[1], row(page, "street")[1], row(page, "country")[1]) == ("Bremen", "Kai 1", "DE")


async def test_somebody_who_was_slower_is_told_and_nothing_is_overwritten(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    page = await steward.post(f"/record/client/{client}/field/name", name="X", reason="y", version="7")
    assert (page.status, "Read it again" in page.text) == (409, True)


async def test_a_value_without_reason_is_refused_with_what_to_do(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    page = await steward.post(f"/record/client/{client}/field/name", name="X", reason=" ")
    assert (page.status, "Say why" in page.text) == (422, True)


async def test_a_reader_sees_the_record_without_means_to_change_it(api: Api, acme: Tenant) -> None:
    client = await client_of(api, acme)
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    page = await reader.get(f"/record/client/{client}")
    assert (page.status, page.tests("change-name"), "Decisions" in page.text) == (200, [], False)
    assert (await reader.post(f"/record/client/{client}/field/name", name="X", reason="y")).status == 403


async def test_confidential_values_are_hidden_from_a_reader(api: Api, acme: Tenant) -> None:
    person = await api.golden(acme, "resource", family_name="Vogt", cost_rate={"amount": "85.5", "currency": "EUR", "per": "hour"})
    told = {}
    for role in ("reader", "steward"):
        browser = Browser(api)
        await browser.sign_in(acme.keys[role])
        told[role] = row(await browser.get(f"/record/resource/{person}"), "cost_rate")[1]
    assert told == {"reader": "hidden from your role", "steward": "85.50 EUR/hour"}


async def test_what_refers_to_a_record_is_counted_and_named(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    for number in range(7):
        await api.golden(acme, "contact", given_name="Ada", family_name=f"L{number}", client=client)
    page = await steward.get(f"/record/client/{client}/related")
    assert "Refers to it Contact 7 Ada L" in page.text and page.text.count("Ada L") == 5


async def test_all_that_refers_to_a_record_is_listed_page_by_page_and_as_a_sheet(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await client_of(api, acme)
    for number in range(52):
        await api.golden(acme, "contact", family_name=f"=L{number:02}", client=client)
    first = await steward.get(f"/record/client/{client}/related/contact/client")
    following = re.search(r'after=([0-9a-f-]{36})"[^>]*data-test="next-page"', first.html)
    assert following is not None and len(first.table()) == 50
    rest = await steward.get(f"/record/client/{client}/related/contact/client", after=following[1])
    assert len({row[0] for page in (first, rest) for row in page.table()}) == 52 and not rest.tests("next-page")
    sheet = await steward.get(f"/record/client/{client}/related/contact/client.csv")
    assert sheet.headers["content-type"].startswith("text/csv") and "'=L00" in sheet.html and sheet.html.count("\n") == 53
    assert (await steward.get(f"/record/client/{client}/related/contact/name")).status == 404


async def test_a_record_merged_away_leads_to_its_survivor(api: Api, acme: Tenant, steward: Browser) -> None:
    client, loser = await client_of(api, acme), new_id()
    await api.pool.execute(
        "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', 0)", acme.id, loser, UUID(client)
    )
    page = await steward.get(f"/record/client/{loser}")
    assert (page.status, page.headers["location"]) == (303, f"/console/record/client/{client}")


@pytest.mark.parametrize("path", ["/record/client/not-an-id", "/record/spaceship/01900000-0000-7000-8000-000000000001", "/record/client/01900000-0000-7000-8000-000000000001"])
async def test_what_does_not_exist_is_a_page_that_says_so(steward: Browser, path: str) -> None:
    page = await steward.get(path)
    assert (page.status, "Search for it" in page.text) == (404, True)


async def test_another_tenants_record_does_not_exist_here(api: Api, acme: Tenant, steward: Browser) -> None:
    other = await api.tenant("other")
    client = await api.golden(other, "client", name="Secret")
    assert (await steward.get(f"/record/client/{client}")).status == 404
    assert "Secret" not in (await steward.get(f"/record/client/{client}/related")).text
