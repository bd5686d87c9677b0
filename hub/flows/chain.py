"""The chain of money around one record, both ways: every hop with its state, its gates, its tasks and its deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.chain import EDGES, SHAPES, STAGES, TITLES, Gate, gates
from hub.store import chain, labels, where
from hub.store.statements import Connection
from schema import ENTITIES
from schema.language import entity_name

STEPS = 6
"""No chain is longer than its stages."""


@dataclass(frozen=True, slots=True)
class Named:
    """A record a hop names: the approver, the contract line, the rate."""

    field: str
    entity: str
    golden_id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One record of the chain. ``is_asked`` is the one it was asked of."""

    entity: str
    golden_id: UUID
    label: str
    state: str
    day: str
    money: Mapping[str, str] | None
    is_asked: bool
    gates: tuple[Gate, ...]
    holds: tuple[asyncpg.Record, ...]
    tasks: tuple[asyncpg.Record, ...]
    lanes: tuple[asyncpg.Record, ...]
    names: tuple[Named, ...]

    @property
    def is_stopped(self) -> bool:
        return bool(self.tasks or self.holds) or any(not one.is_open for one in self.gates)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the chain; ``has_more`` when it holds more records than are told."""

    name: str
    title: str
    hops: tuple[Hop, ...]
    has_more: bool


async def chain_of(tx: Connection, tenant_id: int, entity: str, golden_id: UUID, today: date) -> tuple[Stage, ...]:
    """The stages around a record; none for a record that is no part of the chain."""
    if entity not in SHAPES:
        return ()
    found: dict[str, list[UUID]] = {entity: [golden_id]}
    for upward in (True, False):
        at: Mapping[str, Sequence[UUID]] = {entity: [golden_id]}
        for _ in range(STEPS):
            stepped = await chain.step(tx, tenant_id, at, upward=upward)
            fresh = {name: [one for one in ids if one not in found.get(name, ())] for name, ids in stepped.items()}
            if not any(fresh.values()):
                break
            for name, ids in fresh.items():
                found.setdefault(name, []).extend(ids)
            at = {name: ids[: chain.MOST] for name, ids in fresh.items() if ids}
    return await _told(tx, tenant_id, found, golden_id, today)


async def _told(tx: Connection, tenant_id: int, found: Mapping[str, Sequence[UUID]], asked: UUID, today: date) -> tuple[Stage, ...]:
    shown = {entity: ids[: chain.MOST] for entity, ids in found.items()}
    ids = [one for several in shown.values() for one in several]
    records = await chain.describe(tx, tenant_id, shown)
    named = {golden_id: chain.names_of(one["entity"], one["values"]) for golden_id, one in records.items()}
    around = _Around(
        await where.tasks(tx, tenant_id, ids),
        await where.unfinished_lanes(tx, tenant_id, ids),
        await chain.holds(tx, tenant_id, _holdable(records, named)),
        await labels.read(tx, tenant_id, _targets(records, named)),
        _parents(records),
    )
    stages = []
    for name, entities in STAGES.items():
        hops = [_hop(one, records[one], named[one], around, asked, today) for entity in entities for one in shown.get(entity, ()) if one in records]
        more = any(len(found.get(entity, ())) > chain.MOST for entity in entities)
        stages.append(Stage(name, TITLES[name], tuple(hops), more))
    return tuple(stages)


@dataclass(frozen=True, slots=True)
class _Around:
    tasks: Sequence[asyncpg.Record]
    lanes: Sequence[asyncpg.Record]
    holds: Sequence[asyncpg.Record]
    labels: Mapping[UUID, str]
    goes_on: frozenset[UUID]


def _hop(golden_id: UUID, record: Mapping[str, Any], named: Mapping[str, UUID], around: _Around, asked: UUID, today: date) -> Hop:
    entity, values = record["entity"], record["values"]
    shape, meta = SHAPES[entity], ENTITIES[entity]
    on = {golden_id, *named.values()}
    return Hop(
        entity, golden_id, record["label"], str(values.get("state") or values.get("billing_state") or ""), str(values.get(shape.day) or ""),
        values.get(shape.amount) if shape.amount else None, golden_id == asked,
        gates(entity, values, today.isoformat(), goes_on=golden_id in around.goes_on),
        tuple(one for one in around.holds if one["on_id"] in on and entity in ("billable_item", *STAGES["work"])),
        tuple(one for one in around.tasks if one["golden_id"] == golden_id),
        tuple(one for one in around.lanes if one["golden_id"] == golden_id),
        tuple(Named(name, entity_name(meta.fields[name].target), one, around.labels.get(one, "")) for name, one in named.items()),
    )  # fmt: skip


def _holdable(records: Mapping[UUID, Mapping[str, Any]], named: Mapping[UUID, Mapping[str, UUID]]) -> dict[str, list[UUID]]:
    """What a hold may be placed on, of these records: the item itself, its contract line, its project."""
    found: dict[str, set[UUID]] = {"billable_item": {one for one, told in records.items() if told["entity"] == "billable_item"}}
    for golden_id, names in named.items():
        if records[golden_id]["entity"] in ("billable_item", *STAGES["work"]):
            for name in ("project", "contract_line"):
                if name in names:
                    found.setdefault(name, set()).add(names[name])
    return {name: sorted(ids) for name, ids in found.items()}


def _targets(records: Mapping[UUID, Mapping[str, Any]], named: Mapping[UUID, Mapping[str, UUID]]) -> set[tuple[str, UUID]]:
    return {
        (entity_name(ENTITIES[records[golden_id]["entity"]].fields[name].target), one)
        for golden_id, names in named.items()
        for name, one in names.items()
    }


def _parents(records: Mapping[UUID, Mapping[str, Any]]) -> frozenset[UUID]:
    """The records something follows from, among these."""
    found: set[UUID] = set()
    for edge in EDGES:
        for golden_id, told in records.items():
            value = told["values"].get(edge.field)
            if told["entity"] != edge.holder or not value:
                continue
            if edge.holder == edge.upper:
                found.add(UUID(value))
            elif told["entity"] == edge.lower:
                found.add(golden_id)
    return frozenset(found)
