"""The GraphQL types of aggregates, derived from the model: what to group by, choose and order by, and a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, EnumMeta
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import masked_fields
from hub.api.aggregates import (
    DEFAULT_GROUPS, GroupArguments, groupables, measurables, read_child_groups, read_groups,
)  # fmt: skip
from hub.api.as_of import enter
from hub.api.common import Direction, GoldenRecord, Money, Price, Quantity
from hub.api.context import Context
from hub.api.filters import FILTERS
from hub.api.grouping import Function, Measure, Truncation
from hub.api.names import Reverse, camel
from hub.api.scalars import Date, DateTime, Decimals
from hub.api.shells import Annotation, Shells, input_field, plain_field, resolved_field
from hub.api.values import Row
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name

_TRUNCATED = {one: f"The first day or instant of its {one}." for one in Truncation} | {
    Truncation.DAY: "Its day.",
    Truncation.WEEK: "The Monday of its week (ISO).",
}
_Truncations: EnumMeta = Enum(  # type: ignore[misc]
    "DateTruncation", {one.name: strawberry.enum_value(one.value, description=_TRUNCATED[one]) for one in Truncation}
)
DateTruncation = strawberry.enum(_Truncations, description="What days and instants are cut down to before grouping; instants in UTC.")


@strawberry.enum(description="What groups run by.")
class GroupOrderBy(Enum):
    COUNT = strawberry.enum_value("COUNT", description="How many records they hold.")
    KEY = strawberry.enum_value("KEY", description="Their keys, in the order they are grouped by.")


KEY_OUTPUTS: Mapping[FieldKind, Annotation] = {
    **dict.fromkeys(FieldKind, str),
    FieldKind.BOOLEAN: bool,
    FieldKind.INTEGER: int,
    FieldKind.DATE: Date,
    FieldKind.INSTANT: DateTime,
    FieldKind.REFERENCE: strawberry.ID,
}
"""What a key of each kind reads as."""

OUTPUTS: Mapping[FieldKind, Annotation] = {
    FieldKind.MONEY: list[Money],
    FieldKind.PRICE: list[Price],
    FieldKind.QUANTITY: list[Quantity],
    FieldKind.PERCENT: Decimals,
    FieldKind.INTEGER: int,
    FieldKind.DATE: Date,
    FieldKind.INSTANT: DateTime,
}
"""What a measure of each kind reads as; sums and averages of whole numbers are decimals."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a function stands in the schema: the end of its type's name, its field, what it tells."""

    ending: str
    name: str
    doc: str


FUNCTIONS: Mapping[Function, Told] = {
    Function.DISTINCT: Told("GroupCountDistinct", "countDistinct", "How many different values there are, empty ones not counted."),
    Function.SUM: Told("GroupSum", "sum", "Sums, per currency or unit; a field without values has none."),
    Function.AVG: Told("GroupAverage", "avg", "Averages of what is filled: six decimals, halves away from zero."),
    Function.MIN: Told("GroupExtreme", "min", "The smallest of what is filled."),
    Function.MAX: Told("GroupExtreme", "max", "The largest of what is filled."),
}


def group_types(shells: Shells, meta: EntityMeta) -> None:
    """Every type of an entity's aggregates."""
    key_type(shells, meta)
    for function in (Function.DISTINCT, Function.SUM, Function.AVG, Function.MIN):
        measure_type(shells, meta, function)
    group_type(shells, meta)
    group_by_type(shells, meta)
    having_type(shells, meta)
    group_order_type(shells, meta)


def aggregate_field(shells: Shells, meta: EntityMeta) -> StrawberryField:
    """``projectsAggregate(…)`` at the root."""

    async def resolve(
        root: Any, info: Any, filter: Any = None, group_by: Any = None, having: Any = None, order_by: Any = None,
        first: Any = DEFAULT_GROUPS, offset: Any = 0, as_of: Any = None, **given: Any,
    ) -> Any:  # fmt: skip
        await enter(info)
        return await read_groups(info, meta, GroupArguments(filter, group_by, having, order_by, first, offset, **given))

    doc = f"{_many(meta).capitalize()} counted and totalled by group; without groupBy, all as one."
    return _aggregate(shells, meta, f"{camel(meta.plural)}Aggregate", resolve, doc, as_of=DateTime | None)


