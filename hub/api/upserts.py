"""The mutations ``upsert<Entity>``: what people and portals state.

It is a contribution of system ``portal`` under the golden id: weighed against what the systems say, like any other, and
never an edit of a golden record.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role, masked_fields
from hub.api.bodies import MOST_LEVELS
from hub.api.common import GoldenRecord, hidden
from hub.api.context import Context
from hub.api.errors import ApiError, Code
from hub.api.filters import fields_by_camel
from hub.api.mutation import Call, Payload, ProblemOut, answer
from hub.api.names import camel
from hub.api.scalars import Json
from hub.api.shells import Shells, plain_field, resolved_field
from hub.core.reading import wrong_with
from hub.flows.contribute import Contributed, Expected, contribute, portal_message
from hub.flows.receive import Origin
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field

WRITERS = (Role.STEWARD, Role.ADMIN)


def upsert_type(shells: Shells, meta: EntityMeta) -> type:
    """The payload of ``upsert<Entity>``."""
    fields = {
        camel(meta.name) + "_": plain_field(camel(meta.name), shells.of(meta.type_name, GoldenRecord) | None, "The record as it is now."),
        "record_id": plain_field("recordId", strawberry.ID | None),
        "version": plain_field("version", int | None),
        "outcome": plain_field("outcome", str | None, "applied, unchanged, or waiting while it is not born."),
        "values": plain_field("values", Json | None, "The golden values it came to, also of a dry run."),
        "errors": plain_field("errors", list[ProblemOut]),
    }  # fmt: skip
    return shells.output(f"Upsert{meta.type_name}Payload", fields)


def upsert_field(shells: Shells, meta: EntityMeta) -> StrawberryField:
    async def upsert(
        root: Any, info: Any, values: Any, id: Any = None, idempotency_key: Any = None, expected_version: Any = None,
        dry_run: bool = False,
    ) -> Payload:  # fmt: skip
        context: Context = info.context
        call = Call(
            f"upsert{meta.type_name}",
            {"id": id, "values": values, "expectedVersion": expected_version},
            None if dry_run else idempotency_key,
        )

        async def work(kept: Payload) -> Payload:
            return await _upsert(context, meta, values, id, expected_version, dry_run, idempotency_key, kept)

        return await answer(context, WRITERS, call, work)

    return resolved_field(
        f"upsert{meta.type_name}", upsert_type(shells, meta), upsert,
        f"State the values of one {meta.name.replace('_', ' ')}, as a contribution of system portal.",
        values=shells.of(f"{meta.type_name}Values"), id=strawberry.ID | None, idempotency_key=str | None,
        expected_version=int | None, dry_run=bool,
    )  # fmt: skip


async def _upsert(
    context: Context, meta: EntityMeta, values: Mapping[str, Any], id: str | None, expected: int | None, is_dry_run: bool,
    key: str | None, kept: Payload,
) -> Payload:  # fmt: skip
    if "recordId" in kept:
        return await _as_answered(context, meta, kept)
    golden_id = _golden_id(id) if id else UUID(kept["pending"]) if kept else context.services.new_id()
    given = canonical(meta, values)
    async with context.services.worker_pool.acquire() as connection:
        config = await context.services.configurations.get(connection, context.principal.tenant_id)
    if problems := wrong_with("portal", meta, given, config):
        first = problems[0]
        raise ApiError(Code.BAD_INPUT, f"{first.field}: {first.reason}", _path(first.field), "Send the value in canonical form.")
    name = f"{context.principal.actor}:{key}" if key else str(context.services.new_id())
    message = portal_message(meta.name, golden_id, given, name, context.correlation_id)
    done = await contribute(
        context.services.worker_pool, Origin(context.principal.tenant_id, "portal", context.principal.actor), [message],
        context.services.configurations, expected=[Expected(meta.name, golden_id, expected)] if expected is not None else [],
        is_dry_run=is_dry_run, make_id=context.services.new_id, clock=context.services.now,
    )  # fmt: skip
    return await _upserted(context, meta, golden_id, done, is_dry_run)


async def _upserted(context: Context, meta: EntityMeta, golden_id: UUID, done: Contributed, is_dry_run: bool) -> Payload:
    golden = next((one for one in done.goldens.values() if one is not None), None)
    outcome = done.ingested.outcomes.get(done.stored[0].id, "applied")
    kept = {"recordId": str(golden.id if golden else golden_id), "version": golden.version if golden else None, "outcome": outcome}
    values = hidden(golden.values, masked_fields(meta, context.principal.role)) if golden else None
    payload = await _as_answered(context, meta, kept, loads=not is_dry_run)
    return {**payload, "values": values, "kept": kept}


async def _as_answered(context: Context, meta: EntityMeta, kept: Payload, *, loads: bool = True) -> Payload:
    """The payload of a request that was carried out, now or before."""
    row = await context.row(meta, UUID(kept["recordId"])) if loads else None
    return {
        camel(meta.name): row,
        "record_id": kept["recordId"],
        "version": kept["version"],
        "outcome": kept["outcome"],
        "kept": kept,
    }


def _golden_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ApiError(Code.BAD_INPUT, "id is not a golden id", "id", "Leave it out to make a new record.") from error


def _path(field: str) -> str:
    name, _, rest = field.partition(".")
    return f"values.{camel(name)}" + (f".{rest}" if rest else "")


def canonical(meta: EntityMeta, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of an input object under canonical names; references as a source would state them."""
    fields = fields_by_camel(meta)
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "extra":
            found |= {f"extra.{own}": _texts(each) for own, each in _object(value).items()}
        else:
            found[fields[name].name] = _stated(fields[name], value, f"values.{name}")
    return found


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ApiError(Code.BAD_INPUT, "extra must be an object", "values.extra")
    return value


def _stated(field: Field[Any], value: Any, path: str) -> Any:
    if value is None:
        return None
    if field.kind is FieldKind.REFERENCE:
        return _reference(value, path)
    if field.kind is FieldKind.LISTING and field.target:
        return [_reference(each, f"{path}.{at}") for at, each in enumerate(value)]
    return _texts(value)


def _reference(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    if value.get("id"):
        return {"id": value["id"]}
    if value.get("system") and value.get("externalId"):
        return {"system": value["system"], "object": value.get("object") or "", "id": value["externalId"]}
    if value.get("system") and value.get("name"):
        return {"system": value["system"], "object": value.get("object") or "", "name": value["name"]}
    raise ApiError(Code.BAD_INPUT, "a reference has an id, or a system with externalId or name", path)


def _texts(value: Any, level: int = 0) -> Any:
    """Decimals as the text canonical values are made of."""
    if level > MOST_LEVELS:
        raise ApiError(Code.BAD_INPUT, "a value is nested too deep", "values")
    match value:
        case Mapping():
            return {str(key): _texts(each, level + 1) for key, each in value.items()}
        case list() | tuple():
            return [_texts(each, level + 1) for each in value]
        case Decimal():
            return format(value, "f")
    return value


def upsert_fields(shells: Shells) -> dict[str, StrawberryField]:
    """One ``upsert`` per entity."""
    return {f"upsert_{meta.name}": upsert_field(shells, meta) for meta in ENTITIES.values()}
