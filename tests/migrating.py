"""Migrations as they run on a database with rows: every statement of every revision, with whether it runs in a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, pool
from sqlalchemy.ext.asyncio import create_async_engine

from hub.migrate import alembic_config

PRETEND = """
CREATE SCHEMA pretend;
CREATE FUNCTION pretend.pg_relation_size(text) RETURNS bigint LANGUAGE sql AS 'SELECT 8192::bigint';
"""
"""Migrations build indexes at once where a table is empty; with this in front they do as with rows."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a revision ran: in its transaction, and each by itself."""

    revision: str
    together: str
    alone: tuple[str, ...]


async def said_by(owner_url: str) -> list[Said]:
    """Run every revision on an empty database of the owner's, and answer what each said."""
    name = owner_url.rsplit("/", 1)[1]
    engine = create_async_engine(owner_url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            for statement in PRETEND.strip().split(";\n"):
                await connection.exec_driver_sql(statement)
            await connection.exec_driver_sql(f"ALTER DATABASE {name} SET search_path = pretend, pg_catalog, public")
            await connection.commit()
        async with engine.connect() as connection:
            return await connection.run_sync(_run, owner_url)
    finally:
        await engine.dispose()


def _run(connection: Connection, owner_url: str) -> list[Said]:
    config = alembic_config(owner_url)
    config.attributes["connection"] = connection
    found = []
    for step in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        heard: list[str] = []

        def hear(_: object, __: object, statement: str, *___: object, heard: list[str] = heard) -> None:
            if "alembic_version" not in statement:
                heard.append(statement.strip().rstrip(";"))

        event.listen(connection, "before_cursor_execute", hear)
        command.upgrade(config, step.revision)
        event.remove(connection, "before_cursor_execute", hear)
        alone = tuple(one for one in heard if " CONCURRENTLY " in one)
        found.append(Said(step.revision, ";\n".join(one for one in heard if one not in alone) + ";\n", alone))
    return found