def reverse_aggregate_field(shells: Shells, back: Reverse) -> StrawberryField:
    """``client { projectsAggregate(…) }``."""

    async def resolve(
        root: Row, info: Any, filter: Any = None, group_by: Any = None, having: Any = None, order_by: Any = None,
        first: Any = DEFAULT_GROUPS, offset: Any = 0, **given: Any,
    ) -> Any:  # fmt: skip
        arguments = GroupArguments(filter, group_by, having, order_by, first, offset, **given)
        return await read_child_groups(info, root, back, arguments)

    doc = f"{_many(back.meta).capitalize()} whose {camel(back.field.name)} is this one, counted and totalled by group."
    return _aggregate(shells, back.meta, f"{back.name}Aggregate", resolve, doc)


def _aggregate(shells: Shells, meta: EntityMeta, name: str, resolve: Any, doc: str, **more: Annotation) -> StrawberryField:
    group = shells.of(f"{meta.type_name}Group")
    on = {"on": Date | None} if meta.valid else {}
    return resolved_field(name, list[group], resolve, doc, extra=on, **_arguments(shells, meta), **more)  # type: ignore[valid-type]


@lru_cache(maxsize=256)
def _arguments(shells: Shells, meta: EntityMeta) -> Mapping[str, Annotation]:
    """What every aggregate of an entity takes; made once, since there are many ways to it."""

    def said(annotation: Annotation, text: str) -> Annotation:
        return Annotated[annotation, strawberry.argument(description=text)]

    def of(ending: str) -> Annotation:
        return shells.of(f"{meta.type_name}{ending}")

    return {
        "filter": said(of("Filter") | None, "Which records are counted; without it, all."),
        "group_by": said(list[of("GroupBy")] | None, "What makes a group, at most 8 keys; without it, all are one."),  # type: ignore[misc]
        "having": said(of("Having") | None, "Which groups; without it, all."),
        "order_by": said(list[of("GroupOrder")] | None, "What the groups run by; without it, their keys."),  # type: ignore[misc]
        "first": said(int | None, "How many groups at most, up to 1000."),
        "offset": said(int | None, "How many groups to leave out from the beginning."),
    }


def group_type(shells: Shells, meta: EntityMeta) -> type:
    """One group: its key, its count, and what is told of its values."""
    of = meta.type_name
    fields = {
        "key": plain_field("key", shells.of(f"{of}GroupKey"), "What its records have in common."),
        "count": plain_field("count", int, "How many records it holds."),
        "masked": resolved_field("masked", list[str], _masked(meta), "Confidential fields that read as null with this key."),
    }
    for function, told in FUNCTIONS.items():
        if measurables(meta)[function]:
            fields[str(function)] = plain_field(told.name, shells.of(f"{of}{told.ending}"), told.doc)
    return shells.output(f"{of}Group", fields, f"{_many(meta).capitalize()} that have the same key.")


def _masked(meta: EntityMeta) -> Any:
    async def resolve(root: Any, info: Any) -> list[str]:
        context: Context = info.context
        return [camel(name) for name in sorted(masked_fields(meta, context.principal.role))]

    return resolve


def key_type(shells: Shells, meta: EntityMeta) -> type:
    """What a group's records have in common: null where they are not grouped by it."""
    fields: dict[str, StrawberryField] = {}
    for column, one in groupables(meta).items():
        field = meta.fields.get(one.field)
        doc = (field.doc if field and one.column == one.field else "") or f"Its {camel(column)}."
        fields[column] = plain_field(camel(column), KEY_OUTPUTS[one.kind] | None, doc)
    for reference in meta.references:
        name, target = camel(reference.name), shells.of(reference.target, GoldenRecord)
        fields[reference.name] = resolved_field(name, target | None, _record(reference), f"The record of {name}Id.")
        related = shells.of(f"{reference.target}GroupKey") | None
        fields[f"{reference.name}_key"] = plain_field(f"{name}Key", related, f"What is grouped by of {name}.")
    return shells.output(f"{meta.type_name}GroupKey", fields, f"What the {_many(meta)} of a group have in common.")


def _record(field: Field[Any]) -> Any:
    column, target = f"{field.name}_id", ENTITIES[entity_name(field.target)]

    async def resolve(root: Mapping[str, Any], info: Any) -> Row | None:
        golden_id = root.get(column)
        context: Context = info.context
        return await context.row(target, UUID(golden_id)) if golden_id else None

    return resolve


