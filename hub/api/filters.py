"""From a caller's filter and order to conditions over columns. Pure.

A filter arrives as the raw input object; each field kind says in :data:`FILTERS` which input compares it. A field
the role may not read may not be compared or ordered by either: the answer would tell what the mask hides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from hub.api.access import Role, masked_fields
from hub.api.errors import ApiError, Code
from hub.api.names import Reverse, camel
from hub.api.plan import (
    EVERYTHING,
    All,
    AnyOf,
    Compare,
    Condition,
    Not,
    Op,
    OrderBy,
    Quantifier,
    Related,
    Shape,
    Step,
    golden_shape,
)  # fmt: skip
from hub.api.slots import Slot
from hub.api.values import to_sql
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name

FILTERS: Mapping[FieldKind, str] = {
    FieldKind.TEXT: "TextFilter",
    FieldKind.IDENTIFIER: "TextFilter",
    FieldKind.EMAIL: "TextFilter",
    FieldKind.PHONE: "TextFilter",
    FieldKind.DOMAIN: "TextFilter",
    FieldKind.COUNTRY: "CodeFilter",
    FieldKind.LANGUAGE: "CodeFilter",
    FieldKind.TIMEZONE: "CodeFilter",
    FieldKind.CODE: "CodeFilter",
    FieldKind.BOOLEAN: "BooleanFilter",
    FieldKind.INTEGER: "IntFilter",
    FieldKind.DATE: "DateFilter",
    FieldKind.INSTANT: "DateTimeFilter",
    FieldKind.PERCENT: "DecimalFilter",
    FieldKind.QUANTITY: "QuantityFilter",
    FieldKind.MONEY: "MoneyFilter",
    FieldKind.PRICE: "PriceFilter",
    FieldKind.REFERENCE: "IDFilter",
    FieldKind.LISTING: "ListFilter",
}
"""The input type that compares a field of each kind."""

UNITS: Mapping[FieldKind, Mapping[str, str]] = {
    FieldKind.QUANTITY: {"unit": "_unit"},
    FieldKind.MONEY: {"currency": "_currency"},
    FieldKind.PRICE: {"currency": "_currency", "per": "_per"},
}
"""What must be said before amounts of a kind can be compared: input name → column suffix."""

HEAD = {"id": "id", "version": "version", "recordState": "record_state", "createdAt": "created_at", "updatedAt": "updated_at"}
MOST_CONDITIONS = 200
MOST_ORDER_STEPS = 3
UNORDERED = frozenset({FieldKind.LISTING, FieldKind.REFERENCE})


class Filters:
    """Reads filters of all entities for one role. ``metas`` and ``reverses`` are the model's, by entity name."""

    def __init__(self, metas: Mapping[str, EntityMeta], reverses: Mapping[str, Sequence[Reverse]], role: Role) -> None:
        self.metas, self.reverses, self.role = metas, reverses, role
        self._left = MOST_CONDITIONS

    def condition(self, meta: EntityMeta, given: Mapping[str, Any] | None, path: str = "filter") -> Condition:
        """The condition a filter states; an absent or empty one leaves everything in."""
        if not given:
            return EVERYTHING
        return All(tuple(self._term(meta, name, value, f"{path}.{name}") for name, value in given.items()))

    def _term(self, meta: EntityMeta, name: str, value: Any, path: str) -> Condition:
        self._left -= 1
        if self._left < 0:
            raise ApiError(Code.TOO_COMPLEX, f"a filter has at most {MOST_CONDITIONS} terms", "filter")
        if value is None:
            raise ApiError(Code.BAD_INPUT, f"{path} is null", path, "Leave it out, or ask with isNull: true.")
        match name:
            case "and":
                return All(tuple(self.condition(meta, each, path) for each in value))
            case "or":
                return AnyOf(tuple(self.condition(meta, each, path) for each in value))
            case "not":
                return Not(self.condition(meta, value, path))
            case "extra":
                return All(tuple(Compare("extra", Op.CONTAINS, {one["name"]: one["eq"]}) for one in value))
        if name in HEAD:
            return compare(golden_shape(meta), HEAD[name], value, path)
        return self._field_term(meta, name, value, path)

    def _field_term(self, meta: EntityMeta, name: str, value: Any, path: str) -> Condition:
        field = fields_by_camel(meta).get(name)
        if field is not None:
            self._may_see(meta, field, path)
            if field.kind is FieldKind.REFERENCE and name == camel(field.name):
                return self._forward(field, value, path)
            return self._own(meta, field, value, path)
        back = next(one for one in self.reverses[meta.name] if one.name == name)
        self._may_see(back.meta, back.field, path)
        return self._backward(back, value, path)

    def _may_see(self, meta: EntityMeta, field: Field[Any], path: str) -> None:
        if field.name in masked_fields(meta, self.role):
            raise forbidden(path)

    def _own(self, meta: EntityMeta, field: Field[Any], value: Mapping[str, Any], path: str) -> Condition:
        shape = golden_shape(meta)
        if field.kind is FieldKind.LISTING:
            return _listing(field.name, value)
        units = UNITS.get(field.kind)
        if units is None:
            return compare(shape, f"{field.name}_id" if field.kind is FieldKind.REFERENCE else field.name, value, path)
        said = tuple(Compare(field.name + units[name], Op.EQ, value[name]) for name in units if value.get(name))
        rest = {name: each for name, each in value.items() if name not in units}
        if rest.keys() - {"isNull"} and len(said) < len(units):
            missing = " and ".join(name for name in units if not value.get(name))
            raise ApiError(Code.BAD_INPUT, f"{path} compares amounts without {missing}", path, f"State {missing}.")
        return All((*said, compare(shape, field.name, rest, path)))

    def _forward(self, field: Field[Any], value: Mapping[str, Any], path: str) -> Condition:
        target = self.metas[entity_name(field.target)]
        inner = self.condition(target, value, path)
        return Related(f"{field.name}_id", golden_shape(target), "id", Quantifier.SOME, inner)

    def _backward(self, back: Reverse, value: Mapping[str, Any], path: str) -> Condition:
        def one(name: str, inner: Any) -> Condition:
            condition = self.condition(back.meta, inner, f"{path}.{name}")
            return Related("id", golden_shape(back.meta), f"{back.field.name}_id", Quantifier(name), condition)

        return All(tuple(one(name, inner) for name, inner in value.items() if inner is not None))


