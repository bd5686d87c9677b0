"""Databases as sources, on SQLite and PostgreSQL: what every connector promises about reading, and what is a database's own."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
import sqlalchemy

from connectors.conformance import READING, Check, NotApplicable, name_of, present, read_all
from connectors.errors import (
    ConfigurationError, ConnectorError, CredentialsError, RejectedError, RetriableError, SchemaDriftError,
)  # fmt: skip
from connectors.port import Page, Write, parse_json
from connectors.sql import allowed, queries
from connectors.sql.connector import SqlConnector, sql_connector
from connectors.sql.errors import error_of
from tests.conftest import Database

CLIENT = {"table": "client", "watermark": "updated_at", "columns": ["name", "amount"]}


@pytest.fixture(autouse=True)
def everything_is_allowed() -> Iterator[None]:
    allowed.allow("*")
    yield
    allowed.allow("")


class SqlSubject:
    """A table ``client`` of some database; ``ahead_s``: how wrong its clock is."""

    resource = object = entity = "client"
    page_size, tells_how_long = 40, True
    url, moment = "", ""
    client: dict[str, Any] = CLIENT

    def __init__(self) -> None:
        self.made: list[SqlConnector] = []
        self.ahead_s = 0.0
        self.entered = 0

    async def run(self, statement: str, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def connector(self, **more: Any) -> SqlConnector:
        document = {"system": "ledger", "connector": "sql", "url": self.url, "page_size": self.page_size, "clock": self.moment.format(self.ahead_s)}
        found = sql_connector(document | {"zone": "UTC", "resources": {"client": self.client}} | more)
        self.made.append(found)
        return found

    async def close(self) -> None:
        for one in self.made:
            await one.aclose()

    async def enter(self, count: int) -> list[str]:
        ids = [f"c{number:05}" for number in range(self.entered, self.entered + count)]
        self.entered += count
        rows = [(id, f"Firm {id}") for id in ids]
        await self.run(f"INSERT INTO client (id, name, amount, updated_at) VALUES (?, ?, 12.50, {self.moment.format(self.ahead_s)})", *rows)
        return ids

    async def change(self, id: str) -> None:
        await self.run(f"UPDATE client SET name = name || '!', updated_at = {self.moment.format(self.ahead_s)} WHERE id = ?", (id,))

    async def delete(self, id: str) -> None:
        """A row that is gone is found by the next listing, a day later."""
        await self.run("DELETE FROM client WHERE id = ?", (id,))
        self.ahead_s += 86_500.0

    async def ids(self) -> set[str]:
        return {row[0] for row in await self.run("SELECT id FROM client")}

    async def set_clock(self, ahead_s: float) -> None:
        self.ahead_s = ahead_s

    async def version_of(self, id: str) -> str:
        found = await self.connector().fetch("client", id)
        assert found is not None
        return found.version

    def connector_with_wrong_credentials(self) -> SqlConnector:
        raise NotApplicable("asked beside the suite")

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        raise NotApplicable("there is no wire that could be cut")

    async def expire_tokens(self) -> None:
        raise NotApplicable("there are no tokens")

    async def webhook(self, id: str) -> Any:
        raise NotApplicable("there are no webhooks")

    def body(self, number: int) -> Any:
        raise NotApplicable("nothing is written")

    def refused(self) -> Any:
        raise NotApplicable("nothing is written")


class Sqlite(SqlSubject):
    moment = "strftime('%Y-%m-%d %H:%M:%f', 'now', '{:+.0f} seconds')"
    client = CLIENT | {"watermark": {"column": "updated_at", "form": "text", "pattern": "%Y-%m-%d %H:%M:%S"}}

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file, self.url = file, f"sqlite:///{file}"
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE client (id TEXT PRIMARY KEY, name TEXT, amount NUMERIC, updated_at TEXT, gone INTEGER)")

    async def run(self, statement: str, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.file) as connection:
            if rows:
                connection.executemany(statement, rows)
                return []
            return connection.execute(statement).fetchall()


class Postgres(SqlSubject):
    moment = "(clock_timestamp() + make_interval(secs => {}))"

    def __init__(self, connection: asyncpg.Connection, url: str) -> None:
        super().__init__()
        self.connection, self.url = connection, url
        self.client = CLIENT | {"table": "legacy.client"}

    async def run(self, statement: str, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        told = statement.replace("client", "legacy.client", 1)
        for number in range(1, told.count("?") + 1):
            told = told.replace("?", f"${number}", 1)
        if rows:
            await self.connection.executemany(told, rows)
            return []
        return [tuple(row) for row in await self.connection.fetch(told)]


@pytest.fixture
async def postgres(database: Database) -> AsyncIterator[Postgres]:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("CREATE SCHEMA legacy")
    await connection.execute(
        "CREATE TABLE legacy.client (id text PRIMARY KEY, name text, amount numeric(18, 2), updated_at timestamptz, local timestamp, day date, gone boolean, code char(8), n bigint)"
    )
    found = Postgres(connection, database.owner_url)
    yield found
    await found.close()
    await connection.execute("DROP SCHEMA legacy CASCADE")
    await connection.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Sqlite]:
    found = Sqlite(tmp_path / "ledger.db")
    yield found
    await found.close()


@pytest.fixture(params=["sqlite", "postgres"])
def subject(request: pytest.FixtureRequest) -> SqlSubject:
    found: SqlSubject = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("check", READING, ids=name_of)
async def test_the_connector_conforms(check: Check, subject: SqlSubject) -> None:
    await check(subject)


async def test_records_keep_amounts_exact_and_name_their_instants(postgres: Postgres) -> None:
    await postgres.run(
        "INSERT INTO client (id, name, amount, updated_at, local, day, code) VALUES "
        "('7', 'Nordwind', 1234567890123456.10, '2026-07-01 12:00+02', '2026-07-01 12:00', '2026-07-01', 'A7')"
    )
    connector = postgres.connector(zone="Europe/Berlin", resources={"client": {"table": "legacy.client", "id": ["code"], "watermark": "updated_at"}})
    ((one,), _, _) = await read_all(connector, "client")
    assert (one.external_id, one.version) == ("A7", "2026-07-01T10:00:00Z")
    assert parse_json(one.body) == {
        "id": "7", "name": "Nordwind", "amount": Decimal("1234567890123456.10"), "updated_at": "2026-07-01T10:00:00Z",
        "local": "2026-07-01T10:00:00Z", "day": "2026-07-01", "gone": None, "code": "A7      ", "n": None,
    }  # fmt: skip


async def test_a_timestamp_of_no_zone_is_not_guessed(postgres: Postgres) -> None:
    await postgres.run("INSERT INTO client (id, local, updated_at) VALUES ('7', '2026-07-01 12:00', now())")
    connector = sql_connector({"system": "x", "url": postgres.url, "resources": {"client": {"table": "legacy.client"}}})
    with pytest.raises(ConfigurationError, match="column local has no zone"):
        await connector.poll("client", "")
    await connector.aclose()


@pytest.mark.parametrize("watermark", ["local", {"column": "n", "form": "number"}, "day", {"column": "n", "form": "number", "overlap": 2}])
async def test_every_kind_of_watermark_tells_what_changed(postgres: Postgres, watermark: Any) -> None:
    """Also by pages of one, and when many rows share a mark."""
    values = "(clock_timestamp() AT TIME ZONE 'Europe/Berlin'), (clock_timestamp() AT TIME ZONE 'Europe/Berlin')::date"
    await postgres.run(f"INSERT INTO client (id, n, local, day) SELECT 'c' || n, n / 3, {values} FROM generate_series(1, 9) AS n")
    client = {"table": "legacy.client", "watermark": watermark, "listing_every_s": 0}
    connector = postgres.connector(page_size=2, zone="Europe/Berlin", resources={"client": client})
    told, checkpoint, last = await read_all(connector, "client")
    assert present(told) == await postgres.ids() and last.is_complete_listing
    await postgres.run(f"INSERT INTO client (id, n, local, day) SELECT 'd' || n, 10, {values} FROM generate_series(1, 5) AS n")
    told, checkpoint, _ = await read_all(connector, "client", checkpoint)
    assert {f"d{n}" for n in range(1, 6)} <= present(told)
    again, _, _ = await read_all(connector, "client", checkpoint)
    assert {one.key for one in again} <= {one.key for one in told} | {one.key for one in again}


async def test_an_hour_that_the_clocks_show_twice_hides_nothing(postgres: Postgres) -> None:
    """In October the clocks of Berlin show two o'clock twice: rows of the second time sort before those of the first."""
    zone = ZoneInfo("Europe/Berlin")
    client = {"table": "legacy.client", "watermark": "local", "listing_every_s": 0}

    def at(moment: datetime) -> SqlConnector:
        return postgres.connector(zone="Europe/Berlin", clock=f"timestamptz '{moment.isoformat()}'", resources={"client": client})

    async def enter(id: str, moment: datetime) -> None:
        await postgres.run(f"INSERT INTO client (id, local) VALUES ('{id}', '{moment.astimezone(zone).replace(tzinfo=None)}')")

    before = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)
    await enter("first", before)
    _, checkpoint, _ = await read_all(at(before), "client")
    await enter("second", before + timedelta(seconds=20))
    told, checkpoint, _ = await read_all(at(before + timedelta(seconds=30)), "client", checkpoint)
    assert "second" in present(told)
    await enter("third", before + timedelta(seconds=50))
    told, _, _ = await read_all(at(before + timedelta(minutes=1)), "client", checkpoint)
    assert "third" in present(told)


