"""Transactions that are run again from the start when they met another, and those of a dry run, which store nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
import structlog

from hub.errors import RetryBatchError
from hub.store.pool import Pool
from hub.store.statements import Connection

log = structlog.get_logger(__name__)
T = TypeVar("T")

TRIES = 6
MET_ANOTHER = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError, RetryBatchError)
"""A foreign key fails at the commit of whoever referred to a record that was merged away meanwhile."""


async def repeated(transaction: Callable[[], Awaitable[T]]) -> T:
    """Run a transaction; one that met another is tried six times in all, 10 to 160 ms apart, then the error is raised."""
    for attempt in range(TRIES - 1):
        try:
            return await transaction()
        except MET_ANOTHER as error:
            log.info("transaction_again", attempt=attempt, error=type(error).__name__)
            await asyncio.sleep(0.01 * 2**attempt)
    return await transaction()


@asynccontextmanager
async def transaction(pool: Pool, *, is_dry_run: bool = False) -> AsyncIterator[Connection]:
    """A connection in a transaction of its own; a dry run's is undone at its end, whatever was done in it."""
    async with pool.acquire() as connection:
        step = connection.transaction()
        await step.start()
        try:
            yield connection
        except BaseException:
            await step.rollback()
            raise
        await (step.rollback() if is_dry_run else step.commit())
