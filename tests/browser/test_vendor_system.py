"""An administrator connects a vendor's system by mouse, tests it and removes it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from connectors.salesforce.simulator.server import CLIENT_ID, CLIENT_SECRET, Salesforce
from tests.browser.conftest import Sit
from tests.browser.firm import Firm
from tests.browser.test_screens import SCREENS

DOCUMENT = 'base_url: {url}\ncurrency: EUR\nauth: {{client_id: {id}, client_secret: "${{SF_SECRET}}"}}\n'


@pytest.fixture
async def org() -> AsyncIterator[Salesforce]:
    running: Salesforce = await Salesforce().start()
    yield running
    await running.stop()


async def test_by_mouse_from_nothing_to_a_tested_system_and_its_removal(firm: Firm, sit: Sit, org: Salesforce) -> None:
    seat = await sit(firm.keys["ada"])
    await seat.go("/add-system")
    await seat.page.locator("input[name=system]").fill("sales")
    await seat.page.locator("select[name=kind]").select_option("crm")
    await seat("begin").click()
    await seat.page.locator("select[name=connector]").select_option("salesforce")
    await seat("document").fill(DOCUMENT.format(url=org.url, id=CLIENT_ID))
    await seat("new-name").fill("SF_SECRET")
    await seat("new-value").fill(CLIENT_SECRET)
    await seat("connect").click()
    await seat.at("**/add-system/sales/profile")
    await seat.go("/sources/sales")
    await seat("check").click()
    findings = seat("findings")
    await expect(findings).to_contain_text("It accepts our credentials.")
    await expect(findings).to_contain_text(re.compile("find Account by our key A key nobody has finds nothing"))
    SCREENS.mkdir(parents=True, exist_ok=True)
    await seat.page.screenshot(path=SCREENS / "a-tested-system.png", full_page=True)
    await seat("disconnect-open").click()
    await seat("disconnect-reason").fill("sold the branch")
    await seat("disconnect-go").click()
    await seat.sees("sales is removed")
    await expect(seat("check")).to_have_count(0)
