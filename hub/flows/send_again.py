"""Sending a receiver what it has had once, or a test event: for a receiver that lost its data, or that is being set up.

Events keep their ids, so a receiver that did keep them takes them for what they are; per record they come in order. What was
set aside (dead letters) of the same records and time is taken up with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from hub.errors import RequestError
from hub.faults import wall
from hub.flows.addresses import networks
from hub.flows.again import repeated, transaction
from hub.flows.deliver import open_secret
from hub.flows.send_broker import publish_test
from hub.flows.send_webhook import tried
from hub.flows.webhook_message import Message
from hub.flows.webhook_post import Answer, Poster, in_force, open_session
from hub.settings import Settings
from hub.store import attempts, lanes, resends, subscriptions
from hub.store.golden import instant_text
from hub.store.lanes import NOBODY, Lane
from hub.store.pool import Pool
from hub.store.resends import Delivered, Meant
from hub.store.subscriptions import Subscription

MOST_EVENTS = 100_000
TEST_TYPE = "hub.test.v1"
_NOTHING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Again:
    """What is sent again: delivered events, dead letters beside them, and what cannot be, since the feed gave it up."""

    events: Sequence[Delivered]
    dead_letters: int
    expired: int


async def send_again(pool: Pool, tenant_id: int, subscription_id: UUID, meant: Meant, *, is_dry_run: bool = False) -> Again:
    """Send events of a webhook or broker once more, under their ids. A dry run tells what it would be and does nothing.

    Raises :class:`RequestError`: ``unknown_subscription``, ``bad_kind``, ``too_many``.
    """

    async def once() -> Again:
        async with transaction(pool, is_dry_run=is_dry_run) as tx:
            row = await subscriptions.by_id(tx, tenant_id, subscription_id)
            if row is None:
                raise _unknown(subscription_id)
            if row["kind"] == "connector":
                raise RequestError("bad_kind", "a system is sent states, not events", field="subscriptionId", remedy="Use replay.")
            found = await resends.again(tx, tenant_id, subscription_id, meant, MOST_EVENTS + 1)
            if len(found) > MOST_EVENTS:
                raise RequestError(
                    "too_many", f"that is more than {MOST_EVENTS} events", field="since", remedy="Send them in several windows."
                )
            letters = await _dead_letters(tx, tenant_id, subscription_id, meant)
            await lanes.ring(tx, tenant_id)
        events = [one for one in found if one.is_kept]
        return Again(events, letters, len(found) - len(events))

    return await repeated(once)


async def _dead_letters(tx: Any, tenant_id: int, subscription_id: UUID, meant: Meant) -> int:
    """Those of the same records and window; a list of events or types means delivered ones only."""
    if meant.event_ids is not None or meant.types is not None:
        return 0
    return await lanes.replay(
        tx, tenant_id, subscription_id=subscription_id, golden_ids=meant.golden_ids, entity=meant.entity,
        since=meant.since, until=meant.until,
    )  # fmt: skip


async def send_test_event(
    pool: Pool, settings: Settings, tenant_id: int, tenant: str, subscription_id: UUID, event_id: UUID, asked_by: str
) -> dict[str, Any]:
    """Send one event of type ``hub.test.v1`` to a webhook or broker now, whatever its state; answers the try as it was kept."""
    async with pool.acquire() as connection:
        row = await subscriptions.by_id(connection, tenant_id, subscription_id)
    if row is None:
        raise _unknown(subscription_id)
    if row["kind"] == "connector":
        raise RequestError("bad_kind", "only webhooks and brokers are sent test events", field="id", remedy="Name one of them.")
    sealed = open_secret(settings.need("secret_key"), row["secret"], tenant_id, subscription_id) if row["secret"] else ""
    event = _test_event(tenant, row["name"], event_id, asked_by)
    started_at = datetime.fromtimestamp(wall(), UTC)
    kept = Subscription(subscription_id, row["name"], row["kind"], url=row["url"], topic=row["topic"])
    answer = await (_post if kept.kind == "webhook" else publish_test)(settings, kept, tenant, event, in_force_of(row, sealed))
    lane = Lane(kept, _NOTHING, "", "", 0, 0, 0, 0, None, None, str(event_id), NOBODY)
    attempt = tried(lane, event, answer, started_at, datetime.fromtimestamp(wall(), UTC), "api")
    async with pool.acquire() as connection, connection.transaction():
        (number,) = await attempts.store(connection, tenant_id, [replace(attempt, operation="test")])
    return {
        "id": number, "subscription_id": subscription_id, "golden_id": _NOTHING, "external_key": "", "entity": None, "version": 0, "operation": "test", "intent_key": event.id, "state": attempt.state, "request": attempt.request,
        "response": attempt.response, "error": attempt.error, "correlation_id": str(event_id), "started_at": attempt.started_at,
        "finished_at": attempt.finished_at,
    }  # fmt: skip


def in_force_of(row: Any, sealed: str) -> str:
    """What a webhook is signed with now, or a broker's login."""
    return in_force(sealed, row["former_until"], wall()) if row["kind"] == "webhook" else sealed


async def _post(settings: Settings, to: Subscription, tenant: str, event: Message, secret: str) -> Answer:
    allowed = networks(settings.webhook_networks)
    async with open_session(allowed) as session:
        return await Poster(session, allowed, wall).post(to.url or "", event, secret)


def _test_event(tenant: str, name: str, event_id: UUID, asked_by: str) -> Message:
    id_ = f"evt_test_{event_id}"
    envelope = {
        "specversion": "1.0",
        "id": id_,
        "source": f"/hub/tenants/{tenant}",
        "type": TEST_TYPE,
        "time": instant_text(datetime.fromtimestamp(wall(), UTC)),
        "datacontenttype": "application/json",
        "data": {"tenant": tenant, "subscription": name, "asked_by": asked_by, "message": "This is a test: nothing has changed."},
    }
    return Message(id_, TEST_TYPE, 0, orjson.dumps(envelope))


def _unknown(subscription_id: UUID) -> RequestError:
    return RequestError(
        "unknown_subscription", f"there is no subscription {subscription_id}", field="id", remedy="List the subscriptions."
    )
