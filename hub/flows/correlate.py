"""One correlation from its first message to its last delivery: messages, versions, deliveries with their tries, external ids, tasks, decisions.

A fixed number of statements, each by an index, whatever the size of the hub. Several messages may be folded into one version, which
carries one of their correlations: the others find it by their record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.errors import RequestError
from hub.store.statements import Connection, statements

SQL = statements("trail")
MOST = 500
_EVENT = re.compile(r"evt_(\d{1,9})_\d{1,9}_(\d{1,18})(_[0-9a-f]+)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a trail is asked by; exactly one of them, and ``version`` beside ``record``, ``system`` beside ``key``."""

    correlation_id: str = ""
    event_id: str = ""
    key: str = ""
    message_id: int | None = None
    record: UUID | None = None
    version: int | None = None
    system: str | None = None

    @property
    def count(self) -> int:
        return sum((bool(self.correlation_id), bool(self.event_id), bool(self.key), self.message_id is not None, self.record is not None))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: kind is message, change, attempt, task, action or proposal."""

    at: datetime
    kind: str
    id: int
    says: str
    system: str | None = None
    entity: str | None = None
    record: UUID | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    correlation_id: str
    messages: Sequence[asyncpg.Record] = ()
    changes: Sequence[asyncpg.Record] = ()
    deliveries: Sequence[asyncpg.Record] = ()
    attempts: Sequence[asyncpg.Record] = ()
    external_ids: Sequence[asyncpg.Record] = ()
    task_ids: Sequence[int] = ()
    actions: Sequence[asyncpg.Record] = ()
    proposals: Sequence[asyncpg.Record] = ()
    is_cut: bool = False
    """There is more of something than is shown."""
    tries: Mapping[tuple[UUID, UUID, str], Sequence[asyncpg.Record]] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        """Everything with an instant, in its order."""
        found = [Step(m["received_at"], "message", m["id"], f"{m['system']} {m['object']} {m['external_id']} came by {m['channel']}: {m['outcome']}", m["system"]) for m in self.messages]
        found += [Step(c["at"], "change", c["id"], f"{c['entity']} version {c['version']} ({c['op']}, {c['cause']})", None, c["entity"], c["golden_id"]) for c in self.changes]
        names = {one["subscription_id"]: (one["subscription"], one["system"], one["entity"]) for one in self.deliveries}
        for a in self.attempts:
            name, system, entity = names.get(a["subscription_id"], ("", None, None))
            found.append(Step(a["started_at"], "attempt", a["id"], f"{a['operation']} to {name}: {a['state']}", system, entity, a["golden_id"]))
        found += [Step(a["made_at"], "action", a["id"], f"{a['kind']} by {a['actor']}", None, a["entity"]) for a in self.actions]
        found += [Step(p["asked_at"], "proposal", p["id"], f"{p['operation']} by {p['author']}: {p['state']}", None, p["entity"]) for p in self.proposals]
        return sorted(found, key=lambda one: (one.at, one.kind, one.id))


async def trail(tx: Connection, tenant_id: int, wanted: Wanted) -> Trail | None:
    """The trail, or None when nothing of this tenant is known under what was asked."""
    if wanted.count != 1:
        raise RequestError("BAD_INPUT", "name one of correlationId, eventId, idempotencyKey, messageId and recordId", remedy="Leave the others out.")
    correlation_id = await _correlation(tx, tenant_id, wanted)
    if not correlation_id:
        return None
    given: dict[str, Any] = {"tenant": tenant_id, "correlation_id": correlation_id, "most": MOST + 1}
    messages = await SQL["messages"].fetch(tx, **given)
    applied = [row["id"] for row in messages if row["outcome"] == "applied"]
    changes = await SQL["changes"].fetch(tx, **given, messages=applied[:MOST])
    lowest: dict[UUID, int] = {}
    for row in changes:
        lowest[row["golden_id"]] = min(row["version"], lowest.get(row["golden_id"], row["version"]))
    records = list(lowest)
    deliveries = await SQL["deliveries"].fetch(tx, tenant=tenant_id, records=records, versions=list(lowest.values()), most=MOST + 1)
    attempts = await SQL["attempts"].fetch(
        tx, tenant=tenant_id, subscriptions=[row["subscription_id"] for row in deliveries], records=[row["golden_id"] for row in deliveries],
        versions=[row["of_version"] for row in deliveries], most=MOST + 1,
    )  # fmt: skip
    external = await SQL["external_ids"].fetch(tx, tenant=tenant_id, records=records, most=MOST + 1)
    held = [row["task_id"] for row in (*messages, *deliveries) if row["task_id"]]
    tasks = await SQL["tasks"].fetch(tx, **given, ids=held)
    actions, proposals = await SQL["actions"].fetch(tx, **given), await SQL["proposals"].fetch(tx, **given)
    parts = (messages, changes, deliveries, attempts, external, tasks, actions, proposals)
    if not any(parts):
        return None
    cut = [rows[:MOST] for rows in parts]
    tries: dict[tuple[UUID, UUID, str], list[asyncpg.Record]] = {}
    for row in cut[3]:
        tries.setdefault((row["subscription_id"], row["golden_id"], row["external_key"]), []).append(row)
    return Trail(
        correlation_id, cut[0], cut[1], cut[2], cut[3], cut[4], [row["id"] for row in cut[5]], cut[6], cut[7],
        is_cut=any(len(rows) > MOST for rows in parts), tries=tries,
    )  # fmt: skip


async def _correlation(tx: Connection, tenant_id: int, wanted: Wanted) -> str:
    """The correlation behind what was asked; of several the first that has one."""
    if wanted.correlation_id:
        return wanted.correlation_id
    if wanted.event_id:
        told = _EVENT.fullmatch(wanted.event_id)
        if told is None or int(told[1]) != tenant_id:
            return ""
        return str(await SQL["of_change"].value(tx, tenant=tenant_id, id=int(told[2])) or "")
    if wanted.message_id is not None:
        return str(await SQL["of_message"].value(tx, tenant=tenant_id, id=wanted.message_id) or "")
    if wanted.record is not None:
        return str(await SQL["of_record"].value(tx, tenant=tenant_id, record=wanted.record, version=wanted.version) or "")
    rows = await SQL["of_key"].fetch(tx, tenant=tenant_id, key=wanted.key, system=wanted.system)
    return next((str(row["correlation_id"]) for row in rows if row["correlation_id"]), "")
