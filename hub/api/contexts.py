"""``inContext``: a record as a consumer context sees it; ``trustOf``: how far each source is trusted in a field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role, masked_fields
from hub.api.common import hidden, hidden_names
from hub.api.context import Context
from hub.api.decisions import entity_of, field_of, golden_id
from hub.api.errors import ApiError, Code
from hub.api.names import camel
from hub.api.scalars import DateTime, Decimals, Json
from hub.api.shells import resolved_field
from hub.core.configuration import Configuration
from hub.core.records import Lineage
from hub.flows import field_reads
from hub.flows.field_reads import InContext, Trust
from hub.store.golden import instant_text
from hub.store.statements import Connection
from schema.language import EntityMeta

Found = TypeVar("Found")


@strawberry.type(description="Who decides one field in a context.")
class ContextLineage:
    field: str
    system: str | None = strawberry.field(description="The system that won; `steward` for an override.")
    object: str | None
    external_id: str | None
    rule: str
    provisional: bool = strawberry.field(description="True while a later owner speaks for a silent first.")


@strawberry.type(name="ContextRecord", description="A record as a consumer context sees it now. The golden record is as it is whatever a context says.")
class ContextRecord:
    context: str
    entity: str
    id: strawberry.ID
    values: Json = strawberry.field(description="The whole record, by canonical field name.")
    lineage: list[ContextLineage] = strawberry.field(description="Of the fields that the context may decide otherwise.")
    differs: list[str] = strawberry.field(description="Fields of which it tells something else than the golden record.")
    masked: list[str]


@strawberry.type(description="One source's offer for a field, and how far it is trusted now.")
class TrustedOffer:
    system: str
    object: str
    external_id: str
    value: Json | None
    since: DateTime | None = strawberry.field(description="Since when this source says so; the points fade from then on.")
    score: Decimals = strawberry.field(description="Points of 100, now.")
    invalid: bool = strawberry.field(description="It failed validation (an identifier's check, an unmapped code), which costs points.")
    wins: bool


@strawberry.type(description="How far each source is trusted in a field, the most trusted first.")
class FieldTrust:
    rule: str = strawberry.field(description="By which rule the field stands: trust, or override, accept_if_empty …")
    changes_at: DateTime | None = strawberry.field(description="When the offers will rank otherwise by themselves; the record is computed again then.")
    offers: list[TrustedOffer] = strawberry.field(description="Empty where trust is not the rule.")
    masked: bool


async def _read(
    info: Any, entity: str, id: str, work: Callable[[Connection, Configuration, EntityMeta, UUID], Awaitable[Found | None]]
) -> tuple[EntityMeta, UUID, Found] | None:
    """Read about a record that the key may see, or about what it was merged into."""
    context: Context = info.context
    if context.reader.as_of is not None:
        raise ApiError(Code.BAD_INPUT, "contributions are kept as they are now and cannot be read as of an instant", "asOf", "Ask without asOf.")
    meta = entity_of(entity)
    row = await context.row(meta, golden_id(id))
    if row is None:
        return None
    async with context.services.worker_pool.acquire() as tx, tx.transaction(readonly=True):
        config = await context.services.configurations.get(tx, context.principal.tenant_id)
        found = await work(tx, config, meta, row.id)
    return None if found is None else (meta, row.id, found)


async def in_context(root: Any, info: Any, entity: str, id: str, context: str) -> ContextRecord | None:
    async def work(tx: Connection, config: Configuration, meta: EntityMeta, wanted: UUID) -> InContext | None:
        return await field_reads.in_context(tx, config, meta.name, wanted, context)

    read = await _read(info, entity, id, work)
    if read is None:
        return None
    meta, wanted, found = read
    return _record(meta, wanted, found, info.context.principal.role)


def _record(meta: EntityMeta, wanted: UUID, found: InContext, role: Role) -> ContextRecord:
    masked = masked_fields(meta, role)
    sources: Mapping[int, Any] = {one.id: one.key for one in found.contributions}
    return ContextRecord(
        context=found.name, entity=meta.name, id=strawberry.ID(str(wanted)), values=Json(hidden(found.seen.values, masked)),
        lineage=[_line(name, found.seen.lineage[name], sources) for name in found.fields if name in found.seen.lineage],
        differs=[camel(name) for name in found.differs], masked=hidden_names(masked, found.seen.values),
    )  # fmt: skip


def _line(name: str, line: Lineage, sources: Mapping[int, Any]) -> ContextLineage:
    key = sources.get(line.source_id)
    return ContextLineage(
        field=camel(name), system=key.system if key else ("steward" if line.decision_id else None), object=key.object if key else None,
        external_id=key.external_id if key else None, rule=line.rule, provisional=line.provisional,
    )  # fmt: skip


async def trust_of(root: Any, info: Any, entity: str, id: str, field: str, context: str = "") -> FieldTrust | None:
    name = field_of(entity_of(entity), field)

    async def work(tx: Connection, config: Configuration, meta: EntityMeta, wanted: UUID) -> Trust | None:
        if name not in meta.fields and name not in meta.groups:
            raise ApiError(Code.UNKNOWN_FIELD, f"{meta.name} has no field {name[:60]!r}", "field", "Look at the data dictionary.")
        return await field_reads.trust_of(tx, config, meta.name, wanted, name, context)

    read = await _read(info, entity, id, work)
    if read is None:
        return None
    meta, _, found = read
    members = {one.name for one in meta.groups[name].members} if name in meta.groups else {name}
    is_masked = not members.isdisjoint(masked_fields(meta, info.context.principal.role))
    return FieldTrust(
        rule=found.rule, changes_at=DateTime(instant_text(found.changes_at)) if found.changes_at else None, masked=is_masked,
        offers=[
            TrustedOffer(
                system=one.source.key.system, object=one.source.key.object, external_id=one.source.key.external_id,
                value=None if is_masked else Json(one.value), since=DateTime(one.since) if one.since else None, score=Decimals(format(one.points, "f")),
                invalid=one.has_failed, wins=one.wins,
            )
            for one in found.offers
        ],
    )  # fmt: skip


def context_fields() -> dict[str, StrawberryField]:
    """What can be asked about one record's fields."""
    return {
        "in_context": resolved_field(
            "inContext", ContextRecord | None, in_context,
            "A record as a consumer context sees it: its own winners, from the same contributions. Contexts are declared in the policy.",
            entity=str, id=strawberry.ID, context=str,
        ),
        "trust_of": resolved_field(
            "trustOf", FieldTrust | None, trust_of,
            "How far each source is trusted in a field now, and when that will change who wins.",
            entity=str, id=strawberry.ID, field=str, context=str,
        ),
    }  # fmt: skip
