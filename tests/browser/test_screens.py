"""Pictures of every page, for eyes: ``make test-browser`` leaves them in ``.data/screens``. And the browser for machines without one."""

from __future__ import annotations

import asyncio
import os

import pytest
from playwright.async_api import async_playwright

from tests.browser import program
from tests.browser.conftest import LAPTOP, TABLET, Sit
from tests.browser.firm import Firm
from tests.browser.pages import addresses
from tests.node_tools import ROOT

SCREENS = ROOT / ".data" / "screens"


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "size"), [(scheme, size) for scheme in ("light", "dark") for size in (LAPTOP, TABLET)], ids=str)
async def test_every_page_has_its_picture_taken(looked_at: Firm, sit: Sit, scheme: str, size: tuple[int, int]) -> None:
    into = SCREENS / f"{scheme}-{size[0]}"
    into.mkdir(parents=True, exist_ok=True)
    seat = await sit(looked_at.keys["ada"], scheme=scheme, size=size)
    for name, path in addresses(looked_at).items():
        await seat.go(path)
        await seat.settled()
        await seat.page.screenshot(path=into / f"{name}.png", full_page=True)
    assert {one.stem for one in into.glob("*.png")} >= set(addresses(looked_at))


@pytest.mark.slow
async def test_the_packed_browser_shows_the_console(address: str) -> None:
    found = await asyncio.to_thread(program.packed)
    async with async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=found.path, args=list(program.FLAGS), env={**os.environ, **found.env})
        page = await started.new_page()
        await page.goto(f"{address}/sign-in")
        assert await page.get_by_role("heading").inner_text() == "Sign in to the hub"
        await started.close()
