"""The GraphQL types of an entity, derived from its declaration: object, connection, filter, order, provenance, values.

Each derivation is one plain function with one table from :class:`schema.kinds.FieldKind`; a new entity or field of
the model appears in the API without a line here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from keyword import iskeyword
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.common import Direction, GoldenRecord, Money, PageInfo, Price, Quantity
from hub.api.context import REVERSES, Context
from hub.api.federation import record_key_field
from hub.api.errors import ApiError, Code
from hub.api.filters import FILTERS, UNORDERED
from hub.api.group_types import group_types, reverse_aggregate_field
from hub.api.hierarchy import client_fields
from hub.api.lineage import (
    NOT_THEN,
    ChangeConnection,
    FieldProvenance,
    OwnFieldProvenance,
    SourceRecord,
    read_history,
    read_provenance,
    source_record,
)
from hub.api.lists import Arguments, Connection, read_children
from hub.api.interfaces import bases, interface_types, mention
from hub.api.names import Reverse, camel, pascal
from hub.api.scalars import Date, DateTime, Decimals, Json
from hub.api.shells import Annotation, Shells, input_field, plain_field, resolved_field
from hub.api.values import Row
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, Sensitivity, entity_name

OUTPUTS: Mapping[FieldKind, Annotation] = {
    **dict.fromkeys(
        (
            FieldKind.TEXT, FieldKind.IDENTIFIER, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DOMAIN,
            FieldKind.COUNTRY, FieldKind.LANGUAGE, FieldKind.TIMEZONE, FieldKind.CODE,
        ),
        str,
    ),
    FieldKind.BOOLEAN: bool,
    FieldKind.INTEGER: int,
    FieldKind.DATE: Date,
    FieldKind.INSTANT: DateTime,
    FieldKind.PERCENT: Decimals,
    FieldKind.QUANTITY: Quantity,
    FieldKind.MONEY: Money,
    FieldKind.PRICE: Price,
    FieldKind.REFERENCE: strawberry.ID,
    FieldKind.LISTING: Json,
}  # fmt: skip
"""What a field of each kind reads as. References also lead to the record, listings to their items."""

INPUTS: Mapping[FieldKind, str | Annotation] = {
    **{kind: annotation for kind, annotation in OUTPUTS.items() if annotation in (str, bool, int, Date, DateTime, Decimals)},
    FieldKind.QUANTITY: "QuantityInput",
    FieldKind.MONEY: "MoneyInput",
    FieldKind.PRICE: "PriceInput",
    FieldKind.REFERENCE: "ReferenceInput",
    FieldKind.LISTING: Json,
}
"""What a field of each kind is written as in ``upsert``; text names a shared input."""


def object_type(shells: Shells, meta: EntityMeta) -> type:
    """The golden record: its fields, the records it refers to, the records that refer to it, and where all comes from."""
    fields: dict[str, StrawberryField] = {}
    for field in meta.fields.values():
        fields |= _output_fields(shells, meta, field)
    for back in REVERSES[meta.name]:
        fields[back.name] = _reverse_field(shells, back)
        fields[f"{back.name}Aggregate"] = reverse_aggregate_field(shells, back)
    fields["provenance"] = resolved_field(
        "provenance", shells.of(f"{meta.type_name}Provenance"), _provenance(), "Per field: who won, by which rule, and what the others say."
    )
    fields["sources"] = resolved_field(
        "sources", list[SourceRecord], _sources(), "The crosswalk: every system's record of this thing."
    )
    fields["record_key"] = record_key_field()
    fields["history"] = _history_field()
    if more := MORE.get(meta.name):
        fields |= more(shells)
    return shells.output(meta.type_name, fields, meta.doc)


MORE: Mapping[str, Callable[[Shells], dict[str, StrawberryField]]] = {"client": client_fields}
"""Fields an entity has beside those that follow from the model."""


def _shared_fields(shells: Shells, meta: EntityMeta) -> dict[str, StrawberryField]:
    """The fields a shape of the model gives an entity."""
    shapes = [shape for shape in meta.cls.__mro__ if shape.__name__ in bases(meta)]
    names = [name for shape in shapes for name in vars(shape) if name in meta.fields]
    return {made: field for name in names for made, field in _output_fields(shells, meta, meta.fields[name]).items()}


def describe(field: Field[Any]) -> str:
    """A field's documentation with its owners and sensitivity."""
    owners = " > ".join(kind.name for kind in field.owner)
    parts = [field.doc, f"Owner: {owners}." if owners else ""]
    if field.kind is FieldKind.CODE:
        parts.append(f"A code of {field.codes}.")
    if field.sensitivity is not Sensitivity.OPEN:
        parts.append(f"{field.sensitivity.value.capitalize()}.")
    return " ".join(part for part in parts if part)


