"""``python -m hub.demo.tryton``: build, connect, change and compare. Ends with a table; the exit code says whether all sides are equal."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer

from connectors.errors import ConnectorError
from hub import up
from hub.connecting import connect_document
from hub.demo.graphql import Hub
from hub.demo.narrator import Narrator, StoryError
from hub.demo.story import empty, shown
from hub.demo.tryton import firm, server
from hub.demo.tryton.compare import Line
from hub.demo.tryton.install import MODULES, Tryton
from hub.demo.tryton.person import Person, document
from hub.demo.tryton.scenes import SCENES, Scene, are_known
from hub.embedded_process import free_port
from hub.errors import HubError, SetupError
from hub.flows.tenants import ensure_tenants
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from hub.supervise import Child
from hub.telemetry import configure
from hub.up import Addresses

TENANT, LOG = "northbeam", "demo-tryton.log"


def run(
    data: Annotated[Path, typer.Option(help="Folder of the embedded servers and of Tryton.")] = Path(".data/tryton"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the api; 0: any free.")] = 8080,
    once: Annotated[bool, typer.Option("--once", help="End after the table; the last line is JSON.")] = False,
) -> None:
    """Three databases of a real Tryton, kept in step by a hub."""
    own = {"HUB_DATA": str(data), "HUB_PORT": str(port), "HUB_LOG_LEVEL": "warning"}
    try:
        settings = Settings.from_environment(own | {name: value for name, value in os.environ.items() if name.startswith("HUB_")})
        if settings.database_url or settings.worker_url:
            raise SetupError("the demo begins with an empty hub and so uses embedded servers only; unset HUB_DATABASE_URL")
        configure(settings.log_level, process="demo-tryton")
        settings.data.mkdir(parents=True, exist_ok=True)
        raise typer.Exit(_played(Demo(settings, once), settings.data / LOG))
    except HubError as error:
        print(f"demo-tryton: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


def _played(demo: Demo, log: Path) -> int:
    def play() -> None:
        asyncio.run(demo.build())
        up.up(demo.settings, demo.prepare, started=demo.play, beside=demo.children)

    return 0 if shown(demo.tell, log, play) and (demo.is_told or not demo.once) else 1


class Demo:
    """One run: bare databases, an empty hub, the scenes, the table."""

    def __init__(self, settings: Settings, once: bool) -> None:
        self.settings, self.once, self.tell, self._began = settings, once, Narrator(), time.monotonic()
        self._tryton, self._port = Tryton(settings.data / "tryton"), free_port()
        self._url = f"http://127.0.0.1:{self._port}"
        self.is_told = False

    async def build(self) -> None:
        """Tryton and its bare databases, before anything of the hub runs."""
        self.tell.title("Northbeam Consulting runs three databases of Tryton 8.2.", "One is its CRM, one its PSA, one its ERP. Nothing here is simulated.")
        self._tryton.data.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        await self._tryton.install(lambda text: self.tell.say(f"… {text}"))
        await self._tryton.build(lambda text: self.tell.say(f"… {text}"), self._port)
        self.tell.done("three bare databases: " + "; ".join(f"[bold]{name.upper()}[/] with {', '.join(modules)}" for name, modules in MODULES.items()), time.monotonic() - began)

    async def prepare(self, live: Settings) -> list[dict[str, Any]]:
        """Between migration and start: an empty hub with one tenant."""
        await empty(live)
        pool = await open_worker_pool(live.need("worker_url"), size=1, name="hub-demo")
        try:
            return await ensure_tenants(pool, (TENANT,))
        finally:
            await pool.close()

    def children(self, live: Settings) -> Sequence[Child]:
        return [server.child(self._tryton)]

    async def play(self, addresses: Addresses) -> None:
        """The scenes; without ``once`` everything goes on running afterwards."""
        people = {name: Person.at(name, self._url, self._tryton.password) for name in MODULES}
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
                scene = self._scene(addresses, session, people)
                await self._furnish(scene)
                await self._connect(scene, addresses)
                for number, (title, play) in enumerate(SCENES, 1):
                    self.tell.begin(number, title)
                    await play(scene)
                    scene.facts[f"scene_{number}_s"] = round(time.monotonic() - self._began, 1)
                self._tell_table(scene)
            self.is_told = True
            if not self.once:
                self._tell_addresses(addresses)
                await asyncio.Event().wait()
        finally:
            for one in people.values():
                await one.aclose()

    def _scene(self, addresses: Addresses, session: aiohttp.ClientSession, people: dict[str, Person]) -> Scene:
        keys = addresses.tenants[0]["keys"]
        hub, steward = (Hub(f"http://{addresses.base}/graphql", keys[role], session) for role in ("admin", "steward"))
        return Scene(hub, steward, people["crm"], people["psa"], people["erp"], self.tell, self._began)

    async def _furnish(self, scene: Scene) -> None:
        """What the firm had before it had a hub."""
        began = time.monotonic()
        await self.tell.until("Tryton answers", lambda: _answers(scene.crm), within_s=120, tell=False)
        for name, person in scene.people.items():
            scene.companies[name] = await firm.found_company(person)
        await firm.keep_books(scene.erp, scene.companies["erp"])
        parties = {one[0]: await firm.client(scene.crm, one[0]) for one in firm.CLIENTS}
        await firm.opportunities(scene.crm, parties)
        for person in (scene.psa, scene.erp):
            for name in ("Nordlicht Logistik GmbH", "Vermeil & Associés SAS"):
                await firm.client(person, name)
        self.tell.say("The CRM holds eight clients, two of which the PSA and the ERP know already, under ids of their own and by the same VAT number.")
        self.tell.done("a company with its people in each, clients and deals in the CRM, books in the ERP", time.monotonic() - began)

    async def _connect(self, scene: Scene, addresses: Addresses) -> None:
        """One after the other, as firms do: what the next one holds is then matched with what is known."""
        live, url, password = addresses.settings, self._url, self._tryton.password
        pool = await open_worker_pool(live.need("worker_url"), size=1, name="hub-demo")
        try:
            tenant_id = await pool.fetchval("SELECT id FROM hub.tenant WHERE slug = $1", TENANT)
            for at, name in enumerate(MODULES):
                told = document(name, url, "${TRYTON_PASSWORD}")
                await connect_document(pool, live, tenant_id, told, {"TRYTON_PASSWORD": password}, f"{name}.yaml")
                connected = list(MODULES)[: at + 1]
                await scene.until(f"{name.upper()} is connected, and all it holds is read", lambda connected=connected: are_known(scene, connected))  # type: ignore[misc]
        finally:
            await pool.close()

    def _tell_table(self, scene: Scene) -> None:
        self.tell.begin(len(SCENES) + 1, "All sides, compared record by record and field by field")
        self.tell.table(("", "CRM", "PSA", "ERP", "hub", "equal"), [_row(one) for one in scene.last])
        lost = [problem for line in scene.last for problem in (*line.missing, *line.doubles, *line.differences)]
        if lost:
            raise StoryError(f"the sides differ: {lost[0]}")
        told = {line.what: dict(line.counts) for line in scene.last} | {"equal": True, "duplicates": 0, "seconds": round(time.monotonic() - self._began, 1), **scene.facts}
        self.tell.done("no duplicates, deletes and merges followed", time.monotonic() - self._began)
        self.tell.plain(json.dumps(told))

    def _tell_addresses(self, addresses: Addresses) -> None:
        self.tell.say("Everything goes on running; look around. Ctrl-C ends it and leaves no process behind.")
        keys = addresses.tenants[0]["keys"]
        rows = [("console, in a browser", f"http://{addresses.base}/console/"), *((f"key of a {role}", keys[role]) for role in ("admin", "steward", "reader"))]
        self.tell.table(("", ""), [*rows, ("Tryton, for its own client", f"{self._url.removeprefix('http://')}, databases {', '.join(MODULES)}, user admin"),
                                   ("its password", str(self._tryton.data / "password"))])  # fmt: skip


def _row(line: Line) -> tuple[str, ...]:
    return (line.what, *(str(line.counts.get(side, "")) for side in ("crm", "psa", "erp", "hub")), "yes" if line.is_equal else "NO")


async def _answers(person: Person) -> bool:
    try:
        await person.database.context()
    except ConnectorError:
        return False
    return True


if __name__ == "__main__":
    typer.run(run)
