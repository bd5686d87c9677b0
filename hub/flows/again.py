"""Transactions that met another one on its way: undone, they are run again from the start."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog

from hub.errors import RetryBatchError

log = structlog.get_logger(__name__)
T = TypeVar("T")

TRIES = 6
MET_ANOTHER = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError, RetryBatchError)


async def repeated(transaction: Callable[[], Awaitable[T]]) -> T:
    """Run a transaction; one that met another is tried six times in all, 10 to 160 ms apart, then the error is raised."""
    for attempt in range(TRIES - 1):
        try:
            return await transaction()
        except MET_ANOTHER as error:
            log.info("transaction_again", attempt=attempt, error=type(error).__name__)
            await asyncio.sleep(0.01 * 2**attempt)
    return await transaction()