def _output_fields(shells: Shells, meta: EntityMeta, field: Field[Any]) -> dict[str, StrawberryField]:
    name, doc = camel(field.name), describe(field)
    if field.kind is FieldKind.REFERENCE:
        target = shells.of(field.target, GoldenRecord)
        return {
            f"{field.name}_id": plain_field(f"{name}Id", strawberry.ID | None, f"Id of {name}."),
            field.name: resolved_field(name, target | None, _reference(field), doc, extra=on_argument(ENTITIES[entity_name(field.target)])),
        }
    if field.kind is FieldKind.LISTING:
        return {field.name: _listing_field(shells, meta, field)}
    return {field.name: plain_field(name, OUTPUTS[field.kind] | None, doc)}


def _reference(field: Field[Any]) -> Any:
    column, target = f"{field.name}_id", ENTITIES[entity_name(field.target)]

    async def resolve(root: Row, info: Any, **given: Any) -> Row | None:
        golden_id = root.get(column)
        context: Context = info.context
        found = await context.row(target, UUID(golden_id)) if golden_id else None
        on = given.get("on")
        return found if found is None or on is None or found.is_in_force(on) else None

    return resolve


def _listing_field(shells: Shells, meta: EntityMeta, field: Field[Any]) -> StrawberryField:
    name, doc = camel(field.name), describe(field)
    if field.target:
        target = shells.of(field.target, GoldenRecord)
        return resolved_field(name, list[target] | None, _references(field), doc)  # type: ignore[valid-type]
    if field.items:
        item = item_type(shells, meta, field)
        return plain_field(name, list[item] | None, doc)  # type: ignore[valid-type]
    return plain_field(name, list[str] | None, doc)


def _references(field: Field[Any]) -> Any:
    target = ENTITIES[entity_name(field.target)]

    async def resolve(root: Row, info: Any) -> list[Row] | None:
        listed = root.get(field.name)
        if listed is None:
            return None
        rows = [await info.context.row(target, golden_id) for golden_id in map(golden_id_of, listed) if golden_id]
        return [row for row in rows if row is not None]

    return resolve


def golden_id_of(value: Any) -> UUID | None:
    """The golden id inside a reference of a listing; None while it is not resolved."""
    text = value.get("id") if isinstance(value, Mapping) and "system" not in value else value
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def item_type(shells: Shells, meta: EntityMeta, field: Field[Any]) -> type:
    """The type of one item of a structured listing."""
    fields: dict[str, StrawberryField] = {}
    for name, kind in field.items.items():
        attribute = f"{name}_" if iskeyword(name) else name
        if kind is FieldKind.REFERENCE and (wanted := field.item_targets.get(name)):
            target = shells.of(wanted, GoldenRecord)
            fields[attribute] = resolved_field(camel(name), target | None, _item_reference(name, wanted))
        else:
            fields[attribute] = plain_field(camel(name), OUTPUTS[kind] | None)
    return shells.output(f"{meta.type_name}{pascal(field.name)}Item", fields, field.doc)


def _item_reference(name: str, target: str) -> Any:
    async def resolve(root: Mapping[str, Any], info: Any) -> Row | None:
        golden_id = golden_id_of(root.get(name))
        return await info.context.row(ENTITIES[entity_name(target)], golden_id) if golden_id else None

    return resolve


def connection_arguments(shells: Shells, meta: EntityMeta) -> dict[str, Annotation]:
    """What every list of an entity takes."""
    return {
        "filter": shells.of(f"{meta.type_name}Filter") | None,
        "order_by": list[shells.of(f"{meta.type_name}Order")] | None,  # type: ignore[misc]
        "first": int | None,
        "after": str | None,
        "last": int | None,
        "before": str | None,
    }


def on_argument(meta: EntityMeta) -> dict[str, Annotation]:
    """The business date at which a list or a reference to effective-dated records is read."""
    return {"on": Date | None} if meta.valid else {}


