"""Where a record's values come from: provenance per field, the crosswalk, and the history of its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import asyncpg
import strawberry

from hub.api.access import Role, masked_fields
from hub.api.common import GoldenRecord, PageInfo, hidden, hidden_names
from hub.api.context import Context
from hub.api.lists import Arguments, Connection, paged
from hub.api.names import camel
from hub.api.plan import EVERYTHING, Compare, OrderBy, Op, Plan, Shape
from hub.api.scalars import DateTime, Json, Long
from hub.api.values import Row
from hub.store.golden import instant_text
from schema import ENTITIES
from schema.systems import SystemKind

NOT_THEN = "sources are kept as they are now and cannot be read as of an instant"

CHANGES = Shape(
    "change",
    {
        "position": "bigint", "id": "bigint", "entity": "text", "golden_id": "uuid", "version": "integer",
        "op": "text", "before": "jsonb", "after": "jsonb", "cause": "text", "actor": "text",
        "correlation_id": "text", "message_id": "bigint", "is_backfill": "boolean", "at": "timestamptz", "id_map": "jsonb",
    },
    key=("version",),
)  # fmt: skip


@strawberry.type(description="A source record in canonical fields: what one system says about this thing.")
class SourceRecord:
    id: Long = strawberry.field(description="Its id here, as decisions and splits name it.")
    system: str
    kind: str | None = strawberry.field(description="Kind of system: crm, psa, erp …")
    object: str
    external_id: str
    deep_link: str | None = strawberry.field(description="Address of its screen in the system, where one is configured.")
    part: str = strawberry.field(description="Business part of a record that holds several things (weekday, line).")
    state: str = strawberry.field(description="awaited (only referred to), present or deleted.")
    role: str = strawberry.field(description="primary, alternate or retired.")
    version: str = strawberry.field(description="The source's own version of the record.")
    values: Json = strawberry.field(description="What it says, by canonical field name.")
    held: Json = strawberry.field(description="Differing values a lock keeps out until somebody decides.")
    masked: list[str]
    first_seen_at: DateTime
    updated_at: DateTime


@strawberry.type(description="A judgement of a person or a rule. It is withdrawn, never deleted.")
class Decision:
    id: Long
    kind: str
    reason: str
    actor: str
    made_at: DateTime
    until: DateTime | None


@strawberry.type(description="What another source says of the same field.")
class Alternate:
    value: Json | None
    system: str
    kind: str | None
    object: str
    external_id: str
    observed_at: DateTime | None = strawberry.field(description="Since when this source says so.")


@strawberry.type(description="Why a field has the value it has.")
class FieldProvenance:
    value: Json | None
    system: str | None = strawberry.field(description="The system that won; `steward` for an override.")
    object: str | None
    external_id: str | None
    observed_at: DateTime | None = strawberry.field(description="Since when the winner says so.")
    rule: str | None
    owner: str | None = strawberry.field(description="The kind of system entitled to decide this field first.")
    owners: list[str] = strawberry.field(description="All kinds entitled to it, in order.")
    provisional: bool = strawberry.field(description="True while a later owner speaks for a silent first.")
    masked: bool
    decision: Decision | None = strawberry.field(description="The override in force, if one decides.")
    alternates: list[Alternate] = strawberry.field(description="What the other sources say.")


@strawberry.type(description="Why one of the firm's own fields has the value it has.")
class OwnFieldProvenance:
    name: str = strawberry.field(description="Name of the extension field, as in `extra`.")
    provenance: FieldProvenance


@strawberry.type(description="One field of a change.")
class FieldChange:
    field: str
    before: Json | None
    after: Json | None


async def _record_of(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    meta = ENTITIES.get(root.entity)
    return await context.row(meta, UUID(root.record_id)) if meta else None


@strawberry.type(description="Which id became which.")
class MovedId:
    before: strawberry.ID = strawberry.field(description="The id before.")
    after: strawberry.ID = strawberry.field(description="The id that stands for it now.")


@strawberry.type(description="One version step of a golden record.")
class Change:
    id: Long
    position: Long | None = strawberry.field(description="Place in the feed; null until it is sequenced.")
    entity: str
    record_id: strawberry.ID
    version: int
    op: str = strawberry.field(description="create, update, inactivate, reactivate, merge or split.")
    before: Json
    after: Json
    fields: list[FieldChange]
    cause: str
    actor: str
    correlation_id: str
    backfill: bool
    at: DateTime
    masked: list[str]
    id_map: list[MovedId] | None = strawberry.field(description="Of a merge or a split: which id became which.")
    record: GoldenRecord | None = strawberry.field(resolver=_record_of, description="The record as it is now.")


@strawberry.type
class ChangeEdge:
    node: Change
    cursor: str


@strawberry.type(description="A page of changes.")
class ChangeConnection:
    edges: list[ChangeEdge]
    nodes: list[Change]
    page_info: PageInfo
    total_count: int


def change_of(record: Mapping[str, Any], role: Role) -> Change:
    """A row of ``api.change``, seen by one role."""
    meta = ENTITIES.get(record["entity"])
    masked = masked_fields(meta, role) if meta else frozenset()
    before, after = hidden(record["before"], masked), hidden(record["after"], masked)
    names = sorted(before.keys() | after.keys())
    position = record["position"]
    return Change(
        id=Long(str(record["id"])),
        position=None if position is None else Long(str(position)),
        entity=record["entity"],
        record_id=strawberry.ID(str(record["golden_id"])),
        version=record["version"],
        op=record["op"],
        before=Json(before),
        after=Json(after),
        fields=[
            FieldChange(field=camel(name), before=Json(before.get(name)), after=Json(after.get(name))) for name in names
        ],
        cause=record["cause"],
        actor=record["actor"],
        correlation_id=record["correlation_id"],
        backfill=record["is_backfill"],
        at=record["at"],
        masked=hidden_names(masked, record["before"], record["after"]),
        id_map=[MovedId(**one) for one in record["id_map"]] if record["id_map"] else None,
    )


async def read_history(context: Context, row: Row, arguments: Arguments, newest_first: bool) -> Connection:
    """A record's versions, page by page."""
    as_of = context.reader.as_of
    upto = EVERYTHING if as_of is None else Compare("at", Op.LTE, as_of.at)
    plan = Plan(CHANGES, tuple(CHANGES.columns), upto, (OrderBy("version", newest_first),))
    asked = paged(context, plan, arguments)
    key = f"{newest_first}{arguments.key}"
    records = await context.children(asked.plan, "golden_id", row.id, key) if asked.plan.page.size else []
    return Connection(
        asked,
        records,
        lambda record: change_of(record, context.principal.role),
        lambda: context.child_count(asked.plan, "golden_id", row.id, ""),
    )


