"""A real browser on the real application: one browser and one server for all tests of this folder, a firm and a context for each.

A page that logs an error, breaks the content security policy, or answers what the browser cannot use fails its test.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg
import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, async_playwright, expect

from hub.embedded import Embedded
from hub.serving import uvicorn_options
from hub.settings import Settings
from tests.api.conftest import Api, running
from tests.api.served import _Quiet
from tests.browser import program
from tests.browser.firm import Firm, a_firm
from tests.conftest import Database, _settings_for

LAPTOP, TABLET = (1366, 768), (820, 1180)
PATIENCE_MS = 15_000
"""How long anything may take to appear; machines that test are busy."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the run; the first run on a machine without one fetches it (about 70 MB)."""
    found = await asyncio.to_thread(program.find)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as driver:
        driver.selectors.set_test_id_attribute("data-test")
        started = await driver.chromium.launch(executable_path=found.path, args=list(program.FLAGS), env={**os.environ, **found.env})
        yield started
        await started.close()


@pytest.fixture(scope="session")
async def browser_api(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[Api]:
    """The application on a database of its own."""
    await template.execute("CREATE DATABASE test_browser TEMPLATE hub")
    database = Database("test_browser", _settings_for(Settings().on(servers), "test_browser"))
    async with running(database) as started:
        yield started
    await template.execute("DROP DATABASE test_browser WITH (FORCE)")


@pytest.fixture(scope="session")
async def address(browser_api: Api) -> AsyncIterator[str]:
    """Where the console is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(browser_api.app, lifespan="off", **{**uvicorn_options(browser_api.database.settings), "timeout_graceful_shutdown": 1})
    server = _Quiet(config)
    task = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/console"
    server.should_exit = True
    await task


@pytest.fixture
async def firm(browser_api: Api) -> Firm:
    """A firm of this test's own."""
    return await a_firm(browser_api)


@pytest.fixture(scope="session")
async def looked_at(browser_api: Api) -> Firm:
    """A firm for tests that only look."""
    return await a_firm(browser_api)


@dataclass
class Seat:
    """Somebody before a screen: ``page`` and what went wrong in it so far."""

    page: Page
    address: str
    troubles: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> Locator:
        """The element with this ``data-test``."""
        return self.page.locator(f'[data-test="{name}"]')

    async def go(self, path: str) -> None:
        await self.page.goto(self.address + path)

    async def at(self, pattern: str) -> None:
        """Wait until the address looks like this (``**/inbox?*``)."""
        await self.page.wait_for_url(pattern, timeout=PATIENCE_MS)

    async def sees(self, text: str) -> None:
        await expect(self.page.locator("body")).to_contain_text(text)

    async def sign_in(self, key: str) -> None:
        await self.go("/sign-in")
        await self("key").fill(key)
        await self("enter").click()
        await expect(self("brand")).to_be_visible()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.wait_for_load_state()  # before its scripts have run, a page hears no key
            await self.page.keyboard.press(key)

    async def tab_to(self, name: str, most: int = 150, back: bool = False) -> None:
        """Reach an element by the Tab key alone."""
        await self.page.wait_for_load_state()
        for _ in range(most):
            if await self.page.evaluate("name => document.activeElement?.dataset.test === name", name):
                return
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
        pytest.fail(f"Tab does not lead to {name} on {self.page.url}")

    async def settled(self) -> None:
        """Until nothing is being fetched and nothing is about to be."""
        await self.page.wait_for_function("() => !document.querySelector('.lazy[aria-busy], .htmx-request, .htmx-swapping, .htmx-settling')")

    def watch(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type} on {self.page.url}: {message.text}")


Sit = Callable[..., Awaitable[Seat]]


@pytest.fixture
async def sit(browser: Browser, address: str, browser_api: Api) -> AsyncIterator[Sit]:
    """Seats before the browser; each is a context of its own. What went wrong in any of them fails the test."""
    seats: list[tuple[Seat, BrowserContext]] = []
    browser_api.app.state.keys.forget()
    browser_api.app.state.console.sign_in.tries.forget()

    async def taken(key: str = "", *, size: tuple[int, int] = LAPTOP, scheme: str = "light", **more: object) -> Seat:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce", accept_downloads=True, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        seat = Seat(await context.new_page(), address)
        seat.watch()
        seats.append((seat, context))
        if key:
            await seat.sign_in(key)
        return seat

    yield taken
    for _, context in seats:
        await context.close()
    assert [trouble for seat, _ in seats for trouble in seat.troubles] == []
