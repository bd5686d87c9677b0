"""Every page in the browser: WCAG 2.2 AA by axe, nothing in the console, nothing to scroll sideways; light and dark, laptop and tablet."""

from __future__ import annotations

import pytest

from tests.browser import program
from tests.browser.conftest import LAPTOP, TABLET, Seat, Sit
from tests.browser.firm import Firm
from tests.browser.pages import addresses

STANDARD = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]}
"""Rules that colours and room decide; the others see the same page whatever it looks like."""
RUN = """async only => (await axe.run(document, { runOnly: only, resultTypes: ["violations"] })).violations.flatMap(
    one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.html.slice(0, 160)}: ${(node.any[0] || node.all[0] || node.none[0] || {}).message || ""}`))"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TALL = "() => document.documentElement.scrollHeight"


@pytest.fixture(scope="session")
def axe() -> str:
    return program.axe()


async def found(seat: Seat, size: tuple[int, int], rules: dict[str, object]) -> list[str]:
    """What is wrong with the page as it stands; axe sees it at its full height, so that what sticks to an edge covers nothing."""
    await seat.page.set_viewport_size({"width": size[0], "height": size[1]})
    wide, tall = await seat.page.evaluate(WIDE), await seat.page.evaluate(TALL)
    await seat.page.set_viewport_size({"width": size[0], "height": max(size[1], tall)})
    return [*([f"{wide} pixels too wide at {size[0]}"] if wide > 0 else []), *await seat.page.evaluate(RUN, rules)]


async def test_every_page_is_accessible_and_fits_light_and_dark_on_laptop_and_tablet(looked_at: Firm, sit: Sit, axe: str) -> None:
    seat = await sit(looked_at.keys["ada"], bypass_csp=True)
    wrong: dict[str, list[str]] = {}
    for name, path in addresses(looked_at).items():
        await seat.page.emulate_media(color_scheme="light")
        await seat.go(path)
        await seat.settled()
        await seat.page.evaluate(axe)
        told = await found(seat, LAPTOP, STANDARD)
        await seat.page.emulate_media(color_scheme="dark")
        told += [f"dark, {one}" for one in await found(seat, TABLET, LOOKS)]
        if told:
            wrong[name] = told
    assert wrong == {}


async def test_the_door_is_accessible_and_says_why_it_stays_shut(sit: Sit, axe: str) -> None:
    seat = await sit(bypass_csp=True)
    await seat.go("/sign-in")
    await seat("key").fill("hub_wrong")
    await seat("enter").click()
    await seat("problem").wait_for()
    await seat.page.evaluate(axe)
    assert await found(seat, LAPTOP, STANDARD) == []
    assert [one.startswith("error") and "401" in one for one in seat.troubles] == [True]
    seat.troubles.clear()


async def test_no_page_runs_what_stands_in_it(looked_at: Firm, sit: Sit) -> None:
    """Where somebody gets markup into a page, the content security policy keeps it from running."""
    seat = await sit(looked_at.keys["ada"])
    await seat.go("/inbox")
    await seat.page.evaluate("() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.broken = 1\">'); const s = document.createElement('script'); s.textContent = 'window.broken = 2'; document.body.append(s); }")
    await seat.page.wait_for_timeout(100)
    assert await seat.page.evaluate("() => window.broken") is None
    assert any("Content Security Policy" in one for one in seat.troubles)
    seat.troubles.clear()


async def test_the_theme_is_chosen_by_hand_and_kept(looked_at: Firm, sit: Sit) -> None:
    seat = await sit(looked_at.keys["ada"])
    await seat("theme-toggle").click()
    await seat.go("/inbox")
    assert await seat.page.evaluate("() => [document.documentElement.dataset.theme, getComputedStyle(document.body).colorScheme]") == ["dark", "dark"]


async def test_on_a_tablet_the_navigation_opens_on_request_and_a_task_comes_into_sight(looked_at: Firm, sit: Sit) -> None:
    seat = await sit(looked_at.keys["ann"], size=TABLET)
    assert not await seat("nav-inbox").is_visible()
    await seat("nav-toggle").click()
    await seat("nav-inbox").click()
    await seat.at("**/inbox")
    await seat(f"task-{looked_at.tasks['Aurora Energie']}").click()
    await seat("task").wait_for()
    await seat.page.wait_for_function("() => { const at = document.querySelector('[data-test=task]').getBoundingClientRect(); return at.top >= 0 && at.top < innerHeight - 200; }")
