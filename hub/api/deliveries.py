"""The way out, operated: subscribe, set modes, look at what would be written, try dead letters again, pause, release."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.common import Money
from hub.api.context import Context
from hub.api.decisions import ADMINS, STEWARDS, CountPayload, DonePayload, entity_of, golden_id
from hub.api.errors import ApiError, Code
from hub.api.mutation import Call, Payload, ProblemOut, answer
from hub.api.scalars import DateTime, Json, Long
from hub.api.shells import resolved_field
from hub.flows import monitor, receivers, subscriptions
from hub.store.lanes import Letters
from hub.store.pool import Pool


@strawberry.type(description="A new subscription. Its signing secret is shown this once.")
class SubscriptionPayload:
    id: strawberry.ID | None
    position: Long | None = strawberry.field(description="Its stream begins after this position.")
    secret: str | None
    former_until: DateTime | None = strawberry.field(description="After rotateSecret: until then the former secret signs, too.")
    errors: list[ProblemOut]


@strawberry.type(description="The payload versions a subscription gets now.")
class PayloadVersionsPayload:
    payload_versions: Json | None = strawberry.field(description="Entity or business event to version; what is not named: 1.")
    errors: list[ProblemOut]


@strawberry.type(description="What a system would be sent for one entity.")
class WouldWrite:
    entity: str
    creates: int
    updates: int
    deactivates: int
    money: list[Money] = strawberry.field(description="The money concerned, per currency.")
    sample: Json = strawberry.field(description="Some of the writes: operation, record, fields with from and to.")


async def _told(context: Context, roles: tuple[Role, ...], name: str, work: Callable[[], Awaitable[Payload]]) -> Payload:
    async def run(_: Payload) -> Payload:
        return await work()

    return await answer(context, roles, Call(name, {}), run)


def _pool(context: Context) -> tuple[Pool, int]:
    return context.services.worker_pool, context.principal.tenant_id


def _name(entity: str | None) -> str | None:
    """An entity's name, ``*`` for all."""
    return entity if entity in (None, "*") else entity_of(str(entity)).name


def _ids(texts: Sequence[str] | None, path: str) -> list[UUID] | None:
    return None if texts is None else [golden_id(text, path) for text in texts]


async def would_write(root: Any, info: Any, system: str, sample: int = 5) -> list[Any]:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    if not 0 <= sample <= 50:
        raise ApiError(Code.BAD_INPUT, "sample is from 0 to 50", "sample")
    return list(await subscriptions.would_write(*_pool(context), system, sample))


def would_write_field() -> StrawberryField:
    return resolved_field(
        "wouldWrite", list[WouldWrite], would_write, "What observing and proposing hold back for a system.",
        system=str, sample=int,
    )  # fmt: skip


async def create_subscription(
    root: Any, info: Any, name: str, kind: str, system: Any = None, url: Any = None, secret: Any = None, filter: Any = None,
    payload: str = "delta", coalesces: Any = None, with_snapshot: bool = False, retry_s: Any = None, topic: Any = None,
    payload_versions: Any = None,
) -> Payload:  # fmt: skip
    context: Context = info.context

    async def work() -> Payload:
        pool, tenant_id = _pool(context)
        made = await subscriptions.create_subscription(
            pool, context.services.settings, tenant_id, subscription_id=context.services.new_id(), name=name, kind=kind,
            system=system, url=url, secret=secret, filter=filter, payload=payload, coalesces=coalesces,
            with_snapshot=with_snapshot, retry_s=retry_s, created_by=context.principal.actor, topic=topic, pins=payload_versions,
        )  # fmt: skip
        return {"id": str(made.id), "position": str(made.position), "secret": made.secret}

    return await _told(context, ADMINS, "createSubscription", work)


async def set_subscription_state(root: Any, info: Any, id: str, state: str) -> Payload:
    context: Context = info.context
    flows = {"active": subscriptions.resume, "paused": subscriptions.pause, "disabled": subscriptions.disable}

    async def work() -> Payload:
        if state not in flows:
            raise ApiError(Code.BAD_INPUT, "a subscription is active, paused or disabled", "state")
        await flows[state](*_pool(context), golden_id(id))
        return {"done": True}

    return await _told(context, ADMINS, "setSubscriptionState", work)


async def set_payload_versions(root: Any, info: Any, id: str, payload_versions: Any) -> Payload:
    context: Context = info.context

    async def work() -> Payload:
        return {"payload_versions": await subscriptions.set_versions(*_pool(context), golden_id(id), payload_versions)}

    return await _told(context, ADMINS, "setPayloadVersions", work)


async def rotate_secret(root: Any, info: Any, id: str, former_for_s: int = int(receivers.FORMER_FOR_S)) -> Payload:
    context: Context = info.context

    async def work() -> Payload:
        pool, tenant_id = _pool(context)
        rotated = await receivers.rotate_secret(
            pool, context.services.settings, tenant_id, golden_id(id), former_for_s=former_for_s
        )
        return {"id": id, "secret": rotated.secret, "former_until": rotated.former_until}

    return await _told(context, ADMINS, "rotateSecret", work)


