"""The money board: sums per currency, the list behind a cell, a release that is told before and after in the same words."""

from __future__ import annotations

import csv
import io

import pytest

from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser
from tests.console.systems import a_lane, a_subscription, a_task


async def refused(api: Api, tenant: Tenant) -> None:
    """312 deliveries of two tasks, EUR 48,210.00 together, in one legal entity."""
    house = await api.golden(tenant, "legal_entity", code="NB-DE", name="Northbeam DE")
    erp = await a_subscription(api, tenant, "erp")
    for subject, eur, count in (("a", "48000.00", 310), ("b", "210.00", 2)):
        task = await a_task(api, tenant, "delivery_rejected", subject, money={"EUR": eur}, legal_entity=house, count=count, entity="invoice")
        for _ in range(count):
            await a_lane(api, tenant, erp, new_id(), "parked", entity="invoice", task_id=task)


async def test_the_board_tells_each_currency_by_itself(api: Api, acme: Tenant, steward: Browser) -> None:
    await refused(api, acme)
    await a_task(api, acme, "unapproved_time", "p 2026-04", money={"EUR": "100.00", "JPY": "5000"}, team="delivery", entity="project")
    await a_task(api, acme, "possible_duplicate", "x", money={"EUR": "999.00"})
    page = await steward.get("/money")
    assert [row[:5] for row in page.table()] == [
        ["Delivery rejected a system refused a write", "NB-DE Northbeam DE", "48 210.00 EUR", "2", "312"],
        ["Unapproved time time of a month that is over is not approved", "no legal entity", "5 000 JPY", "1", "1"],
        ["no legal entity", "100.00 EUR", "1", "1", "0"],
    ]
    assert "48 310.00 EUR 3 tasks, 313 entries" in page.text and "5 000 JPY 1 task, 1 entry" in page.text
    by_team = await steward.get("/money", by="team", currency="EUR")
    assert [row[:3] for row in by_team.table()] == [["Finance operations", "Delivery rejected", "48 210.00 EUR"], ["Delivery", "Unapproved time", "100.00 EUR"]]


async def test_a_cell_leads_to_its_tasks_on_the_page_and_as_csv(api: Api, acme: Tenant, steward: Browser) -> None:
    house = await api.golden(acme, "legal_entity", code="NB-DE", name="Northbeam DE")
    invoice = await api.golden(acme, "invoice", number="=HYPERLINK(1)")
    await a_task(api, acme, "disputed_invoice", "1", money={"EUR": "10.00"}, legal_entity=house, entity="invoice", golden_id=invoice, reason="<img src=x onerror=alert(1)>")
    await a_task(api, acme, "disputed_invoice", "2", money={"EUR": "30.00"}, entity="invoice")
    page = await steward.get("/money/list", cause="disputed_invoice", currency="EUR")
    assert [(row[0], row[3]) for row in page.table()] == [("2", "30.00 EUR"), ("=HYPERLINK(1)", "10.00 EUR")]
    assert "<img src=x" not in page.html
    only = await steward.get("/money/list", cause="disputed_invoice", house=str(house))
    assert [row[0] for row in only.table()] == ["=HYPERLINK(1)"]
    nowhere = await steward.get("/money/list", cause="disputed_invoice", house="none")
    assert [row[0] for row in nowhere.table()] == ["2"]
    told = await steward.get("/money/list", cause="disputed_invoice", house=str(house), format="csv")
    [header, line] = list(csv.reader(io.StringIO(told.html.lstrip("\ufeff"))))
    assert dict(zip(header, line, strict=True))["record"] == "'=HYPERLINK(1)"
    assert dict(zip(header, line, strict=True))["amount"] == "10.00"


async def test_a_release_says_the_same_before_and_after(api: Api, acme: Tenant, steward: Browser) -> None:
    await refused(api, acme)
    board = await steward.get("/money")
    [opener] = board.tests("release-open")
    house = await api.pool.fetchval("SELECT id FROM golden.legal_entity WHERE tenant_id = $1", acme.id)
    assert f"house={house}" in opener
    told = await steward.get("/money/release", htmx=True, cause="delivery_rejected", house=str(house), currency="EUR")
    assert "312 deliveries, EUR 48 210.00 would be released, from 2 tasks" in told.text
    parked = "SELECT count(*) FROM hub.lane WHERE tenant_id = $1 AND state = 'parked'"
    assert await api.pool.fetchval(parked, acme.id) == 312
    done = await steward.post("/money/release", cause="delivery_rejected", house=str(house), currency="EUR", reason="the period is open")
    assert (done.status, await api.pool.fetchval(parked, acme.id)) == (303, 0)
    assert "312 deliveries, EUR 48 210.00 released." in (await steward.get("/money")).text


async def test_a_release_without_a_reason_or_by_a_reader_is_refused(api: Api, acme: Tenant, steward: Browser) -> None:
    await refused(api, acme)
    page = await steward.post("/money/release", cause="delivery_rejected", house="", currency="EUR", reason=" ")
    assert (page.status, "a release needs a reason" in page.text.lower()) == (422, True)
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    assert (await reader.get("/money")).tests("release-open") == []
    assert (await reader.post("/money/release", cause="delivery_rejected", house="", currency="EUR", reason="x")).status == 403


async def test_a_billing_hold_is_released_by_two_people(api: Api, acme: Tenant, steward: Browser) -> None:
    project = await api.golden(acme, "project", code="P1", name="Cloud")
    hold = await api.golden(acme, "billing_hold", level="project", project=str(project), reason="missing_po", state="placed")
    await api.source(acme, "psa", "h1", "billing_hold", hold, level="project", reason="missing_po", state="placed")
    await a_task(api, acme, "open_hold", str(hold), money={"EUR": "10.00"}, entity="billing_hold", golden_id=hold)
    told = await steward.get("/money/release", htmx=True, cause="open_hold", house="none", currency="EUR")
    assert "A second person approves it first" in told.text
    done = await steward.post("/money/release", cause="open_hold", house="none", currency="EUR", reason="the order came")
    proposal = await api.pool.fetchval("SELECT id FROM hub.proposal WHERE tenant_id = $1", acme.id)
    assert (done.status, done.headers["location"]) == (303, f"/console/proposals/{proposal}")
    assert await api.pool.fetchval("SELECT state FROM golden.billing_hold WHERE tenant_id = $1", acme.id) == "placed"


@pytest.mark.parametrize("path", ["/money/list?cause=nonsense", "/money/list?house=x"])
async def test_an_address_that_means_nothing_says_so(steward: Browser, path: str) -> None:
    assert (await steward.get(path)).status == 404


async def test_an_empty_board_says_that_nothing_is_blocked(steward: Browser) -> None:
    assert "No money is blocked" in (await steward.get("/money")).text
