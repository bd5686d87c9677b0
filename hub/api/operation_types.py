"""The types of what stewards and operations read: tasks, messages, systems, deliveries, decisions, pages of the feed.

Their objects are rows as the views give them; only what is named otherwise, large numbers and what must be looked up
has a resolver.
"""

from __future__ import annotations

from typing import Any

import strawberry

from hub.api.common import GoldenRecord
from hub.api.context import Context
from hub.api.lineage import Change, Decision
from hub.api.row_reads import covered, long_of, record_of, text_id
from hub.api.scalars import Date, DateTime, Json, Long
from hub.api.task_types import StewardTask


async def _record(root: Any, info: strawberry.Info) -> Any:
    """The golden record something is about."""
    return await record_of(info.context, root["entity"], root["golden_id"])


async def _task(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.task(root["task_id"]) if root["task_id"] else None


@strawberry.type(description="What was wrong with a message.")
class InboxProblem:
    cause: str | None
    field: str | None
    reason: str | None
    remedy: str | None


def _body(root: Any) -> str:
    return bytes(root["body"]).decode("utf-8", "replace").replace("\x00", "\ufffd")


@strawberry.type(description="A message as a system sent it, and what became of it.")
class InboxMessage:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    system: str
    object: str
    external_id: str
    idempotency_key: str
    body: str = strawberry.field(resolver=_body, description="Verbatim; what is not UTF-8 is shown as \ufffd.")
    is_delete: bool
    version: str
    channel: str
    actor: str
    correlation_id: str
    is_backfill: bool
    received_at: DateTime
    outcome: str = strawberry.field(
        description="open, applied, unchanged, stale, waiting, incomplete, quarantined, resubmitted or discarded."
    )
    problems: list[InboxProblem] = strawberry.field(resolver=lambda root: root["detail"] or [])
    task: StewardTask | None = strawberry.field(resolver=_task, description="The task that holds it up.")
    settled_at: DateTime | None


@strawberry.type(description="What the hub may do to a field group of a system: observe, propose or write.")
class Mode:
    entity: str
    field_group: str
    mode: str
    set_by: str
    set_at: DateTime


@strawberry.type(description="Where polling of one resource stands.")
class Checkpoint:
    resource: str
    checkpoint: str
    next_poll_at: DateTime
    polled_at: DateTime | None
    failures: int
    error: str | None


async def _modes(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.of_system("mode", root["name"])


async def _checkpoints(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.of_system("checkpoint", root["name"])


@strawberry.type(description="A connected system. Its secrets are write-only.")
class System:
    name: str
    kind: str
    rank: int
    connector: str
    corrects: bool = strawberry.field(description="Losing values are corrected at the source.")
    brake: Json
    braked_at: DateTime | None
    go_live: Date | None
    loading: bool
    paused: bool
    created_at: DateTime
    modes: list[Mode] = strawberry.field(resolver=_modes)
    checkpoints: list[Checkpoint] = strawberry.field(resolver=_checkpoints)


@strawberry.type(description="Their code and ours.")
class CodeMapping:
    system: str
    code_set: str
    theirs: str
    ours: str
    direction: str
    is_default: bool


def _pins(root: Any) -> Json:
    return Json(root["pins"])


@strawberry.type(
    name="ChangeSubscription",  # federation keeps the name Subscription for the root
    description="A reader of changes: a connector, a signed webhook or a pull cursor.",
)
class Subscription:
    id: strawberry.ID
    name: str
    kind: str
    system: str | None
    url: str | None
    filter: Json
    payload: str
    coalesces: bool
    position: Long | None = strawberry.field(resolver=long_of("position"), description="Fanned out up to here.")
    state: str
    created_at: DateTime
    created_by: str
    failing_since: DateTime | None = strawberry.field(description="Since when its endpoint has taken nothing; after five days it is switched off.")
    former_until: DateTime | None = strawberry.field(description="Until when events carry a signature by the former secret, too.")
    topic: str | None = strawberry.field(description="Of a broker: where a change goes; null: hub.{tenant}.{entity}.")
    payload_versions: Json = strawberry.field(
        resolver=_pins, description="Entity or business event to the payload version it was made for; what is not named: 1."
    )
    notice: Json | None = strawberry.field(description="What it has to be told before anything else goes to it: a gap, or a restored feed.")
    retry_s: list[int] | None = strawberry.field(description="Its own schedule of tries, in seconds; null: the standard one.")


@strawberry.type(description="One try of one delivery.")
class Attempt:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    version: int
    operation: str
    intent_key: str
    state: str = strawberry.field(description="intent, done, adopted, retriable, rate_limited, rejected or unknown.")
    request: Json | None = strawberry.field(resolver=covered("request"), description="What was asked; secrets and personal values are covered.")
    response: Json | None = strawberry.field(resolver=covered("response"), description="What was answered, covered likewise.")
    error: Json | None = strawberry.field(resolver=covered("error"), description="What went wrong: class, field, reason, remedy; covered likewise.")
    correlation_id: str
    started_at: DateTime
    finished_at: DateTime | None


async def _tries(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    key = (root["subscription_id"], root["golden_id"], root["external_key"])
    return await context.attempts(key)


async def _subscription(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.subscription(root["subscription_id"])


@strawberry.type(description="How far one subscriber is with one record.")
class Delivery:
    subscription: Subscription | None = strawberry.field(resolver=_subscription)
    subscription_id: strawberry.ID
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    record: GoldenRecord | None = strawberry.field(resolver=_record)
    entity: str
    external_key: str
    wanted_version: int
    delivered_version: int
    state: str = strawberry.field(description="idle, due, leased, waiting, observed, proposed or parked.")
    attempts: int
    next_try_at: DateTime
    waits_for: strawberry.ID | None
    plan: Json | None = strawberry.field(description="What would be written.")
    reason: str | None
    task: StewardTask | None = strawberry.field(resolver=_task)
    tries: list[Attempt] = strawberry.field(resolver=_tries, description="Newest first, at most 20.")
    updated_at: DateTime


@strawberry.type(description="A judgement, with what it is about.")
class DecisionRecord(Decision):
    entity: str
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    other_id: strawberry.ID | None
    field: str
    value: Json | None
    rule: str
    withdrawn_at: DateTime | None
    withdrawn_by: str | None


@strawberry.type(description="One of the firm's own fields.")
class ExtensionField:
    entity: str
    name: str
    kind: str
    options: Json
    made_at: DateTime


@strawberry.type(description="Positions that were given up by retention before this reader came for them.")
class Gap:
    first: Long
    last: Long


@strawberry.type(description="The next changes in the order of their positions, and where to go on.")
class ChangePage:
    changes: list[Change]
    cursor: str = strawberry.field(description="Pass it as `after` to go on; keep it, it does not expire.")
    has_more: bool
    gap: Gap | None


@strawberry.type(description="Who a key belongs to.")
class Me:
    tenant: str
    role: str
    name: str
    system: str | None


@strawberry.type(description="How the tenant's hub is doing.")
class Health:
    feed_position: Long | None = strawberry.field(resolver=long_of("feed_position"))
    inbox_open: Long | None = strawberry.field(resolver=long_of("inbox_open"))
    tasks_open: Long | None = strawberry.field(resolver=long_of("tasks_open"))
    deliveries_due: Long | None = strawberry.field(resolver=long_of("deliveries_due"))
    deliveries_parked: Long | None = strawberry.field(resolver=long_of("deliveries_parked"))
