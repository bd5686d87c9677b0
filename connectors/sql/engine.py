"""One database behind SQLAlchemy: an async driver where the address names one, else a sync one in a thread. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from connectors.errors import ConfigurationError, RetriableError
from connectors.sql.allowed import need_allowed, place
from connectors.sql.errors import error_of

PREPARED = {
    "postgresql": "SELECT set_config('statement_timeout', '{ms}', true), set_config('transaction_read_only', 'on', true), set_config('timezone', 'UTC', true)",
    "mysql": "SET SESSION max_execution_time = {ms}, SESSION time_zone = '+00:00'",
    "mariadb": "SET SESSION max_statement_time = {s}, SESSION time_zone = '+00:00'",
    "sqlite": "PRAGMA query_only = ON",
}
"""What a transaction begins with, by the kind of database."""
CLOCKS = {
    "postgresql": "clock_timestamp()", "mysql": "UTC_TIMESTAMP(6)", "mariadb": "UTC_TIMESTAMP(6)", "mssql": "SYSUTCDATETIME()",
    "oracle": "SYSTIMESTAMP", "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
}  # fmt: skip
"""The database's own clock; what comes without a zone is in UTC."""
DRIVERS = {"postgresql": "postgresql+asyncpg"}
"""The driver of an address that names none: the one we have."""


class Database:
    """Answers queries. Every error is a ConnectorError."""

    def __init__(self, url: str, system: str, timeout_s: float, file: str = "sql", *, user: str = "", password: str = "") -> None:
        try:
            parsed = make_url(url)
            self._url: URL = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
            self._url = self._url.set(username=user or self._url.username, password=password or self._url.password)
            dialect = self._url.get_dialect()
            if dialect.driver == "asyncpg" and "sslmode" in self._url.query:  # what others call sslmode
                self._url = self._url.difference_update_query(["sslmode"]).update_query_dict({"ssl": str(self._url.query["sslmode"])})
        except Exception as error:
            raise ConfigurationError(f"{file}: url: expected an address such as postgresql://user:password@host/name ({type(error).__name__})") from error
        need_allowed(place(dialect.name, self._url.host, self._url.port, self._url.database), self._url.query, file)
        self.kind, self._is_async = str(dialect.name), bool(dialect.is_async)
        self.compares_rows = self.kind in ("postgresql", "sqlite")
        """Others can too, and use no index for it (MySQL), or cannot (SQL Server, Oracle)."""
        self._system, self._timeout_s = system, timeout_s
        self._engine: Any = None

    async def rows(self, query: sqlalchemy.Executable, object_: str) -> list[dict[str, Any]]:
        """The rows of one query, in a transaction of its own that cannot write."""
        self._need_file()
        try:
            async with asyncio.timeout(self._timeout_s * 2 + 5):  # the database's own limit comes first
                if self._is_async:
                    return await self._asked(query)
                return await asyncio.to_thread(self._asked_in_thread, query)
        except Exception as error:
            raise error_of(error, self._system, object_) from error

    async def _asked(self, query: sqlalchemy.Executable) -> list[dict[str, Any]]:
        if self._engine is None:
            self._engine = create_async_engine(self._url, pool_size=2, max_overflow=2, pool_pre_ping=True, pool_recycle=600)
        engine: AsyncEngine = self._engine
        async with engine.connect() as connection:
            for statement in self._prepared():
                await connection.execute(sqlalchemy.text(statement))
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    def _asked_in_thread(self, query: sqlalchemy.Executable) -> list[dict[str, Any]]:
        if self._engine is None:
            self._engine = sqlalchemy.create_engine(self._url, pool_pre_ping=True, pool_recycle=600)
        with self._engine.connect() as connection:
            for statement in self._prepared():
                connection.execute(sqlalchemy.text(statement))
            return [dict(row) for row in connection.execute(query).mappings()]

    def _prepared(self) -> Sequence[str]:
        statement = PREPARED.get(self.kind)
        return () if statement is None else (statement.format(ms=int(self._timeout_s * 1000), s=self._timeout_s),)

    def _need_file(self) -> None:
        """SQLite would make a file that is missing."""
        if self.kind == "sqlite" and not (self._url.database and Path(self._url.database.removeprefix("file:").partition("?")[0]).is_file()):
            raise RetriableError(f"the file of {self._system} is not there", system=self._system)

    async def aclose(self) -> None:
        engine, self._engine = self._engine, None
        if isinstance(engine, AsyncEngine):
            await engine.dispose()
        elif engine is not None:
            await asyncio.to_thread(engine.dispose)
