"""How connected systems are doing: what came in and waits, what is held back or stuck on the way out, where polling stands.

Everything here is a few statements over narrow indexes, whatever the number of golden records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("sources")

MOST_OPEN = 20_000
"""Open messages that are counted; a longer queue is told as at least so many."""

MOST_HELD = 20_000


@dataclass
class Source:
    """One connected system as people look after it."""

    name: str
    kind: str
    connector: str
    rank: int
    corrects: bool
    is_loading: bool
    is_paused: bool
    braked_at: datetime | None
    brake: dict[str, Any]
    go_live: str | None
    created_at: datetime
    has_secrets: bool
    inbox_open: int = 0
    inbox_oldest_at: datetime | None = None
    due: int = 0
    due_since: datetime | None = None
    tried_again: int = 0
    """Of what is due, how much has failed before."""
    lanes: dict[str, dict[str, int]] = field(default_factory=dict)
    """State (waiting, observed, proposed, parked) → entity → lanes."""
    polls: list[dict[str, Any]] = field(default_factory=list)
    modes: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    """Open tasks about it: cause, tasks, count, oldest_at."""

    def held(self, state: str) -> int:
        return sum(self.lanes.get(state, {}).values())

    @property
    def polled_at(self) -> datetime | None:
        return max((one["polled_at"] for one in self.polls if one["polled_at"]), default=None)

    @property
    def errors(self) -> list[str]:
        """What polling met last, in words, each once."""
        return sorted({f"{one['resource']}: {one['error']}" for one in self.polls if one["error"]})

    @property
    def state(self) -> str:
        """braked, paused, failing, loading, observing or writing: the first that holds."""
        modes = {one["mode"] for one in self.modes}
        found = (
            ("braked", self.braked_at is not None), ("paused", self.is_paused), ("failing", bool(self.errors)), ("loading", self.is_loading),
            ("writing", "write" in modes), ("proposing", "propose" in modes),
        )  # fmt: skip
        return next((name for name, holds in found if holds), "observing")


async def read(tx: Connection, tenant_id: int, system: str | None = None) -> dict[str, Source]:
    """Every connected system, or one, by name; seven statements whatever there are."""
    found: dict[str, Source] = {}
    for row in await SQL["systems"].fetch(tx, tenant=tenant_id, system=system):
        found[row["name"]] = Source(
            row["name"], row["kind"], row["connector"], row["rank"], row["corrects"], row["loading"], row["paused"], row["braked_at"],
            row["brake"], row["go_live"], row["created_at"], row["has_secrets"],
        )  # fmt: skip
    for row in await SQL["inbox_open"].fetch(tx, tenant=tenant_id, most=MOST_OPEN):
        if row["system"] in found:
            found[row["system"]].inbox_open, found[row["system"]].inbox_oldest_at = row["count"], row["oldest_at"]
    for row in await SQL["lanes"].fetch(tx, tenant=tenant_id, system=system):
        found[row["system"]].lanes.setdefault(row["state"], {})[row["entity"]] = row["count"]
    for row in await SQL["due"].fetch(tx, tenant=tenant_id, system=system):
        one = found[row["system"]]
        one.due, one.due_since, one.tried_again = row["count"], row["oldest_at"], row["again"]
    for name in ("polls", "modes", "tasks"):
        for row in await SQL[name].fetch(tx, tenant=tenant_id, system=system):
            if row["system"] in found:
                getattr(found[row["system"]], name).append(dict(row))
    return found


async def config(tx: Connection, tenant_id: int, system: str) -> dict[str, Any]:
    """A system's connection document, secrets as ``${VARIABLES}``; empty when there is none."""
    found: dict[str, Any] = await SQL["config"].value(tx, tenant=tenant_id, system=system) or {}
    return found


async def held_fields(tx: Connection, tenant_id: int, system: str, entity: str | None = None) -> dict[str, dict[str, int]]:
    """Entity → field → writes that a mode holds back, among the first :data:`MOST_HELD` lanes."""
    found: dict[str, dict[str, int]] = {}
    for row in await SQL["held_fields"].fetch(tx, tenant=tenant_id, system=system, entity=entity, most=MOST_HELD):
        found.setdefault(row["entity"], {})[row["field"]] = row["count"]
    return found


@dataclass(frozen=True, slots=True)
class Which:
    """Which parked deliveries of a system are meant; what is None does not narrow them."""

    entity: str | None = None
    task_id: int | None = None


async def parked(tx: Connection, tenant_id: int, system: str, which: Which, *, skip: int = 0, most: int = 50) -> list[asyncpg.Record]:
    """Deliveries set aside, the newest first, each with its task's cause and its last error."""
    return await SQL["parked"].fetch(
        tx, tenant=tenant_id, system=system, entity=which.entity, task_id=which.task_id, skip=skip, most=most
    )


async def parked_reasons(tx: Connection, tenant_id: int, system: str) -> list[asyncpg.Record]:
    """(entity, task_id, cause, reason, remedy, money, count, oldest_at) of what is parked."""
    return await SQL["parked_reasons"].fetch(tx, tenant=tenant_id, system=system)


async def attempts(tx: Connection, tenant_id: int, system: str, lane: tuple[UUID, UUID, str]) -> list[asyncpg.Record]:
    """Every try of one delivery (subscription, golden record, external key), newest first."""
    subscription, golden, external_key = lane
    return await SQL["attempts"].fetch(
        tx, tenant=tenant_id, system=system, subscription=subscription, golden=golden, external_key=external_key
    )


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows when a mode is set: writes that go out, with their money per currency, or deliveries that stay here."""

    writes: list[dict[str, Any]]
    """entity, op, count and a sample of plans."""
    money: list[dict[str, str]]
    held: int

    @property
    def count(self) -> int:
        return sum(one["count"] for one in self.writes)


async def consequences(
    tx: Connection, tenant_id: int, system: str, entity: str | None, fields: Sequence[str] | None, mode: str, sample: int = 5
) -> Consequences:  # fmt: skip
    """What setting ``mode`` for an entity (None: all) and its fields (None: all) would do now."""
    where: dict[str, Any] = {"tenant": tenant_id, "system": system, "entity": entity}
    if mode != "write":
        return Consequences([], [], int(await SQL["would_hold"].value(tx, **where) or 0))
    given = {**where, "fields": list(fields) if fields is not None else None}
    writes = [dict(row) for row in await SQL["would_send"].fetch(tx, **given, sample=sample)]
    money = [{"amount": format(row["amount"], "f"), "currency": row["currency"]} for row in await SQL["would_send_money"].fetch(tx, **given)]
    return Consequences(writes, money, 0)
