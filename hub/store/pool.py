"""Connections to Postgres: one pool for flows (``hub_worker``), one for reads (``hub_api``) that remembers tenants.

No pool resets a connection on release (a round trip each time, measured); nothing session-level is used but the
api connections' ``hub.tenant``, which is set only when a connection changes tenant.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import orjson

from hub.store.ordered import ORDER, as_written

Pool: TypeAlias = asyncpg.Pool


class _Connection(asyncpg.Connection):
    """A connection whose pool does not reset it; open transactions are rolled back by their own contexts.

    ``prepared`` are statements kept at hand: finding one in asyncpg's own cache costs 5 µs.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.prepared: OrderedDict[str, Any] = OrderedDict()

    def get_reset_query(self) -> str:
        return ""

    async def remember(self, sql: str) -> Any:
        """Prepare a statement and keep it; the oldest goes when there are too many."""
        found = self.prepared[sql] = await self.prepare(sql)
        while len(self.prepared) > _REMEMBERED_STATEMENTS:
            self.prepared.popitem(last=False)
        return found


async def open_worker_pool(url: str, size: int = 8, name: str = "hub") -> Pool:
    """Connections for flows. Every statement names its tenant; row-level security lets this role see all."""
    pool: Pool = await asyncpg.create_pool(
        url, min_size=1, max_size=size, connection_class=_Connection, init=prepare, server_settings={"application_name": name}
    )
    return pool


async def prepare(connection: asyncpg.Connection) -> None:
    """jsonb goes in and out as Python values (our canonical values hold no floats); documents come out in the order they were written in."""
    await connection.set_type_codec("json", encoder=_dump, decoder=orjson.loads, schema="pg_catalog", format="binary")
    await connection.set_type_codec("jsonb", encoder=_dump_b, decoder=_load_b, schema="pg_catalog", format="binary")


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str)


def _dump_b(value: Any) -> bytes:
    """jsonb on the wire is a version byte and the JSON text."""
    return b"\x01" + _dump(value)


_ORDERED = f'"{ORDER}"'.encode()


def _load_b(sent: bytes) -> Any:
    found = orjson.loads(memoryview(sent)[1:])
    return as_written(found) if _ORDERED in sent else found


_DAY_0, _INSTANT_0 = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)
_FAR_DAYS, _FAR_MICROSECONDS = 2**31 - 1, 2**63 - 1


async def _know_far_days(connection: asyncpg.Connection) -> None:
    """Send 9999-12-31 and 0001-01-01 as the days they are.

    asyncpg makes infinities of the first and the last day it knows. Systems that have no empty end say 9999-12-31: a filter
    for it found nothing, and a page that ended on it lost everything behind.
    """
    await connection.set_type_codec("date", encoder=_day_out, decoder=_day_in, schema="pg_catalog", format="tuple")
    await connection.set_type_codec("timestamptz", encoder=_instant_out, decoder=_instant_in, schema="pg_catalog", format="tuple")


def _day_out(value: date) -> tuple[int]:
    return (value.toordinal() - _DAY_0.toordinal(),)


def _day_in(sent: tuple[int]) -> date:
    if abs(sent[0]) >= _FAR_DAYS:
        return date.max if sent[0] > 0 else date.min
    return date.fromordinal(sent[0] + _DAY_0.toordinal())


def _instant_out(value: datetime) -> tuple[int]:
    since = value.astimezone(UTC) - _INSTANT_0
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds,)


def _instant_in(sent: tuple[int]) -> datetime:
    if abs(sent[0]) >= _FAR_MICROSECONDS:
        return (datetime.max if sent[0] > 0 else datetime.min).replace(tzinfo=UTC)
    return _INSTANT_0 + timedelta(microseconds=sent[0])


_READING = {"jit": "off", "timezone": "UTC", "datestyle": "ISO", "extra_float_digits": "1"}
"""Reads are written once and sent many times: compiling their expressions anew each time would cost more than they do."""
_REMEMBERED_STATEMENTS = 500


class TenantPool:
    """Read connections of role ``hub_api``; each remembers the tenant it was last used for.

    Checkout prefers an idle connection that has the tenant; otherwise it sets it, one round trip on a switch only,
    never in the statement that reads (the plan may read first).
    """

    def __init__(self, url: str, size: int = 8, name: str = "hub-api") -> None:
        self.url, self.size, self.name = url, size, name
        self._idle: dict[int, deque[_Connection]] = {}
        self._slots = asyncio.Semaphore(size)
        self._is_closed = False

    @property
    def busy_count(self) -> int:
        """Connections that are out now."""
        return self.size - self._slots._value

    @property
    def open_count(self) -> int:
        """Connections that are open."""
        return self.busy_count + sum(len(idle) for idle in self._idle.values())

    @asynccontextmanager
    async def tenant(self, tenant_id: int) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees this tenant's rows only; at most ``size`` are out at once."""
        async with self._slots:
            connection = await self._checkout(tenant_id)
            try:
                yield connection
            finally:
                if not self._give_back(tenant_id, connection):
                    await _close(connection)

    async def fetchrow(self, tenant_id: int, sql: str, parameters: Sequence[Any]) -> asyncpg.Record | None:
        """The first row of one statement. The same as by :meth:`tenant`, without what a context manager costs (3 µs)."""
        await self._slots.acquire()
        try:
            connection = await self._checkout(tenant_id)
            try:
                statement = connection.prepared.get(sql) or await connection.remember(sql)
                return await statement.fetchrow(*parameters)
            finally:
                if not self._give_back(tenant_id, connection):
                    await _close(connection)
        finally:
            self._slots.release()

    def _give_back(self, tenant_id: int, connection: _Connection) -> bool:
        """Keep a connection for the next; False when it must be closed instead."""
        if connection.is_closed() or self._is_closed or connection.is_in_transaction():
            return False
        mine = self._idle.get(tenant_id)
        if mine is None:
            mine = self._idle[tenant_id] = deque()
        mine.append(connection)
        return True

    async def _checkout(self, tenant_id: int) -> _Connection:
        while (mine := self._idle.get(tenant_id)) and mine:
            connection = mine.pop()
            if not connection.is_closed():
                return connection
        for other in self._idle.values():
            while other:
                connection = other.popleft()
                if not connection.is_closed():
                    await _set_tenant(connection, tenant_id)
                    return connection
        opened: _Connection = await asyncpg.connect(
            self.url, connection_class=_Connection, server_settings={"application_name": self.name, **_READING},
            statement_cache_size=_REMEMBERED_STATEMENTS, max_cacheable_statement_size=0, max_cached_statement_lifetime=0,
        )  # fmt: skip
        await prepare(opened)
        await _know_far_days(opened)
        await _set_tenant(opened, tenant_id)
        return opened

    async def close(self) -> None:
        self._is_closed = True
        for connections in self._idle.values():
            while connections:
                await _close(connections.pop())


async def _set_tenant(connection: asyncpg.Connection, tenant_id: int) -> None:
    await connection.execute("SELECT set_config('hub.tenant', $1, false)", str(tenant_id))


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=2)
    except (TimeoutError, OSError, asyncpg.PostgresError):
        connection.terminate()
