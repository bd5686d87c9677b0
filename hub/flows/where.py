"""Where is my record? What every connected system says of it field by field, what becomes of each difference, who acts.

Everything is read by keys in a fixed number of statements, whatever the size of the hub; deciding is
:mod:`hub.core.whereabouts`, and what would be written is the very function deliveries plan by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.configuration import Configuration
from hub.core.contexts import contexts_of
from hub.core.fold import value_since
from hub.core.records import Golden, Lineage, SourceKey, Values
from hub.core.routing import golden_since
from hub.core.strategies import sameness
from hub.core.whereabouts import ACTS, QUIET, Cell, Column, cell, overall
from hub.flows import contexts
from hub.flows.plan_writes import group_of
from hub.flows.references import forwards, key_of, mentioned, reference_fields
from hub.flows.standings import Known, Standing, columns_of, context_of_rows
from hub.store import decisions, golden, labels, source_records, subscriptions, where
from hub.store.statements import Connection
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name
from schema.systems import BILL, CRM, ERP, PSA

ORDER = (CRM, PSA, ERP, BILL)
"""Kinds of systems as people read them: from the sale to the money; others follow."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field over all columns. ``label`` and the cells' labels name the records references lead to."""

    name: str
    group: str
    value: Any
    label: str
    rule: str
    winner: str
    is_provisional: bool
    decision_id: int
    since: str
    """Since when the winner says so."""
    cells: tuple[Cell, ...]
    labels: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return any(one.verdict not in QUIET and one.verdict != "absent" for one in self.cells)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The answer; ``standings`` are the columns, in the order of every row's cells."""

    entity: str
    golden_id: UUID
    label: str
    golden: Golden
    standings: tuple[Standing, ...]
    rows: tuple[Row, ...]
    tasks: Sequence[asyncpg.Record]
    awaited: Sequence[asyncpg.Record]


async def where_is(tx: Connection, config: Configuration, entity: str, golden_id: UUID, *, system: str | None = None) -> Whereabouts | None:
    """Where a golden record (or its survivor) stands everywhere; with ``system`` that one column only."""
    meta = ENTITIES[entity]
    record = await _golden(tx, config, meta, golden_id)
    if record is None:
        return None
    read = await _read(tx, config, meta, record)
    columns = [
        (standing, column)
        for name in _systems(config, read, entity)
        if system in (None, name)
        for standing, column in columns_of(config, read, name)
    ]
    told, named = await _resolved(tx, config, read, [column for _, column in columns])
    tasks = await where.tasks(tx, config.tenant_id, [record.id], [c.lane.task_id for _, c in columns if c.lane and c.lane.task_id])
    rows = tuple(_rows(config, read, [column for _, column in columns], told, named))
    standings = tuple(
        _judged(standing, column, at, rows, tasks) for at, (standing, column) in enumerate(columns)
    )
    return Whereabouts(
        entity, record.id, named.get(record.id, ""), record, standings, rows, tasks, await where.awaited(tx, config.tenant_id, [record.id])
    )


# reading


async def _golden(tx: Connection, config: Configuration, meta: EntityMeta, golden_id: UUID) -> Golden | None:
    found = await golden.read(tx, config.tenant_id, meta, [golden_id])
    if golden_id not in found:
        survivor = await _survivor(tx, config.tenant_id, golden_id)
        if survivor is None:
            return None
        golden_id = survivor
        found = await golden.read(tx, config.tenant_id, meta, [survivor])
    if golden_id not in found:
        return None
    record = found[golden_id].golden
    record.lineage = (await golden.lineages(tx, config.tenant_id, meta, found.values())).get(golden_id, {})
    return record


async def _survivor(tx: Connection, tenant_id: int, golden_id: UUID) -> UUID | None:
    """Where a merged record went, over several merges."""
    at, seen = golden_id, {golden_id}
    while (step := (await forwards(tx, tenant_id, [at])).get(at)) is not None and step not in seen:
        seen.add(step)
        at = step
    return at if at != golden_id else None


async def _read(tx: Connection, config: Configuration, meta: EntityMeta, record: Golden) -> Known:
    tenant_id = config.tenant_id
    contributions = await source_records.siblings(tx, tenant_id, [record.id], (), config.ranks)
    made = (await decisions.in_force(tx, tenant_id, [record.id])).get(record.id, [])
    referred = [UUID(record.values[one.name]) for one in meta.references if record.values.get(one.name)]
    systems = await where.columns(tx, tenant_id, record.id)
    views: dict[str, Golden] = {}
    for name, rows in systems.items() if contexts_of(meta, config.policy) else ():
        if name in config.systems and (context := context_of_rows(config, name, rows)):
            views |= await contexts.seen(tx, config, context, {name: record}, {record.id: contributions}, {record.id: made})
    return Known(
        meta, record, contributions, await where.contributions(tx, tenant_id, record.id), made,
        systems, await subscriptions.modes(tx, tenant_id),
        await where.externals(tx, tenant_id, referred), golden_since(record, contributions, made), views,
    )  # fmt: skip


def _systems(config: Configuration, read: Known, entity: str) -> list[str]:
    """The systems that hold the record or could: some mapping of theirs reads or writes its entity."""
    able = {system for (system, _), several in config.mappings.items() if any(one.entity == entity for one in several)}
    able |= {one.key.system for one in read.contributions if one.state in ("present", "deleted")}
    able |= {name for name, rows in read.systems.items() if any(row["state"] is not None for row in rows)}
    known = [name for name in able if name in config.systems]

    def place(name: str) -> tuple[int, str, int, str]:
        one = config.systems[name]
        return (ORDER.index(one.kind) if one.kind in ORDER else len(ORDER), one.kind.value, config.rank(one), name)

    return sorted(known, key=place)


