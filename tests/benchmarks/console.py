"""What the pages of the console cost at a million golden records: server time, statements, the slowest statement of each.

``python -m tests.benchmarks.console``. Pages are asked of the application in this process, signed in, one after the other: what is
measured is our time and Postgres's, without a network. The last line is JSON: ``page_ms`` are medians, ``worst_ms`` the slowest of
them, ``search_ms`` the slowest search, ``times_trivial`` the slowest page over one that reads nothing but the session.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from hub import embedded
from hub.garbage import spare_what_is_there
from hub.settings import Settings
from hub.store import pool as pools
from tests.api.conftest import Api, running
from tests.benchmarks import console_data
from tests.benchmarks.console_pages import TRIVIAL, Visit, visits
from tests.conftest import Database
from tests.console.conftest import Browser

DATA = Path(".data/bench-console")
SCALE = 0.45
"""About a million golden records."""

MOST_MS, SEARCH_MS = 300, 100


@dataclass(eq=False)
class Heard:
    """The statements of one visit: (milliseconds, text)."""

    statements: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self, told: Any) -> None:
        self.statements.append((told.elapsed * 1e3, told.query))


HEARD = Heard()


@contextmanager
def listening() -> Iterator[None]:
    """While this lasts, connections that open tell of every statement; prepared ones of the api's pool too."""
    opened, fetched = pools._Connection.__init__, pools.TenantPool.fetchrow

    def init(self: Any, *given: Any, **options: Any) -> None:
        opened(self, *given, **options)
        self.add_query_logger(HEARD)

    async def fetchrow(self: Any, tenant_id: int, sql: str, parameters: Any) -> Any:
        began = time.perf_counter()
        try:
            return await fetched(self, tenant_id, sql, parameters)
        finally:
            HEARD.statements.append(((time.perf_counter() - began) * 1e3, sql))

    pools._Connection.__init__, pools.TenantPool.fetchrow = init, fetchrow  # type: ignore[method-assign]
    try:
        yield
    finally:
        pools._Connection.__init__, pools.TenantPool.fetchrow = opened, fetched  # type: ignore[method-assign]


@dataclass(frozen=True)
class Measured:
    """One page: milliseconds of each visit, statements of one, and the slowest of them over all."""

    visit: Visit
    ms: tuple[float, ...]
    statements: int
    slowest: tuple[float, str]
    trouble: str = ""

    @property
    def p50(self) -> float:
        return statistics.median(self.ms)


def run(scale: float = SCALE, times: int = 20, folder: Path = DATA, only: str = "", slow_ms: float = 0) -> dict[str, Any]:
    """Make the firm (once per folder), visit every page; answers what the last line says. Raises SystemExit for pages that fail."""
    with embedded.start(folder) as owner:
        settings = Settings().on(owner)
        ground = asyncio.run(console_data.make(settings, scale))
        with listening():
            found = asyncio.run(_measure(settings, ground, times, only))
    _show(found, slow_ms)
    if failed := [f"{one.visit.name}: {one.trouble}" for one in found if one.trouble]:
        raise SystemExit("\n".join(failed))
    trivial = next(one.p50 for one in found if one.visit.name == TRIVIAL)
    worst = max(found, key=lambda one: one.p50)
    searches = [one.p50 for one in found if one.visit.is_search]
    return {
        "page_ms": {one.visit.name: round(one.p50, 1) for one in found}, "worst_ms": round(worst.p50, 1), "worst": worst.visit.name,
        "search_ms": round(max(searches, default=0), 1), "trivial_ms": round(trivial, 1), "times_trivial": round(worst.p50 / trivial, 1),
    }  # fmt: skip


async def _measure(settings: Settings, ground: console_data.Ground, times: int, only: str) -> list[Measured]:
    owner = await asyncpg.connect(settings.need("database_url"))
    try:
        asked = await visits(owner, ground)
    finally:
        await owner.close()
    async with running(Database("hub", settings)) as api:
        browser = Browser(api)
        await browser.sign_in(ground.admin)
        spare_what_is_there()  # as the server does
        return [await _visit(browser, api, one, times) for one in asked if only in one.name or one.name == TRIVIAL]


async def _visit(browser: Browser, api: Api, one: Visit, times: int) -> Measured:
    """Once to warm up, then so many times."""
    took, slowest, count = [], (0.0, ""), 0
    for turn in range(times + 1):
        HEARD.statements.clear()
        began = time.perf_counter()
        page = await (browser.post(one.path, htmx=True, **one.fields) if one.fields else browser.get(one.path, htmx=one.is_part))
        ms = (time.perf_counter() - began) * 1e3
        if page.status not in (200, 204, 303):
            return Measured(one, (ms,), len(HEARD.statements), (0.0, ""), f"{one.path} answers {page.status}")
        if turn:
            took.append(ms)
            slowest, count = max(slowest, max(HEARD.statements, default=(0.0, ""))), len(HEARD.statements)
    return Measured(one, tuple(took), count, slowest)


def _show(found: list[Measured], slow_ms: float) -> None:
    trivial = next(one.p50 for one in found if one.visit.name == TRIVIAL)
    print(f"\n{'page':<42}{'p50 ms':>9}{'most ms':>9}{'× trivial':>10}{'statements':>11}{'slowest ms':>11}")
    for one in found:
        over = " over" if one.p50 > (SEARCH_MS if one.visit.is_search else MOST_MS) else ""
        print(f"{one.visit.name:<42}{one.p50:>9.1f}{max(one.ms):>9.1f}{one.p50 / trivial:>10.1f}{one.statements:>11}{one.slowest[0]:>11.1f}{over}")
    for one in found:
        if slow_ms and one.slowest[0] >= slow_ms:
            print(f"\n-- {one.visit.name}: {one.slowest[0]:.0f} ms\n{one.slowest[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=SCALE)
    parser.add_argument("--times", type=int, default=20, help="visits of each page after the first")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--slow", type=float, default=0, help="print statements that take this many milliseconds")
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(json.dumps(run(given.scale, given.times, given.data, given.only, given.slow)))


if __name__ == "__main__":
    main()
