"""The finance person's first ten minutes, by mouse and by keyboard: what is blocked, its release, and where an invoice is."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Sit
from tests.browser.firm import Firm

PARKED = "SELECT count(*) FROM hub.lane WHERE tenant_id = $1 AND state = 'parked' AND entity = 'invoice_line'"


async def test_by_mouse_from_the_board_to_a_release_and_the_way_of_an_invoice(firm: Firm, sit: Sit) -> None:
    cat = await sit(firm.keys["cat"])
    await cat.sees("Finance operations")
    await cat.sees("Blocked money")
    await cat("nav-money").click()
    await expect(cat("totals")).to_contain_text("980\u202f000\u00a0JPY")
    await cat.page.locator("tr", has_text="Missing client PO").get_by_test_id("cell").first.click()
    await cat.at("**/money/list?cause=missing_client_po*")
    await cat.sees("Ask the client for the number")
    await cat("nav-money").click()
    await cat("release-open").first.click()
    await expect(cat("sentence")).to_have_text("312 deliveries, EUR 48\u202f210.00")
    assert await firm.value(PARKED) == 312
    await cat("reason").fill("the period is open again")
    await cat("release-go").click()
    await expect(cat.page.locator("#toasts")).to_contain_text("312 deliveries, EUR 48\u202f210.00 released.")
    assert await firm.value(PARKED) == 0
    await cat("find").fill("R-1")
    await cat("found").first.click()
    await cat.at(f"**/record/invoice/{firm.ids['invoice']}")
    await cat("tab-where").click()
    await expect(cat("chain")).to_contain_text("2026-05-11 7.5 hour")
    await expect(cat("stage-payment")).to_contain_text("Z-9")
    await expect(cat("stage-document")).to_contain_text("It fell due on")


async def test_by_keyboard_alone(firm: Firm, sit: Sit) -> None:
    cat = await sit()
    await cat.go("/sign-in")
    await cat.page.keyboard.type(firm.keys["cat"])
    await cat.press("Enter")
    await cat.sees("Blocked money")
    await cat.press("g", "m")
    await cat.at("**/money")
    await cat.tab_to("release-open")
    await cat.press("Enter")
    await expect(cat("sentence")).to_be_visible()
    await cat.tab_to("reason")
    await cat.page.keyboard.type("the period is open again")
    await cat.tab_to("release-go")
    await cat.press("Enter")
    await expect(cat.page.locator("#toasts")).to_contain_text("released.")
    assert await firm.value(PARKED) == 0
    await cat.press("/")
    await cat.page.keyboard.type("R-1")
    await expect(cat("found").first).to_contain_text("R-1")
    await cat.press("ArrowDown", "Enter")
    await cat.at(f"**/record/invoice/{firm.ids['invoice']}")
    await cat.tab_to("tab-where")
    await cat.press("Enter")
    await expect(cat("chain")).to_contain_text("Z-9")
