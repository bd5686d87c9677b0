"""Attempts: each try of one delivery. What is still ``intent`` or ``unknown`` may have happened at the target (law 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.lanes import Lane, LaneKey
from hub.store.statements import Connection, statements

SQL = statements("attempts")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. ``state``: intent, done, adopted, retriable, rate_limited, rejected, unknown (or closed afterwards:
    abandoned, resolved). ``error`` holds class, reason, and where known field, remedy, status."""

    lane: Lane
    version: int
    operation: str
    intent_key: str
    state: str
    started_at: datetime
    worker: str = ""
    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of an attempt that was stored as an intent."""

    id: int
    state: str
    response: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A try whose outcome nobody knows; ``age_s`` since it began."""

    id: int
    version: int
    operation: str
    intent_key: str
    state: str
    request: Mapping[str, Any]
    age_s: float


async def store(tx: Connection, tenant_id: int, attempts: Sequence[Attempt]) -> list[int]:
    """Keep new attempts; answers their ids in the same order."""
    if not attempts:
        return []
    rows = await SQL["store"].fetch(tx, tenant=tenant_id, rows=[_row(place, one) for place, one in enumerate(attempts)])
    return sorted(row["id"] for row in rows)


def _row(place: int, one: Attempt) -> dict[str, Any]:
    lane = one.lane
    return {
        "place": place, "subscription_id": lane.subscription.id, "golden_id": lane.golden_id,
        "external_key": lane.external_key, "version": one.version, "operation": one.operation,
        "intent_key": one.intent_key, "state": one.state, "request": one.request, "response": one.response,
        "error": one.error, "worker": one.worker, "correlation_id": lane.correlation_id, "started_at": one.started_at,
        "finished_at": one.finished_at,
    }  # fmt: skip


async def store_intents(tx: Connection, tenant_id: int, intents: Sequence[Attempt]) -> dict[LaneKey, int]:
    """Keep intents of lanes that are still ours; answers lane → attempt id of those that were kept, at most one a lane."""
    if not intents:
        return {}
    rows = [
        {name: value for name, value in _row(place, one).items() if name not in ("state", "response", "error", "finished_at")}
        | {"token": one.lane.token}
        for place, one in enumerate(intents)
    ]
    found = await SQL["store_intents"].fetch(tx, tenant=tenant_id, rows=rows)
    return {(row["subscription_id"], row["golden_id"], row["external_key"]): row["id"] for row in found}


async def look_again(tx: Connection, tenant_id: int, due: Sequence[tuple[int, float]]) -> None:
    """Have the target asked again: (attempt id, seconds from now)."""
    if due:
        await SQL["look_again"].run(tx, tenant=tenant_id, ids=[id_ for id_, _ in due], settle_s=[after_s for _, after_s in due])


async def take_looks(connection: Connection, most: int = 100) -> list[asyncpg.Record]:
    """(tenant_id, attempt_id, looks, system, entity, golden_id, version, intent_key, operation, request, response, correlation_id)
    of second looks that are due, taken for a minute."""
    return await SQL["take_looks"].fetch(connection, most=most)


async def end_looks(tx: Connection, tenant_id: int, ids: Sequence[int]) -> None:
    if ids:
        await SQL["end_looks"].run(tx, tenant=tenant_id, ids=list(ids))


async def finish(tx: Connection, tenant_id: int, finished: Iterable[Finished]) -> None:
    rows = [{"id": one.id, "state": one.state, "response": one.response, "error": one.error} for one in finished]
    if rows:
        await SQL["finish"].run(tx, tenant=tenant_id, rows=rows)


async def close_intents(tx: Connection, tenant_id: int, decided: Iterable[tuple[UUID, str]]) -> None:
    """Earlier tries of these intents (subscription, intent key) are decided with the last one."""
    keys = sorted(set(decided))
    if keys:
        await SQL["close_intents"].run(
            tx, tenant=tenant_id, subscriptions=[key[0] for key in keys], intent_keys=[key[1] for key in keys]
        )


async def open_of_lanes(connection: Connection, tenant_id: int, lanes: Sequence[Lane]) -> dict[LaneKey, Open]:
    """Per lane the newest try that may have happened."""
    rows = await SQL["open_of_lanes"].fetch(
        connection, tenant=tenant_id, subscriptions=[lane.subscription.id for lane in lanes],
        golden_ids=[lane.golden_id for lane in lanes],
    )  # fmt: skip
    return {
        (row["subscription_id"], row["golden_id"], row["external_key"]): Open(
            row["id"], row["version"], row["operation"], row["intent_key"], row["state"], row["request"] or {}, row["age_s"]
        )
        for row in rows
    }


async def of_lane(
    connection: Connection, tenant_id: int, subscription_id: UUID, golden_id: UUID, first: int = 50
) -> list[asyncpg.Record]:
    """The tries of one lane, newest first."""
    return await SQL["of_lane"].fetch(
        connection, tenant=tenant_id, subscription=subscription_id, golden_id=golden_id, first=first
    )
