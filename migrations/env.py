"""Alembic's entry: run the migrations on asyncpg, as the owner, in one transaction each.

A statement that waits for a lock makes everybody wait who comes behind it, so it waits two seconds at most; ``hub migrate``
begins the revision again.
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from hub.faults import point


TIMEOUTS = {"lock_timeout": "2s", "statement_timeout": "1h", "application_name": "hub-migrate"}


def target_metadata() -> object | None:
    """The tables as the model declares them, for ``alembic check``; whoever calls alembic passes them."""
    return context.config.attributes.get("metadata")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata(),  # type: ignore[arg-type]
        include_schemas=True,
        transaction_per_migration=True,
        on_version_apply=lambda **_: point("migrate.middle"),
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run(url: str) -> None:
    engine = create_async_engine(
        url.replace("postgres://", "postgresql://", 1).replace("://", "+asyncpg://", 1),
        poolclass=pool.NullPool,
        connect_args={"server_settings": TIMEOUTS},
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(connect_and_run(context.config.attributes["url"]))
