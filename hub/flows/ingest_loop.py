"""The worker's first loop: claim open messages, fold them, settle; and compute again what time or a parent made due.

A few batches are under way at once, so that Python reads one while Postgres stores another. A batch that fails is
halved, down to the one record that spoils it, which becomes a task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
import structlog

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.core.reading import Read, read_all
from hub.core.records import Message
from hub.errors import LostClaimError
from hub.faults import point
from hub.flows.again import repeated
from hub.flows.ingest import Ingested, ingest
from hub.flows.recompute import recompute
from hub.flows.traced import folding
from hub.store import change_log, claims, inbox, tasks
from hub.store.claims import Claim
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.ids import new_id
from hub.store.pool import Pool
from hub.store.tasks import NewTask

log = structlog.get_logger(__name__)

GONE = (
    OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.TooManyConnectionsError,
)  # fmt: skip


@dataclass
class Ingester:
    """One process's ingest. ``lanes`` batches are under way at once; a claim is ours for ``lease_s`` seconds.

    Batches of ``batch_size`` keep the online path short; while full ones come in, they double up to ``backlog_size``.
    """

    pool: Pool
    worker: str
    batch_size: int = 500
    lease_s: float = 15.0
    lanes: int = 3
    backlog_size: int = 0
    new_id: Callable[[], UUID] = new_id
    configurations: ConfigurationCache = field(default_factory=ConfigurationCache)
    _limits: dict[int, int] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        """Work until ``stop``; looks for work when woken and at least every half second."""
        workers = [asyncio.create_task(self._lane(stop, wake)) for _ in range(self.lanes)]
        await asyncio.gather(*workers)

    async def _lane(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                did = await self.step()
            except GONE as error:
                log.warning("postgres_gone", error=type(error).__name__)
                await _pause(stop, 0.5)
                continue
            if not did:
                wake.clear()
                await _either(stop, wake, 0.5)

    async def step(self) -> int:
        """One batch of every tenant and queue; answers how many items were worked on."""
        async with self.pool.acquire() as connection:
            every = await tenants(connection)
        return sum([await self.ingest_once(tenant) + await self.reconsider_once(tenant) for tenant, _ in every])

    async def drain(self, tenant_id: int) -> int:
        """Work until nothing is due; for loads, replays and tests."""
        total = 0
        while did := await self.ingest_once(tenant_id) + await self.reconsider_once(tenant_id):
            total += did
        return total

    # messages

    async def ingest_once(self, tenant_id: int) -> int:
        """Claim and fold one batch of messages; answers how many."""
        async with self.pool.acquire() as connection:
            limit = self._limits.get(tenant_id, self.batch_size)
            claim = await inbox.claim(
                connection, tenant_id, limit=limit, token=uuid4(), worker=self.worker, lease_s=self.lease_s
            )
            is_full = claim is not None and len(claim.items) >= limit
            self._limits[tenant_id] = min(2 * limit, max(self.backlog_size, self.batch_size)) if is_full else self.batch_size
            if claim is None:
                return 0
            config = await self.configurations.get(connection, tenant_id)
            batch = await inbox.read_open(connection, tenant_id, claim.items)
        try:
            point("ingest.after_claim")
            async with folding(self.pool, tenant_id, batch) as told:
                told.done(await self._fold(claim, config, batch))
        except LostClaimError as lost:
            log.warning("lost_claim", claim=lost.claim_id)
        except GONE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the batch is halved until one message is left, and told
            await self._fail(claim, batch, error)
        return max(len(batch), 1)

    async def _fold(self, claim: Claim, config: Configuration, batch: Sequence[Message]) -> Ingested:
        read = read_all(batch, config)

        async def once() -> Ingested:
            async with self.pool.acquire() as connection, connection.transaction():
                if not await claims.is_ours(connection, claim):
                    raise LostClaimError(claim.queue, claim.id)
                done = await ingest(connection, config, batch, _again(read), self.new_id)
                await claims.release(connection, claim)
                point("ingest.before_commit", connection)
                return done

        done = await repeated(once)
        point("ingest.after_commit")
        return done

    async def _fail(self, claim: Claim, batch: Sequence[Message], error: Exception) -> None:
        """Halve a batch that failed; a batch of one becomes a task, and the others are not held up."""
        one = batch[0].correlation_id if len(batch) == 1 else None
        log.error("batch_failed", tenant_id=claim.tenant_id, size=len(batch), correlation_id=one, error=type(error).__name__, exc_info=error)
        async with self.pool.acquire() as connection, connection.transaction():
            if len(claim.items) > 1:
                await claims.halve(connection, claim)
                return
            if not await claims.is_ours(connection, claim):
                return
            await claims.release(connection, claim)
            for message in batch:
                task = _poison(message, error)
                ids = await tasks.open_tasks(connection, claim.tenant_id, [task])
                detail = [{"cause": task.cause, "field": "", "reason": task.reason, "remedy": task.remedy}]
                row = {"inbox_id": message.id, "outcome": "quarantined", "task_id": ids[task.cause, task.subject], "detail": detail}
                await inbox.settle(connection, claim.tenant_id, [message.id], [row])

    # golden records that are due

    async def reconsider_once(self, tenant_id: int) -> int:
        """Claim golden records that are due and compute them again; answers how many."""
        async with self.pool.acquire() as connection:
            if not await change_log.is_any_due(connection, tenant_id):
                return 0
            claim = await claims.take(
                connection, tenant_id, "reconsider", change_log.SQL["claim_due"],
                limit=self.batch_size, token=uuid4(), worker=self.worker, lease_s=self.lease_s,
            )  # fmt: skip
            if claim is None:
                return 0
            config = await self.configurations.get(connection, tenant_id)
        try:
            await self._reconsider(claim, config)
        except LostClaimError as lost:
            log.warning("lost_claim", claim=lost.claim_id)
        except GONE:
            raise
        except Exception as error:  # noqa: BLE001 - halved likewise, until one record is left
            await self._fail_reconsider(claim, error)
        return len(claim.items)

    async def _reconsider(self, claim: Claim, config: Configuration) -> None:
        async def once() -> None:
            async with self.pool.acquire() as connection, connection.transaction():
                if not await claims.is_ours(connection, claim):
                    raise LostClaimError(claim.queue, claim.id)
                at = await connection.fetchval("SELECT clock_timestamp()")
                causes: dict[str, dict[UUID, Cause]] = {}
                for row in await change_log.due(connection, claim.tenant_id, claim.items):
                    cause = Cause(row["cause"], row["actor"], row["correlation_id"])
                    causes.setdefault(row["entity"], {})[row["golden_id"]] = cause
                await change_log.settle_due(connection, claim.tenant_id, claim.items, at)
                if causes:
                    await recompute(connection, config, causes)
                await claims.release(connection, claim)
                point("reconsider.before_commit", connection)

        await repeated(once)

    async def _fail_reconsider(self, claim: Claim, error: Exception) -> None:
        log.error("reconsider_failed", size=len(claim.items), error=type(error).__name__, exc_info=len(claim.items) == 1)
        async with self.pool.acquire() as connection, connection.transaction():
            if len(claim.items) > 1:
                await claims.halve(connection, claim)
                return
            rows = await change_log.due(connection, claim.tenant_id, claim.items)
            await claims.release(connection, claim)
            for row in rows:
                reason = f"{row['entity']} {row['golden_id']} could not be computed: {type(error).__name__}"
                task = NewTask("internal", f"{row['entity']} {row['golden_id']}", reason, "Report it, then replay the record.", golden_id=row["golden_id"])
                await tasks.open_tasks(connection, claim.tenant_id, [task])
            await connection.execute("DELETE FROM hub.reconsider WHERE tenant_id = $1 AND id = ANY ($2)", claim.tenant_id, list(claim.items))


def _again(read: Read) -> Read:
    """A fresh copy of what was read, since a try changes nothing but may be repeated."""
    return Read(list(read.readings), list(read.refusals), list(read.deletes), read.unbound)


def _poison(message: Message, error: Exception) -> NewTask:
    name = f"{message.system} {message.object} {message.external_id}"
    return NewTask(
        cause="internal",
        subject=name,
        reason=f"{name} could not be stored: {type(error).__name__}",
        remedy="Report it, mend the record at its source, then resubmit.",
        system=message.system,
        correlation_id=message.correlation_id,
    )


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _either(stop: asyncio.Event, wake: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(stop.wait()), asyncio.create_task(wake.wait())]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for one in waits:
        one.cancel()