def subscription_fields() -> dict[str, StrawberryField]:
    """Who gets the changes."""
    return {
        "create_subscription": resolved_field(
            "createSubscription", SubscriptionPayload, create_subscription,
            "Subscribe a connected system (kind connector), an address (kind webhook) or a broker (kind broker) to changes.",
            name=str, kind=str, system=str | None, url=str | None, secret=str | None, filter=Json | None, payload=str,
            coalesces=bool | None, with_snapshot=bool, retry_s=list[int] | None, topic=str | None, payload_versions=Json | None,
        ),
        "set_subscription_state": resolved_field(
            "setSubscriptionState", DonePayload, set_subscription_state, "Pause, resume or end a subscription.",
            id=strawberry.ID, state=str,
        ),
        "set_payload_versions": resolved_field(
            "setPayloadVersions", PayloadVersionsPayload, set_payload_versions,
            "Move a subscription to other payload versions, from the next event on; schema/published/EVENTS.md lists them.",
            id=strawberry.ID, payload_versions=Json,
        ),
        "rotate_secret": resolved_field(
            "rotateSecret", SubscriptionPayload, rotate_secret,
            "A new signing secret; for a day, or as long as you say, events carry a signature by the former one too.",
            id=strawberry.ID, former_for_s=int,
        ),
    }  # fmt: skip


async def set_mode(root: Any, info: Any, system: str, mode: str, entity: str = "*", field_group: str = "*") -> Payload:
    context: Context = info.context

    async def work() -> Payload:
        await subscriptions.set_mode(*_pool(context), system, _name(entity) or "*", field_group, mode, context.principal.actor)
        return {"done": True}

    return await _told(context, ADMINS, "setMode", work)


async def replay(
    root: Any, info: Any, subscription_id: Any = None, record_ids: Any = None, task_id: Any = None, entity: Any = None,
    since: Any = None, until: Any = None, dry_run: bool = False,
) -> Payload:  # fmt: skip
    context: Context = info.context

    async def work() -> Payload:
        which = Letters(
            subscription_id=golden_id(subscription_id, "subscriptionId") if subscription_id else None,
            golden_ids=_ids(record_ids, "recordIds"),
            task_id=int(task_id) if task_id else None,
            entity=_name(entity),
            since=datetime.fromisoformat(since) if since else None,
            until=datetime.fromisoformat(until) if until else None,
        )
        told = await monitor.preview_replay(*_pool(context), **which)
        count = told.count if dry_run else await subscriptions.replay_lanes(*_pool(context), **which)
        return {"count": count, "money": told.money}

    return await _told(context, STEWARDS, "replay", work)


async def accept_proposals(root: Any, info: Any, system: str, entity: Any = None, record_ids: Any = None) -> Payload:
    context: Context = info.context

    async def work() -> Payload:
        ids = _ids(record_ids, "recordIds")
        return {"count": await subscriptions.accept_proposals(*_pool(context), system, _name(entity), ids)}

    return await _told(context, STEWARDS, "acceptProposals", work)


async def set_paused(root: Any, info: Any, system: str, paused: bool) -> Payload:
    context: Context = info.context

    async def work() -> Payload:
        flow = subscriptions.pause_system if paused else subscriptions.resume_system
        await flow(*_pool(context), system)
        return {"done": True}

    return await _told(context, STEWARDS, "setPaused", work)


async def release_brake(root: Any, info: Any, system: str) -> Payload:
    context: Context = info.context

    async def work() -> Payload:
        await subscriptions.release_brake(*_pool(context), system, context.principal.actor)
        return {"done": True}

    return await _told(context, STEWARDS, "releaseBrake", work)


def steering_fields() -> dict[str, StrawberryField]:
    """What may be written to a system, and what is done about what was not."""
    return {
        "set_mode": resolved_field(
            "setMode", DonePayload, set_mode, "What may be written to a system: observe, propose or write.",
            system=str, mode=str, entity=str, field_group=str,
        ),
        "replay": resolved_field(
            "replay", CountPayload, replay,
            "Try dead letters again: one, those of a task, of an entity or of a time. What arrived after all is not made twice.",
            subscription_id=strawberry.ID | None, record_ids=list[strawberry.ID] | None, task_id=Long | None,
            entity=str | None, since=DateTime | None, until=DateTime | None, dry_run=bool,
        ),
        "accept_proposals": resolved_field(
            "acceptProposals", CountPayload, accept_proposals, "Send proposed writes of a system once.",
            system=str, entity=str | None, record_ids=list[strawberry.ID] | None,
        ),
        "set_paused": resolved_field(
            "setPaused", DonePayload, set_paused, "Write nothing to a system until it is resumed.", system=str, paused=bool
        ),
        "release_brake": resolved_field(
            "releaseBrake", DonePayload, release_brake, "Let the run go that the brake stopped.", system=str
        ),
    }  # fmt: skip


def delivery_fields() -> dict[str, StrawberryField]:
    return {**subscription_fields(), **steering_fields()}
