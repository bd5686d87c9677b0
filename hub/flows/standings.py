"""The columns of "Where is my record?": a system's record of the thing, how far its lane is, which switches hold writes back.

What would be written is planned by the very function deliveries plan by (:func:`hub.core.routing.write_for`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import asyncpg

from hub.core.configuration import Configuration
from hub.core.records import Contribution, Decision, Golden
from hub.core.contexts import policy_of
from hub.core.routing import golden_since, write_for
from hub.core.whereabouts import Column, Lane
from hub.flows.plan_writes import group_of, is_before_go_live
from hub.store.subscriptions import Modes
from schema.language import EntityMeta


@dataclass(frozen=True, slots=True)
class Try:
    """The last try of a delivery."""

    operation: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One column: a system's record of the thing, how far it is, and what a person must do about it."""

    system: str
    kind: str
    object: str = ""
    external_id: str = ""
    part: str = ""
    role: str = ""
    state: str = "absent"
    """absent, present, deleted."""
    deep_link: str | None = None
    mode: str = "observe"
    verdict: str = "absent"
    who_acts: str = ""
    heard_at: datetime | None = None
    channel: str = ""
    correlation_id: str = ""
    lane: Lane | None = None
    last_try: Try | None = None
    task: asyncpg.Record | None = None


@dataclass(frozen=True)
class Known:
    """Everything that is read about a record before anything is judged."""

    meta: EntityMeta
    golden: Golden
    contributions: Sequence[Contribution]
    heard: Mapping[int, asyncpg.Record]
    decisions: Sequence[Decision]
    systems: Mapping[str, list[asyncpg.Record]]
    modes: Modes
    externals: Mapping[tuple[UUID, str], asyncpg.Record]
    since: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, Golden] = field(default_factory=dict)
    """System → the record as its context sees it, of systems that have one."""

    def standing(self, system: str) -> Golden:
        """What a system should say."""
        return self.views.get(system, self.golden)


def columns_of(config: Configuration, read: Known, name: str) -> list[tuple[Standing, Column]]:
    """A column for each record the system holds of the thing, the one that is written to first; one when it holds none."""
    mine = [one for one in read.contributions if one.key.system == name and one.key.entity == read.meta.name]
    present = sorted((one for one in mine if one.state == "present"), key=lambda one: (one.role != "primary", one.id))
    deleted = [one for one in mine if one.state == "deleted"]
    if not present:
        return [_column(config, read, name, None, deleted[0] if deleted else None, is_first=True)]
    return [_column(config, read, name, one, None, is_first=at == 0) for at, one in enumerate(present)]


def _column(
    config: Configuration, read: Known, name: str, target: Contribution | None, gone: Contribution | None, *, is_first: bool
) -> tuple[Standing, Column]:
    rows = read.systems.get(name, [])
    row = _row_of(rows, target, is_first)
    system, meta = config.systems[name], read.meta
    mapping = _mapping(config, name, meta.name, target)
    plan = None
    if mapping is not None and is_first:
        standing = read.standing(name)
        since = golden_since(standing, read.contributions, read.decisions) if name in read.views else read.since
        policy = policy_of(config.policy, context_of_rows(config, name, rows))
        plan = write_for(
            meta, standing, since, target, system.kind, mapping.fields_out, _resolver(read, name),
            correct=system.corrects, policy=policy,
        )  # fmt: skip
    fields = {one: read.modes.of(name, meta.name, group_of(meta, one)) for one in (plan.reasons if plan else ())}
    whole = read.modes.of(name, meta.name, "*")
    lane = _lane(row) if is_first or row is not None else None
    column = Column(
        name, target, plan, lane, fields if target is not None else dict.fromkeys(fields, whole) | {"*": whole},
        is_subscribed=_takes(rows, meta.name), is_paused=system.is_paused, is_braked=bool(row and row["is_braked"]),
        is_before_go_live=is_before_go_live(meta, read.golden.values, system.go_live), is_alternate=not is_first, is_deleted=gone is not None,
    )  # fmt: skip
    return _standing(read, row, system.kind.value, name, target or gone, whole, lane), column


def context_of_rows(config: Configuration, system: str, rows: Sequence[asyncpg.Record]) -> str:
    """Whose view a system is sent: its subscription's context before its own."""
    told = (name for row in rows if (name := (row["filter"] or {}).get("context")))
    return str(next(told, config.systems[system].context))


def _row_of(rows: Sequence[asyncpg.Record], target: Contribution | None, is_first: bool) -> asyncpg.Record | None:
    """The lane of this very record, else the system's plain one."""
    named = [row for row in rows if target is not None and row["external_key"] == target.key.external_id]
    plain = [row for row in rows if row["external_key"] in (None, "")] if is_first else []
    return (named or plain or (list(rows[:1]) if is_first else []) or [None])[0]


def _lane(row: asyncpg.Record | None) -> Lane | None:
    if row is None or row["state"] is None:
        return None
    return Lane(
        row["state"], row["wanted_version"], row["delivered_version"], row["attempts"], row["next_try_at"], row["waits_for"],
        row["reason"] or "", row["task_id"], tuple((row["plan"] or {}).get("money", ())),
    )  # fmt: skip


def _takes(rows: Sequence[asyncpg.Record], entity: str) -> bool:
    """Whether an active subscription of the system wants this entity."""
    wanted = [row["filter"] or {} for row in rows if row["subscription_state"] == "active"]
    return any(not one.get("entities") or entity in one["entities"] for one in wanted)


def _mapping(config: Configuration, system: str, entity: str, target: Contribution | None) -> Any:
    """The mapping by which the system is written this entity: that of the record's object, else the first that writes."""
    writes = [
        one for (name, _), several in config.mappings.items() if name == system for one in several if one.entity == entity and one.fields_out
    ]
    if target is None:
        return writes[0] if writes else None
    return next((one for one in writes if one.object == target.key.object), None)


def _resolver(read: Known, system: str) -> Any:
    def resolve(golden_id: str, entity: str) -> dict[str, str] | None:
        row = read.externals.get((UUID(golden_id), system))
        return None if row is None or row["entity"] != entity else {"system": system, "object": row["object"], "id": row["external_id"]}

    return resolve


def _standing(
    read: Known, row: asyncpg.Record | None, kind: str, name: str, source: Contribution | None, mode: str, lane: Lane | None
) -> Standing:
    heard = read.heard.get(source.id) if source is not None else None
    last = None
    if row is not None and row["try_state"] is not None:
        last = Try(row["operation"], row["try_state"], row["started_at"], row["finished_at"], row["error"])
    if source is None:
        return Standing(name, kind, mode=mode, lane=lane, last_try=last)
    link = (row["deep_links"] or {}).get(source.key.object) if row is not None else None
    return Standing(
        name, kind, source.key.object, source.key.external_id, source.key.part, source.role, source.state,
        link.replace("{id}", quote(source.key.external_id, safe="")) if link else None, mode,
        heard_at=(heard["received_at"] or heard["updated_at"]) if heard else None,
        channel=(heard["channel"] or "") if heard else "", correlation_id=(heard["correlation_id"] or "") if heard else "",
        lane=lane, last_try=last,
    )  # fmt: skip
