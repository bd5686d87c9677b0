"""Lanes: one subscriber's state for one golden record. Order is kept per lane; one that is stuck disturbs no other.

A lane is leased under a token; when the lease was taken over, the old token settles nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

import asyncpg

from hub.core.urgency import NORMAL, PATIENCE_S, PEOPLE
from hub.store.feed import FeedChange
from hub.store.statements import Connection, statements
from hub.store.subscriptions import Subscription
from schema import ENTITIES
from schema.language import Family

SQL = statements("lanes")
KEPT_PARKED = sorted(name for name, meta in ENTITIES.items() if meta.family is Family.TRANSACTION)
"""Entities whose dead letters a newer version does not take up again."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A leased lane: this subscriber shall get this golden record at ``wanted_version``."""

    subscription: Subscription
    golden_id: UUID
    external_key: str
    entity: str
    wanted_version: int
    wanted_position: int
    delivered_version: int
    attempts: int
    plan: Mapping[str, Any] | None
    task_id: int | None
    correlation_id: str
    token: UUID
    priority: int = NORMAL
    """Its class of urgency; see :mod:`hub.core.urgency`."""

    @property
    def unparks(self) -> bool:
        """Whether a newer version may mend a dead letter: that of master data, not of an event or a transaction."""
        return self.subscription.coalesces and ENTITIES[self.entity].family is not Family.TRANSACTION


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a lane: its next ``state`` after ``version`` was looked at, of which ``delivered_version`` arrived."""

    lane: Lane
    state: str
    version: int
    delivered_version: int
    attempts: int = 0
    delay_s: float = 0.0
    waits_for: UUID | None = None
    plan: Mapping[str, Any] | None = None
    reason: str | None = None
    gate_id: UUID | None = None
    """The accounting period it waits for, and the money it holds up."""
    gate_money: Mapping[str, str] | None = None

    def row(self) -> dict[str, Any]:
        lane = self.lane
        return {
            "subscription_id": lane.subscription.id, "golden_id": lane.golden_id, "external_key": lane.external_key,
            "token": lane.token, "version": self.version, "delivered_version": self.delivered_version,
            "state": self.state, "unparks": lane.unparks, "attempts": self.attempts, "delay_s": float(self.delay_s),
            "waits_for": self.waits_for, "plan": self.plan, "reason": self.reason, "gate_id": self.gate_id,
            "gate_money": self.gate_money,
        }  # fmt: skip


LaneKey = tuple[UUID, UUID, str]
"""(subscription, golden record, external key)."""


async def fan_out(tx: Connection, tenant_id: int, upto: int, batch: int) -> tuple[int, bool]:
    """Want the changes up to a position for whoever subscribed to them: (lanes touched, whether some are further behind)."""
    row = await SQL["fan_out"].row(tx, tenant=tenant_id, upto=upto, batch=batch, kept_parked=KEPT_PARKED, people=list(PEOPLE))
    return (row["lanes"], row["has_more"]) if row else (0, False)


async def claim(
    tx: Connection,
    tenant_id: int,
    *,
    token: UUID,
    lease_s: float,
    busy: Mapping[UUID, int],
    most_system: int,
    most_webhook: int,
    most_versions: int,
    least_urgent: Mapping[UUID, int] | None = None,
) -> list[tuple[Lane, list[FeedChange]]]:
    """Lease what is due, per subscription as much as there is room for; a webhook's or broker's lane with the changes it has to
    deliver, in order, at most ``most_versions``. ``least_urgent``: subscriptions of which only such lanes are leased.
    """
    limited = least_urgent or {}
    rows = await SQL["claim"].fetch(
        tx, tenant=tenant_id, token=token, lease_s=lease_s, busy_ids=list(busy), busy_counts=list(busy.values()),
        most_system=most_system, most_webhook=most_webhook, most_versions=most_versions, limited_ids=list(limited),
        least_urgent=list(limited.values()), urgencies=list(PATIENCE_S), patience_s=list(PATIENCE_S.values()),
    )  # fmt: skip
    subscriptions: dict[UUID, Subscription] = {}
    claimed: dict[LaneKey, tuple[Lane, list[FeedChange]]] = {}
    for row in rows:
        cells: Any = tuple(row)
        key: LaneKey = cells[:3]
        if key not in claimed:
            if key[0] not in subscriptions:
                subscriptions[key[0]] = Subscription(key[0], *cells[12:25])
            claimed[key] = (Lane(*(subscriptions[key[0]], *cells[1:11], token, cells[11])), [])
        if cells[25] is not None:
            claimed[key][1].append(FeedChange(*cells[25:]))
    return list(claimed.values())


async def pending_changes(
    connection: Connection, tenant_id: int, lanes: Sequence[Lane], most: int
) -> list[list[FeedChange]]:
    """Per lane, the sequenced changes it still has to deliver, in order, at most ``most``."""
    rows = await SQL["pending_changes"].fetch(
        connection, tenant=tenant_id, golden_ids=[lane.golden_id for lane in lanes],
        after=[lane.delivered_version for lane in lanes], upto=[lane.wanted_version for lane in lanes], most=most,
    )  # fmt: skip
    found: list[list[FeedChange]] = [[] for _ in lanes]
    for row in rows:
        found[row["place"] - 1].append(FeedChange(*tuple(row)[1:]))
    return found


async def lost_from(connection: Connection, tenant_id: int, subscription_id: UUID) -> int | None:
    """About which position the first change stood that a lane still has to deliver and retention has dropped; None without one."""
    found: int | None = await SQL["lost_from"].value(connection, tenant=tenant_id, subscription=subscription_id)
    return found


async def settle(tx: Connection, tenant_id: int, settled: Sequence[Settled]) -> dict[LaneKey, tuple[str, bool]]:
    """Store what became of lanes; answers state and whether due at once of those whose lease was still ours."""
    ordered = sorted((one.row() for one in settled), key=lambda row: (row["subscription_id"], row["golden_id"]))
    rows = await SQL["settle"].fetch(tx, tenant=tenant_id, rows=ordered)
    return {tuple(row)[:3]: (row["state"], row["is_due_now"]) for row in rows}


async def point_to_tasks(tx: Connection, tenant_id: int, task_ids: Mapping[LaneKey, int]) -> None:
    rows = [
        {"subscription_id": s, "golden_id": g, "external_key": x, "task_id": task_id}
        for (s, g, x), task_id in sorted(task_ids.items())
    ]
    if rows:
        await SQL["point_to_tasks"].run(tx, tenant=tenant_id, rows=rows)


async def emptied_tasks(tx: Connection, tenant_id: int, ids: Iterable[int]) -> list[int]:
    """Of these tasks, those whose last dead letter has gone."""
    rows = await SQL["emptied_tasks"].fetch(tx, tenant=tenant_id, ids=sorted(set(ids)))
    return [row["id"] for row in rows]


async def renew(connection: Connection, tenant_id: int, tokens: Iterable[UUID], lease_s: float) -> dict[UUID, int]:
    """Keep leases; answers how many lanes each token still holds: what another worker took over is not ours any more."""
    rows = await SQL["renew"].fetch(connection, tenant=tenant_id, tokens=list(tokens), lease_s=lease_s)
    return {row["token"]: row["lanes"] for row in rows}


async def give_back(connection: Connection, tenant_id: int, tokens: Iterable[UUID]) -> None:
    """Make leased lanes due again, when a worker ends before it is done with them."""
    await SQL["give_back"].run(connection, tenant=tenant_id, tokens=list(tokens))


async def hasten(connection: Connection, tenant_id: int, subscription_id: UUID) -> None:
    """The subscriber answers again: what waits for its next try is tried now."""
    await SQL["hasten"].run(connection, tenant=tenant_id, subscription=subscription_id)


async def take_over(connection: Connection) -> set[int]:
    """Make lanes due whose lease ran out; answers the tenants concerned."""
    return {row["tenant_id"] for row in await SQL["take_over"].fetch(connection)}


async def release_waiting(connection: Connection) -> set[int]:
    """Make lanes due whose missing parent has arrived at their system; answers the tenants concerned."""
    return {row["tenant_id"] for row in await SQL["release_waiting"].fetch(connection)}


async def tenants_with_work(connection: Connection) -> set[int]:
    return {row["tenant_id"] for row in await SQL["tenants_with_work"].fetch(connection)}


async def make_due(
    tx: Connection, tenant_id: int, subscriptions: Sequence[UUID], states: Sequence[str], entity: str | None = None
) -> None:
    """Take lanes up again that stand in these states, and wake the workers."""
    await SQL["make_due"].run(
        tx, tenant=tenant_id, subscriptions=list(subscriptions), states=list(states), entity=entity
    )
    await ring(tx, tenant_id)


async def compare_again(tx: Connection, tenant_id: int, changed: Iterable[tuple[str, UUID]]) -> None:
    """These systems changed their records of these things (system, golden id), and shall be told again what stands."""
    rows = [{"system": system, "golden_id": golden_id} for system, golden_id in sorted(set(changed))]
    if rows and await SQL["compare_again"].fetch(tx, tenant=tenant_id, rows=rows):
        await ring(tx, tenant_id)


async def tell_contexts(tx: Connection, tenant_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of context, golden_id and is_news: systems with that context compare again; webhooks are told where it is news."""
    if rows and await SQL["tell_contexts"].fetch(tx, tenant=tenant_id, rows=list(rows)):
        await ring(tx, tenant_id)


