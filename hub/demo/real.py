"""``make demo-real DATA=folder``: records nobody here wrote become golden records, and the API shows one of them.

Four files of the folder go through the same door as ``hub load``, with the mappings in ``mappings/``. Rerunnable: a second
run finds every line known. The last line on standard output is JSON; the exit code says whether the figures add up.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn

from hub.app import create_app
from hub.demo.real_client import QUERY, client_as_text
from hub.embedded_process import free_port
from hub.errors import HubError, SetupError
from hub.files import read_records
from hub.flows.load import load, open_pool
from hub.flows.load_plan import plan_of
from hub.flows.load_progress import progress_on
from hub.flows.load_report import Loaded
from hub.flows.tenants import ensure_tenant, make_key
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import loads
from hub.store.pool import Pool
from hub.telemetry import configure
from hub.up import running

MAPPINGS = Path(__file__).parent / "mappings"
TENANT, DATA = "real", ".data/real"


@dataclass(frozen=True)
class Dataset:
    """A folder of the collection, and the mapping that reads its ``records.csv``."""

    name: str
    mapping: str

    def file(self, folder: Path) -> Path:
        return folder / self.name / "records.csv"


DATASETS = (
    Dataset("psf_dev_clients", "psf_clients"),
    Dataset("psf_dev_contacts", "psf_contacts"),
    Dataset("psf_dev_projects", "psf_projects"),
    Dataset("pudl_plants", "pudl_plants"),
)
"""Clients come before who refers to them, which saves computing the latter twice; any order ends alike."""


def main(arguments: Sequence[str]) -> int:
    """Load, show, count; 0 when every line is accounted for, 1 when not, 2 when it cannot start."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    try:
        folder = _folder(arguments)
        settings = Settings.from_environment({"HUB_DATA": DATA, "HUB_LOG_LEVEL": "warning"} | dict(os.environ))
        configure(settings.log_level, process="demo-real")
        with running(settings) as (live, _):
            return asyncio.run(_play(live, folder))
    except HubError as error:
        print(f"demo-real: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


def _folder(arguments: Sequence[str]) -> Path:
    if len(arguments) != 1:
        raise SetupError("say where the records lie: python -m hub.demo.real FOLDER")
    folder = Path(arguments[0])
    missing = [one.name for one in DATASETS if not one.file(folder).is_file()]
    if missing:
        raise SetupError(f"{folder} has no {', '.join(f'{name}/records.csv' for name in missing)}")
    return folder


async def _play(settings: Settings, folder: Path) -> int:
    began, me = time.monotonic(), asyncio.current_task()
    if me is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    await migrate(settings)
    pool = await open_pool(settings)
    try:
        async with pool.acquire() as connection, connection.transaction():
            tenant_id = await ensure_tenant(connection, TENANT, "Real records")
        loaded = [await _load(pool, tenant_id, one, folder) for one in DATASETS]
        await _show(settings, pool, tenant_id)
        summary = await _summary(pool, tenant_id, loaded)
    finally:
        await pool.close()
    print(json.dumps(summary | {"seconds": round(time.monotonic() - began, 1)}))
    return 0 if summary["adds_up"] else 1


async def _load(pool: Pool, tenant_id: int, one: Dataset, folder: Path) -> Loaded:
    plan = plan_of(MAPPINGS / f"{one.mapping}.yaml")
    print(f"Loading {one.name} …", file=sys.stderr, flush=True)
    with progress_on(one.name) as progress:
        loaded = await load(pool, tenant_id, plan, one.file(folder), read_records, progress, name=one.name)
    print(loaded.as_text(), end="\n\n", flush=True)
    return loaded


async def _summary(pool: Pool, tenant_id: int, loaded: Sequence[Loaded]) -> dict[str, Any]:
    """What the tables hold now, and whether every line of every file is loaded, repeated or quarantined."""
    async with pool.acquire() as connection:
        records = await loads.records(connection, tenant_id)
        entities = sorted({entity for some in records.values() for entity in some})
        births = {name: await loads.births(connection, tenant_id, name, list(records)) for name in entities}
        awaited = await loads.awaited(connection, tenant_id, entities)
    return {
        "lines": sum(one.read for one in loaded),
        "stored": sum(one.stored.total() for one in loaded),
        "repeated": sum(one.repeated.total() for one in loaded),
        "quarantined": sum(one.quarantined for one in loaded),
        "records": records,
        "golden": {name: golden for name, (golden, _) in births.items()},
        "golden_records": sum(golden for golden, _ in births.values()),
        "waiting": {name: waiting for name, (_, waiting) in births.items()},
        "awaited": awaited,
        "adds_up": all(one.adds_up for one in loaded),
    }


async def _show(settings: Settings, pool: Pool, tenant_id: int) -> None:
    """Ask the API for the client that most records speak of."""
    async with pool.acquire() as connection, connection.transaction():
        id_ = await loads.best_connected_client(connection, tenant_id)
        key = await make_key(connection, tenant_id, "reader", "demo-real")
    if id_ is None:
        return
    try:
        async with _api(settings) as address:
            told = await _ask(address, key, id=str(id_))
        if told.get("errors") or not (told.get("data") or {}).get("client"):
            raise SetupError(f"the API did not answer as expected: {json.dumps(told.get('errors'))[:500]}")
        print(client_as_text(told["data"]["client"]), end="\n\n", flush=True)
    finally:
        await pool.execute("UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND name = 'demo-real'", tenant_id)


async def _ask(address: str, key: str, **variables: str) -> Any:
    asked = {"query": QUERY, "variables": variables}
    async with (
        aiohttp.ClientSession(headers={"authorization": f"Bearer {key}"}) as session,
        session.post(address, json=asked) as answer,
    ):
        return await answer.json()


@asynccontextmanager
async def _api(settings: Settings) -> AsyncIterator[str]:
    """The api as ``hub serve`` runs it, in this process and on a free port; answers its address."""
    port = free_port()
    config = uvicorn.Config(
        create_app(settings.without_owner()), host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            raise SetupError("the API did not start") from serving.exception()
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        server.should_exit = True
        await serving


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