def _reverse_field(shells: Shells, back: Reverse) -> StrawberryField:
    async def resolve(
        root: Row, info: Any, filter: Any = None, order_by: Any = None, first: Any = None, after: Any = None,
        last: Any = None, before: Any = None, **given: Any,
    ) -> Connection:  # fmt: skip
        return await read_children(info.context, root, back, Arguments(filter, order_by, first, after, last, before, **given))

    annotation = shells.of(f"{back.meta.type_name}Connection")
    doc = f"{back.meta.type_name} records whose {camel(back.field.name)} is this one."
    return resolved_field(back.name, annotation, resolve, doc, extra=on_argument(back.meta), **connection_arguments(shells, back.meta))


def _provenance() -> Any:
    async def resolve(root: Row, info: Any) -> Any:
        return await read_provenance(info.context, root)

    return resolve


def _sources() -> Any:
    async def resolve(root: Row, info: Any) -> list[SourceRecord]:
        context: Context = info.context
        if context.reader.as_of is not None:
            raise ApiError(Code.BAD_INPUT, NOT_THEN, "sources", "Ask for sources without asOf.")
        return [source_record(one, root, context.principal.role) for one in await context.sources(root.id)]

    return resolve


def _history_field() -> StrawberryField:
    async def resolve(
        root: Row, info: Any, first: Any = None, after: Any = None, last: Any = None, before: Any = None,
        newest_first: bool = True,
    ) -> Connection:  # fmt: skip
        arguments = Arguments(first=first, after=after, last=last, before=before)
        return await read_history(info.context, root, arguments, newest_first)

    return resolved_field(
        "history", ChangeConnection, resolve, "Its versions, newest first unless asked otherwise.",
        first=int | None, after=str | None, last=int | None, before=str | None, newest_first=bool,
    )  # fmt: skip


def connection_type(shells: Shells, meta: EntityMeta) -> type:
    """A page of records with edges, nodes, page info and a count that runs only when asked for."""
    node = shells.of(meta.type_name, GoldenRecord)
    edge = shells.output(
        f"{meta.type_name}Edge", {"node": plain_field("node", node), "cursor": plain_field("cursor", str)}
    )
    fields = {
        "edges": plain_field("edges", list[edge]),  # type: ignore[valid-type]
        "nodes": plain_field("nodes", list[node]),  # type: ignore[valid-type]
        "page_info": plain_field("pageInfo", PageInfo),
        "total_count": plain_field("totalCount", int, "Over all pages; counted only when asked for."),
    }
    return shells.output(f"{meta.type_name}Connection", fields, f"A page of {meta.plural.replace('_', ' ')}.")


def provenance_type(shells: Shells, meta: EntityMeta) -> type:
    """One provenance per field."""
    fields: dict[str, StrawberryField] = {
        name: plain_field(camel(name), FieldProvenance | None, field.doc) for name, field in meta.fields.items()
    }
    fields["extra"] = plain_field("extra", list[OwnFieldProvenance], "The firm's own fields.")
    return shells.output(f"{meta.type_name}Provenance", fields, f"Where the values of a {meta.type_name} come from.")


def filter_type(shells: Shells, meta: EntityMeta) -> type:
    """Conditions over an entity's own fields, the records it refers to and those that refer to it."""
    mine = shells.of(f"{meta.type_name}Filter")
    fields: dict[str, StrawberryField] = {
        "and_": input_field("and", list[mine] | None, "All of these."),  # type: ignore[valid-type]
        "or_": input_field("or", list[mine] | None, "At least one of these."),  # type: ignore[valid-type]
        "not_": input_field("not", mine | None, "Not this."),
        "id": input_field("id", shells.of("IDFilter") | None),
        "version": input_field("version", shells.of("IntFilter") | None),
        "record_state": input_field("recordState", shells.of("CodeFilter") | None),
        "created_at": input_field("createdAt", shells.of("DateTimeFilter") | None),
        "updated_at": input_field("updatedAt", shells.of("DateTimeFilter") | None),
        "extra": input_field("extra", list[shells.of("ExtraFilter")] | None, "The firm's own fields."),  # type: ignore[misc]
    }
    for name, field in meta.fields.items():
        comparison = shells.of(FILTERS[field.kind]) | None
        if field.kind is FieldKind.REFERENCE:
            fields[f"{name}_id"] = input_field(f"{camel(name)}Id", comparison)
            comparison = shells.of(f"{field.target}Filter") | None
        fields[name] = input_field(camel(name), comparison, field.doc)
    for back in REVERSES[meta.name]:
        fields[back.name] = input_field(back.name, shells.of(f"{back.meta.type_name}ListFilter") | None)
    return shells.input(f"{meta.type_name}Filter", fields, f"Which {meta.plural.replace('_', ' ')}; several terms all hold.")


