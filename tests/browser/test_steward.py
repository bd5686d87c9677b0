"""A steward's first ten minutes: by mouse, and again by keyboard alone. What the pages say, and what the hub then holds."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Seat, Sit
from tests.browser.firm import NASTY, Firm

AURORA, BOREALIS, CELESTE, ADLER = "Aurora Energie", "Borealis Systems", "Celeste Foods", "Adler Maschinenbau 1 GmbH"


async def survivor_of(firm: Firm, loser: str) -> str | None:
    found = await firm.value("SELECT survivor_id FROM hub.forward WHERE tenant_id = $1 AND loser_id = $2", UUID(firm.ids[loser]))
    return str(found) if found else None


async def city(firm: Firm, name: str) -> str | None:
    found: str | None = await firm.value("SELECT city FROM golden.client WHERE tenant_id = $1 AND id = $2", UUID(firm.ids[name]))
    return found


async def test_by_mouse_from_the_inbox_to_a_merge_its_undo_and_the_next_task(firm: Firm, sit: Sit) -> None:
    ann = await sit(firm.keys["ann"])
    await ann.sees("Waits first")
    await expect(ann("tile-overdue")).to_contain_text("1")
    await ann("nav-inbox").click()
    await ann("chip-possible_duplicate").click()
    await ann.at("**/inbox?*cause=possible_duplicate*")
    await expect(ann.page.locator("[data-row]")).to_have_count(4)
    await ann(f"task-{firm.tasks[AURORA]}").click()
    await expect(ann("task")).to_contain_text(f"{AURORA} and AURORA ENERGIE may be one client")
    await ann("next").click()
    await ann.at("**/compare?*")
    await looks_at_the_pair(ann)
    await ann("survivor-1").check()
    await ann("pick-city-2").check()
    await expect(ann("after")).to_contain_text("Bremen picked")
    await ann("same").click()
    await ann("reason-merge").fill("one firm, says the register")
    await ann("merge-go").click()
    await expect(ann("undo-bar")).to_contain_text("2 records are one now.")
    assert (await survivor_of(firm, "AURORA ENERGIE"), await city(firm, AURORA)) == (firm.ids[AURORA], "Bremen")
    await ann("undo").click()
    await ann.at("**/compare?*")
    assert (await survivor_of(firm, "AURORA ENERGIE"), await city(firm, AURORA), await firm.exists("AURORA ENERGIE")) == (None, "Lübeck", True)
    assert await firm.state(AURORA) == "open"
    await ann.go(f"/compare/task/{firm.tasks[AURORA]}")
    await ann("same").click()
    await ann("reason-merge").fill("it is one after all")
    await ann("merge-go").click()
    await expect(ann("undo-bar")).to_be_visible()
    await ann.at(f"**/compare?*task={firm.tasks[BOREALIS]}")
    assert (await survivor_of(firm, "AURORA ENERGIE"), await firm.state(AURORA)) == (firm.ids[AURORA], "resolved")
    await ann("apart").click()
    await ann("reason-apart").fill("two firms that share a building")
    await ann("apart-go").click()
    await expect(ann("decided")).to_contain_text("They are kept apart for good.")
    assert await firm.state(BOREALIS) == "resolved" and await firm.exists("BOREALIS SYSTEMS")
    await ann("next").click()
    await ann.at(f"**/compare?*task={firm.tasks[CELESTE]}")
    await asks(ann, firm)
    await ann("who").click()
    await ann("sign-out").click()
    await expect(ann("enter")).to_be_visible()
    await ann.go("/inbox")
    await ann.at("**/sign-in?next=*")


async def looks_at_the_pair(seat: Seat) -> None:
    """Columns, what differs, what speaks for and against, what would follow."""
    await expect(seat("cmp-city")).to_contain_text("Lübeck")
    await expect(seat("cmp-city")).to_contain_text("Bremen")
    await expect(seat("evidence")).to_contain_text("Together")
    await expect(seat("evidence").locator("svg rect.for").first).to_be_visible()
    await expect(seat("risk")).to_contain_text("One person decides")


async def asks(seat: Seat, firm: Firm) -> None:
    until = date.today() + timedelta(days=5)
    await seat("ask").click()
    await seat("ask-whom").fill("Grace, their account manager")
    await seat("ask-until").fill(until.isoformat())
    await seat("ask-go").click()
    await seat.sees("The question is asked; the task waits for its answer.")
    asked = await firm.value("SELECT question->>'to' || ' ' || snoozed_until::date FROM hub.task WHERE tenant_id = $1 AND id = $2", firm.tasks[CELESTE])
    assert asked == f"Grace, their account manager {until}"


async def test_by_keyboard_alone(firm: Firm, sit: Sit) -> None:
    ann = await sit()
    await ann.go("/sign-in")
    await ann.page.keyboard.type(firm.keys["ann"])
    await ann.press("Enter")
    await ann.sees("Waits first")
    await ann.press("?")
    await expect(ann("help")).to_be_visible()
    await ann.press("Escape", "g", "i")
    await ann.at("**/inbox")
    await ann.tab_to("chip-possible_duplicate")
    await ann.press("Enter")
    await ann.at("**/inbox?*cause=possible_duplicate*")
    await ann.press("j", "x")
    await expect(ann("bulk")).to_contain_text("1 marked")
    await ann.press("x", "Enter")
    await expect(ann("task")).to_contain_text(AURORA)
    await ann.press("c")
    await expect(ann("undo-bar")).to_contain_text("Claimed: it is yours.")
    await ann.tab_to("next")
    await ann.press("Enter")
    await ann.at("**/compare?*")
    await looks_at_the_pair(ann)
    await ann.tab_to("survivor-1")
    await ann.press("Space")
    await ann.press("m")
    await expect(ann("merge-dialog")).to_be_visible()
    await ann.press("Escape")
    await expect(ann("merge-dialog")).to_be_hidden()
    assert await firm.exists("AURORA ENERGIE"), "a key alone decides nothing"
    await ann.press("m")
    await ann.tab_to("reason-merge", 5)
    await ann.page.keyboard.type("one firm")
    await ann.press("Enter")
    assert await firm.exists("AURORA ENERGIE"), "Enter in a field decides nothing"
    await ann.tab_to("merge-go", 5)
    await ann.press("Enter")
    await expect(ann("undo-bar")).to_be_visible()
    await ann.tab_to("undo")
    await ann.press("Enter")
    await ann.at("**/compare?*")
    assert await survivor_of(firm, "AURORA ENERGIE") is None
    await ann.go(f"/compare/task/{firm.tasks[BOREALIS]}")
    await ann.press("n")
    await ann.tab_to("reason-apart", 5)
    await ann.page.keyboard.type("two firms")
    await ann.press("Enter")
    await expect(ann("decided")).to_contain_text("They are kept apart for good.")
    await ann.press("/")
    await ann.page.keyboard.type("deneb")
    await expect(ann("found").first).to_contain_text("Deneb Logistik")
    await ann.press("ArrowDown", "Enter")
    await ann.at(f"**/record/client/{firm.ids['Deneb Logistik']}")
    await ann.tab_to("who")
    await ann.press("Enter")
    await ann.tab_to("sign-out", 5)
    await ann.press("Enter")
    await expect(ann("enter")).to_be_visible()


async def test_a_page_is_not_taken_from_under_the_hands_of_somebody_who_writes(firm: Firm, sit: Sit) -> None:
    ann = await sit(firm.keys["ann"])
    await ann.page.clock.install()
    await ann.go(f"/compare/task/{firm.tasks[BOREALIS]}")
    await ann("apart").click()
    await ann("reason-apart").fill("two firms")
    await ann("apart-go").click()
    await expect(ann("undo-bar")).to_be_visible()
    await ann("undo").focus()
    await ann.page.clock.fast_forward(6_000)
    await expect(ann("undo-bar")).to_be_visible()
    await ann.press("/")
    await ann.page.keyboard.type("deneb")
    await ann.page.clock.fast_forward(6_000)
    await expect(ann("undo-bar")).to_be_hidden()
    await expect(ann("found").first).to_contain_text("Deneb Logistik")
    assert f"task={firm.tasks[BOREALIS]}" in ann.page.url


async def test_a_guard_is_told_in_red_with_its_reason(firm: Firm, sit: Sit) -> None:
    ann = await sit(firm.keys["ann"])
    await ann.go(f"/compare/task/{firm.tasks[ADLER]}")
    await expect(ann("evidence").locator(".note.trouble").first).to_contain_text("Distinguishing")
    await expect(ann("guard").first).to_contain_text("the hub would never link them by itself")


async def test_a_value_of_risk_is_asked_for_and_another_person_approves_it(firm: Firm, sit: Sit) -> None:
    ann, bob = await sit(firm.keys["ann"]), await sit(firm.keys["bob"])
    await ann.go(f"/record/client/{firm.ids['Deneb Logistik']}?empty=1")
    await ann("change-phone").click()
    await expect(ann("edit-phone")).to_be_focused()  # the form takes the focus once it has settled
    await ann("edit-phone").fill("+49 40 999999")
    await ann("edit-reason").fill("they moved")
    await ann("edit-go").click()
    await expect(ann("field-phone")).to_contain_text("by hand")
    await ann("undo").click()
    await expect(ann("field-phone")).not_to_contain_text("by hand")
    await ann.go(f"/record/client/{firm.ids['Deneb Logistik']}?empty=1")
    await ann("change-legal_name").click()
    await expect(ann("edit-legal_name")).to_be_focused()
    await ann.sees("A second person must approve this")
    await ann("edit-legal_name").fill("Deneb Logistik SE")
    await ann("edit-reason").fill("as registered")
    await ann("edit-go").click()
    await expect(ann.page.locator("#toasts")).to_contain_text("second person")
    number = await firm.value("SELECT max(id) FROM hub.proposal WHERE tenant_id = $1")
    await ann.go(f"/proposals/{number}")
    await ann.sees("You cannot vote on this one")
    await bob.go("/")
    await bob("nav-proposals").click()
    await bob.page.get_by_role("link", name="legal").first.click()
    await bob.go(f"/proposals/{number}")
    await bob("approve-open").click()
    await bob("approve-text").fill("seen in the register")
    await bob("approve-go").click()
    await bob.sees("approved")
    legal = await firm.value("SELECT legal_name FROM golden.client WHERE tenant_id = $1 AND id = $2", UUID(firm.ids["Deneb Logistik"]))
    assert legal == "Deneb Logistik SE"


async def test_many_tasks_are_claimed_after_a_preview(firm: Firm, sit: Sit) -> None:
    ann = await sit(firm.keys["ann"])
    await ann.go("/inbox?cause=proposed")
    await ann("mark-all").check()
    await expect(ann("bulk")).to_contain_text("4 marked")
    await ann("bulk-claim").click()
    await expect(ann("bulk-preview")).to_contain_text("4 of 4 can be done")
    await ann("bulk-go").click()
    await expect(ann("undo-bar")).to_contain_text("4 tasks are yours.")
    assert await firm.value("SELECT count(*) FROM hub.task WHERE tenant_id = $1 AND assignee_id IS NOT NULL") == 4
    await ann("undo").click()
    await expect(ann.page.locator("#toasts")).to_contain_text("Taken back")
    assert await firm.value("SELECT count(*) FROM hub.task WHERE tenant_id = $1 AND assignee_id IS NOT NULL") == 0


async def test_a_record_as_it_was_is_one_step_of_the_slider_away(firm: Firm, sit: Sit) -> None:
    ann = await sit(firm.keys["ann"])
    await ann.go(f"/record/client/{firm.ids[AURORA]}/history")
    await ann("then-range").focus()
    await ann.press("Home")
    await expect(ann("then")).to_contain_text("Hamburg")
    await ann("then-after").click()
    await expect(ann("then")).to_contain_text("Version 2")


async def test_tasks_go_out_as_a_sheet_and_answers_come_back(firm: Firm, sit: Sit, tmp_path: Path) -> None:
    ann = await sit(firm.keys["ann"])
    await ann.go("/inbox?cause=possible_duplicate")
    async with ann.page.expect_download() as download:
        await ann("csv").click()
    text = Path(await (await download.value).path()).read_text("utf-8-sig")
    assert sorted(line.split(",")[0] for line in text.splitlines()[1:]) == sorted(str(firm.tasks[name]) for name in (AURORA, BOREALIS, CELESTE, ADLER))
    sheet = tmp_path / "answers.csv"
    sheet.write_text(f"task_id,answer,survivor,reason\n{firm.tasks[AURORA]},same,{firm.ids[AURORA]},one firm\n{firm.tasks[ADLER]},not same,,two works\n1,fly,,\n")
    await ann("answers").click()
    await ann("file").set_input_files(sheet)
    await ann("try").click()
    await ann.sees("2 of 3 answers can be given")
    assert await firm.exists("AURORA ENERGIE")
    await ann("apply").click()
    await ann.sees("2 of 3 answers given")
    assert (await survivor_of(firm, "AURORA ENERGIE"), await firm.state(ADLER)) == (firm.ids[AURORA], "resolved")
    await ann("undo-sheet").click()
    await ann.sees("2 answers taken back.")
    assert (await survivor_of(firm, "AURORA ENERGIE"), await firm.exists("AURORA ENERGIE")) == (None, True)


@pytest.mark.parametrize("name", NASTY, ids=["markup", "right to left", "300 letters"])
async def test_names_that_are_out_to_break_pages_do_not(looked_at: Firm, sit: Sit, name: str) -> None:
    ann = await sit(looked_at.keys["ann"])
    for path in (f"/record/client/{looked_at.ids[name]}", f"/inbox/{looked_at.tasks[name]}", f"/search?q={name[:6]}"):
        await ann.go(path)
        await ann.settled()
        assert await ann.page.evaluate("() => [window.broken, document.documentElement.scrollWidth <= innerWidth]") == [None, True]