# cells


async def _resolved(
    tx: Connection, config: Configuration, read: Known, columns: Sequence[Column]
) -> tuple[dict[SourceKey, UUID], dict[UUID, str]]:
    """What the references in these columns lead to, and what to call every record anybody names."""
    fields = reference_fields(read.meta)
    keys = {
        key_of(value, target)
        for column in columns
        if column.target is not None
        for value, target in mentioned(fields, column.target.values | column.target.held)
    }
    found = await source_records.resolve(tx, config.tenant_id, keys)
    told = {key: row["golden_id"] for key, row in found.items() if row["golden_id"] is not None}
    wanted = {(read.meta.name, read.golden.id)} | {(key.entity, golden_id) for key, golden_id in told.items()}
    for one in read.meta.fields.values():
        wanted |= {(entity_name(one.target), each) for each in _ids(one, read.golden.values.get(one.name))}
    return told, await labels.read(tx, config.tenant_id, wanted)


def _ids(one: Field[Any], value: Any) -> list[UUID]:
    """The golden ids a golden value names: that of a reference, those of a list of them."""
    if one.kind is FieldKind.REFERENCE:
        return [UUID(value)] if value else []
    return [UUID(each) for each in value or () if isinstance(each, str)] if one.target else []


def _rows(
    config: Configuration, read: Known, columns: Sequence[Column], told: Mapping[SourceKey, UUID], named: Mapping[UUID, str]
) -> list[Row]:
    """A row for every field somebody says something of, the firm's own fields at the end."""
    spoken = {name for one in columns if one.target is not None for name in (*one.target.values, *one.target.held)}
    own = sorted({name for name in spoken if name.startswith("extra.")} | {f"extra.{name}" for name in read.golden.values.get("extra") or {}})
    names = [name for name in read.meta.fields if name in spoken or read.golden.values.get(name) is not None]
    return [_row(config, read, columns, name, told, named) for name in (*names, *own)]


def _row(
    config: Configuration, read: Known, columns: Sequence[Column], name: str, told: Mapping[SourceKey, UUID], named: Mapping[UUID, str]
) -> Row:
    stands = standing_value(read.golden.values, name)
    line = read.golden.lineage.get(name) or Lineage(0, 0, "", False)
    winner = next((one.key.system for one in read.contributions if one.id == line.source_id), "steward" if line.decision_id else "")
    cells = [_cell(read, column, name, stands, told) for column in columns]
    return Row(
        name, group_of(read.meta, name), stands, _label(read, name, stands, told, named), line.rule, winner, line.provisional,
        line.decision_id, read.since.get(name, ""), tuple(cells), tuple(_label(read, name, one.value, told, named) for one in cells),
    )  # fmt: skip


def standing_value(values: Values, name: str) -> Any:
    """The golden value of a field, also of one of the firm's own (``extra.branch``)."""
    return (values.get("extra") or {}).get(name[6:]) if name.startswith("extra.") else values.get(name)


def _cell(read: Known, column: Column, name: str, stands: Any, told: Mapping[SourceKey, UUID]) -> Cell:
    said = column.target.values.get(name) if column.target is not None else None
    standing = read.standing(column.system)
    stands = stands if standing is read.golden else standing_value(standing.values, name)
    found = cell(column, standing, name, said, sameness(_meant(read, name, said, told)) == sameness(stands))
    return found if said is None or column.target is None else replace(found, since=value_since(column.target, name))


def _meant(read: Known, name: str, said: Any, told: Mapping[SourceKey, UUID]) -> Any:
    """What a system says, references as the golden ids they mean."""
    one = read.meta.fields.get(name)
    if one is None or not one.target:
        return said
    if isinstance(said, list):
        return [_golden_of(one, each, told) for each in said]
    return _golden_of(one, said, told)


def _golden_of(one: Field[Any], said: Any, told: Mapping[SourceKey, UUID]) -> Any:
    found = told.get(key_of(said, entity_name(one.target))) if isinstance(said, dict) else None
    return str(found) if found else said


def _label(read: Known, name: str, value: Any, told: Mapping[SourceKey, UUID], named: Mapping[UUID, str]) -> str:
    """The names of the records a reference, or a list of them, leads to; '' for everything else."""
    one = read.meta.fields.get(name)
    if one is None or not one.target or value is None:
        return ""
    meant = _meant(read, name, value, told)
    return ", ".join(_name(each, named) for each in (meant if isinstance(meant, list) else [meant]))


def _name(meant: Any, named: Mapping[UUID, str]) -> str:
    if isinstance(meant, str):
        return named.get(UUID(meant), meant)
    return str(meant.get("name") or meant.get("id") or "")


def _judged(standing: Standing, column: Column, at: int, rows: Sequence[Row], tasks: Sequence[asyncpg.Record]) -> Standing:
    """The column with its gravest verdict, the task about it, and who must act."""
    verdict = overall(column, {row.name: row.cells[at].verdict for row in rows})
    lane = column.lane
    task = next((one for one in tasks if lane is not None and one["id"] == lane.task_id), None)
    task = task or next((one for one in tasks if one["system"] == standing.system), None)
    who = f"{task['team']}: {task['remedy']}" if task is not None else ACTS.get(verdict, "")
    if verdict == "waiting" and task is None:
        who = f"nobody yet: {lane.reason}" if lane is not None and lane.reason else "nobody yet"
    return replace(standing, verdict=verdict, who_acts=who, task=task)