def list_filter_type(shells: Shells, meta: EntityMeta) -> type:
    """Conditions over the records that refer to one."""
    inner = shells.of(f"{meta.type_name}Filter") | None
    fields = {
        "some": input_field("some", inner, "At least one is like this; {} asks whether there is any."),
        "none": input_field("none", inner, "None is like this."),
        "every": input_field("every", inner, "All are like this."),
    }
    return shells.input(f"{meta.type_name}ListFilter", fields)


def order_type(shells: Shells, meta: EntityMeta) -> type:
    """Which field a list runs by, and which way."""
    names = ["id", "version", "record_state", "created_at", "updated_at"]
    names += [name for name, field in meta.fields.items() if field.kind not in UNORDERED]
    members = Enum(f"{meta.type_name}OrderField", {name.upper(): name for name in names})  # type: ignore[misc]
    field_enum = strawberry.enum(members, name=f"{meta.type_name}OrderField")
    fields = {
        "field": input_field("field", field_enum | None, "One of its own fields; or name one related record instead."),
        "direction": input_field("direction", Direction | None, "Of the field; upward unless said."),
    }
    for one in meta.references:
        order = shells.of(f"{one.target}Order") | None
        fields[one.name] = input_field(camel(one.name), order, f"By a field of {camel(one.name)}.")
    return shells.input(f"{meta.type_name}Order", fields, "One field of its own or of a related record, and which way.")


def input_type(shells: Shells, meta: EntityMeta) -> type:
    """What ``upsert`` takes: absent fields are not stated, null states that a field is empty."""
    fields: dict[str, StrawberryField] = {}
    for name, field in meta.fields.items():
        wanted = INPUTS[field.kind]
        annotation = shells.of(wanted) if isinstance(wanted, str) else wanted
        if field.kind is FieldKind.LISTING:
            inner = shells.of("ReferenceInput") if field.target else (Json if field.items else str)
            annotation = list[inner]  # type: ignore[valid-type]
        fields[name] = input_field(camel(name), annotation | None, describe(field))
    fields["extra"] = input_field("extra", Json | None, "The firm's own fields.")
    return shells.input(f"{meta.type_name}Values", fields, f"Values of a {meta.type_name}, in canonical form.")


def shared_inputs(shells: Shells) -> None:
    """The inputs of amounts and references."""

    def required(name: str, annotation: Annotation) -> StrawberryField:
        return input_field(name, annotation, required=True)

    shells.input("MoneyInput", {"amount": required("amount", Decimals), "currency": required("currency", str)})
    shells.input(
        "PriceInput",
        {"amount": required("amount", Decimals), "currency": required("currency", str), "per": required("per", str)},
    )
    shells.input(
        "QuantityInput",
        {"value": required("value", Decimals), "unit": required("unit", str), "stated": input_field("stated", str | None)},
    )
    shells.input(
        "ReferenceInput",
        {
            "id": input_field("id", strawberry.ID | None, "A golden id; or name the record of a system:"),
            "system": input_field("system", str | None),
            "object": input_field("object", str | None),
            "external_id": input_field("externalId", str | None),
            "name": input_field("name", str | None, "A name that is unambiguous within the system."),
        },
        "Another record, by golden id or as a system names it.",
    )


def all_types(shells: Shells) -> Sequence[type]:
    """Every type of every entity."""
    shared_inputs(shells)
    mention(shells)
    interface_types(shells, lambda meta: _shared_fields(shells, meta))
    for meta in ENTITIES.values():
        for derive in (object_type, connection_type, provenance_type, filter_type, list_filter_type, order_type, input_type):
            derive(shells, meta)
        group_types(shells, meta)
    return [shells.of(meta.type_name) for meta in ENTITIES.values()]


Awaited = Awaitable[Any]
