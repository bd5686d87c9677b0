"""Spans and counters of folding and delivering, kept out of the flows themselves.

A batch is a span of its own that links to the requests its messages came by; each message has a span in its own trace. A delivery
is a span of the trace of the change it brings: below the request that caused it where that is known, else beside it.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

from structlog.contextvars import bound_contextvars

from hub import tracing
from hub.core.records import Message
from hub.flows.ingest import Ingested
from hub.store.lanes import Lane
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.telemetry import BATCH_SECONDS, CHANGES, SETTLED

MOST_LINKS = 64
_REMEMBERED = 10_000
_parents: OrderedDict[tuple[int, str], str] = OrderedDict()
"""(tenant, correlation) to the trace context of the request it came by; filled while tracing is on."""

_BY_CORRELATION = """
    SELECT DISTINCT ON (i.correlation_id) i.correlation_id, i.traceparent
      FROM unnest($2::text[]) AS w (correlation_id)
      JOIN hub.inbox i ON i.tenant_id = $1 AND i.correlation_id = w.correlation_id AND i.traceparent IS NOT NULL
     ORDER BY i.correlation_id, i.id
"""


class Batch:
    """What a batch under way is told of: :meth:`done` once it is stored."""

    def __init__(self, messages: Sequence[Message], span: Any, parents: Mapping[str, str]) -> None:
        self._messages, self._span, self._parents = messages, span, parents
        self._began, self._began_ns = time.perf_counter(), time.time_ns()

    def done(self, came: Ingested) -> None:
        """Count what the batch came to, and show it in the trace of each message."""
        BATCH_SECONDS.labels("ingest").observe(time.perf_counter() - self._began)
        for labels, count in Counter((message.system, came.outcomes.get(message.id, "applied")) for message in self._messages).items():
            SETTLED.labels(*labels).inc(count)
        for labels, count in Counter((one.entity, one.cause) for one in came.changes).items():
            CHANGES.labels(*labels).inc(count)
        if self._span is None:
            return
        tracing.note(self._span, changes=len(came.changes))
        batch = tracing.traceparent() or ""
        made = {one.message_id: one for one in came.changes}
        for message in self._messages:
            change = made.get(message.id)
            tracing.record(
                "fold message", self._began_ns, correlation_id=message.correlation_id, traceparent=self._parents.get(message.correlation_id), links=[batch] if batch else (),
                system=message.system, object=message.object, outcome=came.outcomes.get(message.id, "applied"),
                entity=change.entity if change else None, golden_id=change.golden_id if change else None, version=change.version if change else None,
            )  # fmt: skip


@asynccontextmanager
async def folding(pool: Pool, tenant_id: int, messages: Sequence[Message]) -> AsyncIterator[Batch]:
    """Around the folding of one batch. Log lines within carry the correlation where it is one message's."""
    if len(messages) == 1:
        with bound_contextvars(tenant_id=tenant_id, correlation_id=messages[0].correlation_id):
            async with _folding(pool, tenant_id, messages) as batch:
                yield batch
    else:
        async with _folding(pool, tenant_id, messages) as batch:
            yield batch


@asynccontextmanager
async def _folding(pool: Pool, tenant_id: int, messages: Sequence[Message]) -> AsyncIterator[Batch]:
    if not tracing.is_on():
        yield Batch(messages, None, {})
        return
    async with pool.acquire() as connection:
        parents = await remember(connection, tenant_id, (message.correlation_id for message in messages))
    links = [parents.get(message.correlation_id, message.correlation_id) for message in messages[:MOST_LINKS]]
    with tracing.span("fold batch", kind="consumer", links=links, tenant_id=tenant_id, messages=len(messages), stage="ingest") as span:
        yield Batch(messages, span, parents)


async def remember(connection: Connection, tenant_id: int, correlation_ids: Iterable[str]) -> dict[str, str]:
    """Look up which requests these correlations came by; nothing while tracing is off."""
    if not tracing.is_on():
        return {}
    wanted = {one for one in correlation_ids if one}
    unknown = [one for one in wanted if (tenant_id, one) not in _parents]
    if unknown:
        for row in await connection.fetch(_BY_CORRELATION, tenant_id, unknown):
            _parents[tenant_id, row["correlation_id"]] = row["traceparent"]
        while len(_parents) > _REMEMBERED:
            _parents.popitem(last=False)
    return {one: _parents[tenant_id, one] for one in wanted if (tenant_id, one) in _parents}


def forget() -> None:
    """As if no request had come by yet: another database."""
    _parents.clear()


@contextmanager
def delivering(tenant_id: int, lane: Lane, version: int | None = None, **more: Any) -> Iterator[Any]:
    """Around one call that brings a lane's change to its reader: log lines within carry its correlation, whom it asks is told the trace."""
    with bound_contextvars(tenant_id=tenant_id, correlation_id=lane.correlation_id), _span_of(tenant_id, lane, version, more) as span:
        yield span


def _span_of(tenant_id: int, lane: Lane, version: int | None, more: Mapping[str, Any]) -> AbstractContextManager[Any]:
    if not tracing.is_on():
        return tracing.span("")
    correlation_id = lane.correlation_id or str(UUID(int=0))
    return tracing.span(
        f"deliver to {lane.subscription.kind}", correlation_id=correlation_id, traceparent=_parents.get((tenant_id, correlation_id)), kind="client",
        tenant_id=tenant_id, subscription_id=lane.subscription.id, system=lane.subscription.system, entity=lane.entity, golden_id=lane.golden_id,
        version=version or lane.wanted_version, attempt=lane.attempts + 1, **more,
    )  # fmt: skip
