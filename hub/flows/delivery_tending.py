"""What deliveries need looked after every few seconds: period gates, drains, second looks, the ledger, who is urgent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from connectors.errors import ConnectorError, RejectedError
from connectors.port import Connector, Write
from hub.flows.delivery_gates import tend_gates
from hub.store import attempts, ledger, postings, quotas, tasks
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.tending")
MOST_LOOKS = 10
"""A target that cannot be asked so often is not asked again; the crosswalk stays as it is."""


@dataclass
class Tending:
    """The sweep's part. Idle work costs a cheap look each."""

    pool: Pool
    connector_of: Callable[[int, str], Awaitable[Connector | None]]
    call_timeout_s: float

    async def tend(self, connection: Connection) -> None:
        await tend_gates(connection)
        await postings.raise_closing(connection)
        for tenant_id, system in await quotas.note_drained(connection):
            log.info("system drained", tenant_id=tenant_id, system=system)
        await ledger.forget(connection)
        for row in await attempts.take_looks(connection):
            await self._look(connection, row)

    async def _look(self, connection: Connection, row: asyncpg.Record) -> None:
        """After everything has settled: does the target hold only the one?"""
        tenant_id, system, request = row["tenant_id"], row["system"], row["request"]
        connector = await self.connector_of(tenant_id, system)
        ours = str((row["response"] or {}).get("external_id", ""))
        found = ""
        try:
            if connector is not None and ours:
                found = await self._other(connector, row, request, ours)
        except (ConnectorError, TimeoutError):
            if row["looks"] < MOST_LOOKS:
                return
        async with connection.transaction():
            await attempts.end_looks(connection, tenant_id, [row["attempt_id"]])
            if found:
                await tasks.open_tasks(connection, tenant_id, [_double(row, request, ours, found)])

    async def _other(self, connector: Connector, row: asyncpg.Record, request: Any, ours: str) -> str:
        """The surplus record's id, or why the target cannot say which it is; "" when there is none."""
        write = Write(
            row["intent_key"], "create", str(request.get("object", "")), row["entity"], None, request.get("body", {}),
            natural_key=request.get("natural_key", {}),
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.call_timeout_s):
                receipt = await connector.look_up(write)
        except RejectedError as error:
            return str(error)
        return "" if receipt is None or receipt.external_id == ours else receipt.external_id


def _double(row: asyncpg.Record, request: Any, ours: str, other: str) -> NewTask:
    system, object_ = row["system"], request.get("object", "")
    money = (request.get("shown") or {}).get("money")
    return NewTask(
        "duplicate_at_target", f"{system} {object_} {row['golden_id']}", f"{system} seems to hold two records of one {row['entity']}.",
        "Remove the surplus record there; the hub works with the one it is linked to.", entity=row["entity"], golden_id=row["golden_id"],
        system=system, money=money or None, correlation_id=row["correlation_id"], detail={"external_ids": [ours, other]}, is_restated=True,
    )  # fmt: skip