async def test_a_transaction_that_commits_late_is_found_within_the_lag(postgres: Postgres) -> None:
    await postgres.enter(3)
    other = await asyncpg.connect(postgres.url)
    async with other.transaction():
        await other.execute("INSERT INTO legacy.client (id, updated_at) VALUES ('late', clock_timestamp())")
        _, checkpoint, _ = await read_all(postgres.connector(), "client")
        await postgres.enter(1)
        _, checkpoint, _ = await read_all(postgres.connector(), "client", checkpoint)
    await other.close()
    told, _, _ = await read_all(postgres.connector(), "client", checkpoint)
    assert "late" in present(told)


async def test_once_a_day_the_day_before_is_read_again(postgres: Postgres) -> None:
    client = CLIENT | {"table": "legacy.client", "listing_every_s": 0}
    early = postgres.connector(clock="timestamptz '2026-05-01 12:00Z'", resources={"client": client})
    await postgres.run("INSERT INTO client (id, updated_at) VALUES ('old', '2026-05-01 00:00Z')")
    _, checkpoint, _ = await read_all(early, "client")
    await postgres.run("INSERT INTO client (id, updated_at) VALUES ('very late', '2026-05-01 11:00Z')")
    told, checkpoint, _ = await read_all(early, "client", checkpoint)
    assert "very late" not in present(told)
    told, _, _ = await read_all(postgres.connector(clock="timestamptz '2026-05-02 12:00:01Z'", resources={"client": client}), "client", checkpoint)
    assert "very late" in present(told)