async def start(tx: Connection, tenant_id: int, subscription_id: UUID, entity: str, position: int) -> None:
    """Lanes of a new subscription for every present golden record of one entity of the model."""
    statement = SQL["start_lanes"]
    text = statement.text.replace("{entity}", ENTITIES[entity].name)
    given = {"tenant": tenant_id, "subscription": subscription_id, "entity": entity, "position": position}
    await tx.execute(text, *(given[name] for name in statement.parameters))


class Letters(TypedDict, total=False):
    """Which dead letters are meant; what is left out or None does not narrow them."""

    subscription_id: UUID | None
    golden_ids: Sequence[UUID] | None
    task_id: int | None
    entity: str | None
    since: datetime | None
    until: datetime | None


async def replay(tx: Connection, tenant_id: int, **which: Unpack[Letters]) -> int:
    """Take dead letters up again and wake the workers; answers how many."""
    ids = which.get("golden_ids")
    rows = await SQL["replay"].fetch(
        tx, tenant=tenant_id, subscription=which.get("subscription_id"), golden_ids=list(ids) if ids is not None else None,
        task_id=which.get("task_id"), entity=which.get("entity"), since=which.get("since"), until=which.get("until"),
    )  # fmt: skip
    await ring(tx, tenant_id)
    return len(rows)


