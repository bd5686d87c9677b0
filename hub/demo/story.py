"""``make demo``: the hub, three systems and a story that checks itself. Every run begins with an empty hub."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from hub import up
from hub.connecting import connect_document, read
from hub.demo import systems
from hub.demo.graphql import Hub
from hub.demo.narrator import Narrator, StoryError
from hub.demo.scenes import SCENES
from hub.demo.scenes_stewards import PEOPLE
from hub.demo.stage import TENANT, Stage
from hub.demo.summary import summary, tell_summary
from hub.embedded_process import free_port
from hub.errors import HubError, SetupError
from hub.flows.tenants import ensure_tenants
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from hub.supervise import Child
from hub.up import Addresses

LOG = "demo.log"


def main(settings: Settings, once: bool, make: Callable[[Settings, bool, Narrator, float], Demo] | None = None) -> int:
    """Play the story, or the one ``make`` makes; 0 when everything went as told. With ``once`` the last line on standard output is its summary."""
    if settings.database_url or settings.worker_url:
        raise SetupError("the demo begins with an empty hub and so uses embedded servers only; unset HUB_DATABASE_URL")
    settings.data.mkdir(parents=True, exist_ok=True)
    demo = (make or Demo)(settings, once, Narrator(), time.monotonic())
    played = shown(demo.tell, settings.data / LOG, lambda: up.up(settings, demo.prepare, started=demo.play, beside=demo.children))
    return 0 if played and (demo.is_told or not once) else 1


def shown(tell: Narrator, log: Path, play: Callable[[], None]) -> bool:
    """Play, with only the story on the screen and everything else in the log; whether nothing went wrong, which the viewer is told."""
    with _noise_goes_to(log):
        try:
            play()
        except HubError as error:
            tell.failed(str(error), str(log))
            return False
        except Exception as error:  # noqa: BLE001 - a viewer is told a sentence, the log the rest
            traceback.print_exc()  # into the log
            tell.failed(f"an error nobody expected, {type(error).__name__}", str(log))
            return False
    return True


class Demo:
    """One run: empties the hub, connects the systems, plays the scenes."""

    def __init__(self, settings: Settings, once: bool, tell: Narrator, began: float) -> None:
        self._once, self.tell, self._began = once, tell, began
        self._log = settings.data / LOG
        self._ports = {name: free_port() for name in self.names()}
        self.is_told = False
        tell.title(*self.title())

    def names(self) -> Sequence[str]:
        """The systems, as the hub calls them."""
        return systems.NAMES

    def title(self) -> tuple[str, str]:
        return (
            "Northbeam Consulting has a CRM, a PSA and an ERP.",
            "The hub keeps one golden record of each client, project and hour, and the three systems in step.",
        )

    def documents(self) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
        """Name, document and variables of every system."""
        for name in self.names():
            document = read(systems.CONFIGS / f"{name}.yaml") | {"poll_every_s": systems.POLL_EVERY_S[name], "corrects": name in systems.CORRECTED}
            yield name, document, {f"{name.upper()}_URL": self.url(name)}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    async def prepare(self, live: Settings) -> list[dict[str, Any]]:
        """Between migration and start: an empty hub, one tenant with fresh keys, three connected systems."""
        await empty(live)
        pool = await open_worker_pool(live.need("worker_url"), size=1, name="hub-demo")
        try:
            tenants = await ensure_tenants(pool, (TENANT,))
            tenant_id = await pool.fetchval("SELECT id FROM hub.tenant WHERE slug = $1", TENANT)
            for name, document, variables in self.documents():
                await connect_document(pool, live, tenant_id, document, variables, f"{name}.yaml")
        finally:
            await pool.close()
        self.tell.done(f"PostgreSQL 18 and Redis run, the schema is migrated, {len(self._ports)} systems are connected", self._since_began())
        return tenants

    def children(self, live: Settings) -> Sequence[Child]:
        """The simulated systems, as processes beside api and workers."""
        hooks = f"http://127.0.0.1:{live.port}/hooks/{TENANT}"
        return [systems.child(name, self._ports[name], f"{hooks}/{name}") for name in systems.NAMES]

    async def play(self, addresses: Addresses) -> None:
        """The story, once the hub answers; without ``once`` it goes on running afterwards."""
        self.tell.done("the api and the workers answer, each in a process of its own", self._since_began())
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            told = await self.scenes(addresses, session)
        self.is_told = True
        if self._once:
            self.tell.plain(json.dumps(told))
            return
        self._tell_addresses(addresses)
        try:
            await asyncio.Event().wait()
        finally:
            self.tell.say("Ending: systems, workers, api, servers.")

    async def scenes(self, addresses: Addresses, session: aiohttp.ClientSession) -> dict[str, Any]:
        """Every scene in its order; answers the summary."""
        keys = addresses.tenants[0]["keys"]
        hub, steward = (Hub(f"http://{addresses.base}/graphql", keys[role], session) for role in ("admin", "steward"))
        crm, psa, erp = (systems.System(name, self.url(name), session) for name in systems.NAMES)
        stage = Stage(hub, steward, crm, psa, erp, self.tell, self._began)
        for number, (title, scene) in enumerate(SCENES, 1):
            self.tell.begin(number, title)
            await scene(stage)
        told = await summary(stage)
        tell_summary(stage, len(SCENES) + 1, told)
        return told

    def _tell_addresses(self, addresses: Addresses) -> None:
        keys = addresses.tenants[0]["keys"]
        self.tell.say("Everything goes on running; look around. Ctrl-C ends it and leaves no process behind.")
        for name, role, _ in PEOPLE:
            self.tell.line(f"[bold]The console[/] as {name}, {role}: http://{addresses.base}/console  sign in with [bold]{keys[role]}[/]")
        self.tell.table(
            ("", ""),
            [
                ("console, in a browser", f"http://{addresses.base}/console/"),
                ("GraphQL, in a browser", f"http://{addresses.base}/graphql"),
                ("health", f"http://{addresses.base}/health"),
                *((f"key of a {role}", keys[role]) for role in ("admin", "steward", "reader")),
                *((f"{name.upper()}, all it holds", f"{self.url(name)}/_control/state") for name in self.names()),
                ("log", self._log),
            ],
        )

    def _since_began(self) -> float:
        return time.monotonic() - self._began


async def empty(live: Settings, tenant: str = TENANT) -> None:
    """Forget the last run, whose one tenant is ``tenant``. Raises :class:`SetupError` when the database holds anything but a demo."""
    owner = await asyncpg.connect(live.need("database_url"))
    try:
        others = [row["slug"] for row in await owner.fetch("SELECT slug FROM hub.tenant WHERE slug <> $1", tenant)]
        if others:
            names = ", ".join(others)
            raise SetupError(f"{live.data} holds a hub of its own (tenants {names}); give the demo another folder with --data")
        rows = await owner.fetch("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('hub', 'golden')")
        if await owner.fetchval("SELECT count(*) FROM hub.tenant"):
            await owner.execute("TRUNCATE " + ", ".join(row["name"] for row in rows) + " RESTART IDENTITY")
    finally:
        await owner.close()


@contextmanager
def _noise_goes_to(file: Path) -> Iterator[None]:
    """Standard error of this process and of all it starts goes to a file, so that only the story is on the screen."""
    sys.stderr.flush()
    kept = os.dup(2)
    with file.open("wb") as out:
        os.dup2(out.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


__all__ = ["StoryError", "main"]
