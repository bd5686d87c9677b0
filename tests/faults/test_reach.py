"""Points that the run in the suite does not pass: in the middle of a migration and of a split, around an event."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub import embedded, faults
from hub.faults import FaultError
from hub.flows import split as splitting
from hub.flows.subscriptions import create_subscription
from hub.migrate import head_revision
from hub.settings import Settings
from hub.store.ids import new_id
from tests.conftest import Database
from tests.flows.conftest import Hub, hub
from tests.flows.delivering import a_deliverer, a_receiver, eventually, is_settled
from tests.flows.test_merge import BO

__all__ = ["hub"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _switched_off_again() -> Iterator[None]:
    yield
    faults.arm("")


def migrated(url: str, armed: str) -> int:
    """How ``hub migrate`` ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment |= {"HUB_DATABASE_URL": url, "HUB_SECRET_KEY": "k" * 40, "HUB_FAULTS": armed}
    return subprocess.run([sys.executable, "-m", "hub", "migrate"], env=environment, cwd=ROOT, capture_output=True, check=False).returncode


SHAPE = """
    SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
     WHERE table_schema IN ('hub', 'golden', 'api', 'bi') ORDER BY 1
"""


async def test_a_migration_killed_in_the_middle_is_finished_by_the_next(servers: embedded.Embedded, database: Database) -> None:
    name = "killed_migration"
    owner = await asyncpg.connect(Settings().on(servers).need("database_url"))
    await owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await owner.execute(f"CREATE DATABASE {name}")
    url = urlunsplit(urlsplit(Settings().on(servers).need("database_url"))._replace(path=f"/{name}"))
    try:
        assert migrated(url, "migrate.middle kill nth=7") == -9
        there = await asyncpg.connect(url)
        half = await there.fetchval("SELECT version_num FROM alembic_version")
        assert migrated(url, "") == 0
        assert half < await there.fetchval("SELECT version_num FROM alembic_version") == head_revision()
        whole = await asyncpg.connect(database.owner_url)
        assert await there.fetch(SHAPE) == await whole.fetch(SHAPE)
        await whole.close()
        await there.close()
    finally:
        await owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await owner.close()


async def test_a_split_that_breaks_off_leaves_everything_as_it_was(hub: Hub) -> None:
    one = await hub.told("crm", "client", "1", {"name": "Nordwind"})
    assert await hub.told("psa", "client", "9", {"name": "Nordwind"}, hub=f":{one}") == one
    assert one is not None
    [row] = await hub.rows("SELECT id FROM hub.source_record WHERE tenant_id = $1 AND system = 'psa'", hub.tenant)
    told = "SELECT (SELECT count(*) FROM hub.change), (SELECT count(*) FROM hub.decision), (SELECT count(*) FROM hub.action)"
    before = await hub.rows(told)
    faults.arm("split.middle raise")
    with pytest.raises(FaultError):
        async with hub.transaction() as (tx, config):
            await splitting.split(tx, config, "client", one, {new_id(): [row["id"]]}, BO, reason="two firms")
    assert await hub.rows(told) == before


@pytest.mark.parametrize("name", ["webhook.before_call", "webhook.after_call"])
async def test_an_event_whose_sending_broke_off_comes_again_when_its_lease_has_run_out(hub: Hub, settings: Settings, name: str) -> None:
    async with a_receiver() as receiver:
        await create_subscription(hub.pool, settings, hub.tenant, subscription_id=new_id(), name="portal", kind="webhook", url=receiver.url)
        faults.arm(f"{name} raise times=1")
        async with a_deliverer(hub.pool, settings, lease_s=0.6):
            await hub.told("crm", "client", "1", {"name": "Nordwind"})
            await eventually(lambda: is_settled(hub.pool, hub.tenant), 30)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
