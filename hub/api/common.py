"""Types every entity shares: amounts, interfaces, comparisons, pages, and what is told about sources and changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from hub.api.names import camel
from hub.api.plan import Op
from hub.api.scalars import Date, DateTime, Decimals, Json, Long
from hub.api.shells import Shells, input_field


@strawberry.type(description="An amount at the minor units of its currency.")
class Money:
    amount: Decimals
    currency: str | None


@strawberry.type(description="A price per unit, up to six decimals; never posted.")
class Price:
    amount: Decimals
    currency: str | None
    per: str | None


@strawberry.type(description="A number of units, with the figure the source stated.")
class Quantity:
    value: Decimals
    unit: str | None
    stated: str | None


@strawberry.enum(description="Which way a list runs; empty values come last in both.")
class Direction(Enum):
    ASC = "ASC"
    DESC = "DESC"


def _type_of(value: Any, _: GraphQLResolveInfo[Any], __: GraphQLAbstractType) -> str:
    name: str = value.meta.type_name
    return name


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    id: strawberry.ID

    resolve_type = staticmethod(_type_of)


@strawberry.interface(description="A golden record: our best version of one real thing.")
class GoldenRecord(Node):
    version: int = strawberry.field(description="Counts from 1; every change is a version.")
    record_state: str = strawberry.field(description="active, inactive (no source holds it any more), superseded (a duplicate of another transaction), merged or erased.")
    created_at: DateTime
    updated_at: DateTime
    extra: Json = strawberry.field(description="The firm's own fields.")
    masked: list[str] = strawberry.field(description="Confidential fields that read as null with this key.")

    resolve_type = staticmethod(_type_of)


@strawberry.input(description="Names a record of a connected system.")
class SourceKey:
    system: str
    external_id: str
    object: str | None = None


@strawberry.type(description="Where in its list a page stands (Relay).")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


EQUAL = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.IS_NULL)
ORDERED = (*EQUAL, Op.LT, Op.LTE, Op.GT, Op.GTE)

COMPARISONS: Mapping[str, tuple[Any, tuple[Op, ...], str]] = {
    "IDFilter": (strawberry.ID, EQUAL, "Compares ids."),
    "TextFilter": (str, (*ORDERED, Op.IEQ, Op.STARTS_WITH), "Compares text; ieq and startsWith ignore case."),
    "CodeFilter": (str, EQUAL, "Compares codes."),
    "BooleanFilter": (bool, (Op.EQ, Op.NE, Op.IS_NULL), "Compares yes and no."),
    "IntFilter": (int, ORDERED, "Compares whole numbers."),
    "DateFilter": (Date, ORDERED, "Compares days."),
    "DateTimeFilter": (DateTime, ORDERED, "Compares instants."),
    "DecimalFilter": (Decimals, ORDERED, "Compares exact decimals."),
    "QuantityFilter": (Decimals, ORDERED, "Compares quantities of one unit."),
    "MoneyFilter": (Decimals, ORDERED, "Compares amounts of one currency; different currencies are never compared."),
    "PriceFilter": (Decimals, ORDERED, "Compares prices of one currency and unit."),
    "LongFilter": (Long, ORDERED, "Compares large whole numbers."),
}
"""Inputs that compare one field: type of the value, operators, description."""

_UNITS = {"QuantityFilter": ("unit",), "MoneyFilter": ("currency",), "PriceFilter": ("currency", "per")}
_DOCS = {
    Op.EQ: "Equal.",
    Op.NE: "Different; an empty field differs from every value.",
    Op.IN: "One of these.",
    Op.NOT_IN: "None of these.",
    Op.IS_NULL: "Empty (true) or filled (false).",
    Op.IEQ: "Equal, ignoring case.",
    Op.STARTS_WITH: "Begins with, ignoring case.",
}


def comparisons(shells: Shells) -> None:
    """Fill the inputs of :data:`COMPARISONS`."""
    for name, (annotation, ops, doc) in COMPARISONS.items():
        fields = {
            f"{op.value}_": input_field(op.value, _value(annotation, op), _DOCS.get(op, "")) for op in ops
        }
        units = {unit: input_field(unit, str | None, "Must be stated to compare amounts.") for unit in _UNITS.get(name, ())}
        shells.input(name, units | fields, doc)
    shells.input(
        "ListFilter",
        {
            "contains": input_field("contains", Json | None, "Holds this value."),
            "is_null": input_field("isNull", bool | None, "Empty (true) or filled (false)."),
        },
        "Looks into a list.",
    )
    shells.input(
        "ExtraFilter",
        {
            "name": input_field("name", str, "Name of the firm's own field.", required=True),
            "eq": input_field("eq", Json, "Its value.", required=True),
        },
        "Equality of one of the firm's own fields.",
    )


def _value(annotation: Any, op: Op) -> Any:
    if op is Op.IS_NULL:
        return bool | None
    return list[annotation] | None if op in (Op.IN, Op.NOT_IN) else annotation | None


def hidden(values: Mapping[str, Any] | None, masked: frozenset[str]) -> dict[str, Any]:
    """Canonical values with the masked ones empty."""
    return {name: None if name in masked else value for name, value in (values or {}).items()}


def hidden_names(masked: frozenset[str], *values: Mapping[str, Any] | None) -> list[str]:
    """Which fields of these values were masked, as the API names them."""
    present = {name for each in values for name in each or ()}
    return [camel(name) for name in sorted(present & masked)]
