"""A caller that waits for its result: receive and ingest in one transaction. Portals, stewards and small ingests.

The message goes through the same door as any other; it is only settled before anybody else can see it open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from hub.core.reading import read_all
from hub.core.records import Golden, SourceKey
from hub.errors import RequestError
from hub.flows import receive
from hub.flows.again import repeated, transaction
from hub.flows.ingest import Ingested, ingest
from hub.flows.receive import Origin
from hub.store import golden, inbox
from hub.store.configuration import ConfigurationCache
from hub.store.ids import new_id
from hub.store.inbox import NewMessage, Stored
from hub.store.pool import Pool
from hub.store.statements import Connection
from schema import ENTITIES


class Expected(NamedTuple):
    """The version the caller has seen of a record it is about to change."""

    entity: str
    golden_id: UUID
    version: int


@dataclass(slots=True)
class Contributed:
    """What came of it: the messages as kept, what ingest did, and the golden records as they stand."""

    stored: list[Stored]
    ingested: Ingested
    goldens: dict[SourceKey, Golden | None]


async def contribute(
    pool: Pool,
    origin: Origin,
    messages: Sequence[NewMessage],
    configurations: ConfigurationCache,
    *,
    expected: Sequence[Expected] = (),
    is_dry_run: bool = False,
    make_id: Callable[[], UUID] = new_id,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Contributed:
    """Keep and fold messages at once. A dry run does everything and commits nothing.

    Raises :class:`RequestError`: ``VERSION_CONFLICT`` when a record is not at the version expected of it (nothing is
    stored; read it again), ``IDEMPOTENCY_CONFLICT`` when a key was used for another body.
    """
    for message in messages:
        receive.check(message)

    async def once() -> Contributed:
        async with transaction(pool, is_dry_run=is_dry_run) as tx:
            return await _contribute(tx, origin, messages, configurations, expected, make_id, clock())

    return await repeated(once)


async def _contribute(
    tx: Connection,
    origin: Origin,
    messages: Sequence[NewMessage],
    configurations: ConfigurationCache,
    expected: Sequence[Expected],
    make_id: Callable[[], UUID],
    at: datetime,
) -> Contributed:
    config = await configurations.get(tx, origin.tenant_id)
    await _check_versions(tx, origin.tenant_id, expected)
    stored = await inbox.store(
        tx, origin.tenant_id, messages,
        channel=origin.channel, actor=origin.actor, received_at=at, is_backfill=origin.is_backfill,
    )  # fmt: skip
    for one in stored:
        if one.status == "conflict":
            raise RequestError(
                "IDEMPOTENCY_CONFLICT", "this idempotency key was used for another body",
                field="idempotencyKey", remedy="Use a new key for a new request.",
            )  # fmt: skip
    new = [one.id for one in stored if one.status == "new"]
    batch = await inbox.read_open(tx, origin.tenant_id, new)
    done = await ingest(tx, config, batch, read_all(batch, config), make_id)
    return Contributed(stored, done, await _as_they_stand(tx, origin.tenant_id, messages))


async def _check_versions(tx: Connection, tenant_id: int, expected: Sequence[Expected]) -> None:
    for one in expected:
        found = (await golden.lock(tx, tenant_id, ENTITIES[one.entity], [one.golden_id])).get(one.golden_id)
        version = found.golden.version if found else 0
        if version != one.version:
            raise RequestError(
                "VERSION_CONFLICT", f"the record is at version {version}, not {one.version}",
                field="expectedVersion", remedy="Read it again, then repeat your change on what you find.", is_retryable=True,
            )  # fmt: skip


async def _as_they_stand(
    tx: Connection, tenant_id: int, messages: Sequence[NewMessage]
) -> dict[SourceKey, Golden | None]:
    rows = await tx.fetch(
        "SELECT s.system, s.object, s.external_id, s.entity, s.part, s.golden_id FROM hub.source_record s "
        "JOIN unnest($2::text[], $3::text[], $4::text[]) AS k (system, object, external_id) "
        "ON s.tenant_id = $1 AND s.system = k.system AND s.object = k.object AND s.external_id = k.external_id",
        tenant_id, [m.system for m in messages], [m.object for m in messages], [m.external_id for m in messages],
    )  # fmt: skip
    by_entity: dict[str, set[UUID]] = {}
    for row in rows:
        if row["golden_id"] is not None:
            by_entity.setdefault(row["entity"], set()).add(row["golden_id"])
    found: dict[UUID, Golden] = {}
    for entity, ids in by_entity.items():
        found |= {id_: one.golden for id_, one in (await golden.read(tx, tenant_id, ENTITIES[entity], ids)).items()}
    return {SourceKey(*tuple(row)[:5]): found.get(row["golden_id"]) for row in rows}


def portal_message(
    entity: str, golden_id: UUID, values: Mapping[str, Any], key: str, correlation_id: str, system: str = "portal"
) -> NewMessage:
    """A person's change as what it is: a contribution of system ``portal`` under the golden id."""
    return NewMessage(system, entity, str(golden_id), receive.dump(values), key, correlation_id)
