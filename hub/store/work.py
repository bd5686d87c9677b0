"""The queue as people work it: tasks held, given, put off, answered, escalated, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements
from schema import ENTITIES
from schema.language import EntityMeta

SQL = statements("work")
STAKES = statements("stakes")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing done with a task or said of it."""

    task_id: int
    kind: str
    actor: str
    comment: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


async def lock(tx: Connection, tenant_id: int, ids: Sequence[int]) -> dict[int, asyncpg.Record]:
    """Tasks by id, held until the transaction ends."""
    return {row["id"]: row for row in await SQL["lock"].fetch(tx, tenant=tenant_id, ids=list(ids))}


async def give(tx: Connection, tenant_id: int, given: Mapping[int, UUID | None]) -> None:
    """Give open tasks to members, or to nobody."""
    if given:
        await SQL["give"].run(tx, tenant=tenant_id, ids=list(given), members=list(given.values()))


async def load(tx: Connection, tenant_id: int) -> dict[UUID, int]:
    """How many open tasks each member has; those put off do not count."""
    return {row["assignee_id"]: row["tasks"] for row in await SQL["load"].fetch(tx, tenant=tenant_id)}


async def put_off(tx: Connection, tenant_id: int, ids: Sequence[int], until: datetime, question: Mapping[str, Any] | None = None) -> None:
    await SQL["put_off"].run(tx, tenant=tenant_id, ids=list(ids), until=until, question=question)


async def note(tx: Connection, tenant_id: int, events: Iterable[Event]) -> None:
    """Keep what was done and said."""
    rows = [asdict(one) for one in events]
    if rows:
        await SQL["note"].run(tx, tenant=tenant_id, rows=rows)


async def last_steps(tx: Connection, tenant_id: int, ids: Sequence[int]) -> dict[int, asyncpg.Record]:
    """Task → the newest event of it: (id, kind, actor, detail)."""
    return {row["task_id"]: row for row in await SQL["last_steps"].fetch(tx, tenant=tenant_id, ids=list(ids))}


async def restore(tx: Connection, tenant_id: int, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Tasks as ``rows`` say they stood; answers those that stand so again."""
    return {row["id"] for row in await SQL["restore"].fetch(tx, tenant=tenant_id, rows=list(rows))} if rows else set()


async def places(tx: Connection, tenant_id: int, wanted: Mapping[str, Sequence[UUID]]) -> dict[UUID, tuple[UUID | None, str | None]]:
    """(legal entity, region code) of golden records, by entity → ids: their own, else their project's or contract's."""
    found: dict[UUID, tuple[UUID | None, str | None]] = {}
    parts = [(place_sql(ENTITIES[entity]), ids) for entity, ids in wanted.items() if entity in ENTITIES and ids]
    if not parts:
        return found
    sql = "\nUNION ALL\n".join(f"({text.format(ids=f'${at}')})" for at, (text, _) in enumerate(parts, 2))
    for row in await tx.fetch(sql, tenant_id, *(list(ids) for _, ids in parts)):
        found[row["id"]] = (row["legal_entity"], row["region"])
    return found


@cache
def place_sql(meta: EntityMeta) -> str:
    """The statement of one entity's places; ``{ids}`` is its parameter.

    >>> from schema.client import Client
    >>> "golden.billing_account" in place_sql(Client.meta)
    True
    """
    names = {one.name: one.target for one in meta.references}
    joins, legal, region = "", [], []
    if meta.name == "legal_entity":
        legal.append("g.id")
    if "legal_entity" in names:
        legal.append("g.legal_entity_id")
    region += [f"g.{name}_id" for name in ("delivery_region", "region") if name in names]
    for name in ("project", "contract", "invoice"):
        if name in names and name != meta.name:
            joins += f" LEFT JOIN golden.{name} {name} ON {name}.tenant_id = g.tenant_id AND {name}.id = g.{name}_id"
            legal.append(f"{name}.legal_entity_id")
            region += {"project": ["project.delivery_region_id"], "contract": ["contract.region_id"]}.get(name, [])
    if meta.name == "client":  # where one legal entity alone sells to it
        legal.append(
            "(SELECT (array_agg(DISTINCT a.legal_entity_id))[1] FROM golden.billing_account a "
            "WHERE a.tenant_id = g.tenant_id AND a.client_id = g.id HAVING count(DISTINCT a.legal_entity_id) = 1)"
        )
    code = f"(SELECT r.code FROM golden.region r WHERE r.tenant_id = g.tenant_id AND r.id = coalesce({', '.join(region)}))" if region else "NULL::text"
    return (
        f"SELECT g.id, {f'coalesce({chr(44).join(legal)})' if legal else 'NULL::uuid'} AS legal_entity, {code} AS region "
        f"FROM golden.{meta.name} g{joins} WHERE g.tenant_id = $1 AND g.id = ANY ({{ids}}::uuid[])"
    )


async def money_of(tx: Connection, tenant_id: int, golden_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, str]]]:
    """Money at stake of golden records: ``[{amount, currency}]`` by id; what is not about money is left out."""
    found: dict[UUID, list[dict[str, str]]] = {}
    for row in await STAKES["money_of"].fetch(tx, tenant=tenant_id, ids=list(golden_ids)):
        found.setdefault(row["golden_id"], []).append({"amount": row["amount"], "currency": row["currency"]})
    return found


async def resolutions(tx: Connection, tenant_id: int, causes: Sequence[str]) -> list[asyncpg.Record]:
    """How people resolved tasks of these causes: (cause, system, field, kind, resolution, tasks)."""
    return await SQL["resolutions"].fetch(tx, tenant=tenant_id, causes=list(causes))