@cache
def fields_by_camel(meta: EntityMeta) -> dict[str, Field[Any]]:
    """Fields by their name in the API; a reference answers to ``client`` and ``clientId``."""
    found = {camel(name): field for name, field in meta.fields.items()}
    return found | {f"{camel(field.name)}Id": field for field in meta.references}


def compare(shape: Shape, column: str, given: Mapping[str, Any], path: str) -> Condition:
    """Every comparison of one input object over one column."""
    return All(tuple(_compare(shape, column, name, value, f"{path}.{name}") for name, value in given.items()))


def _compare(shape: Shape, column: str, name: str, value: Any, path: str) -> Condition:
    op, type_name = Op(name), shape.type_of(column)
    if value is None:
        raise ApiError(Code.BAD_INPUT, f"{path} is null", path, "Ask for empty values with isNull: true.")
    if op is Op.IS_NULL:
        return Compare(column, op, bool(value))
    if op in (Op.IN, Op.NOT_IN):
        return Compare(column, op, _members(type_name, value, path))
    return Compare(column, op, to_sql(type_name, value, path))


def _members(type_name: str, value: Any, path: str) -> Any:
    """The values of a set."""
    if isinstance(value, Slot):
        return value.then(lambda given: [to_sql(type_name, each, path) for each in given])
    return tuple(to_sql(type_name, each, path) for each in value)