@pytest.mark.parametrize("deleted", ["gone", {"column": "gone", "is": ["True", "1"]}])
async def test_a_flag_marks_deleted_rows(subject: SqlSubject, deleted: Any) -> None:
    ids = await subject.enter(3)
    await subject.run("UPDATE client SET gone = (1 = 1) WHERE id = ?", (ids[1],))
    told, _, _ = await read_all(subject.connector(resources={"client": subject.client | {"deleted": deleted}}), "client")
    assert {one.external_id for one in told if one.is_delete} == {ids[1]}


async def test_absence_is_looked_for_when_a_listing_is_due(subject: SqlSubject) -> None:
    ids = await subject.enter(3)
    _, checkpoint, _ = await read_all(subject.connector(), "client")
    await subject.delete(ids[0])
    page = await subject.connector().poll("client", checkpoint)
    assert page == Page((), "", has_more=True)
    told, _, last = await read_all(subject.connector(), "client", "")
    assert last.is_complete_listing and present(told) == set(ids[1:])


async def test_a_select_stands_for_a_table(subject: SqlSubject) -> None:
    await subject.enter(90)
    table = "legacy.client" if isinstance(subject, Postgres) else "client"
    select = f"SELECT id, id || ':x' AS kennung, name AS firma, updated_at FROM {table} WHERE name <> 'a:b' AND name LIKE 'Firm%' -- all of them"
    client = subject.client | {"select": select, "table": None, "columns": [], "id": ["kennung", "id"]}
    told, checkpoint, _ = await read_all(subject.connector(resources={"client": client}), "client")
    assert len(present(told)) == 90 and told[0].external_id == "c00000:x|c00000"
    found = await subject.connector(resources={"client": client}).fetch("client", "c00007:x|c00007")
    assert found is not None and parse_json(found.body)["firma"] == "Firm c00007"
    await subject.change("c00007")
    told, _, _ = await read_all(subject.connector(resources={"client": client}), "client", checkpoint)
    assert "c00007:x|c00007" in present(told)


async def test_a_query_of_ours_cannot_write(subject: SqlSubject) -> None:
    (id,) = await subject.enter(1)
    with pytest.raises(ConnectorError):
        await subject.connector().database.rows(sqlalchemy.text("DELETE FROM " + ("legacy.client" if isinstance(subject, Postgres) else "client")), "client")
    assert await subject.ids() == {id}
    with pytest.raises(RejectedError, match="only read"):
        await subject.connector().write(Write("k", "create", "client", "client", None, {}))


