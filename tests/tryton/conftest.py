"""One installation of Tryton for all tests, and a server with three databases of this run, furnished as a firm's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.errors import ConnectorError
from hub.demo.tryton import firm
from hub.demo.tryton.install import Tryton
from hub.demo.tryton.person import Person
from hub.embedded_process import free_port
from tests.tryton.proxy import Proxy

DATA = Path(__file__).parents[2] / ".data" / "tryton-tests"
PATIENCE_S = 120.0


@dataclass
class Running:
    """The server: where it is, who works with its databases, and how it is stopped and started."""

    tryton: Tryton
    port: int
    people: dict[str, Person]
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *self.tryton.program("trytond"), "-c", str(self.tryton.configuration), "-d", *self.people,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE_S):
            while not await self._answers():
                await asyncio.sleep(0.2)

    async def stop(self, *, kill: bool = False) -> None:
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            await self.process.wait()
            self.process = None

    async def _answers(self) -> bool:
        try:
            for person in self.people.values():
                await person.database.context()
        except ConnectorError:
            return False
        return True


@pytest.fixture(scope="session")
async def running() -> AsyncIterator[Running]:
    tryton, port = Tryton(DATA), free_port()
    DATA.mkdir(parents=True, exist_ok=True)
    await tryton.install(print)
    await tryton.build(print, port)
    people = {name: Person.at(name, f"http://127.0.0.1:{port}", tryton.password) for name in ("crm", "psa", "erp")}
    found = Running(tryton, port, people)
    try:
        await found.start()
        for name, person in people.items():
            company = await firm.found_company(person)
            if name == "erp":
                await firm.keep_books(person, company)
        yield found
    finally:
        for person in people.values():
            await person.aclose()
        await found.stop()


@pytest.fixture
async def proxy(running: Running) -> AsyncIterator[Proxy]:
    found = await Proxy(running.url).start()
    yield found
    await found.stop()