def _listing(column: str, given: Mapping[str, Any]) -> Condition:
    terms: list[Condition] = []
    if "contains" in given:
        terms.append(Compare(column, Op.CONTAINS, [given["contains"]]))
    if given.get("isNull") is not None:
        terms.append(Compare(column, Op.IS_NULL, given["isNull"]))
    return All(tuple(terms))


def in_force(meta: EntityMeta, on: Any) -> Condition:
    """Rows in force on a day: begun and not over. Open ends are empty; the last day is in force."""
    assert meta.valid is not None
    day = to_sql("date", on, "on")
    ends = zip(meta.valid, (Op.LTE, Op.GTE), strict=True)
    return All(tuple(AnyOf((Compare(name, Op.IS_NULL, True), Compare(name, op, day))) for name, op in ends))


def order_columns(meta: EntityMeta, name: str) -> tuple[str, ...]:
    """The columns one order term means: money runs by currency first, so that unlike amounts are never mixed."""
    field = meta.fields.get(name)
    if field is None:
        return (name,)
    suffixes = tuple(UNITS.get(field.kind, {}).values())
    return (*(field.name + suffix for suffix in suffixes), field.name)


def order_by(meta: EntityMeta, given: Sequence[Mapping[str, Any]] | None, role: Role) -> tuple[OrderBy, ...]:
    """The order a caller asked for, ended by the id so that it is total."""
    terms = [term for at, one in enumerate(given or ()) for term in _ordered(meta, one, role, f"orderBy.{at}", ())]
    found: dict[str, OrderBy] = {}
    for term in (*terms, OrderBy("id")):
        found.setdefault(term.name, term)
    return tuple(found.values())


def _ordered(meta: EntityMeta, one: Mapping[str, Any], role: Role, path: str, steps: tuple[Step, ...]) -> list[OrderBy]:
    """The terms of one entry: a field's columns, or what an entry of a related record says."""
    said = {name: value for name, value in one.items() if value is not None}
    reference = followed(meta, said, ("field", "direction"), role, path, steps, MOST_ORDER_STEPS)
    if reference is not None:
        if "direction" in said:
            raise ApiError(Code.BAD_INPUT, f"{path} states a direction without a field", path, "State it beside field.")
        name, target, step = reference
        return _ordered(target, said[name], role, f"{path}.{name}", (*steps, step))
    name = plain(said["field"])
    if name in masked_fields(meta, role):
        raise forbidden(f"{path}.{camel(name)}")
    descending = plain(said.get("direction") or "ASC") == "DESC"
    units = order_columns(meta, name)
    return [OrderBy(column, descending and column == units[-1], steps) for column in units]


def followed(
    meta: EntityMeta, said: Mapping[str, Any], plain_names: Sequence[str], role: Role, path: str, steps: Sequence[Step], most: int
) -> tuple[str, EntityMeta, Step] | None:
    """The reference an entry follows: its name, where it leads and the step there; None when it names a field.

    Raises ``BAD_INPUT`` unless the entry says exactly one of both, ``FORBIDDEN_FIELD`` for a confidential reference,
    ``TOO_COMPLEX`` beyond ``most`` steps.
    """
    references = [name for name in said if name not in plain_names]
    if ("field" in said) + len(references) != 1:
        raise ApiError(Code.BAD_INPUT, f"{path} must name one field or one related record", path, "Make several entries of it.")
    if not references:
        return None
    field = fields_by_camel(meta)[references[0]]
    if field.name in masked_fields(meta, role):
        raise forbidden(f"{path}.{references[0]}")
    if len(steps) == most:
        raise ApiError(Code.TOO_COMPLEX, f"{path} follows more than {most} references", path)
    target = ENTITIES[entity_name(field.target)]
    return references[0], target, Step(f"{field.name}_id", golden_shape(target))


def forbidden(path: str) -> ApiError:
    return ApiError(Code.FORBIDDEN_FIELD, f"{path} is a confidential field", path, "Ask with a key that may read it.")


def plain(value: Any) -> Any:
    """The value of an enum member, or what is none."""
    return value.value if isinstance(value, Enum) else value