async def ring(tx: Connection, tenant_id: int) -> None:
    """Wake workers: lanes of this tenant became due."""
    await SQL["ring"].run(tx, tenant=tenant_id)


async def dead_letters(
    connection: Connection,
    tenant_id: int,
    *,
    subscription: UUID | None,
    entity: str | None,
    task_id: int | None,
    first: int,
) -> list[asyncpg.Record]:
    """Parked lanes with their last try, the latest first."""
    return await SQL["dead_letters"].fetch(
        connection, tenant=tenant_id, subscription=subscription, entity=entity, task_id=task_id, first=first
    )


async def release_children(
    connection: Connection, tenant_id: int, subscription_id: UUID, golden_ids: Iterable[UUID]
) -> int:
    """The subscription's system holds these records now: make the lanes due that waited for them; answers how many."""
    rows = await SQL["release_children"].fetch(
        connection, tenant=tenant_id, subscription=subscription_id, golden_ids=sorted(set(golden_ids))
    )
    return len(rows)


async def due_run(
    connection: Connection, tenant_id: int, subscription: Subscription, released_to: int, skip: int, most: int
) -> list[Lane]:
    """Some of the lanes a run would look at, not leased: to count what it would write."""
    rows = await SQL["due_run"].fetch(
        connection, tenant=tenant_id, subscription=subscription.id, released_to=released_to, skip=skip, most=most
    )
    return [
        Lane(
            subscription, row["golden_id"], row["external_key"], row["entity"], row["wanted_version"],
            row["wanted_position"], row["delivered_version"], row["attempts"], row["plan"], row["task_id"],
            row["correlation_id"], NOBODY,
        )
        for row in rows
    ]  # fmt: skip


async def count_run(connection: Connection, tenant_id: int, subscription_id: UUID, released_to: int, bound: int) -> tuple[int, int]:
    """(how many lanes a run would look at, counted up to ``bound``, the newest position among them)."""
    row = await SQL["count_run"].row(connection, tenant=tenant_id, subscription=subscription_id, released_to=released_to, bound=bound)
    return (row["lanes"], row["position"] or 0) if row else (0, 0)


NOBODY = UUID(int=0)
"""The token of a lane that was only looked at."""


async def stuck_waiting(connection: Connection, tenant_id: int, patience_s: float) -> list[asyncpg.Record]:
    """(system, waits_for, entity, count, reason) of lanes that have waited too long for their parent."""
    return await SQL["stuck_waiting"].fetch(connection, tenant=tenant_id, patience_s=patience_s)


async def accept(
    tx: Connection, tenant_id: int, subscriptions: Sequence[UUID], entity: str | None, golden_ids: Sequence[UUID] | None
) -> int:
    """Let proposed writes go, and wake the workers; answers how many."""
    rows = await SQL["accept"].fetch(
        tx, tenant=tenant_id, subscriptions=list(subscriptions), entity=entity,
        golden_ids=list(golden_ids) if golden_ids is not None else None,
    )  # fmt: skip
    await ring(tx, tenant_id)
    return len(rows)


async def would_write(
    connection: Connection, tenant_id: int, subscriptions: Sequence[UUID], sample: int
) -> list[asyncpg.Record]:
    """(entity, op, count, sample, money) of what is observed or proposed."""
    return await SQL["would_write"].fetch(connection, tenant=tenant_id, subscriptions=list(subscriptions), sample=sample)


async def open_waiting_tasks(connection: Connection, tenant_id: int) -> dict[str, int]:
    """Subject → id of the open tasks about records that others wait for."""
    return {row["subject"]: row["id"] for row in await SQL["open_waiting_tasks"].fetch(connection, tenant=tenant_id)}


async def count_proposals(tx: Connection, tenant_id: int, about: Mapping[str, tuple[UUID, str]]) -> None:
    """Set the counts of proposal tasks: subject → (subscription, entity); a task without proposals is solved."""
    if about:
        subjects = sorted(about)
        await SQL["count_proposals"].run(
            tx, tenant=tenant_id, subjects=subjects, subscriptions=[about[one][0] for one in subjects],
            entities=[about[one][1] for one in subjects],
        )  # fmt: skip