def measure_type(shells: Shells, meta: EntityMeta, function: Function) -> type | None:
    """What one function tells, per field; None when the entity has nothing for it."""
    offered = measurables(meta)[function]
    if not offered:
        return None
    fields = {
        name: plain_field(camel(name), _output(measure) | None, meta.fields[name].doc if name in meta.fields else f"Of {camel(name)}.")
        for name, measure in offered.items()
    }
    told = FUNCTIONS[function]
    doc = told.doc if told.ending != "GroupExtreme" else "The smallest or the largest of what is filled."
    return shells.output(f"{meta.type_name}{told.ending}", fields, f"{_many(meta).capitalize()}. {doc}")


def _output(measure: Measure) -> Annotation:
    if measure.function is Function.DISTINCT:
        return int
    is_decimal = measure.kind is FieldKind.INTEGER and measure.function in (Function.SUM, Function.AVG)
    return Decimals if is_decimal else OUTPUTS[measure.kind]


def group_by_type(shells: Shells, meta: EntityMeta) -> type:
    """One key: a field of the record, or one of a related record."""
    members = {
        column.removesuffix("_id").upper() if one.kind is FieldKind.REFERENCE else column.upper(): column
        for column, one in groupables(meta).items()
    }
    fields = {
        "field": input_field(
            "field",
            _enum(f"{meta.type_name}GroupField", members, f"What {_many(meta)} can be grouped by.") | None,
            "One of its own fields; or name one related record instead.",
        ),
        "truncate": input_field("truncate", DateTruncation | None, "Only for days and instants: cut down before grouping."),
    }
    for one in meta.references:
        name = camel(one.name)
        fields[one.name] = input_field(name, shells.of(f"{one.target}GroupBy") | None, f"By a field of {name}; at most two steps.")
    return shells.input(f"{meta.type_name}GroupBy", fields, "One field of its own or of a related record.")


def having_type(shells: Shells, meta: EntityMeta) -> type:
    """Which groups: by their count and sums."""
    fields = {"count": input_field("count", shells.of("IntFilter") | None, "By how many records they hold.")}
    if summed := measurables(meta)[Function.SUM]:
        sums = {
            name: input_field(
                camel(name),
                shells.of("DecimalFilter" if measure.kind is FieldKind.INTEGER else FILTERS[measure.kind]) | None,
                f"By the sum of {camel(name)}.",
            )
            for name, measure in summed.items()
        }
        fields["sum"] = input_field(
            "sum", shells.input(f"{meta.type_name}HavingSum", sums, "By sums, of one currency or unit each.") | None, "By sums."
        )
    return shells.input(f"{meta.type_name}Having", fields, f"Which groups of {_many(meta)}; several terms all hold.")


def group_order_type(shells: Shells, meta: EntityMeta) -> type:
    """What groups run by, and which way."""
    fields = {
        "by": input_field("by", GroupOrderBy | None, "By count or key; or say sum."),
        "direction": input_field("direction", Direction | None, "Upward unless said; empty ones come last in both."),
    }
    if summed := measurables(meta)[Function.SUM]:
        members = _enum(f"{meta.type_name}SumField", {name.upper(): name for name in summed}, f"What of {_many(meta)} is added up.")
        said = {
            "field": input_field("field", members, "What is added up.", required=True),
            "currency": input_field("currency", str | None, "Must be stated for money."),
            "unit": input_field("unit", str | None, "Must be stated for quantities."),
        }
        fields["sum"] = input_field(
            "sum", shells.input(f"{meta.type_name}GroupOrderSum", said, "A sum, of one currency or unit.") | None, "By a sum."
        )
    return shells.input(f"{meta.type_name}GroupOrder", fields, f"What groups of {_many(meta)} run by: by or sum, one of both.")


def _enum(name: str, members: Mapping[str, str], doc: str) -> Annotation:
    values = {member: strawberry.enum_value(value, description=f"{camel(value)}.") for member, value in members.items()}
    made: EnumMeta = Enum(name, values)  # type: ignore[misc]
    return strawberry.enum(made, name=name, description=doc)


def _many(meta: EntityMeta) -> str:
    return meta.plural.replace("_", " ")
