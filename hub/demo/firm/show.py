"""``make demo-firm``: a hub filled with the firm. Loads it, sums it up, shows what one may ask, and goes on running.

A folder that holds this very firm already is not filled again. With ``once`` it ends; the last line on standard output is JSON.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from hub import up
from hub.demo.firm import bulk
from hub.demo.firm.bulk import Told
from hub.demo.firm.catalogue import CATALOGUE
from hub.demo.firm.model import Firm
from hub.demo.firm.queries import QUERIES
from hub.demo.graphql import Hub
from hub.demo.narrator import Narrator
from hub.demo.story import empty
from hub.flows.tenants import ensure_tenants
from hub.settings import Settings
from hub.store.pool import Pool, open_worker_pool
from hub.up import Addresses

TENANT = "firm"

SUMS = """
SELECT currency, sum(hours) AS hours, sum(net) AS net, sum(tax) AS tax, sum(credited) AS credited, sum(paid) AS paid, sum(open) AS open
  FROM (SELECT net_currency AS currency, 0 AS hours, net, tax, 0 AS credited, 0 AS paid, open_amount AS open
          FROM golden.invoice WHERE tenant_id = $1
         UNION ALL
        SELECT gross_currency, 0, 0, 0, gross, 0, 0 FROM golden.credit_memo WHERE tenant_id = $1
         UNION ALL
        SELECT amount_currency, 0, 0, 0, 0, amount, 0 FROM golden.payment WHERE tenant_id = $1
         UNION ALL
        SELECT net_currency, quantity, 0, 0, 0, 0, 0 FROM golden.invoice_line WHERE tenant_id = $1) AS told
 GROUP BY currency ORDER BY net DESC
"""
"""Per currency: hours and amounts invoiced, credited, paid and open. Net + tax = credited + paid + open."""


@dataclass
class Show:
    """One run of the demo."""

    firm: Firm
    versions: int
    once: bool
    tell: Narrator
    began: float

    @property
    def mark(self) -> dict[str, Any]:
        """What the tenant remembers of what it was filled with."""
        return asdict(self.firm) | {"versions": self.versions}

    async def prepare(self, live: Settings) -> list[dict[str, Any]]:
        """Between migration and start: the tenant, filled unless it holds this firm already."""
        pool = await open_worker_pool(live.need("worker_url"), size=4, name="hub-firm")
        try:
            filled = await pool.fetchval("SELECT settings -> 'firm' FROM hub.tenant WHERE slug = $1", TENANT)
            if filled is None or filled["mark"] != self.mark:
                await empty(live, TENANT)
                await ensure_tenants(pool, (TENANT,))
                await self._fill(pool, live)
            else:
                self.tell.done("the folder holds this firm already")
            return await ensure_tenants(pool, (TENANT,))
        finally:
            await pool.close()

    async def _fill(self, pool: Pool, live: Settings) -> None:
        tenant_id = await pool.fetchval("SELECT id FROM hub.tenant WHERE slug = $1", TENANT)
        with progress() as told:
            loaded = await bulk.load(live.need("database_url"), tenant_id, self.firm, versions=self.versions, told=told)
        firm = {"mark": self.mark, "seconds": round(loaded.seconds, 1), "golden": loaded.golden, "changes": loaded.changes, "tasks": loaded.tasks}
        await pool.execute("UPDATE hub.tenant SET settings = settings || $2 WHERE id = $1", tenant_id, {"firm": firm})
        records = sum(loaded.golden.values())
        self.tell.done(f"{records:,} golden records, {loaded.changes:,} changes and {loaded.tasks:,} tasks for stewards", loaded.seconds)

    async def play(self, addresses: Addresses) -> None:
        """What the hub holds, what it answers; without ``once`` it goes on running."""
        pool = await open_worker_pool(addresses.settings.need("worker_url"), size=1, name="hub-firm")
        try:
            told = await self.sum_up(pool)
        finally:
            await pool.close()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            await self._ask(Hub(f"http://{addresses.base}/graphql", addresses.tenants[0]["keys"]["reader"], session))
        line = json.dumps(told | {"seconds_in_all": round(time.monotonic() - self.began, 1)}, default=str)
        if self.once:
            self.tell.plain(line)
            return
        keys = addresses.tenants[0]["keys"]
        self.tell.say("The hub goes on running. Ctrl-C ends it.")
        doors = (("console, in a browser", f"http://{addresses.base}/console/"), ("GraphQL, in a browser", f"http://{addresses.base}/graphql"))
        self.tell.table(("", ""), [*doors, *((f"key of a {role}", keys[role]) for role in ("reader", "steward", "admin"))])
        self.tell.plain(line)
        await asyncio.Event().wait()

    async def sum_up(self, pool: Pool) -> dict[str, Any]:
        row = await pool.fetchrow("SELECT id, settings -> 'firm' AS firm FROM hub.tenant WHERE slug = $1", TENANT)
        told: dict[str, Any] = row["firm"]
        golden = {source.entity: told["golden"][source.entity] for source in CATALOGUE}
        self.tell.table(("entity", "golden records"), [(name, f"{count:,}") for name, count in golden.items()])
        sums = [dict(one) for one in await pool.fetch(SUMS, row["id"])]
        columns = tuple(sums[0]) if sums else ("currency",)
        self.tell.table(columns, [[_shown(one[name]) for name in columns] for one in sums])
        return {
            **told["mark"], "golden_records": sum(golden.values()), "golden": golden, "changes": told["changes"], "tasks": told["tasks"],
            "sums": {one.pop("currency"): one for one in sums}, "seconds": told["seconds"],
        }  # fmt: skip

    async def _ask(self, hub: Hub) -> None:
        for query in QUERIES:
            await hub.ask(query.document)  # the first time a document is read and planned
            began = time.monotonic()
            await hub.ask(query.document)
            self.tell.done(f"asked for {query.title}", time.monotonic() - began)
            for line in query.document.strip().splitlines():
                self.tell.plain(f"       {line}")


def main(settings: Settings, firm: Firm, versions: int = 1, *, once: bool = False) -> int:
    """Load and show; raises :class:`hub.errors.HubError` when it cannot."""
    tell = Narrator()
    tell.title(
        f"A services firm, {firm.scale:g} of its full size, from seed {firm.seed}.",
        "Six legal entities, four currencies; two CRMs, a PSA, a billing engine, two ERPs, and what they say of the same things.",
    )
    show = Show(firm, versions, once, tell, time.monotonic())
    up.up(settings, show.prepare, started=show.play)
    return 0


@contextmanager
def progress() -> Iterator[Told]:
    """A bar on standard error, when that is a terminal."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description:<22}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bars:
        bar = bars.add_task("", total=None)
        yield lambda entity, done, steps: bars.update(bar, description=entity, completed=done, total=steps)


def _shown(value: Any) -> str:
    return f"{value:,f}" if isinstance(value, Decimal) else str(value)
