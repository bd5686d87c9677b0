"""The types of what operations see: readers and how far they are, what is held and why, alerts, and the trail of one correlation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import strawberry

from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.operation_types import Attempt, Subscription
from hub.api.row_reads import long_of, record_of, text_id
from hub.api.scalars import DateTime, Long
from hub.api.task_types import StewardTask
from hub.core.causes import cause_of
from hub.flows.correlate import Trail as Found
from schema import ENTITIES


async def _subscription(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.subscription(root["subscription_id"])


async def _task(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.task(root["task_id"]) if root["task_id"] else None


async def _record(root: Any, info: strawberry.Info) -> Any:
    return await record_of(info.context, root["entity"], root["golden_id"])


def _instant(name: str) -> Any:
    return lambda root: root.get(name)


# how far readers are


@strawberry.type(description="How many deliveries of one reader are in a state.")
class LaneCount:
    state: str = strawberry.field(description="due, leased, waiting, parked, observed or proposed; what is at rest is not counted.")
    count: int


def _lanes(root: Any) -> list[Any]:
    return [{"state": state, "count": root[state]} for state in ("due", "leased", "waiting", "parked", "observed", "proposed") if root[state]]


async def _whole(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.subscription(root["id"])


@strawberry.type(description="How far a reader of changes is: its lag, its rate, and what its deliveries do.")
class SubscriptionStatus:
    subscription_id: strawberry.ID | None = strawberry.field(resolver=text_id("id"), description="Id of the subscription.")
    subscription: Subscription | None = strawberry.field(resolver=_whole, description="The subscription itself.")
    name: str
    kind: str = strawberry.field(description="connector, webhook, broker or pull.")
    system: str | None
    state: str = strawberry.field(description="active, paused or disabled.")
    position: Long | None = strawberry.field(resolver=long_of("position"), description="Fanned out up to here.")
    lag: Long | None = strawberry.field(
        resolver=long_of("lag"), description="Positions of the feed it still has to be told of, apart from what waits, is parked or observed; null for a pull cursor."
    )
    lag_seconds: float = strawberry.field(resolver=lambda root: float(root["lag_s"]), description="How long the oldest of them has had its position.")
    delivered_per_minute: float = strawberry.field(description="Deliveries a minute that were taken, over the last five minutes.")
    failed_per_minute: float = strawberry.field(description="Tries a minute that were not, over the last five minutes.")
    retries: Long | None = strawberry.field(resolver=long_of("retries"), description="Failed tries behind what is due now.")
    oldest_at: DateTime | None = strawberry.field(description="Since when its oldest delivery under way has waited.")
    failing_since: DateTime | None = strawberry.field(description="Since when an endpoint takes nothing; null while it does.")
    lanes: list[LaneCount] = strawberry.field(resolver=_lanes, description="Its deliveries by state.")


@strawberry.type(description="Deliveries of one reader that are not at rest, alike in entity, state and why.")
class LaneGroup:
    subscription_id: strawberry.ID
    subscription: Subscription | None = strawberry.field(resolver=_subscription, description="Whose they are.")
    system: str | None
    entity: str
    state: str = strawberry.field(description="due, leased, waiting, observed, proposed or parked.")
    cause: str | None = strawberry.field(resolver=lambda root: root["cause"] or None, description="Cause of the task they wait for.")
    reason: str | None = strawberry.field(resolver=lambda root: root["reason"] or None, description="What was told of them; null where they are told by cause only.")
    count: int
    attempts: Long | None = strawberry.field(resolver=long_of("attempts"), description="Failed tries of all of them.")
    oldest_at: DateTime
    money: list[Money] = strawberry.field(description="The money that 2,000 of them at most are about, per currency.")
    task: StewardTask | None = strawberry.field(resolver=_task, description="The first of their tasks.")


def _means(root: Any) -> str:
    return cause_of(root["cause"]).means if root["cause"] else "set aside without a task"


@strawberry.type(description="Dead letters of one class: deliveries set aside for the same cause, with the money at stake.")
class DeadLetterClass:
    cause: str | None = strawberry.field(resolver=lambda root: root["cause"] or None, description="The class: delivery_rejected, unknown_outcome, unreachable …")
    means: str = strawberry.field(resolver=_means, description="What the class means.")
    subscription_id: strawberry.ID
    subscription: Subscription | None = strawberry.field(resolver=_subscription, description="Whose they are.")
    system: str | None
    entity: str
    count: int
    tasks: int = strawberry.field(description="How many tasks hold them.")
    task: StewardTask | None = strawberry.field(resolver=_task, description="The first of them.")
    team: str | None
    remedy: str | None
    due_at: DateTime | None = strawberry.field(description="The first deadline among their tasks.")
    oldest_at: DateTime
    money: list[Money] = strawberry.field(description="The money that 2,000 of them at most are about, per currency.")


@strawberry.type(description="One try of one delivery, with whose it was.")
class DeliveryAttempt(Attempt):
    subscription_id: strawberry.ID
    subscription: Subscription | None = strawberry.field(resolver=_subscription, description="Whose delivery.")
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    external_key: str
    worker: str = strawberry.field(description="Which process tried.")


# alerts


@strawberry.type(description="Something that follows from the root cause of an alert.")
class AlertSymptom:
    kind: str
    says: str = strawberry.field(description="What is seen, in a sentence.")
    system: str | None = strawberry.field(resolver=lambda root: root["system"] or None)
    subscription: str | None = strawberry.field(resolver=lambda root: root["subscription"] or None, description="Name of the subscription.")
    count: int
    since: DateTime
    money: list[Money] = strawberry.field(description="The money it is about, per currency.")


def _of_detail(name: str) -> Any:
    return lambda root: root["detail"].get(name) or None


@strawberry.type(description="One root cause of what goes wrong, with all that follows from it, the money and the first deadline at risk.")
class Alert:
    id: Long | None = strawberry.field(resolver=long_of("id"), description="Id of the task it is.")
    kind: str = strawberry.field(resolver=_of_detail("kind"), description="system_down, credentials, delivery_stalled, period_closed …")
    says: str = strawberry.field(resolver=lambda root: root["reason"], description="What is wrong, in a sentence.")
    remedy: str
    state: str = strawberry.field(description="open, or resolved: its root cause is over.")
    system: str | None
    subscription: str | None = strawberry.field(resolver=_of_detail("subscription"), description="Name of the subscription it is about.")
    since: DateTime | None = strawberry.field(resolver=_of_detail("since"), description="Since when it is so.")
    count: int = strawberry.field(description="How many deliveries, messages and records it holds up.")
    money: list[Money] = strawberry.field(resolver=lambda root: root["money"] or [], description="The money at risk, each amount once, per currency.")
    deadline: DateTime | None = strawberry.field(resolver=_of_detail("deadline"), description="The first deadline among the tasks that hang on it.")
    team: str
    due_at: DateTime
    explains: list[AlertSymptom] = strawberry.field(resolver=lambda root: root["detail"].get("explains") or [], description="What follows from it, and is not told by itself.")
    opened_at: DateTime
    resolved_at: DateTime | None
    task: StewardTask | None = strawberry.field(resolver=lambda root: root, description="The task, to claim, put off or comment.")


# the trail of one correlation


@strawberry.type(description="A message of the trail.")
class TrailMessage:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    system: str
    object: str
    external_id: str
    idempotency_key: str
    channel: str
    actor: str
    is_delete: bool
    correlation_id: str
    received_at: DateTime
    outcome: str = strawberry.field(description="open, applied, unchanged, stale, waiting, incomplete, quarantined, resubmitted or discarded.")
    settled_at: DateTime | None
    task: StewardTask | None = strawberry.field(resolver=_task, description="The task that holds it up.")
    traceparent: str | None = strawberry.field(description="W3C trace context of the request that brought it.")


@strawberry.type(description="A version of the trail.")
class TrailChange:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    position: Long | None = strawberry.field(resolver=long_of("position"), description="Its position in the feed; null until it has one.")
    event_id: str | None = strawberry.field(description="Id of the event webhooks and brokers are told of it by.")
    entity: str
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    record: GoldenRecord | None = strawberry.field(resolver=_record)
    version: int
    op: str
    cause: str
    actor: str
    correlation_id: str = strawberry.field(description="Another one where several messages were folded together.")
    message_id: Long | None = strawberry.field(resolver=long_of("message_id"), description="The message it came of; 0 for none.")
    at: DateTime


@strawberry.type(description="How far one reader is with a version of the trail, and its tries.")
class TrailDelivery:
    subscription_id: strawberry.ID
    subscription: Subscription | None = strawberry.field(resolver=_subscription, description="Whose delivery.")
    system: str | None
    entity: str
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    external_key: str
    of_version: int = strawberry.field(description="The first version of the trail it has to bring.")
    wanted_version: int
    delivered_version: int
    is_delivered: bool = strawberry.field(
        resolver=lambda root: root["delivered_version"] >= root["of_version"], description="Whether the reader holds the trail's version or a later one."
    )
    state: str = strawberry.field(description="idle, due, leased, waiting, observed, proposed or parked.")
    reason: str | None
    next_try_at: DateTime
    task: StewardTask | None = strawberry.field(resolver=_task)
    tries: list[DeliveryAttempt] = strawberry.field(resolver=lambda root: root["tries"], description="The tries that carried it, oldest first.")


@strawberry.type(description="What a system calls a record of the trail.")
class TrailExternalId:
    system: str
    object: str
    external_id: str
    part: str = strawberry.field(description="Business part of a record that holds several things.")
    entity: str
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    state: str = strawberry.field(description="awaited, present or deleted.")
    role: str = strawberry.field(description="primary, alternate or retired.")
    first_seen_at: DateTime


@strawberry.type(description="What a person did in the trail.")
class TrailAction:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    kind: str
    actor: str
    made_at: DateTime
    entity: str | None
    record_ids: list[strawberry.ID] = strawberry.field(resolver=lambda root: [strawberry.ID(str(one)) for one in root["golden_ids"]], description="The records it is about.")
    decision_ids: list[Long] = strawberry.field(resolver=lambda root: [Long(str(one)) for one in root["decision_ids"]], description="The decisions it made.")
    undone_at: DateTime | None


@strawberry.type(description="A proposal of the trail.")
class TrailProposal:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    operation: str
    subject: str
    risk: str
    state: str
    author: str
    asked_at: DateTime
    settled_at: DateTime | None
    settled_by: str | None


@strawberry.type(description="One step of the trail, in the order of time.")
class TrailStep:
    at: DateTime
    kind: str = strawberry.field(description="message, change, attempt, action or proposal.")
    id: Long = strawberry.field(resolver=lambda root: Long(str(root.id)))
    says: str = strawberry.field(description="What happened, in a sentence.")
    system: str | None
    entity: str | None
    record_id: strawberry.ID | None = strawberry.field(resolver=lambda root: strawberry.ID(str(root.record)) if root.record else None)


async def _tasks(root: Any, info: strawberry.Info) -> list[Any]:
    context: Context = info.context
    return [task for one in root.task_ids if (task := await context.task(one)) is not None]


def _deliveries(root: Found) -> Any:
    return [{**row, "tries": root.tries.get((row["subscription_id"], row["golden_id"], row["external_key"]), ())} for row in root.deliveries]


def _changes(root: Any, info: strawberry.Info) -> Any:
    tenant_id = info.context.principal.tenant_id
    return [{**row, "event_id": f"evt_{tenant_id}_{row['epoch']}_{row['id']}"} for row in root.changes]


def _records(root: Found) -> list[tuple[str, UUID]]:
    found: Mapping[tuple[str, UUID], None] = dict.fromkeys((row["entity"], row["golden_id"]) for row in root.changes if row["entity"] in ENTITIES)
    return list(found)


async def _golden(root: Any, info: strawberry.Info) -> list[Any]:
    rows = [await record_of(info.context, entity, golden_id) for entity, golden_id in _records(root)[:100]]
    return [row for row in rows if row is not None]


@strawberry.type(description="Everything one correlation id holds together, from the first message to the last delivery.")
class Trail:
    correlation_id: str
    steps: list[TrailStep] = strawberry.field(resolver=lambda root: root.steps, description="All of it in the order of time.")
    messages: list[TrailMessage] = strawberry.field(description="What came in.")
    changes: list[TrailChange] = strawberry.field(resolver=_changes, description="The versions made of it.")
    records: list[GoldenRecord] = strawberry.field(resolver=_golden, description="The records they are of, 100 at most; `whereIs` tells where each stands.")
    deliveries: list[TrailDelivery] = strawberry.field(resolver=_deliveries, description="Who was or is to be told, and every try.")
    external_ids: list[TrailExternalId] = strawberry.field(description="What the systems call these records.")
    tasks: list[StewardTask] = strawberry.field(resolver=_tasks, description="What people must see of it.")
    actions: list[TrailAction] = strawberry.field(description="What people did.")
    proposals: list[TrailProposal] = strawberry.field(description="What was proposed.")
    is_cut: bool = strawberry.field(description="Whether there is more of something than the 500 that are shown.")
