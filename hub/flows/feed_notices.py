"""Telling webhooks and brokers what concerns the feed itself: positions they will never get, or that it was restored.

While a notice stands, nothing else goes to its subscription: whoever reads on has been told first. One that a receiver refuses
is shown to a person instead, and the stream goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from hub.flows.send_webhook import EventSender, tried
from hub.flows.webhook_message import Message
from hub.flows.webhook_post import Answer
from hub.store import attempts, feed_notices, lanes, tasks
from hub.store.lanes import NOBODY, Lane
from hub.store.feed_notices import Notice
from hub.store.pool import Pool
from hub.store.tasks import NewTask

ENTITY = "feed"
NO_RECORD = UUID(int=0)
LONGEST_S = 600.0
REMEDIES = {
    "gap": "Read a snapshot of the records (query or subscription changes, export, or a new subscription with withSnapshot).",
    "restarted": "Read a snapshot of the records, and forget what you know of positions above data.position.",
}


async def tell(pool: Pool, one: Notice, sender: EventSender, wall: Callable[[], float]) -> bool:
    """Send a notice once; answers whether the subscription goes on."""
    now = datetime.fromtimestamp(wall(), UTC)
    lane = Lane(one.subscription, NO_RECORD, "", ENTITY, 0, 0, 0, 0, None, None, "", NOBODY)
    event = message_of(one)
    answer = await sender.carry(lane, event)
    attempt = tried(lane, event, answer, now, datetime.fromtimestamp(wall(), UTC), sender.worker)
    is_over = answer.state in ("done", "rejected", "gone")
    async with pool.acquire() as connection, connection.transaction():
        if is_over:
            await feed_notices.settle(connection, one)
            await lanes.ring(connection, one.tenant_id)
        else:
            await feed_notices.put_off(connection, one, max(min(2.0 ** int(one.what["tries"]), LONGEST_S), answer.retry_after_s))
        await attempts.store(connection, one.tenant_id, [attempt])
        if is_over and answer.state != "done":
            await tasks.open_tasks(connection, one.tenant_id, [_untold(one, answer)])
    return is_over


def message_of(one: Notice) -> Message:
    """``hub.feed.gap.v1`` or ``hub.feed.restarted.v1``; its id is the same over all tries."""
    what: dict[str, Any] = dict(one.what)
    kind = what.pop("type")
    what.pop("tries", None)
    mark = what.get("gap", {}).get("last", what.get("position", 0))
    id = f"evt_{one.tenant_id}_{one.epoch}_{kind}_{mark}"
    event = {
        "specversion": "1.0",
        "id": id,
        "source": f"/hub/tenants/{one.tenant}",
        "type": f"hub.feed.{kind}.v1",
        "subject": f"{ENTITY}/{one.subscription.id}",
        "time": what["recorded_at"],
        "datacontenttype": "application/json",
        "partitionkey": f"{ENTITY}:{one.subscription.id}",
        "sequence": f"{mark:020d}",
        "data": {"tenant": one.tenant, "epoch": one.epoch, **what, "remedy": REMEDIES[kind]},
    }
    return Message(id, str(event["type"]), 0, orjson.dumps(event))


def _untold(one: Notice, answer: Answer) -> NewTask:
    name, kind = one.subscription.name, one.what["type"]
    what = "a gap in its feed" if kind == "gap" else "the feed having been restored"
    return NewTask(
        "feed_gap", f"subscription {name}", f"Subscription {name} did not take the notice of {what}: {answer.reason}",
        "Tell its owner to read a snapshot of the records.", detail=dict(one.what), is_restated=True,
    )  # fmt: skip