def source_record(record: asyncpg.Record, row: Row, role: Role) -> SourceRecord:
    masked = masked_fields(row.meta, role)
    return SourceRecord(
        id=Long(str(record["id"])),
        system=record["system"],
        kind=record["system_kind"],
        object=record["object"],
        external_id=record["external_id"],
        deep_link=record["deep_link"].replace("{id}", quote(record["external_id"], safe="")) if record["deep_link"] else None,
        part=record["part"],
        state=record["state"],
        role=record["role"],
        version=record["version"],
        values=Json(hidden(record["values"], masked)),
        held=Json(hidden(record["held"], masked)),
        masked=hidden_names(masked, record["values"], record["held"]),
        first_seen_at=record["first_seen_at"],
        updated_at=record["updated_at"],
    )


class Provenance:
    """Lineage of one version beside what every source says; answers field by field."""

    def __init__(
        self,
        row: Row,
        role: Role,
        lineage: Mapping[str, Sequence[Any]],
        sources: Sequence[asyncpg.Record],
        decisions: Mapping[int, asyncpg.Record],
        as_of: datetime | None = None,
    ) -> None:
        self._row, self._lineage, self._sources, self._decisions = row, lineage, sources, decisions
        self._upto = None if as_of is None else instant_text(as_of)
        self._masked = masked_fields(row.meta, role)

    def get(self, name: str) -> FieldProvenance | list[OwnFieldProvenance] | None:
        """Why field ``name`` has its value; None when nobody ever spoke of it. ``extra`` stands for the firm's own fields."""
        if name == "extra":
            return self._own_fields()
        return self._explained(name, self._value(name), self._row.meta.fields[name].owner)

    def _own_fields(self) -> list[OwnFieldProvenance]:
        values = self._row.record["extra"] or {}
        told = {name for one in self._sources for name in one["values"] or {}} | self._lineage.keys()
        names = sorted(name for name in told if name.startswith("extra."))
        found = [(name[6:], self._explained(name, values.get(name[6:]), self._row.meta.origins)) for name in names]
        return [OwnFieldProvenance(name=name, provenance=one) for name, one in found if one is not None]

    def _explained(self, name: str, value: Any, owners: Sequence[SystemKind]) -> FieldProvenance | None:
        entry = self._lineage.get(name) or (self._lineage.get("*") if value is not None else None)
        source_id, decision_id, rule, provisional = entry or (0, 0, None, False)
        winner = next((one for one in self._sources if one["id"] == source_id), None)
        others = [one for one in self._sources if one is not winner and name in (one["values"] or {}) and self._said(one, name)]
        if entry is None and not others:
            return None
        decision = self._decisions.get(decision_id)
        is_masked = name in self._masked
        return FieldProvenance(
            value=None if is_masked else value,
            system=winner["system"] if winner else ("steward" if decision_id else None),
            object=winner["object"] if winner else None,
            external_id=winner["external_id"] if winner else None,
            observed_at=self._observed(winner, name) if winner else (decision["made_at"] if decision else None),
            rule=rule,
            owner=owners[0].value if owners else None,
            owners=[kind.value for kind in owners],
            provisional=bool(provisional),
            masked=is_masked,
            decision=_decision(decision) if decision else None,
            alternates=[self._alternate(one, name, is_masked) for one in others],
        )

    def _said(self, source: asyncpg.Record, name: str) -> bool:
        """Whether a source said then what it says now; what it said before is not kept."""
        since = _since(source, name)
        return self._upto is None or (since is not None and since <= self._upto)

    def _observed(self, winner: asyncpg.Record, name: str) -> Any:
        return _since(winner, name) if self._said(winner, name) else None

    def _value(self, name: str) -> Any:
        reference = f"{name}_id"
        return self._row.get(reference if reference in self._row.read else name) if name not in self._masked else (
            self._row.record[reference] if reference in self._row.record else self._row.record[name]
        )

    def _alternate(self, record: asyncpg.Record, name: str, is_masked: bool) -> Alternate:
        return Alternate(
            value=None if is_masked else record["values"][name],
            system=record["system"],
            kind=record["system_kind"],
            object=record["object"],
            external_id=record["external_id"],
            observed_at=_since(record, name),
        )


def _since(record: asyncpg.Record, name: str) -> Any:
    since = record["since"] or {}
    return since.get(name) or since.get("*")


def _decision(record: asyncpg.Record) -> Decision:
    return Decision(
        id=Long(str(record["id"])),
        kind=record["kind"],
        reason=record["reason"],
        actor=record["actor"],
        made_at=DateTime(instant_text(record["made_at"])),
        until=record["until"],
    )


async def read_provenance(context: Context, row: Row) -> Provenance:
    """Lineage and sources of a record; all records of a level share the statements."""
    lineage = await context.lineage(row)
    sources = await context.sources(row.id)
    ids = sorted({int(entry[1]) for entry in lineage.values() if entry[1]})
    decisions = {each: found for each in ids if (found := await context.decision(each)) is not None}
    as_of = context.reader.as_of
    return Provenance(row, context.principal.role, lineage, sources, decisions, as_of.at if as_of else None)
