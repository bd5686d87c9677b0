"""Receivers of events, operated: a test event now, and what they were sent once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.context import Context
from hub.api.decisions import ADMINS, STEWARDS, DonePayload, entity_of, golden_id
from hub.api.errors import ApiError, Code
from hub.api.mutation import Call, Payload, ProblemOut, answer
from hub.api.operation_types import Attempt
from hub.api.scalars import DateTime
from hub.api.shells import resolved_field
from hub.flows import receivers
from hub.flows import send_again as flow
from hub.store.resends import Delivered, Meant

SHOWN = 20
MOST_NAMED = 1_000


@strawberry.type(description="A test event, and how its receiver took it.")
class TestEventPayload:
    attempt: Attempt | None = strawberry.field(description="The try, with the answer; state done: it was taken.")
    errors: list[ProblemOut]


@strawberry.type(description="An event as it was delivered.")
class DeliveredEvent:
    event_id: str = strawberry.field(description="The same over all tries.")
    type: str
    entity: str
    record_id: strawberry.ID
    version: int
    delivered_at: DateTime = strawberry.field(description="When it was last taken.")


@strawberry.type(description="What is sent again, or would be.")
class SendAgainPayload:
    count: int | None = strawberry.field(description="Delivered events that are sent once more, under their ids.")
    dead_letters: int | None = strawberry.field(description="Deliveries set aside that are tried again with them.")
    expired: int | None = strawberry.field(description="Events the feed has given up, which cannot be sent again.")
    sample: list[DeliveredEvent] | None = strawberry.field(description="The first of them.")
    errors: list[ProblemOut]


async def change_webhook(root: Any, info: Any, id: str, url: Any = None, retry_s: Any = None) -> Payload:
    context: Context = info.context
    services = context.services

    async def work(_: Payload) -> Payload:
        await receivers.change_endpoint(
            services.worker_pool, services.settings, context.principal.tenant_id, golden_id(id), url=url, retry_s=retry_s
        )
        return {"done": True}

    return await answer(context, ADMINS, Call("changeWebhook", {}), work)


async def send_test_event(root: Any, info: Any, id: str) -> Payload:
    context: Context = info.context
    services, principal = context.services, context.principal

    async def work(_: Payload) -> Payload:
        attempt = await flow.send_test_event(
            services.worker_pool, services.settings, principal.tenant_id, principal.tenant, golden_id(id), services.new_id(), principal.actor
        )
        return {"attempt": attempt}

    return await answer(context, STEWARDS, Call("sendTestEvent", {}), work)


async def send_again(
    root: Any, info: Any, subscription_id: str, event_ids: Any = None, record_ids: Any = None, entity: Any = None,
    types: Any = None, since: Any = None, until: Any = None, dry_run: bool = False,
) -> Payload:  # fmt: skip
    context: Context = info.context

    async def work(_: Payload) -> Payload:
        for name, given in (("eventIds", event_ids), ("recordIds", record_ids), ("types", types)):
            if given is not None and not 0 < len(given) <= MOST_NAMED:
                raise ApiError(Code.BAD_INPUT, f"name 1 to {MOST_NAMED}", name, "Leave it out to mean all.")
        if all(given is None for given in (event_ids, record_ids, entity, types, since, until)):
            raise ApiError(Code.BAD_INPUT, "say which events are meant", "since", "Name events or records, an entity, types, or a time.")
        meant = Meant(
            event_ids, [golden_id(one, "recordIds") for one in record_ids] if record_ids else None,
            entity_of(entity).name if entity else None, types,
            datetime.fromisoformat(since) if since else None, datetime.fromisoformat(until) if until else None,
        )  # fmt: skip
        done = await flow.send_again(
            context.services.worker_pool, context.principal.tenant_id, golden_id(subscription_id, "subscriptionId"), meant,
            is_dry_run=dry_run,
        )  # fmt: skip
        return {
            "count": len(done.events), "dead_letters": done.dead_letters, "expired": done.expired,
            "sample": [_shown(one) for one in done.events[:SHOWN]],
        }  # fmt: skip

    return await answer(context, STEWARDS, Call("sendAgain", {}), work)


def _shown(one: Delivered) -> dict[str, Any]:
    return {
        "event_id": one.event_id, "type": one.type, "entity": one.entity, "record_id": str(one.golden_id), "version": one.version,
        "delivered_at": one.delivered_at,
    }  # fmt: skip


def webhook_fields() -> dict[str, StrawberryField]:
    texts, ids = list[str] | None, list[strawberry.ID] | None
    return {
        "change_webhook": resolved_field(
            "changeWebhook", DonePayload, change_webhook,
            "Send a webhook's events to another address, or try them again by another schedule. Its position and secret stay.",
            id=strawberry.ID, url=str | None, retry_s=list[int] | None,
        ),
        "send_test_event": resolved_field(
            "sendTestEvent", TestEventPayload, send_test_event,
            "Send a webhook or broker one event of type hub.test.v1 now, also while it is paused or disabled, and tell how it was taken.",
            id=strawberry.ID,
        ),
        "send_again": resolved_field(
            "sendAgain", SendAgainPayload, send_again,
            "Send a webhook or broker what it has had once more, in order per record and under the same event ids: some events, "
            "those of records, of an entity, of types, or those delivered within a time. Dead letters of the same records and "
            "time are tried again with them.",
            subscription_id=strawberry.ID, event_ids=texts, record_ids=ids, entity=str | None, types=texts,
            since=DateTime | None, until=DateTime | None, dry_run=bool,
        ),
    }  # fmt: skip