async def test_what_a_database_refuses_is_told_by_what_happens_next(postgres: Postgres, database: Database) -> None:
    await postgres.enter(1)

    async def refused(**more: Any) -> ConnectorError:
        with pytest.raises(ConnectorError) as error:
            await postgres.connector(**more).poll("client", "")
        return error.value

    drift = await refused(resources={"client": {"table": "legacy.nothing"}})
    assert isinstance(drift, SchemaDriftError) and (drift.object, drift.path) == ("client", "42P01")
    assert isinstance(await refused(resources={"client": {"table": "legacy.client", "id": "no"}}), SchemaDriftError)
    slow = {"select": "SELECT id, pg_sleep(20) AS x FROM legacy.client"}
    assert "took longer than it may" in str(await refused(statement_timeout_s=0.1, resources={"client": slow}))
    assert isinstance(await refused(url=database.api_url), RejectedError), "permission"
    assert isinstance(await refused(user="nobody", password="wr@ng/"), CredentialsError)
    away = sqlalchemy.make_url(database.owner_url).set(host="127.0.0.1", port=1, query={}).render_as_string(hide_password=False)
    assert isinstance(await refused(url=away), RetriableError)


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    connector = sql_connector({"system": "x", "url": f"sqlite:///{tmp_path}/none.db", "resources": {"client": {"table": "client"}}})
    with pytest.raises(RetriableError, match="is not there"):
        await connector.poll("client", "")
    assert list(tmp_path.iterdir()) == []


def test_a_document_alone_reaches_no_database() -> None:
    about = {"system": "x", "resources": {}}
    allowed.allow("postgresql://replica.example/*, sqlite:////data/*")
    for url in (
        "postgresql://u:secret@127.0.0.1/hub", "sqlite:////etc/passwd", "sqlite:////data/../etc/x", "mysql://replica.example/psa",
        "postgresql:///psa?host=replica.example", "postgresql://replica.example/psa?host=127.0.0.1", "postgresql://replica.example:1/psa",
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match="HUB_DATABASES does not name|the parameter host may not|expected an address") as error:
            sql_connector({**about, "url": url})
        assert "secret" not in str(error.value)
    found = sql_connector({**about, "url": "postgresql://u:secret@replica.example/psa?sslmode=require"})
    assert found.database._url.query == {"ssl": "require"}, "as our driver calls it"
    sql_connector({**about, "url": "sqlite:////data/ledger.db"})


def test_a_driver_that_is_not_installed_is_named() -> None:
    for url in ("nonsense", "nosuchdb://u:secret@h/x"):
        with pytest.raises(ConfigurationError, match="url: expected an address") as error:
            sql_connector({"system": "x", "url": url, "resources": {}})
        assert "secret" not in str(error.value)


async def test_a_driver_that_is_missing_is_told() -> None:
    connector = sql_connector({"system": "x", "url": "mysql+pymysql://u:secret@h/x", "resources": {"client": {"table": "client"}}})
    with pytest.raises(ConfigurationError, match="driver for x is not installed") as error:
        await connector.poll("client", "")
    assert "secret" not in str(error.value)


class Refusal(Exception):
    """As a driver raises it."""


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (("40001", "deadlock"), RetriableError), ((1213, "Deadlock found"), RetriableError), ((1045, "Access denied"), CredentialsError),
        (("28000", "Login failed"), CredentialsError), (("42S02", "Invalid object name"), SchemaDriftError), ((2006, "gone away"), RetriableError),
        (("ORA-00942: table or view does not exist",), SchemaDriftError), (("ORA-01017: invalid username",), CredentialsError),
        (("HYT00", "timeout"), RetriableError), ((1142, "SELECT command denied"), RejectedError), (("anything else",), RetriableError),
        (({"S": "ERROR", "C": "42P01"},), SchemaDriftError), (('connection failed: FATAL:  password authentication failed for user "x"',), CredentialsError),
    ],
)  # fmt: skip
def test_the_errors_of_other_databases_are_understood(args: tuple[Any, ...], kind: type[ConnectorError]) -> None:
    assert type(error_of(Refusal(*args), "ledger", "client")) is kind


@pytest.mark.parametrize(("dialect", "order"), [("mssql", "TOP"), ("oracle", "FETCH FIRST")])
def test_databases_without_row_comparison_are_asked_the_long_way(dialect: str, order: str) -> None:
    from importlib import import_module

    from connectors.sql.config import parsed

    one = parsed({"system": "x", "url": "x://", "resources": {"client": CLIENT | {"table": "dbo.client"}}}, "x").resources["client"]
    query = queries.page(one, ("updated_at", "id"), [datetime(2026, 1, 1), "c1"], None, 10, compares_rows=False)
    said = str(query.compile(dialect=import_module(f"sqlalchemy.dialects.{dialect}").dialect()))
    assert "updated_at >= " in said and " OR " in said and order in said


async def test_the_long_way_reads_the_same_rows(subject: SqlSubject) -> None:
    await subject.enter(95)
    connector = subject.connector()
    _, checkpoint, _ = await read_all(connector, "client")
    first = await read_all(connector, "client", checkpoint)
    connector.database.compares_rows = False
    second = await read_all(connector, "client", checkpoint)
    assert [one.external_id for one in first[0]] == [one.external_id for one in second[0]] and len(first[0]) == 95
