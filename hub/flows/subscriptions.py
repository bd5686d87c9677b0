"""Subscribing, and operating what was subscribed: pause, resume, modes, brakes, dead letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

import asyncpg

from hub.errors import RequestError
from hub.flows import endpoints
from hub.flows.brokers.address import check_address, check_topic, permitted
from hub.flows.brokers.connections import check_installed
from hub.flows.contexts import need_known
from hub.flows.deliver import secret_about
from hub.flows.filters import normal_filter
from hub.flows.pins import checked, pinned
from hub.flows.receivers import check_address_of, checked_schedule, unknown
from hub.flows.webhook_message import is_secret, new_secret
from hub.flows.write_outcomes import summed
from hub.settings import Settings
from hub.store import configuration, feed, feed_notices, lanes, secrets, subscriptions, tasks
from hub.store.lanes import Letters
from hub.store.pool import Pool
from hub.store.subscriptions import Subscription
from hub.store.tasks import NewTask
from schema import ENTITIES

MODES = ("observe", "propose", "write")


@dataclass(frozen=True, slots=True)
class Created:
    """A new subscription. ``secret`` is shown this once (webhooks only); ``position`` is where its stream begins."""

    id: UUID
    position: int
    secret: str | None = None


async def create_subscription(
    pool: Pool,
    settings: Settings,
    tenant_id: int,
    *,
    subscription_id: UUID,
    name: str,
    kind: str,
    system: str | None = None,
    url: str | None = None,
    secret: str | None = None,
    filter: Mapping[str, Any] | None = None,
    payload: str = "delta",
    coalesces: bool | None = None,
    with_snapshot: bool = False,
    retry_s: Sequence[float] | None = None,
    created_by: str = "",
    topic: str | None = None,
    pins: Mapping[str, int] | None = None,
) -> Created:
    """Subscribe a connected system (``connector``), an address (``webhook``) or a broker (``broker``) to the tenant's changes.

    A broker's ``secret`` is the login it asks for, ``topic`` where changes go. ``pins`` are the payload versions the
    subscriber was made for; left out, it gets the newest there are now, for good.

    It gets what has a position after this moment; ``with_snapshot`` first every present record once (event
    ``hub.<entity>.snapshot.v1``), without gap or double. Systems coalesce unless said otherwise, webhooks do not.
    ``retry_s``: seconds to wait after each failed try of an event, instead of the standard schedule (webhooks only).
    Raises :class:`RequestError` that names the field which cannot be used.
    """
    await _check(settings, name, kind, system, url, payload)
    if kind == "broker":
        _check_broker(settings, url, topic)
    wanted = normal_filter(filter or {})
    if kind == "connector" and wanted.get("events"):
        raise RequestError("bad_filter", "only webhooks and brokers are told of business events", field="filter.events", remedy="Name fields and conditions.")
    if kind != "connector" and wanted.get("route"):
        raise RequestError("bad_filter", "only connected systems are routed to", field="filter.route", remedy="Name conditions (where) instead.")
    secret = _secret(kind, secret)
    sealed = None
    if secret is not None:
        sealed = secrets.encrypt(settings.need("secret_key"), secret, secret_about(tenant_id, subscription_id))
    one = Subscription(
        subscription_id, name, kind, system, url, sealed, wanted, payload,
        kind == "connector" if coalesces is None else coalesces, retry_s=checked_schedule(kind, retry_s),
        topic=topic if kind == "broker" else None, pins=pinned(pins),
    )  # fmt: skip
    entities = wanted.get("entities") or list(ENTITIES)
    async with pool.acquire() as connection:
        if kind == "connector":
            await _check_system(connection, tenant_id, str(system))
        if wanted.get("context"):
            await need_known(connection, tenant_id, wanted["context"], "filter.context")
        try:
            async with connection.transaction():
                head = await feed.sequence(connection, tenant_id)
                state = "paused" if with_snapshot else "active"
                await subscriptions.insert(
                    connection, tenant_id, one, position=head.position, state=state, created_by=created_by
                )
        except asyncpg.UniqueViolationError as error:
            if error.table_name != "subscription":
                raise
            raise RequestError(
                "name_taken", f"a subscription named {name!r} exists", field="name", remedy="Choose another name."
            ) from None
        except asyncpg.ForeignKeyViolationError:
            raise RequestError("unknown_tenant", "there is no such tenant", remedy="Check the key you use.") from None
        if with_snapshot:
            async with connection.transaction():
                for entity in entities:
                    await lanes.start(connection, tenant_id, subscription_id, entity, head.position)
                await subscriptions.set_state(connection, tenant_id, [subscription_id], "active")
                await lanes.ring(connection, tenant_id)
    return Created(subscription_id, head.position, secret if kind == "webhook" else None)


async def _check_system(tx: asyncpg.Connection, tenant_id: int, system: str) -> None:
    connector = await tx.fetchval("SELECT connector FROM hub.system WHERE tenant_id = $1 AND name = $2", tenant_id, system)
    if connector is None:
        raise RequestError("unknown_system", f"there is no system {system!r}", field="system", remedy="List the systems.")
    if not connector:
        raise RequestError(
            "no_connector", f"nothing can be written to {system}: it was connected without a connector", field="system",
            remedy="Connect it again, and say how it is reached.",
        )  # fmt: skip


async def _check(settings: Settings, name: str, kind: str, system: str | None, url: str | None, payload: str) -> None:
    if not name.strip():
        raise RequestError("missing_name", "a subscription has a name", field="name", remedy="Name it.")
    if kind not in ("connector", "webhook", "broker"):
        raise RequestError("bad_kind", f"{kind!r} is not connector, webhook or broker", field="kind", remedy="Choose one of them.")
    if payload not in ("delta", "snapshot", "both"):
        raise RequestError("bad_payload", "payload is delta, snapshot or both", field="payload", remedy="Choose one of them.")
    if kind == "connector" and not system:
        raise RequestError("missing_system", "a connector names its system", field="system", remedy="Name the system.")
    if kind == "webhook":
        await check_address_of(settings, url or "")


def _check_broker(settings: Settings, url: str | None, topic: str | None) -> None:
    address = check_address(url or "", permitted(settings.brokers))
    check_installed(address.kind)
    if topic is not None:
        check_topic(address.kind, topic)


def _secret(kind: str, secret: str | None) -> str | None:
    if kind == "broker":
        return secret or None
    if kind != "webhook":
        return None
    if secret is None:
        return new_secret()
    if not is_secret(secret):
        raise RequestError(
            "bad_secret", "a secret is whsec_ and the base64 of 24 to 64 bytes", field="secret",
            remedy="Leave it out to be given one.",
        )  # fmt: skip
    return secret


async def set_versions(pool: Pool, tenant_id: int, subscription_id: UUID, stated: Mapping[str, Any]) -> Mapping[str, int]:
    """Move a subscription to other payload versions, from the next event on; answers all it is pinned to."""
    wanted = checked(stated)
    async with pool.acquire() as connection, connection.transaction():
        pins = await subscriptions.set_pins(connection, tenant_id, subscription_id, wanted)
        if pins is None:
            raise unknown(subscription_id)
        return pins


async def pause(pool: Pool, tenant_id: int, subscription_id: UUID) -> None:
    """Hold a subscription back; its position stays, and retention spares what it has not seen."""
    await _set_state(pool, tenant_id, subscription_id, "paused")


async def resume(pool: Pool, tenant_id: int, subscription_id: UUID) -> None:
    """Let a paused or disabled subscription go on where it stood."""
    await _set_state(pool, tenant_id, subscription_id, "active")


async def disable(pool: Pool, tenant_id: int, subscription_id: UUID) -> None:
    """End a subscription; retention no longer spares what it has not seen."""
    await _set_state(pool, tenant_id, subscription_id, "disabled")


async def _set_state(pool: Pool, tenant_id: int, subscription_id: UUID, state: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        row = await subscriptions.by_id(connection, tenant_id, subscription_id)
        if row is None:
            raise unknown(subscription_id)
        if state == "active":
            await _over_gap(connection, tenant_id, row)
        await subscriptions.set_state(connection, tenant_id, [subscription_id], state)
        if state == "active":
            await endpoints.resumed(connection, tenant_id, subscription_id, row["kind"], row["name"])
        await lanes.ring(connection, tenant_id)


async def _over_gap(connection: asyncpg.Connection, tenant_id: int, row: asyncpg.Record) -> None:
    """Retention passed a disabled subscription: it goes on behind the gap, and a person is told which positions it lacks.

    One that coalesces lacks nothing: it gets the newest state of every record.
    """
    head = await feed.sequence(connection, tenant_id)
    lost_from = await lanes.lost_from(connection, tenant_id, row["id"])
    if row["position"] >= head.dropped_to and lost_from is None:
        return
    if row["position"] < head.dropped_to:
        await subscriptions.set_position(connection, tenant_id, row["id"], head.dropped_to)
    if row["coalesces"]:
        for entity in row["filter"].get("entities") or list(ENTITIES):
            await lanes.start(connection, tenant_id, row["id"], entity, head.position)
        return
    first, last = min(row["position"] + 1, lost_from or head.dropped_to), head.dropped_to
    if row["kind"] in ("webhook", "broker"):
        await feed_notices.put(connection, tenant_id, row["id"], {"type": "gap", "gap": {"first": first, "last": last}})
    task = NewTask(
        "feed_gap", f"subscription {row['name']}",
        f"Subscription {row['name']} was disabled while positions {first} to {last} were given up; it never gets them.",
        "Tell its owner to read a snapshot of the records.", detail={"gap": {"from": first, "to": last}},
    )  # fmt: skip
    await tasks.open_tasks(connection, tenant_id, [task])


async def replay_lanes(pool: Pool, tenant_id: int, **which: Unpack[Letters]) -> int:
    """Try dead letters again: one, those of a task, a filtered set or a window of time; answers how many.

    Events keep their ids and writes their intent keys, so what did arrive after all is not made twice.
    """
    async with pool.acquire() as connection, connection.transaction():
        return await lanes.replay(connection, tenant_id, **which)


# connected systems


async def set_mode(
    pool: Pool, tenant_id: int, system: str, entity: str, group: str, mode: str, set_by: str = ""
) -> None:
    """Say what may be written to a system: ``observe``, ``propose`` or ``write``, for an entity (``*`` all) and a field
    group or field (``*`` all). Lanes that were held back are planned again and, with ``write``, sent.
    """
    if mode not in MODES:
        raise RequestError("bad_mode", f"{mode!r} is not a mode", field="mode", remedy=f"Choose {', '.join(MODES)}.")
    meta = ENTITIES.get(entity)
    if meta is None and entity != "*":
        raise RequestError("unknown_entity", f"{entity!r} is not an entity", field="entity", remedy="Use its name, or *.")
    if group != "*" and (meta is None or not (group in meta.groups or group in meta.fields)):
        raise RequestError("unknown_group", f"{entity} has no group or field {group!r}", field="fieldGroup", remedy="Use *.")
    async with pool.acquire() as connection, connection.transaction():
        try:
            await subscriptions.put_mode(connection, tenant_id, system, entity, group, mode, set_by)
        except asyncpg.ForeignKeyViolationError:
            raise _no_system(system) from None
        ids = await subscriptions.of_system(connection, tenant_id, system)
        await lanes.make_due(connection, tenant_id, ids, ("observed", "proposed"), None if entity == "*" else entity)
        if mode != "propose":
            about = [f"{system} {name}" for name in (ENTITIES if entity == "*" else (entity,))]
            open_ones = await tasks.open_by_cause(connection, tenant_id, "proposed_write", about)
            await tasks.resolve(connection, tenant_id, open_ones, f"mode set to {mode}", set_by or "hub")


@dataclass(frozen=True, slots=True)
class WouldWrite:
    """What a system would be sent for one entity: operations with counts, some plans, and the money concerned."""

    entity: str
    creates: int = 0
    updates: int = 0
    deactivates: int = 0
    sample: tuple[Mapping[str, Any], ...] = ()
    money: tuple[Mapping[str, str], ...] = ()


async def would_write(pool: Pool, tenant_id: int, system: str, sample: int = 5) -> list[WouldWrite]:
    """What observing and proposing hold back for a system, per entity. A plan in the sample has op, object, golden_id,
    external_id and fields with from and to."""
    async with pool.acquire() as connection:
        ids = await subscriptions.of_system(connection, tenant_id, system)
        rows = await lanes.would_write(connection, tenant_id, ids, sample)
    by_entity: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = by_entity.setdefault(row["entity"], {"sample": (), "money": []})
        one[f"{row['op']}s"] = row["count"]
        one["sample"] = (*one["sample"], *row["sample"])[:sample]
        one["money"] += [amount for some in row["money"] or () for amount in some]
    return [
        WouldWrite(entity, **(told | {"money": tuple(summed(told["money"]))})) for entity, told in sorted(by_entity.items())
    ]


async def accept_proposals(
    pool: Pool, tenant_id: int, system: str, entity: str | None = None, golden_ids: Sequence[UUID] | None = None
) -> int:
    """Send proposed writes of a system once, whatever its mode; answers how many."""
    async with pool.acquire() as connection, connection.transaction():
        ids = await subscriptions.of_system(connection, tenant_id, system)
        return await lanes.accept(connection, tenant_id, ids, entity, golden_ids)


async def pause_system(pool: Pool, tenant_id: int, system: str) -> None:
    """Write nothing to a system until it is resumed; what it should get goes on gathering in its lanes."""
    await _set_paused(pool, tenant_id, system, True)


async def resume_system(pool: Pool, tenant_id: int, system: str) -> None:
    await _set_paused(pool, tenant_id, system, False)


async def _set_paused(pool: Pool, tenant_id: int, system: str, is_paused: bool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        if not await subscriptions.set_paused(connection, tenant_id, system, is_paused):
            raise _no_system(system)
        await configuration.bump(connection, tenant_id)
        await lanes.ring(connection, tenant_id)


async def release_brake(pool: Pool, tenant_id: int, system: str, actor: str = "hub") -> None:
    """Let the run go that the brake stopped: what is wanted up to now has been looked at."""
    async with pool.acquire() as connection, connection.transaction():
        if not await subscriptions.release_brake(connection, tenant_id, system):
            raise _no_system(system)
        open_ones = await tasks.open_by_cause(connection, tenant_id, "brake", [system])
        await tasks.resolve(connection, tenant_id, open_ones, "released", actor)
        await lanes.ring(connection, tenant_id)


def _no_system(system: str) -> RequestError:
    return RequestError("unknown_system", f"there is no system {system!r}", field="system", remedy="List the systems.")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery set aside for a person, with its last try. ``event`` is the event id or intent key, kept on replay."""

    subscription_id: UUID
    subscription: str
    system: str | None
    golden_id: UUID
    external_key: str
    entity: str
    wanted_version: int
    delivered_version: int
    attempts: int
    reason: str | None
    task_id: int | None
    correlation_id: str
    parked_at: datetime
    plan: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    request: Mapping[str, Any] | None
    event: str | None
    operation: str | None


async def dead_letters(
    pool: Pool,
    tenant_id: int,
    *,
    subscription_id: UUID | None = None,
    entity: str | None = None,
    task_id: int | None = None,
    first: int = 100,
) -> list[DeadLetter]:
    """Deliveries set aside, the latest first."""
    rows = await lanes.dead_letters(
        pool, tenant_id, subscription=subscription_id, entity=entity, task_id=task_id, first=first
    )
    return [DeadLetter(*row) for row in rows]
