"""Alerts: one task per root cause, opened, restated and resolved by what the tables show, and told to an address if one is set.

Whoever works on the queue sees it there; the causal graph is :mod:`hub.core.alerting`. Symptoms that a root explains open nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from hub.core.alerting import Alert, Symptom, alerts
from hub.core.normalize import instant_text
from hub.core.queue_rules import routing_of
from hub.flows.webhook_message import Message
from hub.flows.webhook_post import Poster
from hub.settings import Settings
from hub.store import alerts as store
from hub.store import tasks
from hub.store.alerts import SQL
from hub.store.configuration import SQL as CONFIGURATION
from hub.store.configuration import tenants
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.flows.alerts")
EVERY_S = 10.0
RESTATED_S = 60.0
"""Counts alone are written anew this often; a new symptom, other money or another deadline at once."""
MOST_NAMED = 50


async def look_all(pool: Pool, every_s: float = EVERY_S) -> int:
    """Look at every tenant nobody has looked at for a while; answers how many alerts stand there."""
    standing = 0
    async with pool.acquire() as connection:
        for tenant_id, _ in await tenants(connection):
            async with connection.transaction():
                if await store.is_our_turn(connection, tenant_id, every_s):
                    standing += len(await look(connection, tenant_id, await connection.fetchval("SELECT clock_timestamp()")))
    return standing


async def look(tx: Connection, tenant_id: int, at: datetime) -> list[Alert]:
    """Open, restate and resolve the alerts of one tenant; answers those that stand."""
    found = {one.root.key: one for one in alerts(await store.symptoms(tx, tenant_id), at)}
    before = await store.standing(tx, tenant_id)
    over = [row["id"] for subject, row in before.items() if subject not in found]
    if over:
        await tasks.resolve(tx, tenant_id, over, "it is over")
    new = [_task(one) for subject, one in found.items() if _differs(before.get(subject), one)]
    ids = await tasks.open_tasks(tx, tenant_id, new)
    await _place(tx, tenant_id, [(ids["alert", subject], one) for subject, one in found.items() if subject not in before])
    return list(found.values())


async def _place(tx: Connection, tenant_id: int, new: Sequence[tuple[int, Alert]]) -> None:
    """The kind says whose it is, unless the tenant's own rules for alerts do."""
    if not new:
        return
    routing = routing_of(await CONFIGURATION["tenant_settings"].value(tx, tenant=tenant_id) or {})
    rows = []
    for id_, one in new:
        way = routing.route({"cause": "alert", "entity": None, "system": one.root.system, "amount": 0}) if routing.rules else None
        is_ruled = way is not None and any(rule.team and rule.fits({"cause": "alert", "system": one.root.system, "amount": 0}) for rule in routing.rules)
        rows.append({"id": id_, "team": way.team if way and is_ruled else one.team, "due_h": one.kind.due_h, "priority": one.kind.priority})
    await store.place(tx, tenant_id, rows)


def _task(one: Alert) -> NewTask:
    return NewTask(
        "alert", one.root.key, one.root.says, one.remedy, system=one.root.system or None, count=one.count, money=[dict(m) for m in one.money] or None,
        detail=detail_of(one), is_restated=True,
    )  # fmt: skip


def detail_of(one: Alert) -> dict[str, Any]:
    """What an alert is made of, as its task keeps it."""
    return {
        "kind": one.root.kind, "since": instant_text(one.root.since), "subscription": one.root.subscription, "name": one.root.name,
        "deadline": instant_text(one.deadline) if one.deadline else None, "explains": [_told(symptom) for symptom in one.explains[:MOST_NAMED]],
    }  # fmt: skip


def _told(one: Symptom) -> dict[str, Any]:
    return {
        "kind": one.kind, "says": one.says, "system": one.system, "subscription": one.subscription, "count": one.count,
        "since": instant_text(one.since), "money": [dict(amount) for amount in one.money],
    }  # fmt: skip


def _differs(before: asyncpg.Record | None, one: Alert) -> bool:
    """Whether there is something new to write."""
    if before is None:
        return True
    kinds = {(symptom["kind"], symptom["system"], symptom["subscription"]) for symptom in before["detail"].get("explains", ())}
    if kinds != {(symptom.kind, symptom.system, symptom.subscription) for symptom in one.explains[:MOST_NAMED]}:
        return True
    if [dict(m) for m in one.money] != (before["money"] or []) or detail_of(one)["deadline"] != before["detail"].get("deadline"):
        return True
    return bool(before["age_s"] > RESTATED_S and (before["count"] != one.count or before["reason"] != one.root.says))


# telling somebody outside


async def tell_all(pool: Pool, settings: Settings, poster: Poster) -> int:
    """Tell the address of HUB_ALERT_WEBHOOK what opened and what ended; what it does not take is told again next time."""
    told = 0
    async with pool.acquire() as connection:
        waiting = [(tenant_id, slug, row) for tenant_id, slug in await tenants(connection) for row in await SQL["to_tell"].fetch(connection, tenant=tenant_id)]
    for tenant_id, slug, row in waiting:
        answer = await poster.post(settings.alert_webhook, message(slug, tenant_id, row), settings.alert_secret or "")
        if answer.state != "done":
            log.warning("alert_not_told", tenant=slug, task_id=row["id"], status=answer.status)
            return told
        async with pool.acquire() as connection:
            await SQL["told"].run(connection, tenant=tenant_id, id=row["id"])
        told += 1
    return told


def message(tenant: str, tenant_id: int, row: Mapping[str, Any]) -> Message:
    """An alert as a CloudEvent; its id is the same over all tries."""
    is_open = row["state"] == "open"
    type_ = "hub.alert.opened.v1" if is_open else "hub.alert.ended.v1"
    id_ = f"alert_{tenant_id}_{row['id']}_{'opened' if is_open else 'ended'}"
    told = {name: row["detail"].get(name) for name in ("kind", "since", "deadline", "explains")}
    data = {
        "tenant": tenant, "task": str(row["id"]), "says": row["reason"], "remedy": row["remedy"], "team": row["team"], "due_at": row["due_at"].isoformat(),
        "count": row["count"], "money": row["money"] or [], **told,
    }  # fmt: skip
    envelope = {
        "specversion": "1.0", "id": id_, "source": f"/hub/tenants/{tenant}", "type": type_, "subject": f"task/{row['id']}",
        "time": (row["opened_at"] if is_open else row["resolved_at"]).isoformat(), "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return Message(id_, type_, 1, orjson.dumps(envelope))
